/* Tables of a terminal. */
#include "report/document_text_table.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, CELL_MAXIMUM = 34 };
static const char note_mark = '\n'; /* no cell can begin with it: control characters are replaced */

static bool begins_letter(char byte)
{
    return ((unsigned char)byte & 0xC0) != 0x80;
}

static int letters_of(const char *text)
{
    int letters = 0;
    for (; *text; text++)
        letters += begins_letter(*text);
    return letters;
}

/* Control characters, those of two bytes (U+0080 to U+009F) included, as question marks. */
static void make_harmless(char *text)
{
    for (unsigned char *byte = (unsigned char *)text; *byte; byte++) {
        if (byte[0] == 0xC2 && byte[1] >= 0x80 && byte[1] < 0xA0)
            byte[0] = byte[1] = '?';
        if (*byte < ' ' || *byte == 0x7F)
            *byte = '?';
    }
}

/* At most `letters` letters of it, the last one a dot where there were more. */
static void cut(char *text, int letters)
{
    if (letters_of(text) <= letters)
        return;
    int seen = 0;
    for (; *text; text++)
        if (begins_letter(*text) && ++seen == letters) {
            text[0] = '.';
            text[1] = 0;
            return;
        }
}

void text_table_begin(struct text_table *table, const char *alignment)
{
    *table = (struct text_table){.alignment = alignment};
}

static void add(struct text_table *table, char *text)
{
    if (!text || (table->status = table->status < 0 ? table->status
                                                    : memory_grow(&table->cells, &table->capacity, table->count + 1,
                                                                  sizeof *table->cells)) < 0) {
        table->status = STATUS_MEMORY;
        free(text);
        return;
    }
    table->cells[table->count++] = text;
}

void text_table_cell(struct text_table *table, const char *text)
{
    char *copy = text_copy(text);
    if (copy) {
        make_harmless(copy);
        cut(copy, CELL_MAXIMUM);
    }
    add(table, copy);
}

void text_table_note(struct text_table *table, const char *text)
{
    char *copy = text_format("%c%s", note_mark, text);
    if (copy)
        make_harmless(copy + 1);
    add(table, copy);
}

/* The first column gives way where all of them are too wide. */
static void measure_columns(const struct text_table *table, int columns, int *width)
{
    int column = 0, total = 0;
    memset(width, 0, (size_t)columns * sizeof *width);
    for (size_t i = 0; i < table->count; i++) {
        if (table->cells[i][0] == note_mark)
            continue;
        const int letters = letters_of(table->cells[i]);
        width[column] = letters > width[column] ? letters : width[column];
        column = (column + 1) % columns;
    }
    for (int i = 0; i < columns; i++)
        total += width[i] + (i > 0 ? GAP : 0);
    if (total > TEXT_WIDTH)
        width[0] = width[0] - (total - TEXT_WIDTH) > 8 ? width[0] - (total - TEXT_WIDTH) : 8;
}

static void write_cell(FILE *out, char *text, int width, bool right, bool last)
{
    cut(text, width);
    const int space = width - letters_of(text);
    fprintf(out, "%*s%s%*s", right ? space : 0, "", text, right || last ? 0 : space, "");
    fprintf(out, last ? "\n" : "%*s", GAP, "");
}

int text_table_end(struct text_table *table, FILE *out)
{
    const int columns = (int)strlen(table->alignment);
    int width[TABLE_COLUMNS], column = 0;
    if (table->status == 0) {
        measure_columns(table, columns, width);
        for (size_t i = 0; i < table->count; i++) {
            if (table->cells[i][0] == note_mark) {
                text_wrap(out, "    ", table->cells[i] + 1);
                continue;
            }
            write_cell(out, table->cells[i], width[column], table->alignment[column] == 'r', column == columns - 1);
            column = (column + 1) % columns;
        }
    }
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    return table->status;
}

/* Bytes of `text` that fit in `letters`, up to a space where there is one; words that are longer are broken. */
static size_t line_of(const char *text, int letters)
{
    size_t bytes = 0, space = 0;
    int seen = 0;
    for (; text[bytes]; bytes++) {
        if (begins_letter(text[bytes]) && seen++ == letters)
            return space > 0 ? space : bytes;
        if (text[bytes] == ' ')
            space = bytes;
    }
    return bytes;
}

void text_wrap(FILE *out, const char *first, const char *text)
{
    const int indent = letters_of(first);
    char *copy = text_copy(text);
    if (!copy)
        return;
    make_harmless(copy);
    const char *rest = copy;
    fputs(first, out);
    for (;;) {
        const size_t bytes = line_of(rest, TEXT_WIDTH - indent);
        fprintf(out, "%.*s\n", (int)bytes, rest);
        rest += bytes;
        while (*rest == ' ')
            rest++;
        if (!*rest)
            break;
        fprintf(out, "%*s", indent, "");
    }
    free(copy);
}
