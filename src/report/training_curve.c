/* Curves of a run: each stretch has as many figures as the others. */
#include "report/training_curve.h"

#include <math.h>

static void summarise_stretch(struct training_curve *curve, const double *step, const double *values, size_t begin,
                              size_t end)
{
    const int k = curve->count++;
    double sum = 0, steps = 0;
    int count = 0;
    curve->least[k] = HUGE_VAL;
    curve->largest[k] = -HUGE_VAL;
    for (size_t i = begin; i < end; i++) {
        if (!isfinite(values[i]))
            continue;
        sum += values[i];
        steps += step[i];
        count++;
        curve->least[k] = fmin(curve->least[k], values[i]);
        curve->largest[k] = fmax(curve->largest[k], values[i]);
    }
    curve->step[k] = count > 0 ? steps / count : NAN;
    curve->mean[k] = count > 0 ? sum / count : NAN;
    curve->seen = curve->seen || isfinite(curve->mean[k]);
}

/* Lines without the figure do not count: figures of a look are in one line of many. */
void training_curve_read(struct training_curve *curve, const struct html_training *training,
                         enum training_column column)
{
    const double *step = training->column[TRAINING_STEP], *values = training->column[column];
    size_t there = 0, begin = 0, in_stretch = 0;
    curve->count = 0;
    curve->seen = false;
    for (size_t i = 0; i < training->count; i++)
        there += isfinite(values[i]) ? 1 : 0;
    const size_t length = (there + CURVE_STRETCHES - 1) / CURVE_STRETCHES;
    for (size_t i = 0; i < training->count; i++) {
        in_stretch += isfinite(values[i]) ? 1 : 0;
        if (in_stretch == length && in_stretch > 0 && curve->count < CURVE_STRETCHES) {
            summarise_stretch(curve, step, values, begin, i + 1);
            begin = i + 1;
            in_stretch = 0;
        }
    }
    if (in_stretch > 0 && curve->count < CURVE_STRETCHES)
        summarise_stretch(curve, step, values, begin, training->count);
}

bool training_is_look(enum training_column column)
{
    return column >= TRAINING_DIVERSITY;
}
