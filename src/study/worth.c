/* The curve is only as long as needed: a point costs as much as a row of the table. */
#include "study/worth.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "eval/learning_curve.h"
#include "study/draw.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZES_MAXIMUM = 8, IMAGES_A_CLASS_MINIMUM = 2 };

int worth_make_part(standin_dataset **out, void *context, const struct material *material, int case_index,
                    int seed_index)
{
    const struct worth_part *part = context;
    const standin_dataset *train = material->cases[case_index].train;
    int64_t *order;
    *out = NULL;
    int status = draw_nested(&order, train, part->seed + (uint64_t)seed_index);
    if (status == 0)
        status = draw_part(out, train, order, (int64_t)((double)standin_dataset_images(train) * part->share));
    free(order);
    return status;
}

struct curve {
    int sizes; /* from all images downwards */
    int64_t images[SIZES_MAXIMUM];
    double mean[SIZES_MAXIMUM];
    double *resampled[SIZES_MAXIMUM]; /* (STATISTICS_RESAMPLES) each */
};

static int add_point(struct curve *curve, int64_t images, const struct answers *answers, uint64_t seed)
{
    double *resampled = memory_new(STATISTICS_RESAMPLES, sizeof *resampled);
    const int status = resampled ? answers_resampled(resampled, answers, curve->sizes, seed) : STATUS_MEMORY;
    if (status < 0) {
        free(resampled);
        return status;
    }
    curve->resampled[curve->sizes] = resampled;
    curve->mean[curve->sizes] = answers_accuracy(answers);
    curve->images[curve->sizes++] = images;
    return 0;
}

static int64_t least_class(const struct material *material)
{
    int64_t least = INT64_MAX;
    for (int k = 0; k < material->count; k++)
        for (int c = 0; c < standin_dataset_classes(material->cases[k].train); c++) {
            const int64_t images = standin_dataset_class_images(material->cases[k].train, c);
            least = images < least ? images : least;
        }
    return least;
}

/* At least two sizes, then until the curve has come down to `level`. */
static int draw_curve(struct curve *curve, struct study *study, const struct material *material,
                      const struct answers *whole, double level)
{
    const int64_t images = material_train_images(material), least = least_class(material);
    int status = add_point(curve, images, whole, study->options.seed);
    for (int64_t divisor = 2;
         status == 0 && curve->sizes < SIZES_MAXIMUM && least / divisor >= IMAGES_A_CLASS_MINIMUM &&
         (curve->sizes < 2 || curve->mean[curve->sizes - 1] > level);
         divisor *= 2) {
        char name[32];
        struct worth_part part = {1 / (double)divisor, study->options.seed};
        snprintf(name, sizeof name, "trtr-of-%" PRId64, divisor);
        const struct lesson lesson = {
            .name = name, .augment = STANDIN_AUGMENT_NONE, .by_seed = true, .make = worth_make_part, .context = &part};
        struct answers answers;
        work_expect(study->work, answers_units(study, material));
        status = answers_ask(&answers, study, material, &lesson);
        if (status < 0)
            break;
        status = add_point(curve, images / divisor, &answers, study->options.seed);
        answers_free(&answers);
    }
    return status;
}

static json_t *points_json(const struct curve *curve)
{
    json_t *array = json_array();
    for (int i = curve->sizes - 1; array && i >= 0; i--)
        json_array_append_new(
            array, json_pack("{s:I, s:f}", "images", (json_int_t)curve->images[i], "accuracy", curve->mean[i]));
    return array;
}

/* The sizes, the least first. */
static int find(struct effective_size *found, const struct curve *curve, const struct answers *synthetic, uint64_t seed)
{
    double images[SIZES_MAXIMUM], accuracy[SIZES_MAXIMUM];
    const double *resampled[SIZES_MAXIMUM];
    for (int i = 0; i < curve->sizes; i++) {
        const int place = curve->sizes - 1 - i;
        images[i] = (double)curve->images[place];
        accuracy[i] = curve->mean[place];
        resampled[i] = curve->resampled[place];
    }
    double *own = memory_new(STATISTICS_RESAMPLES, sizeof *own);
    int status = own ? answers_resampled(own, synthetic, curve->sizes, seed) : STATUS_MEMORY;
    const struct learning_curve points = {curve->sizes, 1, images, accuracy};
    const struct curve_resamples resamples = {STATISTICS_RESAMPLES, resampled, own};
    if (status == 0)
        status = learning_curve_effective_size(found, &points, answers_accuracy(synthetic), &resamples);
    free(own);
    return status;
}

static json_t *measure_json(const struct effective_size *found, const struct curve *curve)
{
    json_t *measure =
        json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", "effective_real_size", "title", "effective real size", "better",
                  "higher", "note", found->sentence, "curve", points_json(curve));
    if (found->below || found->above) {
        char reason[160];
        snprintf(reason, sizeof reason,
                 found->below ? "worth fewer than %" PRId64 " real images, the fewest that were tried"
                              : "worth at least as much as all %" PRId64 " real images",
                 curve->images[found->below ? curve->sizes - 1 : 0]);
        json_object_set_new(measure, "refused", json_string(reason));
        return measure;
    }
    json_object_set_new(measure, "value", json_real(round(found->images)));
    const double most = (double)curve->images[0]; /* the curve says nothing of more */
    char repeated[96];
    snprintf(repeated, sizeof repeated, "%d resamples of test images and seeds%s", STATISTICS_RESAMPLES,
             found->interval.high > most ? "; up to all real images or more" : "");
    json_object_set_new(measure, "interval",
                        study_interval(round(found->interval.low), round(fmin(found->interval.high, most))));
    json_object_set_new(measure, "repeated", json_string(repeated));
    return measure;
}

static json_t *too_few(void)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "name", "effective_real_size", "title", "effective real size", "better",
                     "higher", "refused", "a class has too few images to be halved");
}

int worth_measure(json_t **out, struct study *study, const struct material *material, const struct answers *whole,
                  const struct answers *synthetic)
{
    struct curve curve = {0};
    struct effective_size found;
    *out = NULL;
    int status = draw_curve(&curve, study, material, whole, answers_accuracy(synthetic));
    if (status == 0 && curve.sizes >= 2)
        status = find(&found, &curve, synthetic, study->options.seed);
    if (status == 0) {
        *out = curve.sizes >= 2 ? measure_json(&found, &curve) : too_few();
        if (!*out)
            status = error_set(STATUS_MEMORY, "out of memory for the effective real size");
    }
    for (int i = 0; i < curve.sizes; i++)
        free(curve.resampled[i]);
    return status;
}
