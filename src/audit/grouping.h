/* The groups of the images of train and holdout as numbers: what is dealt out by lot where images of one person, or of
 * whatever belongs together, must stay together. Dealing out by lot shows what chance does only if the lots could have
 * fallen so: where sets were split by groups, single images could not have changed places, and dealt out singly they
 * would find their own group on the other side. So the unit that is dealt is the one that was drawn (Pitman 1937). */
#ifndef AUDIT_GROUPING_H
#define AUDIT_GROUPING_H

#include <stdbool.h>
#include <stdint.h>

enum { GROUPING_MINIMUM = 5 }; /* groups in train and in holdout */

struct grouping {
    int64_t *group;   /* of each image, those of train first: 0, then the same or one more from image to image */
    int64_t *first;   /* (count + 1): image of each group, and the number of images */
    int64_t of_train; /* groups */
    int64_t count;    /* groups of both */
};

/* Each row's group: any numbers from 0 on, the same ones for both sets; images of one group follow each other. Refuses
 * those that do not, groups that are in both sets, and fewer than GROUPING_MINIMUM in either. Free with grouping_free,
 * also after a failure. */
int grouping_new(struct grouping *out, const int64_t *train_group, int64_t train, const int64_t *holdout_group,
                 int64_t holdout);

/* Every image is a group of its own. */
int grouping_of_images(struct grouping *out, int64_t train, int64_t holdout);

/* What changes places by lot: the groups of grouping_new, or every image by itself where it refuses them, since then
 * the sets were not split by them or there are too few, and where train_group is NULL. */
int grouping_of_split(struct grouping *out, const int64_t *train_group, int64_t train, const int64_t *holdout_group,
                      int64_t holdout);

/* Of the first `images` of train and the first `images` of holdout, however few groups these have. */
int grouping_of_part(struct grouping *out, const struct grouping *whole, int64_t images);

/* Not every image is a group of its own. */
bool grouping_joins_images(const struct grouping *grouping);

void grouping_free(struct grouping *grouping);

#endif
