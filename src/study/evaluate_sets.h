/* Which images an evaluation compares. Everything that is fitted, classifiers and principal components, is fitted on
 * `pool`, of which `reference` is a part: so its twin and the synthetic images are strangers to what measures them
 * alike. */
#ifndef STUDY_EVALUATE_SETS_H
#define STUDY_EVALUATE_SETS_H

#include "study/study.h"

#include <standin/standin.h>
#include <stdbool.h>

struct evaluate_sets {
    standin_dataset *pool;                          /* real images that may be fitted on */
    standin_dataset *reference, *other, *synthetic; /* equally many: of the pool, other real ones, synthetic ones */
    standin_dataset *train, *holdout, *audited; /* of the audit: equally many of the first two, whole groups one after
                                                   another where the sets have different ones; NULL without a holdout */
    bool by_class;                              /* real and synthetic images have the same classes */
};

/* Draws them by lot and notes in the study's `unknown` what follows from the choice. */
int evaluate_sets_new(struct evaluate_sets *sets, struct study *study, const standin_evaluation_sets *given);
void evaluate_sets_free(struct evaluate_sets *sets);

bool evaluate_same_classes(const standin_dataset *a, const standin_dataset *b);

/* The number of a class by its name, or -1. */
int32_t evaluate_class_of(const standin_dataset *set, const char *name);

#endif
