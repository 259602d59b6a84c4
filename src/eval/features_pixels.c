/* Principal components of the pixels themselves: no network, no training, hence no opinion about what a picture shows.
 */
#include "eval/features.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "eval/extractor.h"
#include "eval/pca.h"

#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 64 };

struct features_pixels {
    struct features features;
    struct pca pca;
    struct pool *pool;
    double *vector; /* a picture for each worker */
};

/* In [-1, 1], as everywhere, in double. */
static double number_of(uint8_t pixel)
{
    return (double)pixel / 127.5 - 1;
}

static void read_pixels(const void *context, int64_t vector, int64_t first, int64_t count, double *numbers)
{
    const struct pictures *fit = context;
    const uint8_t *pixels = fit->pixels + vector * fit->height * fit->width * fit->channels + first;
    for (int64_t i = 0; i < count; i++)
        numbers[i] = number_of(pixels[i]);
}

struct job {
    const struct features_pixels *features;
    const uint8_t *pixels;
    double *out;
};

static void project(void *context, int task, int worker)
{
    const struct job *job = context;
    const struct pca *pca = &job->features->pca;
    double *vector = job->features->vector + worker * pca->inputs;
    for (int64_t i = 0; i < pca->inputs; i++)
        vector[i] = number_of(job->pixels[task * pca->inputs + i]);
    pca_project(pca, vector, job->out + task * pca->components);
}

static int compute(struct features *features, const uint8_t *pixels, int64_t count, double *out)
{
    struct features_pixels *own = (struct features_pixels *)features;
    for (int64_t first = 0; first < count; first += BLOCK) {
        const int64_t images = count - first < BLOCK ? count - first : BLOCK;
        struct job job = {own, pixels + first * own->pca.inputs, out + first * own->pca.components};
        pool_run(own->pool, (int)images, project, &job);
    }
    return 0;
}

static void release(struct features *features)
{
    struct features_pixels *own = (struct features_pixels *)features;
    pca_free(&own->pca);
    pool_free(own->pool);
    free(own->vector);
    free(own);
}

int features_pixels(struct features **out, const struct pictures *fit, int threads)
{
    *out = NULL;
    int status = pictures_check(fit);
    if (status < 0)
        return status;
    struct features_pixels *own = memory_new(1, sizeof *own);
    if (!own)
        return STATUS_MEMORY;
    own->features =
        (struct features){.compute = compute, .free = release, .block = BLOCK, .name = "pixels", .title = "FD-pix"};
    const int64_t inputs = fit->height * fit->width * fit->channels;
    status = pool_new(&own->pool, threads);
    if (status == 0)
        status = pca_fit(&own->pca, fit->count, inputs, FEATURES_DIMENSION, read_pixels, fit, own->pool);
    if (status == 0) {
        own->vector = memory_new((size_t)pool_threads(own->pool) * (size_t)inputs, sizeof *own->vector);
        status = own->vector ? 0 : STATUS_MEMORY;
    }
    if (status < 0) {
        release(&own->features);
        return status;
    }
    own->features.dimension = own->pca.components;
    snprintf(own->features.note, sizeof own->features.note,
             "%lld principal components of the pixels of %lld pictures of %lldx%lldx%lld",
             (long long)own->pca.components, (long long)(fit->count < PCA_VECTORS ? fit->count : PCA_VECTORS),
             (long long)fit->width, (long long)fit->height, (long long)fit->channels);
    *out = &own->features;
    return 0;
}
