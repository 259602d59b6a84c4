/* Intervals and tests that stand behind the numbers of an evaluation. Plain arithmetic on counts and samples: nothing
 * here knows what was measured. What makes no sense is an error that names the value. */
#ifndef EVAL_STATISTICS_H
#define EVAL_STATISTICS_H

#include <stdint.h>

/* 97.5 % of a standard normal number lie below. */
#define STATISTICS_Z95 1.959963984540054

enum { STATISTICS_RESAMPLES = 2000 };

struct interval {
    double low, high;
};

/* ---- Samples ---------------------------------------------------------------------------------------------- */

/* 0, or an error naming the first of `values` that is NaN, or that there are fewer than `minimum`. */
int statistics_check(const double *values, int64_t count, int64_t minimum, const char *name);

/* Ascending. */
void statistics_sort(double *values, int64_t count);

/* Of ascending values, with linear interpolation between neighbours (Hyndman and Fan's type 7); 0 <= share <= 1. */
double statistics_quantile(const double *sorted, int64_t count, double share);

/* Root of the unbiased variance; 0 of one value. */
double statistics_deviation(const double *values, int64_t count);

/* Percentile interval: what remains when (1 - confidence) / 2 is cut off at both ends. Sorts the values. */
int statistics_percentile_interval(struct interval *interval, double *values, int64_t count, double confidence);

/* Places in a sample of `count` drawn with replacement: resample number `resample` of the random numbers of `seed`. */
void statistics_resample(int64_t *places, int64_t count, uint64_t seed, uint64_t resample);

/* ---- Shares ----------------------------------------------------------------------------------------------- */

/* Clopper and Pearson's exact interval of a share (1934). */
int statistics_clopper_pearson(struct interval *interval, int64_t hits, int64_t trials, double confidence);

/* Two-sided p of equal shares in two independent samples, by the normal approximation with the pooled share. */
int statistics_two_shares(double *p, int64_t hits_a, int64_t trials_a, int64_t hits_b, int64_t trials_b);

/* Fisher's exact one-sided p of equal shares in two independent samples: the chance that as many of the hits, or more,
 * fall into a. */
int statistics_fisher_upper(double *p, int64_t hits_a, int64_t trials_a, int64_t hits_b, int64_t trials_b);

/* McNemar's exact two-sided p of two classifiers that are equally good on the same images, from the numbers of images
 * that only one of them has right. 1 if they never differ. */
int statistics_mcnemar(double *p, int64_t only_a, int64_t only_b);

/* P(at least `hits` of `trials`) at the given chance of each: a binomial tail. */
int statistics_binomial_upper(double *p, int64_t hits, int64_t trials, double chance);

struct paired_difference {
    double difference;        /* mean of a - mean of b */
    struct interval interval; /* 95 %, percentiles of STATISTICS_RESAMPLES resamples of the images */
};

/* Two accuracies on the same images: a[i] and b[i] are 1 where image i is right and 0 where not, or the share of the
 * seeds that have it right. count >= 2. */
int statistics_paired_bootstrap(struct paired_difference *out, const double *a, const double *b, int64_t count,
                                uint64_t seed);

/* ---- Ranks ------------------------------------------------------------------------------------------------ */

struct mann_whitney {
    double u;         /* pairs with a > b, ties count half */
    double z;         /* below 0 if a tends to be smaller; corrected for continuity on that side (Meehan et al. 2020) */
    double auc;       /* u / pairs: the chance that a > b */
    double auc_error; /* standard error of it (Hanley and McNeil 1982) */
};

int statistics_mann_whitney(struct mann_whitney *out, const double *a, int64_t count_a, const double *b,
                            int64_t count_b);

#endif
