/* A classifier's file: its weights and statistics, and what must be known to use them; and what it sees in a picture.
 */
#ifndef TRAIN_CLASSIFY_MODEL_H
#define TRAIN_CLASSIFY_MODEL_H

#include "net/classifier.h"
#include "run/store.h"

#include <standin/standin.h>

/* What is written down besides the numbers. */
struct classify_origin {
    const standin_dataset *dataset; /* that it was trained on */
    const standin_classifier_options *options;
    int64_t steps;
};

/* Writes the part of a training's store that a finished classifier needs. */
int classify_model_save(const char *path, const struct classifier *network, const struct store *store,
                        const struct classify_origin *origin);

/* What the network sees in each of `count` pictures of its size, shared with standin_classifier_predict: the features
 * before the last layer (count, classify_model_features()), and how likely each class is (count, classes). Either may
 * be NULL. An answer does not depend on what else is asked for. */
int64_t classify_model_features(const standin_classifier *classifier);
int classify_model_look(standin_classifier *classifier, const uint8_t *pixels, int64_t count, float *features,
                        float *probabilities);

#endif
