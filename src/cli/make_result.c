/* What a person wants to read at the end. */
#include "make.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const json_t *find_row(const json_t *document, const char *name)
{
    const json_t *rows = json_object_get(document, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *own = json_string_value(json_object_get(row, "name"));
        if (own && strcmp(own, name) == 0)
            return row;
    }
    return NULL;
}

static int print_verdict(const json_t *report)
{
    char *text = json_dumps(report, 0), *verdict = NULL;
    const int status = text ? standin_documents_verdict(&verdict, (const char *const[]){text}, 1) : STANDIN_MEMORY;
    if (status == 0 && *verdict)
        printf("%s\n", verdict);
    standin_text_free(verdict);
    free(text);
    return status;
}

/* Of a classifier that has seen no real image, or nothing if there was no study. */
static int print_confusion(const json_t *documents)
{
    enum { CLASSES_MOST = 16 };
    const json_t *row = NULL;
    for (size_t i = 0; i < json_array_size(documents) && !row; i++)
        row = find_row(json_array_get(documents, i), "tstr");
    const json_t *matrix = json_object_get(row, "confusion"), *classes = json_object_get(row, "classes");
    const int count = (int)json_array_size(matrix);
    if (count < 1 || count > CLASSES_MOST || json_array_size(classes) != (size_t)count)
        return 0;
    int64_t counts[CLASSES_MOST * CLASSES_MOST];
    const char *names[CLASSES_MOST];
    for (int i = 0; i < count; i++) {
        const char *name = json_string_value(json_object_get(json_array_get(classes, (size_t)i), "name"));
        names[i] = name ? name : "?";
        for (int j = 0; j < count; j++)
            counts[i * count + j] = json_integer_value(json_array_get(json_array_get(matrix, (size_t)i), (size_t)j));
    }
    char *text;
    const int status = standin_confusion_text(&text, counts, count, names, 0);
    const char *table = status == 0 ? strstr(text, "\nactual in rows") : NULL;
    if (table)
        printf("\nreal test images, as seen by classifiers that learned from synthetic ones alone;%s", table);
    standin_text_free(text);
    return status;
}

static int64_t count_synthetic(const json_t *documents)
{
    const json_t *sets = json_object_get(json_array_get(documents, 0), "sets");
    return json_integer_value(json_object_get(json_object_get(sets, "synthetic"), "images"));
}

int make_say_result(const struct make *make)
{
    json_t *report = make_read(make->share, "report.json");
    const json_t *documents = json_object_get(report, "documents");
    const char *share = make->arguments->output, *work = make->arguments->work;
    int status = 0;
    if (make->arguments->json) {
        json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
        putchar('\n');
    } else {
        status = print_verdict(report);
        if (status == 0)
            status = print_confusion(documents);
        const int columns = (int)strlen(share) + (work ? 0 : (int)strlen(".private")) + 12;
        const char *suffix = work ? "" : ".private";
        printf(
            "\n%-*s  %" PRId64
            " synthetic images, manifest.csv, metadata.csv, report.json: for others, once you have read the report\n",
            columns, share, count_synthetic(documents));
        printf("%s/%-*s  the report to hand out with them: it shows no real image\n", share,
               columns - (int)strlen(share) - 1, "report.html");
        work = work ? work : share;
        printf("%s%s/%-*s  the same with real images beside synthetic ones: stays in the house\n", work, suffix,
               columns - (int)strlen(work) - (int)strlen(suffix) - 1, "report.html");
        printf("%s%-*s  the generator and all that was measured: stays in the house\n", work,
               columns - (int)strlen(work), suffix);
    }
    json_decref(report);
    return status;
}
