/* Five tracks; later races reuse them with other boards and crowds. */
#include "venue.h"

#include "lettering.h"
#include "scheme.h"

static const venue tracks[] = {
    {.asphalt = {0.13f, 0.13f, 0.135f}, .grass = {0.09f, 0.17f, 0.05f}, .wall = {0.62f, 0.62f, 0.60f},
     .seats = {0.10f, 0.16f, 0.34f}, .apron_line = {0.75f, 0.62f, 0.10f}, .bank = 0.22f, .crowd = 0.85f, .stands = 1,
     .weather_share = {0.40f, 0.30f, 0.20f, 0.10f}},
    {.asphalt = {0.20f, 0.195f, 0.18f}, .grass = {0.15f, 0.17f, 0.06f}, .wall = {0.70f, 0.68f, 0.62f},
     .seats = {0.34f, 0.08f, 0.08f}, .apron_line = {0.75f, 0.75f, 0.72f}, .bank = 0.12f, .crowd = 0.60f, .stands = 1,
     .weather_share = {0.30f, 0.35f, 0.10f, 0.25f}},
    {.asphalt = {0.085f, 0.088f, 0.095f}, .grass = {0.06f, 0.14f, 0.05f}, .wall = {0.50f, 0.52f, 0.56f},
     .seats = {0.30f, 0.31f, 0.33f}, .apron_line = {0.75f, 0.62f, 0.10f}, .bank = 0.30f, .crowd = 0.92f, .stands = 1,
     .weather_share = {0.15f, 0.20f, 0.50f, 0.15f}},
    {.asphalt = {0.16f, 0.155f, 0.155f}, .grass = {0.11f, 0.16f, 0.06f}, .wall = {0.66f, 0.66f, 0.66f},
     .seats = {0.08f, 0.22f, 0.14f}, .apron_line = {0.72f, 0.72f, 0.70f}, .bank = 0.09f, .crowd = 0.5f, .stands = 0,
     .weather_share = {0.30f, 0.30f, 0.20f, 0.20f}},
    {.asphalt = {0.11f, 0.11f, 0.12f}, .grass = {0.08f, 0.15f, 0.06f}, .wall = {0.60f, 0.58f, 0.55f},
     .seats = {0.38f, 0.30f, 0.12f}, .apron_line = {0.75f, 0.40f, 0.08f}, .bank = 0.18f, .crowd = 0.75f, .stands = 1,
     .weather_share = {0.20f, 0.25f, 0.15f, 0.40f}},
};
enum { TRACKS = sizeof tracks / sizeof tracks[0] };

static void paint_boards(venue *v)
{
    static const colour grounds[] = {
        {28, 60, 150, MATTER_MATT}, {196, 30, 34, MATTER_MATT}, {236, 236, 230, MATTER_MATT}, {240, 196, 30, MATTER_MATT},
        {24, 110, 64, MATTER_MATT}, {30, 30, 34, MATTER_MATT},  {226, 104, 24, MATTER_MATT}};
    static const colour white = {244, 244, 240, MATTER_MATT}, black = {24, 24, 28, MATTER_MATT};
    static const colour wall = {212, 212, 208, MATTER_MATT};
    for (int i = 0; i < BOARD_COUNT; i++) {
        float left = (float)i * BOARD_LENGTH;
        uint32_t pick = hash_cell(i, 7, v->salt);
        colour ground = pick % 5 == 0 ? wall : grounds[pick / 5 % 7];
        int dark_ink = ground.red > 200 && ground.green > 150;
        canvas_rectangle(&v->boards, left, 0.0f, left + BOARD_LENGTH, BOARD_HEIGHT, ground);
        /* The wall is seen from the track, looking to -y: to the right is -x. */
        text_frame words = {{left + 0.5f * BOARD_LENGTH, 0.58f}, {-1.0f, 0.0f}, {0.0f, 1.0f}};
        lettering_word(&v->boards, &words, scheme_sponsor((int)(pick >> 9 & 255)), 0.8f * BOARD_LENGTH, 0.75f,
                       dark_ink ? black : white);
        canvas_rectangle(&v->boards, left, 0.0f, left + BOARD_LENGTH, 0.07f, black);
        canvas_rectangle(&v->boards, left, 1.03f, left + BOARD_LENGTH, BOARD_HEIGHT, wall);
    }
}

int venue_build(venue *out, int race)
{
    *out = tracks[race % TRACKS];
    out->salt = 977u + 131u * (uint32_t)race;
    if (texture_create(&out->boards, 0.0f, BOARD_LENGTH * (float)BOARD_COUNT, 0.0f, BOARD_HEIGHT, 48.0f))
        return -1;
    paint_boards(out);
    texture_finish(&out->boards);
    return 0;
}

void venue_free(venue *v)
{
    texture_free(&v->boards);
}
