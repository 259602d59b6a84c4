/* Two questions about a set. Is the class told by colour? Then colours stay as they are. Are mirrored images at home
 * among the others of their class? Only then may they be mirrored. Where there is doubt a part stays out: an
 * augmentation too few costs some quality, one too many makes wrong labels. */
#include "train/augment_policy.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "train/augment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 500, CLASS_LEAST = 10, TELLING_LEAST = 40, FEATURES = 4, SIDE = 16, THUMBNAIL = SIDE * SIDE };

/* Where the lines are drawn. Sets told apart by shape come to 0.1 to 0.2 of the way from chance to always right by
 * their colours, those told by colour to 0.7 and more. Mirrored, a class that has a left and a right is 1.4 to 3 times
 * as far; all of a set that only light and writing turn, 1.02 to 1.03 times; sets that know no sides 1.00 +- 0.01. */
static const double colour_margin = 0.3;
static const double class_ratio = 1.1;
static const double set_ratio = 1.025, errors_of_doubt = 2, errors_of_proof = 3;

struct picture {
    int class_index;
    double feature[FEATURES];
    float thumbnail[2][THUMBNAIL]; /* as it is, and mirrored */
};

struct sample {
    struct arena *arena;
    int count, classes; /* classes of the set */
    struct picture *picture;
    int *images; /* of each class */
};

/* ---- The sample ------------------------------------------------------------------------------------------- */

static double grey_at(const uint8_t *pixel, int channels)
{
    double sum = 0;
    for (int c = 0; c < channels; c++)
        sum += pixel[c];
    return sum / (255 * channels);
}

/* The mean of each channel, and the deviation of the grey values. */
static void find_features(double feature[FEATURES], const uint8_t *pixels, int64_t count, int channels)
{
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < count; i++) {
        const uint8_t *pixel = pixels + i * channels;
        const double grey = grey_at(pixel, channels);
        sum += grey;
        squares += grey * grey;
        for (int c = 0; c < channels; c++)
            feature[c] += pixel[c] / (255.0 * (double)count);
    }
    const double mean = sum / (double)count;
    feature[FEATURES - 1] = sqrt(fmax(squares / (double)count - mean * mean, 0));
}

/* Both thumbnails go through the same grid, so that a grid that does not divide the width takes no side. */
static void find_thumbnail(float thumbnail[THUMBNAIL], const uint8_t *pixels, int width, int height, int channels,
                           bool mirrored)
{
    double sum[THUMBNAIL] = {0}, mean = 0, squares = 0;
    int count[THUMBNAIL] = {0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const int cell = y * SIDE / height * SIDE + x * SIDE / width;
            sum[cell] += grey_at(pixels + ((int64_t)y * width + (mirrored ? width - 1 - x : x)) * channels, channels);
            count[cell]++;
        }
    for (int i = 0; i < THUMBNAIL; i++) {
        sum[i] = count[i] ? sum[i] / count[i] : 0; /* images of fewer than SIDE pixels leave cells empty */
        mean += sum[i] / THUMBNAIL;
    }
    for (int i = 0; i < THUMBNAIL; i++)
        squares += (sum[i] - mean) * (sum[i] - mean);
    const double length = sqrt(squares) + 1e-3; /* a flat image stays small */
    for (int i = 0; i < THUMBNAIL; i++)
        thumbnail[i] = (float)((sum[i] - mean) / length);
}

static void look_at(struct picture *picture, const standin_dataset *dataset, int64_t image)
{
    const int width = standin_dataset_width(dataset), height = standin_dataset_height(dataset);
    const int channels = standin_dataset_channels(dataset);
    const uint8_t *pixels = dataset_pixels(dataset) + image * width * height * channels;
    picture->class_index = dataset_labels(dataset)[image];
    find_features(picture->feature, pixels, (int64_t)width * height, channels);
    for (int mirrored = 0; mirrored < 2; mirrored++)
        find_thumbnail(picture->thumbnail[mirrored], pixels, width, height, channels, mirrored);
}

/* As many of each class as there is room for, in a random order. */
static int draw_sample(struct sample *sample, const standin_dataset *dataset, uint64_t seed)
{
    const int64_t images = standin_dataset_images(dataset);
    if (images > UINT32_MAX)
        return error_set(STATUS_INPUT, "%s: too many images to draw a sample of", dataset_path(dataset));
    sample->classes = standin_dataset_classes(dataset);
    sample->picture = arena_take(sample->arena, SAMPLE * sizeof *sample->picture);
    sample->images = arena_take(sample->arena, (size_t)sample->classes * sizeof *sample->images);
    uint32_t *order = arena_take(sample->arena, (size_t)images * sizeof *order);
    if (!sample->picture || !sample->images || !order)
        return STATUS_MEMORY;
    random_permutation((random_address){.seed = seed, .purpose = RANDOM_BATCH_ORDER}, (uint32_t)images, order);
    const int share = SAMPLE / sample->classes > 2 ? SAMPLE / sample->classes : 2;
    for (int64_t i = 0; i < images && sample->count < SAMPLE; i++) {
        int *taken = &sample->images[dataset_labels(dataset)[order[i]]];
        if (*taken == share)
            continue;
        ++*taken;
        look_at(&sample->picture[sample->count++], dataset, order[i]);
    }
    return 0;
}

