/* What a checkpoint says about how it came to be. */
#ifndef TRAIN_ORIGIN_H
#define TRAIN_ORIGIN_H

#include "train/checkpoint.h"
#include "train/recipe.h"

#include <standin/standin.h>

struct origin {
    struct recipe recipe;
    uint64_t seed;
    int shards;
    int channels; /* of the images */
    int classes;  /* that it was trained on */
};

/* Into the metadata of a checkpoint to be. */
int origin_write(struct metadata *metadata, const struct recipe *recipe, uint64_t seed, int shards,
                 const standin_dataset *dataset);

/* Whether the checkpoint is of this dataset: an error that names the difference if not. */
int origin_check_dataset(const struct metadata *metadata, const standin_dataset *dataset);

/* Reads and checks it; errors name the file. */
int origin_read(struct origin *origin, const struct checkpoint *checkpoint);

/* The same of a run's folder. */
int origin_read_run(struct origin *origin, const char *run);

#endif
