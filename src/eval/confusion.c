/* Measures of a confusion matrix: arithmetic alone. How it looks, as text, JSON or a picture, is the report's. */
#include "eval/statistics.h"

#include <math.h>
#include <standin/standin.h>

void standin_wilson(int64_t hits, int64_t trials, double *centre, double *half_width)
{
    static const double z = STATISTICS_Z95;
    if (trials <= 0) {
        *centre = *half_width = 0.5;
        return;
    }
    const double n = (double)trials, share = (double)hits / n, scale = 1 / (1 + z * z / n);
    *centre = scale * (share + z * z / (2 * n));
    *half_width = scale * z * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
}

static double share_of(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static int64_t total_of(const int64_t *counts, int classes)
{
    int64_t total = 0;
    for (int64_t i = 0; i < (int64_t)classes * classes; i++)
        total += counts[i];
    return total;
}

void standin_confusion_measure_class(const int64_t *counts, int classes, int class_index,
                                     standin_class_confusion *confusion)
{
    int64_t images = 0, predicted = 0;
    for (int64_t i = 0; i < classes; i++) {
        images += counts[(int64_t)class_index * classes + i];
        predicted += counts[i * classes + class_index];
    }
    const int64_t hits = counts[(int64_t)class_index * classes + class_index];
    const int64_t others = total_of(counts, classes) - images, false_alarms = predicted - hits;
    *confusion = (standin_class_confusion){.images = images,
                                           .predicted = predicted,
                                           .hits = hits,
                                           .sensitivity = share_of(hits, images),
                                           .specificity = share_of(others - false_alarms, others),
                                           .precision = share_of(hits, predicted),
                                           .f1 = share_of(2 * hits, images + predicted)};
}

struct mean {
    double sum;
    int count;
};

static void add(struct mean *mean, double value)
{
    if (isnan(value))
        return;
    mean->sum += value;
    mean->count++;
}

static double value_of(const struct mean *mean)
{
    return mean->count > 0 ? mean->sum / mean->count : NAN;
}

void standin_confusion_measure(const int64_t *counts, int classes, standin_confusion *confusion)
{
    struct mean sensitivity = {0}, f1 = {0};
    int64_t images = 0, hits = 0;
    for (int i = 0; i < classes; i++) {
        standin_class_confusion of_class;
        standin_confusion_measure_class(counts, classes, i, &of_class);
        images += of_class.images;
        hits += of_class.hits;
        add(&sensitivity, of_class.sensitivity);
        add(&f1, of_class.f1);
    }
    double centre, half_width;
    standin_wilson(hits, images, &centre, &half_width);
    *confusion = (standin_confusion){.images = images,
                                     .hits = hits,
                                     .accuracy = share_of(hits, images),
                                     .accuracy_low = centre - half_width,
                                     .accuracy_high = centre + half_width,
                                     .balanced_accuracy = value_of(&sensitivity),
                                     .macro_f1 = value_of(&f1)};
}
