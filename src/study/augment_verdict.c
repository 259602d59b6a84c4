/* The amount of synthetic images is a choice, and the best of several looks better than it is. So each part of the test
 * images is answered with the amount that did best on the other parts, and these answers are what is compared with
 * classic augmentation. */
#include "study/augment_verdict.h"

#include "base/error.h"
#include "base/memory.h"
#include "data/dataset.h"
#include "study/row.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONE, CLASSIC, FIRST_AMOUNT };

static const struct augment_arm *gan(const struct augment_arm *arms, int amount)
{
    return &arms[FIRST_AMOUNT + 2 * amount];
}

static const struct augment_arm *classic_gan(const struct augment_arm *arms, int amount)
{
    return &arms[FIRST_AMOUNT + 2 * amount + 1];
}

/* ---- The amount that others chose --------------------------------------------------------------------------- */

/* part[image]: its fold; without folds one of two halves. Returns how many parts there are. */
static int divide(int32_t *part, const struct material *material)
{
    if (!material->folded) {
        for (int64_t i = 0; i < standin_dataset_images(material->all_tests); i++)
            part[i] = (int32_t)(i % 2);
        return 2;
    }
    for (int k = 0; k < material->count; k++)
        for (int64_t i = 0; i < standin_dataset_images(material->cases[k].test); i++)
            part[material->cases[k].place[i]] = k;
    return material->count;
}

static int64_t hits_outside(const struct answers *answers, const int32_t *part, int left_out)
{
    const int32_t *label = dataset_labels(answers->tests);
    int64_t hits = 0;
    for (int s = 0; s < answers->seeds; s++)
        for (int64_t i = 0; i < answers->images; i++)
            hits += part[i] != left_out && answers->predicted[s * answers->images + i] == label[i];
    return hits;
}

static void copy_part(struct answers *to, const struct answers *from, const int32_t *part, int which)
{
    for (int s = 0; s < to->seeds; s++)
        for (int64_t i = 0; i < to->images; i++)
            if (part[i] == which)
                to->predicted[s * to->images + i] = from->predicted[s * to->images + i];
}

/* chosen: classic + GAN with, for each part, the amount (of equals the least) that was best on the others. least and
 * most: of the amounts that were taken. */
static int choose_amounts(struct answers *chosen, int *least, int *most, const struct material *material,
                          const struct augment_arm *arms, int amounts)
{
    const struct answers *like = &arms[CLASSIC].answers;
    int32_t *part = memory_new((size_t)like->images, sizeof *part);
    *chosen = *like;
    chosen->predicted = memory_new((size_t)(like->images * like->seeds), sizeof *chosen->predicted);
    if (!part || !chosen->predicted) {
        free(part);
        return STATUS_MEMORY;
    }
    const int parts = divide(part, material);
    *least = amounts;
    *most = 0;
    for (int p = 0; p < parts; p++) {
        int best = 0;
        int64_t best_hits = -1;
        for (int a = 0; a < amounts; a++) {
            const int64_t hits = hits_outside(&classic_gan(arms, a)->answers, part, p);
            if (hits > best_hits) {
                best = a;
                best_hits = hits;
            }
        }
        copy_part(chosen, &classic_gan(arms, best)->answers, part, p);
        *least = best < *least ? best : *least;
        *most = best > *most ? best : *most;
    }
    free(part);
    return 0;
}

/* ---- Comparisons -------------------------------------------------------------------------------------------- */

static int add_comparison(json_t *comparisons, const struct study *study, const struct augment_arm *a,
                          const struct augment_arm *b, int64_t synthetic)
{
    struct answers_difference difference;
    char subject[64] = "";
    json_t *one;
    if (synthetic > 0)
        snprintf(subject, sizeof subject, "With %" PRId64 " synthetic images: ", synthetic);
    int status = answers_compare(&difference, &a->answers, &b->answers, study->options.seed);
    if (status == 0)
        status = row_comparison(&one, a->name, b->name, subject, &difference);
    if (status == 0 && json_array_append_new(comparisons, one) < 0)
        status = error_set(STATUS_MEMORY, "out of memory for a comparison");
    return status;
}

static int compare_all(json_t *comparisons, const struct study *study, const struct augment_arm *arms, int amounts,
                       int64_t real)
{
    int status = add_comparison(comparisons, study, &arms[CLASSIC], &arms[NONE], 0);
    for (int a = 0; status == 0 && a < amounts; a++) {
        status = add_comparison(comparisons, study, gan(arms, a), &arms[NONE], real * gan(arms, a)->times);
        if (status == 0)
            status =
                add_comparison(comparisons, study, classic_gan(arms, a), &arms[CLASSIC], real * gan(arms, a)->times);
    }
    return status;
}

