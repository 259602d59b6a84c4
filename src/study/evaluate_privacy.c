/* The audit: the same attacks on the synthetic images, on near-copies of the training images, and on real images that
 * nobody trained on. Everything is fitted on training images and holdout alike: what had seen one of them alone would
 * tell the two apart by itself. Only numbers about whole sets come out. */
#include "audit/verdict.h"
#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "data/derive.h"
#include "study/evaluate.h"
#include "study/evaluate_audit_rows.h"
#include "study/evaluate_groups.h"
#include "study/evaluate_measure.h"
#include "study/evaluate_nearest.h"
#include "study/evaluate_space.h"
#include "study/synthetic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPACES = 2 };

struct audit {
    struct evaluation *evaluation;
    standin_dataset *copycat, *both; /* both: train and holdout, what is fitted on */
    struct audit_space spaces[SPACES];
    struct duplicates_count of_train, of_holdout;
    struct groups groups;
    char unidentified[MEASURED_TEXT]; /* why nobody can be recognised, though there are groups; or empty */
};

/* ---- Measuring ---------------------------------------------------------------------------------------------- */

static int look_at(struct audit *audit, struct audit_sets *seen, double **values, struct features *features)
{
    const struct evaluate_sets *sets = &audit->evaluation->sets;
    const standin_dataset *const all[] = {sets->train, sets->holdout, sets->audited, audit->copycat};
    struct feature_set *const of[] = {&seen->train, &seen->holdout, &seen->synthetic, &seen->copycat};
    int status = 0;
    for (int i = 0; status == 0 && i < 4; i++)
        status = space_look(&values[i], of[i], features, all[i], audit->evaluation->study.work);
    return status;
}

/* Groups that cannot be recognised are no reason against the rest of the audit. */
static int measure_identity(struct audit *audit, struct audit_space *out, const struct audit_sets *seen)
{
    if (!seen->train_group)
        return 0;
    const int status = identity_measure(&out->identity, &seen->train, seen->train_group, &seen->holdout,
                                        seen->holdout_group, &seen->synthetic, audit->evaluation->pool);
    if (status != STATUS_INPUT)
        return status;
    out->identity = (struct identity){0};
    snprintf(audit->unidentified, sizeof audit->unidentified, "%s", error_message());
    return 0;
}

static int measure_space(struct audit *audit, struct audit_space *out, enum space space)
{
    struct evaluation *evaluation = audit->evaluation;
    struct features *features = NULL;
    double *values[4] = {0};
    struct audit_sets seen = {.train_group = audit->groups.train, .holdout_group = audit->groups.holdout};
    int status =
        space_open(&features, space, evaluation->audit_classifier, audit->both, work_threads(evaluation->study.work));
    if (status == 0)
        status = look_at(audit, &seen, values, features);
    if (status == 0)
        status = audit_space_measure(out, space_name(space), &seen, evaluation->pool);
    if (status == 0)
        status = measure_identity(audit, out, &seen);
    for (int i = 0; i < 4; i++)
        free(values[i]);
    features_free(features);
    return status == 0 ? work_advance(evaluation->study.work, "auditing", EVALUATE_PRIVACY_UNITS / 3) : status;
}

static int count_duplicates(struct duplicates_count *count, const standin_dataset *of, const standin_dataset *among,
                            struct pool *pool)
{
    const int64_t images = standin_dataset_images(of);
    struct duplicate *found = memory_new((size_t)images, sizeof *found);
    const int status = found ? duplicates_find(found, dataset_pixels(of), images, dataset_pixels(among),
                                               standin_dataset_images(among), nearest_shape(of), 0, pool)
                             : STATUS_MEMORY;
    if (status == 0)
        *count = duplicates_sum(found, images);
    free(found);
    return status;
}

static int measure(struct audit *audit)
{
    struct evaluation *evaluation = audit->evaluation;
    const struct evaluate_sets *sets = &evaluation->sets;
    const standin_dataset *synthetic = evaluation->given->synthetic;
    int status = synthetic_copycat(&audit->copycat, sets->train, evaluation->study.options.seed);
    if (status == 0)
        status = derive_joined(&audit->both, (const standin_dataset *[]){sets->train, sets->holdout}, 2);
    if (status == 0)
        status = groups_number(&audit->groups, sets->train, sets->holdout);
    if (status == 0)
        status = measure_space(audit, &audit->spaces[0], SPACE_PIXELS);
    if (status == 0)
        status = measure_space(audit, &audit->spaces[1], evaluation->audit_classifier ? SPACE_TASK : SPACE_RANDOM);
    if (status == 0)
        status = count_duplicates(&audit->of_train, synthetic, sets->train, evaluation->pool);
    if (status == 0)
        status = count_duplicates(&audit->of_holdout, synthetic, sets->holdout, evaluation->pool);
    return status == 0 ? work_advance(evaluation->study.work, "auditing", EVALUATE_PRIVACY_UNITS / 3) : status;
}

static void release(struct audit *audit)
{
    standin_dataset_free(audit->copycat);
    standin_dataset_free(audit->both);
    groups_free(&audit->groups);
}

/* ---- Words about it ----------------------------------------------------------------------------------------- */

