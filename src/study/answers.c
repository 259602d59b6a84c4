/* Arms asked case by case, and the bootstrap. */
#include "study/answers.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "study/arm.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int answers_new(struct answers *answers, const standin_dataset *tests, int seeds)
{
    *answers = (struct answers){seeds, standin_dataset_images(tests), tests, NULL};
    int64_t count;
    if (!size_multiply(answers->images, seeds, &count))
        return error_set(STATUS_INPUT, "%s: too many images for %d seeds", dataset_path(tests), seeds);
    answers->predicted = memory_new((size_t)count, sizeof *answers->predicted);
    return answers->predicted ? 0 : STATUS_MEMORY;
}

void answers_free(struct answers *answers)
{
    free(answers->predicted);
    *answers = (struct answers){0};
}

/* ---- Asking ------------------------------------------------------------------------------------------------- */

static int ask_one(struct answers *answers, struct study *study, const struct material_case *one, const struct arm *arm,
                   const char *test_name, int seed_index)
{
    int32_t *predicted;
    const int status = arm_predict(&predicted, study->work, arm, test_name, one->test);
    if (status < 0)
        return status;
    int32_t *row = answers->predicted + seed_index * answers->images;
    for (int64_t i = 0; i < standin_dataset_images(one->test); i++)
        row[one->place[i]] = predicted[i];
    free(predicted);
    return 0;
}

static int ask_case(struct answers *answers, struct study *study, const struct material *material,
                    const struct lesson *lesson, int case_index)
{
    standin_dataset *train = NULL, *first = NULL;
    const struct material_case *one = &material->cases[case_index];
    char *name =
        material->count > 1 ? text_format("%s-fold-%d", lesson->name, case_index + 1) : text_copy(lesson->name);
    int status = name ? 0 : STATUS_MEMORY;
    if (status == 0 && lesson->make_first)
        status = lesson->make_first(&first, lesson->context, material, case_index);
    for (int s = 0; status == 0 && s < answers->seeds; s++) {
        if (!train || lesson->by_seed) {
            standin_dataset_free(train);
            train = NULL;
            status = lesson->make(&train, lesson->context, material, case_index, s);
        }
        const struct arm arm = {.name = name,
                                .train = train,
                                .first = first,
                                .steps = study->options.steps,
                                .seed = study->options.seed + (uint64_t)s,
                                .augment = lesson->augment};
        if (status == 0)
            status = ask_one(answers, study, one, &arm, lesson->test_name ? lesson->test_name : "test", s);
    }
    standin_dataset_free(train);
    standin_dataset_free(first);
    free(name);
    return status;
}

int answers_ask(struct answers *answers, struct study *study, const struct material *material,
                const struct lesson *lesson)
{
    int status = answers_new(answers, material->all_tests, study->options.seeds);
    for (int i = 0; status == 0 && i < material->count; i++)
        status = ask_case(answers, study, material, lesson, i);
    if (status < 0)
        answers_free(answers);
    return status;
}

int64_t answers_units(const struct study *study, const struct material *material)
{
    return (int64_t)study->options.seeds * material->count * study->options.steps;
}

/* In the order of the training set; -1 if the test set has no such class. */
static int32_t largest_class(const standin_dataset *train, const standin_dataset *test)
{
    int largest = 0;
    for (int c = 1; c < standin_dataset_classes(train); c++)
        if (standin_dataset_class_images(train, c) > standin_dataset_class_images(train, largest))
            largest = c;
    const char *name = standin_dataset_class_name(train, largest);
    for (int c = 0; c < standin_dataset_classes(test); c++)
        if (strcmp(standin_dataset_class_name(test, c), name) == 0)
            return c;
    return -1;
}

int answers_of_largest_class(struct answers *answers, const struct material *material)
{
    const int status = answers_new(answers, material->all_tests, 1);
    for (int k = 0; status == 0 && k < material->count; k++) {
        const struct material_case *one = &material->cases[k];
        const int32_t answer = largest_class(one->train, material->all_tests);
        for (int64_t i = 0; i < standin_dataset_images(one->test); i++)
            answers->predicted[one->place[i]] = answer;
    }
    return status;
}

/* ---- How often right ---------------------------------------------------------------------------------------- */

static bool is_right(const struct answers *answers, int seed_index, int64_t image)
{
    return answers->predicted[seed_index * answers->images + image] == dataset_labels(answers->tests)[image];
}

double answers_seed_accuracy(const struct answers *answers, int seed_index)
{
    int64_t hits = 0;
    for (int64_t i = 0; i < answers->images; i++)
        hits += is_right(answers, seed_index, i);
    return (double)hits / (double)answers->images;
}

double answers_accuracy(const struct answers *answers)
{
    double sum = 0;
    for (int s = 0; s < answers->seeds; s++)
        sum += answers_seed_accuracy(answers, s);
    return sum / answers->seeds;
}

