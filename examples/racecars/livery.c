/* Painting a car: pattern first, then sponsors, numbers, windows, lamps, seams and arches over it. */
#include "livery.h"

#include "car.h"
#include "lettering.h"

#define MATT(r, g, b) {r, g, b, MATTER_MATT}
static const colour glass = {16, 18, 22, MATTER_GLASS};
static const colour rubber = MATT(20, 20, 22);
static const colour seam = MATT(34, 34, 38);

/* Paint is planned on the unrolled skin: x along the car, s up the side and on over the edge towards the middle, so
 * that stripes run on from the doors to the bonnet. */
#define EDGE_S 0.86f
#define MIDDLE_S (EDGE_S + CAR_HALF_WIDTH)

static void paint_skin(livery *l, const point2 *skin, int count, colour paint)
{
    point2 turned[32];
    canvas_polygon(&l->sheets[SURFACE_LEFT], skin, count, paint);
    canvas_polygon(&l->sheets[SURFACE_RIGHT], skin, count, paint);
    for (int side = -1; side <= 1; side += 2) {
        for (int i = 0; i < count; i++)
            turned[i] = (point2){skin[i].u, (float)side * (MIDDLE_S - skin[i].v)};
        canvas_polygon(&l->sheets[SURFACE_TOP], turned, count, paint);
    }
}

static void paint_skin_quad(livery *l, float x0, float s0, float x1, float s1, float x2, float s2, float x3, float s3,
                            colour paint)
{
    const point2 corners[] = {{x0, s0}, {x1, s1}, {x2, s2}, {x3, s3}};
    paint_skin(l, corners, 4, paint);
}

static void paint_flames(livery *l, const scheme *paint)
{
    for (int layer = 0; layer < 2; layer++) {
        float reach = layer ? -0.75f : 0.0f;
        point2 tongue[18] = {{2.8f, 0.0f}};
        int count = 1;
        for (int i = 0; i < 8; i++) {
            float s = 0.05f + 0.235f * (float)i, tip = (i % 2 ? -0.2f : -1.0f) + 0.25f * (float)(i % 3);
            tongue[count++] = (point2){1.5f - reach * 0.4f, s};
            tongue[count++] = (point2){tip - reach, s + 0.12f};
        }
        tongue[count++] = (point2){2.8f, 1.95f};
        paint_skin(l, tongue, count, layer ? paint->third : paint->second);
    }
}

static void paint_bands(livery *l, const scheme *paint)
{
    const colour bands[] = {paint->third, paint->second, paint->outline, paint->second, paint->third};
    for (int i = 0; i < 5; i++) {
        float x = -0.75f - 0.36f * (float)i;
        paint_skin_quad(l, x, 0.0f, x - 0.36f, 0.0f, x - 1.25f, MIDDLE_S, x - 0.89f, MIDDLE_S, bands[i]);
    }
    paint_skin_quad(l, 2.8f, 0.0f, 2.8f, 0.34f, 1.9f, 0.30f, 1.2f, 0.0f, paint->third);
}

static void paint_pattern(livery *l, const scheme *paint)
{
    switch (paint->pattern) {
    case PATTERN_PLAIN:
        break;
    case PATTERN_LOWER:
        paint_skin_quad(l, 2.8f, 0.0f, 2.8f, 0.44f, -2.8f, 0.80f, -2.8f, 0.0f, paint->third);
        paint_skin_quad(l, 2.8f, 0.0f, 2.8f, 0.36f, -2.8f, 0.70f, -2.8f, 0.0f, paint->second);
        break;
    case PATTERN_FLAMES:
        paint_flames(l, paint);
        break;
    case PATTERN_BANDS:
        paint_bands(l, paint);
        break;
    case PATTERN_STRIPE:
        paint_skin_quad(l, 2.8f, 0.34f, 2.8f, 0.60f, -2.8f, 0.72f, -2.8f, 0.34f, paint->third);
        paint_skin_quad(l, 2.8f, 0.38f, 2.8f, 0.56f, -2.8f, 0.67f, -2.8f, 0.38f, paint->second);
        break;
    case PATTERN_REAR:
        paint_skin_quad(l, -0.55f, 0.0f, -2.8f, 0.0f, -2.8f, MIDDLE_S, -1.45f, MIDDLE_S, paint->third);
        paint_skin_quad(l, -0.72f, 0.0f, -2.8f, 0.0f, -2.8f, MIDDLE_S, -1.62f, MIDDLE_S, paint->second);
        break;
    case PATTERN_MIDDLE:
        paint_skin_quad(l, 2.8f, MIDDLE_S - 0.40f, 2.8f, MIDDLE_S - 0.08f, -2.8f, MIDDLE_S - 0.08f, -2.8f,
                        MIDDLE_S - 0.40f, paint->second);
        paint_skin_quad(l, 2.8f, 0.0f, 2.8f, 0.26f, -2.8f, 0.26f, -2.8f, 0.0f, paint->second);
        break;
    }
}

