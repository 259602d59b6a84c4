/* Near-duplicates between two sets of 8-bit images of one shape: a copy of a training image among the synthetic ones,
 * or of an image of one split in another. */
#ifndef AUDIT_DUPLICATES_H
#define AUDIT_DUPLICATES_H

#include "base/pool.h"
#include "eval/image_measures.h"

#include <stdint.h>

#define DUPLICATES_RMSE (2.0 / 255) /* of samples between 0 and 1 */
#define DUPLICATES_SSIM 0.95

enum duplicate_kind {
    DUPLICATE_NONE,
    DUPLICATE_IDENTICAL, /* the same bytes */
    DUPLICATE_RMSE,      /* differs by at most DUPLICATES_RMSE */
    DUPLICATE_SSIM,      /* differs by more, but SSIM is at least DUPLICATES_SSIM */
};

struct duplicate {
    enum duplicate_kind kind;
    int64_t row; /* in the other set; -1 if there is none */
};

struct duplicates_count {
    int64_t images; /* looked at */
    int64_t identical, rmse, ssim;
};

/* found[i] for image i of `of`: its strongest relation to an image of `among`. Every identical image is found. The rest
 * is sought among the DUPLICATES_CANDIDATES nearest of `among` by means over an 8 x 8 grid, of which none is left out
 * by RMSE unless so many others are nearer; images smaller than 11 pixels are compared without SSIM. With exclude_self
 * image i is not compared with image i: for a set against itself. Pixels (count, height, width, channels); either set
 * may be empty. */
enum { DUPLICATES_CANDIDATES = 4 };
int duplicates_find(struct duplicate *found, const uint8_t *of, int64_t of_count, const uint8_t *among,
                    int64_t among_count, struct image_shape shape, int exclude_self, struct pool *pool);

struct duplicates_count duplicates_sum(const struct duplicate *found, int64_t count);

/* identical + rmse + ssim */
int64_t duplicates_total(const struct duplicates_count *count);

#endif
