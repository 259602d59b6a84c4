/* Controls first, then duplicates, then every space; the gravest finding is the verdict. */
#include "audit/verdict.h"

#include "base/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Standard errors from the null, of one test. */
static const double suspicion = STATISTICS_Z95, certainty = 3;

/* The same for train against holdout: one in a hundred on both sides. An attack sees a difference between them as well
 * as these tests do, so they must speak before it is certain. */
static const double caution = 2.576;

/* The chance of more standard errors than these. */
static double upper_tail(double errors)
{
    return erfc(errors / sqrt(2)) / 2;
}

/* ---- Measuring one space ---------------------------------------------------------------------------------- */

static int measure_numbers(struct audit_numbers *out, const struct feature_set *train,
                           const struct feature_set *holdout, const struct feature_set *set,
                           const struct grouping *groups, struct pool *pool)
{
    const int status = copying_measure(&out->copying, train, holdout, set, groups, pool);
    return status < 0 ? status : membership_measure(&out->membership, train, holdout, set, groups, pool);
}

/* Half of the holdout against the other half: no group may be in both, or one would know the other. */
static int measure_fresh(struct audit_numbers *out, const struct feature_set *train, const struct feature_set *holdout,
                         const struct grouping *groups, struct pool *pool)
{
    const int64_t *holdout_group = groups->group + train->count;
    int64_t half = holdout->count / 2;
    while (half < holdout->count && holdout_group[half] == holdout_group[half - 1])
        half++;
    const struct feature_set known = {train->values, half, train->width},
                             reference = {holdout->values, half, train->width};
    const struct feature_set fresh = {holdout->values + half * holdout->width, holdout->count - half, holdout->width};
    struct grouping part;
    int status = grouping_of_part(&part, groups, half);
    if (status == 0)
        status = measure_numbers(out, &known, &reference, &fresh, &part, pool);
    grouping_free(&part);
    return status < 0 ? error_prefix(status, "fresh holdout") : 0;
}

static int measure_space(struct audit_space *out, const struct audit_sets *sets, const struct grouping *groups,
                         struct pool *pool)
{
    const struct feature_set *train = &sets->train, *holdout = &sets->holdout;
    int status = measure_numbers(&out->synthetic, train, holdout, &sets->synthetic, groups, pool);
    if (status == 0)
        status = measure_numbers(&out->copycat, train, holdout, &sets->copycat, groups, pool);
    if (status == 0)
        status = separation_measure(&out->separation, train, holdout, groups, pool);
    return status == 0 ? measure_fresh(&out->fresh, train, holdout, groups, pool) : status;
}

/* A control takes half of the holdout for the training images. */
static int check_size(const struct audit_sets *sets)
{
    const int64_t count = sets->holdout.count;
    return count >= AUDIT_SET_MINIMUM ? 0
                                      : error_set(STATUS_INPUT,
                                                  "too few images: %" PRId64
                                                  " each of train and holdout can be compared, at least %d are needed",
                                                  count, AUDIT_SET_MINIMUM);
}

int audit_space_measure(struct audit_space *out, const char *name, const struct audit_sets *sets, struct pool *pool)
{
    struct grouping groups = {0};
    *out = (struct audit_space){.name = name};
    int status = check_size(sets);
    if (status == 0)
        status = grouping_of_split(&groups, sets->train_group, sets->train.count, sets->holdout_group,
                                   sets->holdout.count);
    if (status == 0) {
        out->by_group = grouping_joins_images(&groups);
        status = measure_space(out, sets, &groups, pool);
    }
    grouping_free(&groups);
    return status < 0 ? error_prefix(status, "audit of %s", name) : 0;
}

/* ---- Writing down ----------------------------------------------------------------------------------------- */

const char *audit_verdict_text(enum audit_verdict verdict)
{
    static const char *const texts[] = {"no leak detected at this power", "suspect", "leaks",
                                        "this audit has no power"};
    return texts[verdict];
}

__attribute__((format(printf, 2, 3))) static void add_reason(struct verdict *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out->reasons[out->reason_count++], VERDICT_TEXT, format, arguments);
    va_end(arguments);
}

static void add_control(struct verdict *out, const char *space, const char *name, double value, const char *expected,
                        bool passed)
{
    struct audit_control *control = &out->controls[out->control_count++];
    *control = (struct audit_control){.value = value, .passed = passed};
    snprintf(control->name, sizeof control->name, "%.40s: %s", space, name);
    snprintf(control->expected, sizeof control->expected, "%s", expected);
}

/* ---- Controls --------------------------------------------------------------------------------------------- */

/* Standard errors above what dealing the real images out by lot gives; a null that never varies is exceeded by any
 * difference. */
static double excess_of(double value, const struct chance *chance)
{
    return (value - chance->mean) / fmax(chance->deviation, 1e-9);
}

static double share_excess(const struct copying *copying)
{
    return excess_of(copying->nearer_train, &copying->chance.nearer_train);
}

static double closeness_excess(const struct copying *copying)
{
    return -excess_of(copying->closeness.z, &copying->chance.closeness);
}

