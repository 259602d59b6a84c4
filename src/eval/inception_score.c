/* exp of the mean divergence of each image's probabilities from their mean. */
#include "eval/inception_score.h"

#include "base/error.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int check(const double *probabilities, int64_t count, int64_t classes, int64_t splits)
{
    if (classes < 2 || splits < 1 || splits > count)
        return error_set(STATUS_INPUT,
                         "no inception score of %" PRId64 " images and %" PRId64 " classes in %" PRId64 " parts", count,
                         classes, splits);
    for (int64_t i = 0; i < count; i++) {
        double sum = 0;
        for (int64_t j = 0; j < classes; j++) {
            const double probability = probabilities[i * classes + j];
            if (!(probability >= 0))
                return error_set(STATUS_INPUT, "image %" PRId64 ": %g is no probability", i, probability);
            sum += probability;
        }
        if (fabs(sum - 1) > 1e-4) /* they may come from single precision */
            return error_set(STATUS_INPUT, "image %" PRId64 ": its probabilities add up to %g", i, sum);
    }
    return 0;
}

/* `marginal` (classes) is working space. */
static double score_of(const double *probabilities, int64_t count, int64_t classes, double *marginal)
{
    memset(marginal, 0, (size_t)classes * sizeof *marginal);
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < classes; j++)
            marginal[j] += probabilities[i * classes + j] / (double)count;
    double divergence = 0;
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < classes; j++) {
            const double probability = probabilities[i * classes + j];
            if (probability > 0) /* 0 log 0 = 0 */
                divergence += probability * log(probability / marginal[j]);
        }
    return exp(divergence / (double)count);
}

int inception_score_measure(struct inception_score *out, const double *probabilities, int64_t count, int64_t classes,
                            int64_t splits)
{
    const int status = check(probabilities, count, classes, splits);
    if (status < 0)
        return status;
    double *marginal = memory_new((size_t)classes, sizeof *marginal);
    double *scores = memory_new((size_t)splits, sizeof *scores);
    if (marginal && scores) {
        double sum = 0, squares = 0;
        for (int64_t i = 0; i < splits; i++) {
            const int64_t first = i * count / splits, end = (i + 1) * count / splits;
            scores[i] = score_of(probabilities + first * classes, end - first, classes, marginal);
            sum += scores[i];
        }
        out->mean = sum / (double)splits;
        for (int64_t i = 0; i < splits; i++)
            squares += (scores[i] - out->mean) * (scores[i] - out->mean);
        out->deviation = sqrt(squares / (double)splits);
    }
    const int result = marginal && scores ? 0 : STATUS_MEMORY;
    free(scores);
    free(marginal);
    return result;
}
