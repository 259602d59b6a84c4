/* What statistics of nearness would say if train and holdout had been dealt out by lot: the null that holds for this
 * very set of images. A textbook's null takes images for independent and the set for as sharp as real images; a blurred
 * set lies nearer to everything, a few real images may be the nearest of most of a set, and images of one patient lie
 * together. Dealing the real images, or whole groups of them, out again and again keeps all that, and takes away the
 * one thing in question: who was trained on. */
#ifndef AUDIT_RELABEL_H
#define AUDIT_RELABEL_H

#include "audit/grouping.h"
#include "base/pool.h"
#include "eval/feature_set.h"

enum { RELABELLINGS = 200 };

/* Over all relabellings. */
struct chance {
    double mean, deviation;
};

struct chance chance_of(const double values[RELABELLINGS]);

struct relabelled {
    struct chance nearer_train; /* share of the set nearer to train than to holdout */
    struct chance closeness;    /* Z_U */
    struct chance cells;        /* C_T; NAN if it has no cells */
};

/* groups: of the images of train and holdout; as many of them become train as make up half of the images, or nearly.
 * cell: of each image of train, holdout and the set, one after another; `cells` of them. train and holdout equally
 * many. */
int relabel(struct relabelled *out, const struct feature_set *train, const struct feature_set *holdout,
            const struct feature_set *set, const struct grouping *groups, const int *cell, int cells,
            struct pool *pool);

#endif
