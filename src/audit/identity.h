/* Is somebody of the training set recognised in the synthetic images? Groups are people, or whatever must not be
 * recognised: patients, cars. A recogniser knows all real images, of train and holdout, with their groups, and takes an
 * image for the group of its nearest one if that is near enough. Nobody of the holdout can be in the synthetic images,
 * so being taken for them is chance. */
#ifndef AUDIT_IDENTITY_H
#define AUDIT_IDENTITY_H

#include "audit/relabel.h"

#define IDENTITY_FALSE_ALARMS 0.01 /* of real images whose own group the recogniser does not know */

struct identity {
    int64_t train_groups, holdout_groups;
    double radius;        /* how near is near enough */
    double recognised;    /* share of the real images that are taken for their own group: the power */
    double taken_train;   /* share of the synthetic images taken for a group of train ... */
    double taken_holdout; /* ... and of holdout */
    struct chance chance; /* of taken_train if the groups had been dealt out to train and holdout by lot */
};

/* Each row's group: any numbers from 0 on, the same ones for both sets. Refuses what grouping_new refuses, and real
 * images of which none shares its group with another. */
int identity_measure(struct identity *out, const struct feature_set *train, const int64_t *train_group,
                     const struct feature_set *holdout, const int64_t *holdout_group,
                     const struct feature_set *synthetic, struct pool *pool);

#endif
