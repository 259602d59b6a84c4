/* Measures of images among themselves and beside their nearest, as measures of a document; shared with the selection.
 */
#ifndef STUDY_EVALUATE_IMAGE_H
#define STUDY_EVALUATE_IMAGE_H

#include "study/evaluate_measure.h"
#include "study/evaluate_nearest.h"

/* Diversity: pairs of one class. Appends SSIM, and PSNR and MS-SSIM if `all`. */
int image_measure_within(json_t *measures, const standin_dataset *set, const standin_dataset *twin, bool by_class,
                         bool all, uint64_t seed, struct pool *pool);

/* Copying, of what nearest_find found: SSIM and PSNR; `status` is its status. Sorts the values of both. */
int image_measure_nearest(json_t *measures, struct nearest *set, struct nearest *twin, const char *note, int status);

#endif
