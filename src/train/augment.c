/* Each part is written as a change of what leaves an image as it is, so that a part that is not applied to an image is
 * a change times zero. Colour comes first, then one warp for all that moves pixels, then the cut-out, as in the paper's
 * own definition. */
#include "train/augment.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[AUGMENT_PARTS] = {"brightness", "saturation", "contrast", "translation",
                                                 "cutout",     "mirror",     "scale",    "rotation"};

/* How far each part goes. */
static const double brightness_range = 1, saturation_range = 2, contrast_range = 1; /* widths, around no change */
static const double scale_deviation = 0.2;                                          /* of the logarithm to base 2 */
static const double rotation_sine = 0.17364817766693036;                            /* of 10 degrees */
enum { TRANSLATION_PARTS = 8, CUTOUT_PARTS = 2 };                                   /* of each side */

/* ---- Names ----------------------------------------------------------------------------------------------- */

static int part_index(unsigned part)
{
    int index = 0;
    while (index < AUGMENT_PARTS - 1 && !(part >> index & 1))
        index++;
    return index;
}

const char *augment_name(unsigned part)
{
    return names[part_index(part)];
}

enum { NAMES_TEXT = 128 };

static void join_names(char text[NAMES_TEXT], unsigned parts, const char *separator)
{
    size_t length = 0;
    text[0] = 0;
    for (int i = 0; i < AUGMENT_PARTS; i++) {
        if (!(parts >> i & 1))
            continue;
        const char *const piece[2] = {length ? separator : "", names[i]};
        for (int k = 0; k < 2; k++) {
            const size_t more = strlen(piece[k]);
            memcpy(text + length, piece[k], more + 1);
            length += more;
        }
    }
}

int augment_parse(unsigned *parts, const char *text)
{
    unsigned found = 0;
    if (strcmp(text, "none") == 0) {
        *parts = 0;
        return 0;
    }
    for (const char *word = text;; word++) {
        const size_t length = strcspn(word, "+,");
        int index = 0;
        while (index < AUGMENT_PARTS && (strlen(names[index]) != length || memcmp(names[index], word, length) != 0))
            index++;
        if (index == AUGMENT_PARTS) {
            char known[NAMES_TEXT];
            join_names(known, AUGMENT_ALL, ", ");
            return error_set(STATUS_INPUT, "augmentation '%.*s' is unknown; there are %s, joined by '+', or none alone",
                             length < 40 ? (int)length : 40, word, known);
        }
        found |= 1u << index;
        word += length;
        if (!*word)
            break;
    }
    *parts = found;
    return 0;
}

int augment_text(char **out, unsigned parts)
{
    char text[NAMES_TEXT];
    join_names(text, parts, "+");
    *out = text_copy(text[0] ? text : "none");
    return *out ? 0 : STATUS_MEMORY;
}

/* ---- Random numbers -------------------------------------------------------------------------------------- */

struct augmentation {
    struct graph *graph;
    unsigned parts;
    struct shape image; /* (N, H, W, C) */
    struct node *strength;
    uint32_t purpose_first;
};

/* One number for each image, in a shape that goes with images. */
static struct shape one_each(const struct augmentation *a)
{
    return shape_batch(a->image.size[0], 3, (int64_t[]){1, 1, 1});
}

static struct node *uniform(const struct augmentation *a, unsigned part)
{
    return graph_random(a->graph, RANDOM_DISTRIBUTION_UNIFORM, a->purpose_first + (uint32_t)part_index(part),
                        one_each(a));
}

/* Number `index` of two. */
static struct node *uniform_of_two(const struct augmentation *a, unsigned part, int index)
{
    const struct shape two = shape_batch(a->image.size[0], 3, (int64_t[]){1, 1, 2});
    struct node *both =
        graph_random(a->graph, RANDOM_DISTRIBUTION_UNIFORM, a->purpose_first + (uint32_t)part_index(part), two);
    return graph_slice(a->graph, both, (int64_t[]){0, 0, 0, index}, one_each(a));
}

/* The change where the part is applied, else 0. */
static struct node *where_applied(const struct augmentation *a, unsigned part, struct node *change)
{
    struct graph *g = a->graph;
    if (!a->strength)
        return change;
    const uint32_t purpose = a->purpose_first + AUGMENT_PARTS + (uint32_t)part_index(part);
    struct node *draw = graph_random(g, RANDOM_DISTRIBUTION_UNIFORM, purpose, one_each(a));
    return graph_multiply(g, change, graph_step(g, graph_subtract(g, a->strength, draw)));
}

/* A uniform number around 0, of this width. */
static struct node *around_zero(const struct augmentation *a, unsigned part, double width)
{
    struct node *number = graph_add_number(a->graph, uniform(a, part), -0.5);
    return where_applied(a, part, graph_scale(a->graph, number, width));
}

/* The integer part of a value in [0, limit], bit by bit from the top, as the language has no rounding. A whole value
 * counts as the one below it: rounding up to the limit does no harm. */
