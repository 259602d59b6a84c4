/* The study of utility: what a classifier is worth that learned from synthetic images, beside the same classifier that
 * learned from the real ones. */
#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "study/answers.h"
#include "study/row.h"
#include "study/study.h"
#include "study/synthetic.h"
#include "study/worth.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum which { CHANCE, TRTR, TRTR_CLASSIC, TSTR, TSTR_CLASSIC, TRTR_S, TRTS, COPYCAT, ROWS };

struct sources {
    const standin_dataset *synthetic;
    uint64_t seed;
};

/* ---- What is learned from ----------------------------------------------------------------------------------- */

static int make_real(standin_dataset **out, void *context, const struct material *material, int case_index,
                     int seed_index)
{
    (void)context;
    (void)seed_index;
    return derive_joined(out, (const standin_dataset *[]){material->cases[case_index].train}, 1);
}

static int make_synthetic(standin_dataset **out, void *context, const struct material *material, int case_index,
                          int seed_index)
{
    (void)seed_index;
    const struct sources *sources = context;
    return synthetic_like(out, sources->synthetic, material->cases[case_index].train, sources->seed);
}

static int make_both(standin_dataset **out, void *context, const struct material *material, int case_index,
                     int seed_index)
{
    standin_dataset *synthetic;
    int status = make_synthetic(&synthetic, context, material, case_index, seed_index);
    if (status < 0)
        return status;
    status = derive_joined(out, (const standin_dataset *[]){material->cases[case_index].train, synthetic}, 2);
    standin_dataset_free(synthetic);
    return status;
}

static int make_copycat(standin_dataset **out, void *context, const struct material *material, int case_index,
                        int seed_index)
{
    (void)seed_index;
    return synthetic_copycat(out, material->cases[case_index].train, ((const struct sources *)context)->seed);
}

struct kind {
    const char *name, *title, *trained_on, *tested_on;
    int (*make)(standin_dataset **out, void *context, const struct material *material, int case_index, int seed_index);
    enum standin_augment augment;
};

static const struct kind kinds[ROWS] = {
    [CHANCE] = {"chance", "chance", "the largest class", "real", NULL, STANDIN_AUGMENT_NONE},
    [TRTR] = {"trtr", "TRTR", "real", "real", make_real, STANDIN_AUGMENT_NONE},
    [TRTR_CLASSIC] = {"trtr_classic", "TRTR + classic", "real, augmented", "real", make_real, STANDIN_AUGMENT_CLASSIC},
    [TSTR] = {"tstr", "TSTR", "synthetic", "real", make_synthetic, STANDIN_AUGMENT_NONE},
    [TSTR_CLASSIC] = {"tstr_classic", "TSTR + classic", "synthetic, augmented", "real", make_synthetic,
                      STANDIN_AUGMENT_CLASSIC},
    [TRTR_S] = {"trtr_s", "TRTR + S", "real and synthetic", "real", make_both, STANDIN_AUGMENT_NONE},
    [TRTS] = {"trts", "TRTS", "real", "synthetic", make_real, STANDIN_AUGMENT_NONE},
    [COPYCAT] = {"copycat", "copycat", "real and a little noise", "real", make_copycat, STANDIN_AUGMENT_NONE},
};

/* ---- Tests on synthetic images ------------------------------------------------------------------------------ */

/* The same training sets, asked about synthetic images: those that TSTR learns from, for every fold others. */
struct reversed {
    struct material material;
    standin_dataset *tests;
};

static int fill_reversed(struct reversed *reversed, const struct material *material, const struct sources *sources)
{
    const standin_dataset **parts = memory_new((size_t)material->count, sizeof *parts);
    int status = parts ? 0 : STATUS_MEMORY;
    int64_t place = 0;
    for (int k = 0; status == 0 && k < material->count; k++) {
        struct material_case *one = &reversed->material.cases[reversed->material.count++];
        status = make_real(&one->train, NULL, material, k, 0);
        if (status == 0)
            status = synthetic_like(&one->test, sources->synthetic, material->cases[k].train, sources->seed);
        if (status < 0)
            break;
        const int64_t images = standin_dataset_images(one->test);
        one->place = memory_new((size_t)images, sizeof *one->place);
        status = one->place ? 0 : STATUS_MEMORY;
        for (int64_t i = 0; status == 0 && i < images; i++)
            one->place[i] = place++;
        parts[k] = one->test;
    }
    if (status == 0)
        status = derive_joined(&reversed->tests, parts, material->count);
    reversed->material.all_tests = reversed->tests;
    free(parts);
    return status;
}

