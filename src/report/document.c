/* Documents: reading them without trust, and their verdict in a sentence. */
#include "report/document.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_name[DOCUMENT_KINDS] = {"evaluation", "utility",   "augmentation",
                                                      "estimate",   "selection", "make"};

static int find_kind(enum document_kind *kind, const json_t *json)
{
    const char *name = document_text(json, "kind");
    if (!name)
        return error_set(STATUS_INPUT, "the document has no 'kind'");
    for (int i = 0; i < DOCUMENT_KINDS; i++)
        if (strcmp(name, kind_name[i]) == 0) {
            *kind = (enum document_kind)i;
            return 0;
        }
    return error_set(STATUS_INPUT, "a document of kind '%.40s' is not known", name);
}

/* Takes a reference of its own. */
static int add(struct document_list *list, json_t *json)
{
    enum document_kind kind = DOCUMENT_KINDS;
    int status =
        json_is_object(json) ? find_kind(&kind, json) : error_set(STATUS_INPUT, "the document is no JSON object");
    if (status == 0)
        status = memory_grow(&list->documents, &list->capacity, (size_t)list->count + 1, sizeof *list->documents);
    if (status == 0)
        list->documents[list->count++] = (struct document){json_incref(json), kind};
    return status;
}

static int add_held(struct document_list *list, const json_t *make)
{
    const json_t *held = document_array(make, "documents");
    int status = 0;
    for (size_t i = 0; status == 0 && i < json_array_size(held); i++)
        status = add(list, json_array_get(held, i));
    return status;
}

int document_list_read(struct document_list *list, const char *text)
{
    json_error_t why;
    json_t *json = text ? json_loads(text, 0, &why) : NULL;
    if (!json)
        return text ? error_set(STATUS_INPUT, "document: line %d: %s", why.line, why.text)
                    : error_set(STATUS_INPUT, "a document is missing");
    int status = add(list, json);
    if (status == 0 && list->documents[list->count - 1].kind == DOCUMENT_MAKE)
        status = add_held(list, json);
    json_decref(json);
    return status;
}

void document_list_free(struct document_list *list)
{
    for (int i = 0; i < list->count; i++)
        json_decref(list->documents[i].json);
    free(list->documents);
    *list = (struct document_list){0};
}

const json_t *document_list_first(const struct document_list *list, enum document_kind kind)
{
    for (int i = 0; i < list->count; i++)
        if (list->documents[i].kind == kind)
            return list->documents[i].json;
    return NULL;
}

static double finite_number(const json_t *json)
{
    const double value = json_is_number(json) ? json_number_value(json) : NAN;
    return isfinite(value) ? value : NAN;
}

double document_number(const json_t *object, const char *key)
{
    return finite_number(json_object_get(object, key));
}

const char *document_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

const json_t *document_array(const json_t *object, const char *key)
{
    const json_t *array = json_object_get(object, key);
    return json_is_array(array) ? array : NULL;
}

struct interval document_interval(const json_t *object, const char *key)
{
    const json_t *array = document_array(object, key);
    const struct interval interval = {finite_number(json_array_get(array, 0)), finite_number(json_array_get(array, 1))};
    return json_array_size(array) == 2 && interval.low <= interval.high ? interval : (struct interval){NAN, NAN};
}

bool interval_is_known(struct interval interval)
{
    return isfinite(interval.low) && isfinite(interval.high) && interval.low <= interval.high;
}

const json_t *document_find(const json_t *array, const char *key, const char *value)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *element = json_array_get(array, i);
        const char *text = document_text(element, key);
        if (text && strcmp(text, value) == 0)
            return element;
    }
    return NULL;
}

const char *document_title(const json_t *object)
{
    const char *title = document_text(object, "title"), *name = document_text(object, "name");
    return title ? title : name ? name : "";
}

/* ---- Confusion matrices ----------------------------------------------------------------------------------- */

static const int64_t count_limit = (int64_t)1 << 40; /* a thousand classes of it still add up in 64 bits */

