/* What a classifier of these very classes looks at. Its features are many for sets of a few hundred images, and most
 * say the same: so they are reduced to their principal components. */
#include "eval/features.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/extractor.h"
#include "eval/pca.h"
#include "train/classify_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512 };

struct features_task {
    struct features features;
    standin_classifier *classifier;
    struct pca pca; /* components 0: the features as they are */
    float *seen;    /* (BLOCK, features of the classifier) */
    double *vector; /* one of them */
};

static void project(const struct features_task *task, const float *seen, double *out)
{
    const int64_t width = classify_model_features(task->classifier);
    double *vector = task->pca.components > 0 ? task->vector : out;
    for (int64_t i = 0; i < width; i++)
        vector[i] = (double)seen[i];
    if (task->pca.components > 0)
        pca_project(&task->pca, vector, out);
}

static int compute(struct features *features, const uint8_t *pixels, int64_t count, double *out)
{
    struct features_task *task = (struct features_task *)features;
    standin_classifier *classifier = task->classifier;
    const int64_t width = classify_model_features(classifier);
    const int64_t samples = (int64_t)standin_classifier_height(classifier) * standin_classifier_width(classifier) *
                            standin_classifier_channels(classifier);
    for (int64_t first = 0; first < count; first += BLOCK) {
        const int64_t images = count - first < BLOCK ? count - first : BLOCK;
        const int status = classify_model_look(classifier, pixels + first * samples, images, task->seen, NULL);
        if (status < 0)
            return status;
        for (int64_t i = 0; i < images; i++)
            project(task, task->seen + i * width, out + (first + i) * features->dimension);
    }
    return 0;
}

static void release(struct features *features)
{
    struct features_task *task = (struct features_task *)features;
    standin_classifier_free(task->classifier);
    pca_free(&task->pca);
    free(task->seen);
    free(task->vector);
    free(task);
}

/* ---- Fitting ------------------------------------------------------------------------------------------------- */

struct rows {
    const double *values;
    int64_t width;
};

static void read_row(const void *context, int64_t vector, int64_t first, int64_t count, double *numbers)
{
    const struct rows *rows = context;
    memcpy(numbers, rows->values + vector * rows->width + first, (size_t)count * sizeof *numbers);
}

static int check_size(const struct features_task *task, const char *path, const struct pictures *fit)
{
    const standin_classifier *classifier = task->classifier;
    const int height = standin_classifier_height(classifier), width = standin_classifier_width(classifier);
    const int channels = standin_classifier_channels(classifier);
    if (fit->height == height && fit->width == width && fit->channels == channels)
        return 0;
    return error_set(STATUS_INPUT, "%s looks at pictures of %dx%dx%d, not of %lldx%lldx%lld", path, width, height,
                     channels, (long long)fit->width, (long long)fit->height, (long long)fit->channels);
}

static int reduce(struct features_task *task, const char *path, const struct pictures *fit, int threads)
{
    int status = pictures_check(fit);
    if (status == 0)
        status = check_size(task, path, fit);
    if (status < 0)
        return status;
    const int64_t width = task->features.dimension;
    double *values = memory_new((size_t)fit->count, (size_t)width * sizeof *values);
    const struct rows rows = {values, width};
    struct pool *pool = NULL;
    status = values ? pool_new(&pool, threads) : STATUS_MEMORY;
    if (status == 0)
        status = compute(&task->features, fit->pixels, fit->count, values);
    if (status == 0)
        status = pca_fit(&task->pca, fit->count, width, FEATURES_DIMENSION, read_row, &rows, pool);
    pool_free(pool);
    free(values);
    if (status == 0)
        task->features.dimension = task->pca.components;
    return status;
}

/* ---- Opening ------------------------------------------------------------------------------------------------- */

static int open_classifier(struct features_task *task, const char *path, int threads)
{
    const int status = standin_classifier_open(&task->classifier, path, threads);
    if (status < 0)
        return status;
    const int64_t width = classify_model_features(task->classifier);
    task->features.dimension = width;
    task->seen = memory_new(BLOCK * (size_t)width, sizeof *task->seen);
    task->vector = memory_new((size_t)width, sizeof *task->vector);
    return task->seen && task->vector ? 0 : STATUS_MEMORY;
}

static void describe(struct features_task *task, const struct pictures *fit)
{
    const long long width = classify_model_features(task->classifier);
    char *note = task->features.note;
    if (fit)
        snprintf(note, FEATURES_NOTE,
                 "%lld principal components, by %lld pictures, of the %lld features before a classifier's last layer",
                 (long long)task->pca.components, (long long)(fit->count < PCA_VECTORS ? fit->count : PCA_VECTORS),
                 width);
    else
        snprintf(note, FEATURES_NOTE, "the %lld features before a classifier's last layer", width);
}

int features_task(struct features **out, const char *classifier, const struct pictures *fit, int threads)
{
    *out = NULL;
    struct features_task *task = memory_new(1, sizeof *task);
    if (!task)
        return STATUS_MEMORY;
    task->features =
        (struct features){.compute = compute, .free = release, .block = BLOCK, .name = "task", .title = "FD-task"};
    int status = open_classifier(task, classifier, threads);
    if (status == 0 && fit)
        status = reduce(task, classifier, fit, threads);
    if (status < 0) {
        release(&task->features);
        return status;
    }
    describe(task, fit);
    *out = &task->features;
    return 0;
}
