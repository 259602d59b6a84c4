/* Feature extractors: from pictures to the vectors that sets are compared by. One handle, whatever is behind it. A
 * feature vector depends on its picture alone: not on the number of threads, nor on what else is asked for. Values of
 * different extractors are never to be compared. */
#ifndef EVAL_FEATURES_H
#define EVAL_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

struct features;

enum { FEATURES_DIMENSION = 64 }; /* of what is small enough for sets of a thousand images */

/* Pictures of one size, 8-bit samples (count, height, width, channels); borrowed. */
struct pictures {
    const uint8_t *pixels;
    int64_t count, height, width, channels;
};

/* What a classifier's file sees before its last layer, 256 numbers with the network that standin_classifier_train
 * makes, as their first 64 principal components over the pictures `fit`; `fit` NULL: all 256 as they are. */
int features_task(struct features **out, const char *classifier, const struct pictures *fit, int threads);

/* The 64 outputs of a network of random weights, always the same for pictures of one size. */
int features_random(struct features **out, int64_t height, int64_t width, int64_t channels, int threads);

/* The first 64 principal components of the pixels of `fit`, in units of half the range from black to white. */
int features_pixels(struct features **out, const struct pictures *fit, int threads);

/* The 2048 features of the Inception network whose weights are in a safetensors file. */
int features_inception(struct features **out, const char *weights, int64_t height, int64_t width, int64_t channels,
                       int threads);

void features_free(struct features *features); /* NULL is fine */

/* Principal components: fewer than 64 if the pictures that they were fitted on do not span as many. */
int64_t features_dimension(const struct features *features);

/* "task", "random", "pixels", "inception" */
const char *features_name(const struct features *features);

/* Of the Frechet distance between such features: "FD-task", "FD-rand", "FD-pix", "FD-inception (unrecognised weights)",
 * and "FID" only if the weights are those that FID is defined by. */
const char *features_title(const struct features *features);

/* What exactly looks at what: a sentence without a full stop. */
const char *features_note(const struct features *features);

/* Pictures (count, height, width, channels) of the extractor's size -> out (count, dimension). */
int features_compute(struct features *features, const uint8_t *pixels, int64_t count, double *out);

/* So many pictures are computed at once: who asks for multiples of it wastes nothing, and can tell progress between. */
int64_t features_block(const struct features *features);

#endif
