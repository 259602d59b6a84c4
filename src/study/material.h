/* What a study trains on and tests on: one pair of sets, or one for each fold of a set that has no test images of its
 * own. Whatever would make the numbers meaningless is refused here. */
#ifndef STUDY_MATERIAL_H
#define STUDY_MATERIAL_H

#include <standin/standin.h>
#include <stdbool.h>
#include <stdint.h>

struct material_case {
    standin_dataset *train, *test;
    int64_t *place; /* of each test image among all test images */
};

struct material {
    struct material_case *cases;
    int count;
    bool folded;
    const standin_dataset *all_tests; /* borrowed: labels and classes of what is tested on */
    int64_t shared;                   /* test images that are training images as well, by their pixels */
};

/* `test` NULL: as many folds of `train` as said, each of which is the test of the others. Both stay the caller's and
 * must stay. */
int material_new(struct material *material, const standin_dataset *train, const standin_dataset *test, int folds,
                 uint64_t seed);

/* The first of `folds` folds is the test, and only that. */
int material_held_out(struct material *material, const standin_dataset *set, int folds, uint64_t seed);

void material_free(struct material *material);

/* Mean over the cases, rounded. */
int64_t material_train_images(const struct material *material);

/* How many images of `b` have the very pixels of one of `a`. */
int material_shared(int64_t *shared, const standin_dataset *a, const standin_dataset *b);

#endif
