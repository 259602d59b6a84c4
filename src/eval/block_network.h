/* A network that looks at pictures in blocks of a fixed size, by always the same plan: so what it says of a picture
 * does not depend on how many are asked for, nor on the number of threads. Knows no network. */
#ifndef EVAL_BLOCK_NETWORK_H
#define EVAL_BLOCK_NETWORK_H

#include "net/layers.h"
#include "run/store.h"

struct block_network;

struct block_network_settings {
    int64_t height, width, channels; /* of the pictures */
    int64_t block;                   /* pictures at once */
    int shards;                      /* of a block */
    /* Pictures (block, height, width, channels) in [-1, 1] -> (block, features). */
    struct node *(*build)(const void *context, struct graph *graph, struct node *pictures);
    /* Puts the graph's states into the empty store. */
    int (*fill)(const void *context, struct store *store, const struct graph *graph);
    const void *context; /* of both; not used after the making */
};

int block_network_new(struct block_network **out, const struct block_network_settings *settings, int threads);
void block_network_free(struct block_network *network);
int64_t block_network_features(const struct block_network *network);

/* Pictures (count, height, width, channels) as 8-bit samples -> (count, features). */
int block_network_compute(struct block_network *network, const uint8_t *pixels, int64_t count, double *out);

#endif
