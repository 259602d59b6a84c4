/* One training step as one graph: pictures from the generator, the discriminator's update by real and generated
 * ones, the generator's update through the new discriminator, Adam and the moving average.
 *
 * States: "g.*" and "d.*" the weights; "m.*", "v.*" Adam's moments of each; "ema.*" the generator's moving average.
 * Inputs: "real" (batch, H, W, C) in [-1, 1], and scalars that follow a schedule (struct step_schedule). */
#ifndef TRAIN_STEP_H
#define TRAIN_STEP_H

#include "net/dcgan.h"
#include "run/plan.h"

enum loss_kind { LOSS_CROSS_ENTROPY, LOSS_LEAST_SQUARES, LOSS_HINGE };

struct step_settings {
    struct dcgan network;
    int64_t batch;
    enum loss_kind loss;
    double beta1, beta2, epsilon; /* of Adam (Kingma and Ba 2015) */
    bool average;                 /* keep a moving average of the generator */
    bool latent_as_input;         /* read "z" (batch, latent) instead of drawing it: for tests against other programs */
};

struct step_graph {
    struct graph *graph;
    struct node *loss_d, *loss_g;     /* outputs, rank 0 */
    struct node *logit_real, *logit_fake; /* outputs, rank 0: means */
    struct weights weights_g, weights_d;
};

/* What changes from step to step, as numbers of the store's type. */
struct step_schedule {
    double rate_g, rate_d; /* learning rates */
    double average_rate;   /* 1 - decay of the moving average */
    int64_t step;          /* from 0: Adam's bias correction */
};

int step_graph_make(struct step_graph *step, const struct step_settings *settings);
void step_graph_free(struct step_graph *step);

/* The scalars of a schedule, bound to an executor of the step's plan. */
struct step_scalars {
    enum number_type type;
    double wide[4];
    float narrow[4];
};
int step_scalars_bind(struct step_scalars *scalars, struct executor *executor, const struct step_settings *settings,
                      enum number_type type);
void step_scalars_set(struct step_scalars *scalars, const struct step_settings *settings,
                      const struct step_schedule *schedule);

/* "ema.x" = "g.x" for all weights: where the average begins. */
void step_average_begin(struct store *store);

#endif
