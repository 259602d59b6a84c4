/* Accuracy against the number of training images: two forms fitted to the error, and the questions that people ask of
 * such a curve. Knows no network and no images: sizes and accuracies come in, numbers with intervals and a sentence go
 * out. */
#ifndef EVAL_LEARNING_CURVE_H
#define EVAL_LEARNING_CURVE_H

#include "eval/statistics.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    LEARNING_CURVE_SIZES_MINIMUM = 4, /* one more than the parameters of a power law */
    LEARNING_CURVE_SIZES_MAXIMUM = 64,
    LEARNING_CURVE_SENTENCE = 256,
    LEARNING_CURVE_REACH = 4, /* times the largest measured size: farther out nothing is said */
};

struct learning_curve {
    int sizes, seeds;
    const double *images;   /* (sizes), at least 1, increasing */
    const double *accuracy; /* (sizes, seeds), 0..1; a column is one seed with its nested subsets */
};

/* 0, or an error that names the value. */
int learning_curve_check(const struct learning_curve *curve);

/* ---- Fits ------------------------------------------------------------------------------------------------- */

enum curve_form {
    CURVE_POWER,     /* error = a n^-b + c */
    CURVE_LOGARITHM, /* error = a - b log n */
    CURVE_FORMS
};

struct curve_fit {
    enum curve_form form;
    double a, b, c;  /* none below 0; c is 0 for CURVE_LOGARITHM */
    double residual; /* weighted root mean square, in accuracy */
};

/* Least squares on the means over seeds, weighted by the inverse of their variances, each of which is averaged with
 * that of all sizes, since a few seeds estimate it badly. */
int learning_curve_fit(struct curve_fit *fit, enum curve_form form, const struct learning_curve *curve);

/* 1 - error at n images, within 0..1. */
double curve_fit_accuracy(const struct curve_fit *fit, double images);

/* The number of images with that accuracy; INFINITY if the fit never reaches it. */
double curve_fit_images(const struct curve_fit *fit, double accuracy);

/* ---- Questions -------------------------------------------------------------------------------------------- */

enum curve_answer {
    CURVE_MET,        /* at one of the sizes that were measured */
    CURVE_ABOUT,      /* extrapolated, at most LEARNING_CURVE_REACH times the largest size */
    CURVE_CANNOT_SAY, /* beyond that, or never */
};

struct curve_target {
    enum curve_answer answer;
    double target;
    double images; /* NAN for CURVE_CANNOT_SAY */
    struct interval
        interval; /* 90 %, for CURVE_ABOUT; NAN with one seed; high is INFINITY where it lies beyond reach */
    char sentence[LEARNING_CURVE_SENTENCE];
};

/* At how many images the target accuracy is met. The interval is a bootstrap over seeds, in which each resample is
 * answered by the form that fits it better: where the data cannot tell the forms apart, the interval says so. */
int learning_curve_how_many(struct curve_target *out, const struct learning_curve *curve, double target, uint64_t seed);

struct effective_size {
    double images;            /* real images that are worth as much; at an end of the curve if `below` or `above` */
    bool below, above;        /* worse than the smallest size, better than the largest */
    struct interval interval; /* 95 %; low is 0 and high INFINITY where they leave the curve; NAN without resamples */
    char sentence[LEARNING_CURVE_SENTENCE];
};

/* The same accuracies drawn again and again: of one resample at all sizes and on synthetic images, 0..1. */
struct curve_resamples {
    int count;
    const double *const *curve; /* (sizes) of (count) */
    const double *synthetic;    /* (count) */
};

/* The number of real images whose accuracy equals that of a classifier trained on synthetic ones. Between the sizes the
 * curve is linear in log n, and first made monotone (pooled adjacent violators). The curve may have two sizes here.
 * `resamples` may be NULL. */
int learning_curve_effective_size(struct effective_size *out, const struct learning_curve *curve, double accuracy,
                                  const struct curve_resamples *resamples);

#endif
