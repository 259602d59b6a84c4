/* By the Gram matrix of the centred vectors, G = X X': it is small, however long the vectors are. If G u = l u with
 * |u| = 1, then X' u / sqrt(l) is the direction, of length 1. X is never whole in memory, only a few of its columns. */
#include "eval/pca.h"

#include "base/error.h"
#include "base/memory.h"
#include "eval/lapack.h"
#include "eval/products.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 1024, SIDE_BY_SIDE = 16 };

/* Directions whose variance is this little of the largest are rounding. */
static const double least_variance = 1e-10;

struct fit {
    struct pca *pca;
    pca_read *read;
    const void *context;
    int64_t all;     /* vectors that there are */
    int64_t vectors; /* of which so many are looked at */
    double *columns; /* (vectors, COLUMNS) */
    double *gram;    /* (vectors, vectors) */
    double *part;    /* what some columns add to it */
    double *value;   /* (components), rising */
    double *vector;  /* (components, vectors) */
    struct pool *pool;
};

/* ---- Fitting ------------------------------------------------------------------------------------------------- */

/* Some columns of the vectors, less their means, which are found at the first pass. */
static void read_columns(const struct fit *fit, int64_t first, int64_t count, bool find_mean)
{
    double *mean = fit->pca->mean + first;
    if (find_mean)
        memset(mean, 0, (size_t)count * sizeof *mean);
    for (int64_t i = 0; i < fit->vectors; i++) {
        double *row = fit->columns + i * count;
        fit->read(fit->context, i * fit->all / fit->vectors, first, count, row);
        for (int64_t k = 0; find_mean && k < count; k++)
            mean[k] += row[k];
    }
    for (int64_t k = 0; find_mean && k < count; k++)
        mean[k] /= (double)fit->vectors;
    for (int64_t i = 0; i < fit->vectors; i++)
        for (int64_t k = 0; k < count; k++)
            fit->columns[i * count + k] -= mean[k];
}

static int add_to_gram(const struct fit *fit, int64_t count)
{
    const struct feature_set set = {fit->columns, fit->vectors, count};
    struct panels panels;
    int status = panels_of_rows(&panels, &set, fit->pool);
    if (status < 0)
        return status;
    status = products_symmetric(fit->part, &panels, &panels, fit->pool);
    for (int64_t i = 0; status == 0 && i < fit->vectors * fit->vectors; i++)
        fit->gram[i] += fit->part[i];
    panels_free(&panels);
    return status;
}

static int make_gram(const struct fit *fit)
{
    int status = 0;
    for (int64_t first = 0; status == 0 && first < fit->pca->inputs; first += COLUMNS) {
        const int64_t left = fit->pca->inputs - first, count = left < COLUMNS ? left : COLUMNS;
        read_columns(fit, first, count, true);
        status = add_to_gram(fit, count);
    }
    return status;
}

static int64_t with_variance(const struct fit *fit, int64_t wanted)
{
    const double largest = fit->value[wanted - 1];
    int64_t count = 0;
    while (count < wanted && fit->value[wanted - 1 - count] > least_variance * largest)
        count++;
    return largest > 0 ? count : 0;
}

/* The vectors by falling variance, each divided by the root of its value, as columns (n, components). */
static void order_vectors(const struct fit *fit, int64_t wanted, double *ordered)
{
    const int64_t components = fit->pca->components;
    for (int64_t j = 0; j < components; j++) {
        const int64_t from = wanted - 1 - j;
        for (int64_t i = 0; i < fit->vectors; i++)
            ordered[i * components + j] = fit->vector[from * fit->vectors + i] / sqrt(fit->value[from]);
    }
}

/* Of the two directions of each axis the one whose largest number is positive. */
static void settle_signs(struct pca *pca)
{
    for (int64_t j = 0; j < pca->components; j++) {
        double largest = 0;
        for (int64_t i = 0; i < pca->inputs; i++)
            if (fabs(pca->axis[i * pca->components + j]) > fabs(largest))
                largest = pca->axis[i * pca->components + j];
        for (int64_t i = 0; largest < 0 && i < pca->inputs; i++)
            pca->axis[i * pca->components + j] *= -1;
    }
}

/* X' u for some columns of X and all u. */
static int project_columns(const struct fit *fit, int64_t first, int64_t count, const struct panels *directions)
{
    const struct feature_set set = {fit->columns, fit->vectors, count};
    struct panels columns;
    int status = panels_of_columns(&columns, &set, NULL, fit->pool);
    if (status == 0)
        status = products_all(fit->pca->axis + first * fit->pca->components, &columns, directions, fit->pool);
    panels_free(&columns);
    return status;
}

