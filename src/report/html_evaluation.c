/* The report's measures of images, sets and privacy; the worst class; a selection. */
#include "report/html.h"
#include "report/html_report.h"

#include <math.h>
#include <string.h>

static const char *direction(const char *better)
{
    if (strcmp(better, "higher") == 0)
        return "higher is better";
    if (strcmp(better, "lower") == 0)
        return "lower is better";
    return strcmp(better, "equal") == 0 ? "nearer to real is better" : "";
}

/* What a measure says beside its numbers, as one line. */
static void write_note(FILE *out, const struct measure_text *text)
{
    char chance[NUMBER_FOR_PEOPLE + 16] = "", note[1024] = "";
    const char *part[] = {direction(text->better), chance, text->repeated, text->note};
    if (text->chance[0])
        snprintf(chance, sizeof chance, "chance %s", text->chance);
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        const size_t length = strlen(note);
        if (part[i][0])
            snprintf(note + length, sizeof note - length, "%s%s", length ? " \u00b7 " : "", part[i]);
    }
    if (note[0])
        html_table_note(out, 4, note);
}

static void write_measure(FILE *out, const json_t *measure)
{
    struct measure_text text;
    measure_text(&text, measure);
    fputs("<tr>", out);
    html_row_header(out, text.title);
    if (text.refused) {
        fputs("<td colspan=\"3\" class=\"refused\">not measured: ", out);
        html_text(out, text.refused);
        fputs("</td></tr>\n", out);
    } else {
        html_number_cell(out, text.value, text.interval);
        html_number_cell(out, text.twin, text.twin_interval);
        html_number_cell(out, text.ratio, "");
        fputs("</tr>\n", out);
    }
    write_note(out, &text);
}

static void write_measures(FILE *out, const char *caption, const json_t *measures)
{
    static const char *const titles[] = {"measure", "value", "real | real", "ratio", NULL};
    if (json_array_size(measures) == 0)
        return;
    html_table_begin(out, caption, titles);
    for (size_t i = 0; i < json_array_size(measures); i++)
        write_measure(out, json_array_get(measures, i));
    html_table_end(out);
}

static void write_copies(FILE *out, const json_t *copies)
{
    char train[NUMBER_FOR_PEOPLE], holdout[NUMBER_FOR_PEOPLE];
    const double of_train = document_number(copies, "train"), of_holdout = document_number(copies, "holdout");
    if (isnan(of_train) && isnan(of_holdout))
        return;
    fputs("<p>", out);
    html_format(out, "Near-duplicates: %s of training images, %s of holdout images, which nobody trained on.",
                count_text(train, of_train), count_text(holdout, of_holdout));
    fputs("</p>\n", out);
}

