/* Reads a table `file,label[,group]` (RFC 4180: quotes, doubled quotes, line ends of either kind), with or without a
 * line of headings. A line that makes no sense is a listed skip. The files are taken in bytewise order of their
 * names, so that the order of the lines means nothing. */
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/listing.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIELDS = 3, FILE_LIMIT = 1 << 28 };

struct line {
    char *fields[FIELDS];
    int count; /* of the fields in the line, also beyond FIELDS */
    bool unclosed;
};

/* Cuts one field out of *cursor in place; true if another one follows in the same line. */
static bool field_next(char **field, char **cursor, bool *unclosed)
{
    char *in = *cursor, *out = in;
    *field = out;
    if (*in == '"') {
        for (in++; *in && (*in != '"' || in[1] == '"'); in++) {
            in += *in == '"';
            *out++ = *in;
        }
        *unclosed = *unclosed || !*in;
        in += *in == '"';
    }
    while (*in && *in != ',' && *in != '\n' && *in != '\r')
        *out++ = *in++;
    const bool more = *in == ',';
    if (*in == '\r' && in[1] == '\n')
        in++;
    *cursor = in + (*in != 0);
    *out = 0;
    return more;
}

static void line_next(struct line *line, char **cursor)
{
    *line = (struct line){0};
    bool more = true;
    while (more) {
        char *field;
        more = field_next(&field, cursor, &line->unclosed);
        if (line->count < FIELDS)
            line->fields[line->count] = field;
        line->count++;
    }
}

static bool is_heading(const struct line *line)
{
    static const char *const files[] = {"file", "filename", "file_name", "path", "image"};
    static const char *const labels[] = {"label", "class"};
    bool file = false, label = false;
    for (size_t i = 0; line->count >= 2 && i < sizeof files / sizeof *files; i++)
        file = file || strcasecmp(line->fields[0], files[i]) == 0;
    for (size_t i = 0; line->count >= 2 && i < sizeof labels / sizeof *labels; i++)
        label = label || strcasecmp(line->fields[1], labels[i]) == 0;
    return file && label;
}

static const char *line_problem(const struct line *line)
{
    if (line->unclosed)
        return "a quote that is not closed";
    if (line->count < 2 || line->count > FIELDS)
        return "not file,label[,group]";
    if (!line->fields[0][0])
        return "no file name";
    const char *problem = listing_name_problem(line->fields[1]);
    if (!problem && line->count == FIELDS && line->fields[2][0])
        problem = listing_name_problem(line->fields[2]);
    return problem;
}

static int skip_line(struct listing *listing, const char *path, int number, const char *problem)
{
    char *where = text_format("%s:%d", path, number);
    const int status = where ? listing_skip(listing, where, problem) : STATUS_MEMORY;
    free(where);
    return status;
}

static int add_line(struct listing *listing, const char *path, const struct line *line)
{
    const char *slash = strrchr(path, '/');
    const int folder = slash && line->fields[0][0] != '/' ? (int)(slash - path + 1) : 0;
    char *full = text_format("%.*s%s", folder, path, line->fields[0]);
    if (!full)
        return STATUS_MEMORY;
    struct listing_entry entry = {.path = arena_text(listing->arena, full), .split = ""};
    free(full);
    entry.class_name = arena_text(listing->arena, line->fields[1]);
    entry.group = line->count == FIELDS ? arena_text(listing->arena, line->fields[2]) : "";
    if (!entry.path || !entry.class_name || !entry.group)
        return STATUS_MEMORY;
    entry.name = entry.path + folder;
    return listing_add(listing, &entry);
}

static int compare_entries(const void *a, const void *b)
{
    const struct listing_entry *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->class_name, y->class_name);
}

static int read_lines(struct listing *listing, const char *path, char *text)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* some spreadsheets start a UTF-8 file with it */
    char *cursor = text + (strncmp(text, mark, 3) == 0 ? 3 : 0);
    int status = 0;
    for (int number = 1; *cursor && status == 0; number++) {
        struct line line;
        line_next(&line, &cursor);
        if ((number == 1 && is_heading(&line)) || (line.count == 1 && !line.fields[0][0]))
            continue;
        const char *problem = line_problem(&line);
        status = problem ? skip_line(listing, path, number, problem) : add_line(listing, path, &line);
    }
    return status;
}

int csv_read(struct listing *listing, const char *path)
{
    uint8_t *text;
    size_t bytes;
    int status = file_read_all(path, FILE_LIMIT, &text, &bytes);
    if (status < 0)
        return status;
    if (memchr(text, 0, bytes))
        status = error_set(STATUS_INPUT, "%s: not a CSV text: it holds a zero byte", path);
    else
        status = read_lines(listing, path, (char *)text);
    if (status == 0 && listing->count > 0)
        qsort(listing->entries, listing->count, sizeof *listing->entries, compare_entries);
    free(text);
    return status;
}