static double cells_excess(const struct copying *copying)
{
    return -excess_of(copying->cells_z, &copying->chance.cells);
}

static double auc_excess(const struct attack *attack)
{
    return (attack->auc - 0.5) / fmax(attack->auc_error, 1e-9);
}

static void control_copycat(struct verdict *out, const char *space, const struct audit_numbers *copycat)
{
    const double auc = copycat->membership.nearest.auc, z = -closeness_excess(&copycat->copying);
    add_control(out, space, "copycat, membership AUC", auc, "at least 0.90", auc >= 0.9);
    add_control(out, space, "copycat, data copying Z", z, "below -3", z < -3);
    add_control(out, space, "copycat, share nearer to train", copycat->copying.nearer_train,
                "3 standard errors above chance", share_excess(&copycat->copying) > certainty);
}

static void control_fresh(struct verdict *out, const char *space, const struct audit_numbers *fresh)
{
    const double z = -closeness_excess(&fresh->copying);
    add_control(out, space, "fresh holdout, membership AUC", fresh->membership.nearest.auc,
                "0.50 within 3 standard errors", fabs(auc_excess(&fresh->membership.nearest)) <= certainty);
    add_control(out, space, "fresh holdout, data copying Z", z, "between -3 and 3", fabs(z) <= certainty);
    add_control(out, space, "fresh holdout, share nearer to train", fresh->copying.nearer_train,
                "0.50 within 3 standard errors", fabs(share_excess(&fresh->copying)) <= certainty);
}

static void control_separation(struct verdict *out, const char *space, const struct separation *separation)
{
    const struct dealt *neighbours = &separation->neighbours, *centre = &separation->centre;
    char expected[VERDICT_TEXT / 2];
    snprintf(expected, sizeof expected, "at most %.3f, %.1f standard errors above chance",
             neighbours->chance.mean + caution * neighbours->chance.deviation, caution);
    add_control(out, space, "holdout against train, nearest of the same set", neighbours->value, expected,
                excess_of(neighbours->value, &neighbours->chance) <= caution);
    snprintf(expected, sizeof expected, "%.2f within %.1f standard errors (%.3f)", centre->chance.mean, caution,
             centre->chance.deviation);
    add_control(out, space, "holdout against train, AUC of the distance from the mean image", centre->value, expected,
                fabs(excess_of(centre->value, &centre->chance)) <= caution);
}

/* ---- Findings --------------------------------------------------------------------------------------------- */

/* What one attack saw, and the chance of it if nothing leaks: NAN if it could not be made. */
struct finding {
    double chance;
    char text[VERDICT_TEXT];
};

struct findings {
    int count;
    struct finding all[VERDICT_FINDINGS_MAXIMUM];
};

__attribute__((format(printf, 3, 4))) static void add_finding(struct findings *findings, double chance,
                                                              const char *format, ...)
{
    if (isnan(chance))
        return;
    struct finding *finding = &findings->all[findings->count++];
    finding->chance = chance;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
}

static void find_copying(struct findings *out, const char *space, const struct copying *copying)
{
    const struct chance *share = &copying->chance.nearer_train, *z = &copying->chance.closeness,
                        *c = &copying->chance.cells;
    add_finding(out, upper_tail(share_excess(copying)),
                "%.40s: %.1f %% of the synthetic images are nearer to train than to holdout; %.1f +- %.1f %% would be "
                "chance.",
                space, 100 * copying->nearer_train, 100 * share->mean, 100 * share->deviation);
    add_finding(
        out, upper_tail(closeness_excess(copying)),
        "%.40s: the synthetic images lie nearer to train than to holdout (Z %.1f; %.1f +- %.1f would be chance).",
        space, copying->closeness.z, z->mean, z->deviation);
    add_finding(out, upper_tail(cells_excess(copying)),
                "%.40s: the same in %d cells of it (C %.1f; %.1f +- %.1f would be chance).", space, copying->cells,
                copying->cells_z, c->mean, c->deviation);
}

static void find_membership(struct findings *out, const struct audit_space *space, const char *attack_name,
                            const struct attack *attack)
{
    add_finding(out, upper_tail(auc_excess(attack)),
                "%.40s: %s tells training %s from others (AUC %.3f +- %.3f; 0.5 is chance).", space->name, attack_name,
                space->by_group ? "groups" : "images", attack->auc, attack->auc_error);
    add_finding(out, attack->threshold_chance,
                "%.40s: %s finds %.1f %% of the members at 1 %% false alarms, and proves epsilon of at least %.2f.",
                space->name, attack_name, 100 * attack->true_positives, attack->epsilon_lower);
}

static void find_identity(struct findings *out, const char *space, const struct identity *identity)
{
    if (identity->train_groups > 0)
        add_finding(out, upper_tail(excess_of(identity->taken_train, &identity->chance)),
                    "%.40s: %.2f %% of the synthetic images are taken for a group of train, %.2f %% for one of the "
                    "holdout; %.2f +- %.2f %% would be chance.",
                    space, 100 * identity->taken_train, 100 * identity->taken_holdout, 100 * identity->chance.mean,
                    100 * identity->chance.deviation);
}

