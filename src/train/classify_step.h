/* One training step of a classifier as one graph: logits, cross-entropy, its gradient and AdamW; the statistics of its
 * normalisations follow along.
 *
 * States: "c.*" the weights and the stored statistics; "m.c.*", "v.c.*" Adam's moments. Inputs: "images" (batch, H, W,
 * C) in [-1, 1], "targets" (batch, classes) rows that sum to 1, and scalars that follow a schedule. */
#ifndef TRAIN_CLASSIFY_STEP_H
#define TRAIN_CLASSIFY_STEP_H

#include "net/classifier.h"
#include "run/plan.h"

struct classify_settings {
    struct classifier network;
    int64_t batch;
};

struct classify_step {
    struct graph *graph;
    struct node *loss; /* output, rank 0: the mean over the batch */
    struct weights weights;
};

int classify_step_make(struct classify_step *step, const struct classify_settings *settings);
void classify_step_free(struct classify_step *step);

/* What changes from step to step, bound to an executor of the step's plan. */
enum { CLASSIFY_SCALARS = 4 };
struct classify_scalars {
    float value[CLASSIFY_SCALARS];
};
int classify_scalars_bind(const struct classify_scalars *scalars, struct executor *executor);

struct classify_schedule {
    int64_t step;           /* from 0: Adam's bias correction */
    double rate;            /* learning rate */
    double weight_decay;    /* of kernels and matrices, times the rate */
    double statistics_rate; /* how much of the way the stored statistics go to the batch's */
};
void classify_scalars_set(struct classify_scalars *scalars, const struct classify_schedule *schedule);

#endif
