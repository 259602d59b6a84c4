/* An order statistic of the others' scores as threshold has exactly Clopper and Pearson's distribution of false
 * positives, so the same bound holds for it as for a threshold fixed before. */
#include "audit/membership.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int membership_epsilon_lower(double *epsilon, int64_t true_positives, int64_t members, int64_t false_positives,
                             int64_t others, double alpha)
{
    struct interval hits, alarms;
    int status = statistics_clopper_pearson(&hits, true_positives, members, 1 - alpha);
    if (status < 0 || (status = statistics_clopper_pearson(&alarms, false_positives, others, 1 - alpha)) < 0)
        return status;
    *epsilon = hits.low > alarms.high ? log(hits.low / alarms.high) : 0;
    return 0;
}

/* How many members score above the threshold that lets `false_positives` of the others pass. */
static int64_t passing(const double *members, int64_t member_count, const double *sorted_others, int64_t other_count,
                       int64_t false_positives)
{
    const double threshold = sorted_others[other_count - 1 - false_positives];
    int64_t passes = 0;
    for (int64_t i = 0; i < member_count; i++)
        passes += members[i] > threshold;
    return passes;
}

static int measure_bounds(struct attack *out, const double *members, int64_t member_count, const double *sorted_others,
                          int64_t other_count)
{
    const int64_t ranks[3] = {0, other_count / 100, other_count / 10};
    int status = membership_epsilon_lower(&out->epsilon_ceiling, member_count, member_count, 0, other_count,
                                          MEMBERSHIP_ALPHA / 3);
    out->threshold_chance = 1;
    for (int i = 0; status == 0 && i < 3; i++) {
        double epsilon = 0, chance = 1;
        const int64_t passes = passing(members, member_count, sorted_others, other_count, ranks[i]);
        status = membership_epsilon_lower(&epsilon, passes, member_count, ranks[i], other_count, MEMBERSHIP_ALPHA / 3);
        if (status == 0)
            status = statistics_fisher_upper(&chance, passes, member_count, ranks[i], other_count);
        out->epsilon_lower = fmax(out->epsilon_lower, epsilon);
        out->threshold_chance = fmin(out->threshold_chance, 3 * chance);
    }
    if (status < 0)
        return status;
    const int64_t passes = passing(members, member_count, sorted_others, other_count, other_count / 100);
    out->true_positives = (double)passes / (double)member_count;
    return statistics_clopper_pearson(&out->true_positives_interval, passes, member_count, 0.95);
}

int membership_attack(struct attack *out, const double *members, int64_t member_count, const double *others,
                      int64_t other_count)
{
    *out = (struct attack){0};
    int status = statistics_check(members, member_count, 1, "scores of members");
    if (status < 0 || (status = statistics_check(others, other_count, 1, "scores of others")) < 0)
        return status;
    double *sorted = memory_new((size_t)other_count, sizeof *sorted);
    if (!sorted)
        return STATUS_MEMORY;
    memcpy(sorted, others, (size_t)other_count * sizeof *sorted);
    statistics_sort(sorted, other_count);
    struct mann_whitney ranks;
    status = statistics_mann_whitney(&ranks, members, member_count, others, other_count);
    if (status == 0) {
        out->auc = ranks.auc;
        out->auc_error = ranks.auc_error;
        status = measure_bounds(out, members, member_count, sorted, other_count);
    }
    free(sorted);
    return status;
}

static double median_of(double *work, const double *values, int64_t count)
{
    memcpy(work, values, (size_t)count * sizeof *work);
    statistics_sort(work, count);
    return statistics_quantile(work, count, 0.5);
}

/* `score` of each image becomes one of each group. Groups are few, and Hanley and McNeil's error gets too small where
 * few scores happen to lie apart; the one that Mann and Whitney's statistic has by chance does not. */
static int attack_groups(struct attack *out, double *score, const struct grouping *groups)
{
    for (int64_t i = 0; i < groups->first[groups->count]; i++) {
        const int64_t group = groups->group[i];
        score[group] = i == groups->first[group] ? score[i] : fmax(score[group], score[i]);
    }
    const int64_t members = groups->of_train, others = groups->count - members;
    const int status = membership_attack(out, score, members, score + members, others);
    if (status == 0 && grouping_joins_images(groups))
        out->auc_error = sqrt((double)(members + others + 1) / (12 * (double)members * (double)others));
    return status;
}

/* `nearest`, `score` (train and holdout one after the other), `inside` the same. */
static int measure(struct membership *out, const struct feature_set *train, const struct feature_set *holdout,
                   const struct feature_set *synthetic, const struct grouping *groups, struct pool *pool,
                   double *nearest, double *score, int64_t *inside)
{
    const int64_t members = train->count, all = members + holdout->count;
    int status = neighbours_nearest(nearest, NULL, train, synthetic, 1, false, pool);
    if (status == 0)
        status = neighbours_nearest(nearest + members, NULL, holdout, synthetic, 1, false, pool);
    if (status < 0)
        return status;
    out->radius = median_of(score, nearest, all);
    for (int64_t i = 0; i < all; i++)
        score[i] = -nearest[i];
    status = attack_groups(&out->nearest, score, groups);
    if (status == 0)
        status = neighbours_within(inside, train, synthetic, out->radius, pool);
    if (status == 0)
        status = neighbours_within(inside + members, holdout, synthetic, out->radius, pool);
    for (int64_t i = 0; i < all; i++)
        score[i] = (double)inside[i] / (double)synthetic->count;
    return status < 0 ? status : attack_groups(&out->monte_carlo, score, groups);
}

int membership_measure(struct membership *out, const struct feature_set *train, const struct feature_set *holdout,
                       const struct feature_set *synthetic, const struct grouping *groups, struct pool *pool)
{
    *out = (struct membership){0};
    int status = feature_set_check(train, "train", MEMBERSHIP_SET_MINIMUM);
    if (status < 0 || (status = feature_set_check(holdout, "holdout", MEMBERSHIP_SET_MINIMUM)) < 0 ||
        (status = feature_set_check_varied(synthetic, "synthetic", MEMBERSHIP_SET_MINIMUM)) < 0 ||
        (status = feature_set_check_widths(train, "train", holdout, "holdout")) < 0 ||
        (status = feature_set_check_widths(train, "train", synthetic, "synthetic")) < 0)
        return status;
    const size_t all = (size_t)(train->count + holdout->count);
    double *nearest = memory_new(all, sizeof *nearest), *score = memory_new(all, sizeof *score);
    int64_t *inside = memory_new(all, sizeof *inside);
    status = nearest && score && inside ? measure(out, train, holdout, synthetic, groups, pool, nearest, score, inside)
                                        : STATUS_MEMORY;
    free(inside);
    free(score);
    free(nearest);
    return status;
}
