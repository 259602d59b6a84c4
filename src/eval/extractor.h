/* What the extractors share: the inside of the handle. */
#ifndef EVAL_EXTRACTOR_H
#define EVAL_EXTRACTOR_H

#include "eval/features.h"

enum { FEATURES_NOTE = 200 };

/* The first member of each extractor's own structure. */
struct features {
    int (*compute)(struct features *features, const uint8_t *pixels, int64_t count, double *out);
    void (*free)(struct features *features); /* frees the structure itself as well */
    int64_t dimension, block;
    const char *name, *title;
    char note[FEATURES_NOTE];
};

/* 0 if there are pictures and their sizes can be multiplied. */
int pictures_check(const struct pictures *pictures);

#endif
