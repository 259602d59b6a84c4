/* The study of augmentation: few real images, and whether those of a generator that has seen no others help a
 * classifier. */
#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "study/augment_verdict.h"
#include "study/draw.h"
#include "study/gan.h"
#include "study/row.h"
#include "study/study.h"
#include "study/synthetic.h"
#include "train/classify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { GROWTH = 4 }; /* of the number of synthetic images */

/* ---- What is learned from ----------------------------------------------------------------------------------- */

struct source {
    char *const *runs; /* one a case */
    int64_t times;     /* synthetic images for each real one; 0: none */
    uint64_t seed;
    int threads;
};

static int make_real(standin_dataset **out, void *context, const struct material *material, int case_index,
                     int seed_index)
{
    (void)context, (void)seed_index;
    const standin_dataset *train = material->cases[case_index].train;
    return derive_joined(out, &train, 1);
}

static int make_synthetic(standin_dataset **out, void *context, const struct material *material, int case_index)
{
    const struct source *source = context;
    standin_generator *generator;
    *out = NULL;
    if (source->times == 0)
        return 0;
    int status = standin_generator_open(&generator, source->runs[case_index], source->threads);
    if (status < 0)
        return status;
    status = synthetic_made(out, generator, material->cases[case_index].train, (double)source->times, source->seed);
    standin_generator_free(generator);
    return status;
}

/* ---- Rows --------------------------------------------------------------------------------------------------- */

static int ask(struct augment_arm *arm, struct study *study, const struct material *material, char *const *runs)
{
    struct source source = {runs, arm->times, study->options.seed, study->options.threads};
    char name[64];
    if (arm->times > 0)
        snprintf(name, sizeof name, "%s-x%" PRId64, arm->name, arm->times);
    else
        snprintf(name, sizeof name, "%s", arm->name);
    const struct lesson lesson = {
        .name = name, .augment = arm->augment, .make = make_real, .make_first = make_synthetic, .context = &source};
    return answers_ask(&arm->answers, study, material, &lesson);
}

static int add_row(json_t *rows, const struct study *study, const struct material *material,
                   const struct augment_arm *arm)
{
    const int64_t real = material_train_images(material);
    const struct row row = {.name = arm->name,
                            .title = arm->title,
                            .trained_on = arm->times > 0 ? "real and synthetic" : "real",
                            .tested_on = "real",
                            .images = real * (1 + arm->times),
                            .synthetic = real * arm->times};
    json_t *one;
    const int status = row_json(&one, &row, &arm->answers, study->options.seed);
    return status < 0                             ? status
           : json_array_append_new(rows, one) < 0 ? error_set(STATUS_MEMORY, "out of memory for a row")
                                                  : 0;
}

/* The most synthetic images for each real one: as asked, but no more than twice what a classifier gets to see. */
static int64_t most_times(const struct study *study, const struct material *material)
{
    const int64_t most = 2 * classify_first_shown(study->options.steps) / material_train_images(material);
    int64_t times = study->options.times;
    while (times >= GROWTH && times > most)
        times /= GROWTH;
    return times;
}

/* none, classic, then both with synthetic images at every amount, the least first. */
static int list_arms(struct augment_arm **arms, int64_t times_maximum)
{
    int amounts = 0;
    for (int64_t left = times_maximum; left >= 1; left /= GROWTH)
        amounts++;
    *arms = memory_new(2 + 2 * (size_t)amounts, sizeof **arms);
    if (!*arms)
        return STATUS_MEMORY;
    int count = 0;
    (*arms)[count++] = (struct augment_arm){"none", "none", STANDIN_AUGMENT_NONE, 0, {0}};
    (*arms)[count++] = (struct augment_arm){"classic", "classic", STANDIN_AUGMENT_CLASSIC, 0, {0}};
    for (int amount = amounts - 1; amount >= 0; amount--) {
        int64_t times = times_maximum;
        for (int i = 0; i < amount; i++)
            times /= GROWTH;
        (*arms)[count++] = (struct augment_arm){"gan", "GAN", STANDIN_AUGMENT_NONE, times, {0}};
        (*arms)[count++] = (struct augment_arm){"classic_gan", "classic + GAN", STANDIN_AUGMENT_CLASSIC, times, {0}};
    }
    return count;
}