/* If neither set was known, each copy would be of either of them with the chance of its size. */
static int find_duplicates(struct findings *out, const struct duplicates_count *train,
                           const struct duplicates_count *holdout)
{
    const int64_t of_train = duplicates_total(train), of_holdout = duplicates_total(holdout);
    double chance;
    const int status = statistics_binomial_upper(&chance, of_train, of_train + of_holdout, 0.5);
    if (status == 0)
        add_finding(out, chance,
                    "%" PRId64 " synthetic images are near-duplicates of training images, %" PRId64
                    " of holdout images.",
                    of_train, of_holdout);
    return status;
}

static int by_chance(const void *a, const void *b)
{
    const double x = ((const struct finding *)a)->chance, y = ((const struct finding *)b)->chance;
    return (x > y) - (x < y);
}

/* Holm's step-down test (1979): how many of the sorted findings stand if all of them together may accuse an innocent
 * set with the chance `level`. */
static int standing(const struct findings *sorted, double level)
{
    int count = 0;
    while (count < sorted->count && sorted->all[count].chance < level / (sorted->count - count))
        count++;
    return count;
}

/* Findings that share one level. */
static void judge(struct verdict *out, struct findings *findings)
{
    qsort(findings->all, (size_t)findings->count, sizeof *findings->all, by_chance);
    const int suspect = standing(findings, upper_tail(suspicion));
    for (int i = 0; i < suspect; i++)
        add_reason(out, "%s", findings->all[i].text);
    if (standing(findings, upper_tail(certainty)))
        out->verdict = AUDIT_LEAKS;
    else if (suspect && out->verdict == AUDIT_NO_LEAK_DETECTED)
        out->verdict = AUDIT_SUSPECT;
}

/* ---- The verdict ------------------------------------------------------------------------------------------ */

static int check(const struct audit_space *spaces, int space_count, const struct duplicates_count *train,
                 const struct duplicates_count *holdout)
{
    if (space_count < 1 || space_count > VERDICT_SPACES_MAXIMUM)
        return error_set(STATUS_INPUT, "an audit in %d spaces of features; 1 to %d are possible", space_count,
                         VERDICT_SPACES_MAXIMUM);
    for (int i = 0; i < space_count; i++)
        if (!spaces[i].name)
            return error_set(STATUS_INPUT, "an audit in a space without a name");
    if (!train != !holdout)
        return error_set(STATUS_INPUT, "near-duplicates of one of train and holdout alone say nothing");
    return 0;
}

/* Every failed control as a reason, before the findings. */
static bool run_controls(struct verdict *out, const struct audit_space *spaces, int space_count)
{
    bool passed = true;
    for (int i = 0; i < space_count; i++) {
        control_copycat(out, spaces[i].name, &spaces[i].copycat);
        control_fresh(out, spaces[i].name, &spaces[i].fresh);
        control_separation(out, spaces[i].name, &spaces[i].separation);
    }
    for (int i = 0; i < out->control_count; i++) {
        const struct audit_control *control = &out->controls[i];
        if (!control->passed)
            add_reason(out, "Control failed: %s is %.3g, expected %s.", control->name, control->value,
                       control->expected);
        passed &= control->passed;
    }
    return passed;
}

static void say_what_power_means(struct verdict *out, const struct audit_space *spaces, int space_count)
{
    double ceiling = 0;
    for (int i = 0; i < space_count; i++)
        ceiling = fmax(ceiling, spaces[i].synthetic.membership.nearest.epsilon_ceiling);
    add_reason(out,
               "All controls passed and every attack stayed within chance. A perfect attack on as many %s could prove "
               "epsilon %.2f at most, so this is no proof that nothing leaks.",
               spaces[0].by_group ? "groups" : "images", ceiling);
}

int verdict_reach(struct verdict *out, const struct audit_space *spaces, int space_count,
                  const struct duplicates_count *train, const struct duplicates_count *holdout)
{
    int status = check(spaces, space_count, train, holdout);
    if (status < 0)
        return status;
    memset(out, 0, sizeof *out);
    const bool has_power = run_controls(out, spaces, space_count);
    struct findings copies = {0}, attacks = {0};
    if (train && (status = find_duplicates(&copies, train, holdout)) < 0)
        return status;
    judge(out, &copies);
    for (int i = 0; has_power && i < space_count; i++) {
        const struct audit_numbers *numbers = &spaces[i].synthetic;
        find_copying(&attacks, spaces[i].name, &numbers->copying);
        find_membership(&attacks, &spaces[i], "the nearest synthetic image", &numbers->membership.nearest);
        find_membership(&attacks, &spaces[i], "the Monte Carlo attack", &numbers->membership.monte_carlo);
        find_identity(&attacks, spaces[i].name, &spaces[i].identity);
    }
    judge(out, &attacks);
    if (!has_power && out->verdict != AUDIT_LEAKS)
        out->verdict = AUDIT_NO_POWER;
    else if (out->verdict == AUDIT_NO_LEAK_DETECTED)
        say_what_power_means(out, spaces, space_count);
    return 0;
}
