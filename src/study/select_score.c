/* Four ways of scoring. Likeness to real images is measured within the class. */
#include "study/select_score.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "data/dataset.h"
#include "eval/neighbours.h"
#include "eval/prdc.h"
#include "eval/statistics.h"
#include "study/evaluate_nearest.h"
#include "study/evaluate_sets.h"
#include "study/evaluate_space.h"
#include "train/classify_model.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REALS = 32, BLOCK = 512, USE_REALS = 140 /* of RANDOM_SUBSET */ };
static const double too_near_share = 0.01; /* of the real images are as near to another one */

static size_t image_bytes(const standin_dataset *set)
{
    return (size_t)standin_dataset_width(set) * (size_t)standin_dataset_height(set) *
           (size_t)standin_dataset_channels(set);
}

/* The images of a class of the real set, in its order; class -1: all. *images to be freed. */
static int images_of_class(int64_t **images, int64_t *count, const standin_dataset *set, int32_t label)
{
    const int64_t all = standin_dataset_images(set);
    *count = 0;
    *images = memory_new((size_t)all, sizeof **images);
    for (int64_t i = 0; *images && i < all; i++)
        if (label < 0 || dataset_labels(set)[i] == label)
            (*images)[(*count)++] = i;
    return *images ? 0 : STATUS_MEMORY;
}

/* ---- By SSIM ------------------------------------------------------------------------------------------------ */

/* Against up to REALS of these real images, others for each synthetic one. */
static int score_by_ssim(double *score, const struct score_request *request, int64_t image, const int64_t *reals,
                         int64_t count)
{
    const uint8_t *a[REALS], *b[REALS];
    double ssim[REALS];
    uint32_t words[REALS];
    random_words((random_address){request->seed, USE_REALS, RANDOM_SUBSET, (uint64_t)image}, 0, REALS, words);
    const int64_t pairs = count < REALS ? count : REALS;
    for (int64_t i = 0; i < pairs; i++) {
        const int64_t real = reals[count < REALS ? i : (int64_t)((uint64_t)words[i] * (uint64_t)count >> 32)];
        a[i] = dataset_pixels(request->synthetic) + (size_t)image * image_bytes(request->synthetic);
        b[i] = dataset_pixels(request->real) + (size_t)real * image_bytes(request->real);
    }
    const int status = image_ssim_pairs(ssim, a, b, pairs, nearest_shape(request->real), SSIM_GAUSSIAN, request->pool);
    *score = 0;
    for (int64_t i = 0; status == 0 && i < pairs; i++)
        *score += ssim[i] / (double)pairs;
    return status;
}

static int score_all_by_ssim(double *score, const struct score_request *request, const int64_t *of_class,
                             int64_t of_class_count, const int64_t *reals, int64_t real_count)
{
    int status = 0;
    for (int64_t i = 0; status == 0 && i < of_class_count; i++) {
        status = score_by_ssim(&score[of_class[i]], request, of_class[i], reals, real_count);
        if (status == 0 && i % SCORE_UNIT_IMAGES == SCORE_UNIT_IMAGES - 1)
            status = work_advance(request->work, "scoring", 1);
    }
    return status;
}

/* ---- By neighbourhoods -------------------------------------------------------------------------------------- */

struct seen {
    struct feature_set real, synthetic;
    double *values[2];
};

static int look(struct seen *seen, const struct score_request *request)
{
    struct features *features = NULL;
    *seen = (struct seen){0};
    int status = space_open(&features, request->classifier ? SPACE_TASK : SPACE_RANDOM, request->classifier,
                            request->real, pool_threads(request->pool));
    if (status == 0)
        status = space_look(&seen->values[0], &seen->real, features, request->real, request->work);
    if (status == 0)
        status = space_look(&seen->values[1], &seen->synthetic, features, request->synthetic, request->work);
    features_free(features);
    return status;
}

static double *rows_of(const struct feature_set *set, const int64_t *images, int64_t count)
{
    double *rows = memory_new((size_t)count, (size_t)set->width * sizeof *rows);
    for (int64_t i = 0; rows && i < count; i++)
        memcpy(rows + i * set->width, set->values + images[i] * set->width, (size_t)set->width * sizeof *rows);
    return rows;
}

