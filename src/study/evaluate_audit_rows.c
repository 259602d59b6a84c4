/* Each number beside what the fresh holdout gave, and what chance gives. */
#include "study/evaluate_audit_rows.h"

#include "eval/statistics.h"
#include "study/evaluate_measure.h"

#include <inttypes.h>
#include <math.h>
#include <standin/standin.h>
#include <stdio.h>

static struct measured of_space(const char *name, const char *title, const char *space, const char *note)
{
    struct measured measured = measured_new("", "", "equal");
    snprintf(measured.name, sizeof measured.name, "%.30s_%.20s", name, space);
    snprintf(measured.title, sizeof measured.title, "%.30s, %.20s", title, space);
    snprintf(measured.note, sizeof measured.note, "%s", note);
    return measured;
}

static int append_copying(json_t *measures, const struct audit_space *space)
{
    const struct copying *own = &space->synthetic.copying, *fresh = &space->fresh.copying;
    const double null_half = STATISTICS_Z95 * own->chance.nearer_train.deviation;
    const double fresh_half = STATISTICS_Z95 * fresh->chance.nearer_train.deviation;
    struct measured nearer =
        of_space("nearer_train", "nearer", space->name, "share nearer to the training set than to the holdout");
    nearer.value = own->nearer_train, nearer.low = own->nearer_train - null_half,
    nearer.high = own->nearer_train + null_half;
    nearer.twin = fresh->nearer_train;
    nearer.twin_low = fresh->nearer_train - fresh_half, nearer.twin_high = fresh->nearer_train + fresh_half;
    nearer.chance = 0.5;
    struct measured z = of_space(
        "copying_z", "Z", space->name,
        space->by_group
            ? "Z_U: nearness to train against that of the holdout; chance: the mean if groups had been dealt out by lot"
            : "Z_U: nearness to train against that of the holdout; chance: the mean if both had been dealt out by lot");
    z.value = own->closeness.z, z.twin = fresh->closeness.z, z.chance = own->chance.closeness.mean;
    z.low = z.value - STATISTICS_Z95 * own->chance.closeness.deviation;
    z.high = z.value + STATISTICS_Z95 * own->chance.closeness.deviation;
    struct measured cells = of_space("copying_cells", "C", space->name, "C_T: the same, cell by cell of train");
    cells.value = own->cells_z, cells.twin = fresh->cells_z, cells.chance = own->chance.cells.mean;
    cells.low = cells.value - STATISTICS_Z95 * own->chance.cells.deviation;
    cells.high = cells.value + STATISTICS_Z95 * own->chance.cells.deviation;
    if (isnan(cells.value))
        snprintf(cells.refused, sizeof cells.refused, "no cell has %d images of both sets", COPYING_CELL_MINIMUM);
    struct measured authentic =
        of_space("authentic", "authentic", space->name,
                 "per cent of images farther from their nearest training image than that is from its own; "
                 "twin: of the holdout");
    authentic.value = own->authentic, authentic.twin = own->authentic_holdout;
    int status = measured_append(measures, &nearer);
    if (status == 0)
        status = measured_append(measures, &z);
    if (status == 0)
        status = measured_append(measures, &cells);
    return status == 0 ? measured_append(measures, &authentic) : status;
}

