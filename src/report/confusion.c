/* A confusion matrix and its measures as text and as JSON. */
#include "base/error.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <standin/standin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Text ------------------------------------------------------------------------------------------------- */

enum { NAME_MAXIMUM = 24, MATRIX_MAXIMUM = 24 }; /* columns; classes whose matrix people can still read */

static int digits_of(int64_t number)
{
    return snprintf(NULL, 0, "%" PRId64, number);
}

/* Letters, not bytes: UTF-8's bytes after the first of a letter begin with 10. */
static int letters_of(const char *text, int bytes)
{
    int letters = 0;
    for (int i = 0; i < bytes; i++)
        letters += ((unsigned char)text[i] & 0xC0) != 0x80;
    return letters;
}

/* A name may come from a foreign file: no control characters, and cut where it is too long. */
static void write_name(FILE *out, const char *name, int columns)
{
    int letters = 0;
    for (int i = 0; name[i]; i++) {
        const unsigned char byte = (unsigned char)name[i];
        const int begins = (byte & 0xC0) != 0x80;
        if (begins && letters == NAME_MAXIMUM)
            break;
        letters += begins;
        fputc(byte < ' ' || byte == 0x7F ? '?' : byte, out);
    }
    fprintf(out, "%*s", columns > letters ? columns - letters : 0, "");
}

static int name_columns(const char *const *names, int classes)
{
    int longest = (int)strlen("class");
    for (int i = 0; i < classes; i++) {
        const int letters = letters_of(names[i], (int)strlen(names[i]));
        longest = letters > longest ? letters : longest;
    }
    return longest < NAME_MAXIMUM ? longest : NAME_MAXIMUM;
}

static void write_share(FILE *out, double share, int columns)
{
    if (isnan(share))
        fprintf(out, " %*s", columns, "-");
    else
        fprintf(out, " %*.1f", columns, 100 * share);
}

static void write_summary(FILE *out, const int64_t *counts, int classes)
{
    standin_confusion all;
    standin_confusion_measure(counts, classes, &all);
    fprintf(out, "accuracy          ");
    write_share(out, all.accuracy, 5);
    fprintf(out, " %%   (%" PRId64 " of %" PRId64 "; 95 %% interval %.1f to %.1f %%)\n", all.hits, all.images,
            100 * all.accuracy_low, 100 * all.accuracy_high);
    fprintf(out, "balanced accuracy ");
    write_share(out, all.balanced_accuracy, 5);
    fprintf(out, " %%\nmacro F1          ");
    write_share(out, all.macro_f1, 5);
    fprintf(out, " %%\n");
}

static void write_classes(FILE *out, const int64_t *counts, int classes, const char *const *names, int columns)
{
    fprintf(out, "\n%-*s   images  predicted  sensitivity  specificity  precision\n", columns, "class");
    for (int i = 0; i < classes; i++) {
        standin_class_confusion of_class;
        standin_confusion_measure_class(counts, classes, i, &of_class);
        write_name(out, names[i], columns);
        fprintf(out, " %8" PRId64 " %10" PRId64, of_class.images, of_class.predicted);
        write_share(out, of_class.sensitivity, 10);
        fprintf(out, " %%");
        write_share(out, of_class.specificity, 10);
        fprintf(out, " %%");
        write_share(out, of_class.precision, 8);
        fprintf(out, " %%\n");
    }
}

static int64_t largest(const int64_t *counts, int classes)
{
    int64_t most = 0;
    for (int64_t i = 0; i < (int64_t)classes * classes; i++)
        most = counts[i] > most ? counts[i] : most;
    return most;
}

