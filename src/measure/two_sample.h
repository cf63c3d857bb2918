/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_TWO_SAMPLE_H
#define SIKAP_MEASURE_TWO_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Were two sets of documents drawn alike? Both tests are permutation tests that need nothing of a
 * set but counts: given the documents of both, every way of dealing them into the two sets is taken
 * for equally likely. */
struct two_sample {
    double effect; /* 0: no difference; 0.2, 0.5, 0.8 are Cohen's (1988) small, medium, large */
    double p;      /* two-sided */
};

/* How many documents of a set say as much as one drawn on its own, where documents come in groups
 * that are alike (Kish, Survey sampling, 1965): the variance of the mean of values[n] as groups
 * have it, over that of documents drawn one by one; at least 1. group[n] below n_groups, each of
 * which has a document. A single group is one document: n. */
int two_sample_design_effect(double *out, const double *values, const uint32_t *group, size_t n,
                             size_t n_groups, sikap_error *err);

/* Both tests take `design_effect` documents for one (Rao and Scott, Biometrics 48, 1992); 1:
 * documents are independent. The effect does not depend on it. */

/* k[0] of n[0] documents have something, and k[1] of n[1]. Fisher's exact test: the permutations
 * are counted, not drawn. The effect is Cohen's h = 2 asin √(k1/n1) - 2 asin √(k0/n0). */
struct two_sample two_sample_rates(const uint64_t k[2], const uint64_t n[2], double design_effect);

/* Counts of ordered bins of both sets. Wilcoxon's rank sum, all of a bin being tied: the
 * permutations' mean and variance are exact (Lehmann, Nonparametrics, 1975), their distribution is
 * taken for normal, which from about ten documents in each set on it is. The effect is the d of two
 * normal distributions that are as far apart, d = √2 Φ⁻¹(P(second > first) + P(tie)/2). */
struct two_sample two_sample_bins(const uint32_t *first, const uint32_t *second, size_t n_bins,
                                  double design_effect);

#endif