static int train_generators(char **runs, struct study *study, const struct material *material, int64_t units)
{
    int status = 0;
    for (int k = 0; status == 0 && k < material->count; k++) {
        char name[32];
        snprintf(name, sizeof name, material->count > 1 ? "generator-%d" : "generator", k + 1);
        status = gan_train(&runs[k], study, name, material->cases[k].train, units);
    }
    return status;
}

static int ask_all(struct augment_arm *arms, int count, struct study *study, const struct material *material,
                   json_t *rows)
{
    double pace;
    char **runs = memory_new((size_t)material->count, sizeof *runs);
    int status = runs ? study_measure_pace(study, material->cases[0].train, &pace) : STATUS_MEMORY;
    if (status == 0) {
        const int64_t units = gan_units(study, pace);
        work_expect(study->work, count * answers_units(study, material) + material->count * units);
        status = train_generators(runs, study, material, units);
    }
    for (int i = 0; status == 0 && i < count; i++) {
        status = ask(&arms[i], study, material, runs);
        if (status == 0)
            status = add_row(rows, study, material, &arms[i]);
    }
    for (int k = 0; runs && k < material->count; k++)
        free(runs[k]);
    free(runs);
    return status;
}

/* ---- The study ---------------------------------------------------------------------------------------------- */

/* So many of the images, by lot, every class in proportion. */
static int take_few(standin_dataset **few, const standin_dataset *real, int64_t count, uint64_t seed)
{
    int status = draw_sample(few, real, count, seed);
    if (status == 0 && standin_dataset_classes(*few) < standin_dataset_classes(real)) {
        status =
            error_set(STATUS_INPUT, "%s: %" PRId64 " images, drawn in proportion, leave out some of the %d classes",
                      dataset_path(real), count, standin_dataset_classes(real));
        standin_dataset_free(*few);
        *few = NULL;
    }
    return status;
}

static int find_all(json_t *body, struct study *study, const struct material *material)
{
    struct augment_arm *arms;
    json_t *rows = json_array();
    const int count = list_arms(&arms, most_times(study, material));
    int status = count < 0 ? count : rows ? 0 : error_set(STATUS_MEMORY, "out of memory for the rows");
    if (status == 0)
        status = ask_all(arms, count, study, material, rows);
    json_object_set_new(body, "rows", rows);
    if (status == 0)
        status = augment_conclude(body, study, material, arms, count);
    for (int i = 0; i < count; i++)
        answers_free(&arms[i].answers);
    if (count >= 0)
        free(arms);
    return status;
}

static void note_limits(struct study *study, const struct material *material)
{
    study_note_material(study, material);
    study_note(
        study,
        "How the result depends on which real images were drawn%s: the intervals are about test images and seeds of "
        "the classifier.",
        material->folded ? "" : " and on the generator's seed, of which there was one");
}

int standin_study_augment(char **document, const standin_dataset *real, const standin_dataset *test,
                          const standin_study_options *options)
{
    struct study study;
    struct material material = {0};
    standin_dataset *few = NULL;
    *document = NULL;
    int status = gan_check(options->recipe);
    if (status < 0)
        return status;
    json_t *body = json_object();
    status = study_begin(&study, options, (const standin_dataset *const[]){real, test}, 2);
    if (status == 0)
        status = take_few(&few, real, study.options.real, study.options.seed);
    if (status == 0)
        status = material_new(&material, few, test, study.options.folds, study.options.seed);
    if (status == 0) {
        note_limits(&study, &material);
        json_object_set_new(body, "real", json_integer(standin_dataset_images(few)));
        if (material.folded)
            json_object_set_new(body, "folds", json_integer(material.count));
        json_object_set_new(body, "seeds", json_integer(study.options.seeds));
        json_object_set_new(body, "steps", json_integer(study.options.steps));
        status = find_all(body, &study, &material);
    }
    if (status == 0) {
        json_t *sets = json_pack("{s:o, s:o}", "real", study_set(real), "train", study_set(few));
        if (test)
            json_object_set_new(sets, "test", study_set(test));
        status = study_document(document, &study, "augmentation", sets, json_incref(body));
    }
    material_free(&material);
    standin_dataset_free(few);
    study_end(&study);
    json_decref(body);
    return status;
}
