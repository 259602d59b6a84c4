/* A trained generator. Images come in blocks of a fixed size, always computed whole and by the same plan: so image i
 * is the same bits whether one image is asked for or a million. */
#include "train/generator.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/listing.h"
#include "train/class_names.h"
#include "train/origin.h"
#include "train/pixels.h"
#include "train/settings.h"

#include <standin/standin.h>
#include <stdlib.h>

/* Part of what (model, seed, i) means: changing either number changes images by rounding. */
enum { BLOCK = 32, BLOCK_SHARDS = 4 };

struct standin_generator {
    char *path;
    struct step_settings settings;
    struct graph *graph;
    struct plan *plan;
    struct store *store;
    struct pool *pool;
    struct executor *executor;
    struct node *images;
    float labels[BLOCK];
    int classes; /* that the images are of; 0: of several, unknown which. Of one class the network knows nothing. */
    char **class_name; /* [classes] */
};

static int build(standin_generator *generator)
{
    const struct step_settings *settings = &generator->settings;
    int status = graph_new(&generator->graph);
    if (status < 0)
        return status;
    struct graph *g = generator->graph;
    const struct scope scope = {.graph = g, .prefix = settings_generator_prefix(settings)};
    struct node *z = graph_random(g, RANDOM_DISTRIBUTION_NORMAL, RANDOM_GENERATE,
                                  shape_batch(BLOCK, 1, &settings->network.latent));
    const struct condition condition = {
        .label = settings->network.classes > 0 ? graph_input(g, "label", shape_batch(BLOCK, 0, NULL)) : NULL};
    generator->images = network_generator(&scope, &settings->network, z, &condition);
    graph_output(g, generator->images);
    return plan_make(&generator->plan, g, &cpu_f32, BLOCK_SHARDS);
}

static int load_weights(standin_generator *generator, const struct checkpoint *checkpoint)
{
    int status = checkpoint_check_states(checkpoint, generator->graph, cpu_f32.type);
    if (status == 0)
        status = store_new(&generator->store, cpu_f32.type);
    if (status == 0)
        status = store_reserve_states(generator->store, generator->graph);
    return status == 0 ? checkpoint_load(checkpoint, generator->store, false) : status;
}

/* Names become folders when a set is written. */
static int check_class_name(const char *name)
{
    const char *problem = listing_name_problem(name);
    return problem ? error_set(STATUS_INPUT, "the class name '%.80s' cannot be that of a folder: %s", name, problem) : 0;
}

static int read_class_names(standin_generator *generator, const struct metadata *metadata)
{
    if (generator->classes == 0)
        return 0;
    int status = class_names_read(&generator->class_name, metadata, generator->classes);
    for (int i = 0; status == 0 && i < generator->classes; i++)
        status = check_class_name(generator->class_name[i]);
    return status;
}

/* Images of one class have its name, although the networks were told none; but not those of a checkpoint that lacks it.
 */
static int find_classes(standin_generator *generator, const struct origin *origin, const struct metadata *metadata)
{
    const int told = (int)generator->settings.network.classes;
    generator->classes = told > 0 ? told : origin->classes == 1;
    int status = read_class_names(generator, metadata);
    if (status == STATUS_INPUT && told == 0) {
        class_names_free(generator->class_name, generator->classes);
        generator->class_name = NULL;
        generator->classes = 0;
        status = 0;
    }
    return status;
}

static int open_checkpoint(standin_generator *generator, const struct checkpoint *checkpoint, int threads)
{
    struct origin origin;
    int status = origin_read(&origin, checkpoint);
    if (status < 0)
        return status;
    status = settings_from_recipe(&generator->settings, &origin.recipe, origin.channels, origin.classes);
    if (status == 0)
        status = find_classes(generator, &origin, checkpoint_metadata(checkpoint));
    if (status < 0)
        return error_prefix(status, "%s", checkpoint_path(checkpoint));
    if ((status = build(generator)) < 0 || (status = load_weights(generator, checkpoint)) < 0 ||
        (status = pool_new(&generator->pool, threads)) < 0)
        return status;
    status = executor_new(&generator->executor, generator->plan, generator->store, generator->pool);
    if (status == 0 && executor_reads(generator->executor, "label"))
        status = executor_bind(generator->executor, "label", generator->labels);
    return status;
}

