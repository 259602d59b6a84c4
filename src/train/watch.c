/* One graph: the generator in training mode, as the sampler has it, and the discriminator on its pictures, on pictures
 * that the training shows and on ones that are held back. */
#include "train/watch.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "train/pixels.h"
#include "train/watch_measure.h"
#include "train/watch_reader.h"

#include <math.h>
#include <stdlib.h>

enum {
    SIDE = 16,           /* of the thumbnails whose distances are taken */
    IMAGES = 32,         /* of each class */
    READ_IMAGES = 512,   /* real ones of each class: half to learn from, half to see what was learned */
    REAL_MINIMUM = 8,    /* fewer images of a class say nothing about its diversity */
    COMPARED = 256,      /* held-back images at a look, if there are as many */
    FIRST_STEP = 1 << 20 /* of the latents: apart from those of the sampler */
};
static const double clear_gap = 1.5; /* between two real classes, in deviations of single images */

enum seen { GENERATED, SHOWN, UNSEEN, SEEN_KINDS };

struct watch {
    struct recipe recipe;
    const struct feed *feed;
    uint64_t seed;
    int64_t batch, height, width, channels;
    int64_t numbers, read_numbers; /* of a thumbnail, of a reading */
    int64_t labels; /* classes that the networks know, 0 without labels */
    int classes, class_index[WATCH_CLASSES];
    bool compares; /* there are images held back */

    struct graph *graph;
    struct plan *plan;
    struct executor *executor;
    struct node *pictures, *logits[SEEN_KINDS];
    float *picture[SEEN_KINDS], *label[SEEN_KINDS]; /* inputs; no pictures of GENERATED */
    float label_strength;

    struct thumbnails real[WATCH_CLASSES], generated[WATCH_CLASSES];
    float *thumbnails; /* of all these */
    double real_spread[WATCH_CLASSES], real_repetition[WATCH_CLASSES];
    struct class_reader *reader;                   /* or NULL */
    double real_gap[WATCH_CLASSES][WATCH_CLASSES]; /* [a][b], a < b; 0: not clear */
    float *read;                                   /* readings of the generated images */

    int64_t steps, mean_steps;  /* since the last look, and before it */
    struct step_news sum, mean; /* over these */
};

/* ---- The graph ---------------------------------------------------------------------------------------------- */

static const char *const picture_name[SEEN_KINDS] = {NULL, "shown", "unseen"};
static const char *const label_name[SEEN_KINDS] = {"label", "shown-label", "unseen-label"};
static const char strength_name[] = "label-strength";

static struct condition condition_of(const struct watch *watch, const struct step_settings *settings, enum seen kind)
{
    struct graph *g = watch->graph;
    if (settings->network.classes == 0)
        return (struct condition){0};
    return (struct condition){.label = graph_input(g, label_name[kind], shape_batch(watch->batch, 0, NULL)),
                              .strength = settings->ramp ? graph_input(g, strength_name, (struct shape){0}) : NULL};
}

/* A discriminator with batch normalisation has no stored statistics: each set of pictures is normalised by its own, as
 * in a step. */
static void build(struct watch *watch, const struct step_settings *settings)
{
    struct graph *g = watch->graph;
    const struct network *network = &settings->network;
    struct spectra spectra = {0};
    const struct scope scope_g = {.graph = g, .prefix = settings_generator_prefix(settings), .training = true};
    const struct scope scope_d = {
        .graph = g, .prefix = "d", .training = true, .spectra = network->spectral_d ? &spectra : NULL};
    struct node *z = graph_random(g, RANDOM_DISTRIBUTION_NORMAL, RANDOM_SAMPLE_GRID,
                                  shape_batch(watch->batch, 1, &network->latent));
    const struct condition made = condition_of(watch, settings, GENERATED);
    watch->pictures = network_generator(&scope_g, network, z, &made);
    graph_output(g, watch->pictures);
    if (!watch->pictures)
        return; /* the graph knows why */
    for (enum seen kind = GENERATED; watch->compares && kind < SEEN_KINDS; kind++) {
        const struct condition condition = condition_of(watch, settings, kind);
        struct node *x =
            kind == GENERATED ? watch->pictures : graph_input(g, picture_name[kind], watch->pictures->shape);
        watch->logits[kind] = network_discriminator(&scope_d, network, x, &condition);
        graph_output(g, watch->logits[kind]);
    }
}

