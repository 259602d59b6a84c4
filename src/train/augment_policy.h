/* Which augmentations the labels of a set survive: found by looking at a sample of its images, each choice with its
 * reason. It must not know of graphs: what the parts do is augment.h's business. */
#ifndef TRAIN_AUGMENT_POLICY_H
#define TRAIN_AUGMENT_POLICY_H

#include <standin/standin.h>
#include <stdint.h>

/* What is measured, on at most 500 images drawn at random, as many of each class. Only classes with two images in the
 * sample count. */
struct augment_measures {
    int images, classes;
    /* The class told from mean colour and contrast alone, by the nearest class mean, the image itself left out: the
     * share of right answers, averaged over classes. By chance it would be 1 / classes. */
    double colour_right;
    /* Between grey thumbnails of 16x16, each of mean 0 and length 1: how much farther the mirrored image is from its
     * nearest neighbour among the others of its class than the image itself is. Geometric mean over all images; the
     * standard error of its logarithm; and the class where it is largest, or -1 if none has ten images in the sample.
     */
    double mirror_ratio, mirror_error, mirror_worst_ratio;
    int mirror_worst;
};

/* The dataset must have pixels. The seed draws the sample. */
int augment_measure(struct augment_measures *measures, const standin_dataset *dataset, uint64_t seed);

/* Picks parts (see augment.h) that leave the labels of this set right. *reasons, if wanted, is one line for each
 * group of parts, taken or left; the caller's, to free with free(). It depends on the dataset alone. */
int augment_choose(unsigned *parts, char **reasons, const standin_dataset *dataset);

#endif
