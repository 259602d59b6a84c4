/* Random samples are the beginnings of stratified orders, so that all classes are in them. */
#include "study/evaluate_nearest.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "eval/neighbours.h"
#include "study/draw.h"
#include "study/evaluate_sets.h"
#include "study/evaluate_space.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUND = 64 }; /* images between two looks at whether to stop */

struct image_shape nearest_shape(const standin_dataset *set)
{
    return (struct image_shape){standin_dataset_width(set), standin_dataset_height(set), standin_dataset_channels(set)};
}

static const uint8_t *pixels_of(const standin_dataset *set, int64_t image)
{
    return dataset_pixels(set) + (size_t)image * (size_t)standin_dataset_width(set) *
                                     (size_t)standin_dataset_height(set) * (size_t)standin_dataset_channels(set);
}

/* ---- The nearest images ------------------------------------------------------------------------------------- */

/* candidate[i * *each + j]: the j-th nearest image of `among` to sampled image i. */
static int find_candidates(int64_t **candidate, int *each, const struct nearest *nearest, const standin_dataset *of,
                           const standin_dataset *among, bool exclude_self, struct pool *pool, struct work *work)
{
    struct features *features = NULL;
    double *values[2] = {0}, *distance = NULL;
    struct feature_set seen[2];
    const int64_t there = standin_dataset_images(among) - exclude_self;
    *each = there < NEAREST_CANDIDATES ? (int)there : NEAREST_CANDIDATES;
    const int wanted =
        *each + exclude_self; /* a sample is another set than `among`: it is left out here, by its number */
    int64_t *found = memory_new((size_t)nearest->count, (size_t)wanted * sizeof *found);
    *candidate = memory_new((size_t)nearest->count, (size_t)*each * sizeof **candidate);
    distance = memory_new((size_t)nearest->count, (size_t)wanted * sizeof *distance);
    standin_dataset *sample = NULL;
    int status =
        found && *candidate && distance ? draw_part(&sample, of, nearest->image, nearest->count) : STATUS_MEMORY;
    if (status == 0)
        status = space_open(&features, SPACE_PIXELS, NULL, among, pool_threads(pool));
    if (status == 0)
        status = space_look(&values[0], &seen[0], features, sample, work);
    if (status == 0)
        status = space_look(&values[1], &seen[1], features, among, work);
    if (status == 0)
        status = neighbours_nearest(distance, found, &seen[0], &seen[1], wanted, false, pool);
    for (int64_t i = 0; status == 0 && i < nearest->count; i++)
        for (int j = 0, taken = 0; j < wanted && taken < *each; j++)
            if (!exclude_self || found[i * wanted + j] != nearest->image[i])
                (*candidate)[i * *each + taken++] = found[i * wanted + j];
    standin_dataset_free(sample);
    features_free(features);
    free(values[0]);
    free(values[1]);
    free(distance);
    free(found);
    return status;
}

/* Images first .. first + some - 1 of the sample. */
static int compare_some(struct nearest *nearest, int64_t first, int64_t some, const int64_t *candidate, int each,
                        const standin_dataset *of, const standin_dataset *among, struct pool *pool)
{
    const uint8_t *a[ROUND * NEAREST_CANDIDATES], *b[ROUND * NEAREST_CANDIDATES];
    double ssim[ROUND * NEAREST_CANDIDATES], mse;
    for (int64_t i = 0; i < some; i++)
        for (int j = 0; j < each; j++) {
            a[i * each + j] = pixels_of(of, nearest->image[first + i]);
            b[i * each + j] = pixels_of(among, candidate[(first + i) * each + j]);
        }
    int status = image_ssim_pairs(ssim, a, b, some * each, nearest_shape(of), SSIM_GAUSSIAN, pool);
    for (int64_t i = 0; status == 0 && i < some; i++) {
        double least = INFINITY, most = -1;
        for (int j = 0; status == 0 && j < each; j++) {
            status = image_mse(&mse, a[i * each + j], b[i * each + j], nearest_shape(of));
            least = fmin(least, mse);
            most = fmax(most, ssim[i * each + j]);
        }
        nearest->ssim[first + i] = most;
        nearest->psnr[first + i] = image_psnr_of_mse(least, 255);
    }
    return status;
}

static int sample_images(struct nearest *nearest, const standin_dataset *of, uint64_t seed)
{
    const int64_t images = standin_dataset_images(of);
    nearest->count = images < NEAREST_SAMPLE ? images : NEAREST_SAMPLE;
    nearest->ssim = memory_new((size_t)nearest->count, sizeof *nearest->ssim);
    nearest->psnr = memory_new((size_t)nearest->count, sizeof *nearest->psnr);
    return nearest->ssim && nearest->psnr ? draw_nested(&nearest->image, of, seed) : STATUS_MEMORY;
}

