/* What a selection sorts by: a number for each synthetic image, higher for better ones. */
#ifndef STUDY_SELECT_SCORE_H
#define STUDY_SELECT_SCORE_H

#include "base/pool.h"
#include "study/work.h"

#include <standin/standin.h>
#include <stdbool.h>
#include <stdint.h>

struct score_request {
    enum standin_select_by by;
    const standin_dataset *synthetic, *real;
    bool by_class; /* compare with real images of the same class only; every synthetic class is among the real ones */
    const char *classifier; /* its file; may be NULL unless `by` is STANDIN_SELECT_CLASSIFIER */
    uint64_t seed;
    struct pool *pool;
    struct work *work;
};

/* One unit of progress for so many images. */
enum { SCORE_UNIT_IMAGES = 32 };

/* score[image]; too_near[image] becomes true where it is nearer to a real image than real images are to each other (by
 * nearest alone, else it stays as it is). */
int score_images(double *score, bool *too_near, const struct score_request *request);

#endif