static bool read_counts(int64_t *counts, const json_t *matrix, int classes)
{
    for (int i = 0; i < classes; i++) {
        const json_t *row = json_array_get(matrix, (size_t)i);
        if (json_array_size(row) != (size_t)classes)
            return false;
        for (int j = 0; j < classes; j++) {
            const json_t *count = json_array_get(row, (size_t)j);
            const json_int_t value = json_integer_value(count);
            if (!json_is_integer(count) || value < 0 || value > count_limit)
                return false;
            counts[(int64_t)i * classes + j] = value;
        }
    }
    return true;
}

const char *document_class_name(const json_t *row, int class_index)
{
    return document_text(json_array_get(document_array(row, "classes"), (size_t)class_index), "name");
}

int64_t *document_confusion(const json_t *row, int *classes)
{
    const json_t *matrix = document_array(row, "confusion");
    const size_t size = json_array_size(matrix);
    if (size < 1 || size > DOCUMENT_CLASSES || json_array_size(document_array(row, "classes")) != size)
        return NULL;
    *classes = (int)size;
    for (int i = 0; i < *classes; i++)
        if (!document_class_name(row, i))
            return NULL;
    int64_t *counts = memory_new(size * size, sizeof *counts);
    if (counts && !read_counts(counts, matrix, *classes)) {
        free(counts);
        counts = NULL;
    }
    return counts;
}

/* ---- The verdict ------------------------------------------------------------------------------------------ */

enum leak document_leak(const json_t *evaluation)
{
    static const char *const said[] = {
        [LEAK_NONE] = "no leak detected at this power",
        [LEAK_SUSPECT] = "suspect",
        [LEAK_FOUND] = "leaks",
        [LEAK_NO_POWER] = "this audit has no power",
    };
    const char *verdict = document_text(evaluation, "verdict");
    for (int i = LEAK_NONE; verdict && i <= LEAK_NO_POWER; i++)
        if (strcmp(verdict, said[i]) == 0)
            return (enum leak)i;
    return LEAK_UNKNOWN;
}

static const char *leak_clause(enum leak leak)
{
    switch (leak) {
    case LEAK_NONE:
        return "no leak detected at this power";
    case LEAK_SUSPECT:
        return "the privacy audit found something suspect";
    case LEAK_FOUND:
        return "the synthetic images leak training images";
    case LEAK_NO_POWER:
        return "the privacy audit has no power, so nothing is known about leaks";
    case LEAK_UNKNOWN:
        break;
    }
    return NULL;
}

/* "A classifier that saw only synthetic images is right about 76.5 % of the real test images, 82 % of what real
 * training images give" or NULL. */
static char *utility_clause(const json_t *utility)
{
    const json_t *rows = document_array(utility, "rows");
    const json_t *tstr = document_find(rows, "name", "tstr"), *chance = document_find(rows, "name", "chance");
    const double accuracy = document_number(tstr, "accuracy"), guessing = document_number(chance, "accuracy");
    const double ceiling = document_number(document_find(rows, "name", "trtr"), "accuracy");
    const struct interval interval = document_interval(tstr, "interval");
    if (isnan(accuracy))
        return NULL;
    char right[NUMBER_FOR_PEOPLE], part[2 * NUMBER_FOR_PEOPLE] = "", other[NUMBER_FOR_PEOPLE];
    if (interval_is_known(interval) ? interval.low <= guessing : accuracy <= guessing)
        snprintf(part, sizeof part, ", which is no better than guessing (%s)", share_text(other, guessing));
    else if (ceiling > 0)
        snprintf(part, sizeof part, ", %.0f %% of what real training images give", 100 * accuracy / ceiling);
    return text_format("A classifier that saw only synthetic images is right about %s of the real test images%s",
                       share_text(right, accuracy), part);
}

char *document_verdict(int *status, const json_t *utility, const json_t *evaluation)
{
    const char *leak = leak_clause(document_leak(evaluation));
    char *clause = utility_clause(utility), *sentence = NULL;
    *status = 0;
    if (!clause && !leak)
        return NULL;
    if (clause && leak)
        sentence = text_format("%s; %s.", clause, leak);
    else if (clause)
        sentence = text_format("%s.", clause);
    else
        sentence = text_format("%c%s.", leak[0] - 'a' + 'A', leak + 1);
    free(clause);
    if (!sentence)
        *status = STATUS_MEMORY;
    return sentence;
}
