/* A set of images for the rooms inside the library. Everything else about it is in the public header. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <standin/standin.h>
#include <stdint.h>

/* The decoded pixels (images, height, width, channels), or NULL if the set was only looked at. */
const uint8_t *dataset_pixels(const standin_dataset *dataset);

/* The index of each image's class (images). */
const int32_t *dataset_labels(const standin_dataset *dataset);

/* Where the set was opened, and how: what a run needs to open it again. Text belongs to the dataset. */
const char *dataset_path(const standin_dataset *dataset);
const standin_dataset_options *dataset_options(const standin_dataset *dataset);

/* Refuses a place for a folder in the folder of images that a set was opened from: what is written there would become
 * images of the set. */
int dataset_check_place(const char *images, const char *path);

#endif
