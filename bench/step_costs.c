/* What a part of a step costs: steps with and without it take turns, since a machine's own speed drifts. */
#include "step_bench.h"

#include "timer.h"
#include "train/augment.h"

enum { PAIRS_MAXIMUM = 99 };

/* The median of (seconds with it) / (seconds without it) over pairs of neighbouring steps, of which each comes first
 * in turns. */
static double time_ratio(const struct step_settings *with, const struct step_settings *without, int threads,
                         const struct step_patience *patience)
{
    struct step_bench more, less;
    double ratio[PAIRS_MAXIMUM];
    int pairs = 0;
    step_bench_open(&more, with, threads);
    step_bench_open(&less, without, threads);
    step_bench_run(&more, 0);
    step_bench_run(&less, 0);
    for (const double start = timer_seconds(); pairs < PAIRS_MAXIMUM && step_bench_again(patience, pairs, start);
         pairs++) {
        struct step_bench *first = pairs % 2 ? &less : &more, *second = pairs % 2 ? &more : &less;
        const double before = step_bench_run(first, pairs + 1), after = step_bench_run(second, pairs + 1);
        ratio[pairs] = pairs % 2 ? after / before : before / after;
    }
    step_bench_close(&more);
    step_bench_close(&less);
    return step_bench_median(ratio, (size_t)pairs);
}

double step_cost_penalty(const struct step_settings *settings, enum penalty_kind penalty, int threads,
                         const struct step_patience *patience)
{
    struct step_settings with = *settings, without = *settings;
    with.only_d = without.only_d = true;
    with.penalty = penalty;
    without.penalty = PENALTY_NONE;
    return time_ratio(&with, &without, threads, patience) - 1;
}

double step_cost_extras(const struct step_settings *settings, int threads, const struct step_patience *patience)
{
    struct step_settings with = *settings, without = *settings;
    with.network.spectral_d = with.average = true;
    if (!with.augment)
        with.augment = AUGMENT_BRIGHTNESS | AUGMENT_TRANSLATION | AUGMENT_CUTOUT;
    without.network.spectral_d = without.average = false;
    without.augment = 0;
    return 1 - 1 / time_ratio(&with, &without, threads, patience);
}
