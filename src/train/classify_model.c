/* A finished classifier: saved, opened, and asked. Pictures are looked at in blocks of a fixed size by always the same
 * plan, so that an answer does not depend on how many are asked for. */
#include "train/classify_model.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "run/plan.h"
#include "train/checkpoint.h"
#include "train/class_names.h"
#include "train/pixels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 32, BLOCK_SHARDS = 4 };

struct standin_classifier {
    struct classifier network;
    char **name; /* of each class */
    struct graph *graph;
    struct plan *plan;
    struct store *store;
    struct pool *pool;
    struct executor *executor;
    struct node *features, *logits;
    float *images; /* one block */
    char *path;
};

/* The network as it is used: normalised by stored statistics. */
static int build(struct graph **out, struct node **features, struct node **logits, const struct classifier *network)
{
    int status = graph_new(out);
    if (status < 0)
        return status;
    const struct scope scope = {.graph = *out, .prefix = "c"};
    struct node *images = graph_input(
        *out, "images", shape_batch(BLOCK, 3, (int64_t[]){network->height, network->width, network->channels}));
    *features = classifier_features(&scope, network, images);
    *logits = classifier_logits(&scope, network, *features);
    graph_output(*out, *features);
    graph_output(*out, *logits);
    return graph_status(*out);
}

/* ---- Saving ----------------------------------------------------------------------------------------------- */

static int describe(struct metadata *metadata, const struct classifier *network, const struct classify_origin *origin)
{
    const bool augment = origin->options->augment == STANDIN_AUGMENT_CLASSIC;
    int status;
    if ((status = metadata_set(metadata, CHECKPOINT_KIND, CHECKPOINT_CLASSIFIER)) == 0 &&
        (status = metadata_set_integer(metadata, "width", network->width)) == 0 &&
        (status = metadata_set_integer(metadata, "height", network->height)) == 0 &&
        (status = metadata_set_integer(metadata, "channels", network->channels)) == 0 &&
        (status = metadata_set_integer(metadata, "features", network->features)) == 0 &&
        (status = metadata_set_natural(metadata, "seed", origin->options->seed)) == 0 &&
        (status = metadata_set_integer(metadata, "steps", origin->steps)) == 0 &&
        (status = metadata_set(metadata, "augment", augment ? "classic" : "none")) == 0 &&
        (status = metadata_set(metadata, "mirror", origin->options->mirror ? "yes" : "no")) == 0 &&
        (status = metadata_set(metadata, "dataset", standin_dataset_hash(origin->dataset))) == 0 &&
        (!origin->options->first ||
         (status = metadata_set(metadata, "first", standin_dataset_hash(origin->options->first))) == 0))
        status = class_names_set(metadata, origin->dataset);
    return status;
}

static void copy_tensors(struct store *to, const struct store *from)
{
    for (int i = 0; i < store_tensors(to); i++) {
        const struct tensor *target = store_tensor(to, i), *source = store_find(from, target->name);
        memcpy(target->data, source->data, tensor_bytes(to, target));
    }
}

int classify_model_save(const char *path, const struct classifier *network, const struct store *store,
                        const struct classify_origin *origin)
{
    struct graph *graph = NULL;
    struct store *kept = NULL;
    struct metadata *metadata = NULL;
    struct node *features, *logits;
    int status = build(&graph, &features, &logits, network);
    if (status == 0)
        status = store_new(&kept, store_type(store));
    if (status == 0)
        status = store_reserve_states(kept, graph);
    if (status == 0)
        status = metadata_new(&metadata);
    if (status == 0)
        status = describe(metadata, network, origin);
    if (status == 0) {
        copy_tensors(kept, store);
        status = checkpoint_save(path, kept, metadata);
    }
    metadata_free(metadata);
    store_free(kept);
    graph_free(graph);
    return status;
}

/* ---- Opening ---------------------------------------------------------------------------------------------- */

enum { SIDE_MAXIMUM = 4096, FEATURES_MAXIMUM = 256 };

static int read_metadata(standin_classifier *classifier, const struct metadata *metadata)
{
    struct classifier *network = &classifier->network;
    int status;
    if ((status = metadata_integer(metadata, "width", CLASSIFIER_SIDE_MINIMUM, SIDE_MAXIMUM, &network->width)) < 0 ||
        (status = metadata_integer(metadata, "height", CLASSIFIER_SIDE_MINIMUM, SIDE_MAXIMUM, &network->height)) < 0 ||
        (status = metadata_integer(metadata, "channels", 1, 3, &network->channels)) < 0 ||
        (status = metadata_integer(metadata, "features", 1, FEATURES_MAXIMUM, &network->features)) < 0 ||
        (status = metadata_integer(metadata, "classes", 2, CLASSIFIER_CLASSES_MAXIMUM, &network->classes)) < 0)
        return status;
    status = classifier_check(network);
    return status < 0 ? status : class_names_read(&classifier->name, metadata, network->classes);
}

