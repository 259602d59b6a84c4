/* Vectors turned so that TILE_LANES of them lie side by side: what tiles of distances and of products are computed
 * from. */
#ifndef EVAL_PANELS_H
#define EVAL_PANELS_H

#include "base/pool.h"
#include "eval/feature_set.h"

struct panels {
    double *values; /* (panels, width, TILE_LANES); lanes behind the last vector repeat it */
    int64_t count;  /* vectors */
    int64_t panels, width;
};

/* The vectors are the rows of the set. 0 or STATUS_MEMORY; free with panels_free. */
int panels_of_rows(struct panels *panels, const struct feature_set *set, struct pool *pool);

/* The vectors are its columns, each less its mean unless means is NULL. */
int panels_of_columns(struct panels *panels, const struct feature_set *set, const double *means, struct pool *pool);

/* One panel of them, on this thread. The panels' width is the set's count. */
void panels_pack_columns(struct panels *panels, int64_t panel, const struct feature_set *set, const double *means);

void panels_free(struct panels *panels);

/* How many vectors there are in panel `panel`: TILE_LANES, in the last one perhaps fewer. */
int panels_lanes(const struct panels *panels, int64_t panel);

/* rows[i] = row first + i of the set, the last one again and again behind the end. TILE_ROWS pointers. */
void panels_rows(const double **rows, const struct feature_set *set, int64_t first);

#endif
