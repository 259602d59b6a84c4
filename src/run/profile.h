/* Where the time of a run goes, step by step. */
#ifndef RUN_PROFILE_H
#define RUN_PROFILE_H

#include "run/plan.h"

struct step_profile {
    const char *label, *note;
    double seconds;      /* of one run, divided by the number of threads: the share of the wall clock */
    double flops, bytes; /* of one run */
    bool contraction;
};

int executor_profile_steps(const struct executor *executor);
struct step_profile executor_profile_step(const struct executor *executor, int index);

/* A table for people: steps that take the longest first, each with its time, share, GF/s or GB/s, and the sums for
 * contractions and for the rest. The caller frees *out. */
int executor_profile_text(char **out, const struct executor *executor);

#endif