static int make_axes(const struct fit *fit, int64_t wanted)
{
    struct pca *pca = fit->pca;
    pca->components = with_variance(fit, wanted);
    if (pca->components == 0)
        return error_set(STATUS_INPUT, "no principal components: all %lld vectors are the same",
                         (long long)fit->vectors);
    pca->axis = memory_new((size_t)pca->inputs, (size_t)pca->components * sizeof *pca->axis);
    double *ordered = memory_new((size_t)fit->vectors, (size_t)pca->components * sizeof *ordered);
    struct panels directions = {0};
    int status = pca->axis && ordered ? 0 : STATUS_MEMORY;
    if (status == 0) {
        order_vectors(fit, wanted, ordered);
        const struct feature_set set = {ordered, fit->vectors, pca->components};
        status = panels_of_columns(&directions, &set, NULL, fit->pool);
    }
    for (int64_t first = 0; status == 0 && first < pca->inputs; first += COLUMNS) {
        const int64_t left = pca->inputs - first, count = left < COLUMNS ? left : COLUMNS;
        read_columns(fit, first, count, false);
        status = project_columns(fit, first, count, &directions);
    }
    if (status == 0)
        settle_signs(pca);
    panels_free(&directions);
    free(ordered);
    return status;
}

int pca_fit(struct pca *pca, int64_t vectors, int64_t inputs, int64_t components, pca_read *read, const void *context,
            struct pool *pool)
{
    *pca = (struct pca){.inputs = inputs};
    if (vectors < 2 || inputs < 1 || components < 1)
        return error_set(STATUS_INPUT, "principal components need at least two vectors, and there are %lld",
                         (long long)vectors);
    struct fit fit = {.pca = pca, .read = read, .context = context, .all = vectors, .pool = pool};
    fit.vectors = vectors < PCA_VECTORS ? vectors : PCA_VECTORS;
    const int64_t most = fit.vectors - 1 < inputs ? fit.vectors - 1 : inputs;
    const int64_t wanted = components < most ? components : most;
    const size_t n = (size_t)fit.vectors;
    pca->mean = memory_new((size_t)inputs, sizeof *pca->mean);
    fit.columns = memory_new(n * COLUMNS, sizeof *fit.columns);
    fit.gram = memory_new(n * n, sizeof *fit.gram);
    fit.part = memory_new(n * n, sizeof *fit.part);
    fit.value = memory_new((size_t)wanted, sizeof *fit.value);
    fit.vector = memory_new(n * (size_t)wanted, sizeof *fit.vector);
    int status = pca->mean && fit.columns && fit.gram && fit.part && fit.value && fit.vector ? 0 : STATUS_MEMORY;
    if (status == 0)
        status = make_gram(&fit);
    if (status == 0)
        status = lapack_eigenvectors(fit.value, fit.vector, fit.gram, fit.vectors, wanted);
    if (status == 0)
        status = make_axes(&fit, wanted);
    free(fit.columns);
    free(fit.gram);
    free(fit.part);
    free(fit.value);
    free(fit.vector);
    if (status < 0)
        pca_free(pca);
    return status;
}

void pca_free(struct pca *pca)
{
    free(pca->mean);
    free(pca->axis);
    *pca = (struct pca){0};
}

/* ---- Use ----------------------------------------------------------------------------------------------------- */

/* In the order of the numbers, a few components at once so that their sums stay in registers. */
void pca_project(const struct pca *pca, const double *vector, double *components)
{
    const int64_t all = pca->components;
    int64_t first = 0;
    for (; first + SIDE_BY_SIDE <= all; first += SIDE_BY_SIDE) {
        double sum[SIDE_BY_SIDE] = {0};
        for (int64_t i = 0; i < pca->inputs; i++)
            for (int64_t j = 0; j < SIDE_BY_SIDE; j++)
                sum[j] += (vector[i] - pca->mean[i]) * pca->axis[i * all + first + j];
        memcpy(components + first, sum, sizeof sum);
    }
    for (; first < all; first++) {
        components[first] = 0;
        for (int64_t i = 0; i < pca->inputs; i++)
            components[first] += (vector[i] - pca->mean[i]) * pca->axis[i * all + first];
    }
}
