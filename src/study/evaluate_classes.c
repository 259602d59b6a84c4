/* Precision and coverage within a class, beside those of real images. */
#include "study/evaluate_classes.h"

#include "base/error.h"
#include "base/least.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "eval/prdc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASS_MINIMUM = 20 };

/* Rows of the images of one class, at most `maximum`; (images of the set, width) numbers have room. */
static int64_t rows_of_class(double *rows, const struct feature_set *seen, const standin_dataset *set, const char *name,
                             int64_t maximum)
{
    const int32_t label = evaluate_class_of(set, name);
    int64_t count = 0;
    for (int64_t i = 0; label >= 0 && i < seen->count && count < maximum; i++)
        if (dataset_labels(set)[i] == label)
            memcpy(rows + count++ * seen->width, seen->values + i * seen->width, (size_t)seen->width * sizeof *rows);
    return count;
}

static int64_t images_of(const standin_dataset *set, const char *name)
{
    const int32_t c = evaluate_class_of(set, name);
    return c < 0 ? 0 : standin_dataset_class_images(set, c);
}

struct rows {
    double *reference, *other, *synthetic;
    int64_t count, width;
};

/* Precision and coverage, as members of `one`; what is refused is left out. */
static int add_numbers(json_t *one, const char *precision, const char *coverage, const struct rows *rows,
                       const double *of, struct pool *pool)
{
    struct prdc prdc;
    const int status =
        prdc_measure(&prdc, &(struct feature_set){rows->reference, rows->count, rows->width},
                     &(struct feature_set){of, rows->count, rows->width}, PRDC_K_PRECISION, PRDC_K_DENSITY, pool);
    if (status == 0) {
        json_object_set_new(one, precision, json_real(prdc.precision));
        json_object_set_new(one, coverage, json_real(prdc.coverage));
    }
    return status == STATUS_INPUT ? 0 : status;
}

int classes_measure(json_t *classes, const struct evaluation *evaluation, const struct feature_set *reference,
                    const struct feature_set *other, const struct feature_set *synthetic)
{
    const struct evaluate_sets *sets = &evaluation->sets;
    const standin_dataset *real = evaluation->given->real, *made = evaluation->given->synthetic;
    const size_t bytes = (size_t)reference->count * (size_t)reference->width;
    struct rows rows = {memory_new(bytes, sizeof(double)), memory_new(bytes, sizeof(double)),
                        memory_new(bytes, sizeof(double)), 0, reference->width};
    int status = rows.reference && rows.other && rows.synthetic ? 0 : STATUS_MEMORY;
    for (int c = 0; status == 0 && c < standin_dataset_classes(real); c++) {
        const char *name = standin_dataset_class_name(real, c);
        json_t *one =
            json_pack("{s:s, s:I, s:I}", "name", name, "real", (json_int_t)standin_dataset_class_images(real, c),
                      "synthetic", (json_int_t)images_of(made, name));
        rows.count = least(images_of(sets->reference, name),
                           least(images_of(sets->other, name), images_of(sets->synthetic, name)));
        if (rows.count >= CLASS_MINIMUM) {
            rows_of_class(rows.reference, reference, sets->reference, name, rows.count);
            rows_of_class(rows.other, other, sets->other, name, rows.count);
            rows_of_class(rows.synthetic, synthetic, sets->synthetic, name, rows.count);
            status = add_numbers(one, "precision", "coverage", &rows, rows.synthetic, evaluation->pool);
            if (status == 0)
                status = add_numbers(one, "precision_twin", "coverage_twin", &rows, rows.other, evaluation->pool);
        }
        if (json_array_append_new(classes, one) < 0 && status == 0)
            status = error_set(STATUS_MEMORY, "out of memory for the classes");
    }
    free(rows.reference);
    free(rows.other);
    free(rows.synthetic);
    return status;
}

/* How much of the real images' own coverage and precision a class lacks. */
static double shortfall(const json_t *one)
{
    const json_t *coverage = json_object_get(one, "coverage"), *precision = json_object_get(one, "precision");
    if (json_integer_value(json_object_get(one, "synthetic")) == 0)
        return INFINITY;
    if (!coverage || !precision)
        return NAN;
    const double of_coverage = json_number_value(json_object_get(one, "coverage_twin")) - json_number_value(coverage);
    const double of_precision =
        json_number_value(json_object_get(one, "precision_twin")) - json_number_value(precision);
    return fmax(of_coverage, 0) + fmax(of_precision, 0);
}

int classes_find_worst(json_t *document, const json_t *classes)
{
    const json_t *worst = NULL;
    double most = -1;
    for (size_t i = 0; i < json_array_size(classes); i++) {
        const json_t *one = json_array_get(classes, i);
        const double lacks = shortfall(one);
        if (lacks > most) {
            most = lacks;
            worst = one;
        }
    }
    if (!worst || json_array_size(classes) < 2)
        return 0;
    char reason[200] = "there are no synthetic images of it";
    if (isfinite(most))
        snprintf(reason, sizeof reason,
                 "covers %.0f %% of its real images, and %.0f %% of its images look real; real images: %.0f %% "
                 "and %.0f %%",
                 100 * json_number_value(json_object_get(worst, "coverage")),
                 100 * json_number_value(json_object_get(worst, "precision")),
                 100 * json_number_value(json_object_get(worst, "coverage_twin")),
                 100 * json_number_value(json_object_get(worst, "precision_twin")));
    const int failed = json_object_set(document, "worst", json_object_get(worst, "name")) < 0 ||
                       json_object_set_new(document, "worst_reason", json_string(reason)) < 0;
    return failed ? error_set(STATUS_MEMORY, "out of memory for the worst class") : 0;
}
