/* A measure of an evaluation or selection on its way into the document: the value beside its twin. Numbers that are not
 * known are NAN. What a measure cannot be taken of becomes the reason for that, never an error of the whole. */
#ifndef STUDY_EVALUATE_MEASURE_H
#define STUDY_EVALUATE_MEASURE_H

#include <jansson.h>
#include <stdint.h>

enum { MEASURED_NAME = 64, MEASURED_TEXT = 400 };

struct measured {
    char name[MEASURED_NAME], title[MEASURED_NAME];
    double value, low, high;
    double twin, twin_low, twin_high;
    double chance;
    const char *better;
    char repeated[MEASURED_TEXT], note[MEASURED_TEXT], refused[MEASURED_TEXT];
};

/* All numbers NAN. `better`: "higher", "lower" or "equal". */
struct measured measured_new(const char *name, const char *title, const char *better);

/* Turns a refusal (STATUS_INPUT) into the reason for it and 0; other statuses stay what they are. */
int measured_settle(struct measured *measured, int status);

/* Appends it to an array. The ratio is left out where it says nothing. */
int measured_append(json_t *measures, const struct measured *measured);

/* A set of numbers, one an image or pair, as their mean or their median, with an interval at 95 %. */
struct summary {
    double centre, low, high; /* NAN where not known; a median may be INFINITY */
};
struct summary summary_of_mean(const double *values, int64_t count);
struct summary summary_of_median(double *values, int64_t count); /* sorts */

#endif
