/* A row says all that there is to say of one kind of classifier. */
#include "study/row.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "study/arm.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What cannot be said has no key. */
static int set_real(json_t *object, const char *key, double value)
{
    return isfinite(value) ? json_object_set_new(object, key, json_real(value)) : 0;
}

static int64_t *counts_of(const struct answers *answers)
{
    const size_t classes = (size_t)standin_dataset_classes(answers->tests);
    int64_t *counts = memory_new(classes * classes, sizeof *counts);
    for (int s = 0; counts && s < answers->seeds; s++)
        arm_count(counts, answers->tests, answers->predicted + s * answers->images);
    return counts;
}

static json_t *classes_json(const int64_t *counts, const standin_dataset *tests)
{
    const int classes = standin_dataset_classes(tests);
    json_t *array = json_array();
    for (int c = 0; array && c < classes; c++) {
        standin_class_confusion about;
        standin_confusion_measure_class(counts, classes, c, &about);
        json_t *one = json_pack("{s:s}", "name", standin_dataset_class_name(tests, c));
        const int failed = !one || set_real(one, "sensitivity", about.sensitivity) < 0 ||
                           set_real(one, "specificity", about.specificity) < 0 ||
                           set_real(one, "precision", about.precision) < 0 || set_real(one, "f1", about.f1) < 0;
        if (json_array_append_new(array, one) < 0 || failed) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *confusion_json(const int64_t *counts, int classes)
{
    json_t *rows = json_array();
    for (int a = 0; rows && a < classes; a++) {
        json_t *row = json_array();
        for (int p = 0; row && p < classes; p++)
            json_array_append_new(row, json_integer(counts[a * classes + p]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *seed_accuracies(const struct answers *answers)
{
    json_t *array = json_array();
    for (int s = 0; array && s < answers->seeds; s++)
        json_array_append_new(array, json_real(answers_seed_accuracy(answers, s)));
    return array;
}

static char *what_was_repeated(const struct answers *answers)
{
    const double accuracy = answers_accuracy(answers);
    if (!(accuracy > 0 && accuracy < 1))
        return text_format("Wilson's interval for %" PRId64 " test images", answers->images);
    if (answers->seeds == 1)
        return text_format("%d resamples of the %" PRId64 " test images", STATISTICS_RESAMPLES, answers->images);
    return text_format("%d resamples of the %" PRId64 " test images and of the %d seeds", STATISTICS_RESAMPLES,
                       answers->images, answers->seeds);
}

int row_json(json_t **out, const struct row *row, const struct answers *answers, uint64_t seed)
{
    struct interval interval;
    standin_confusion about;
    const int classes = standin_dataset_classes(answers->tests);
    int64_t *counts = counts_of(answers);
    char *repeated = what_was_repeated(answers);
    int status = counts && repeated ? answers_interval(&interval, answers, seed) : STATUS_MEMORY;
    *out = NULL;
    if (status == 0) {
        standin_confusion_measure(counts, classes, &about);
        json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:[f, f], s:s}", "name", row->name, "title", row->title,
                                "trained_on", row->trained_on, "tested_on", row->tested_on, "images",
                                (json_int_t)row->images, "accuracy", answers_accuracy(answers), "interval",
                                interval.low, interval.high, "repeated", repeated);
        int failed = !one || set_real(one, "balanced_accuracy", about.balanced_accuracy) < 0 ||
                     set_real(one, "macro_f1", about.macro_f1) < 0 ||
                     json_object_set_new(one, "seed_accuracies", seed_accuracies(answers)) < 0 ||
                     json_object_set_new(one, "classes", classes_json(counts, answers->tests)) < 0 ||
                     json_object_set_new(one, "confusion", confusion_json(counts, classes)) < 0;
        if (!failed && row->synthetic >= 0)
            failed = json_object_set_new(one, "synthetic", json_integer(row->synthetic)) < 0;
        if (failed) {
            json_decref(one);
            status = error_set(STATUS_MEMORY, "out of memory for a row");
        } else {
            *out = one;
        }
    }
    free(repeated);
    free(counts);
    return status;
}

/* Short, since tables break it: what the interval says; and where another reading of the same numbers would say
 * something else, that one too. */
int row_comparison(json_t **out, const char *a, const char *b, const char *subject,
                   const struct answers_difference *difference)
{
    const struct interval interval = difference->interval;
    const bool beyond = interval.low > 0 || interval.high < 0;
    const char *finding = interval.low > 0    ? "better, by more than chance explains"
                          : interval.high < 0 ? "worse, by more than chance explains"
                                              : "no difference that chance could not explain";
    char sentence[256];
    int used = snprintf(sentence, sizeof sentence, "%s%s.", subject, finding);
    if (!*subject && used > 0)
        sentence[0] = (char)(sentence[0] - 'a' + 'A');
    if (beyond != (difference->mcnemar < 0.05) && used > 0)
        used += snprintf(sentence + used, sizeof sentence - (size_t)used, " %s",
                         beyond ? "McNemar's test, on the seeds' majority, does not bear it out."
                                : "McNemar's test, on the seeds' majority, would say otherwise.");
    if (beyond != (difference->unpaired < 0.05) && used > 0 && (size_t)used < sizeof sentence)
        snprintf(sentence + used, sizeof sentence - (size_t)used, " Unpaired, p would be %.2g.", difference->unpaired);
    *out = json_pack("{s:s, s:s, s:f, s:[f, f], s:f, s:f, s:s}", "a", a, "b", b, "difference", difference->difference,
                     "interval", interval.low, interval.high, "mcnemar", difference->mcnemar, "unpaired",
                     difference->unpaired, "sentence", sentence);
    return *out ? 0 : error_set(STATUS_MEMORY, "out of memory for a comparison");
}
