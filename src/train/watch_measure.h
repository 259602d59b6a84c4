/* How varied images are, how far one set is from another, and how far a discriminator tells sets apart: numbers from
 * arrays of pixels and logits. It must not know where they come from.
 *
 * Images are compared as thumbnails, whose distance is the root of the mean squared difference of their numbers: it
 * sees shape and colour, not detail. */
#ifndef TRAIN_WATCH_MEASURE_H
#define TRAIN_WATCH_MEASURE_H

#include <stdint.h>

/* image (height, width, channels), both sides at least `side` -> (side, side, channels), each number the mean of its
 * cell. */
void thumbnail_make(const float *image, int64_t height, int64_t width, int64_t channels, int64_t side,
                    float *thumbnail);

/* Thumbnails of `numbers` numbers each, one after another. */
struct thumbnails {
    const float *number;
    int64_t count, numbers;
};

/* The mean distance between two different images of the set; NAN if there is one image or none. */
double measure_spread(const struct thumbnails *set);

/* The mean distance of an image to the one nearest to it: small where images repeat. NAN as above. */
double measure_repetition(const struct thumbnails *set);

/* The mean distance between an image of one set and one of the other. */
double measure_between(const struct thumbnails *one, const struct thumbnails *other);

/* The energy distance of two sets (Szekely and Rizzo 2013) as a share of its maximum, from the mean distance between
 * them and the spread of each: 0 on average if both are drawn from one distribution (and then sometimes below it), 1 if
 * neither varies and they differ. */
double measure_energy(double between, double spread_one, double spread_other);

/* Logits, one at a time. */
struct logits {
    int64_t count;
    double sum, squares;
};
void logits_add(struct logits *logits, double logit);

/* The part of the way from training to generated images at which a discriminator's mean logit puts images that it has
 * not been shown: 0 no overfitting, 1 unseen images pass for generated (r_v of Karras et al., "Training Generative
 * Adversarial Networks with Limited Data", 2020). 0 where the gap lies within two standard errors; NAN where one of
 * them is empty, or training images do not score higher than generated ones. */
double measure_overfitting(const struct logits *shown, const struct logits *unseen, const struct logits *generated);

#endif
