/* The report: parts of one page, each of which writes what its documents hold and leaves out what they do not. */
#ifndef REPORT_HTML_REPORT_H
#define REPORT_HTML_REPORT_H

#include "report/document.h"
#include "report/html_training.h"

#include <standin/standin.h>
#include <stdio.h>

struct html_heading {
    char id[32];
    char *text;
};

/* The page's body as it grows; its headings become the table of contents. */
struct html_page {
    FILE *out;
    struct html_heading *headings;
    size_t count, capacity;
    int status; /* sticks */
};

/* An id that was there already gets a number. */
void html_section_begin(struct html_page *page, const char *id, const char *heading);
void html_section_end(struct html_page *page);

/* An id for a part of the section that is being written, unique as the section's own is. */
void html_section_part(char *id, size_t bytes, const struct html_page *page, const char *part);

/* Links to all headings so far; and their end, but not the stream's. */
void html_contents(FILE *out, const struct html_page *page);
void html_page_forget(struct html_page *page);

void html_paragraph(FILE *out, const char *class_name, const char *text);

/* A list of an array's sentences, if it has any. */
void html_sentences(FILE *out, const json_t *sentences);

/* The top: what was measured on which data, how long it took; nothing of it is required. */
void html_header(struct html_page *page, const struct document_list *list, const struct html_training *training);
void html_sets(FILE *out, const struct document_list *list, const struct html_training *training);
void html_times(FILE *out, const struct document_list *list, const struct html_training *training);
void html_recipe(struct html_page *page, const struct html_training *training);

void html_utility(struct html_page *page, const json_t *document);
void html_worth(struct html_page *page, const json_t *utility); /* within the section of utility */
void html_augmentation(struct html_page *page, const json_t *document);
void html_evaluation(struct html_page *page, const json_t *document);
void html_worst_class(struct html_page *page, const json_t *evaluation, const json_t *utility);
void html_selection(struct html_page *page, const json_t *document);
void html_estimate(struct html_page *page, const json_t *document);
void html_samples(struct html_page *page, const standin_dataset *real, const standin_dataset *synthetic, uint64_t seed);

/* A matrix as a shaded table; nothing if the row has none. */
void html_confusion(FILE *out, const json_t *row);

#endif
