/* A confusion matrix as a table: counts and per cent of the row, shaded by the latter. */
#include "report/html.h"
#include "report/html_report.h"

#include <inttypes.h>
#include <stdlib.h>

enum { MATRIX_CLASSES = 16, CONFUSIONS = 12 };

static double share_of(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

static void write_cell(FILE *out, int64_t count, int64_t of, int hit)
{
    fprintf(out, "<td class=\"cell%s\" style=\"--share:%.3f\">%" PRId64 "<small>%.1f&nbsp;%%</small></td>",
            hit ? " hit" : "", share_of(count, of), count, 100 * share_of(count, of));
}

static void write_row(FILE *out, const json_t *row, const int64_t *counts, int classes, int i)
{
    standin_class_confusion of_class;
    standin_confusion_measure_class(counts, classes, i, &of_class);
    fputs("<tr><th scope=\"row\">", out);
    html_format(out, "%d. %s", i + 1, document_class_name(row, i));
    fputs("</th>", out);
    for (int j = 0; j < classes; j++)
        write_cell(out, counts[(int64_t)i * classes + j], of_class.images, i == j);
    fputs("</tr>\n", out);
}

static void write_matrix(FILE *out, const json_t *row, const int64_t *counts, int classes)
{
    const char *title = document_title(row);
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"", out);
    html_format(out, "Confusion matrix: %s", title);
    fputs("\"><table class=\"confusion\">\n<caption>", out);
    html_text(out, title);
    fputs("</caption>\n<thead><tr><td></td>", out);
    for (int j = 0; j < classes; j++) {
        fprintf(out, "<th scope=\"col\"><abbr title=\"");
        html_text(out, document_class_name(row, j));
        fprintf(out, "\">%d.</abbr></th>", j + 1);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int i = 0; i < classes; i++)
        write_row(out, row, counts, classes, i);
    html_table_end(out);
}

struct confusion {
    int64_t count, of;
    int actual, predicted;
};

static int by_count(const void *a, const void *b)
{
    const struct confusion *left = a, *right = b;
    return (left->count < right->count) - (left->count > right->count);
}

/* More classes than a page can show side by side: what is most often taken for what. */
static void write_largest(FILE *out, const json_t *row, const int64_t *counts, int classes)
{
    static const char *const titles[] = {"actual \u2192 taken for", "images", "of the class", NULL};
    struct confusion largest[CONFUSIONS + 1];
    int known = 0;
    for (int i = 0; i < classes; i++) {
        standin_class_confusion of_class;
        standin_confusion_measure_class(counts, classes, i, &of_class);
        for (int j = 0; j < classes; j++) {
            const int64_t count = counts[(int64_t)i * classes + j];
            if (i == j || count == 0)
                continue;
            largest[known++] = (struct confusion){count, of_class.images, i, j};
            qsort(largest, (size_t)known, sizeof *largest, by_count);
            known = known > CONFUSIONS ? CONFUSIONS : known;
        }
    }
    char caption[200];
    snprintf(caption, sizeof caption, "%.100s: %d classes, the most frequent confusions", document_title(row), classes);
    html_table_begin(out, caption, titles);
    for (int i = 0; i < known; i++) {
        char text[NUMBER_FOR_PEOPLE];
        fputs("<tr><th scope=\"row\">", out);
        html_format(out, "%s \u2192 %s", document_class_name(row, largest[i].actual),
                    document_class_name(row, largest[i].predicted));
        fputs("</th>", out);
        html_number_cell(out, count_text(text, (double)largest[i].count), "");
        html_number_cell(out, share_text(text, share_of(largest[i].count, largest[i].of)), "");
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}

void html_confusion(FILE *out, const json_t *row)
{
    int classes;
    int64_t *counts = document_confusion(row, &classes);
    if (counts && classes <= MATRIX_CLASSES)
        write_matrix(out, row, counts, classes);
    else if (counts)
        write_largest(out, row, counts, classes);
    free(counts);
}