static void write_controls(FILE *out, const json_t *controls)
{
    static const char *const titles[] = {"control", "value", "expected", "passed", NULL};
    if (json_array_size(controls) == 0)
        return;
    html_table_begin(out, "Controls: does the audit see what it must see?", titles);
    for (size_t i = 0; i < json_array_size(controls); i++) {
        const json_t *one = json_array_get(controls, i), *passed = json_object_get(one, "passed");
        const char *expected = document_text(one, "expected");
        char text[NUMBER_FOR_PEOPLE];
        fputs("<tr>", out);
        html_row_header(out, document_title(one));
        html_number_cell(out, short_text(text, document_number(one, "value")), "");
        html_number_cell(out, expected ? expected : short_text(text, document_number(one, "expected")), "");
        html_number_cell(out, json_is_true(passed) ? "yes" : json_is_false(passed) ? "no" : "-", "");
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}

static void write_privacy(struct html_page *page, const json_t *document)
{
    const char *verdict = document_text(document, "verdict");
    if (!verdict && json_array_size(document_array(document, "privacy")) == 0)
        return;
    html_section_begin(page, "privacy", "Privacy: do the synthetic images give training images away?");
    if (verdict) {
        static const char *const mark[] = {"plain", "good", "doubtful", "bad", "doubtful"};
        fprintf(page->out, "<p class=\"leak %s\">", mark[document_leak(document)]);
        html_text(page->out, verdict);
        fputs("</p>\n", page->out);
    }
    html_sentences(page->out, document_array(document, "verdict_reasons"));
    write_measures(page->out, NULL, document_array(document, "privacy"));
    write_copies(page->out, json_object_get(document, "copies"));
    write_controls(page->out, document_array(document, "controls"));
    html_paragraph(page->out, "key",
                   "Nothing found is no proof: an audit of a few hundred images can only see leaks of a certain size.");
    html_section_end(page);
}

static void write_classes(FILE *out, const json_t *classes)
{
    static const char *const titles[] = {"class", "real", "synthetic", "coverage", "precision", "nearest training SSIM",
                                         NULL};
    static const char *const key[] = {"coverage", "precision", "ssim_nearest_train"};
    if (json_array_size(classes) == 0)
        return;
    html_table_begin(out, "Class by class", titles);
    for (size_t i = 0; i < json_array_size(classes); i++) {
        const json_t *one = json_array_get(classes, i);
        char text[NUMBER_FOR_PEOPLE];
        fputs("<tr>", out);
        html_row_header(out, document_title(one));
        html_number_cell(out, count_text(text, document_number(one, "real")), "");
        html_number_cell(out, count_text(text, document_number(one, "synthetic")), "");
        for (size_t k = 0; k < sizeof key / sizeof *key; k++)
            html_number_cell(out, decimal_text(text, document_number(one, key[k]), 3), "");
        fputs("</tr>\n", out);
    }
    html_table_end(out);
}

void html_evaluation(struct html_page *page, const json_t *document)
{
    const json_t *image = document_array(document, "image"), *set = document_array(document, "set");
    const json_t *classes = document_array(document, "classes");
    if (json_array_size(image) + json_array_size(set) + json_array_size(classes) > 0) {
        html_section_begin(page, "measures", "Measures of images and sets");
        html_paragraph(page->out, "",
                       "Each value stands beside its twin, the same measured between real images and other real images "
                       "of the same numbers. Ratio: value / twin.");
        write_measures(page->out, "Images", image);
        write_measures(page->out, "Sets", set);
        write_classes(page->out, classes);
        html_section_end(page);
    }
    write_privacy(page, document);
}

static const json_t *class_rows(const json_t *utility, const char *row)
{
    return document_array(document_find(document_array(utility, "rows"), "name", row), "classes");
}

/* Of at least two classes the one that classifiers of synthetic images find least often; NULL if that is not known. */
static const json_t *least_found(const json_t *classes)
{
    const json_t *worst = NULL;
    for (size_t i = 0; json_array_size(classes) > 1 && i < json_array_size(classes); i++) {
        const json_t *one = json_array_get(classes, i);
        const double sensitivity = document_number(one, "sensitivity");
        if (document_text(one, "name") && sensitivity >= 0 &&
            !(worst && document_number(worst, "sensitivity") <= sensitivity))
            worst = one;
    }
    return worst;
}

static void write_sensitivity(FILE *out, const json_t *tstr, const json_t *trtr)
{
    char sensitivity[2][NUMBER_FOR_PEOPLE];
    fputs("<p>", out);
    html_format(out, "A classifier that saw only synthetic images finds %s of its real test images%s%s.",
                share_text(sensitivity[0], document_number(tstr, "sensitivity")),
                trtr ? ", one that saw real images " : "",
                trtr ? share_text(sensitivity[1], document_number(trtr, "sensitivity")) : "");
    fputs("</p>\n", out);
}

/* Small sets have no coverage to choose by: then what classifiers learned of the classes says which is the worst. */
void html_worst_class(struct html_page *page, const json_t *evaluation, const json_t *utility)
{
    const char *worst = document_text(evaluation, "worst"), *reason = document_text(evaluation, "worst_reason");
    if (!worst) {
        worst = document_text(least_found(class_rows(utility, "tstr")), "name");
        reason = "Of all classes the one of which least was learned from synthetic images.";
    }
    if (!worst)
        return;
    const json_t *tstr = document_find(class_rows(utility, "tstr"), "name", worst);
    html_section_begin(page, "worst", "The worst class");
    html_paragraph(page->out, "lead", worst);
    if (reason)
        html_paragraph(page->out, "", reason);
    if (tstr)
        write_sensitivity(page->out, tstr, document_find(class_rows(utility, "trtr"), "name", worst));
    html_section_end(page);
}

/* What choosing changed: each measure before and after, beside its twin. */
static void write_change(FILE *out, const json_t *before, const json_t *after)
{
    struct measure_text was, is;
    measure_text(&was, before);
    measure_text(&is, after);
    fputs("<tr>", out);
    html_row_header(out, is.title);
    html_number_cell(out, was.value, was.interval);
    html_number_cell(out, is.value, is.interval);
    html_number_cell(out, is.twin, is.twin_interval);
    fputs("</tr>\n", out);
    if (is.refused)
        html_table_note(out, 4, is.refused);
    write_note(out, &is);
}

void html_selection(struct html_page *page, const json_t *document)
{
    static const char *const titles[] = {"measure", "before", "after", "real | real", NULL};
    const char *by = document_text(document, "by");
    const json_t *before = document_array(document, "before"), *after = document_array(document, "after");
    char kept[NUMBER_FOR_PEOPLE], rejected[NUMBER_FOR_PEOPLE];
    html_section_begin(page, "selection", "Selection");
    fputs("<p>", page->out);
    html_format(page->out, "%s images were kept, %s rejected%s%s.", count_text(kept, document_number(document, "kept")),
                count_text(rejected, document_number(document, "rejected")), by ? ", chosen by " : "", by ? by : "");
    fputs("</p>\n", page->out);
    if (json_array_size(after) > 0) {
        html_table_begin(page->out, NULL, titles);
        for (size_t i = 0; i < json_array_size(after); i++) {
            const json_t *one = json_array_get(after, i);
            const char *name = document_text(one, "name");
            write_change(page->out, name ? document_find(before, "name", name) : NULL, one);
        }
        html_table_end(page->out);
    }
    html_section_end(page);
}