static void reversed_free(struct reversed *reversed)
{
    material_free(&reversed->material);
    standin_dataset_free(reversed->tests);
}

static int reversed_new(struct reversed *reversed, const struct material *material, const struct sources *sources)
{
    *reversed = (struct reversed){0};
    reversed->material.cases = memory_new((size_t)material->count, sizeof *reversed->material.cases);
    const int status = reversed->material.cases ? fill_reversed(reversed, material, sources) : STATUS_MEMORY;
    if (status < 0)
        reversed_free(reversed);
    return status;
}

/* ---- Rows --------------------------------------------------------------------------------------------------- */

static int ask_reversed(struct answers *answers, standin_dataset **tests, struct study *study,
                        const struct material *material, const struct lesson *lesson)
{
    struct reversed reversed;
    int status = reversed_new(&reversed, material, lesson->context);
    if (status < 0)
        return status;
    status = answers_ask(answers, study, &reversed.material, lesson);
    *tests = reversed.tests; /* which the answers go on to need */
    reversed.tests = NULL;
    reversed_free(&reversed);
    return status;
}

static int ask(struct answers *answers, standin_dataset **tests, struct study *study, const struct material *material,
               enum which which, struct sources *sources)
{
    const struct kind *kind = &kinds[which];
    if (which == CHANCE)
        return answers_of_largest_class(answers, material);
    /* The classifiers of TRTS are those of TRTR. */
    const struct lesson lesson = {.name = which == TRTS ? kinds[TRTR].name : kind->name,
                                  .augment = kind->augment,
                                  .make = kind->make,
                                  .context = sources,
                                  .test_name = kind->tested_on};
    return which == TRTS ? ask_reversed(answers, tests, study, material, &lesson)
                         : answers_ask(answers, study, material, &lesson);
}

/* Images that a classifier of this kind learned from; mean over the folds. */
static int count_images(int64_t *images, const struct material *material, enum which which, struct sources *sources)
{
    int64_t sum = 0;
    *images = material_train_images(material);
    if (kinds[which].make != make_synthetic && kinds[which].make != make_both)
        return 0;
    for (int k = 0; k < material->count; k++) {
        standin_dataset *set;
        const int status = kinds[which].make(&set, sources, material, k, 0);
        if (status < 0)
            return status;
        sum += standin_dataset_images(set);
        standin_dataset_free(set);
    }
    *images = sum / material->count;
    return 0;
}

static int add_row(json_t *rows, const struct study *study, const struct material *material, enum which which,
                   struct sources *sources, const struct answers *answers)
{
    const struct kind *kind = &kinds[which];
    struct row row = {kind->name, kind->title, kind->trained_on, kind->tested_on, 0, -1};
    json_t *one;
    int status = count_images(&row.images, material, which, sources);
    if (status == 0)
        status = row_json(&one, &row, answers, study->options.seed);
    if (status == 0 && json_array_append_new(rows, one) < 0)
        status = error_set(STATUS_MEMORY, "out of memory for a row");
    return status;
}

static int compare(json_t *comparisons, const struct study *study, const struct answers *answers)
{
    static const enum which pairs[][2] = {{TSTR, TRTR},         {TSTR_CLASSIC, TRTR_CLASSIC}, {TRTR_S, TRTR},
                                          {TRTR_CLASSIC, TRTR}, {TRTR_S, TRTR_CLASSIC},       {COPYCAT, TRTR}};
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof pairs / sizeof *pairs; i++) {
        struct answers_difference difference;
        json_t *one;
        status = answers_compare(&difference, &answers[pairs[i][0]], &answers[pairs[i][1]], study->options.seed);
        if (status == 0)
            status = row_comparison(&one, kinds[pairs[i][0]].name, kinds[pairs[i][1]].name, "", &difference);
        if (status == 0 && json_array_append_new(comparisons, one) < 0)
            status = error_set(STATUS_MEMORY, "out of memory for a comparison");
    }
    return status;
}

