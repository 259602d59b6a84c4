/* The groups of two sets, by names, as numbers. */
#ifndef STUDY_EVALUATE_GROUPS_H
#define STUDY_EVALUATE_GROUPS_H

#include <standin/standin.h>
#include <stdbool.h>

struct groups {
    int64_t *train, *holdout; /* of each image, the same number for the same name; NULL if an image has no group */
    bool apart;               /* all images have groups, and none of them is in both sets */
};

/* Free with groups_free, also after a failure. */
int groups_number(struct groups *out, const standin_dataset *train, const standin_dataset *holdout);
void groups_free(struct groups *groups);

#endif
