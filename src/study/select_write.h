/* Writes chosen images of a set as a set of its own: a folder for each class, PNG files in the size of the originals,
 * metadata.csv and manifest.csv. The folder is made beside its place and moved there: it appears complete or not at
 * all. */
#ifndef STUDY_SELECT_WRITE_H
#define STUDY_SELECT_WRITE_H

#include "study/work.h"

#include <standin/standin.h>
#include <stdint.h>

/* chosen[0..count): images of the set, by class in its order. */
int select_write(const char *path, const standin_dataset *set, const int64_t *chosen, const double *score,
                 int64_t count, struct work *work);

#endif