static struct node *whole_part(struct graph *g, struct node *value, int64_t limit)
{
    struct node *whole = graph_constant(g, 0), *rest = value;
    int64_t bit = 1;
    while (bit < limit)
        bit *= 2;
    for (bit /= 2; bit >= 1; bit /= 2) {
        struct node *set = graph_step(g, graph_add_number(g, rest, -(double)bit));
        struct node *amount = graph_scale(g, set, (double)bit);
        whole = graph_add(g, whole, amount);
        rest = graph_subtract(g, rest, amount);
    }
    return whole;
}

/* ---- Colour ---------------------------------------------------------------------------------------------- */

enum { AXES_IMAGE = 1u << 1 | 1u << 2 | 1u << 3 };

/* The mean of a pixel's channels, in each of them. A product with a small matrix finds it many times faster than a sum
 * over an axis of three does, and so does its gradient. */
static struct node *grey(const struct augmentation *a, struct node *x)
{
    struct graph *g = a->graph;
    const int64_t images = a->image.size[0], channels = a->image.size[3];
    const int64_t pixels = a->image.size[1] * a->image.size[2];
    struct node *flat = graph_reshape(g, x, shape_batch(images, 2, (int64_t[]){pixels, channels}));
    struct node *share = graph_broadcast(g, graph_constant(g, 1 / (double)channels),
                                         shape_batch(images, 2, (int64_t[]){channels, channels}));
    return graph_reshape(g, graph_matmul(g, flat, share, false, false), a->image);
}

/* The paper's order is brightness, saturation, contrast. Brightness moves all means alike and so commutes with both;
 * saturation leaves the image's mean where it is. So all means are those of x, and one pass over x finds them. */
static struct node *colour(const struct augmentation *a, struct node *x)
{
    struct graph *g = a->graph;
    struct node *y = x;
    if (a->parts & AUGMENT_SATURATION && a->image.size[3] > 1) {
        struct node *away = graph_subtract(g, x, grey(a, x));
        y = graph_add(g, y, graph_multiply(g, away, around_zero(a, AUGMENT_SATURATION, saturation_range)));
    }
    if (a->parts & AUGMENT_CONTRAST) {
        struct node *away = graph_subtract(g, y, graph_mean(g, x, AXES_IMAGE));
        y = graph_add(g, y, graph_multiply(g, away, around_zero(a, AUGMENT_CONTRAST, contrast_range)));
    }
    if (a->parts & AUGMENT_BRIGHTNESS)
        y = graph_add(g, y, around_zero(a, AUGMENT_BRIGHTNESS, brightness_range));
    return y;
}

/* ---- Moving ---------------------------------------------------------------------------------------------- */

/* A shift by whole pixels along one side, in the warp's coordinates, where a side is 2 long. */
static struct node *shift(const struct augmentation *a, int index, int64_t side)
{
    struct graph *g = a->graph;
    const int64_t most = (side + TRANSLATION_PARTS / 2) / TRANSLATION_PARTS, choices = 2 * most + 1;
    if (!(a->parts & AUGMENT_TRANSLATION))
        return graph_constant(g, 0);
    struct node *draw = graph_scale(g, uniform_of_two(a, AUGMENT_TRANSLATION, index), (double)choices);
    struct node *pixels = graph_add_number(g, whole_part(g, draw, choices), -(double)most);
    return where_applied(a, AUGMENT_TRANSLATION, graph_scale(g, pixels, 2 / (double)side));
}

/* -1 where an image is mirrored, else 1. */
static struct node *direction(const struct augmentation *a)
{
    struct graph *g = a->graph;
    if (!(a->parts & AUGMENT_MIRROR))
        return graph_constant(g, 1);
    struct node *tails = graph_step(g, graph_add_number(g, uniform(a, AUGMENT_MIRROR), -0.5));
    return graph_add_number(g, graph_scale(g, where_applied(a, AUGMENT_MIRROR, tails), -2), 1);
}

/* By what lengths in the result are multiplied to give those in the operand: 1 / 2^n. */
static struct node *shrinking(const struct augmentation *a)
{
    struct graph *g = a->graph;
    if (!(a->parts & AUGMENT_SCALE))
        return graph_constant(g, 1);
    const uint32_t purpose = a->purpose_first + (uint32_t)part_index(AUGMENT_SCALE);
    struct node *normal = graph_random(g, RANDOM_DISTRIBUTION_NORMAL, purpose, one_each(a));
    return graph_exp(g, where_applied(a, AUGMENT_SCALE, graph_scale(g, normal, -scale_deviation * log(2))));
}

/* theta (N, 2, 3): shifted, then mirrored, then rotated and scaled, seen from the result; turning happens in pixels,
 * and the warp's coordinates are not square where an image is not. */
