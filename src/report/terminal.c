/* Draws a contact sheet with characters. */
#include "base/error.h"
#include "base/memory.h"
#include "report/sheet.h"

#include <chafa.h>
#include <standin/standin.h>
#include <stdlib.h>

enum { CELLS_MAXIMUM = 1000 };

static int canvas_mode(ChafaCanvasMode *mode, int colours)
{
    static const struct {
        int colours;
        ChafaCanvasMode mode;
    } table[] = {
        {2, CHAFA_CANVAS_MODE_FGBG},
        {16, CHAFA_CANVAS_MODE_INDEXED_16},
        {256, CHAFA_CANVAS_MODE_INDEXED_256},
        {1 << 24, CHAFA_CANVAS_MODE_TRUECOLOR},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].colours == colours) {
            *mode = table[i].mode;
            return 0;
        }
    }
    return error_set(STATUS_INPUT, "a terminal has 2, 16, 256 or 16777216 colours, not %d", colours);
}

/* The library wants colour; grey triples. */
static uint8_t *to_colour(const uint8_t *grey, size_t count)
{
    uint8_t *colour = memory_new(count, 3);
    for (size_t i = 0; colour && i < count; i++)
        colour[3 * i] = colour[3 * i + 1] = colour[3 * i + 2] = grey[i];
    return colour;
}

static char *draw(const uint8_t *colour, int width, int height, int columns, int rows, ChafaCanvasMode mode)
{
    const float cell_proportions = 0.5f; /* a character is about twice as high as wide */
    chafa_calc_canvas_geometry(width, height, &columns, &rows, cell_proportions, TRUE, FALSE);
    ChafaSymbolMap *symbols = chafa_symbol_map_new();
    chafa_symbol_map_add_by_tags(symbols, CHAFA_SYMBOL_TAG_SPACE | CHAFA_SYMBOL_TAG_HALF | CHAFA_SYMBOL_TAG_QUAD);
    ChafaCanvasConfig *config = chafa_canvas_config_new();
    chafa_canvas_config_set_geometry(config, columns, rows);
    chafa_canvas_config_set_canvas_mode(config, mode);
    chafa_canvas_config_set_pixel_mode(config, CHAFA_PIXEL_MODE_SYMBOLS);
    chafa_canvas_config_set_symbol_map(config, symbols);
    ChafaCanvas *canvas = chafa_canvas_new(config);
    chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGB8, colour, width, height, 3 * width);
    ChafaTermInfo *terminal = chafa_term_db_get_fallback_info(chafa_term_db_get_default());
    GString *text = chafa_canvas_print(canvas, terminal);
    char *copy = text_copy(text->str);
    g_string_free(text, TRUE);
    chafa_term_info_unref(terminal);
    chafa_canvas_unref(canvas);
    chafa_canvas_config_unref(config);
    chafa_symbol_map_unref(symbols);
    return copy;
}

int standin_sheet_text(char **out, const uint8_t *pixels, int64_t count, int width, int height, int channels,
                       int sheet_columns, int columns, int rows, int colours)
{
    *out = NULL;
    uint8_t *sheet = NULL, *colour = NULL;
    int sheet_width, sheet_height;
    ChafaCanvasMode mode = CHAFA_CANVAS_MODE_FGBG;
    if (columns < 1 || rows < 1 || columns > CELLS_MAXIMUM || rows > CELLS_MAXIMUM)
        return error_set(STATUS_INPUT, "no terminal of %d x %d cells: each from 1 to %d", columns, rows, CELLS_MAXIMUM);
    int status = canvas_mode(&mode, colours);
    if (status == 0)
        status = sheet_compose(&sheet, &sheet_width, &sheet_height, pixels, count, width, height, channels,
                               sheet_columns);
    if (status < 0)
        goto done;
    colour = channels == 1 ? to_colour(sheet, (size_t)sheet_width * (size_t)sheet_height) : NULL;
    if (channels == 1 && !colour)
        status = STATUS_MEMORY;
    else
        *out = draw(colour ? colour : sheet, sheet_width, sheet_height, columns, rows, mode);
    if (status == 0 && !*out)
        status = STATUS_MEMORY;
done:
    free(colour);
    free(sheet);
    return status;
}