int standin_generator_open(standin_generator **out, const char *path, int threads)
{
    *out = NULL;
    struct checkpoint *checkpoint;
    int status = checkpoint_open(&checkpoint, path);
    if (status < 0)
        return status;
    standin_generator *generator = memory_new(1, sizeof *generator);
    status = generator && (generator->path = text_copy(path)) ? open_checkpoint(generator, checkpoint, threads)
                                                              : STATUS_MEMORY;
    checkpoint_close(checkpoint);
    if (status < 0) {
        standin_generator_free(generator);
        return status;
    }
    *out = generator;
    return 0;
}

void standin_generator_free(standin_generator *generator)
{
    if (!generator)
        return;
    free(generator->path);
    executor_free(generator->executor);
    pool_free(generator->pool);
    store_free(generator->store);
    plan_free(generator->plan);
    graph_free(generator->graph);
    class_names_free(generator->class_name, generator->classes);
    free(generator);
}

int standin_generator_width(const standin_generator *generator)
{
    return (int)generator->settings.network.width;
}

int standin_generator_height(const standin_generator *generator)
{
    return (int)generator->settings.network.height;
}

int standin_generator_channels(const standin_generator *generator)
{
    return (int)generator->settings.network.channels;
}

int standin_generator_classes(const standin_generator *generator)
{
    return generator->classes;
}

const char *standin_generator_class_name(const standin_generator *generator, int class_index)
{
    return class_index >= 0 && class_index < standin_generator_classes(generator) ? generator->class_name[class_index]
                                                                                  : NULL;
}

const char *generator_path(const standin_generator *generator)
{
    return generator->path;
}

/* Blocks of different classes have different random numbers: class and block share the 40 bits of an address's step. */
enum { BLOCK_BITS = 24, CLASSES_MAXIMUM = 1 << 16 };

static int run_block(standin_generator *generator, int class_index, uint64_t seed, int64_t block)
{
    for (int i = 0; i < BLOCK; i++)
        generator->labels[i] = (float)class_index;
    return executor_run(generator->executor, seed, (uint64_t)class_index << BLOCK_BITS | (uint64_t)block);
}

int standin_generator_make(standin_generator *generator, int class_index, uint64_t seed, int64_t first, int64_t count,
                           uint8_t *pixels)
{
    const int classes = standin_generator_classes(generator);
    const int64_t most = (int64_t)BLOCK << BLOCK_BITS;
    if (first < 0 || count < 0 || first > most || count > most - first)
        return error_set(STATUS_INPUT, "cannot make %lld images from number %lld on", (long long)count,
                         (long long)first);
    if (class_index < 0 || class_index >= (classes > 0 ? classes : 1) || class_index >= CLASSES_MAXIMUM)
        return error_set(STATUS_INPUT, "the generator knows no class number %d", class_index);
    const int64_t samples = shape_elements(&generator->images->shape) / BLOCK;
    for (int64_t block = first / BLOCK; block * BLOCK < first + count; block++) {
        const int status = run_block(generator, class_index, seed, block);
        if (status < 0)
            return status;
        const float *number = executor_output(generator->executor, generator->images);
        const int64_t from = block * BLOCK > first ? block * BLOCK : first;
        const int64_t to = (block + 1) * BLOCK < first + count ? (block + 1) * BLOCK : first + count;
        for (int64_t i = (from - block * BLOCK) * samples; i < (to - block * BLOCK) * samples; i++)
            pixels[(block * BLOCK - first) * samples + i] = pixel_from_number(number[i]);
    }
    return 0;
}
