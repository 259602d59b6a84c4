/* The features that FID is computed from, as far as the user's weights are those that it is defined by. */
#include "eval/features.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/block_network.h"
#include "eval/extractor.h"
#include "eval/inception_weights.h"
#include "net/inception.h"

#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 8, SHARDS = 4 };
static const char prefix[] = "inception";

struct features_inception {
    struct features features;
    struct block_network *network;
};

/* The weights to read, and what was found out about them. */
struct weights_file {
    const char *path;
    bool *recognised;
};

static struct node *build(const void *context, struct graph *graph, struct node *pictures)
{
    (void)context;
    const struct scope scope = {.graph = graph, .prefix = prefix};
    return inception_features(&scope, pictures);
}

static int fill(const void *context, struct store *store, const struct graph *graph)
{
    const struct weights_file *file = context;
    const int status = store_reserve_states(store, graph);
    return status == 0 ? inception_weights_load(store, prefix, file->path, file->recognised) : status;
}

static int compute(struct features *features, const uint8_t *pixels, int64_t count, double *out)
{
    return block_network_compute(((struct features_inception *)features)->network, pixels, count, out);
}

static void release(struct features *features)
{
    block_network_free(((struct features_inception *)features)->network);
    free(features);
}

static int check_size(int64_t height, int64_t width, int64_t channels)
{
    if (height > 0 && width > 0 && (channels == 1 || channels == 3))
        return 0;
    return error_set(STATUS_INPUT, "Inception cannot look at pictures of %lldx%lldx%lld", (long long)width,
                     (long long)height, (long long)channels);
}

int features_inception(struct features **out, const char *weights, int64_t height, int64_t width, int64_t channels,
                       int threads)
{
    *out = NULL;
    int status = check_size(height, width, channels);
    if (status < 0)
        return status;
    struct features_inception *inception = memory_new(1, sizeof *inception);
    if (!inception)
        return STATUS_MEMORY;
    bool recognised = false;
    const struct weights_file file = {weights, &recognised};
    const struct block_network_settings settings = {.height = height,
                                                    .width = width,
                                                    .channels = channels,
                                                    .block = BLOCK,
                                                    .shards = SHARDS,
                                                    .build = build,
                                                    .fill = fill,
                                                    .context = &file};
    inception->features = (struct features){
        .compute = compute, .free = release, .dimension = INCEPTION_FEATURES, .block = BLOCK, .name = "inception"};
    status = block_network_new(&inception->network, &settings, threads);
    if (status < 0) {
        release(&inception->features);
        return status;
    }
    inception->features.title = recognised ? "FID" : "FD-inception (unrecognised weights)";
    snprintf(inception->features.note, sizeof inception->features.note,
             "%d features of Inception at 299x299 from pictures of %lldx%lldx%lld; weights %s", INCEPTION_FEATURES,
             (long long)width, (long long)height, (long long)channels,
             recognised ? "converted from pt_inception-2015-12-05-6726825d.pth" : "of unknown origin");
    *out = &inception->features;
    return 0;
}