int nearest_find(struct nearest *nearest, const standin_dataset *of, const standin_dataset *among, bool exclude_self,
                 uint64_t seed, struct pool *pool, struct work *work)
{
    int64_t *candidate = NULL;
    int each;
    *nearest = (struct nearest){0};
    if (standin_dataset_images(of) < NEAREST_MINIMUM || standin_dataset_images(among) < NEAREST_MINIMUM)
        return error_set(STATUS_INPUT, "too few images: %" PRId64 " and %" PRId64 ", at least %d are needed",
                         standin_dataset_images(of), standin_dataset_images(among), NEAREST_MINIMUM);
    int status = sample_images(nearest, of, seed);
    if (status == 0)
        status = find_candidates(&candidate, &each, nearest, of, among, exclude_self, pool, work);
    for (int64_t first = 0; status == 0 && first < nearest->count; first += ROUND) {
        const int64_t some = nearest->count - first < ROUND ? nearest->count - first : ROUND;
        status = compare_some(nearest, first, some, candidate, each, of, among, pool);
        if (status == 0)
            status = work_advance(work, "comparing images", 0);
    }
    free(candidate);
    if (status < 0)
        nearest_free(nearest);
    return status;
}

void nearest_free(struct nearest *nearest)
{
    free(nearest->image);
    free(nearest->ssim);
    free(nearest->psnr);
    *nearest = (struct nearest){0};
}

/* ---- Pairs -------------------------------------------------------------------------------------------------- */

/* Walks through `set` in a random order; a second image of a class closes the pair that its first one opened. */
static int pair_within(struct image_pairs *pairs, const standin_dataset *set, bool by_class, int64_t maximum,
                       uint64_t seed)
{
    const int64_t images = standin_dataset_images(set);
    const uint8_t **open = memory_new((size_t)standin_dataset_classes(set), sizeof *open);
    int64_t *order = NULL;
    const int status = open ? draw_nested(&order, set, seed) : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < images && pairs->count < maximum; i++) {
        const uint8_t **waiting = &open[by_class ? dataset_labels(set)[order[i]] : 0];
        const uint8_t *pixels = pixels_of(set, order[i]);
        if (*waiting) {
            pairs->a[pairs->count] = *waiting;
            pairs->b[pairs->count++] = pixels;
            *waiting = NULL;
        } else {
            *waiting = pixels;
        }
    }
    free(order);
    free(open);
    return status;
}

/* next[class]: where in the order to go on looking for an image of this class. */
static int pair_across(struct image_pairs *pairs, const standin_dataset *set, const standin_dataset *other,
                       bool by_class, int64_t maximum, uint64_t seed)
{
    const int64_t images = standin_dataset_images(set), others = standin_dataset_images(other);
    int64_t *order = NULL, *other_order = NULL;
    int64_t *next = memory_new((size_t)standin_dataset_classes(set), sizeof *next);
    int status = next ? draw_nested(&order, set, seed) : STATUS_MEMORY;
    if (status == 0)
        status = draw_nested(&other_order, other, seed);
    for (int64_t i = 0; status == 0 && i < images && pairs->count < maximum; i++) {
        const int32_t label = by_class ? dataset_labels(set)[order[i]] : 0;
        const int32_t wanted = by_class ? evaluate_class_of(other, standin_dataset_class_name(set, label)) : -1;
        while (next[label] < others && by_class && dataset_labels(other)[other_order[next[label]]] != wanted)
            next[label]++;
        if (next[label] == others)
            continue;
        pairs->a[pairs->count] = pixels_of(set, order[i]);
        pairs->b[pairs->count++] = pixels_of(other, other_order[next[label]++]);
    }
    free(order);
    free(other_order);
    free(next);
    return status;
}

int pairs_draw(struct image_pairs *pairs, const standin_dataset *set, const standin_dataset *other, bool by_class,
               int64_t maximum, uint64_t seed)
{
    *pairs = (struct image_pairs){.a = memory_new((size_t)maximum, sizeof *pairs->a),
                                  .b = memory_new((size_t)maximum, sizeof *pairs->b)};
    int status = pairs->a && pairs->b ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = other ? pair_across(pairs, set, other, by_class, maximum, seed)
                       : pair_within(pairs, set, by_class, maximum, seed);
    if (status == 0 && pairs->count < NEAREST_MINIMUM)
        status = error_set(STATUS_INPUT, "too few images: they make %" PRId64 " pairs%s, at least %d are needed",
                           pairs->count, by_class ? " within classes" : "", NEAREST_MINIMUM);
    if (status < 0)
        pairs_free(pairs);
    return status;
}

void pairs_free(struct image_pairs *pairs)
{
    free(pairs->a);
    free(pairs->b);
    *pairs = (struct image_pairs){0};
}
