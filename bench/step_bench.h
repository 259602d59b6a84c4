/* What the files of the program `step` share: networks by name, a training step of one that can be run, and what is
 * measured of it. For people to run: failures end the program. */
#ifndef BENCH_STEP_BENCH_H
#define BENCH_STEP_BENCH_H

#include "run/plan.h"
#include "train/settings.h"

#include <stdio.h>

/* ---- Networks ----------------------------------------------------------------------------------------------- */

struct step_network {
    const char *name, *title;
    const char *recipe;
    const char *changes[10]; /* of the recipe: "key=value" */
    int classes;             /* 1: no labels */
    bool gradient_penalty;   /* its cost is measured beside R1's */
};

/* NULL: there is none of this name. */
const struct step_network *step_network_find(const char *name);

/* "dcgan sngan ...", on one line. */
void step_network_list(FILE *file);

/* width, batch: 0 for what the network has. */
void step_network_settings(struct step_settings *settings, const struct step_network *network, int64_t width,
                           int64_t batch);

/* ---- A step that runs --------------------------------------------------------------------------------------- */

struct step_bench {
    struct step_settings settings;
    struct step_graph graph;
    struct plan *plan;
    struct store *store;
    struct pool *pool;
    struct executor *executor;
    struct step_scalars scalars;
    float *real, *label;
};

void step_bench_open(struct step_bench *bench, const struct step_settings *settings, int threads);
void step_bench_close(struct step_bench *bench);

/* Seconds of one step. */
double step_bench_run(struct step_bench *bench, int step);

/* Numbers that are learned. */
int64_t step_bench_parameters(const struct weights *weights);

/* Labels 0, 1, ... for `count` pictures; the caller frees them. */
float *step_bench_labels(int64_t count, int64_t classes);

/* Ends the program when status is negative. */
void step_bench_must(int status, const char *what);

/* How often a thing is measured: `least` times, and then again until `seconds` are over. */
struct step_patience {
    int least;
    double seconds;
};
bool step_bench_again(const struct step_patience *patience, int done, double start);

double step_bench_median(double *values, size_t count); /* sorts them; 0 of none */

/* ---- The limit ---------------------------------------------------------------------------------------------- */

/* Sums over all convolutions and matrix products of the step, each by itself with all threads, in seconds: by our own
 * kernels, by oneDNN's direct ones, and by whichever is faster each time. */
struct step_limit {
    double best, ours, onednn;
    int contractions;
};
struct step_limit step_limit_find(const struct step_bench *bench, int repeats);

/* ---- What parts of a step cost ------------------------------------------------------------------------------ */

/* What a penalty adds to a step of the discriminator alone, as a share of that step without it. */
double step_cost_penalty(const struct step_settings *settings, enum penalty_kind penalty, int threads,
                         const struct step_patience *patience);

/* Share of a whole step that spectral norm, augmentation and the moving average take together. */
double step_cost_extras(const struct step_settings *settings, int threads, const struct step_patience *patience);

#endif
