/* The studies as text: utility, augmentation, and what would be needed. */
#include "report/document_text.h"

#include "report/document_text_table.h"

#include <math.h>
#include <stdlib.h>
#include <standin/standin.h>
#include <string.h>

static void header(struct text_table *table, const char *const *titles)
{
    for (int i = 0; titles[i]; i++)
        text_table_cell(table, titles[i]);
}

static int write_rows(FILE *out, const json_t *rows, bool augmentation)
{
    static const char *const utility_titles[] = {"classifier", "trained on", "images",   "accuracy",
                                                 "95 %",       "balanced",   "macro F1", NULL};
    static const char *const augmentation_titles[] = {"classifier", "synthetic added", "images",   "accuracy",
                                                      "95 %",       "balanced",        "macro F1", NULL};
    struct text_table table;
    text_table_begin(&table, augmentation ? "lrrrrrr" : "llrrrrr");
    header(&table, augmentation ? augmentation_titles : utility_titles);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *trained_on = document_text(row, "trained_on");
        char text[2 * NUMBER_FOR_PEOPLE];
        text_table_cell(&table, document_title(row));
        text_table_cell(&table, augmentation ? count_text(text, document_number(row, "synthetic"))
                                : trained_on ? trained_on
                                             : "");
        text_table_cell(&table, count_text(text, document_number(row, "images")));
        text_table_cell(&table, share_text(text, document_number(row, "accuracy")));
        text_table_cell(&table, share_interval_text(text, document_interval(row, "interval")));
        text_table_cell(&table, share_text(text, document_number(row, "balanced_accuracy")));
        text_table_cell(&table, share_text(text, document_number(row, "macro_f1")));
    }
    return text_table_end(&table, out);
}

static void write_comparisons(FILE *out, const json_t *document)
{
    const json_t *comparisons = document_array(document, "comparisons");
    const json_t *rows = document_array(document, "rows");
    if (json_array_size(comparisons) > 0)
        fputs("\nDifferences in points of accuracy, paired bootstrap; p by the exact test of McNemar\n", out);
    for (size_t i = 0; i < json_array_size(comparisons); i++) {
        const json_t *one = json_array_get(comparisons, i);
        const char *name[2] = {document_text(one, "a"), document_text(one, "b")},
                   *sentence = document_text(one, "sentence");
        char difference[NUMBER_FOR_PEOPLE], range[2 * NUMBER_FOR_PEOPLE], p[NUMBER_FOR_PEOPLE], line[512];
        for (int k = 0; k < 2; k++) {
            const json_t *row = name[k] ? document_find(rows, "name", name[k]) : NULL;
            name[k] = row ? document_title(row) : name[k] ? name[k] : "?";
        }
        probability_text(p, document_number(one, "mcnemar"));
        share_interval_text(range, document_interval(one, "interval"));
        snprintf(line, sizeof line, "%.100s - %.100s: %s%s%s%s, p %s%s%s%.200s", name[0], name[1],
                 points_text(difference, document_number(one, "difference")), range[0] ? " (" : "", range,
                 range[0] ? ")" : "", p[0] == '<' ? "" : "= ", p, sentence ? ". " : "", sentence ? sentence : "");
        text_wrap(out, "  ", line);
    }
}

/* The rows whose confusion is worth a matrix: what the report is about. */
static int write_confusion(FILE *out, const json_t *row)
{
    int classes, status = 0;
    int64_t *counts = document_confusion(row, &classes);
    const char **names = counts ? calloc((size_t)classes, sizeof *names) : NULL;
    if (names) {
        char *text = NULL;
        for (int i = 0; i < classes; i++)
            names[i] = document_class_name(row, i);
        status = standin_confusion_text(&text, counts, classes, names, 0);
        const char *matrix = text ? strstr(text, "\nactual in rows") : NULL;
        const char *end = matrix ? strchr(matrix + 1, '\n') : NULL;
        /* Only where it fits; the columns of one line are those of all. */
        const char *second = end ? strchr(end + 1, '\n') : NULL;
        if (second && second - end <= TEXT_WIDTH + 1) {
            text_wrap(out, "\n", document_title(row));
            fputs(matrix + 1, out);
        }
        standin_text_free(text);
    }
    free(names);
    free(counts);
    return status;
}

static void write_effective_size(FILE *out, const json_t *measure)
{
    struct measure_text text;
    char images[NUMBER_FOR_PEOPLE];
    if (!measure)
        return;
    measure_text(&text, measure);
    fprintf(out, "\nEffective real size: ");
    if (text.refused)
        text_wrap(out, "refused: ", text.refused);
    else
        fprintf(out, "%s real images%s%s%s\n", count_text(images, document_number(measure, "value")),
                text.interval[0] ? " (95 %: " : "", text.interval, text.interval[0] ? ")" : "");
    if (text.note[0])
        text_wrap(out, "    ", text.note);
}

