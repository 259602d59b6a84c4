/* Glyphs as polylines on small grids: pairs of digits are points, a blank lifts the pen. */
#include "lettering.h"

#include <stddef.h>
#include <string.h>

/* Digits: 0..6 across, 0..9 up. */
static const char *const digit_glyphs[10] = {
    "204062674929070220", "173930 1050", "07294967660060", "0729496766452545 456362402002", "50590363",
    "690905456362402001", "6749290702204062634505", "096920", "250607294967664525 250302204062634525",
    "022040626749290706244466",
};

/* Capitals: 0..4 across, 0..6 up. */
static const char *const letter_glyphs[26] = {
    "002640 1232", "00063645443303 33424130", "4536160501103041", "00062644422000", "46060040 0333", "460600 0333",
    "45361605011030414323", "0006 4046 0343", "2026", "4641301001", "0006 460340", "060040", "0006234640", "00064046",
    "103041453616050110", "00063645443303", "103041453616050110 2240", "00063645443303 2340",
    "453616050413334241301001", "0646 2026", "060110304146", "062046", "0610233046", "0046 0640", "062346 2320",
    "06460040",
};

static point2 frame_point(const text_frame *frame, float right, float up)
{
    return (point2){frame->centre.u + frame->right.u * right + frame->up.u * up,
                    frame->centre.v + frame->right.v * right + frame->up.v * up};
}

/* How a glyph's grid lies in its frame. */
typedef struct glyph_place {
    float left, bottom, cell_width, cell_height, slant;
} glyph_place;

static void draw_glyph(texture *t, const text_frame *frame, const char *glyph, const glyph_place *place, float width,
                       colour paint)
{
    int drawing = 0;
    point2 last = {0.0f, 0.0f};
    for (const char *c = glyph; *c;) {
        if (*c == ' ') {
            drawing = 0;
            c++;
            continue;
        }
        float up = place->bottom + (float)(c[1] - '0') * place->cell_height;
        float right = place->left + (float)(c[0] - '0') * place->cell_width + place->slant * up;
        point2 next = frame_point(frame, right, up);
        if (drawing)
            canvas_stroke(t, last, next, width, paint);
        canvas_disc(t, next, 0.5f * width, paint);
        last = next;
        drawing = 1;
        c += 2;
    }
}

void lettering_number(texture *t, const text_frame *frame, int number, float height, const number_style *style)
{
    int digits[2] = {number / 10 % 10, number % 10}, count = number >= 10 ? 2 : 1;
    float stroke = style->weight * height, edge = 0.055f * height;
    glyph_place place = {.cell_height = (height - stroke) / 9.0f, .slant = style->slant};
    place.bottom = -4.5f * place.cell_height;
    place.cell_width = (count == 1 ? 0.078f : 0.058f) * height;
    float advance = 6.0f * place.cell_width + stroke + 1.1f * edge;

    for (int layer = 0; layer < 3; layer++) {
        float width = stroke + (layer == 0 ? 4.0f * edge : layer == 1 ? 2.0f * edge : 0.0f);
        colour paint = layer == 0 ? style->far_edge : layer == 1 ? style->outline : style->fill;
        for (int i = 0; i < count; i++) {
            float middle = count == 2 ? ((float)i - 0.5f) * advance : 0.0f;
            place.left = middle - 3.0f * place.cell_width;
            draw_glyph(t, frame, digit_glyphs[digits[count == 2 ? i : 1]], &place, width, paint);
        }
    }
}

void lettering_word(texture *t, const text_frame *frame, const char *word, float width, float height, colour paint)
{
    size_t length = strlen(word);
    if (length == 0)
        return;
    float cells = 6.0f * (float)length - 2.0f; /* four a letter, two between */
    float cell_height = 0.82f * height / 6.0f;
    float cell_width = width / (cells + 1.0f);
    if (cell_width > 1.1f * cell_height)
        cell_width = 1.1f * cell_height;
    float stroke = 1.35f * (cell_width < cell_height ? cell_width : cell_height);
    glyph_place place = {.bottom = -3.0f * cell_height, .cell_width = cell_width, .cell_height = cell_height};
    for (size_t i = 0; i < length; i++) {
        place.left = (6.0f * (float)i - 0.5f * cells) * cell_width;
        if (word[i] >= 'A' && word[i] <= 'Z')
            draw_glyph(t, frame, letter_glyphs[word[i] - 'A'], &place, stroke, paint);
    }
}