static colour nose_colour(const scheme *paint)
{
    return paint->pattern == PATTERN_FLAMES ? paint->third : paint->base;
}

static colour tail_colour(const scheme *paint)
{
    return paint->pattern == PATTERN_REAR ? paint->second : paint->base;
}

/* Text on a side runs to the onlooker's right: rearwards on the left side of the car. */
static text_frame side_frame(int surface, float x, float z)
{
    return (text_frame){{x, z}, {surface == SURFACE_LEFT ? -1.0f : 1.0f, 0.0f}, {0.0f, 1.0f}};
}

static number_style style_of(const scheme *paint)
{
    return (number_style){0.16f, 0.215f, paint->number, paint->outline, paint->far_edge};
}

static void paint_side_windows(texture *t)
{
    /* The frame in body colour comes from the pattern below; glass keeps a hand's breadth away from the roof. */
    static const point2 front[] = {{0.80f, 0.885f}, {0.28f, 1.175f}, {0.12f, 1.235f}, {-0.42f, 1.255f}, {-0.42f, 0.895f}};
    static const point2 rear[] = {{-0.52f, 0.90f}, {-0.52f, 1.245f}, {-0.70f, 1.235f}, {-1.12f, 1.08f}, {-1.22f, 0.95f}};
    canvas_polygon(t, front, 5, glass);
    canvas_polygon(t, rear, 5, glass);
}

/* The stripes of a driver's window net, on the left only. */
static void paint_window_net(texture *t)
{
    static const colour net = MATT(58, 58, 60);
    for (int i = 0; i < 5; i++)
        canvas_rectangle(t, -0.38f, 0.93f + 0.06f * (float)i, 0.10f, 0.955f + 0.06f * (float)i, net);
    for (int i = 0; i < 5; i++)
        canvas_rectangle(t, -0.36f + 0.1f * (float)i, 0.92f, -0.335f + 0.1f * (float)i, 1.22f, net);
}

/* The patchwork of small decals every stock car wears behind its front wheels. */
static void paint_small_decals(texture *t, int number)
{
    static const colour tints[] = {{228, 40, 36, MATTER_PAINT},  {244, 244, 240, MATTER_PAINT}, {250, 206, 22, MATTER_PAINT},
                                   {30, 90, 190, MATTER_PAINT}, {26, 26, 28, MATTER_PAINT},    {240, 120, 20, MATTER_PAINT}};
    for (int column = 0; column < 3; column++)
        for (int row = 0; row < 4; row++) {
            float x = 1.02f - 0.145f * (float)column, z = 0.235f + 0.092f * (float)row;
            colour tint = tints[(column * 5 + row * 7 + number) % 6];
            canvas_rectangle(t, x - 0.12f, z, x, z + 0.07f, tint);
            canvas_rectangle(t, x - 0.10f, z + 0.028f, x - 0.02f, z + 0.042f, tints[(column + row + 1) % 6]);
        }
}