/* ---- The study ---------------------------------------------------------------------------------------------- */

static int note_synthetic(struct study *study, const struct material *material, const standin_dataset *synthetic,
                          const standin_dataset *real)
{
    int64_t of_train = 0, of_test = 0;
    for (int c = 0; c < standin_dataset_classes(real); c++)
        for (int k = 0; k < standin_dataset_classes(synthetic); k++) {
            const char *name = standin_dataset_class_name(real, c);
            if (strcmp(standin_dataset_class_name(synthetic, k), name) == 0 &&
                standin_dataset_class_images(synthetic, k) < standin_dataset_class_images(material->cases[0].train, c))
                study_note(
                    study,
                    "What as many synthetic images as real ones would be worth: of class %.80s there are only %" PRId64
                    " synthetic ones.",
                    name, standin_dataset_class_images(synthetic, k));
        }
    if (material->folded)
        study_note(
            study,
            "Whether TSTR is as high for images that the generator has never seen: there is no test set apart, and "
            "whoever made the synthetic images may have trained on all real ones, the tested ones included.");
    int status = material_shared(&of_train, real, synthetic);
    if (status == 0 && !material->folded)
        status = material_shared(&of_test, material->all_tests, synthetic);
    if (of_train > 0)
        study_note(study, "%" PRId64 " synthetic images have the very pixels of a real training image.", of_train);
    if (of_test > 0)
        study_note(study, "%" PRId64 " synthetic images have the very pixels of a test image: TSTR is worth nothing.",
                   of_test);
    return status;
}

static int find_all(json_t *body, struct study *study, const struct material *material, struct sources *sources)
{
    struct answers answers[ROWS] = {0};
    standin_dataset *reversed = NULL;
    json_t *rows = json_array(), *comparisons = json_array(), *worth = NULL;
    int status = rows && comparisons ? 0 : error_set(STATUS_MEMORY, "out of memory for the rows");
    work_expect(study->work, (ROWS - 1) * answers_units(study, material));
    for (enum which which = 0; status == 0 && which < ROWS; which++) {
        status = ask(&answers[which], &reversed, study, material, which, sources);
        if (status == 0)
            status = add_row(rows, study, material, which, sources, &answers[which]);
    }
    if (status == 0)
        status = compare(comparisons, study, answers);
    if (status == 0)
        status = worth_measure(&worth, study, material, &answers[TRTR], &answers[TSTR]);
    json_object_set_new(body, "rows", rows);
    json_object_set_new(body, "comparisons", comparisons);
    if (worth)
        json_object_set_new(body, "effective_real_size", worth);
    for (int i = 0; i < ROWS; i++)
        answers_free(&answers[i]);
    standin_dataset_free(reversed);
    return status;
}

int standin_study_utility(char **document, const standin_dataset *real, const standin_dataset *test,
                          const standin_dataset *synthetic, const standin_study_options *options)
{
    struct study study;
    struct material material = {0};
    json_t *body = json_object();
    *document = NULL;
    int status = study_begin(&study, options, (const standin_dataset *const[]){real, test, synthetic}, 3);
    if (status == 0)
        status = synthetic_check(synthetic, real);
    if (status == 0)
        status = material_new(&material, real, test, study.options.folds, study.options.seed);
    if (status == 0)
        status = note_synthetic(&study, &material, synthetic, real);
    if (status == 0) {
        struct sources sources = {synthetic, study.options.seed};
        study_note_material(&study, &material);
        json_object_set_new(body, "seeds", json_integer(study.options.seeds));
        json_object_set_new(body, "steps", json_integer(study.options.steps));
        if (material.folded)
            json_object_set_new(body, "folds", json_integer(material.count));
        status = find_all(body, &study, &material, &sources);
    }
    if (status == 0) {
        json_t *sets = json_pack("{s:o, s:o}", "train", study_set(real), "synthetic", study_set(synthetic));
        if (test)
            json_object_set_new(sets, "test", study_set(test));
        status = study_document(document, &study, "utility", sets, json_incref(body));
    }
    material_free(&material);
    study_end(&study);
    json_decref(body);
    return status;
}
