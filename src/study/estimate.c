/* The estimate: a learning curve on real images, one on synthetic images if generators are wanted, and what a generator
 * costs. */
#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "eval/learning_curve.h"
#include "study/draw.h"
#include "study/estimate_cost.h"
#include "study/gan.h"
#include "study/study.h"
#include "study/synthetic.h"
#include "study/worth.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZES_MAXIMUM = 6, IMAGES_A_CLASS_MINIMUM = 2, GENERATORS = 3 };

/* ---- Points of a curve -------------------------------------------------------------------------------------- */

struct curve {
    int sizes, seeds;
    double images[SIZES_MAXIMUM];
    double *accuracy; /* (sizes, seeds) */
};

static int add_point(struct curve *curve, json_t *points, double images, const struct answers *answers, uint64_t seed)
{
    struct interval interval;
    const int status = answers_interval(&interval, answers, seed);
    if (status < 0)
        return status;
    json_t *each = json_array();
    for (int s = 0; s < answers->seeds; s++) {
        const double accuracy = answers_seed_accuracy(answers, s);
        if (curve)
            curve->accuracy[curve->sizes * curve->seeds + s] = accuracy;
        json_array_append_new(each, json_real(accuracy));
    }
    if (curve)
        curve->images[curve->sizes++] = images;
    json_t *point = json_pack("{s:f, s:f, s:[f, f], s:o}", "images", images, "accuracy", answers_accuracy(answers),
                              "interval", interval.low, interval.high, "seed_accuracies", each);
    return json_array_append_new(points, point) == 0 ? 0 : error_set(STATUS_MEMORY, "out of memory for a point");
}

/* ---- Real images -------------------------------------------------------------------------------------------- */

struct shares {
    double share[SIZES_MAXIMUM]; /* ascending; the last is 1 */
    int count;
};

/* By halves; where that gives too few sizes for a fit, by steps of the root of a half. */
static struct shares choose_shares(const standin_dataset *train)
{
    int64_t least = INT64_MAX;
    for (int c = 0; c < standin_dataset_classes(train); c++)
        least = standin_dataset_class_images(train, c) < least ? standin_dataset_class_images(train, c) : least;
    const double floor_share = (double)IMAGES_A_CLASS_MINIMUM / (double)least;
    double ratio = 0.5;
    if (pow(ratio, LEARNING_CURVE_SIZES_MINIMUM - 1) < floor_share)
        ratio = sqrt(0.5);
    struct shares shares = {.count = 1};
    while (shares.count < SIZES_MAXIMUM && pow(ratio, shares.count) >= floor_share)
        shares.count++;
    for (int i = 0; i < shares.count; i++)
        shares.share[i] = pow(ratio, shares.count - 1 - i);
    return shares;
}

static int draw_real_curve(struct curve *curve, json_t *points, struct study *study, const struct material *material,
                           const struct shares *shares)
{
    const int64_t images = material_train_images(material);
    int status = 0;
    for (int i = 0; status == 0 && i < shares->count; i++) {
        struct worth_part part = {shares->share[i], study->options.seed};
        const int64_t size = (int64_t)((double)images * part.share);
        struct answers answers;
        char name[48];
        snprintf(name, sizeof name, "real-%" PRId64, size);
        const struct lesson lesson = {.name = name,
                                      .augment = STANDIN_AUGMENT_CLASSIC,
                                      .by_seed = true,
                                      .make = worth_make_part,
                                      .context = &part};
        status = answers_ask(&answers, study, material, &lesson);
        if (status < 0)
            break;
        status = add_point(curve, points, (double)size, &answers, study->options.seed);
        answers_free(&answers);
    }
    return status;
}

/* ---- Synthetic images --------------------------------------------------------------------------------------- */

static int make_from_run(standin_dataset **out, void *context, const struct material *material, int case_index,
                         int seed_index)
{
    (void)material;
    (void)case_index;
    (void)seed_index;
    return derive_joined(out, (const standin_dataset *[]){context}, 1);
}

/* A generator that has seen a part of the real images makes as many as there are in all. */
static int make_synthetic(standin_dataset **synthetic, struct study *study, const standin_dataset *part, double times,
                          const char *name, int64_t units)
{
    char *run;
    standin_generator *generator = NULL;
    *synthetic = NULL;
    int status = gan_train(&run, study, name, part, units);
    if (status == 0)
        status = standin_generator_open(&generator, run, study->options.threads);
    if (status == 0)
        status = synthetic_made(synthetic, generator, part, times, study->options.seed);
    standin_generator_free(generator);
    free(run);
    return status;
}

static int add_synthetic_point(json_t *points, struct study *study, const struct material *material, int64_t divisor,
                               int64_t units)
{
    standin_dataset *part, *synthetic = NULL;
    struct worth_part share = {1 / (double)divisor, study->options.seed};
    struct answers answers;
    char name[48], generator[48];
    int status = worth_make_part(&part, &share, material, 0, 0);
    if (status < 0)
        return status;
    const double images = (double)standin_dataset_images(part);
    snprintf(generator, sizeof generator, "generator-of-%.0f", images);
    snprintf(name, sizeof name, "synthetic-%.0f", images);
    status = make_synthetic(&synthetic, study, part, (double)divisor, generator, units);
    if (status == 0) {
        const struct lesson lesson = {
            .name = name, .augment = STANDIN_AUGMENT_CLASSIC, .make = make_from_run, .context = synthetic};
        status = answers_ask(&answers, study, material, &lesson);
    }
    if (status == 0) {
        status = add_point(NULL, points, images, &answers, study->options.seed);
        answers_free(&answers);
    }
    standin_dataset_free(synthetic);
    standin_dataset_free(part);
    return status;
}