static int bind_if_read(struct watch *watch, const char *name, const float *data)
{
    return executor_reads(watch->executor, name) ? executor_bind(watch->executor, name, data) : 0;
}

static int bind(struct watch *watch)
{
    int status = bind_if_read(watch, strength_name, &watch->label_strength);
    for (enum seen kind = GENERATED; status == 0 && kind < SEEN_KINDS; kind++) {
        const int64_t size = watch->batch * watch->height * watch->width * watch->channels;
        if (kind != GENERATED && !watch->compares)
            break;
        watch->label[kind] = memory_new_aligned((size_t)watch->batch * sizeof(float));
        watch->picture[kind] = kind != GENERATED ? memory_new_aligned((size_t)size * sizeof(float)) : NULL;
        if (!watch->label[kind] || (kind != GENERATED && !watch->picture[kind]))
            return STATUS_MEMORY;
        status = bind_if_read(watch, label_name[kind], watch->label[kind]);
        if (status == 0 && kind != GENERATED)
            status = bind_if_read(watch, picture_name[kind], watch->picture[kind]);
    }
    return status;
}

static int make_executor(struct watch *watch, const struct step_settings *settings, struct store *store,
                         struct pool *pool, int shards)
{
    int status = graph_new(&watch->graph);
    if (status < 0)
        return status;
    build(watch, settings);
    status = graph_status(watch->graph);
    if (status == 0)
        status = store_add_states(store, watch->graph, watch->seed);
    if (status == 0)
        status = plan_make(&watch->plan, watch->graph, &cpu_f32, shards);
    if (status == 0)
        status = executor_new(&watch->executor, watch->plan, store, pool);
    return status == 0 ? bind(watch) : status;
}

/* ---- The real images ---------------------------------------------------------------------------------------- */

static void image_of(const struct watch *watch, const uint8_t *pixels, bool mirrored, float *image)
{
    const int64_t row = watch->width * watch->channels;
    for (int64_t y = 0; y < watch->height; y++)
        for (int64_t x = 0; x < watch->width; x++)
            for (int64_t c = 0; c < watch->channels; c++)
                image[y * row + x * watch->channels + c] =
                    pixel_to_number(pixels[y * row + (mirrored ? watch->width - 1 - x : x) * watch->channels + c]);
}

/* Thumbnails, or readings, of at most so many images of a class, which lie evenly in the set, since neighbours in it
 * are often alike; where the training mirrors, every second one mirrored. Returns how many. */
static int64_t take_evenly(const struct watch *watch, const standin_dataset *dataset, int class, int64_t most,
                           bool to_read, float *image, float *out)
{
    const int64_t size = watch->height * watch->width * watch->channels, images = standin_dataset_images(dataset);
    const int64_t members = class == WATCH_ALL ? images : standin_dataset_class_images(dataset, class);
    const int64_t wanted = members < most ? members : most;
    const int32_t *label = dataset_labels(dataset);
    int64_t member = 0, taken = 0;
    for (int64_t i = 0; i < images && taken < wanted; i++)
        if ((class == WATCH_ALL || label[i] == class) && member++ == taken * members / wanted) {
            image_of(watch, dataset_pixels(dataset) + i * size, watch->recipe.mirror && taken % 2, image);
            if (to_read)
                reading_make(image, watch->height, watch->width, watch->channels, out + taken * watch->read_numbers);
            else
                thumbnail_make(image, watch->height, watch->width, watch->channels, SIDE, out + taken * watch->numbers);
            taken++;
        }
    return taken;
}

