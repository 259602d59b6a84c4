/* The parts of an evaluation. Each looks at sets that are chosen and gives JSON for the document (docs/documents.md).
 */
#ifndef STUDY_EVALUATE_H
#define STUDY_EVALUATE_H

#include "base/pool.h"
#include "study/evaluate_sets.h"
#include "study/study.h"

#include <jansson.h>
#include <standin/standin.h>

struct evaluation {
    struct study study;
    struct evaluate_sets sets;
    const standin_evaluation_sets *given;
    const char *inception;  /* weights, or NULL */
    char *classifier;       /* its file, trained on the pool; NULL: one class alone cannot be learned */
    char *audit_classifier; /* trained on train and holdout of the audit, or NULL */
    struct pool *pool;
};

/* Units of progress: about what a step of a classifier takes, on a set of 2,000 images. */
enum { EVALUATE_IMAGE_UNITS = 60, EVALUATE_SET_UNITS = 120, EVALUATE_PRIVACY_UNITS = 120 };

/* {"measures": [...], "nearest": [...]}: nearest[class of the synthetic set] is the mean SSIM to the nearest training
 * image, null where no image was looked at. */
int evaluate_image(json_t **result, struct evaluation *evaluation);

/* {"measures": [...], "classes": [...]} */
int evaluate_set(json_t **result, struct evaluation *evaluation);

/* {"measures", "copies", "controls", "verdict", "verdict_reasons"}, each where it is known */
int evaluate_privacy(json_t **result, struct evaluation *evaluation);

#endif
