/* A classifier's file: its weights and statistics, and what must be known to use them. */
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

#endif