int answers_right(double **right, const struct answers *answers)
{
    *right = memory_new((size_t)answers->images, sizeof **right);
    if (!*right)
        return STATUS_MEMORY;
    for (int64_t i = 0; i < answers->images; i++) {
        int hits = 0;
        for (int s = 0; s < answers->seeds; s++)
            hits += is_right(answers, s, i);
        (*right)[i] = (double)hits / answers->seeds;
    }
    return 0;
}

/* ---- Chance ------------------------------------------------------------------------------------------------- */

/* Hits of all images by all seeds, as often as each was drawn. times[seed]: how often it was drawn. */
static double drawn_accuracy(const struct answers *answers, const uint8_t *right, const int64_t *places,
                             const int *times)
{
    int64_t hits = 0;
    for (int s = 0; s < answers->seeds; s++) {
        if (times[s] == 0)
            continue;
        const uint8_t *row = right + s * answers->images;
        int64_t own = 0;
        for (int64_t i = 0; i < answers->images; i++)
            own += row[places[i]];
        hits += own * times[s];
    }
    return (double)hits / (double)(answers->images * answers->seeds);
}

static uint8_t *rights_of(const struct answers *answers)
{
    uint8_t *right = memory_new((size_t)(answers->images * answers->seeds), 1);
    for (int s = 0; right && s < answers->seeds; s++)
        for (int64_t i = 0; i < answers->images; i++)
            right[s * answers->images + i] = is_right(answers, s, i);
    return right;
}

int answers_resampled(double *accuracies, const struct answers *answers, int kind, uint64_t seed)
{
    enum { SEED_DRAWS = 0x5eed };
    const size_t seeds = (size_t)answers->seeds;
    uint8_t *right = rights_of(answers);
    int64_t *places = memory_new((size_t)answers->images, sizeof *places), *drawn = memory_new(seeds, sizeof *drawn);
    int *times = memory_new(seeds, sizeof *times);
    const bool all = right && places && drawn && times;
    for (uint64_t r = 0; all && r < STATISTICS_RESAMPLES; r++) {
        statistics_resample(places, answers->images, seed, r);
        statistics_resample(drawn, answers->seeds, seed + SEED_DRAWS + (uint64_t)kind, r);
        memset(times, 0, seeds * sizeof *times);
        for (int s = 0; s < answers->seeds; s++)
            times[drawn[s]]++;
        accuracies[r] = drawn_accuracy(answers, right, places, times);
    }
    free(times);
    free(drawn);
    free(places);
    free(right);
    return all ? 0 : STATUS_MEMORY;
}

/* Of a, or of a - b. */
static int resampled_interval(struct interval *interval, const struct answers *a, const struct answers *b,
                              uint64_t seed)
{
    double *values = memory_new(STATISTICS_RESAMPLES, sizeof *values);
    double *others = memory_new(STATISTICS_RESAMPLES, sizeof *others);
    int status = values && others ? answers_resampled(values, a, 0, seed) : STATUS_MEMORY;
    if (status == 0 && b)
        status = answers_resampled(others, b, 1, seed);
    for (int r = 0; status == 0 && b && r < STATISTICS_RESAMPLES; r++)
        values[r] -= others[r];
    if (status == 0)
        status = statistics_percentile_interval(interval, values, STATISTICS_RESAMPLES, 0.95);
    free(others);
    free(values);
    return status;
}

int answers_interval(struct interval *interval, const struct answers *answers, uint64_t seed)
{
    const double accuracy = answers_accuracy(answers);
    if (accuracy > 0 && accuracy < 1)
        return resampled_interval(interval, answers, NULL, seed);
    double centre, half;
    standin_wilson(accuracy > 0 ? answers->images : 0, answers->images, &centre, &half);
    *interval = (struct interval){fmax(centre - half, 0), fmin(centre + half, 1)};
    return 0;
}

int answers_compare(struct answers_difference *out, const struct answers *a, const struct answers *b, uint64_t seed)
{
    double *right_a, *right_b = NULL;
    int status = answers_right(&right_a, a);
    if (status == 0)
        status = answers_right(&right_b, b);
    int64_t only_a = 0, only_b = 0;
    for (int64_t i = 0; status == 0 && i < a->images; i++) {
        only_a += right_a[i] > 0.5 && !(right_b[i] > 0.5);
        only_b += right_b[i] > 0.5 && !(right_a[i] > 0.5);
    }
    free(right_a);
    free(right_b);
    const double accuracy_a = answers_accuracy(a), accuracy_b = answers_accuracy(b), images = (double)a->images;
    out->difference = accuracy_a - accuracy_b;
    if (status == 0)
        status = resampled_interval(&out->interval, a, b, seed);
    if (status == 0)
        status = statistics_mcnemar(&out->mcnemar, only_a, only_b);
    if (status == 0)
        status = statistics_two_shares(&out->unpaired, llround(accuracy_a * images), a->images,
                                       llround(accuracy_b * images), b->images);
    return status;
}