/* ---- Colour ----------------------------------------------------------------------------------------------- */

/* How far a picture is from a class's mean, which it does not count in, in deviations within classes. */
static double class_distance(const struct sample *sample, const struct picture *picture, int class_index,
                             const double *sums, const double variance[FEATURES])
{
    const bool own = picture->class_index == class_index;
    const int others = sample->images[class_index] - own;
    double distance = 0;
    for (int j = 0; j < FEATURES; j++) {
        const double sum = sums[class_index * FEATURES + j] - (own ? picture->feature[j] : 0);
        const double away = picture->feature[j] - sum / others;
        distance += away * away / variance[j];
    }
    return distance;
}

static int nearest_class(const struct sample *sample, const struct picture *picture, const double *sums,
                         const double variance[FEATURES])
{
    int nearest = -1;
    double least = INFINITY;
    for (int c = 0; c < sample->classes; c++) {
        const double distance = sample->images[c] < 2 ? INFINITY : class_distance(sample, picture, c, sums, variance);
        if (distance < least)
            least = distance, nearest = c;
    }
    return nearest;
}

static int measure_colour(struct augment_measures *measures, const struct sample *sample)
{
    double *sums = arena_take(sample->arena, (size_t)sample->classes * FEATURES * sizeof *sums);
    double variance[FEATURES] = {1e-6, 1e-6, 1e-6, 1e-6}; /* a quarter of a level, squared: no division by 0 */
    if (!sums)
        return STATUS_MEMORY;
    for (int i = 0; i < sample->count; i++)
        for (int j = 0; j < FEATURES; j++)
            sums[sample->picture[i].class_index * FEATURES + j] += sample->picture[i].feature[j];
    for (int i = 0; i < sample->count; i++)
        for (int j = 0; j < FEATURES; j++) {
            const int c = sample->picture[i].class_index;
            const double away = sample->picture[i].feature[j] - sums[c * FEATURES + j] / sample->images[c];
            variance[j] += away * away / sample->count;
        }
    for (int c = 0; c < sample->classes; c++)
        measures->classes += sample->images[c] >= 2;
    for (int i = 0; i < sample->count; i++) {
        const struct picture *picture = &sample->picture[i];
        const int c = picture->class_index;
        if (sample->images[c] >= 2 && nearest_class(sample, picture, sums, variance) == c)
            measures->colour_right += 1.0 / sample->images[c] / measures->classes;
    }
    return 0;
}

/* ---- Mirror ----------------------------------------------------------------------------------------------- */

static double thumbnail_distance(const float *restrict a, const float *restrict b)
{
    float lane[8] = {0};
    for (int i = 0; i < THUMBNAIL; i += 8)
        for (int k = 0; k < 8; k++)
            lane[k] += (a[i + k] - b[i + k]) * (a[i + k] - b[i + k]);
    double sum = 0;
    for (int k = 0; k < 8; k++)
        sum += (double)lane[k];
    return sqrt(sum);
}

/* log (nearest to the mirrored picture / nearest to the picture) among the others of the class; false if there are
 * none. */
static bool mirror_logarithm(double *logarithm, const struct sample *sample, int index)
{
    static const double same = 1e-3, little = 1e-2; /* copies of an image tell nothing */
    const struct picture *picture = &sample->picture[index];
    double least[2] = {INFINITY, INFINITY};
    for (int i = 0; i < sample->count; i++) {
        const struct picture *other = &sample->picture[i];
        if (i == index || other->class_index != picture->class_index)
            continue;
        const double distance = thumbnail_distance(picture->thumbnail[0], other->thumbnail[0]);
        if (distance < same)
            continue;
        least[0] = fmin(least[0], distance);
        least[1] = fmin(least[1], thumbnail_distance(picture->thumbnail[1], other->thumbnail[0]));
    }
    *logarithm = log((least[1] + little) / (least[0] + little));
    return least[0] < INFINITY;
}

static int measure_mirror(struct augment_measures *measures, const struct sample *sample)
{
    double *sums = arena_take(sample->arena, (size_t)sample->classes * sizeof *sums), sum = 0, squares = 0;
    int *counts = arena_take(sample->arena, (size_t)sample->classes * sizeof *counts), count = 0;
    if (!sums || !counts)
        return STATUS_MEMORY;
    for (int i = 0; i < sample->count; i++) {
        double logarithm;
        if (!mirror_logarithm(&logarithm, sample, i))
            continue;
        sum += logarithm, squares += logarithm * logarithm, count++;
        sums[sample->picture[i].class_index] += logarithm;
        counts[sample->picture[i].class_index]++;
    }
    measures->mirror_worst = -1;
    measures->images = count;
    if (count == 0)
        return 0;
    const double mean = sum / count;
    measures->mirror_ratio = exp(mean);
    measures->mirror_error = sqrt(fmax(squares / count - mean * mean, 1e-12) / count);
    for (int c = 0; c < sample->classes; c++) {
        const double ratio = counts[c] >= CLASS_LEAST ? exp(sums[c] / counts[c]) : 0;
        if (ratio > measures->mirror_worst_ratio)
            measures->mirror_worst_ratio = ratio, measures->mirror_worst = c;
    }
    return 0;
}