/* What a class is found by, and how often it is not said where it is not, by classifiers of real and of synthetic
 * images. */
static int write_classes(FILE *out, const json_t *real, const json_t *synthetic)
{
    static const char *const keys[] = {"sensitivity", "specificity"};
    const json_t *classes = document_array(synthetic, "classes");
    struct text_table table;
    if (json_array_size(classes) == 0)
        return 0;
    fputs("\nOf each class: found where it is (sensitivity), not said where it is not (specificity)\n", out);
    text_table_begin(&table, "lrrrr");
    header(&table, (const char *const[]){"class", "TRTR sens.", "spec.", "TSTR sens.", "spec.", NULL});
    for (size_t i = 0; i < json_array_size(classes); i++) {
        const json_t *of_synthetic = json_array_get(classes, i);
        const char *name = document_text(of_synthetic, "name");
        const json_t *of_real = name ? document_find(document_array(real, "classes"), "name", name) : NULL;
        char text[NUMBER_FOR_PEOPLE];
        text_table_cell(&table, name ? name : "?");
        for (int k = 0; k < 4; k++)
            text_table_cell(&table, share_text(text, document_number(k < 2 ? of_real : of_synthetic, keys[k % 2])));
    }
    return text_table_end(&table, out);
}

int document_text_utility(FILE *out, const json_t *document)
{
    const json_t *rows = document_array(document, "rows");
    const json_t *real = document_find(rows, "name", "trtr"), *synthetic = document_find(rows, "name", "tstr");
    int status = write_rows(out, rows, false);
    write_comparisons(out, document);
    write_effective_size(out, json_object_get(document, "effective_real_size"));
    if (status == 0)
        status = write_classes(out, real, synthetic);
    if (status == 0 && real)
        status = write_confusion(out, real);
    if (status == 0 && synthetic)
        status = write_confusion(out, synthetic);
    return status;
}

int document_text_augmentation(FILE *out, const json_t *document)
{
    char count[NUMBER_FOR_PEOPLE];
    const char *verdict = document_text(document, "verdict");
    const double saturates = document_number(document, "saturates_at");
    const double real = document_number(document, "real"), folds = document_number(document, "folds");
    if (verdict)
        text_wrap(out, "", verdict);
    if (!isnan(real))
        fprintf(out, "%s real images", count_text(count, real));
    if (!isnan(folds))
        fprintf(out, "%s folds", !isnan(real) ? ", " : ""), fprintf(out, " %s", count_text(count, folds));
    fputs("\n\n", out);
    const int status = write_rows(out, document_array(document, "rows"), true);
    write_comparisons(out, document);
    if (!isnan(saturates))
        fprintf(out, "\nMore than %s synthetic images add nothing.\n", count_text(count, saturates));
    return status;
}

static int write_curve(FILE *out, const char *heading, const json_t *curve)
{
    struct text_table table;
    static const char *const titles[] = {"images", "accuracy", "95 %", NULL};
    if (json_array_size(curve) == 0)
        return 0;
    fprintf(out, "\n%s\n", heading);
    text_table_begin(&table, "rrr");
    header(&table, titles);
    for (size_t i = 0; i < json_array_size(curve); i++) {
        const json_t *point = json_array_get(curve, i);
        char text[2 * NUMBER_FOR_PEOPLE];
        text_table_cell(&table, count_text(text, document_number(point, "images")));
        text_table_cell(&table, share_text(text, document_number(point, "accuracy")));
        text_table_cell(&table, share_interval_text(text, document_interval(point, "interval")));
    }
    return text_table_end(&table, out);
}

int document_text_estimate(FILE *out, const json_t *document)
{
    static const struct {
        const char *key, *label;
    } answer[] = {
        {"how_many", "How many images: "}, {"how_long", "How long:        "}, {"how_much_memory", "How much memory: "}};
    for (size_t i = 0; i < sizeof answer / sizeof *answer; i++) {
        const char *sentence = document_text(json_object_get(document, answer[i].key), "sentence");
        if (sentence)
            text_wrap(out, answer[i].label, sentence);
    }
    const int status = write_curve(out, "Trained on real images", document_array(document, "curve"));
    return status == 0 ? write_curve(out, "Trained on synthetic images", document_array(document, "synthetic_curve"))
                       : status;
}
