/* Which images, by lot: folds and growing parts of a set, both with every class in proportion. Lists of numbers alone;
 * the sets themselves are made by data/derive.h. */
#ifndef STUDY_DRAW_H
#define STUDY_DRAW_H

#include <standin/standin.h>
#include <stdint.h>

/* All images in an order whose first n, for every n, are a stratified sample: parts of growing size that contain each
 * other. *order has (images) numbers, to be freed. */
int draw_nested(int64_t **order, const standin_dataset *set, uint64_t seed);

/* All images, group after group, the groups by lot; each image without a group is one of its own. *order has (images)
 * numbers, to be freed. */
int draw_by_group(int64_t **order, const standin_dataset *set, uint64_t seed);

/* fold[image] in 0..folds-1, to be freed. Images of one group, and images with equal pixels, share a fold. An error if
 * a class does not reach all folds. */
int draw_folds(int32_t **fold, const standin_dataset *set, int folds, uint64_t seed);

/* The images of the set with these numbers, in this order, as a set. */
int draw_part(standin_dataset **out, const standin_dataset *set, const int64_t *images, int64_t count);

/* So many of the images, by lot, every class in proportion: the first of draw_nested. 0: all of them, in that order. */
int draw_sample(standin_dataset **out, const standin_dataset *set, int64_t count, uint64_t seed);

#endif
