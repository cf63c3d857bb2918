/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_SIGNIFICANCE_H
#define SIKAP_MEASURE_SIGNIFICANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/parallel.h"
#include "measure/bootstrap.h"
#include "measure/tally.h"

/* ---- two systems on the same units -------------------------------------------------------------
 */

/* One figure of both systems and what separates them. */
struct difference {
    double a, b;
    double difference;        /* b - a */
    struct interval interval; /* of the difference, by paired bootstrap */
    double p_bootstrap;       /* two-sided, of "no difference": bootstrap_p */
    double p_randomisation;   /* two-sided, by approximate randomisation */
};

/* Compares predictions a and b of the same units (documents, or groups made by tally_by_group)
 * in every figure of `statistic`: differences[n_values], the caller's array. The paired bootstrap
 * resamples units and takes both systems' counts of each; approximate randomisation (Noreen 1989)
 * swaps the two systems' counts of a unit with probability 1/2 and asks how often the difference
 * is at least as large, p = (1 + hits)/(1 + n_resamples). Settings as for bootstrap_run; the result
 * does not depend on the pool. SIKAP_USAGE when a and b differ in shape, SIKAP_DATA without units.
 */
int significance_compare(struct difference *differences, const struct tally *a,
                         const struct tally *b, statistic *statistic, const void *context,
                         size_t n_values, const struct bootstrap_settings *settings,
                         struct pool *pool, sikap_error *err);

/* McNemar's test on the documents where exactly one of two systems is right. */
struct mcnemar {
    double exact;  /* two-sided binomial p */
    double chi2;   /* (|only_a - only_b| - 1)² / (only_a + only_b), Edwards' correction */
    double p_chi2; /* its p; trust it from about 25 such documents on */
};
struct mcnemar significance_mcnemar(uint64_t only_a, uint64_t only_b);

/* Holm's (1979) step-down correction: p[n] becomes the adjusted p-values, at most 1, in the same
 * places. They may be compared with the level directly. */
int significance_holm(double *p, size_t n, sikap_error *err);

/* ---- two sets of units -------------------------------------------------------------------------
 */

/* Permutation test of "both sets are drawn alike": `statistic` gives distances (large = far apart)
 * from the sums of the first set followed by the sums of the second, 2 × n_columns numbers. The
 * first n_first units are the first set. distances[n_values] and p[n_values] are the caller's;
 * p = (1 + permutations at least as far)/(1 + n_permutations). */
int significance_permutation(double *distances, double *p, const struct tally *units,
                             size_t n_first, statistic *statistic, const void *context,
                             size_t n_values, size_t n_permutations, uint64_t seed,
                             struct pool *pool, sikap_error *err);

#endif
