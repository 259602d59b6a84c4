/* Lays images out as a grid and writes the grid as a PNG. */
#include "report/sheet.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/write.h"

#include <standin/standin.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_LEVEL = 128, SIDE_MAXIMUM = 1 << 16 };

static int check_sheet(int64_t count, int width, int height, int channels, int columns)
{
    if (count < 1 || width < 1 || height < 1 || columns < 1 || (channels != 1 && channels != 3))
        return error_set(STATUS_INPUT, "no sheet of %lld images of %d x %d x %d in %d columns", (long long)count, width,
                         height, channels, columns);
    if (columns > count)
        columns = (int)count;
    const int64_t rows = (count + columns - 1) / columns;
    if (((int64_t)width + 1) * columns > SIDE_MAXIMUM || ((int64_t)height + 1) > SIDE_MAXIMUM / rows)
        return error_set(STATUS_INPUT, "a sheet of %lld images of %d x %d is larger than %d pixels a side",
                         (long long)count, width, height, SIDE_MAXIMUM);
    return 0;
}

int sheet_compose(uint8_t **sheet, int *sheet_width, int *sheet_height, const uint8_t *pixels, int64_t count, int width,
                  int height, int channels, int columns)
{
    *sheet = NULL;
    const int status = check_sheet(count, width, height, channels, columns);
    if (status < 0)
        return status;
    columns = columns < count ? columns : (int)count;
    const int rows = (int)((count + columns - 1) / columns);
    *sheet_width = columns * (width + 1) - 1;
    *sheet_height = rows * (height + 1) - 1;
    const size_t row = (size_t)width * (size_t)channels, sheet_row = (size_t)*sheet_width * (size_t)channels;
    *sheet = malloc(sheet_row * (size_t)*sheet_height);
    if (!*sheet)
        return error_set(STATUS_MEMORY, "out of memory: %zu bytes", sheet_row * (size_t)*sheet_height);
    memset(*sheet, LINE_LEVEL, sheet_row * (size_t)*sheet_height);
    for (int64_t i = 0; i < count; i++) {
        const size_t top = (size_t)(i / columns) * (size_t)(height + 1);
        const size_t left = (size_t)(i % columns) * (size_t)(width + 1) * (size_t)channels;
        for (int y = 0; y < height; y++, pixels += row)
            memcpy(*sheet + (top + (size_t)y) * sheet_row + left, pixels, row);
    }
    return 0;
}

int standin_sheet_write(const char *path, const uint8_t *pixels, int64_t count, int width, int height, int channels,
                        int columns)
{
    uint8_t *sheet;
    int sheet_width, sheet_height;
    int status = sheet_compose(&sheet, &sheet_width, &sheet_height, pixels, count, width, height, channels, columns);
    if (status < 0)
        return status;
    status = image_write(path, sheet, sheet_width, sheet_height, channels);
    free(sheet);
    return status;
}
