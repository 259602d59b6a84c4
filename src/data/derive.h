/* Sets made from opened ones: parts of them, several joined, or pixels that were computed. Studies train and test on
 * such sets; nothing touches a disk. */
#ifndef DATA_DERIVE_H
#define DATA_DERIVE_H

#include <standin/standin.h>
#include <stdint.h>

struct pick {
    const standin_dataset *dataset; /* opened with a size */
    int64_t index;
};

/* The picked images as a set of its own, in this order, with copies of their pixels; classes are matched by name. All
 * must have one size and equal channels. count >= 1. The path is that of the first pick's set. */
int derive_picks(standin_dataset **out, const struct pick *picks, int64_t count);

/* All images of `count` >= 1 sets, one set after another. */
int derive_joined(standin_dataset **out, const standin_dataset *const *sets, int count);

/* The same images with other pixels (images, height, width, channels), which are copied: labels, names, groups stay. */
int derive_repainted(standin_dataset **out, const standin_dataset *dataset, const uint8_t *pixels);

#endif