static struct node *affine(const struct augmentation *a)
{
    struct graph *g = a->graph;
    const double ratio = (double)a->image.size[1] / (double)a->image.size[2];
    struct node *sine =
        a->parts & AUGMENT_ROTATION ? around_zero(a, AUGMENT_ROTATION, 2 * rotation_sine) : graph_constant(g, 0);
    struct node *cosine = graph_sqrt(g, graph_subtract(g, graph_constant(g, 1), graph_multiply(g, sine, sine)));
    struct node *factor = shrinking(a), *sign = direction(a);
    sine = graph_multiply(g, sine, factor);
    cosine = graph_multiply(g, cosine, factor);
    struct node *xx = graph_multiply(g, cosine, sign), *xy = graph_scale(g, sine, ratio);
    struct node *yx = graph_scale(g, graph_multiply(g, sine, sign), -1 / ratio), *yy = cosine;
    struct node *right = shift(a, 0, a->image.size[2]), *down = shift(a, 1, a->image.size[1]);
    struct node *x0 = graph_negate(g, graph_add(g, graph_multiply(g, xx, right), graph_multiply(g, xy, down)));
    struct node *y0 = graph_negate(g, graph_add(g, graph_multiply(g, yx, right), graph_multiply(g, yy, down)));
    struct node *entry[6] = {xx, xy, x0, yx, yy, y0}, *theta = NULL;
    for (int i = 0; i < 6; i++) {
        entry[i] = graph_broadcast(g, entry[i], one_each(a));
        theta = i ? graph_concat(g, theta, entry[i], 3) : entry[i];
    }
    return graph_reshape(g, theta, shape_batch(a->image.size[0], 2, (int64_t[]){2, 3}));
}

/* ---- Cut-out --------------------------------------------------------------------------------------------- */

/* 0, 1, ... count - 1 (1, 1, count): constants are scalars, so it is doubled until it is long enough. */
static struct node *count_up(struct graph *g, int64_t count)
{
    struct node *row = graph_broadcast(g, graph_constant(g, 0), shape_of(3, (int64_t[]){1, 1, 1}));
    for (int64_t size = 1; size < count; size *= 2)
        row = graph_concat(g, row, graph_add_number(g, row, (double)size), 2);
    return graph_slice(g, row, (int64_t[]){0, 0, 0}, shape_of(3, (int64_t[]){1, 1, count}));
}

/* 1 where the box is along one side, else 0 (N, 1, side * each), `each` numbers for a pixel. Its centre lies anywhere
 * on the side. */
static struct node *box_along(const struct augmentation *a, int axis, int64_t each)
{
    struct graph *g = a->graph;
    const int64_t side = a->image.size[axis], box = (side + CUTOUT_PARTS / 2) / CUTOUT_PARTS, odd = box % 2;
    const int64_t choices = side + 1 - odd;
    struct node *draw = graph_scale(g, uniform_of_two(a, AUGMENT_CUTOUT, axis - 1), (double)choices);
    struct node *centre = graph_add_number(g, whole_part(g, draw, choices), 0.5 * (double)odd);
    centre = graph_add_number(g, graph_scale(g, centre, (double)each), -0.5);
    centre = graph_reshape(g, centre, shape_batch(a->image.size[0], 2, (int64_t[]){1, 1}));
    struct node *distance = graph_abs(g, graph_subtract(g, count_up(g, side * each), centre));
    return graph_step(g, graph_subtract(g, graph_constant(g, (double)(box * each) / 2), distance));
}

/* Rows and columns of the box are kept apart until they meet the image, which is seen as (N, H, W C) here: passes over
 * short axes are slow. */
static struct node *cut_out(const struct augmentation *a, struct node *x)
{
    struct graph *g = a->graph;
    const int64_t images = a->image.size[0], height = a->image.size[1], width = a->image.size[2] * a->image.size[3];
    struct node *applied = where_applied(a, AUGMENT_CUTOUT, graph_broadcast(g, graph_constant(g, 1), one_each(a)));
    struct node *rows = graph_reshape(g, box_along(a, 1, 1), shape_batch(images, 2, (int64_t[]){height, 1}));
    struct node *columns = box_along(a, 2, a->image.size[3]);
    applied = graph_reshape(g, applied, shape_batch(images, 2, (int64_t[]){1, 1}));
    struct node *box = graph_multiply(g, graph_multiply(g, rows, applied), columns);
    struct node *flat = graph_reshape(g, x, shape_batch(images, 2, (int64_t[]){height, width}));
    return graph_reshape(g, graph_multiply(g, flat, graph_subtract(g, graph_constant(g, 1), box)), a->image);
}

struct node *augment(struct graph *graph, unsigned parts, struct node *x, struct node *strength, uint32_t purpose_first)
{
    const unsigned moving = AUGMENT_TRANSLATION | AUGMENT_MIRROR | AUGMENT_SCALE | AUGMENT_ROTATION;
    if (!x)
        return NULL;
    const struct augmentation a = {graph, parts, x->shape, strength, purpose_first};
    x = colour(&a, x);
    if (parts & moving)
        x = graph_warp(graph, x, affine(&a));
    return parts & AUGMENT_CUTOUT ? cut_out(&a, x) : x;
}

struct node *augment_sign(struct graph *graph, struct node *logits)
{
    return graph_add_number(graph, graph_scale(graph, graph_mean_all(graph, graph_step(graph, logits)), 2), -1);
}
