/* Image measures with their twins: the same of as many real images. */
#include "study/evaluate_image.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "study/evaluate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum pair_kind { PAIR_SSIM, PAIR_PSNR, PAIR_MS_SSIM };
enum { MS_SSIM_PAIRS = 100 };

/* ---- Pairs -------------------------------------------------------------------------------------------------- */

static int measure_pairs(struct summary *summary, const struct image_pairs *pairs, enum pair_kind kind,
                         struct image_shape shape, struct pool *pool)
{
    const int64_t count = kind == PAIR_MS_SSIM && pairs->count > MS_SSIM_PAIRS ? MS_SSIM_PAIRS : pairs->count;
    double *values = memory_new((size_t)count, sizeof *values);
    int status = values ? 0 : STATUS_MEMORY;
    if (status == 0 && kind == PAIR_SSIM)
        status = image_ssim_pairs(values, pairs->a, pairs->b, count, shape, SSIM_GAUSSIAN, pool);
    for (int64_t i = 0; status == 0 && kind != PAIR_SSIM && i < count; i++)
        status = kind == PAIR_PSNR ? image_psnr(&values[i], pairs->a[i], pairs->b[i], shape)
                                   : image_ms_ssim(&values[i], pairs->a[i], pairs->b[i], shape);
    if (status == 0)
        *summary = kind == PAIR_PSNR ? summary_of_median(values, count) : summary_of_mean(values, count);
    free(values);
    return status;
}

static int append_pairs(json_t *measures, const char *name, const char *title, const struct image_pairs *set,
                        const struct image_pairs *twin, enum pair_kind kind, struct image_shape shape, const char *note,
                        struct pool *pool)
{
    struct measured measured = measured_new(name, title, "equal");
    struct summary of_set = {0}, of_twin = {0};
    int status = measure_pairs(&of_set, set, kind, shape, pool);
    if (status == 0)
        status = measure_pairs(&of_twin, twin, kind, shape, pool);
    status = measured_settle(&measured, status);
    if (status < 0)
        return status;
    const int64_t pairs = kind == PAIR_MS_SSIM && set->count > MS_SSIM_PAIRS ? MS_SSIM_PAIRS : set->count;
    measured.value = of_set.centre, measured.low = of_set.low, measured.high = of_set.high;
    measured.twin = of_twin.centre, measured.twin_low = of_twin.low, measured.twin_high = of_twin.high;
    if (!*measured.refused)
        snprintf(measured.repeated, sizeof measured.repeated, "%" PRId64 " pairs that share no image", pairs);
    snprintf(measured.note, sizeof measured.note, "%s%s", kind == PAIR_PSNR ? "median; " : "", note);
    return measured_append(measures, &measured);
}

static int append_refused(json_t *measures, const char *name, const char *title, int status)
{
    struct measured measured = measured_new(name, title, "equal");
    status = measured_settle(&measured, status);
    return status < 0 ? status : measured_append(measures, &measured);
}

int image_measure_within(json_t *measures, const standin_dataset *set, const standin_dataset *twin, bool by_class,
                         bool all, uint64_t seed, struct pool *pool)
{
    static const struct {
        const char *name, *title;
    } kinds[] = {[PAIR_SSIM] = {"ssim_within_class", "SSIM within classes"},
                 [PAIR_PSNR] = {"psnr_within_class", "PSNR within classes"},
                 [PAIR_MS_SSIM] = {"ms_ssim_within_class", "MS-SSIM within classes"}};
    static const char note[] =
        "two random images of one class; diversity: above the twin, images resemble each other too much";
    struct image_pairs pairs = {0}, twins = {0};
    int status = pairs_draw(&pairs, set, NULL, by_class, NEAREST_PAIRS, seed);
    if (status == 0)
        status = pairs_draw(&twins, twin, NULL, by_class, NEAREST_PAIRS, seed);
    const int drawn = status;
    status = 0;
    for (int kind = 0; status == 0 && kind <= (all ? PAIR_MS_SSIM : PAIR_SSIM); kind++)
        status = drawn < 0 ? append_refused(measures, kinds[kind].name, kinds[kind].title, drawn)
                           : append_pairs(measures, kinds[kind].name, kinds[kind].title, &pairs, &twins,
                                          (enum pair_kind)kind, nearest_shape(set), note, pool);
    pairs_free(&pairs);
    pairs_free(&twins);
    return status;
}

static int measure_across(json_t *measures, const struct evaluate_sets *sets, uint64_t seed, struct pool *pool)
{
    static const char ssim[] = "ssim_real", psnr[] = "psnr_real",
                      note[] = "an image and a random real one of its class";
    struct image_pairs pairs = {0}, twins = {0};
    int status = pairs_draw(&pairs, sets->synthetic, sets->reference, sets->by_class, NEAREST_PAIRS, seed);
    if (status == 0)
        status = pairs_draw(&twins, sets->other, sets->reference, sets->by_class, NEAREST_PAIRS, seed);
    if (status < 0) {
        const int drawn = status;
        status = append_refused(measures, ssim, "SSIM to real", drawn);
        return status < 0 ? status : append_refused(measures, psnr, "PSNR to real", drawn);
    }
    const struct image_shape shape = nearest_shape(sets->reference);
    status = append_pairs(measures, ssim, "SSIM to real", &pairs, &twins, PAIR_SSIM, shape, note, pool);
    if (status == 0)
        status = append_pairs(measures, psnr, "PSNR to real", &pairs, &twins, PAIR_PSNR, shape, note, pool);
    pairs_free(&pairs);
    pairs_free(&twins);
    return status;
}