static int make_ready(standin_classifier *classifier, const struct checkpoint *checkpoint, int threads)
{
    const struct classifier *network = &classifier->network;
    const size_t samples = (size_t)(network->height * network->width * network->channels);
    int status = build(&classifier->graph, &classifier->features, &classifier->logits, network);
    if (status == 0)
        status = checkpoint_check_states(checkpoint, classifier->graph, cpu_f32.type);
    if (status == 0)
        status = store_new(&classifier->store, cpu_f32.type);
    if (status == 0)
        status = store_reserve_states(classifier->store, classifier->graph);
    if (status == 0)
        status = checkpoint_load(checkpoint, classifier->store, true);
    if (status == 0)
        status = plan_make(&classifier->plan, classifier->graph, &cpu_f32, BLOCK_SHARDS);
    if (status == 0)
        status = pool_new(&classifier->pool, threads);
    if (status == 0)
        status = executor_new(&classifier->executor, classifier->plan, classifier->store, classifier->pool);
    if (status < 0)
        return status;
    classifier->images = memory_new_aligned(BLOCK * samples * sizeof *classifier->images);
    return classifier->images ? executor_bind(classifier->executor, "images", classifier->images) : STATUS_MEMORY;
}

int standin_classifier_open(standin_classifier **out, const char *path, int threads)
{
    *out = NULL;
    struct checkpoint *checkpoint;
    int status = checkpoint_open(&checkpoint, path);
    if (status < 0)
        return status;
    standin_classifier *classifier = memory_new(1, sizeof *classifier);
    status = classifier && (classifier->path = text_copy(path)) ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = checkpoint_check_kind(checkpoint, CHECKPOINT_CLASSIFIER);
    if (status == 0) {
        status = read_metadata(classifier, checkpoint_metadata(checkpoint));
        if (status < 0)
            error_prefix(status, "%s", checkpoint_path(checkpoint));
    }
    if (status == 0)
        status = make_ready(classifier, checkpoint, threads);
    checkpoint_close(checkpoint);
    if (status < 0) {
        standin_classifier_free(classifier);
        return status;
    }
    *out = classifier;
    return 0;
}

void standin_classifier_free(standin_classifier *classifier)
{
    if (!classifier)
        return;
    executor_free(classifier->executor);
    pool_free(classifier->pool);
    store_free(classifier->store);
    plan_free(classifier->plan);
    graph_free(classifier->graph);
    class_names_free(classifier->name, classifier->network.classes);
    free(classifier->images);
    free(classifier->path);
    free(classifier);
}

int standin_classifier_width(const standin_classifier *classifier)
{
    return (int)classifier->network.width;
}

int standin_classifier_height(const standin_classifier *classifier)
{
    return (int)classifier->network.height;
}

int standin_classifier_channels(const standin_classifier *classifier)
{
    return (int)classifier->network.channels;
}

int standin_classifier_classes(const standin_classifier *classifier)
{
    return (int)classifier->network.classes;
}

const char *standin_classifier_class_name(const standin_classifier *classifier, int class_index)
{
    return class_index >= 0 && class_index < classifier->network.classes ? classifier->name[class_index] : NULL;
}

/* ---- Asking ----------------------------------------------------------------------------------------------- */

