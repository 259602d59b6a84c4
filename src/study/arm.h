/* An arm of a study: a classifier trained on one set and asked about others. Both are stages of a work folder, kept and
 * recalled. All arms take the same number of steps, whatever their sets, so that only the sets differ. */
#ifndef STUDY_ARM_H
#define STUDY_ARM_H

#include "study/work.h"

#include <standin/standin.h>
#include <stdint.h>

struct arm {
    const char *name; /* of its files: unlike any other arm's in the folder */
    const standin_dataset *train, *first; /* first: what it begins with, or NULL */
    int64_t steps; /* 0: STANDIN_CLASSIFIER_STEPS */
    uint64_t seed;
    enum standin_augment augment;
    int mirror;
};

/* Trains it unless that is done; *model is its file, to be freed. One unit of progress a step. */
int arm_train(char **model, struct work *work, const struct arm *arm);

/* What it takes each image of `test` for, trained before if need be: predicted[image], the class's number in `test`, or
 * -1 for a class that `test` has not got. (images of test) numbers, to be freed. `test_name` is part of the file's
 * name. */
int arm_predict(int32_t **predicted, struct work *work, const struct arm *arm, const char *test_name,
                const standin_dataset *test);

/* counts[actual * classes + predicted] += ..., of images whose prediction is a class of the set; others count as
 * `images` alone in the hits. Returns the hits. */
int64_t arm_count(int64_t *counts, const standin_dataset *test, const int32_t *predicted);

#endif