static void paint_side(livery *l, int surface, const scheme *paint, int number)
{
    texture *t = &l->sheets[surface];
    const char *sponsor = scheme_sponsor(paint->sponsor);
    colour on_tail = paint->pattern == PATTERN_REAR || paint->pattern == PATTERN_BANDS ? paint->base : paint->lettering;

    canvas_rectangle(t, -2.8f, 0.0f, 2.8f, 0.13f, seam); /* rocker panels are always dirty */
    text_frame quarter = side_frame(surface, -1.98f, 0.74f);
    lettering_word(t, &quarter, sponsor, 0.95f, 0.24f, on_tail);
    text_frame fender = side_frame(surface, 1.98f, 0.60f);
    lettering_word(t, &fender, scheme_sponsor(paint->sponsor + 5), 0.62f, 0.12f, paint->lettering);
    paint_small_decals(t, number);

    text_frame door = side_frame(surface, -0.14f, 0.50f);
    number_style style = style_of(paint);
    lettering_number(t, &door, number, 0.66f, &style);

    for (int i = 0; i < 2; i++) {
        point2 axle = {i ? CAR_REAR_AXLE_X : CAR_FRONT_AXLE_X, CAR_WHEEL_RADIUS};
        canvas_disc(t, axle, CAR_ARCH_RADIUS, rubber);
        canvas_rectangle(t, axle.u - 0.38f, 0.0f, axle.u + 0.38f, 0.25f, rubber);
    }
    paint_side_windows(t);
    if (surface == SURFACE_LEFT)
        paint_window_net(t);

    /* headlamp and tail lamp decals wrap round the corners */
    static const colour lamp = {214, 218, 224, MATTER_PAINT}, tail_lamp = {150, 10, 14, MATTER_PAINT};
    const point2 head[] = {{2.30f, 0.50f}, {2.24f, 0.575f}, {2.7f, 0.56f}, {2.7f, 0.46f}};
    canvas_polygon(t, head, 4, lamp);
    canvas_rectangle(t, -2.7f, 0.64f, -2.46f, 0.78f, tail_lamp);
}

static void paint_top(livery *l, const scheme *paint, int number)
{
    texture *t = &l->sheets[SURFACE_TOP];
    /* Bonnet: read from ahead. Deck: read from behind. Roof: read from the grandstand on the right. */
    text_frame bonnet = {{1.72f, 0.0f}, {0.0f, 1.0f}, {-1.0f, 0.0f}};
    lettering_word(t, &bonnet, scheme_sponsor(paint->sponsor), 1.35f, 0.46f, paint->lettering);
    text_frame deck = {{-2.16f, 0.0f}, {0.0f, -1.0f}, {1.0f, 0.0f}};
    colour on_deck = paint->pattern == PATTERN_REAR ? paint->base : paint->lettering;
    lettering_word(t, &deck, scheme_sponsor(paint->sponsor), 1.3f, 0.26f, on_deck);
    text_frame roof = {{-0.32f, 0.0f}, {1.0f, 0.0f}, {0.0f, 1.0f}};
    number_style style = style_of(paint);
    lettering_number(t, &roof, number, 0.86f, &style);

    static const point2 windscreen[] = {{0.99f, 0.66f}, {1.02f, 0.0f}, {0.99f, -0.66f}, {0.24f, -0.53f}, {0.22f, 0.0f}, {0.24f, 0.53f}};
    static const point2 rear_window[] = {{-0.90f, 0.50f}, {-0.90f, -0.50f}, {-1.70f, -0.60f}, {-1.70f, 0.60f}};
    canvas_polygon(t, windscreen, 6, glass);
    canvas_polygon(t, rear_window, 4, glass);
    /* the sponsors' visor over the windscreen and the straps of the rear window */
    canvas_rectangle(t, 0.22f, -0.53f, 0.33f, 0.53f, paint->far_edge);
    text_frame visor = {{0.275f, 0.0f}, {0.0f, 1.0f}, {-1.0f, 0.0f}};
    lettering_word(t, &visor, scheme_sponsor(paint->sponsor + 3), 0.8f, 0.09f, paint->base);
    canvas_rectangle(t, -1.70f, 0.18f, -0.90f, 0.20f, rubber);
    canvas_rectangle(t, -1.70f, -0.20f, -0.90f, -0.18f, rubber);

    const point2 bonnet_seam[] = {{1.10f, 0.72f}, {2.25f, 0.62f}, {2.25f, -0.62f}, {1.10f, -0.72f}};
    for (int i = 0; i < 4; i++)
        canvas_stroke(t, bonnet_seam[i], bonnet_seam[(i + 1) % 4], 0.016f, seam);
    canvas_rectangle(t, -1.80f, -0.66f, -1.785f, 0.66f, seam);
    canvas_rectangle(t, 1.06f, -0.60f, 1.10f, 0.60f, rubber); /* cowl inlet */
}

