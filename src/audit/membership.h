/* Can somebody who has only the synthetic images tell which real ones were trained on? Attacks give every image a
 * score; how well the scores separate members (train) from others (holdout) is the leak. */
#ifndef AUDIT_MEMBERSHIP_H
#define AUDIT_MEMBERSHIP_H

#include "audit/grouping.h"
#include "base/pool.h"
#include "eval/feature_set.h"
#include "eval/statistics.h"

#define MEMBERSHIP_ALPHA 0.01 /* chance that epsilon_lower is too large */

enum { MEMBERSHIP_SET_MINIMUM = 10 };

struct attack {
    double auc, auc_error; /* chance .5; standard error of Hanley and McNeil, of groups that of chance */
    double true_positives; /* rate at 1 % false positives; chance .01 */
    struct interval true_positives_interval; /* 95 %, Clopper-Pearson */
    double epsilon_lower;    /* no differential privacy with a smaller epsilon (delta 0) is consistent with it */
    double threshold_chance; /* p of the best of those thresholds, by Fisher's exact test, times their number */
    double epsilon_ceiling;  /* what a perfect attack on as many images would show */
};

/* Any attack: higher scores for members. At least one of each, which must be independent: where images are in groups, a
 * score for each group. The thresholds are scores of
 * non-members at three ranks fixed beforehand (their largest, and those with 1 % and 10 % above), each with a third of
 * MEMBERSHIP_ALPHA: the bounds hold without setting images aside for choosing a threshold. */
int membership_attack(struct attack *out, const double *members, int64_t member_count, const double *others,
                      int64_t other_count);

/* log of the lower bound of the rate of true positives over the upper bound of that of false positives, alpha / 2 each;
 * not below 0 (Clopper-Pearson, as in Nasr et al. 2021). */
int membership_epsilon_lower(double *epsilon, int64_t true_positives, int64_t members, int64_t false_positives,
                             int64_t others, double alpha);

struct membership {
    struct attack nearest;     /* score: minus the distance to the nearest synthetic image */
    struct attack monte_carlo; /* score: share of the synthetic images nearer than radius (Hilprecht et al. 2019) */
    double radius;             /* median over train and holdout of the nearest distances */
};

/* groups: of train's and holdout's images. A group was trained on as a whole or not at all, so what is told from others
 * are groups, each by the highest score of its images: images of one group are no independent witnesses. At least
 * MEMBERSHIP_SET_MINIMUM images of each set. */
int membership_measure(struct membership *out, const struct feature_set *train, const struct feature_set *holdout,
                       const struct feature_set *synthetic, const struct grouping *groups, struct pool *pool);

#endif
