/* A set of feature vectors, one image a row: what every measure between sets takes. Double, because distances and
 * covariances of nearly equal sets are small differences of large numbers. */
#ifndef EVAL_FEATURE_SET_H
#define EVAL_FEATURE_SET_H

#include <stdint.h>

struct feature_set {
    const double *values; /* (count, width), rows one after another; borrowed */
    int64_t count;        /* images */
    int64_t width;        /* features of an image */
};

/* 0 if there are at least `minimum` images, at least one feature, and only finite numbers; else the message names the
 * set
 * ("real") and what is wrong with it. */
int feature_set_check(const struct feature_set *set, const char *name, int64_t minimum);

/* Also refuses a set whose images all have the same features: a distribution of one point has no spread to compare. */
int feature_set_check_varied(const struct feature_set *set, const char *name, int64_t minimum);

/* That both have as many features. */
int feature_set_check_widths(const struct feature_set *a, const char *name_a, const struct feature_set *b,
                             const char *name_b);

/* Both as one set with values of its own, `second` behind `first`; of equal widths. free() the values. */
int feature_set_joined(struct feature_set *out, const struct feature_set *first, const struct feature_set *second);

#endif
