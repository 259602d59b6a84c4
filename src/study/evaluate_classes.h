/* Each class for itself: which one is worst. */
#ifndef STUDY_EVALUATE_CLASSES_H
#define STUDY_EVALUATE_CLASSES_H

#include "eval/feature_set.h"
#include "study/evaluate.h"

/* Appends {name, real, synthetic, coverage, precision, coverage_twin, precision_twin} of each class of the real set.
 * The sets are the features of the evaluation's reference, other and synthetic images. What too few images cannot say
 * is missing. */
int classes_measure(json_t *classes, const struct evaluation *evaluation, const struct feature_set *reference,
                    const struct feature_set *other, const struct feature_set *synthetic);

/* Sets `worst` and `worst_reason` of the document by its finished `classes`, if one can be named. */
int classes_find_worst(json_t *document, const json_t *classes);

#endif
