/* The report's studies: what synthetic images are worth to a classifier. */
#include "report/html.h"
#include "report/html_report.h"
#include "report/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_synthetic(const json_t *row)
{
    static const char *const names[] = {"tstr", "tstr_classic", "gan", "classic_gan", "trtr_s"};
    const char *name = document_text(row, "name");
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void write_share_cell(FILE *out, const json_t *row, double chance)
{
    const struct interval interval = document_interval(row, "interval");
    fputs("<td class=\"share\">", out);
    plot_share(out, document_number(row, "accuracy"), interval.low, interval.high, chance,
               is_synthetic(row) ? PLOT_SYNTHETIC : PLOT_REAL);
    fputs("</td>", out);
}

static void write_row(FILE *out, const json_t *row, bool augmentation, double chance)
{
    char text[NUMBER_FOR_PEOPLE], interval[2 * NUMBER_FOR_PEOPLE];
    const char *trained = document_text(row, "trained_on"), *tested = document_text(row, "tested_on");
    const char *name = document_text(row, "name");
    fprintf(out, "<tr%s><th scope=\"row\">", name && strcmp(name, "tstr") == 0 ? " class=\"headline\"" : "");
    html_text(out, document_title(row));
    if (trained || tested) {
        fputs("<small>", out);
        html_format(out, "%s%s%s", trained ? trained : "", trained && tested ? " \u2192 " : "", tested ? tested : "");
        fputs("</small>", out);
    }
    fputs("</th>", out);
    html_number_cell(out, share_text(text, document_number(row, "accuracy")),
                     share_interval_text(interval, document_interval(row, "interval")));
    write_share_cell(out, row, chance);
    if (augmentation)
        html_number_cell(out, count_text(text, document_number(row, "synthetic")), "");
    html_number_cell(out, count_text(text, document_number(row, "images")), "");
    html_number_cell(out, share_text(text, document_number(row, "balanced_accuracy")), "");
    html_number_cell(out, share_text(text, document_number(row, "macro_f1")), "");
    fputs("</tr>\n", out);
}

static void write_rows(FILE *out, const json_t *document, bool augmentation)
{
    static const char *const utility[] = {"classifier", "accuracy", "", "images", "balanced", "macro F1", NULL};
    static const char *const arms[] = {"classifier", "accuracy", "",         "synthetic added",
                                       "images",     "balanced", "macro F1", NULL};
    const json_t *rows = document_array(document, "rows");
    const double chance = document_number(document_find(rows, "name", "chance"), "accuracy");
    html_table_begin(out, NULL, augmentation ? arms : utility);
    for (size_t i = 0; i < json_array_size(rows); i++)
        write_row(out, json_array_get(rows, i), augmentation, chance);
    html_table_end(out);
    html_paragraph(
        out, "key",
        isnan(chance)
            ? "Below each accuracy its 95 % interval in per cent; the lines reach from 0 to 100 %."
            : "Below each accuracy its 95 % interval in per cent; the lines reach from 0 to 100 %, dotted: chance.");
}

static void write_comparison(FILE *out, const json_t *one, const json_t *rows)
{
    char text[NUMBER_FOR_PEOPLE], interval[2 * NUMBER_FOR_PEOPLE];
    const char *name[2] = {document_text(one, "a"), document_text(one, "b")},
               *sentence = document_text(one, "sentence");
    for (int k = 0; k < 2; k++) {
        const json_t *row = name[k] ? document_find(rows, "name", name[k]) : NULL;
        name[k] = row ? document_title(row) : name[k] ? name[k] : "?";
    }
    fputs("<tr><th scope=\"row\">", out);
    html_format(out, "%s \u2212 %s", name[0], name[1]);
    fputs("</th>", out);
    html_number_cell(out, points_text(text, document_number(one, "difference")),
                     share_interval_text(interval, document_interval(one, "interval")));
    html_number_cell(out, probability_text(text, document_number(one, "mcnemar")), "");
    fputs("</tr>\n", out);
    if (sentence)
        html_table_note(out, 3, sentence);
}

static void write_comparisons(FILE *out, const json_t *document)
{
    static const char *const titles[] = {"difference", "points", "McNemar p", NULL};
    const json_t *comparisons = document_array(document, "comparisons");
    if (json_array_size(comparisons) == 0)
        return;
    fputs("<h3>Differences</h3>\n", out);
    html_table_begin(out, NULL, titles);
    for (size_t i = 0; i < json_array_size(comparisons); i++)
        write_comparison(out, json_array_get(comparisons, i), document_array(document, "rows"));
    html_table_end(out);
    html_paragraph(out, "key",
                   "In points of accuracy, with the 95 % interval of a paired bootstrap; p by McNemar's exact test.");
}

static void write_class_rows(FILE *out, const json_t *row)
{
    static const char *const titles[] = {"class", "sensitivity", "specificity", "precision", "F1", NULL};
    static const char *const key[] = {"sensitivity", "specificity", "precision", "f1"};
    const json_t *classes = document_array(row, "classes");
    if (json_array_size(classes) == 0)
        return;
    html_table_begin(out, document_title(row), titles);
    for (size_t i = 0; i < json_array_size(classes); i++) {
        const json_t *one = json_array_get(classes, i);
        char text[NUMBER_FOR_PEOPLE];
        fputs("<tr>", out);
        html_row_header(out, document_title(one));
        for (size_t k = 0; k < sizeof key / sizeof *key; k++)
            html_number_cell(out, share_text(text, document_number(one, key[k])), "");
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}

static bool has_matrix(const json_t *row)
{
    int classes;
    int64_t *counts = document_confusion(row, &classes);
    free(counts);
    return counts != NULL;
}

/* The rows that the verdict compares first; the others' numbers are in the document. */
static void write_confusions(struct html_page *page, const json_t *document)
{
    static const char *const names[] = {"trtr", "tstr", "trtr_s"};
    enum { NAMES = sizeof names / sizeof *names };
    const json_t *row[NAMES];
    bool any = false;
    for (int i = 0; i < NAMES; i++) {
        row[i] = document_find(document_array(document, "rows"), "name", names[i]);
        any = any || has_matrix(row[i]);
    }
    if (!any)
        return;
    html_section_begin(page, "confusion", "Confusion matrices");
    html_paragraph(page->out, "key",
                   "Rows: the actual class; columns, by their numbers: what the classifier said. Counts over all "
                   "trainings, and per cent of the row.");
    for (int i = 0; i < NAMES; i++)
        if (row[i])
            html_confusion(page->out, row[i]);
    fputs("<h3>Class by class</h3>\n", page->out);
    for (int i = 0; i < 2; i++)
        if (row[i])
            write_class_rows(page->out, row[i]);
    html_section_end(page);
}

void html_utility(struct html_page *page, const json_t *document)
{
    char text[NUMBER_FOR_PEOPLE];
    const double seeds = document_number(document, "seeds"), steps = document_number(document, "steps");
    html_section_begin(page, "utility", "What the synthetic images are worth");
    write_rows(page->out, document, false);
    if (!isnan(seeds) && !isnan(steps)) {
        fputs("<p class=\"key\">", page->out);
        html_format(page->out,
                    seeds == 1 ? "%.0f training of each classifier, " : "%.0f trainings of each classifier, ", seeds);
        html_format(page->out, "%s steps each.", count_text(text, steps));
        fputs("</p>\n", page->out);
    }
    html_worth(page, document);
    write_comparisons(page->out, document);
    html_section_end(page);
    write_confusions(page, document);
}

void html_augmentation(struct html_page *page, const json_t *document)
{
    char real[NUMBER_FOR_PEOPLE], folds[NUMBER_FOR_PEOPLE];
    const char *verdict = document_text(document, "verdict");
    const double saturates = document_number(document, "saturates_at");
    html_section_begin(page, "augmentation", "Synthetic images as augmentation");
    if (verdict)
        html_paragraph(page->out, "lead", verdict);
    write_rows(page->out, document, true);
    fputs("<p>", page->out);
    html_format(page->out, "%s real images in %s folds.", count_text(real, document_number(document, "real")),
                count_text(folds, document_number(document, "folds")));
    if (!isnan(saturates))
        html_format(page->out, " More than %s synthetic images add nothing.", count_text(real, saturates));
    fputs("</p>\n", page->out);
    write_comparisons(page->out, document);
    html_section_end(page);
}
