/* A confusion matrix as a picture: a cell for each pair of classes, the darker the larger its share of the row. Text is
 * drawn by the image library in whatever font the system has. */
#include "base/error.h"
#include "base/memory.h"
#include "data/decode.h"
#include "data/write.h"

#include <inttypes.h>
#include <math.h>
#include <standin/standin.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>

enum { CLASSES_MAXIMUM = 1000, NAMED_MAXIMUM = 64, SHARES_MAXIMUM = 20, NAME_LETTERS = 24 };
enum { GAP = 1, MARGIN = 8, COLOURS = 3 };

struct canvas {
    uint8_t *pixels; /* (height, width, 3) */
    int width, height;
};

struct colour {
    uint8_t part[COLOURS];
};

static const struct colour black = {{20, 20, 20}}, white = {{255, 255, 255}}, full = {{8, 64, 129}};

static struct colour between(struct colour from, struct colour to, double way)
{
    struct colour colour;
    for (int c = 0; c < COLOURS; c++)
        colour.part[c] = (uint8_t)lround((1 - way) * from.part[c] + way * to.part[c]);
    return colour;
}

static uint8_t *pixel_at(const struct canvas *canvas, int x, int y)
{
    return canvas->pixels + ((size_t)y * (size_t)canvas->width + (size_t)x) * COLOURS;
}

static void fill(const struct canvas *canvas, int left, int top, int width, int height, struct colour colour)
{
    for (int y = top; y < top + height; y++)
        for (int x = left; x < left + width; x++)
            memcpy(pixel_at(canvas, x, y), colour.part, COLOURS);
}

/* ---- Text ------------------------------------------------------------------------------------------------- */

/* How much of each pixel a line of text covers. */
struct stencil {
    uint8_t *cover; /* GLib's to free */
    int width, height;
};

static int stencil_make(struct stencil *stencil, const char *text)
{
    enum { DOTS_PER_INCH = 96 };
    VipsImage *image = NULL;
    *stencil = (struct stencil){0};
    char *escaped = g_markup_escape_text(text, -1); /* the library reads marks of bold and the like */
    const int failed = vips_text(&image, escaped, "font", "sans 10", "dpi", DOTS_PER_INCH, NULL);
    g_free(escaped);
    if (failed)
        return decode_failure(text);
    size_t bytes;
    stencil->cover = vips_image_write_to_memory(image, &bytes);
    stencil->width = vips_image_get_width(image);
    stencil->height = vips_image_get_height(image);
    const bool one_band = vips_image_get_bands(image) == 1;
    g_object_unref(image);
    if (stencil->cover && one_band)
        return 0;
    g_free(stencil->cover);
    return error_set(STATUS_FAILED, "cannot draw '%s'", text);
}

/* Text whose baseline runs from left to right, or, upright, from the bottom to the top. Parts outside are left out. */
static void draw_stencil(const struct canvas *canvas, const struct stencil *stencil, int left, int top, bool upright,
                         struct colour ink)
{
    for (int v = 0; v < stencil->height; v++)
        for (int u = 0; u < stencil->width; u++) {
            const int x = left + (upright ? v : u), y = top + (upright ? stencil->width - 1 - u : v);
            if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
                continue;
            uint8_t *pixel = pixel_at(canvas, x, y);
            struct colour ground;
            memcpy(ground.part, pixel, COLOURS);
            const double way = stencil->cover[(size_t)v * (size_t)stencil->width + (size_t)u] / 255.0;
            memcpy(pixel, between(ground, ink, way).part, COLOURS);
        }
}

static int draw_centred(const struct canvas *canvas, const char *text, int middle_x, int middle_y, struct colour ink)
{
    struct stencil stencil;
    const int status = stencil_make(&stencil, text);
    if (status < 0)
        return status;
    draw_stencil(canvas, &stencil, middle_x - stencil.width / 2, middle_y - stencil.height / 2, false, ink);
    g_free(stencil.cover);
    return 0;
}

/* ---- Layout ----------------------------------------------------------------------------------------------- */

struct layout {
    int cell_width, cell_height;
    int left, top; /* of the first cell */
    bool named, shares;
};

static int measure_names(int *longest, struct stencil *name, const char *const *names, int classes)
{
    *longest = 0;
    for (int i = 0; i < classes; i++) {
        char *valid = g_utf8_make_valid(names[i], -1);
        const glong letters = g_utf8_strlen(valid, -1);
        char *cut = g_utf8_substring(valid, 0, letters < NAME_LETTERS ? letters : NAME_LETTERS);
        const int status = stencil_make(&name[i], *cut ? cut : " ");
        g_free(cut);
        g_free(valid);
        if (status < 0)
            return status;
        *longest = name[i].width > *longest ? name[i].width : *longest;
    }
    return 0;
}

