/* Picks from a set, or pictures of a generator painted over real images, whose labels they take. */
#include "study/synthetic.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "study/draw.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { USE_NOISE = 110 };                /* of RANDOM_SUBSET */
static const double noise_deviation = 3; /* of 255 */

/* ---- As a set has them -------------------------------------------------------------------------------------- */

static int32_t class_of_name(const standin_dataset *set, const char *name)
{
    for (int32_t c = 0; c < standin_dataset_classes(set); c++)
        if (strcmp(standin_dataset_class_name(set, c), name) == 0)
            return c;
    return -1;
}

int synthetic_check(const standin_dataset *synthetic, const standin_dataset *real)
{
    if (!dataset_pixels(synthetic) || standin_dataset_width(synthetic) != standin_dataset_width(real) ||
        standin_dataset_height(synthetic) != standin_dataset_height(real) ||
        standin_dataset_channels(synthetic) != standin_dataset_channels(real))
        return error_set(STATUS_INPUT, "%s: opened in another size or colour than %s", dataset_path(synthetic),
                         dataset_path(real));
    for (int c = 0; c < standin_dataset_classes(real); c++)
        if (class_of_name(synthetic, standin_dataset_class_name(real, c)) < 0)
            return error_set(STATUS_INPUT, "%s: has no images of class '%.80s', which %s has", dataset_path(synthetic),
                             standin_dataset_class_name(real, c), dataset_path(real));
    return 0;
}

int synthetic_like(standin_dataset **out, const standin_dataset *synthetic, const standin_dataset *real, uint64_t seed)
{
    const int classes = standin_dataset_classes(synthetic);
    const int32_t *label = dataset_labels(synthetic);
    int64_t *wanted = memory_new((size_t)classes, sizeof *wanted), *order = NULL, taken = 0;
    *out = NULL;
    int status = wanted ? draw_nested(&order, synthetic, seed) : STATUS_MEMORY;
    for (int c = 0; status == 0 && c < standin_dataset_classes(real); c++) {
        const int32_t own = class_of_name(synthetic, standin_dataset_class_name(real, c));
        if (own >= 0)
            wanted[own] = standin_dataset_class_images(real, c);
    }
    for (int64_t i = 0; status == 0 && i < standin_dataset_images(synthetic); i++)
        if (wanted[label[order[i]]]-- > 0)
            order[taken++] = order[i];
    if (status == 0)
        status = draw_part(out, synthetic, order, taken);
    free(order);
    free(wanted);
    return status;
}

/* ---- As if somebody had handed out the training images ------------------------------------------------------- */

int synthetic_copycat(standin_dataset **out, const standin_dataset *real, uint64_t seed)
{
    const int64_t images = standin_dataset_images(real);
    const size_t bytes = (size_t)standin_dataset_width(real) * (size_t)standin_dataset_height(real) *
                         (size_t)standin_dataset_channels(real);
    *out = NULL;
    uint8_t *pixels = memory_new((size_t)images, bytes);
    float *noise = memory_new(bytes, sizeof *noise);
    int status = pixels && noise ? 0 : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < images; i++) {
        const uint8_t *from = dataset_pixels(real) + (size_t)i * bytes;
        random_normal(
            (random_address){.seed = seed, .step = USE_NOISE, .purpose = RANDOM_SUBSET, .sample = (uint64_t)i}, 0,
            bytes, noise);
        for (size_t k = 0; k < bytes; k++) {
            const double level = round((double)from[k] + noise_deviation * (double)noise[k]);
            pixels[(size_t)i * bytes + k] = (uint8_t)fmin(fmax(level, 0), 255);
        }
    }
    if (status == 0)
        status = derive_repainted(out, real, pixels);
    free(noise);
    free(pixels);
    return status;
}

/* ---- As a generator makes them ------------------------------------------------------------------------------ */

static int64_t made_of_class(const standin_dataset *real, int class_index, double times)
{
    return llround((double)standin_dataset_class_images(real, class_index) * times);
}

/* Images of the real set that lend their labels: class after class, each image as often as it takes. */
static int lend_labels(standin_dataset **out, const standin_dataset *real, double times)
{
    const int64_t images = standin_dataset_images(real);
    const int32_t *label = dataset_labels(real);
    int64_t count = 0;
    for (int c = 0; c < standin_dataset_classes(real); c++)
        count += made_of_class(real, c, times);
    struct pick *picks = memory_new((size_t)count, sizeof *picks);
    if (!picks)
        return STATUS_MEMORY;
    int64_t filled = 0;
    for (int c = 0; c < standin_dataset_classes(real); c++)
        for (int64_t left = made_of_class(real, c, times); left > 0;)
            for (int64_t i = 0; i < images && left > 0; i++)
                if (label[i] == c) {
                    picks[filled++] = (struct pick){real, i};
                    left--;
                }
    const int status = derive_picks(out, picks, count);
    free(picks);
    return status;
}

static int generator_class(const standin_generator *generator, const char *name)
{
    for (int c = 0; c < standin_generator_classes(generator); c++)
        if (strcmp(standin_generator_class_name(generator, c), name) == 0)
            return c;
    return error_set(STATUS_INPUT, "the generator knows no class '%.80s'", name);
}

int synthetic_made(standin_dataset **out, standin_generator *generator, const standin_dataset *real, double times,
                   uint64_t seed)
{
    standin_dataset *lenders;
    *out = NULL;
    int status = lend_labels(&lenders, real, times);
    if (status < 0)
        return status;
    const size_t bytes = (size_t)standin_dataset_width(real) * (size_t)standin_dataset_height(real) *
                         (size_t)standin_dataset_channels(real);
    uint8_t *pixels = memory_new((size_t)standin_dataset_images(lenders), bytes), *next = pixels;
    if (!pixels)
        status = STATUS_MEMORY;
    for (int c = 0; status == 0 && c < standin_dataset_classes(real); c++) {
        const int64_t count = made_of_class(real, c, times);
        const int own = generator_class(generator, standin_dataset_class_name(real, c));
        status = own < 0 ? own : count > 0 ? standin_generator_make(generator, own, seed, 0, count, next) : 0;
        next += (size_t)count * bytes;
    }
    if (status == 0)
        status = derive_repainted(out, lenders, pixels);
    free(pixels);
    standin_dataset_free(lenders);
    return status;
}
