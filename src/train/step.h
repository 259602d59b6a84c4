/* One training step as one graph: pictures from the generator, the discriminator's update by real and generated
 * ones, the generator's update through the new discriminator, Adam and the moving average.
 *
 * States: "g.*" and "d.*" the weights; "m.*", "v.*" Adam's moments of each; "ema.*" the generator's moving average;
 * "d.*.u" the singular vectors of spectral norm. Inputs: "real" (batch, H, W, C) in [-1, 1], with labels "label"
 * (batch), with replay those of replay.h, and scalars that follow a schedule (struct step_schedule). */
#ifndef TRAIN_STEP_H
#define TRAIN_STEP_H

#include "net/network.h"
#include "run/plan.h"
#include "train/loss.h"

enum penalty_kind { PENALTY_NONE, PENALTY_R1, PENALTY_R1_R2, PENALTY_GRADIENT };

struct step_settings {
    struct network network;
    int64_t batch;
    enum loss_kind loss;
    enum penalty_kind penalty;
    double class_weight;          /* of the discriminator's guess of the class in both objectives; 0: it makes none */
    bool class_origin;            /* the guess says as well whether the picture of that class is real or generated */
    double beta1, epsilon;        /* of Adam (Kingma and Ba 2015) */
    unsigned augment;             /* enum augment_part of what both networks' pictures go through */
    bool augment_controlled;      /* each part with a probability that the schedule says, or always */
    bool ramp;                    /* labels count with a strength that the schedule says, or fully */
    bool replay;                  /* some of the discriminator's generated pictures come from earlier steps */
    bool average;                 /* keep a moving average of the generator */
    bool only_d;                  /* leave the generator as it is: a step of the discriminator between two of both */
    bool latent_as_input;         /* read "z" (batch, latent) instead of drawing it: for tests against other programs */
};

struct step_graph {
    struct graph *graph;
    struct node *loss_d, *loss_g;         /* outputs, rank 0; loss_g NULL with only_d */
    struct node *logit_real, *logit_fake; /* outputs, rank 0: means */
    struct node *sign_real;               /* output, rank 0: mean of the logits' signs, in [-1, 1] */
    struct node *fake;                    /* output with replay: the pictures just made */
    struct weights weights_g, weights_d;
    struct spectra spectra;
};

/* What changes from step to step, as numbers of the store's type. */
struct step_schedule {
    double rate_g, rate_d;   /* learning rates */
    double beta2;            /* of Adam */
    double average_rate;     /* 1 - decay of the moving average */
    double label_strength;   /* 0 to 1 */
    double augment_strength; /* 0 to 1 */
    double penalty;          /* factor of the penalty */
    int64_t updates_g, updates_d; /* so far: Adam's bias corrections */
};

int step_graph_make(struct step_graph *step, const struct step_settings *settings);
void step_graph_free(struct step_graph *step);

/* The scalars of a schedule, bound to an executor of the step's plan. */
enum { STEP_SCALARS = 9 };
struct step_scalars {
    enum number_type type;
    double wide[STEP_SCALARS];
    float narrow[STEP_SCALARS];
};
int step_scalars_bind(struct step_scalars *scalars, struct executor *executor, enum number_type type);
void step_scalars_set(struct step_scalars *scalars, const struct step_settings *settings,
                      const struct step_schedule *schedule);

/* "ema.x" = "g.x" for all weights: where the average begins. */
void step_average_begin(struct store *store);

#endif