/* *amount: the first, -1 for none at all, beyond which no larger one is better by more than its interval. */
static int find_saturation(int *amount, const struct study *study, const struct augment_arm *arms, int amounts)
{
    for (*amount = -1; *amount < amounts - 1; ++*amount) {
        const struct answers *here = *amount < 0 ? &arms[CLASSIC].answers : &classic_gan(arms, *amount)->answers;
        bool grows = false;
        for (int later = *amount + 1; !grows && later < amounts; later++) {
            struct answers_difference difference;
            const int status =
                answers_compare(&difference, &classic_gan(arms, later)->answers, here, study->options.seed);
            if (status < 0)
                return status;
            grows = difference.interval.low > 0;
        }
        if (!grows)
            return 0;
    }
    return 0;
}

/* ---- The verdict -------------------------------------------------------------------------------------------- */

static char *say_verdict(const struct augment_arm *arms, const struct answers *chosen,
                         const struct answers_difference *gain, int64_t real, int64_t least, int64_t most)
{
    char amount[64];
    if (least == most)
        snprintf(amount, sizeof amount, "%" PRId64, least);
    else
        snprintf(amount, sizeof amount, "%" PRId64 " to %" PRId64, least, most);
    const char *finding = gain->interval.low > 0    ? "the gain is real: the interval excludes 0"
                          : gain->interval.high < 0 ? "the loss is real: the interval excludes 0"
                                                    : "this may be chance: the interval contains 0";
    return text_format(
        "With %" PRId64
        " real images %.1f %% of the test images are right, with classic augmentation %.1f %%, with %s synthetic "
        "images on top %.1f %%: %+.1f points (95 %% interval %+.1f to %+.1f; McNemar's exact p = %.2g; unpaired p = "
        "%.2g). As far "
        "as %" PRId64
        " test images tell, %s. The number of synthetic images was chosen on other test images than those it is "
        "judged by.",
        real, 100 * answers_accuracy(&arms[NONE].answers), 100 * answers_accuracy(&arms[CLASSIC].answers), amount,
        100 * answers_accuracy(chosen), 100 * gain->difference, 100 * gain->interval.low, 100 * gain->interval.high,
        gain->mcnemar, gain->unpaired, chosen->images, finding);
}

static int conclude(json_t *body, const struct study *study, const struct material *material,
                    const struct augment_arm *arms, int amounts, const struct answers *chosen, int least, int most)
{
    const int64_t real = material_train_images(material);
    struct answers_difference gain;
    int saturated = 0;
    json_t *comparisons = json_array(), *first = NULL;
    json_object_set_new(body, "comparisons", comparisons);
    int status = answers_compare(&gain, chosen, &arms[CLASSIC].answers, study->options.seed);
    if (status == 0)
        status = row_comparison(&first, "classic_gan", "classic", "With as many as other test images chose: ", &gain);
    json_array_append_new(comparisons, first);
    if (status == 0)
        status = compare_all(comparisons, study, arms, amounts, real);
    if (status == 0)
        status = find_saturation(&saturated, study, arms, amounts);
    if (status < 0)
        return status;
    if (saturated < amounts - 1)
        json_object_set_new(body, "saturates_at",
                            json_integer(saturated < 0 ? 0 : real * classic_gan(arms, saturated)->times));
    const standin_dataset *few = material->folded ? material->all_tests : material->cases[0].train;
    char *verdict = say_verdict(arms, chosen, &gain, standin_dataset_images(few),
                                real * classic_gan(arms, least)->times, real * classic_gan(arms, most)->times);
    json_object_set_new(body, "gain_is_real", json_boolean(gain.interval.low > 0));
    const bool said = verdict && json_object_set_new(body, "verdict", json_string(verdict)) == 0;
    free(verdict);
    return said ? 0 : error_set(STATUS_MEMORY, "out of memory for the verdict");
}

int augment_conclude(json_t *body, struct study *study, const struct material *material, const struct augment_arm *arms,
                     int count)
{
    const int amounts = (count - FIRST_AMOUNT) / 2;
    struct answers chosen;
    int least, most;
    int status = choose_amounts(&chosen, &least, &most, material, arms, amounts);
    if (status == 0)
        status = conclude(body, study, material, arms, amounts, &chosen, least, most);
    free(chosen.predicted);
    return status;
}
