/* standin_evaluate: classifiers first, then the parts, each a stage of the work folder, then the document. */
#include "study/evaluate.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "study/arm.h"
#include "study/evaluate_classes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- What is given ------------------------------------------------------------------------------------------ */

struct role {
    const char *name;
    const standin_dataset *set;
};
enum { ROLES = 5 };

static void list_roles(struct role *roles, const standin_evaluation_sets *given)
{
    const struct role all[ROLES] = {{"real", given->real},
                                    {"synthetic", given->synthetic},
                                    {"train", given->train},
                                    {"holdout", given->holdout},
                                    {"test", given->test}};
    memcpy(roles, all, sizeof all);
}

static int check_sets(const standin_evaluation_sets *given)
{
    struct role roles[ROLES];
    list_roles(roles, given);
    if (!given->real || !given->synthetic)
        return error_set(STATUS_INPUT, "an evaluation needs a real set and a synthetic one");
    for (int i = 0; i < ROLES; i++) {
        const standin_dataset *set = roles[i].set;
        if (!set)
            continue;
        if (!dataset_pixels(set) || standin_dataset_width(set) != standin_dataset_width(given->real) ||
            standin_dataset_height(set) != standin_dataset_height(given->real) ||
            standin_dataset_channels(set) != standin_dataset_channels(given->real))
            return error_set(STATUS_INPUT, "%s: opened in another size or colour than %s", dataset_path(set),
                             dataset_path(given->real));
    }
    return 0;
}

/* ---- Classifiers -------------------------------------------------------------------------------------------- */

static int train_classifier(char **file, struct evaluation *evaluation, const char *name, const standin_dataset *set)
{
    const standin_study_options *options = &evaluation->study.options;
    const struct arm arm = {
        .name = name, .train = set, .steps = options->steps, .seed = options->seed, .augment = STANDIN_AUGMENT_CLASSIC};
    return arm_train(file, evaluation->study.work, &arm);
}

/* One class alone cannot be learned. */
static bool can_learn(const standin_dataset *set)
{
    return standin_dataset_classes(set) > 1;
}

static int train_classifiers(struct evaluation *evaluation)
{
    const struct evaluate_sets *sets = &evaluation->sets;
    if (!can_learn(sets->pool)) {
        study_note(&evaluation->study,
                   "How the images differ in what tells classes apart: there is one class alone. Features of a "
                   "random network stand in for those of a classifier.");
        return 0;
    }
    int status = train_classifier(&evaluation->classifier, evaluation, "classifier", sets->pool);
    if (status < 0 || !sets->train || !can_learn(sets->train))
        return status;
    standin_dataset *both;
    status = derive_joined(&both, (const standin_dataset *[]){sets->train, sets->holdout}, 2);
    if (status < 0)
        return status;
    status = train_classifier(&evaluation->audit_classifier, evaluation, "audit-classifier", both);
    standin_dataset_free(both);
    return status;
}

/* ---- Stages ------------------------------------------------------------------------------------------------- */

/* Everything that the parts depend on, as text to be freed. */
static char *key_of(const struct evaluation *evaluation)
{
    struct role roles[ROLES];
    struct stat about = {0};
    list_roles(roles, evaluation->given);
    const standin_dataset *real = evaluation->given->real;
    if (evaluation->inception)
        stat(evaluation->inception, &about);
    char *key = text_format("evaluation of Standin " STANDIN_VERSION " at %dx%dx%d, %" PRId64 " steps, seed %" PRIu64
                            ", inception %s of %lld bytes of %lld",
                            standin_dataset_width(real), standin_dataset_height(real), standin_dataset_channels(real),
                            evaluation->study.options.steps, evaluation->study.options.seed,
                            evaluation->inception ? evaluation->inception : "none", (long long)about.st_size,
                            (long long)about.st_mtime);
    for (int i = 0; key && i < ROLES; i++) {
        char *longer =
            text_format("%s, %s %s", key, roles[i].name, roles[i].set ? standin_dataset_hash(roles[i].set) : "none");
        free(key);
        key = longer;
    }
    return key;
}

struct stage {
    const char *name;
    int (*measure)(json_t **result, struct evaluation *evaluation);
    int64_t units;
};
enum { IMAGE, SET, PRIVACY, STAGES };
static const struct stage stages[STAGES] = {{"image", evaluate_image, EVALUATE_IMAGE_UNITS},
                                            {"set", evaluate_set, EVALUATE_SET_UNITS},
                                            {"privacy", evaluate_privacy, EVALUATE_PRIVACY_UNITS}};

static int run_stage(json_t **result, struct evaluation *evaluation, const struct stage *stage, const char *key)
{
    struct work *work = evaluation->study.work;
    int status = work_recall(result, work, stage->name, key);
    if (status < 0)
        return status;
    if (*result)
        return work_advance(work, stage->name, stage->units);
    work_begin(work);
    status = stage->measure(result, evaluation);
    return status == 0 ? work_keep(work, stage->name, key, *result) : status;
}

