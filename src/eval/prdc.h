/* Precision and recall by nearest neighbours (Kynkaanniemi et al. 2019), density and coverage (Naeem et al. 2020). A
 * ball around an image reaches to its k-th nearest neighbour in its own set. */
#ifndef EVAL_PRDC_H
#define EVAL_PRDC_H

#include "base/pool.h"
#include "eval/feature_set.h"

enum { PRDC_K_PRECISION = 3, PRDC_K_DENSITY = 5 };

struct prdc {
    double precision; /* share of the generated images in the ball (<=) of any real one */
    double recall;    /* share of the real images in the ball (<=) of any generated one */
    double density;   /* in how many balls (<) of real images a generated one is, of k expected */
    double coverage;  /* share of the balls (<) of real images with a generated one inside */
};

/* k_precision is that of precision and recall, k_density that of the other two. Refuses sets of unequal sizes, with
 * which coverage and density mean nothing, with not more than k images, or whose images all have the same features. */
int prdc_measure(struct prdc *out, const struct feature_set *real, const struct feature_set *generated, int k_precision,
                 int k_density, struct pool *pool);

/* Coverage of a set by another of the same distribution and size: 1 - 2^-k. */
double prdc_expected_coverage(int k);

#endif
