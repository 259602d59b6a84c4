/* What follows from the arms of the augmentation study: which differences there are, where synthetic images stop
 * helping, and whether they helped at all. Nothing is chosen by the images that judge it. */
#ifndef STUDY_AUGMENT_VERDICT_H
#define STUDY_AUGMENT_VERDICT_H

#include "study/answers.h"
#include "study/study.h"

#include <jansson.h>

struct augment_arm {
    const char *name, *title;
    enum standin_augment augment;
    int64_t times; /* synthetic images for each real one */
    struct answers answers;
};

/* Of none, classic, and pairs of gan and classic_gan at growing amounts: the keys comparisons, saturates_at,
 * gain_is_real, verdict. */
int augment_conclude(json_t *body, struct study *study, const struct material *material, const struct augment_arm *arms,
                     int count);

#endif