static void measure_real(struct watch *watch, const standin_dataset *dataset, float *image)
{
    for (int k = 0; k < watch->classes; k++) {
        float *real = watch->thumbnails + k * IMAGES * watch->numbers;
        const int64_t taken = take_evenly(watch, dataset, watch->class_index[k], IMAGES, false, image, real);
        watch->real[k] = (struct thumbnails){real, taken, watch->numbers};
        watch->generated[k] =
            (struct thumbnails){real + watch->classes * IMAGES * watch->numbers, taken, watch->numbers};
        watch->real_spread[k] = measure_spread(&watch->real[k]);
        watch->real_repetition[k] = measure_repetition(&watch->real[k]);
    }
}

/* Half of the images teach the reader what a class looks like, the other half show which classes it can tell apart. */
static int learn_to_read(struct watch *watch, const standin_dataset *dataset, float *image, float *readings)
{
    const int64_t room = READ_IMAGES * watch->read_numbers;
    struct thumbnails half[WATCH_CLASSES];
    for (int k = 0; k < watch->classes; k++) {
        float *of_class = readings + k * room;
        const int64_t taken =
            take_evenly(watch, dataset, watch->class_index[k], READ_IMAGES, true, image, of_class);
        const int64_t learned = taken / 2;
        for (int64_t i = 0; i < learned; i++)
            class_reader_learn(watch->reader, of_class + i * watch->read_numbers, k);
        half[k] = (struct thumbnails){of_class + learned * watch->read_numbers, taken - learned, watch->read_numbers};
    }
    const int status = class_reader_solve(watch->reader);
    for (int a = 0; status == 0 && a < watch->classes; a++)
        for (int b = a + 1; b < watch->classes; b++) {
            double deviation;
            const double gap = class_reader_gap(watch->reader, a, &half[a], b, &half[b], &deviation);
            const bool enough = half[a].count >= REAL_MINIMUM && half[b].count >= REAL_MINIMUM;
            watch->real_gap[a][b] = enough && gap > clear_gap * deviation ? gap : 0;
        }
    return status;
}

static int take_real_images(struct watch *watch, const standin_dataset *dataset)
{
    float *image = memory_new((size_t)(watch->height * watch->width * watch->channels), sizeof *image);
    float *readings =
        memory_new((size_t)(watch->classes * READ_IMAGES), (size_t)watch->read_numbers * sizeof *readings);
    int status = image && readings ? 0 : STATUS_MEMORY;
    if (status == 0)
        measure_real(watch, dataset, image);
    if (status == 0 && watch->classes > 1)
        status = class_reader_new(&watch->reader, watch->classes, watch->read_numbers);
    if (status == 0 && watch->reader)
        status = learn_to_read(watch, dataset, image, readings);
    free(readings);
    free(image);
    return status;
}

/* ---- Putting together --------------------------------------------------------------------------------------- */

/* Classes with enough images, evenly among them; without any, or without labels, all images as one. */
static int choose_classes(struct watch *watch, const standin_dataset *dataset)
{
    const int known = (int)watch->labels;
    int *large = memory_new((size_t)known + 1, sizeof *large), count = 0;
    if (!large)
        return STATUS_MEMORY;
    for (int c = 0; c < known; c++)
        if (standin_dataset_class_images(dataset, c) >= REAL_MINIMUM)
            large[count++] = c;
    watch->classes = count == 0 ? 1 : count < WATCH_CLASSES ? count : WATCH_CLASSES;
    for (int k = 0; k < watch->classes; k++)
        watch->class_index[k] = count == 0 ? WATCH_ALL : large[(int64_t)k * count / watch->classes];
    free(large);
    return 0;
}

static int put_together(struct watch *watch, const standin_dataset *dataset, const struct step_settings *settings,
                        struct store *store, struct pool *pool, int shards)
{
    const struct network *network = &settings->network;
    watch->batch = settings->batch;
    watch->height = network->height;
    watch->width = network->width;
    watch->channels = network->channels;
    watch->labels = network->classes;
    watch->numbers = SIDE * SIDE * network->channels;
    watch->read_numbers = reading_numbers(network->channels);
    watch->compares = feed_held_back(watch->feed) > 0;
    int status = choose_classes(watch, dataset);
    if (status < 0)
        return status;
    const size_t images = (size_t)(watch->classes * IMAGES);
    watch->thumbnails = memory_new(2 * images, (size_t)watch->numbers * sizeof *watch->thumbnails);
    watch->read = memory_new(images, (size_t)watch->read_numbers * sizeof *watch->read);
    status = watch->thumbnails && watch->read ? make_executor(watch, settings, store, pool, shards) : STATUS_MEMORY;
    return status == 0 ? take_real_images(watch, dataset) : status;
}

