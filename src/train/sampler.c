/* One graph serves both: the generator in training mode, whose outputs are the images and every normalisation's
 * statistics of the batch. The first steps of its latents are the grid; those after GRID_STEPS are for the statistics.
 */
#include "train/sampler.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "train/pixels.h"
#include "train/settings.h"

#include <stdlib.h>

enum { ROWS_UNLABELLED = 8, ROWS_MAXIMUM = 16, GRID_STEPS = 1 << 10 };

struct sampler {
    struct graph *graph;
    struct plan *plan;
    struct executor *executor;
    struct store *store;
    struct node *images;
    struct statistics statistics;
    uint64_t seed;
    int64_t batch, classes, rows;
    float *labels;   /* [batch] */
    uint8_t *pixels; /* of the grid */
    double *sum; /* of means, then of mean squares, of the statistics being averaged */
    size_t channels; /* of all normalisations together */
};

static int build(struct sampler *sampler, const struct step_settings *settings)
{
    struct graph *g = sampler->graph;
    const struct scope scope = {.graph = g,
                                .prefix = settings_generator_prefix(settings),
                                .training = true,
                                .statistics = &sampler->statistics};
    struct node *z = graph_random(g, RANDOM_DISTRIBUTION_NORMAL, RANDOM_SAMPLE_GRID,
                                  shape_batch(settings->batch, 1, &settings->network.latent));
    const struct condition condition = {
        .label = settings->network.classes > 0 ? graph_input(g, "label", shape_batch(settings->batch, 0, NULL)) : NULL};
    sampler->images = network_generator(&scope, &settings->network, z, &condition);
    graph_output(g, sampler->images);
    for (int i = 0; i < sampler->statistics.count; i++) {
        graph_output(g, sampler->statistics.mean[i]);
        graph_output(g, sampler->statistics.variance[i]);
        if (sampler->statistics.mean[i])
            sampler->channels += (size_t)shape_elements(&sampler->statistics.mean[i]->shape);
    }
    return graph_status(g);
}

/* Numbers of one image. */
static int64_t samples(const struct sampler *sampler)
{
    return shape_elements(&sampler->images->shape) / sampler->batch;
}

int sampler_new(struct sampler **out, const struct step_settings *settings, struct store *store, struct pool *pool,
                int shards, uint64_t seed)
{
    *out = NULL;
    struct sampler *sampler = memory_new(1, sizeof *sampler);
    if (!sampler)
        return STATUS_MEMORY;
    sampler->store = store;
    sampler->seed = seed;
    sampler->batch = settings->batch;
    sampler->classes = settings->network.classes;
    sampler->rows = sampler->classes == 0             ? ROWS_UNLABELLED
                    : sampler->classes < ROWS_MAXIMUM ? sampler->classes
                                                      : ROWS_MAXIMUM;
    int status = graph_new(&sampler->graph);
    if (status == 0)
        status = build(sampler, settings);
    if (status == 0)
        status = store_add_states(store, sampler->graph, seed);
    if (status == 0)
        status = plan_make(&sampler->plan, sampler->graph, &cpu_f32, shards);
    if (status == 0)
        status = executor_new(&sampler->executor, sampler->plan, store, pool);
    if (status == 0) {
        sampler->pixels = memory_new((size_t)sampler_images(sampler), (size_t)samples(sampler));
        sampler->sum = memory_new(2 * sampler->channels + 1, sizeof *sampler->sum);
        sampler->labels = memory_new_aligned((size_t)settings->batch * sizeof *sampler->labels);
        status = sampler->pixels && sampler->sum && sampler->labels ? 0 : STATUS_MEMORY;
    }
    if (status == 0 && executor_reads(sampler->executor, "label"))
        status = executor_bind(sampler->executor, "label", sampler->labels);
    if (status < 0) {
        sampler_free(sampler);
        return status;
    }
    *out = sampler;
    return 0;
}

void sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return;
    executor_free(sampler->executor);
    plan_free(sampler->plan);
    graph_free(sampler->graph);
    free(sampler->pixels);
    free(sampler->labels);
    free(sampler->sum);
    free(sampler);
}

int64_t sampler_images(const struct sampler *sampler)
{
    return sampler->rows * SAMPLER_COLUMNS;
}

static int run(struct sampler *sampler, int64_t step)
{
    executor_states_changed(sampler->executor); /* the trainer has changed the weights */
    return executor_run(sampler->executor, sampler->seed, (uint64_t)step);
}

/* Image i of the grid is of class i / SAMPLER_COLUMNS: the classes from `first` on, row by row. */
static void label_rows(struct sampler *sampler, int64_t first)
{
    for (int64_t i = 0; sampler->classes > 0 && i < sampler->batch; i++)
        sampler->labels[i] = (float)((first + i) / SAMPLER_COLUMNS % sampler->classes);
}

int sampler_grid(struct sampler *sampler, const uint8_t **pixels)
{
    const int64_t size = samples(sampler), images = sampler_images(sampler);
    for (int64_t first = 0; first < images; first += sampler->batch) {
        label_rows(sampler, first);
        const int status = run(sampler, first / sampler->batch);
        if (status < 0)
            return status;
        const float *number = executor_output(sampler->executor, sampler->images);
        for (int64_t i = 0; i < sampler->batch * size && first * size + i < images * size; i++)
            sampler->pixels[first * size + i] = pixel_from_number(number[i]);
    }
    *pixels = sampler->pixels;
    return 0;
}

static void add_statistics(struct sampler *sampler)
{
    double *sum = sampler->sum, *square = sampler->sum + sampler->channels;
    for (int i = 0; i < sampler->statistics.count; i++) {
        const float *mean = executor_output(sampler->executor, sampler->statistics.mean[i]);
        const float *variance = executor_output(sampler->executor, sampler->statistics.variance[i]);
        const int64_t channels = shape_elements(&sampler->statistics.mean[i]->shape);
        for (int64_t c = 0; c < channels; c++) {
            *sum++ += (double)mean[c];
            *square++ += (double)variance[c] + (double)mean[c] * (double)mean[c];
        }
    }
}

static void store_statistics(const struct sampler *sampler, int64_t batches)
{
    const double *sum = sampler->sum, *square = sampler->sum + sampler->channels;
    for (int i = 0; i < sampler->statistics.count; i++) {
        float *mean = store_find(sampler->store, sampler->statistics.stored_mean[i]->name)->data;
        float *variance = store_find(sampler->store, sampler->statistics.stored_variance[i]->name)->data;
        const int64_t channels = shape_elements(&sampler->statistics.mean[i]->shape);
        for (int64_t c = 0; c < channels; c++) {
            const double average = *sum++ / (double)batches;
            const double spread = *square++ / (double)batches - average * average;
            mean[c] = (float)average;
            variance[c] = spread > 0 ? (float)spread : 0;
        }
    }
}

int sampler_update_statistics(struct sampler *sampler, int64_t batches)
{
    if (sampler->statistics.count == 0)
        return 0;
    for (size_t i = 0; i < 2 * sampler->channels; i++)
        sampler->sum[i] = 0;
    for (int64_t i = 0; i < batches; i++) {
        for (int64_t k = 0; sampler->classes > 0 && k < sampler->batch; k++)
            sampler->labels[k] = (float)((i * sampler->batch + k) % sampler->classes);
        const int status = run(sampler, GRID_STEPS + i);
        if (status < 0)
            return status;
        add_statistics(sampler);
    }
    store_statistics(sampler, batches);
    return 0;
}

size_t sampler_bytes(const struct sampler *sampler, int threads)
{
    return plan_cost(sampler->plan, threads).memory;
}
