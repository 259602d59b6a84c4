/* Weights of the Inception network from a file of the user's, and whether they are those that FID is defined by. */
#ifndef EVAL_INCEPTION_WEIGHTS_H
#define EVAL_INCEPTION_WEIGHTS_H

#include "base/safetensors.h"
#include "run/store.h"

#include <stdbool.h>

/* SHA-256 of the file pt_inception-2015-12-05-6726825d.pth, the PyTorch port of the weights of the FID's authors. */
extern const char inception_origin[65];

/* What a converted file says about itself: SHA-256 of the file that it was made from, and of the tensors then. */
#define INCEPTION_ORIGIN_KEY "origin_sha256"
#define INCEPTION_TENSORS_KEY "tensors_sha256"

/* Values of tensor `name`, which has this shape, or an error. */
typedef int inception_read(void *context, const char *name, int rank, const int64_t *size, float *values);

/* Where tensors come from; `path` is for messages. */
struct inception_source {
    inception_read *read;
    void *context;
    const char *path;
};

/* Fills a store that holds the states of inception_features: kernels turned to (outputs, height, width, inputs), and
 * each normalisation ("<layer>.bn.weight", "bias", "running_mean", "running_var"; epsilon 0.001) folded into
 * "<layer>.conv.weight". */
int inception_weights_fold(struct store *store, const char *prefix, const struct inception_source *source);

/* The same from a safetensors file of F32 tensors; others in the file are ignored. *recognised: it was converted from
 * that file (it says so), and no name or number of any of its tensors has changed since. */
int inception_weights_load(struct store *store, const char *prefix, const char *path, bool *recognised);

#endif
