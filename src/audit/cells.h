/* Cells of a feature space by k-means: where a set has images, so that copying in one corner of it is not averaged
 * away. */
#ifndef AUDIT_CELLS_H
#define AUDIT_CELLS_H

#include "eval/feature_set.h"

enum { CELLS_MAXIMUM = 16 };

/* centres (cells, width): k-means of the set, begun as by Arthur and Vassilvitskii (2007) several times with addressed
 * random numbers; the best attempt stays. The same input gives the same bits. An error if the set has fewer different
 * images. */
int cells_find(double *centres, int cells, const struct feature_set *set);

/* cell[i] = the centre nearest to image i, the first of equal ones. */
void cells_assign(int *cell, const struct feature_set *set, const double *centres, int cells);

#endif