static int32_t largest(const float *logits, int64_t classes)
{
    int32_t best = 0;
    for (int32_t i = 1; i < classes; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

/* Looks at the next block of pictures, of which `images` are there; the rest of it is grey. */
static int look_at_block(standin_classifier *classifier, const uint8_t *pixels, int64_t images)
{
    const struct classifier *network = &classifier->network;
    const int64_t samples = network->height * network->width * network->channels;
    for (int64_t i = 0; i < BLOCK * samples; i++)
        classifier->images[i] = i < images * samples ? pixel_to_number(pixels[i]) : 0;
    return executor_run(classifier->executor, 0, 0);
}

int standin_classifier_predict(standin_classifier *classifier, const uint8_t *pixels, int64_t count,
                               int32_t *class_index)
{
    const struct classifier *network = &classifier->network;
    const int64_t samples = network->height * network->width * network->channels;
    for (int64_t first = 0; first < count; first += BLOCK) {
        const int64_t images = count - first < BLOCK ? count - first : BLOCK;
        const int status = look_at_block(classifier, pixels + first * samples, images);
        if (status < 0)
            return status;
        const float *logits = executor_output(classifier->executor, classifier->logits);
        for (int64_t i = 0; i < images; i++)
            class_index[first + i] = largest(logits + i * network->classes, network->classes);
    }
    return 0;
}

static void softmax(float *probabilities, const float *logits, int64_t classes)
{
    const double highest = (double)logits[largest(logits, classes)];
    double sum = 0;
    for (int64_t i = 0; i < classes; i++)
        sum += exp((double)logits[i] - highest);
    for (int64_t i = 0; i < classes; i++)
        probabilities[i] = (float)(exp((double)logits[i] - highest) / sum);
}

int64_t classify_model_features(const standin_classifier *classifier)
{
    return classifier->features->shape.size[1];
}

int classify_model_look(standin_classifier *classifier, const uint8_t *pixels, int64_t count, float *features,
                        float *probabilities)
{
    const struct classifier *network = &classifier->network;
    const int64_t samples = network->height * network->width * network->channels;
    const int64_t width = classify_model_features(classifier), classes = network->classes;
    for (int64_t first = 0; first < count; first += BLOCK) {
        const int64_t images = count - first < BLOCK ? count - first : BLOCK;
        const int status = look_at_block(classifier, pixels + first * samples, images);
        if (status < 0)
            return status;
        const float *seen = executor_output(classifier->executor, classifier->features);
        const float *logits = executor_output(classifier->executor, classifier->logits);
        if (features)
            memcpy(features + first * width, seen, (size_t)(images * width) * sizeof *features);
        for (int64_t i = 0; probabilities && i < images; i++)
            softmax(probabilities + (first + i) * classes, logits + i * classes, classes);
    }
    return 0;
}

/* own[i]: the classifier's number of the dataset's class i. */
static int match_classes(const standin_classifier *classifier, const standin_dataset *dataset, int32_t *own)
{
    for (int i = 0; i < standin_dataset_classes(dataset); i++) {
        const char *name = standin_dataset_class_name(dataset, i);
        int32_t number = 0;
        while (number < classifier->network.classes && strcmp(classifier->name[number], name) != 0)
            number++;
        if (number == classifier->network.classes)
            return error_set(STATUS_INPUT, "%s: has a class '%s', which %s does not know", dataset_path(dataset), name,
                             classifier->path);
        own[i] = number;
    }
    return 0;
}

static int check_dataset(const standin_classifier *classifier, const standin_dataset *dataset)
{
    const struct classifier *network = &classifier->network;
    if (standin_dataset_width(dataset) != network->width || standin_dataset_height(dataset) != network->height ||
        standin_dataset_channels(dataset) != network->channels)
        return error_set(STATUS_INPUT, "%s looks at pictures of %lldx%lldx%lld, the dataset was opened at %dx%dx%d",
                         classifier->path, (long long)network->width, (long long)network->height,
                         (long long)network->channels, standin_dataset_width(dataset), standin_dataset_height(dataset),
                         standin_dataset_channels(dataset));
    return 0;
}

int standin_classifier_test(standin_classifier *classifier, const standin_dataset *dataset, int64_t *counts,
                            standin_progress_function *progress, void *progress_context)
{
    const int64_t classes = classifier->network.classes, images = standin_dataset_images(dataset);
    const int64_t samples = classifier->network.height * classifier->network.width * classifier->network.channels;
    int status = check_dataset(classifier, dataset);
    if (status < 0)
        return status;
    int32_t *own = memory_new((size_t)standin_dataset_classes(dataset), sizeof *own);
    status = own ? match_classes(classifier, dataset, own) : STATUS_MEMORY;
    memset(counts, 0, (size_t)(classes * classes) * sizeof *counts);
    for (int64_t first = 0; status == 0 && first < images; first += BLOCK) {
        int32_t predicted[BLOCK];
        const int64_t count = images - first < BLOCK ? images - first : BLOCK;
        status = standin_classifier_predict(classifier, dataset_pixels(dataset) + first * samples, count, predicted);
        for (int64_t i = 0; status == 0 && i < count; i++)
            counts[own[dataset_labels(dataset)[first + i]] * classes + predicted[i]]++;
        if (status == 0 && progress && progress(progress_context, "testing", first + count, images) != 0)
            status = error_set(STATUS_INTERRUPTED, "interrupted while testing");
    }
    free(own);
    return status;
}
