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
    scene->train = random_set(number, count);
    scene->holdout = random_set(number + 1, count);
    scene->synthetic = random_set(number + 2, count);
    scene->copycat = copy_with_noise(&scene->train, .01, number + 3);
}

void scene_measure(struct scene *scene, struct pool *pool)
{
    const struct audit_sets sets = {scene->train, scene->holdout, scene->synthetic, scene->copycat, NULL, NULL};
    must(audit_space_measure(&scene->space, "pixels", &sets, pool));
}

void scene_free(struct scene *scene)
{
    set_free(&scene->train);
    set_free(&scene->holdout);
    set_free(&scene->synthetic);
    set_free(&scene->copycat);
}
