/* Documents as text for a terminal. What a document says is in document.h; this file lays it out. */
#include "report/document_text.h"

#include "base/error.h"
#include "report/document_text_table.h"

#include <locale.h>
#include <math.h>
#include <standin/standin.h>
#include <stdlib.h>
#include <string.h>

static const char *direction(const char *better)
{
    return strcmp(better, "equal") == 0 ? "near twin" : better;
}

static void write_measure(struct text_table *table, const json_t *measure)
{
    struct measure_text text;
    measure_text(&text, measure);
    text_table_cell(table, text.title);
    text_table_cell(table, text.refused ? "refused" : text.value);
    text_table_cell(table, text.interval);
    text_table_cell(table, text.twin);
    text_table_cell(table, text.twin_interval);
    text_table_cell(table, text.ratio);
    text_table_cell(table, direction(text.better));
    if (text.refused)
        text_table_note(table, text.refused);
    char note[1024] = "";
    snprintf(note, sizeof note, "%s%s%s%s%s%s", text.chance[0] ? "chance " : "", text.chance,
             text.chance[0] && (text.repeated[0] || text.note[0]) ? "; " : "", text.repeated,
             text.repeated[0] && text.note[0] ? "; " : "", text.note);
    if (note[0])
        text_table_note(table, note);
}

int document_text_measures(FILE *out, const char *heading, const json_t *measures)
{
    struct text_table table;
    static const char *const titles[] = {"value", "95 %", "real | real", "95 %", "ratio", "better", NULL};
    if (json_array_size(measures) == 0)
        return 0;
    fputc('\n', out);
    text_table_begin(&table, "lrrrrrl");
    text_table_cell(&table, heading);
    for (int i = 0; titles[i]; i++)
        text_table_cell(&table, titles[i]);
    for (size_t i = 0; i < json_array_size(measures); i++)
        write_measure(&table, json_array_get(measures, i));
    return text_table_end(&table, out);
}

static void write_list(FILE *out, const char *heading, const json_t *sentences)
{
    if (json_array_size(sentences) > 0)
        fputs(heading, out);
    for (size_t i = 0; i < json_array_size(sentences); i++) {
        const char *sentence = json_string_value(json_array_get(sentences, i));
        if (sentence)
            text_wrap(out, "  - ", sentence);
    }
}

static int write_classes(FILE *out, const json_t *classes)
{
    struct text_table table;
    static const char *const titles[] = {"class", "real", "synthetic", "coverage", "precision", "nearest training SSIM",
                                         NULL};
    if (json_array_size(classes) == 0)
        return 0;
    fputc('\n', out);
    text_table_begin(&table, "lrrrrr");
    for (int i = 0; titles[i]; i++)
        text_table_cell(&table, titles[i]);
    for (size_t i = 0; i < json_array_size(classes); i++) {
        static const char *const key[] = {"coverage", "precision", "ssim_nearest_train"};
        const json_t *one = json_array_get(classes, i);
        char text[NUMBER_FOR_PEOPLE];
        text_table_cell(&table, document_title(one));
        text_table_cell(&table, count_text(text, document_number(one, "real")));
        text_table_cell(&table, count_text(text, document_number(one, "synthetic")));
        for (size_t k = 0; k < sizeof key / sizeof *key; k++)
            text_table_cell(&table, decimal_text(text, document_number(one, key[k]), 3));
    }
    return text_table_end(&table, out);
}

static int write_controls(FILE *out, const json_t *controls)
{
    struct text_table table;
    static const char *const titles[] = {"control of the audit", "value", "expected", "passed", NULL};
    if (json_array_size(controls) == 0)
        return 0;
    fputc('\n', out);
    text_table_begin(&table, "lrll");
    for (int i = 0; titles[i]; i++)
        text_table_cell(&table, titles[i]);
    for (size_t i = 0; i < json_array_size(controls); i++) {
        const json_t *one = json_array_get(controls, i), *passed = json_object_get(one, "passed");
        const char *expected = document_text(one, "expected");
        char text[NUMBER_FOR_PEOPLE];
        text_table_cell(&table, document_title(one));
        text_table_cell(&table, short_text(text, document_number(one, "value")));
        text_table_cell(&table, expected ? expected : short_text(text, document_number(one, "expected")));
        text_table_cell(&table, json_is_true(passed) ? "yes" : json_is_false(passed) ? "NO" : "");
    }
    return text_table_end(&table, out);
}

