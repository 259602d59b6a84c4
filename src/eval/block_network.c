/* A graph, its plan and its weights, run block after block; what a block has too many of is grey. */
#include "eval/block_network.h"

#include "base/error.h"
#include "base/memory.h"
#include "run/plan.h"
#include "train/pixels.h"

#include <stdlib.h>

struct block_network {
    int64_t block, samples; /* numbers of a picture */
    struct graph *graph;
    struct plan *plan;
    struct store *store;
    struct pool *pool;
    struct executor *executor;
    struct node *features;
    float *pictures;
};

static int build(struct block_network *network, const struct block_network_settings *settings)
{
    int status = graph_new(&network->graph);
    if (status < 0)
        return status;
    const int64_t size[3] = {settings->height, settings->width, settings->channels};
    struct node *pictures = graph_input(network->graph, "pictures", shape_batch(settings->block, 3, size));
    network->features = settings->build(settings->context, network->graph, pictures);
    graph_output(network->graph, network->features);
    return graph_status(network->graph);
}

static int make(struct block_network *network, const struct block_network_settings *settings, int threads)
{
    int status = build(network, settings);
    if (status == 0)
        status = store_new(&network->store, cpu_f32.type);
    if (status == 0)
        status = settings->fill(settings->context, network->store, network->graph);
    if (status == 0)
        status = plan_make(&network->plan, network->graph, &cpu_f32, settings->shards);
    if (status == 0)
        status = pool_new(&network->pool, threads);
    if (status == 0)
        status = executor_new(&network->executor, network->plan, network->store, network->pool);
    if (status < 0)
        return status;
    network->pictures = memory_new_aligned((size_t)(network->block * network->samples) * sizeof *network->pictures);
    return network->pictures ? executor_bind(network->executor, "pictures", network->pictures) : STATUS_MEMORY;
}

int block_network_new(struct block_network **out, const struct block_network_settings *settings, int threads)
{
    *out = NULL;
    struct block_network *network = memory_new(1, sizeof *network);
    if (!network)
        return STATUS_MEMORY;
    network->block = settings->block;
    network->samples = settings->height * settings->width * settings->channels;
    const int status = make(network, settings, threads);
    if (status < 0) {
        block_network_free(network);
        return status;
    }
    *out = network;
    return 0;
}

void block_network_free(struct block_network *network)
{
    if (!network)
        return;
    executor_free(network->executor);
    pool_free(network->pool);
    store_free(network->store);
    plan_free(network->plan);
    graph_free(network->graph);
    free(network->pictures);
    free(network);
}

int64_t block_network_features(const struct block_network *network)
{
    return network->features->shape.size[1];
}

int block_network_compute(struct block_network *network, const uint8_t *pixels, int64_t count, double *out)
{
    const int64_t width = block_network_features(network), samples = network->samples;
    for (int64_t first = 0; first < count; first += network->block) {
        const int64_t images = count - first < network->block ? count - first : network->block;
        for (int64_t i = 0; i < network->block * samples; i++)
            network->pictures[i] = i < images * samples ? pixel_to_number(pixels[first * samples + i]) : 0;
        const int status = executor_run(network->executor, 0, 0);
        if (status < 0)
            return status;
        const float *features = executor_output(network->executor, network->features);
        for (int64_t i = 0; i < images * width; i++)
            out[first * width + i] = (double)features[i];
    }
    return 0;
}
