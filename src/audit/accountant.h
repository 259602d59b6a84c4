/* What a training with differential privacy has spent: Renyi differential privacy of the sampled Gaussian mechanism
 * (Mironov, Talwar and Zhang 2019) and the epsilon that follows (Canonne, Kamath and Steinke 2020). Knows no training.
 */
#ifndef AUDIT_ACCOUNTANT_H
#define AUDIT_ACCOUNTANT_H

#include <stdint.h>

/* Orders at which to account unless there is a reason for others: 1.1 to 10.9, 12 to 63, and some large ones. */
const double *accountant_orders(int *count);

/* rdp[i] of `steps` steps at orders[i] > 1: each takes every image with chance 0 <= rate <= 1 and adds noise of
 * deviation `noise` > 0 times the clipping bound. Steps of several kinds add up order by order. */
int accountant_rdp(double *rdp, double rate, double noise, int64_t steps, const double *orders, int count);

/* The least epsilon >= 0 at `delta` in (0, 1), and the order that gives it. An order at an end of the list means that
 * the list was too short. Orders whose rdp is no number are left out. */
int accountant_epsilon(double *epsilon, double *order, const double *rdp, const double *orders, int count,
                       double delta);

/* The least noise (to 0.1 %) for which `steps` steps stay within epsilon at delta, with accountant_orders(). */
int accountant_noise(double *noise, double epsilon, double delta, double rate, int64_t steps);

#endif
