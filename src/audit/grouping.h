/* The groups of the images of train and holdout as numbers: what is dealt out by lot where images of one person, or of
 * whatever belongs together, must stay together. */
#ifndef AUDIT_GROUPING_H
#define AUDIT_GROUPING_H

#include <stdint.h>

enum { GROUPING_MINIMUM = 5 }; /* groups in train and in holdout */

struct grouping {
    int64_t *group;   /* of each image, those of train first: numbered without gaps, groups of train first */
    int64_t of_train; /* groups */
    int64_t count;    /* groups of both */
};

/* Each row's group: any numbers from 0 on, the same ones for both sets. Refuses groups that are in both, and fewer than
 * GROUPING_MINIMUM in either. Free with grouping_free, also after a failure. */
int grouping_new(struct grouping *out, const int64_t *train_group, int64_t train, const int64_t *holdout_group,
                 int64_t holdout);

/* Every image is a group of its own. */
int grouping_of_images(struct grouping *out, int64_t train, int64_t holdout);

void grouping_free(struct grouping *grouping);

#endif
