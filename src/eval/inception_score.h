/* Inception score (Salimans et al. 2016): how sure a classifier is of each image, and how evenly it spreads over
 * classes. */
#ifndef EVAL_INCEPTION_SCORE_H
#define EVAL_INCEPTION_SCORE_H

#include <stdint.h>

struct inception_score {
    double mean;      /* over the splits; 1 to the number of classes */
    double deviation; /* over the splits, as customary with N, not N - 1; not an interval */
};

/* probabilities (count, classes), each row adds up to 1. The set is cut into `splits` equal runs, 1 <= splits <= count.
 */
int inception_score_measure(struct inception_score *out, const double *probabilities, int64_t count, int64_t classes,
                            int64_t splits);

#endif
