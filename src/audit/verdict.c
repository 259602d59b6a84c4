/* Controls first, then duplicates, then every space; the gravest finding is the verdict. */
#include "audit/verdict.h"

#include "base/error.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Standard errors from the null. */
static const double suspicion = STATISTICS_Z95, certainty = 3;

/* ---- Measuring one space ---------------------------------------------------------------------------------- */

static int measure_numbers(struct audit_numbers *out, const struct feature_set *train,
                           const struct feature_set *holdout, const struct feature_set *set, struct pool *pool)
{
    const int status = copying_measure(&out->copying, train, holdout, set, pool);
    return status < 0 ? status : membership_measure(&out->membership, train, holdout, set, pool);
}

int audit_space_measure(struct audit_space *out, const char *name, const struct feature_set *train,
                        const struct feature_set *holdout, const struct feature_set *synthetic,
                        const struct feature_set *copycat, struct pool *pool)
{
    *out = (struct audit_space){.name = name};
    int status = measure_numbers(&out->synthetic, train, holdout, synthetic, pool);
    if (status == 0)
        status = measure_numbers(&out->copycat, train, holdout, copycat, pool);
    if (status < 0)
        return error_prefix(status, "audit of %s", name);
    const int64_t half = holdout->count / 2;
    const struct feature_set known = {train->values, half, train->width},
                             reference = {holdout->values, half, train->width};
    const struct feature_set fresh = {holdout->values + half * holdout->width, holdout->count - half, holdout->width};
    status = measure_numbers(&out->fresh, &known, &reference, &fresh, pool);
    return status < 0 ? error_prefix(status, "audit of %s, fresh holdout", name) : 0;
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

/* NAN, which exceeds nothing, without cells. */
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

/* ---- Findings --------------------------------------------------------------------------------------------- */

static enum audit_verdict gravity_of(double excess)
{
    return excess > certainty ? AUDIT_LEAKS : excess > suspicion ? AUDIT_SUSPECT : AUDIT_NO_LEAK_DETECTED;
}

static void raise_to(struct verdict *out, enum audit_verdict gravity)
{
    out->verdict = gravity > out->verdict ? gravity : out->verdict;
}

static void find_copying(struct verdict *out, const char *space, const struct copying *copying)
{
    const enum audit_verdict by_share = gravity_of(share_excess(copying));
    const enum audit_verdict by_z = gravity_of(closeness_excess(copying)), by_cells = gravity_of(cells_excess(copying));
    const struct chance *share = &copying->chance.nearer_train, *z = &copying->chance.closeness,
                        *c = &copying->chance.cells;
    if (by_share != AUDIT_NO_LEAK_DETECTED)
        add_reason(out,
                   "%.40s: %.1f %% of the synthetic images are nearer to train than to holdout; %.1f to %.1f %% would "
                   "be chance.",
                   space, 100 * copying->nearer_train, 100 * (share->mean - suspicion * share->deviation),
                   100 * (share->mean + suspicion * share->deviation));
    if (by_z != AUDIT_NO_LEAK_DETECTED)
        add_reason(
            out,
            "%.40s: the synthetic images lie nearer to train than to holdout (Z %.1f; %.1f +- %.1f would be chance).",
            space, copying->closeness.z, z->mean, z->deviation);
    if (by_cells != AUDIT_NO_LEAK_DETECTED)
        add_reason(out, "%.40s: the same in %d cells of it (C %.1f; %.1f +- %.1f would be chance).", space,
                   copying->cells, copying->cells_z, c->mean, c->deviation);
    raise_to(out, by_share);
    raise_to(out, by_z);
    raise_to(out, by_cells);
}

static void find_membership(struct verdict *out, const char *space, const char *attack_name,
                            const struct attack *attack)
{
    const enum audit_verdict by_auc = gravity_of(auc_excess(attack));
    if (by_auc != AUDIT_NO_LEAK_DETECTED)
        add_reason(out, "%.40s: %s tells training images from others (AUC %.3f +- %.3f; 0.5 is chance).", space,
                   attack_name, attack->auc, attack->auc_error);
    raise_to(out, by_auc);
    if (attack->epsilon_lower > 0) {
        add_reason(out,
                   "%.40s: %s proves epsilon of at least %.2f; it finds %.1f %% of the members at 1 %% false alarms.",
                   space, attack_name, attack->epsilon_lower, 100 * attack->true_positives);
        raise_to(out, AUDIT_LEAKS);
    }
}

/* If neither set was known, each copy would be of either of them with the chance of its size. */
static int find_duplicates(struct verdict *out, const struct duplicates_count *train,
                           const struct duplicates_count *holdout)
{
    const int64_t of_train = duplicates_total(train), of_holdout = duplicates_total(holdout);
    double p;
    const int status = statistics_binomial_upper(&p, of_train, of_train + of_holdout, 0.5);
    if (status < 0)
        return status;
    const double excess = 1 - p; /* one-sided chances of 1.96 and 3 standard errors */
    const enum audit_verdict gravity = excess > 1 - 0.00135 ? AUDIT_LEAKS
                                       : excess > 1 - 0.025 ? AUDIT_SUSPECT
                                                            : AUDIT_NO_LEAK_DETECTED;
    if (gravity != AUDIT_NO_LEAK_DETECTED)
        add_reason(
            out, "%" PRId64 " synthetic images are near-duplicates of training images, %" PRId64 " of holdout images.",
            of_train, of_holdout);
    raise_to(out, gravity);
    return 0;
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
    add_reason(
        out,
        "All controls passed and every attack stayed within chance. A perfect attack on as many images could prove "
        "epsilon %.2f at most, so this is no proof that nothing leaks.",
        ceiling);
}

int verdict_reach(struct verdict *out, const struct audit_space *spaces, int space_count,
                  const struct duplicates_count *train, const struct duplicates_count *holdout)
{
    int status = check(spaces, space_count, train, holdout);
    if (status < 0)
        return status;
    memset(out, 0, sizeof *out);
    const bool has_power = run_controls(out, spaces, space_count);
    if (train && (status = find_duplicates(out, train, holdout)) < 0)
        return status;
    if (!has_power) {
        if (out->verdict != AUDIT_LEAKS)
            out->verdict = AUDIT_NO_POWER;
        return 0;
    }
    for (int i = 0; i < space_count; i++) {
        find_copying(out, spaces[i].name, &spaces[i].synthetic.copying);
        find_membership(out, spaces[i].name, "the nearest synthetic image", &spaces[i].synthetic.membership.nearest);
        find_membership(out, spaces[i].name, "the Monte Carlo attack", &spaces[i].synthetic.membership.monte_carlo);
    }
    if (out->verdict == AUDIT_NO_LEAK_DETECTED)
        say_what_power_means(out, spaces, space_count);
    return 0;
}