int watch_new(struct watch **out, const standin_dataset *dataset, const struct recipe *recipe,
              const struct step_settings *settings, const struct feed *feed, uint64_t seed, struct store *store,
              struct pool *pool, int shards)
{
    *out = NULL;
    struct watch *watch = memory_new(1, sizeof *watch);
    if (!watch)
        return STATUS_MEMORY;
    watch->recipe = *recipe;
    watch->feed = feed;
    watch->seed = seed;
    const int status = put_together(watch, dataset, settings, store, pool, shards);
    if (status < 0) {
        watch_free(watch);
        return status;
    }
    *out = watch;
    return 0;
}

void watch_free(struct watch *watch)
{
    if (!watch)
        return;
    executor_free(watch->executor);
    plan_free(watch->plan);
    graph_free(watch->graph);
    for (int kind = 0; kind < SEEN_KINDS; kind++) {
        free(watch->picture[kind]);
        free(watch->label[kind]);
    }
    class_reader_free(watch->reader);
    free(watch->thumbnails);
    free(watch->read);
    free(watch);
}

/* ---- A look ------------------------------------------------------------------------------------------------- */

void watch_see(struct watch *watch, const struct step_news *news)
{
    if (!isfinite(news->loss_d) || !isfinite(news->loss_g)) /* the training takes such a step back */
        return;
    watch->steps++;
    watch->sum.loss_d += news->loss_d;
    watch->sum.loss_g += news->loss_g;
    watch->sum.logit_real += news->logit_real;
    watch->sum.logit_fake += news->logit_fake;
}

/* Generated images take the classes in turn: image `number` is one of these. */
static int class_of(const struct watch *watch, int64_t number)
{
    return (int)(number % watch->classes);
}

static int label_of(const struct watch *watch, int64_t number)
{
    const int class = watch->class_index[class_of(watch, number)];
    return class != WATCH_ALL ? class : watch->labels > 0 ? (int)(number % watch->labels) : 0;
}

static void fill_inputs(struct watch *watch, int64_t first)
{
    const int64_t size = watch->height * watch->width * watch->channels;
    for (int64_t i = 0; i < watch->batch; i++) {
        watch->label[GENERATED][i] = (float)label_of(watch, first + i);
        for (enum seen kind = SHOWN; watch->compares && kind < SEEN_KINDS; kind++)
            feed_compare(watch->feed, kind == UNSEEN, first + i, watch->picture[kind] + i * size,
                         watch->label[kind] + i);
    }
}

static void keep_thumbnails(struct watch *watch, int64_t first)
{
    const int64_t size = watch->height * watch->width * watch->channels;
    const float *pictures = executor_output(watch->executor, watch->pictures);
    float *generated = watch->thumbnails + watch->classes * IMAGES * watch->numbers;
    for (int64_t i = 0; i < watch->batch; i++) {
        const int64_t place = (first + i) / watch->classes, slot = class_of(watch, first + i) * IMAGES + place;
        if (place >= IMAGES)
            continue;
        float *thumbnail = generated + slot * watch->numbers;
        float *reading = watch->read + slot * watch->read_numbers;
        thumbnail_make(pictures + i * size, watch->height, watch->width, watch->channels, SIDE, thumbnail);
        reading_make(pictures + i * size, watch->height, watch->width, watch->channels, reading);
    }
}

static void keep_logits(const struct watch *watch, struct logits logits[SEEN_KINDS])
{
    for (enum seen kind = GENERATED; watch->compares && kind < SEEN_KINDS; kind++) {
        const float *logit = executor_output(watch->executor, watch->logits[kind]);
        const int64_t most = kind == GENERATED ? INT64_MAX : feed_held_back(watch->feed); /* each image once */
        for (int64_t i = 0; i < watch->batch && logits[kind].count < most; i++)
            logits_add(&logits[kind], (double)logit[i]);
    }
}