/* ---- The nearest -------------------------------------------------------------------------------------------- */

int image_measure_nearest(json_t *measures, struct nearest *set, struct nearest *twin, const char *note, int status)
{
    struct measured ssim = measured_new("ssim_nearest_train", "SSIM to nearest", "equal");
    struct measured psnr = measured_new("psnr_nearest_train", "PSNR to nearest", "equal");
    if (status < 0) {
        status = append_refused(measures, ssim.name, ssim.title, status);
        return status < 0 ? status : append_refused(measures, psnr.name, psnr.title, STATUS_INPUT);
    }
    struct measured *both[] = {&ssim, &psnr};
    for (int i = 0; i < 2; i++) {
        const struct summary of_set =
            i == 0 ? summary_of_mean(set->ssim, set->count) : summary_of_median(set->psnr, set->count);
        const struct summary of_twin =
            i == 0 ? summary_of_mean(twin->ssim, twin->count) : summary_of_median(twin->psnr, twin->count);
        both[i]->value = of_set.centre, both[i]->low = of_set.low, both[i]->high = of_set.high;
        both[i]->twin = of_twin.centre, both[i]->twin_low = of_twin.low, both[i]->twin_high = of_twin.high;
        snprintf(both[i]->repeated, sizeof both[i]->repeated, "%" PRId64 " images drawn by lot, twin %" PRId64,
                 set->count, twin->count);
        snprintf(both[i]->note, sizeof both[i]->note, "%s%s", i == 0 ? "" : "median; ", note);
        status = measured_append(measures, both[i]);
        if (status < 0)
            return status;
    }
    return 0;
}

/* nearest[class of the synthetic set] */
static json_t *means_of_classes(const struct nearest *nearest, const standin_dataset *set)
{
    json_t *means = json_array();
    for (int c = 0; means && c < standin_dataset_classes(set); c++) {
        double sum = 0;
        int64_t count = 0;
        for (int64_t i = 0; i < nearest->count; i++)
            if (dataset_labels(set)[nearest->image[i]] == c) {
                sum += nearest->ssim[i];
                count++;
            }
        json_array_append_new(means, count > 0 ? json_real(sum / (double)count) : json_null());
    }
    return means;
}

static int measure_nearest(json_t *measures, json_t **means, const struct evaluation *evaluation)
{
    const struct evaluate_sets *sets = &evaluation->sets;
    const uint64_t seed = evaluation->study.options.seed;
    struct nearest of_synthetic = {0}, of_other = {0};
    int status = nearest_find(&of_synthetic, evaluation->given->synthetic, sets->pool, false, seed, evaluation->pool,
                              evaluation->study.work);
    if (status == 0)
        *means = means_of_classes(&of_synthetic, evaluation->given->synthetic);
    if (status == 0)
        status =
            nearest_find(&of_other, sets->other, sets->pool, false, seed, evaluation->pool, evaluation->study.work);
    char note[MEASURED_TEXT];
    snprintf(note, sizeof note,
             "the most alike of %" PRId64 " real images, of the %d nearest in pixels; copying: above the twin, "
             "they are too near",
             standin_dataset_images(sets->pool), NEAREST_CANDIDATES);
    if (status == 0 || status == STATUS_INPUT)
        status = image_measure_nearest(measures, &of_synthetic, &of_other, note, status);
    nearest_free(&of_synthetic);
    nearest_free(&of_other);
    return status;
}

int evaluate_image(json_t **result, struct evaluation *evaluation)
{
    const struct evaluate_sets *sets = &evaluation->sets;
    const uint64_t seed = evaluation->study.options.seed;
    json_t *measures = json_array(), *means = NULL;
    int status = measures ? measure_across(measures, sets, seed, evaluation->pool) : STATUS_MEMORY;
    if (status == 0)
        status = work_advance(evaluation->study.work, "comparing images", EVALUATE_IMAGE_UNITS / 4);
    if (status == 0)
        status = image_measure_within(measures, sets->synthetic, sets->reference, sets->by_class, true, seed,
                                      evaluation->pool);
    if (status == 0)
        status = work_advance(evaluation->study.work, "comparing images", EVALUATE_IMAGE_UNITS / 4);
    if (status == 0)
        status = measure_nearest(measures, &means, evaluation);
    if (status == 0)
        status = work_advance(evaluation->study.work, "comparing images", EVALUATE_IMAGE_UNITS / 2);
    *result = NULL;
    if (status < 0)
        json_decref(means);
    else if (!(*result = json_pack("{s:O, s:o}", "measures", measures, "nearest", means ? means : json_array())))
        status = error_set(STATUS_MEMORY, "out of memory for the image measures");
    json_decref(measures);
    return status;
}