/* `how` ends the note of the first. */
static int append_attack(json_t *measures, const struct audit_space *space, const char *name, const char *title,
                         const char *how, const struct attack *own, const struct attack *fresh)
{
    const char *unit = space->by_group ? "groups" : "images";
    char key[MEASURED_NAME], text[MEASURED_NAME];
    snprintf(key, sizeof key, "%s_auc", name);
    snprintf(text, sizeof text, "%sAUC", title);
    struct measured auc = of_space(key, text, space->name, "");
    snprintf(auc.note, sizeof auc.note, "membership: training %s told from the holdout by %s", unit, how);
    auc.value = own->auc, auc.chance = 0.5, auc.twin = fresh->auc;
    auc.low = own->auc - STATISTICS_Z95 * own->auc_error, auc.high = own->auc + STATISTICS_Z95 * own->auc_error;
    auc.twin_low = fresh->auc - STATISTICS_Z95 * fresh->auc_error;
    auc.twin_high = fresh->auc + STATISTICS_Z95 * fresh->auc_error;
    snprintf(key, sizeof key, "%s_tpr", name);
    snprintf(text, sizeof text, "%sTPR", title);
    struct measured rate = of_space(key, text, space->name, "");
    snprintf(rate.note, sizeof rate.note, "share of training %s found at 1 %% false alarms (Clopper-Pearson)", unit);
    rate.value = own->true_positives, rate.chance = 0.01, rate.twin = fresh->true_positives;
    rate.low = own->true_positives_interval.low, rate.high = own->true_positives_interval.high;
    rate.twin_low = fresh->true_positives_interval.low, rate.twin_high = fresh->true_positives_interval.high;
    snprintf(key, sizeof key, "%s_epsilon", name);
    snprintf(text, sizeof text, "%sepsilon", title);
    struct measured epsilon = of_space(key, text, space->name, "");
    epsilon.value = own->epsilon_lower, epsilon.chance = 0, epsilon.twin = fresh->epsilon_lower;
    snprintf(epsilon.note, sizeof epsilon.note, "proved lower bound at 99 %%; a perfect attack could prove %.2f",
             own->epsilon_ceiling);
    int status = measured_append(measures, &auc);
    if (status == 0)
        status = measured_append(measures, &rate);
    return status == 0 ? measured_append(measures, &epsilon) : status;
}

static int append_identity(json_t *measures, const struct audit_space *space, const char *unidentified)
{
    const struct identity *identity = &space->identity;
    if (!unidentified)
        return 0;
    struct measured taken = of_space("identity", "identity", space->name, "");
    if (identity->train_groups > 0) {
        taken.value = 100 * identity->taken_train, taken.twin = 100 * identity->taken_holdout;
        taken.chance = 100 * identity->chance.mean;
        taken.low = fmax(0, taken.value - 100 * STATISTICS_Z95 * identity->chance.deviation);
        taken.high = taken.value + 100 * STATISTICS_Z95 * identity->chance.deviation;
        snprintf(taken.note, sizeof taken.note,
                 "per cent taken for one of %" PRId64 " groups of train; twin: of %" PRId64 " of the holdout; of real "
                 "images %.0f %% are taken for their own, at 1 %% false alarms%s",
                 identity->train_groups, identity->holdout_groups, 100 * identity->recognised,
                 identity->recognised < 0.05 ? ": too few to see anybody" : "");
    } else {
        snprintf(taken.refused, sizeof taken.refused, "%s", unidentified);
    }
    return measured_append(measures, &taken);
}

int audit_rows_of_space(json_t *measures, const struct audit_space *space, const char *unidentified)
{
    const struct membership *own = &space->synthetic.membership, *fresh = &space->fresh.membership;
    int status = append_copying(measures, space);
    if (status == 0)
        status = append_attack(measures, space, "membership", "", "the nearest synthetic image", &own->nearest,
                               &fresh->nearest);
    if (status == 0)
        status =
            append_attack(measures, space, "monte_carlo", "MC ", "how many synthetic images are near (Monte Carlo)",
                          &own->monte_carlo, &fresh->monte_carlo);
    return status == 0 ? append_identity(measures, space, unidentified) : status;
}

int audit_rows_of_duplicates(json_t *measures, const struct duplicates_count *of_train,
                             const struct duplicates_count *of_holdout, int64_t train_images)
{
    struct measured measured = measured_new("near_duplicates", "copies, per cent", "equal");
    const int64_t images = of_train->images;
    double centre, half;
    measured.value = 100 * (double)duplicates_total(of_train) / (double)images;
    measured.twin = 100 * (double)duplicates_total(of_holdout) / (double)images;
    standin_wilson(duplicates_total(of_train), images, &centre, &half);
    measured.low = 100 * (centre - half), measured.high = 100 * (centre + half);
    standin_wilson(duplicates_total(of_holdout), images, &centre, &half);
    measured.twin_low = 100 * (centre - half), measured.twin_high = 100 * (centre + half);
    snprintf(measured.repeated, sizeof measured.repeated, "%" PRId64 " synthetic images (Wilson)", images);
    snprintf(measured.note, sizeof measured.note,
             "per cent that are near-duplicates of one of %" PRId64 " training images; twin: of as many of the holdout",
             train_images);
    return measured_append(measures, &measured);
}