static int make_images(struct watch *watch, struct logits logits[SEEN_KINDS])
{
    const int64_t held_back = feed_held_back(watch->feed), compared = held_back < COMPARED ? held_back : COMPARED;
    const int64_t made = (int64_t)watch->classes * IMAGES, images = made > compared ? made : compared;
    executor_states_changed(watch->executor);
    for (int64_t first = 0; first < images; first += watch->batch) {
        fill_inputs(watch, first);
        const int status = executor_run(watch->executor, watch->seed, (uint64_t)(FIRST_STEP + first / watch->batch));
        if (status < 0)
            return status;
        keep_thumbnails(watch, first);
        keep_logits(watch, logits);
    }
    return 0;
}

/* NAN where there is no second number. */
static double share(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

static void measure(const struct watch *watch, struct watch_figures *figures)
{
    double spread[WATCH_CLASSES], distance = 0;
    for (int k = 0; k < watch->classes; k++) {
        spread[k] = measure_spread(&watch->generated[k]);
        figures->class_index[k] = watch->class_index[k];
        figures->diversity[k] = share(spread[k], watch->real_spread[k]);
        figures->repetition[k] = share(measure_repetition(&watch->generated[k]), watch->real_repetition[k]);
        distance += measure_energy(measure_between(&watch->generated[k], &watch->real[k]), spread[k],
                                   watch->real_spread[k]);
    }
    figures->distance = distance / watch->classes;
}

/* The generated images of class k as the reader sees them. */
static struct thumbnails read_of(const struct watch *watch, int k)
{
    return (struct thumbnails){watch->read + k * IMAGES * watch->read_numbers, IMAGES, watch->read_numbers};
}

static void measure_classes(const struct watch *watch, struct watch_figures *figures)
{
    for (int a = 0; a < watch->classes; a++)
        for (int b = a + 1; b < watch->classes; b++) {
            const struct thumbnails one = read_of(watch, a), other = read_of(watch, b);
            const double gap = class_reader_gap(watch->reader, a, &one, b, &other, NULL);
            figures->contrast[a][b] = share(gap, watch->real_gap[a][b]);
        }
}

/* Without a step since the last look the means stay as they are. */
static void take_means(struct watch *watch, struct watch_figures *figures)
{
    if (watch->steps > 0) {
        const double steps = (double)watch->steps;
        watch->mean = (struct step_news){.loss_d = watch->sum.loss_d / steps,
                                         .loss_g = watch->sum.loss_g / steps,
                                         .logit_real = watch->sum.logit_real / steps,
                                         .logit_fake = watch->sum.logit_fake / steps};
        watch->mean_steps = watch->steps;
    }
    figures->news = watch->mean;
    figures->steps = watch->mean_steps;
    watch->steps = 0;
    watch->sum = (struct step_news){0};
}

int watch_look(struct watch *watch, const struct step_moment *moment, struct watch_figures *figures)
{
    struct logits logits[SEEN_KINDS] = {0};
    watch->label_strength =
        (float)settings_schedule(&watch->recipe, moment->step, moment->progress, 1, 1).label_strength;
    const int status = make_images(watch, logits);
    if (status < 0)
        return status;
    *figures = (struct watch_figures){.moment = *moment, .classes = watch->classes};
    measure(watch, figures);
    measure_classes(watch, figures);
    figures->overfitting = measure_overfitting(&logits[SHOWN], &logits[UNSEEN], &logits[GENERATED]);
    take_means(watch, figures);
    return 0;
}

double watch_least_diversity(const struct watch_figures *figures)
{
    double least = (double)NAN;
    for (int k = 0; k < figures->classes; k++)
        least = fmin(least, figures->diversity[k]);
    return least;
}

double watch_least_contrast(const struct watch_figures *figures)
{
    double least = (double)NAN;
    for (int a = 0; a < figures->classes; a++)
        for (int b = a + 1; b < figures->classes; b++)
            least = fmin(least, figures->contrast[a][b]);
    return least;
}

size_t watch_bytes(const struct watch *watch, int threads)
{
    return plan_cost(watch->plan, threads).memory;
}