static int run_stages(json_t **results, struct evaluation *evaluation)
{
    char *key = key_of(evaluation);
    int status = key ? 0 : STATUS_MEMORY;
    for (int i = 0; status == 0 && i < STAGES; i++)
        status = run_stage(&results[i], evaluation, &stages[i], key);
    free(key);
    return status;
}

/* ---- The document ------------------------------------------------------------------------------------------- */

/* The classes of the real set, with what the image measures know of each. */
static json_t *join_classes(const struct evaluation *evaluation, json_t *const *results)
{
    json_t *classes = json_incref(json_object_get(results[SET], "classes"));
    const json_t *nearest = json_object_get(results[IMAGE], "nearest");
    for (size_t i = 0; i < json_array_size(classes); i++) {
        json_t *one = json_array_get(classes, i);
        const int32_t c =
            evaluate_class_of(evaluation->given->synthetic, json_string_value(json_object_get(one, "name")));
        json_t *mean = c < 0 ? NULL : json_array_get(nearest, (size_t)c);
        if (json_is_number(mean))
            json_object_set(one, "ssim_nearest_train", mean);
    }
    return classes;
}

static json_t *list_sets(const standin_evaluation_sets *given)
{
    struct role roles[ROLES];
    json_t *sets = json_object();
    list_roles(roles, given);
    for (int i = 0; sets && i < ROLES; i++)
        if (roles[i].set)
            json_object_set_new(sets, roles[i].name, study_set(roles[i].set));
    return sets;
}

static int write_document(char **document, struct evaluation *evaluation, json_t *const *results)
{
    static const char *const kept[] = {"copies", "controls", "verdict", "verdict_reasons"};
    json_t *body = json_object(), *classes = join_classes(evaluation, results);
    if (!body || !classes) {
        json_decref(body);
        json_decref(classes);
        return error_set(STATUS_MEMORY, "out of memory for the document");
    }
    json_object_set(body, "image", json_object_get(results[IMAGE], "measures"));
    json_object_set(body, "set", json_object_get(results[SET], "measures"));
    json_t *privacy = json_object_get(results[PRIVACY], "measures");
    json_object_set_new(body, "privacy", privacy ? json_incref(privacy) : json_array());
    json_object_set(body, "classes", classes);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (json_object_get(results[PRIVACY], kept[i]))
            json_object_set(body, kept[i], json_object_get(results[PRIVACY], kept[i]));
    const int status = classes_find_worst(body, classes);
    json_decref(classes);
    if (status < 0) {
        json_decref(body);
        return status;
    }
    return study_document(document, &evaluation->study, "evaluation", list_sets(evaluation->given), body);
}

static void note_what_else(struct evaluation *evaluation)
{
    struct study *study = &evaluation->study;
    const standin_evaluation_sets *given = evaluation->given;
    if (!evaluation->inception)
        study_note(study, "FID: it is defined by the weights of one network, whose file was not given.");
    if (given->holdout && !given->train)
        study_note(study, "A holdout alone is compared, and not audited.");
    study_note(
        study,
        "How the features' numbers would look with another network: values of different features, or of different "
        "numbers of images, are not comparable.");
}

static int64_t units_of(const struct evaluation *evaluation)
{
    const struct evaluate_sets *sets = &evaluation->sets;
    int64_t units = EVALUATE_IMAGE_UNITS + EVALUATE_SET_UNITS + EVALUATE_PRIVACY_UNITS;
    if (can_learn(sets->pool))
        units += evaluation->study.options.steps * (sets->train && can_learn(sets->train) ? 2 : 1);
    return units;
}

static int evaluate(char **document, struct evaluation *evaluation)
{
    json_t *results[STAGES] = {0};
    int status = evaluate_sets_new(&evaluation->sets, &evaluation->study, evaluation->given);
    if (status == 0)
        status = pool_new(&evaluation->pool, evaluation->study.options.threads);
    if (status == 0) {
        work_expect(evaluation->study.work, units_of(evaluation));
        status = train_classifiers(evaluation);
    }
    if (status == 0)
        status = run_stages(results, evaluation);
    if (status == 0) {
        note_what_else(evaluation);
        status = write_document(document, evaluation, results);
    }
    for (int i = 0; i < STAGES; i++)
        json_decref(results[i]);
    return status;
}

int standin_evaluate(char **document, const standin_evaluation_sets *sets, const standin_evaluate_options *options)
{
    struct evaluation evaluation = {.given = sets, .inception = options->inception};
    standin_study_options common = STANDIN_STUDY_OPTIONS_INIT;
    common.work = options->work;
    common.steps = options->steps;
    common.seed = options->seed;
    common.threads = options->threads;
    common.progress = options->progress;
    common.progress_context = options->progress_context;
    *document = NULL;
    int status = check_sets(sets);
    if (status == 0)
        status = study_begin(
            &evaluation.study, &common,
            (const standin_dataset *const[]){sets->real, sets->synthetic, sets->train, sets->holdout, sets->test}, 5);
    if (status == 0)
        status = evaluate(document, &evaluation);
    evaluate_sets_free(&evaluation.sets);
    pool_free(evaluation.pool);
    free(evaluation.classifier);
    free(evaluation.audit_classifier);
    study_end(&evaluation.study);
    return status;
}