static int draw_cell(const struct canvas *canvas, const struct layout *layout, int row, int column, int64_t count,
                     double share)
{
    const int left = layout->left + column * (layout->cell_width + GAP);
    const int top = layout->top + row * (layout->cell_height + GAP);
    const struct colour ink = share > 0.5 ? white : black;
    fill(canvas, left, top, layout->cell_width, layout->cell_height, between(white, full, share));
    if (!layout->named || count == 0)
        return 0;
    const int middle = left + layout->cell_width / 2, height = layout->cell_height;
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, count);
    int status = draw_centred(canvas, text, middle, top + (layout->shares ? height / 3 : height / 2), ink);
    if (status == 0 && layout->shares) {
        snprintf(text, sizeof text, "%.1f %%", 100 * share);
        status = draw_centred(canvas, text, middle, top + 2 * height / 3 + 2, ink);
    }
    return status;
}

static void draw_names(const struct canvas *canvas, const struct layout *layout, const struct stencil *names,
                       int classes)
{
    const int right = layout->left - MARGIN, bottom = layout->top - MARGIN;
    for (int i = 0; i < classes; i++) {
        const struct stencil *name = &names[i];
        const int middle_x = layout->left + i * (layout->cell_width + GAP) + layout->cell_width / 2;
        const int middle_y = layout->top + i * (layout->cell_height + GAP) + layout->cell_height / 2;
        draw_stencil(canvas, name, right - name->width, middle_y - name->height / 2, false, black);
        draw_stencil(canvas, name, middle_x - name->height / 2, bottom - name->width, true, black);
    }
}

static int draw(const struct canvas *canvas, const struct layout *layout, const struct stencil *name,
                const int64_t *counts, int classes)
{
    int status = 0;
    fill(canvas, 0, 0, canvas->width, canvas->height, white);
    fill(canvas, layout->left - GAP, layout->top - GAP, classes * (layout->cell_width + GAP) + GAP,
         classes * (layout->cell_height + GAP) + GAP, between(white, black, 0.2));
    for (int row = 0; row < classes; row++) {
        int64_t images = 0;
        for (int column = 0; column < classes; column++)
            images += counts[(int64_t)row * classes + column];
        for (int column = 0; status == 0 && column < classes; column++) {
            const int64_t count = counts[(int64_t)row * classes + column];
            status = draw_cell(canvas, layout, row, column, count, images > 0 ? (double)count / (double)images : 0);
        }
    }
    if (status < 0 || !layout->named)
        return status;
    draw_names(canvas, layout, name, classes);
    const int middle_x = layout->left + classes * (layout->cell_width + GAP) / 2;
    status = draw_centred(canvas, "predicted", middle_x, MARGIN + 6, black);
    struct stencil actual;
    if (status == 0 && (status = stencil_make(&actual, "actual")) == 0) {
        const int middle = layout->top + classes * (layout->cell_height + GAP) / 2;
        draw_stencil(canvas, &actual, MARGIN, middle - actual.width / 2, true, black);
        g_free(actual.cover);
    }
    return status;
}

static struct layout lay_out(int classes, int longest_name)
{
    enum { TITLE = 24 };
    struct layout layout = {.cell_width = 4, .cell_height = 4, .left = MARGIN, .top = MARGIN};
    if (classes <= NAMED_MAXIMUM) {
        layout.named = true;
        layout.shares = classes <= SHARES_MAXIMUM;
        layout.cell_width = layout.shares ? 72 : 40;
        layout.cell_height = layout.shares ? 48 : 24;
        layout.left = layout.top = TITLE + longest_name + 2 * MARGIN;
    }
    return layout;
}

int standin_confusion_write(const char *path, const int64_t *counts, int classes, const char *const *names)
{
    if (classes < 1 || classes > CLASSES_MAXIMUM)
        return error_set(STATUS_INPUT, "%s: no picture of %d classes, at most of %d", path, classes, CLASSES_MAXIMUM);
    struct stencil *name = memory_new((size_t)classes, sizeof *name);
    struct canvas canvas = {0};
    int longest = 0, status = name ? decode_start() : STATUS_MEMORY;
    if (status == 0 && classes <= NAMED_MAXIMUM)
        status = measure_names(&longest, name, names, classes);
    if (status < 0)
        goto done;
    const struct layout layout = lay_out(classes, longest);
    canvas.width = layout.left + classes * (layout.cell_width + GAP) + MARGIN;
    canvas.height = layout.top + classes * (layout.cell_height + GAP) + MARGIN;
    canvas.pixels = memory_new((size_t)canvas.width * (size_t)canvas.height, COLOURS);
    status = canvas.pixels ? draw(&canvas, &layout, name, counts, classes) : STATUS_MEMORY;
    if (status == 0)
        status = image_write(path, canvas.pixels, canvas.width, canvas.height, COLOURS);
done:
    for (int i = 0; name && i < classes; i++)
        g_free(name[i].cover);
    free(name);
    free(canvas.pixels);
    return status;
}
