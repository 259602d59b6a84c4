/* Documents as text for a terminal: the public standin_document_text. */
#ifndef REPORT_DOCUMENT_TEXT_H
#define REPORT_DOCUMENT_TEXT_H

#include "report/document.h"

#include <stdio.h>

/* A part of a document each; 0 or STATUS_MEMORY. */
int document_text_measures(FILE *out, const char *heading, const json_t *measures);
int document_text_utility(FILE *out, const json_t *document);
int document_text_augmentation(FILE *out, const json_t *document);
int document_text_estimate(FILE *out, const json_t *document);

#endif