static void paint_front(livery *l, const scheme *paint)
{
    texture *t = &l->sheets[SURFACE_FRONT];
    static const colour lamp = {220, 224, 228, MATTER_PAINT}, bulb = {120, 128, 140, MATTER_PAINT};
    canvas_clear(t, nose_colour(paint));
    if (paint->pattern == PATTERN_LOWER || paint->pattern == PATTERN_BANDS)
        canvas_rectangle(t, -1.0f, 0.0f, 1.0f, 0.30f, paint->pattern == PATTERN_LOWER ? paint->second : paint->third);
    canvas_rectangle(t, -1.0f, 0.0f, 1.0f, 0.12f, rubber);
    const point2 grille[] = {{-0.46f, 0.16f}, {0.46f, 0.16f}, {0.52f, 0.29f}, {-0.52f, 0.29f}};
    canvas_polygon(t, grille, 4, rubber);
    canvas_rectangle(t, -0.30f, 0.41f, 0.30f, 0.455f, rubber);
    for (int side = -1; side <= 1; side += 2) {
        float s = (float)side;
        const point2 headlamp[] = {{s * 0.42f, 0.44f}, {s * 0.95f, 0.48f}, {s * 0.95f, 0.60f}, {s * 0.44f, 0.52f}};
        canvas_polygon(t, headlamp, 4, lamp);
        canvas_disc(t, (point2){s * 0.60f, 0.49f}, 0.032f, bulb);
        canvas_rectangle(t, s * 0.60f, 0.16f, s * 0.78f, 0.26f, rubber); /* brake duct */
    }
    text_frame bumper = {{0.0f, 0.355f}, {1.0f, 0.0f}, {0.0f, 1.0f}};
    lettering_word(t, &bumper, scheme_sponsor(paint->sponsor + 7), 0.8f, 0.085f, paint->lettering);
}

static void paint_rear(livery *l, const scheme *paint)
{
    texture *t = &l->sheets[SURFACE_REAR];
    static const colour lamp = {168, 12, 16, MATTER_PAINT}, bright = {232, 70, 50, MATTER_PAINT};
    canvas_clear(t, tail_colour(paint));
    if (paint->pattern == PATTERN_LOWER)
        canvas_rectangle(t, -1.0f, 0.0f, 1.0f, 0.55f, paint->second);
    canvas_rectangle(t, -1.0f, 0.0f, 1.0f, 0.24f, rubber);
    canvas_rectangle(t, -0.92f, 0.49f, 0.92f, 0.505f, seam);
    for (int side = -1; side <= 1; side += 2) {
        float s = (float)side;
        canvas_rectangle(t, s * 0.46f, 0.64f, s * 0.90f, 0.78f, lamp);
        canvas_rectangle(t, s * 0.52f, 0.67f, s * 0.66f, 0.75f, bright);
    }
    /* read from behind: to the right is -y */
    text_frame bumper = {{0.0f, 0.38f}, {-1.0f, 0.0f}, {0.0f, 1.0f}};
    colour on_tail = paint->pattern == PATTERN_REAR ? paint->base : paint->lettering;
    lettering_word(t, &bumper, scheme_sponsor(paint->sponsor), 1.1f, 0.17f, on_tail);
    text_frame panel = {{0.0f, 0.71f}, {-1.0f, 0.0f}, {0.0f, 1.0f}};
    lettering_word(t, &panel, scheme_sponsor(paint->sponsor + 2), 0.7f, 0.12f, on_tail);
}

static float linear_of(unsigned char value)
{
    float v = (float)value / 255.0f;
    return v * v;
}

int livery_paint(livery *out, const scheme *paint, int number, float scale)
{
    *out = (livery){0};
    int failed = 0;
    for (int i = SURFACE_LEFT; i <= SURFACE_REAR; i++) {
        int along = i <= SURFACE_TOP;
        failed |= texture_create(&out->sheets[i], along ? -2.7f : -1.0f, along ? 2.75f : 1.0f,
                                 i == SURFACE_TOP ? -1.0f : 0.0f, i == SURFACE_TOP ? 1.0f : along ? 1.36f : 1.0f, scale);
    }
    if (failed)
        return -1;
    for (int i = SURFACE_LEFT; i <= SURFACE_TOP; i++)
        canvas_clear(&out->sheets[i], paint->base);
    paint_pattern(out, paint);
    paint_side(out, SURFACE_LEFT, paint, number);
    paint_side(out, SURFACE_RIGHT, paint, number);
    paint_top(out, paint, number);
    paint_front(out, paint);
    paint_rear(out, paint);
    for (int i = SURFACE_LEFT; i <= SURFACE_REAR; i++)
        texture_finish(&out->sheets[i]);
    out->rim = vec3_make(linear_of(paint->rim.red), linear_of(paint->rim.green), linear_of(paint->rim.blue));
    return 0;
}

void livery_free(livery *l)
{
    for (int i = SURFACE_LEFT; i <= SURFACE_REAR; i++)
        texture_free(&l->sheets[i]);
}
