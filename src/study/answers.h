/* What classifiers of one kind, several seeds of them, take each test image for; and how often they are right. The
 * intervals come from resampling test images and seeds at once, so that both kinds of chance are in them. */
#ifndef STUDY_ANSWERS_H
#define STUDY_ANSWERS_H

#include "eval/statistics.h"
#include "study/material.h"
#include "study/study.h"

#include <standin/standin.h>
#include <stdint.h>

struct answers {
    int seeds;
    int64_t images;
    const standin_dataset *tests; /* borrowed */
    int32_t *predicted;           /* (seeds, images): class in `tests`, or -1 */
};

/* What to train on. by_seed: each seed has a set of its own. */
struct lesson {
    const char *name; /* of files: unlike any other's in the folder */
    enum standin_augment augment;
    bool by_seed;
    int (*make)(standin_dataset **out, void *context, const struct material *material, int case_index, int seed_index);
    /* NULL, or what the training begins with: *out NULL for nothing; the same for all seeds */
    int (*make_first)(standin_dataset **out, void *context, const struct material *material, int case_index);
    void *context;
    const char *test_name;
};

/* Trains for each case and each seed, unless that is done, and asks about the case's test images. */
int answers_ask(struct answers *answers, struct study *study, const struct material *material,
                const struct lesson *lesson);

/* Units of progress that this takes. */
int64_t answers_units(const struct study *study, const struct material *material);

/* The same class for all images: the one that most training images have. */
int answers_of_largest_class(struct answers *answers, const struct material *material);

void answers_free(struct answers *answers);

double answers_seed_accuracy(const struct answers *answers, int seed_index);
double answers_accuracy(const struct answers *answers); /* mean over seeds */

/* right[image]: the share of seeds that have it right. (images) numbers, to be freed. */
int answers_right(double **right, const struct answers *answers);

/* 95 %, percentiles of STATISTICS_RESAMPLES resamples of images and seeds; Wilson's where all or none are right. */
int answers_interval(struct interval *interval, const struct answers *answers, uint64_t seed);

/* Accuracies (STATISTICS_RESAMPLES) of resamples of images and seeds. The same seed draws the same images for all; each
 * `kind` of classifier has its own draws of seeds. */
int answers_resampled(double *accuracies, const struct answers *answers, int kind, uint64_t seed);

struct answers_difference {
    double difference;
    struct interval interval; /* 95 %; the same resampled images for both */
    double mcnemar;           /* exact p; an image counts as right if more than half of the seeds have it right */
    double unpaired;          /* p as if two samples of images had been tested: for comparison with papers */
};
int answers_compare(struct answers_difference *out, const struct answers *a, const struct answers *b, uint64_t seed);

#endif
