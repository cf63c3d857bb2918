/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_PROBABILITY_H
#define SIKAP_MEASURE_PROBABILITY_H

#include <stddef.h>
#include <stdint.h>

/* Φ(z), the standard normal distribution function. */
double probability_normal(double z);
/* Φ⁻¹(p): -infinity at 0, infinity at 1, NaN outside [0, 1]; p below 1e-300 counts
 * as 1e-300. */
double probability_normal_quantile(double p);
/* P(X > x) for X chi-squared with one degree of freedom. */
double probability_chi2_tail(double x);
/* P(X <= k) for X binomial over n fair coins. */
double probability_fair_binomial(uint64_t k, uint64_t n);
/* The q-quantile of ascending values[n], n >= 1, linear between order statistics (numpy's default,
 * Hyndman and Fan's type 7). */
double probability_quantile(const double *values, size_t n, double q);
/* Sorts ascending. Values must not be NaN. */
void probability_sort(double *values, size_t n);

#endif