static int draw_synthetic_curve(json_t *points, struct study *study, const struct material *material, int64_t units)
{
    int status = 0;
    for (int64_t divisor = 1 << (GENERATORS - 1); status == 0 && divisor >= 1; divisor /= 2)
        status = add_synthetic_point(points, study, material, divisor, units);
    return status;
}

/* ---- How many ----------------------------------------------------------------------------------------------- */

static int add_fits(json_t *body, const struct learning_curve *curve)
{
    json_t *fits = json_array();
    int status = 0;
    for (enum curve_form form = 0; status == 0 && form < CURVE_FORMS; form++) {
        struct curve_fit fit;
        status = learning_curve_fit(&fit, form, curve);
        if (status < 0)
            break;
        json_t *one = json_pack("{s:s, s:f, s:f, s:f}", "form", form == CURVE_POWER ? "power" : "logarithm", "a", fit.a,
                                "b", fit.b, "residual", fit.residual);
        if (form == CURVE_POWER)
            json_object_set_new(one, "c", json_real(fit.c));
        json_array_append_new(fits, one);
    }
    json_object_set_new(body, "fits", fits);
    return status;
}

static int answer_how_many(json_t *body, struct study *study, const struct curve *curve)
{
    const struct learning_curve points = {curve->sizes, curve->seeds, curve->images, curve->accuracy};
    struct curve_target found;
    json_t *answer = json_pack("{s:f}", "target", study->options.target);
    if (curve->sizes < LEARNING_CURVE_SIZES_MINIMUM) {
        json_object_set_new(answer, "sentence",
                            json_string("Cannot say: a class has too few images for a learning curve."));
        json_object_set_new(body, "how_many", answer);
        return 0;
    }
    int status = add_fits(body, &points);
    if (status == 0)
        status = learning_curve_how_many(&found, &points, study->options.target, study->options.seed);
    if (status == 0) {
        if (found.answer != CURVE_CANNOT_SAY)
            json_object_set_new(answer, found.answer == CURVE_MET ? "met_at" : "about", json_real(round(found.images)));
        if (found.answer == CURVE_ABOUT && isfinite(found.interval.low) && isfinite(found.interval.high))
            json_object_set_new(answer, "interval",
                                study_interval(round(found.interval.low), round(found.interval.high)));
        char sentence[LEARNING_CURVE_SENTENCE + 2];
        snprintf(sentence, sizeof sentence, "%c%s.", toupper((unsigned char)found.sentence[0]), found.sentence + 1);
        json_object_set_new(answer, "sentence", json_string(sentence));
    }
    json_object_set_new(body, "how_many", answer);
    return status;
}

/* ---- The study ---------------------------------------------------------------------------------------------- */

static int find_curves(json_t *body, struct study *study, const struct material *material)
{
    const standin_dataset *train = material->cases[0].train;
    const struct shares shares = choose_shares(train);
    struct curve curve = {.seeds = study->options.seeds};
    double pace = 1;
    json_t *real = json_array(), *synthetic = json_array();
    curve.accuracy = memory_new((size_t)SIZES_MAXIMUM * (size_t)curve.seeds, sizeof *curve.accuracy);
    int status = curve.accuracy ? 0 : STATUS_MEMORY;
    if (status == 0 && study->options.generators)
        status = study_measure_pace(study, train, &pace);
    const int64_t units = study->options.generators ? gan_units(study, pace) : 0;
    const int generators = study->options.generators ? GENERATORS : 0;
    work_expect(study->work, (shares.count + generators) * answers_units(study, material) + generators * units);
    if (status == 0)
        status = draw_real_curve(&curve, real, study, material, &shares);
    if (status == 0 && generators > 0)
        status = draw_synthetic_curve(synthetic, study, material, units);
    json_object_set_new(body, "curve", real);
    if (json_array_size(synthetic) > 0)
        json_object_set(body, "synthetic_curve", synthetic);
    json_decref(synthetic);
    if (status == 0)
        status = answer_how_many(body, study, &curve);
    free(curve.accuracy);
    return status;
}

int standin_study_estimate(char **document, const standin_dataset *real, const standin_dataset *test,
                           const standin_study_options *options)
{
    struct study study;
    struct material material = {0};
    standin_dataset *part = NULL;
    *document = NULL;
    int status = options->generators ? gan_check(options->recipe) : 0;
    if (status < 0)
        return status;
    json_t *body = json_object();
    status = study_begin(&study, options, (const standin_dataset *const[]){real, test}, 2);
    if (status == 0)
        status = draw_sample(&part, real, study.options.real, study.options.seed);
    if (status == 0)
        status = test ? material_new(&material, part, test, study.options.folds, study.options.seed)
                      : material_held_out(&material, part, study.options.folds, study.options.seed);
    if (status == 0) {
        study_note_material(&study, &material);
        if (!test)
            study_note(&study,
                       "There is no test set: %" PRId64
                       " of the images were held back for it, and the curve ends at the others.",
                       standin_dataset_images(material.all_tests));
        study_note(&study,
                   "Beyond four times the images nothing is said: such extrapolations miss by tens of per cent.");
        json_object_set_new(body, "seeds", json_integer(study.options.seeds));
        json_object_set_new(body, "steps", json_integer(study.options.steps));
        status = estimate_cost(body, &study, part, options->budget_seconds);
    }
    if (status == 0)
        status = find_curves(body, &study, &material);
    if (status == 0) {
        json_t *sets = json_pack("{s:o}", "real", study_set(part));
        if (test)
            json_object_set_new(sets, "test", study_set(test));
        status = study_document(document, &study, "estimate", sets, json_incref(body));
    }
    material_free(&material);
    standin_dataset_free(part);
    study_end(&study);
    json_decref(body);
    return status;
}
