/* Principal components: the orthogonal directions along which a set of vectors varies most. Bits depend on neither
 * threads nor the order of anything but the vectors. */
#ifndef EVAL_PCA_H
#define EVAL_PCA_H

#include "base/pool.h"

#include <stdint.h>

struct pca {
    int64_t inputs, components;
    double *mean; /* (inputs) */
    double *axis; /* (inputs, components): columns of length 1, by falling variance */
};

/* Numbers first .. first + count - 1 of vector `vector`. */
typedef void pca_read(const void *context, int64_t vector, int64_t first, int64_t count, double *numbers);

/* At most PCA_VECTORS of the vectors are looked at, evenly spread; more say little about so few directions. Directions
 * without variance are left out: of n vectors, at most n - 1 components. */
enum { PCA_VECTORS = 1024 };
int pca_fit(struct pca *pca, int64_t vectors, int64_t inputs, int64_t components, pca_read *read, const void *context,
            struct pool *pool);
void pca_free(struct pca *pca);

/* The components of one vector. */
void pca_project(const struct pca *pca, const double *vector, double *components);

#endif
