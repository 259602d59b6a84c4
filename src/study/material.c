/* Pairs of sets, and what is refused. */
#include "study/material.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "study/draw.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- What is refused ---------------------------------------------------------------------------------------- */

static int check_set(const standin_dataset *set)
{
    if (!dataset_pixels(set))
        return error_set(STATUS_INPUT, "%s: opened without a size", dataset_path(set));
    if (standin_dataset_classes(set) < 2)
        return error_set(STATUS_INPUT, "%s: all images are of class '%.80s'; a study needs at least two classes",
                         dataset_path(set), standin_dataset_class_name(set, 0));
    return 0;
}

static bool has_class(const standin_dataset *set, const char *name)
{
    for (int c = 0; c < standin_dataset_classes(set); c++)
        if (strcmp(standin_dataset_class_name(set, c), name) == 0)
            return true;
    return false;
}

static int check_pair(const standin_dataset *train, const standin_dataset *test)
{
    if (strcmp(standin_dataset_hash(train), standin_dataset_hash(test)) == 0)
        return error_set(STATUS_INPUT,
                         "%s: the test set is the training set; what was learned by heart would count as known",
                         dataset_path(test));
    if (standin_dataset_width(train) != standin_dataset_width(test) ||
        standin_dataset_height(train) != standin_dataset_height(test) ||
        standin_dataset_channels(train) != standin_dataset_channels(test))
        return error_set(STATUS_INPUT, "%s: opened in another size or colour than %s", dataset_path(test),
                         dataset_path(train));
    for (int c = 0; c < standin_dataset_classes(test); c++)
        if (!has_class(train, standin_dataset_class_name(test, c)))
            return error_set(STATUS_INPUT, "%s: class '%.80s' is to be tested, but %s has no images of it to train on",
                             dataset_path(test), standin_dataset_class_name(test, c), dataset_path(train));
    return 0;
}

int material_shared(int64_t *shared, const standin_dataset *a, const standin_dataset *b)
{
    standin_dataset *both;
    const int64_t first = standin_dataset_images(a);
    *shared = 0;
    const int status = derive_joined(&both, (const standin_dataset *[]){a, b}, 2);
    if (status < 0)
        return status;
    for (int64_t i = first; i < standin_dataset_images(both); i++) {
        standin_image about;
        standin_dataset_image(both, i, &about);
        *shared += about.duplicate_of >= 0 && about.duplicate_of < first;
    }
    standin_dataset_free(both);
    return 0;
}

static int check_shared(struct material *material, const standin_dataset *train, const standin_dataset *test)
{
    const int64_t images = standin_dataset_images(test);
    const int status = material_shared(&material->shared, train, test);
    if (status == 0 && material->shared * 2 >= images)
        return error_set(STATUS_INPUT,
                         "%s: %" PRId64 " of %" PRId64
                         " test images are training images as well (the same pixels); what was "
                         "learned by heart would count as known",
                         dataset_path(test), material->shared, images);
    return status;
}

/* ---- Cases -------------------------------------------------------------------------------------------------- */

static int add_pair(struct material *material, const standin_dataset *train, const standin_dataset *test)
{
    struct material_case *one = &material->cases[material->count++];
    int status = derive_joined(&one->train, &train, 1);
    if (status == 0)
        status = derive_joined(&one->test, &test, 1);
    one->place = memory_new((size_t)standin_dataset_images(test), sizeof *one->place);
    for (int64_t i = 0; one->place && i < standin_dataset_images(test); i++)
        one->place[i] = i;
    return status == 0 && !one->place ? STATUS_MEMORY : status;
}

static int add_fold(struct material *material, const standin_dataset *set, const int32_t *fold, int tested)
{
    const int64_t images = standin_dataset_images(set);
    struct material_case *one = &material->cases[material->count++];
    int64_t *train = memory_new((size_t)images, sizeof *train), trained = 0, asked = 0;
    one->place = memory_new((size_t)images, sizeof *one->place);
    int status = train && one->place ? 0 : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < images; i++) {
        if (fold[i] == tested)
            one->place[asked++] = i;
        else
            train[trained++] = i;
    }
    if (status == 0)
        status = draw_part(&one->train, set, train, trained);
    if (status == 0)
        status = draw_part(&one->test, set, one->place, asked);
    free(train);
    return status;
}

static int new_from_pair(struct material *material, const standin_dataset *train, const standin_dataset *test)
{
    int status = check_set(test);
    if (status == 0)
        status = check_pair(train, test);
    if (status == 0)
        status = check_shared(material, train, test);
    material->cases = memory_new(1, sizeof *material->cases);
    material->all_tests = test;
    if (status == 0)
        status = material->cases ? add_pair(material, train, test) : STATUS_MEMORY;
    return status;
}

static int new_from_folds(struct material *material, const standin_dataset *set, int folds, int used, uint64_t seed)
{
    int32_t *fold = NULL;
    if (folds < 2)
        return error_set(STATUS_INPUT, "%d folds; without a test set at least 2 are needed", folds);
    material->cases = memory_new((size_t)used, sizeof *material->cases);
    material->all_tests = set;
    material->folded = used > 1;
    int status = material->cases ? draw_folds(&fold, set, folds, seed) : STATUS_MEMORY;
    for (int f = 0; status == 0 && f < used; f++)
        status = add_fold(material, set, fold, f);
    free(fold);
    return status;
}

int material_new(struct material *material, const standin_dataset *train, const standin_dataset *test, int folds,
                 uint64_t seed)
{
    *material = (struct material){0};
    int status = check_set(train);
    if (status == 0)
        status = test ? new_from_pair(material, train, test) : new_from_folds(material, train, folds, folds, seed);
    if (status < 0)
        material_free(material);
    return status;
}

int material_held_out(struct material *material, const standin_dataset *set, int folds, uint64_t seed)
{
    *material = (struct material){0};
    int status = check_set(set);
    if (status == 0)
        status = new_from_folds(material, set, folds, 1, seed);
    if (status < 0) {
        material_free(material);
        return status;
    }
    struct material_case *one = &material->cases[0];
    for (int64_t i = 0; i < standin_dataset_images(one->test); i++)
        one->place[i] = i;
    material->all_tests = one->test;
    return 0;
}

void material_free(struct material *material)
{
    for (int i = 0; i < material->count; i++) {
        standin_dataset_free(material->cases[i].train);
        standin_dataset_free(material->cases[i].test);
        free(material->cases[i].place);
    }
    free(material->cases);
    *material = (struct material){0};
}

int64_t material_train_images(const struct material *material)
{
    int64_t sum = 0;
    for (int i = 0; i < material->count; i++)
        sum += standin_dataset_images(material->cases[i].train);
    return (sum + material->count / 2) / material->count;
}
