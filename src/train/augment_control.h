/* How strong augmentation should be: the controller of Karras et al., "Training Generative Adversarial Networks with
 * Limited Data", 2020 (ADA). The share of real images that the discriminator is sure of says how far it has learnt them
 * by heart; the strength follows it. Numbers in, a number out; it must not know where they come from. */
#ifndef TRAIN_AUGMENT_CONTROL_H
#define TRAIN_AUGMENT_CONTROL_H

#include "base/metadata.h"

#include <stdint.h>

/* The whole state. What it does next follows from it alone. */
struct augment_control {
    double strength; /* p, in [0, 0.8]: the probability of each augmentation */
    double sureness; /* r_t of the last adjustment, in [-1, 1]: 0 nothing learnt by heart, 1 everything */
    double signs;    /* since the last adjustment: the sum of D's signs ... */
    int64_t images;  /* ... on so many real images ... */
    int64_t steps;   /* ... in so many steps */
};

/* Nothing seen, strength 0. */
void augment_control_begin(struct augment_control *control);

/* After a step that has seen `images` real images: `sign` is the mean of sign(D(x)) over them, in [-1, 1]. Every fourth
 * step the strength goes up where the mean is above 0.6, else down, by as much as would take it from 0 to 1 in
 * 500,000 images. A sign that is not finite (a step gone wrong) is passed over. */
void augment_control_see(struct augment_control *control, double sign, int64_t images);

/* In and out of a checkpoint's metadata, to the same bits. */
int augment_control_save(const struct augment_control *control, struct metadata *metadata);
int augment_control_load(struct augment_control *control, const struct metadata *metadata);

#endif
