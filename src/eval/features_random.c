/* A network that has learned nothing: the classifier's, a quarter as wide so that it ends in 64 numbers. Random
 * convolutions keep much of what a picture is, and favour no set.
 *
 * Its normalisations need statistics. Those of the real set would make another extractor of each set, and values of
 * two sets could not be compared. None at all (mean 0, variance 1) leaves features that mostly say how bright a picture
 * is: on three sets of photographs one direction held half to four fifths of the variance. So they are measured once on
 * pictures that are always the same: noise of all grains, as photographs have it. What must change besides is the last
 * scale of each block, which starts at 0 for training: the network would be its shortcuts, little more than means over
 * pixels. */
#include "eval/features.h"

#include "base/error.h"
#include "base/least.h"
#include "base/memory.h"
#include "base/philox.h"
#include "eval/block_network.h"
#include "eval/extractor.h"
#include "net/classifier.h"
#include "run/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 32, SHARDS = 4, SEED = 1, NOISE = 64, STEM = FEATURES_DIMENSION >> CLASSIFIER_BLOCKS };
static const char prefix[] = "random";

struct features_random {
    struct features features;
    struct block_network *network;
};

static struct node *build(const void *context, struct graph *graph, struct node *pictures)
{
    const struct scope scope = {.graph = graph, .prefix = prefix};
    return classifier_features(&scope, context, pictures);
}

/* ---- Weights ------------------------------------------------------------------------------------------------- */

/* Noise of each grain from the whole picture down to two pixels, all of about the same strength; what is common to all
 * channels twice as strong as what is not. */
static struct node *noise(struct graph *graph, const struct classifier *network)
{
    const int64_t side = least(network->height, network->width);
    struct node *sum = graph_constant(graph, 0);
    uint32_t purpose = RANDOM_USER;
    for (int64_t cells = 1; cells <= side / 2; cells *= 2)
        for (int own = 0; own < 2; own++) {
            const int64_t size[3] = {cells, cells, own ? network->channels : 1};
            struct node *grain =
                graph_random(graph, RANDOM_DISTRIBUTION_NORMAL, purpose++, shape_batch(NOISE, 3, size));
            grain = graph_resample(graph, grain, network->height, network->width);
            sum = graph_add(graph, sum, graph_scale(graph, grain, own ? 0.15 : 0.3));
        }
    return graph_tanh(graph, sum);
}

static int build_calibration(struct graph *graph, const struct classifier *network)
{
    struct statistics statistics = {0};
    const struct scope scope = {.graph = graph, .prefix = prefix, .training = true, .statistics = &statistics};
    graph_output(graph, classifier_features(&scope, network, noise(graph, network)));
    for (int i = 0; i < statistics.count; i++) {
        graph_assign(graph, statistics.stored_mean[i], statistics.mean[i]);
        graph_assign(graph, statistics.stored_variance[i], statistics.variance[i]);
    }
    return graph_status(graph);
}

static void set_scales(struct store *store)
{
    static const char scale[] = ".scale";
    for (int i = 0; i < store_tensors(store); i++) {
        const struct tensor *tensor = store_tensor(store, i);
        const size_t length = strlen(tensor->name), tail = sizeof scale - 1;
        if (length > tail && strcmp(tensor->name + length - tail, scale) == 0)
            for (int64_t j = 0; j < shape_elements(&tensor->shape); j++)
                ((float *)tensor->data)[j] = 1;
    }
}

/* The network looks at the noise once, on one thread, and leaves its statistics in the store. */
static int fill(const void *context, struct store *store, const struct graph *graph)
{
    (void)graph;
    struct graph *calibration = NULL;
    struct plan *plan = NULL;
    struct pool *pool = NULL;
    struct executor *executor = NULL;
    int status = graph_new(&calibration);
    if (status == 0)
        status = build_calibration(calibration, context);
    if (status == 0)
        status = store_add_states(store, calibration, SEED);
    if (status == 0)
        status = plan_make(&plan, calibration, &cpu_f32, SHARDS);
    if (status == 0)
        status = pool_new(&pool, 1);
    if (status == 0)
        status = executor_new(&executor, plan, store, pool);
    if (status == 0) {
        set_scales(store);
        executor_states_changed(executor);
        status = executor_run(executor, SEED, 0);
    }
    executor_free(executor);
    pool_free(pool);
    plan_free(plan);
    graph_free(calibration);
    return status;
}

/* ---- Handle -------------------------------------------------------------------------------------------------- */

static int compute(struct features *features, const uint8_t *pixels, int64_t count, double *out)
{
    return block_network_compute(((struct features_random *)features)->network, pixels, count, out);
}

static void release(struct features *features)
{
    block_network_free(((struct features_random *)features)->network);
    free(features);
}

int features_random(struct features **out, int64_t height, int64_t width, int64_t channels, int threads)
{
    *out = NULL;
    const struct classifier network = {
        .height = height, .width = width, .channels = channels, .classes = 2, .features = STEM};
    int status = classifier_check(&network);
    if (status < 0)
        return status;
    struct features_random *random = memory_new(1, sizeof *random);
    if (!random)
        return STATUS_MEMORY;
    random->features = (struct features){.compute = compute,
                                         .free = release,
                                         .dimension = FEATURES_DIMENSION,
                                         .block = BLOCK,
                                         .name = "random",
                                         .title = "FD-rand"};
    snprintf(random->features.note, sizeof random->features.note,
             "the %d outputs of a random network (seed %d) for pictures of %lldx%lldx%lld", FEATURES_DIMENSION, SEED,
             (long long)width, (long long)height, (long long)channels);
    const struct block_network_settings settings = {.height = height,
                                                    .width = width,
                                                    .channels = channels,
                                                    .block = BLOCK,
                                                    .shards = SHARDS,
                                                    .build = build,
                                                    .fill = fill,
                                                    .context = &network};
    status = block_network_new(&random->network, &settings, threads);
    if (status < 0) {
        release(&random->features);
        return status;
    }
    *out = &random->features;
    return 0;
}
