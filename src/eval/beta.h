/* The regularised incomplete beta function and its inverse in double: tails of binomial, beta and F distributions, from
 * which exact intervals are made. Relative precision about 1e-13 in both tails, for parameters up to millions. */
#ifndef EVAL_BETA_H
#define EVAL_BETA_H

/* I_x(a, b), the probability that a beta(a, b) number lies below x; 0 below 0 and 1 above 1. NaN unless a, b > 0 are
 * finite and x is a number. */
double beta_lower(double x, double a, double b);

/* 1 - I_x(a, b) without cancellation. */
double beta_upper(double x, double a, double b);

/* The x with I_x(a, b) = p; NaN unless 0 <= p <= 1 and a, b > 0 are finite. */
double beta_quantile(double p, double a, double b);

#endif
