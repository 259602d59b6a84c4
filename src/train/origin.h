/* What a checkpoint says about how it came to be. */
#ifndef TRAIN_ORIGIN_H
#define TRAIN_ORIGIN_H

#include "train/checkpoint.h"
#include "train/recipe.h"

struct origin {
    struct recipe recipe;
    uint64_t seed;
    int shards;
    int channels; /* of the images */
    int classes;  /* that it was trained on */
};

/* Reads and checks it; errors name the file. */
int origin_read(struct origin *origin, const struct checkpoint *checkpoint);

#endif
