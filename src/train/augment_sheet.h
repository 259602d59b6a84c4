/* Seeing an augmentation policy before trusting it. */
#ifndef TRAIN_AUGMENT_SHEET_H
#define TRAIN_AUGMENT_SHEET_H

#include <standin/standin.h>
#include <stdint.h>

/* Writes a PNG of six rows: an image of the set, then nine augmented versions of it, by the graph that trains. The
 * images are of as many classes as there are. parts: see augment.h; threads 0: one a processor, without effect on the
 * picture. */
int augment_sheet(const char *path, const standin_dataset *dataset, unsigned parts, uint64_t seed, int threads);

#endif
