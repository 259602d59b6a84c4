/* Rows and comparisons of a study's document. */
#ifndef STUDY_ROW_H
#define STUDY_ROW_H

#include "study/answers.h"

#include <jansson.h>

struct row {
    const char *name, *title, *trained_on, *tested_on;
    int64_t images;    /* trained on */
    int64_t synthetic; /* of these; -1: not said */
};

/* *out is new. */
int row_json(json_t **out, const struct row *row, const struct answers *answers, uint64_t seed);

/* "a" and "b" are names of rows; `subject` begins the sentence, "" or such as "With 364 synthetic images: ". */
int row_comparison(json_t **out, const char *a, const char *b, const char *subject,
                   const struct answers_difference *difference);

#endif
