/* Rows come from addressed random numbers, so that a set is the same in every test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "must.h"
#include "scenes.h"

#include "base/philox.h"

struct feature_set random_set(uint64_t number, int64_t count)
{
    float *normal = test_malloc((size_t)(count * WIDTH) * sizeof *normal);
    double *values = test_malloc((size_t)(count * WIDTH) * sizeof *values);
    random_normal((random_address){.seed = 5, .purpose = RANDOM_USER, .sample = number}, 0, (uint64_t)(count * WIDTH),
                  normal);
    for (int64_t i = 0; i < count * WIDTH; i++)
        values[i] = (double)normal[i];
    test_free(normal);
    return (struct feature_set){values, count, WIDTH};
}

struct feature_set copy_with_noise(const struct feature_set *set, double deviation, uint64_t number)
{
    struct feature_set noise = random_set(number, set->count);
    double *values = test_malloc((size_t)(set->count * WIDTH) * sizeof *values);
    for (int64_t i = 0; i < set->count * WIDTH; i++)
        values[i] = set->values[i] + deviation * noise.values[i];
    test_free((void *)noise.values);
    return (struct feature_set){values, set->count, WIDTH};
}

void set_free(struct feature_set *set)
{
    test_free((void *)set->values);
}

void scene_make(struct scene *scene, uint64_t number, int64_t count)
{
    *scene = (struct scene){0};
    scene->train = random_set(number, count);
    scene->holdout = random_set(number + 1, count);
    scene->synthetic = random_set(number + 2, count);
    scene->copycat = copy_with_noise(&scene->train, .01, number + 3);
}

static struct feature_set portraits(uint64_t number, int64_t persons, int64_t each, double within)
{
    struct feature_set middles = random_set(number, persons), set = random_set(number + 5, persons * each);
    for (int64_t i = 0; i < set.count * WIDTH; i++) {
        double *value = (double *)set.values + i;
        *value = within * *value + middles.values[i / WIDTH / each * WIDTH + i % WIDTH];
    }
    set_free(&middles);
    return set;
}

void scene_make_persons(struct scene *scene, uint64_t number, int64_t persons, int64_t each, double within)
{
    const int64_t count = persons * each;
    *scene = (struct scene){.train = portraits(number, persons, each, within),
                            .holdout = portraits(number + 1, persons, each, within),
                            .synthetic = portraits(number + 2, count, 1, within),
                            .train_group = test_malloc((size_t)count * sizeof(int64_t)),
                            .holdout_group = test_malloc((size_t)count * sizeof(int64_t))};
    scene->copycat = copy_with_noise(&scene->train, .01, number + 3);
    for (int64_t i = 0; i < count; i++) {
        scene->train_group[i] = i / each;
        scene->holdout_group[i] = persons + i / each;
    }
}

void scene_measure(struct scene *scene, struct pool *pool)
{
    const struct audit_sets sets = {scene->train,   scene->holdout,     scene->synthetic,
                                    scene->copycat, scene->train_group, scene->holdout_group};
    must(audit_space_measure(&scene->space, "pixels", &sets, pool));
}

void scene_free(struct scene *scene)
{
    set_free(&scene->train);
    set_free(&scene->holdout);
    set_free(&scene->synthetic);
    set_free(&scene->copycat);
    test_free(scene->train_group);
    test_free(scene->holdout_group);
}
