/* Sets of independent normal numbers, of which the nulls of measures are known. */
#ifndef TESTS_NORMAL_SETS_H
#define TESTS_NORMAL_SETS_H

#include "eval/moments.h"

/* Standard normal numbers times scale; normal_set_free() afterwards. */
struct feature_set normal_set(int64_t count, int64_t width, uint64_t seed, double scale);
void normal_set_free(struct feature_set set);

/* Those of 1,000 images: independent features of variance 1 with the given mean. moments_free() afterwards. */
void normal_moments(struct moments *moments, int64_t width, double mean);

#endif