int augment_measure(struct augment_measures *measures, const standin_dataset *dataset, uint64_t seed)
{
    *measures = (struct augment_measures){0};
    if (!dataset_pixels(dataset))
        return error_set(STATUS_INPUT, "%s: augmentations are chosen from decoded images, and it was only looked at",
                         dataset_path(dataset));
    struct sample sample = {.arena = arena_new()};
    int status = sample.arena ? draw_sample(&sample, dataset, seed) : STATUS_MEMORY;
    if (status == 0)
        status = measure_colour(measures, &sample);
    if (status == 0)
        status = measure_mirror(measures, &sample);
    arena_free(sample.arena);
    return status;
}

/* ---- The choice ------------------------------------------------------------------------------------------- */

static char *choose_colour(unsigned *parts, const struct augment_measures *m, int channels)
{
    const unsigned tones = AUGMENT_BRIGHTNESS | AUGMENT_CONTRAST;
    const unsigned all = channels > 1 ? tones | AUGMENT_SATURATION : tones;
    const char *const names = channels > 1 ? "brightness, saturation, contrast" : "brightness, contrast";
    const char *const grey = channels > 1 ? "" : " (no saturation: the images are grey)";
    if (m->classes < 2) {
        *parts |= all;
        return text_format("%s: used; there are no classes for colour to tell apart%s", names, grey);
    }
    const double chance = 1.0 / m->classes, margin = (m->colour_right - chance) / (1 - chance);
    if (margin < colour_margin)
        *parts |= all;
    return text_format("%s: %s mean colour and contrast alone tell the class of %.0f %%, chance of %.0f %%%s", names,
                       margin < colour_margin ? "used;" : "left out;", 100 * m->colour_right, 100 * chance, grey);
}

static char *choose_mirror(unsigned *parts, const struct augment_measures *m, const standin_dataset *dataset)
{
    if (m->images < TELLING_LEAST)
        return text_format("mirror: left out; %d images are too few to tell left from right", m->images);
    if (m->mirror_worst >= 0 && m->mirror_worst_ratio >= class_ratio)
        return text_format(
            "mirror: left out; mirrored images of class '%s' are %.2f times as far from the others of it",
            standin_dataset_class_name(dataset, m->mirror_worst), m->mirror_worst_ratio);
    if (log(m->mirror_ratio) >= errors_of_proof * m->mirror_error)
        return text_format(
            "mirror: left out; mirrored images are %.3f +- %.3f times as far from the others of their class",
            m->mirror_ratio, m->mirror_error);
    if (m->mirror_ratio * exp(errors_of_doubt * m->mirror_error) >= set_ratio)
        return text_format(
            "mirror: left out; %d images are too few to tell left from right (mirrored %.3f +- %.3f times as "
            "far from others of their class)",
            m->images, m->mirror_ratio, m->mirror_error);
    *parts |= AUGMENT_MIRROR;
    return text_format(
        "mirror: used; mirrored images are as near to the others of their class (%.3f +- %.3f times as far); "
        "leave it out if there is writing in them",
        m->mirror_ratio, m->mirror_error);
}

int augment_choose(unsigned *parts, char **reasons, const standin_dataset *dataset)
{
    struct augment_measures measures;
    int status = augment_measure(&measures, dataset, 0);
    if (status < 0)
        return status;
    unsigned chosen = AUGMENT_TRANSLATION | AUGMENT_CUTOUT;
    char *colour = choose_colour(&chosen, &measures, standin_dataset_channels(dataset));
    char *mirror = choose_mirror(&chosen, &measures, dataset);
    char *text = colour && mirror ? text_format("%s\n%s\n"
                                                "translation: used; an eighth of a side leaves what an image shows\n"
                                                "cutout: used; half of each side hides a part, rarely all\n"
                                                "scale, rotation: left out; they blur, and take longer than all others",
                                                colour, mirror)
                                  : NULL;
    free(colour);
    free(mirror);
    if (!text)
        return STATUS_MEMORY;
    *parts = chosen;
    if (reasons)
        *reasons = text;
    else
        free(text);
    return 0;
}

int standin_augment_choose(char **policy, char **reasons, const standin_dataset *dataset)
{
    unsigned parts;
    *policy = NULL;
    const int status = augment_choose(&parts, reasons, dataset);
    if (status < 0 || augment_text(policy, parts) == 0)
        return status;
    free(*reasons);
    return STATUS_MEMORY;
}