static json_t *controls_of(const struct verdict *verdict)
{
    json_t *controls = json_array();
    for (int i = 0; controls && i < verdict->control_count; i++) {
        const struct audit_control *one = &verdict->controls[i];
        json_array_append_new(controls, json_pack("{s:s, s:f, s:s, s:b}", "name", one->name, "value", one->value,
                                                  "expected", one->expected, "passed", one->passed));
    }
    return controls;
}

/* Whoever reads that controls failed wants to know what to do about it. */
static void add_advice(json_t *reasons, const struct verdict *verdict)
{
    bool copycat = true, holdout = true;
    for (int i = 0; i < verdict->control_count; i++) {
        const struct audit_control *one = &verdict->controls[i];
        bool *kind = strstr(one->name, "copycat") ? &copycat : &holdout;
        *kind = *kind && one->passed;
    }
    if (!holdout)
        json_array_append_new(
            reasons, json_string("The holdout differs from the training images, without any synthetic image: it was "
                                 "not drawn from the same images by lot (but by the order of files, from another "
                                 "source, or by groups whose images are alike). It must be drawn by lot from the same "
                                 "groups."));
    if (!copycat)
        json_array_append_new(
            reasons, json_string("Near-copies of the training images are not told from others: there are too few "
                                 "images, or they are too much alike."));
}

static json_t *reasons_of(const struct verdict *verdict)
{
    json_t *reasons = json_array();
    for (int i = 0; reasons && i < verdict->reason_count; i++)
        json_array_append_new(reasons, json_string(verdict->reasons[i]));
    if (reasons)
        add_advice(reasons, verdict);
    return reasons;
}

/* ---- The result --------------------------------------------------------------------------------------------- */

/* Copies of training images that were not among those that the attacks compare. */
static int note_other_copies(struct audit *audit, json_t *copies)
{
    const standin_evaluation_sets *given = audit->evaluation->given;
    struct duplicates_count all;
    if (standin_dataset_images(given->train) == standin_dataset_images(audit->evaluation->sets.train))
        return 0;
    const int status = count_duplicates(&all, given->synthetic, given->train, audit->evaluation->pool);
    if (status == 0)
        json_object_set_new(copies, "train_all", json_integer(duplicates_total(&all)));
    return status;
}

static int describe(json_t *result, struct audit *audit)
{
    json_t *measures = json_array();
    struct verdict *verdict = memory_new(1, sizeof *verdict);
    int status = measures && verdict ? audit_rows_of_duplicates(measures, &audit->of_train, &audit->of_holdout,
                                                                standin_dataset_images(audit->evaluation->sets.train))
                                     : STATUS_MEMORY;
    for (int i = 0; status == 0 && i < SPACES; i++)
        status = audit_rows_of_space(measures, &audit->spaces[i], audit->groups.train ? audit->unidentified : NULL);
    if (status == 0)
        status = verdict_reach(verdict, audit->spaces, SPACES, &audit->of_train, &audit->of_holdout);
    json_t *copies = json_pack("{s:I, s:I}", "train", (json_int_t)duplicates_total(&audit->of_train), "holdout",
                               (json_int_t)duplicates_total(&audit->of_holdout));
    if (status == 0)
        status = note_other_copies(audit, copies);
    if (status == 0) {
        json_object_set_new(result, "measures", json_incref(measures));
        json_object_set_new(result, "copies", json_incref(copies));
        json_object_set_new(result, "controls", controls_of(verdict));
        json_object_set_new(result, "verdict", json_string(audit_verdict_text(verdict->verdict)));
        json_object_set_new(result, "verdict_reasons", reasons_of(verdict));
    }
    json_decref(copies);
    json_decref(measures);
    free(verdict);
    return status;
}

/* Without a holdout copies of the real images are all that can be sought. */
static int describe_copies(json_t *result, struct evaluation *evaluation)
{
    const standin_evaluation_sets *given = evaluation->given;
    struct duplicates_count copies;
    const int status =
        count_duplicates(&copies, given->synthetic, given->train ? given->train : given->real, evaluation->pool);
    if (status == 0)
        json_object_set_new(result, "copies", json_pack("{s:I}", "train", (json_int_t)duplicates_total(&copies)));
    return status == 0 ? work_advance(evaluation->study.work, "auditing", EVALUATE_PRIVACY_UNITS) : status;
}

/* An audit that cannot be done has no power, and says why. */
static void describe_refusal(json_t *result)
{
    json_object_set_new(result, "verdict", json_string(audit_verdict_text(AUDIT_NO_POWER)));
    json_object_set_new(result, "verdict_reasons", json_pack("[s]", error_message()));
}

int evaluate_privacy(json_t **result, struct evaluation *evaluation)
{
    *result = json_object();
    int status = *result ? 0 : error_set(STATUS_MEMORY, "out of memory for the audit");
    if (status == 0 && !evaluation->sets.train) {
        status = describe_copies(*result, evaluation);
    } else if (status == 0) {
        struct audit *audit = memory_new(1, sizeof *audit);
        if (audit)
            audit->evaluation = evaluation;
        status = audit ? measure(audit) : STATUS_MEMORY;
        if (status == 0)
            status = describe(*result, audit);
        if (audit)
            release(audit);
        free(audit);
        if (status == STATUS_INPUT) {
            describe_refusal(*result);
            status = 0;
        }
    }
    if (status < 0) {
        json_decref(*result);
        *result = NULL;
    }
    return status;
}
