/* Is a set nearer to the training images than fresh images of the same kind would be? Distances between features; only
 * numbers about the whole set come out. */
#ifndef AUDIT_COPYING_H
#define AUDIT_COPYING_H

#include "audit/relabel.h"
#include "base/pool.h"
#include "eval/feature_set.h"
#include "eval/statistics.h"

enum { COPYING_CELLS = 3, COPYING_CELL_MINIMUM = 10, COPYING_SET_MINIMUM = 10 };

struct copying {
    double nearer_train;               /* share of the set nearer to train than to holdout, ties count half */
    struct interval nearer_train_null; /* .5 +- .98 / sqrt n: of independent images that know neither */
    struct mann_whitney closeness;     /* distances to train of the set against those of holdout: z is Z_U */
    double cells_z;              /* C_T over k-means cells of train; NAN if no cell has COPYING_CELL_MINIMUM of both */
    int cells;                   /* how many entered it */
    double authentic;            /* AuthPct, 0..100: farther from its nearest training image than that from its own */
    double authentic_holdout;    /* the same of holdout: its twin, since the null is 50 in few dimensions only */
    double identifiable;         /* share of train with a nearer neighbour in the set than in train */
    double identifiable_holdout; /* the same of holdout: its twin if the set is as large */
    double distance_ratio;       /* 5th percentile of nearest to second nearest distance (NNDR) of the set to train */
    double distance_ratio_holdout; /* the same of holdout to train: its twin */
    struct relabelled chance;      /* nearer_train, closeness.z and cells_z if the groups had been dealt out by lot */
};

/* train and holdout must be equally many, else one is nearer by its number alone; the set may have any size from
 * COPYING_SET_MINIMUM. groups: of train's and holdout's images. Refuses features that are the same for all training
 * images. */
int copying_measure(struct copying *out, const struct feature_set *train, const struct feature_set *holdout,
                    const struct feature_set *set, const struct grouping *groups, struct pool *pool);

/* ---- Its parts -------------------------------------------------------------------------------------------- */

int copying_nearer_share(double *share, const double *to_train, const double *to_holdout, int64_t count);
struct interval copying_nearer_null(int64_t count);

/* ratio[i] = (nearest + 1e-8) / (second + 1e-8); distances (count, 2). */
void copying_distance_ratios(double *ratio, const double *nearest_two, int64_t count);

/* C_T of distances to train, cell by cell (Meehan, Chaudhuri and Dasgupta 2020, with the smallest count instead of
 * their smallest share): Z_U of each cell, averaged by the cells' shares of holdout. */
int copying_cells_z(double *z, int *cells_used, const double *set_distance, const int *set_cell, int64_t set_count,
                    const double *holdout_distance, const int *holdout_cell, int64_t holdout_count, int cells);

#endif
