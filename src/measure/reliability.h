/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_RELIABILITY_H
#define SIKAP_MEASURE_RELIABILITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Whether probabilities mean what they say. Probabilities lie in [0, 1] (the caller's promise);
 * outcomes are bytes, non-zero where the thing came true. Pools of cells are fed as one array. */

enum { RELIABILITY_BINS = 15 };

/* One bin of a reliability curve. */
struct reliability_bin {
    double low, high;                    /* (low, high]; the first bin also holds 0 */
    uint64_t n;                          /* cells in it */
    double mean_probability, share_true; /* 0 where n is 0 */
};

/* Brier score of one label: mean of (probability - outcome)². 0 when n is 0. */
double reliability_brier(const double *probabilities, const uint8_t *outcomes, size_t n);
/* Brier score of a single field: mean over documents of Σ_classes (probability - outcome)², from
 * probabilities[n][n_classes]; between 0 and 2. */
double reliability_brier_single(const double *probabilities, const uint32_t *gold, size_t n,
                                size_t n_classes);

/* n_bins bins of equal width over [0, 1] into bins[n_bins]. */
void reliability_curve(struct reliability_bin *bins, size_t n_bins, const double *probabilities,
                       const uint8_t *outcomes, size_t n);
/* Expected calibration error: Σ n_b/n |mean_probability_b - share_true_b| (Guo et al. 2017, who
 * take 15 bins). For a single field, feed each document's highest probability and whether it was
 * right. */
double reliability_error(const struct reliability_bin *bins, size_t n_bins);

/* What would be right if only the surest documents were labelled by machine. */
struct coverage {
    double coverage;   /* share of the documents kept */
    double confidence; /* the lowest confidence among them: keep what is at or above it */
    double accuracy;   /* share of right ones among them */
    uint64_t n;        /* documents kept */
};
/* points[0 .. *n_points): coverage 1/n_steps, 2/n_steps … 1, by falling confidence; equal
 * confidences are never parted, so a point may cover more than its step, and steps that fall
 * together are one point. correct[n] non-zero: right. SIKAP_DATA for a NaN. */
int reliability_coverage(struct coverage *points, size_t *n_points, size_t n_steps,
                         const double *confidence, const uint8_t *correct, size_t n,
                         sikap_error *err);

#endif
