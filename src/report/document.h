/* Reading documents (docs/documents.md): what the terminal's text and the HTML page have in common. A document may come
 * from anywhere: what is missing, of another type than promised, or no finite number counts as missing. It must not
 * know how anything is laid out. */
#ifndef REPORT_DOCUMENT_H
#define REPORT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum document_kind {
    DOCUMENT_EVALUATION,
    DOCUMENT_UTILITY,
    DOCUMENT_AUGMENTATION,
    DOCUMENT_ESTIMATE,
    DOCUMENT_SELECTION,
    DOCUMENT_MAKE,
    DOCUMENT_KINDS
};

struct document {
    json_t *json;
    enum document_kind kind;
};

struct document_list {
    struct document *documents;
    int count;
    size_t capacity;
};

/* Adds a document and, behind one of `make`, those that it holds. STATUS_INPUT if the text is no JSON object of a known
 * kind. Whatever is returned, the list is to be freed. */
int document_list_read(struct document_list *list, const char *text);
void document_list_free(struct document_list *list);

/* NULL if there is none of this kind. */
const json_t *document_list_first(const struct document_list *list, enum document_kind kind);

/* Of an object, which may be NULL: a finite number or NAN; a text or NULL; an array or object, or NULL. */
double document_number(const json_t *object, const char *key);
const char *document_text(const json_t *object, const char *key);
const json_t *document_array(const json_t *object, const char *key);

/* Two finite numbers in order; both NAN if they are missing. */
struct interval {
    double low, high;
};
struct interval document_interval(const json_t *object, const char *key);
bool interval_is_known(struct interval interval);

/* The element of an array of objects whose `key` is this text, or NULL. */
const json_t *document_find(const json_t *array, const char *key, const char *value);

/* Title if it has one, else name, else "". */
const char *document_title(const json_t *object);

/* Counts of a square array of `classes` non-negative whole numbers a row, rows actual: to free with free(). NULL
 * without an error if the row has none, or none that makes sense; *classes is the number of its `classes`, each of
 * which has a name. */
enum { DOCUMENT_CLASSES = 1000 };
int64_t *document_confusion(const json_t *row, int *classes);
const char *document_class_name(const json_t *row, int class_index);

/* ---- Numbers for people ---- */

enum { NUMBER_FOR_PEOPLE = 48 };

/* With thousands separated: "12,400"; "-" if it is NAN. */
char *count_text(char *text, double count);
char *seed_text(char *text, const json_t *document); /* all its digits; "-" if it has none */
char *share_text(char *text, double share);          /* "76.5 %" */
char *probability_text(char *text, double p);        /* "0.031", "< 0.0001" */
char *points_text(char *text, double difference);    /* "+2.1" per cent points */
char *seconds_text(char *text, double seconds);     /* "1 h 5 min" */
char *bytes_text(char *text, double bytes);          /* "1.2 GB" */
char *decimal_text(char *text, double value, int decimals);
char *short_text(char *text, double value); /* three significant digits */

/* A measure, in words: "" where the document says nothing. Value and twin have the same decimals: three significant
 * digits, up to five where the interval is narrow. */
struct measure_text {
    const char *title, *refused, *repeated, *better, *note;
    char value[NUMBER_FOR_PEOPLE], interval[2 * NUMBER_FOR_PEOPLE], twin[NUMBER_FOR_PEOPLE];
    char twin_interval[2 * NUMBER_FOR_PEOPLE], chance[NUMBER_FOR_PEOPLE], ratio[NUMBER_FOR_PEOPLE];
};
void measure_text(struct measure_text *text, const json_t *measure);

/* "72.1 to 80.3" of an interval of shares; "" if it is not known. */
char *share_interval_text(char *text, struct interval interval); /* 2 * NUMBER_FOR_PEOPLE bytes */

/* One sentence from the documents of utility and privacy, to be freed; NULL if neither is there (or, with the error set
 * and *status negative, without memory). */
char *document_verdict(int *status, const json_t *utility, const json_t *evaluation);

/* How bad the audit's verdict is. */
enum leak { LEAK_UNKNOWN, LEAK_NONE, LEAK_SUSPECT, LEAK_FOUND, LEAK_NO_POWER };
enum leak document_leak(const json_t *evaluation);

#endif
