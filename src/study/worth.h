/* What a synthetic set is worth in real images: the accuracy of classifiers that learned from it, found again on the
 * curve of classifiers that learned from growing parts of the real set. */
#ifndef STUDY_WORTH_H
#define STUDY_WORTH_H

#include "study/answers.h"

#include <jansson.h>

/* A measure for the document. The curve goes down from all images, `whole`, by halves until it has passed `synthetic`.
 */
int worth_measure(json_t **out, struct study *study, const struct material *material, const struct answers *whole,
                  const struct answers *synthetic);

/* A lesson from a part of the real images, drawn anew for each seed but growing within it. */
struct worth_part {
    double share; /* of the images */
    uint64_t seed;
};
int worth_make_part(standin_dataset **out, void *part, const struct material *material, int case_index, int seed_index);

#endif
