/* Are train and holdout told apart without any synthetic image? Every attack compares them by how near the synthetic
 * images come, and takes them for drawn alike. If they are not, any set that resembles what was trained on looks as if
 * it gave that away, however little its generator remembers. */
#ifndef AUDIT_SEPARATION_H
#define AUDIT_SEPARATION_H

#include "audit/grouping.h"
#include "audit/relabel.h"

enum { SEPARATION_NEIGHBOURS = 5 };

/* A number, and what it would be if train and holdout had been dealt out by lot. */
struct dealt {
    double value;
    struct chance chance;
};

struct separation {
    /* Share of the real images' nearest other real images that are of the same set: the test of Schilling (1986) and
     * Henze (1988). */
    struct dealt neighbours;
    /* AUC of the distance from the mean of all real images, over .5 if train lies nearer: the attack with the dullest
     * synthetic set that there is. */
    struct dealt centre;
};

/* groups: of train's and holdout's images, what is dealt out. */
int separation_measure(struct separation *out, const struct feature_set *train, const struct feature_set *holdout,
                       const struct grouping *groups, struct pool *pool);

#endif