static double squared_distance(const double *a, const double *b, int64_t width)
{
    double sum = 0;
    for (int64_t i = 0; i < width; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/* In how many balls of real images, each of which reaches to the k-th real neighbour; ties: the nearer to a real one
 * first. */
static int score_by_density(double *score, const struct feature_set *synthetic, const struct feature_set *real,
                            struct pool *pool)
{
    double *radius = memory_new((size_t)real->count, sizeof *radius);
    const int status = radius ? neighbours_kth_squared(radius, real, real, PRDC_K_DENSITY, true, pool) : STATUS_MEMORY;
    for (int64_t i = 0; status == 0 && i < synthetic->count; i++) {
        double nearest = INFINITY;
        score[i] = 0;
        for (int64_t j = 0; j < real->count; j++) {
            const double distance =
                squared_distance(synthetic->values + i * real->width, real->values + j * real->width, real->width);
            score[i] += distance < radius[j];
            nearest = fmin(nearest, distance);
        }
        score[i] += 1 / (2 + nearest); /* less than one ball */
    }
    free(radius);
    return status;
}

static int score_by_nearest(double *score, bool *too_near, const struct feature_set *synthetic,
                            const struct feature_set *real, struct pool *pool)
{
    double *own = memory_new((size_t)real->count, sizeof *own);
    int status = own ? neighbours_kth(own, real, real, 1, true, pool) : STATUS_MEMORY;
    if (status == 0)
        status = neighbours_kth(score, synthetic, real, 1, false, pool);
    if (status == 0) {
        statistics_sort(own, real->count);
        const double limit = statistics_quantile(own, real->count, too_near_share);
        for (int64_t i = 0; i < synthetic->count; i++) {
            too_near[i] = score[i] < limit;
            score[i] = -score[i];
        }
    }
    free(own);
    return status;
}

static int score_all_by_neighbours(double *score, bool *too_near, const struct score_request *request,
                                   const struct seen *seen, const int64_t *of_class, int64_t of_class_count,
                                   const int64_t *reals, int64_t real_count)
{
    if (real_count <= PRDC_K_DENSITY)
        return error_set(STATUS_INPUT, "%s: too few images: %" PRId64 " of a class, at least %d are needed",
                         dataset_path(request->real), real_count, PRDC_K_DENSITY + 1);
    double *rows = rows_of(&seen->synthetic, of_class, of_class_count),
           *real_rows = rows_of(&seen->real, reals, real_count);
    double *found = memory_new((size_t)of_class_count, sizeof *found);
    bool *near = memory_new((size_t)of_class_count, sizeof *near);
    const struct feature_set synthetic = {rows, of_class_count, seen->synthetic.width},
                             real = {real_rows, real_count, seen->real.width};
    int status = rows && real_rows && found && near ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = request->by == STANDIN_SELECT_DENSITY
                     ? score_by_density(found, &synthetic, &real, request->pool)
                     : score_by_nearest(found, near, &synthetic, &real, request->pool);
    for (int64_t i = 0; status == 0 && i < of_class_count; i++) {
        score[of_class[i]] = found[i];
        too_near[of_class[i]] |= near[i];
    }
    free(rows);
    free(real_rows);
    free(found);
    free(near);
    return status == 0 ? work_advance(request->work, "scoring", of_class_count / SCORE_UNIT_IMAGES) : status;
}

/* ---- By a classifier ---------------------------------------------------------------------------------------- */

/* Its class by the classifier's numbers, or -1. */
static int32_t known_class(const standin_classifier *classifier, const char *name)
{
    for (int32_t c = 0; c < standin_classifier_classes(classifier); c++)
        if (strcmp(standin_classifier_class_name(classifier, c), name) == 0)
            return c;
    return -1;
}

static int score_by_classifier(double *score, const struct score_request *request)
{
    const standin_dataset *set = request->synthetic;
    standin_classifier *classifier;
    int status = standin_classifier_open(&classifier, request->classifier, work_threads(request->work));
    if (status < 0)
        return status;
    const int64_t images = standin_dataset_images(set), classes = standin_classifier_classes(classifier);
    float *likely = memory_new(BLOCK * (size_t)classes, sizeof *likely);
    status = likely ? 0 : STATUS_MEMORY;
    for (int64_t first = 0; status == 0 && first < images; first += BLOCK) {
        const int64_t some = images - first < BLOCK ? images - first : BLOCK;
        status =
            classify_model_look(classifier, dataset_pixels(set) + (size_t)first * image_bytes(set), some, NULL, likely);
        for (int64_t i = 0; status == 0 && i < some; i++) {
            const int32_t own =
                known_class(classifier, standin_dataset_class_name(set, dataset_labels(set)[first + i]));
            score[first + i] = own < 0 ? 0 : (double)likely[i * classes + own];
        }
        if (status == 0)
            status = work_advance(request->work, "scoring", some / SCORE_UNIT_IMAGES);
    }
    free(likely);
    standin_classifier_free(classifier);
    return status;
}

/* ---- Class by class ----------------------------------------------------------------------------------------- */

static int score_class(double *score, bool *too_near, const struct score_request *request, const struct seen *seen,
                       int32_t label)
{
    const char *name = label < 0 ? NULL : standin_dataset_class_name(request->synthetic, label);
    int64_t *of_class = NULL, *reals = NULL, count, real_count;
    int status = images_of_class(&of_class, &count, request->synthetic, label);
    if (status == 0)
        status =
            images_of_class(&reals, &real_count, request->real, name ? evaluate_class_of(request->real, name) : -1);
    if (status == 0)
        status = request->by == STANDIN_SELECT_SSIM
                     ? score_all_by_ssim(score, request, of_class, count, reals, real_count)
                     : score_all_by_neighbours(score, too_near, request, seen, of_class, count, reals, real_count);
    free(of_class);
    free(reals);
    return status;
}

int score_images(double *score, bool *too_near, const struct score_request *request)
{
    if (request->by == STANDIN_SELECT_CLASSIFIER)
        return score_by_classifier(score, request);
    struct seen seen = {0};
    int status = request->by == STANDIN_SELECT_SSIM ? 0 : look(&seen, request);
    const int32_t classes = request->by_class ? standin_dataset_classes(request->synthetic) : 0;
    for (int32_t c = request->by_class ? 0 : -1; status == 0 && c < classes; c++)
        status = score_class(score, too_near, request, &seen, c);
    free(seen.values[0]);
    free(seen.values[1]);
    return status;
}