static int write_evaluation(FILE *out, const json_t *document)
{
    const char *verdict = document_text(document, "verdict"), *worst = document_text(document, "worst");
    const char *reason = document_text(document, "worst_reason");
    const json_t *copies = json_object_get(document, "copies");
    int status = document_text_measures(out, "image measures", document_array(document, "image"));
    if (status == 0)
        status = document_text_measures(out, "set measures", document_array(document, "set"));
    if (status == 0)
        status = write_classes(out, document_array(document, "classes"));
    if (worst) {
        fputc('\n', out);
        text_wrap(out, "worst class: ", worst);
        if (reason)
            text_wrap(out, "    ", reason);
    }
    if (status == 0)
        status = document_text_measures(out, "privacy", document_array(document, "privacy"));
    char train[NUMBER_FOR_PEOPLE], holdout[NUMBER_FOR_PEOPLE];
    if (json_is_object(copies))
        fprintf(out, "\nnear-duplicates of training images: %s; of holdout images: %s\n",
                count_text(train, document_number(copies, "train")),
                count_text(holdout, document_number(copies, "holdout")));
    if (status == 0)
        status = write_controls(out, document_array(document, "controls"));
    if (verdict) {
        fputc('\n', out);
        text_wrap(out, "privacy: ", verdict);
    }
    write_list(out, "", document_array(document, "verdict_reasons"));
    return status;
}

static int write_selection(FILE *out, const json_t *document)
{
    const char *by = document_text(document, "by");
    char kept[NUMBER_FOR_PEOPLE], rejected[NUMBER_FOR_PEOPLE];
    fprintf(out, "kept %s, rejected %s", count_text(kept, document_number(document, "kept")),
            count_text(rejected, document_number(document, "rejected")));
    text_wrap(out, by ? ", by " : "", by ? by : "");
    const int status = document_text_measures(out, "before", document_array(document, "before"));
    return status == 0 ? document_text_measures(out, "after", document_array(document, "after")) : status;
}

static int write_sets(FILE *out, const json_t *sets)
{
    struct text_table table;
    const char *role;
    json_t *set;
    text_table_begin(&table, "lrrrl");
    json_object_foreach((json_t *)(uintptr_t)sets, role, set)
    { /* the macro's iterator only reads */
        const char *path = document_text(set, "path"), *hash = document_text(set, "hash");
        char text[3 * NUMBER_FOR_PEOPLE], width[NUMBER_FOR_PEOPLE], height[NUMBER_FOR_PEOPLE],
            number[NUMBER_FOR_PEOPLE];
        text_table_cell(&table, role);
        snprintf(text, sizeof text, "%s images", count_text(number, document_number(set, "images")));
        text_table_cell(&table, text);
        snprintf(text, sizeof text, "%s classes", count_text(number, document_number(set, "classes")));
        text_table_cell(&table, text);
        snprintf(text, sizeof text, "%s x %s", count_text(width, document_number(set, "width")),
                 count_text(height, document_number(set, "height")));
        text_table_cell(&table, text);
        snprintf(text, sizeof text, "%.12s%s", hash ? hash : "", hash ? "..." : "");
        text_table_cell(&table, text);
        if (path)
            text_table_note(&table, path);
    }
    return text_table_end(&table, out);
}

static int write_document(FILE *out, const json_t *document, enum document_kind kind)
{
    static const char *const heading[] = {"Evaluation", "Utility study", "Augmentation study", "Estimate", "Selection", "The whole job"};
    static int (*const write_body[])(FILE *, const json_t *) = {
        write_evaluation, document_text_utility, document_text_augmentation, document_text_estimate, write_selection};
    const char *version = document_text(document, "version");
    char seconds[NUMBER_FOR_PEOPLE], seed[NUMBER_FOR_PEOPLE];
    int status = 0;
    char *verdict = document_verdict(&status, kind == DOCUMENT_UTILITY ? document : NULL, NULL);
    fprintf(out, "%s, seed %s, %s, standin %.20s\n", heading[kind], seed_text(seed, document),
            seconds_text(seconds, document_number(document, "seconds")), version ? version : "-");
    if (verdict)
        text_wrap(out, "", verdict);
    free(verdict);
    if (kind == DOCUMENT_MAKE) /* what it holds follows */
        return status;
    if (status == 0)
        status = write_sets(out, json_object_get(document, "sets"));
    fputc('\n', out);
    if (status == 0)
        status = write_body[kind](out, document);
    write_list(out, "\nNot known:\n", document_array(document, "unknown"));
    return status;
}

static int write_all(FILE *out, const struct document_list *list)
{
    int status = 0;
    for (int i = 0; status == 0 && i < list->count; i++) {
        if (i > 0)
            fputc('\n', out);
        status = write_document(out, list->documents[i].json, list->documents[i].kind);
    }
    return status;
}

int standin_document_text(char **out, const char *document)
{
    struct document_list list = {0};
    size_t bytes;
    *out = NULL;
    int status = document_list_read(&list, document);
    if (status < 0) {
        document_list_free(&list);
        return status;
    }
    const locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    const locale_t before = plain ? uselocale(plain) : (locale_t)0;
    FILE *stream = open_memstream(out, &bytes);
    status = stream ? write_all(stream, &list) : STATUS_MEMORY;
    if (stream && fclose(stream) != 0)
        status = STATUS_MEMORY;
    if (plain) {
        uselocale(before);
        freelocale(plain);
    }
    document_list_free(&list);
    if (status == 0)
        return 0;
    free(*out);
    *out = NULL;
    return error_set(status, "no text of the document: out of memory");
}
