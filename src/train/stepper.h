/* Training steps: the step's graph, planned, with everything that it reads. One step is `steps-d` updates of the
 * discriminator, each on a batch of its own, the last of them together with the generator's. */
#ifndef TRAIN_STEPPER_H
#define TRAIN_STEPPER_H

#include "base/metadata.h"
#include "train/feed.h"
#include "train/settings.h"

struct stepper;

struct step_moment {
    int64_t step;      /* from 0 */
    double progress;   /* share of the training that lies behind */
    double rate_scale; /* of the learning rates */
    int64_t steps;     /* of the whole training; 0: not known */
};

struct step_news {
    double loss_d, loss_g;         /* of the last batch */
    double logit_real, logit_fake; /* means */
};

/* Adds all states to the store, which must stay, as must the dataset and the pool. */
int stepper_new(struct stepper **out, const standin_dataset *dataset, const struct recipe *recipe,
                const struct step_settings *settings, uint64_t seed, struct store *store, struct pool *pool,
                int shards);
void stepper_free(struct stepper *stepper);

int stepper_take(struct stepper *stepper, const struct step_moment *moment, struct step_news *news);

/* Whoever changed the store says so. */
void stepper_states_changed(struct stepper *stepper);

/* What a checkpoint needs besides the store. */
int stepper_save(const struct stepper *stepper, struct metadata *metadata);
int stepper_load(struct stepper *stepper, const struct metadata *metadata);

const struct feed *stepper_feed(const struct stepper *stepper);
const struct step_graph *stepper_graph(const struct stepper *stepper);
struct plan_cost stepper_cost(const struct stepper *stepper, int threads); /* of one step */

/* How often each part of the augmentation is applied, 0 to 1: follows the discriminator if the recipe says so. */
double stepper_augment(const struct stepper *stepper);

/* Of the update of both networks: see profile.h. */
void stepper_profile(struct stepper *stepper);
int stepper_profile_text(char **out, const struct stepper *stepper);

#endif
