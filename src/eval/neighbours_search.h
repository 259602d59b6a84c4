/* What the searches of neighbours.h share: their blocks of rows and sorted lists. Internal to them. */
#ifndef EVAL_NEIGHBOURS_SEARCH_H
#define EVAL_NEIGHBOURS_SEARCH_H

#include "base/least.h"
#include "eval/loops.h"
#include "eval/neighbours.h"
#include "eval/panels.h"

#include <math.h>
#include <stdbool.h>

enum { NEIGHBOURS_BLOCK = 64 }; /* rows */

struct neighbours_search {
    const struct eval_loops *loops;
    const struct feature_set *of;
    struct panels among;
    int k;
    double *squared; /* (of, k) */
    int64_t *index;  /* (of, k), or NULL */
    double limit;    /* of a search within a radius: its square */
    int64_t *inside; /* (of) */
};

/* The k nearest others of each row, where `of` and `among` are the same set. Returns 0 or STATUS_MEMORY. */
int neighbours_search_own(const struct neighbours_search *search, struct pool *pool);

static inline int neighbours_blocks(const struct neighbours_search *search)
{
    return (int)((search->of->count + NEIGHBOURS_BLOCK - 1) / NEIGHBOURS_BLOCK);
}

static inline int64_t neighbours_block_end(const struct neighbours_search *search, int block)
{
    return least(((int64_t)block + 1) * NEIGHBOURS_BLOCK, search->of->count);
}

static inline void neighbours_list_empty(double *squared, int64_t *index, int64_t places)
{
    for (int64_t i = 0; i < places; i++) {
        squared[i] = INFINITY;
        index[i] = INT64_MAX;
    }
}

/* Into a list of k that is sorted by distance and then by number, whose last one it drops, unless all come before. */
static inline void neighbours_list_insert(double *squared, int64_t *index, int k, double candidate, int64_t row)
{
    int place = k;
    while (place > 0 && (candidate < squared[place - 1] || (candidate == squared[place - 1] && row < index[place - 1])))
        place--;
    if (place == k)
        return;
    for (int i = k - 1; i > place; i--) {
        squared[i] = squared[i - 1];
        index[i] = index[i - 1];
    }
    squared[place] = candidate;
    index[place] = row;
}

#endif
