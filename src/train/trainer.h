/* A training run in progress: networks, feed, sampler and checkpoints in one place. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "train/settings.h"

#include <standin/standin.h>

struct trainer;

/* Puts everything together for the dataset and the recipe; nothing has been written yet. shards 0: the default. */
int trainer_new(struct trainer **out, const standin_dataset *dataset, const struct recipe *recipe, uint64_t seed,
                int threads, int shards);
void trainer_free(struct trainer *trainer);

/* Fills what there is to know before the first step; takes two or three to time them, whose effect is to be thrown away
 * with the trainer. Before each it asks options->progress, with the event "timing". */
int trainer_estimate(struct trainer *trainer, standin_estimate *estimate, const standin_train_options *options);

/* Runs to the goal, or until asked to stop; writes into the run's folder. */
int trainer_run(struct trainer *trainer, const char *run, const standin_train_options *options);

/* Takes over the state of the run's last checkpoint, which must be of this dataset. */
int trainer_restore(struct trainer *trainer, const char *run);

#endif
