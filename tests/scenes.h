/* Random sets as an audit compares them, of which the answers are known. Include after cmocka.h. */
#ifndef TESTS_SCENES_H
#define TESTS_SCENES_H

#include "audit/verdict.h"

enum { WIDTH = 16, MANY = 400 };

/* Rows of WIDTH standard normal numbers, the same for the same number. */
struct feature_set random_set(uint64_t number, int64_t count);
struct feature_set copy_with_noise(const struct feature_set *set, double deviation, uint64_t number);
void set_free(struct feature_set *set);

/* Everything an audit has, with a synthetic set that knows nothing of train unless it is replaced. */
struct scene {
    struct feature_set train, holdout, synthetic, copycat;
    int64_t *train_group, *holdout_group; /* NULL unless it is one of persons */
    struct audit_space space;
};

void scene_make(struct scene *scene, uint64_t number, int64_t count);

/* The same of `persons` in train, others in the holdout and in the synthetic set strangers, with `each` images one
 * after another; images of one person are as different as persons are, times `within`. */
void scene_make_persons(struct scene *scene, uint64_t number, int64_t persons, int64_t each, double within);
void scene_measure(struct scene *scene, struct pool *pool);
void scene_free(struct scene *scene);

#endif