/* Columns carry numbers, because names do not fit above them. */
static void write_matrix(FILE *out, const int64_t *counts, int classes, const char *const *names, int columns)
{
    const int number = digits_of(classes), count = digits_of(largest(counts, classes));
    const int cell = count + (int)strlen(" 100.0 %");
    fprintf(out, "\nactual in rows, predicted in columns; per cent of the row\n%*s", number + 1 + columns, "");
    for (int j = 0; j < classes; j++)
        fprintf(out, "  %*d", cell, j + 1);
    fputc('\n', out);
    for (int i = 0; i < classes; i++) {
        standin_class_confusion of_class;
        standin_confusion_measure_class(counts, classes, i, &of_class);
        fprintf(out, "%*d ", number, i + 1);
        write_name(out, names[i], columns);
        for (int j = 0; j < classes; j++) {
            const int64_t cell_count = counts[(int64_t)i * classes + j];
            fprintf(out, "  %*" PRId64, count, cell_count);
            write_share(out, of_class.images > 0 ? (double)cell_count / (double)of_class.images : NAN, 5);
            fprintf(out, " %%");
        }
        fputc('\n', out);
    }
}

static void write_text(FILE *out, const int64_t *counts, int classes, const char *const *names)
{
    const int columns = name_columns(names, classes);
    write_summary(out, counts, classes);
    write_classes(out, counts, classes, names, columns);
    if (classes <= MATRIX_MAXIMUM)
        write_matrix(out, counts, classes, names, columns);
    else
        fprintf(out, "\n%d classes are too many to print their matrix; as JSON it is complete\n", classes);
}

/* ---- JSON ------------------------------------------------------------------------------------------------- */

static json_t *json_of_number(double number)
{
    return isnan(number) ? json_null() : json_real(number);
}

static json_t *json_of_classes(const int64_t *counts, int classes, const char *const *names)
{
    json_t *list = json_array();
    for (int i = 0; i < classes; i++) {
        standin_class_confusion of_class;
        standin_confusion_measure_class(counts, classes, i, &of_class);
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "name", names[i], "images",
                                              (json_int_t)of_class.images, "predicted", (json_int_t)of_class.predicted,
                                              "hits", (json_int_t)of_class.hits, "sensitivity",
                                              json_of_number(of_class.sensitivity), "specificity",
                                              json_of_number(of_class.specificity), "precision",
                                              json_of_number(of_class.precision), "f1", json_of_number(of_class.f1)));
    }
    return list;
}

static json_t *json_of_matrix(const int64_t *counts, int classes)
{
    json_t *rows = json_array();
    for (int i = 0; i < classes; i++) {
        json_t *row = json_array();
        for (int j = 0; j < classes; j++)
            json_array_append_new(row, json_integer(counts[(int64_t)i * classes + j]));
        json_array_append_new(rows, row);
    }
    return rows;
}

/* NULL if memory is out, or a name is not UTF-8. */
static char *make_json(const int64_t *counts, int classes, const char *const *names)
{
    standin_confusion all;
    standin_confusion_measure(counts, classes, &all);
    json_t *object = json_pack(
        "{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "images", (json_int_t)all.images, "hits", (json_int_t)all.hits,
        "accuracy", json_of_number(all.accuracy), "accuracy_low", json_of_number(all.accuracy_low), "accuracy_high",
        json_of_number(all.accuracy_high), "balanced_accuracy", json_of_number(all.balanced_accuracy), "macro_f1",
        json_of_number(all.macro_f1), "classes", json_of_classes(counts, classes, names), "matrix",
        json_of_matrix(counts, classes));
    char *text = object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(object);
    return text;
}

int standin_confusion_text(char **out, const int64_t *counts, int classes, const char *const *names, int json)
{
    *out = NULL;
    if (json) {
        char *text = make_json(counts, classes, names);
        const int length = text ? asprintf(out, "%s\n", text) : -1;
        free(text);
        if (length < 0)
            *out = NULL;
    } else {
        size_t bytes;
        FILE *stream = open_memstream(out, &bytes);
        if (stream) {
            write_text(stream, counts, classes, names);
            fclose(stream);
        }
    }
    if (*out)
        return 0;
    return error_set(STATUS_FAILED, "no text for %d classes: a name that is not UTF-8, or out of memory", classes);
}
