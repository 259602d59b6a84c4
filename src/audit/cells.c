/* Lloyd's iterations from several beginnings, in one thread: thousands of images and three cells are fractions of a
 * second. */
#include "audit/cells.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double squared_distance(const double *a, const double *b, int64_t width)
{
    double sum = 0;
    for (int64_t i = 0; i < width; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static int nearest_centre(double *squared, const double *row, const double *centres, int cells, int64_t width)
{
    int nearest = 0;
    *squared = INFINITY;
    for (int c = 0; c < cells; c++) {
        const double distance = squared_distance(row, centres + c * width, width);
        if (distance < *squared) {
            *squared = distance;
            nearest = c;
        }
    }
    return nearest;
}

void cells_assign(int *cell, const struct feature_set *set, const double *centres, int cells)
{
    double squared;
    for (int64_t i = 0; i < set->count; i++)
        cell[i] = nearest_centre(&squared, set->values + i * set->width, centres, cells, set->width);
}

/* Each next centre is an image drawn by its squared distance from those that are there. */
static int begin(double *centres, int cells, const struct feature_set *set, int attempt, double *squared)
{
    float uniform[CELLS_MAXIMUM];
    random_uniform((random_address){.purpose = RANDOM_CELLS, .step = (uint64_t)attempt}, 0, CELLS_MAXIMUM, uniform);
    int64_t chosen = (int64_t)((double)uniform[0] * (double)set->count);
    for (int c = 0; c < cells; c++) {
        memcpy(centres + c * set->width, set->values + chosen * set->width, (size_t)set->width * sizeof *centres);
        if (c + 1 == cells)
            break;
        double sum = 0;
        for (int64_t i = 0; i < set->count; i++) {
            nearest_centre(&squared[i], set->values + i * set->width, centres, c + 1, set->width);
            sum += squared[i];
        }
        if (!(sum > 0))
            return error_set(STATUS_INPUT, "no %d cells of %" PRId64 " images, of which only %d differ", cells,
                             set->count, c + 1);
        double left = (double)uniform[c + 1] * sum;
        for (int64_t i = 0; i < set->count; i++)
            if (squared[i] > 0) {
                chosen = i;
                if ((left -= squared[i]) < 0)
                    break;
            }
    }
    return 0;
}

/* Moves the centres to the means of their images, in place; false if no image changed its cell. A centre without images
 * stays. `sums` (cells, width). */
static int improve(double *centres, int cells, const struct feature_set *set, int *cell, double *sums, double *spread)
{
    int64_t members[CELLS_MAXIMUM] = {0};
    int changed = 0;
    memset(sums, 0, (size_t)(cells * set->width) * sizeof *sums);
    *spread = 0;
    for (int64_t i = 0; i < set->count; i++) {
        const double *row = set->values + i * set->width;
        double squared;
        const int now = nearest_centre(&squared, row, centres, cells, set->width);
        changed |= now != cell[i];
        cell[i] = now;
        members[now]++;
        *spread += squared;
        for (int64_t j = 0; j < set->width; j++)
            sums[now * set->width + j] += row[j];
    }
    for (int c = 0; c < cells; c++)
        for (int64_t j = 0; j < set->width && members[c] > 0; j++)
            centres[c * set->width + j] = sums[c * set->width + j] / (double)members[c];
    return changed;
}

int cells_find(double *centres, int cells, const struct feature_set *set)
{
    enum { ATTEMPTS = 5, ITERATIONS = 50 };
    int status = feature_set_check(set, "set of cells", cells);
    if (status < 0)
        return status;
    if (cells < 1 || cells > CELLS_MAXIMUM)
        return error_set(STATUS_INPUT, "%d cells; between 1 and %d are possible", cells, CELLS_MAXIMUM);
    const size_t size = (size_t)cells * (size_t)set->width;
    double *trial = memory_new(size, sizeof *trial), *sums = memory_new(size, sizeof *sums);
    double *squared = memory_new((size_t)set->count, sizeof *squared), least = INFINITY;
    int *cell = memory_new((size_t)set->count, sizeof *cell);
    status = trial && sums && squared && cell ? 0 : STATUS_MEMORY;
    for (int attempt = 0; status == 0 && attempt < ATTEMPTS; attempt++) {
        if ((status = begin(trial, cells, set, attempt, squared)) < 0)
            break;
        double spread = INFINITY;
        memset(cell, 0xFF, (size_t)set->count * sizeof *cell);
        for (int i = 0; i < ITERATIONS && improve(trial, cells, set, cell, sums, &spread); i++)
            ;
        if (spread < least) {
            least = spread;
            memcpy(centres, trial, size * sizeof *centres);
        }
    }
    free(cell);
    free(squared);
    free(sums);
    free(trial);
    return status;
}
