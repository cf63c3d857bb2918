/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_CALIBRATE_H
#define SIKAP_LEARN_CALIBRATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/certainty.h"

/* Platt's sigmoid P(label | f) = 1 / (1 + exp(a f + b)) of out-of-fold decision values f, fitted by
 * the method of Lin, Lin and Weng (A note on Platt's probabilistic outputs for support vector
 * machines, Machine Learning 68, 2007): cross-entropy against the targets (N+ + 1) / (N+ + 2) for
 * positives and 1 / (N- + 2) for negatives.
 *
 * scores[i * stride] and gold[i * gold_stride] (non-zero: has the label), i below n. a <= 0 always:
 * a probability never falls as the score rises. Where scores rank the label no better than chance,
 * or are all the same, or gold is all of one kind, the result may be flat (a = 0): the rate of the
 * label for every score. SIKAP_DATA: n is 0 or a score is not finite; *a and *b are then 0. */
int calibrate_platt(double *a, double *b, const float *scores, size_t stride, const uint8_t *gold,
                    size_t gold_stride, size_t n, sikap_error *err);

/* The rising curve nearest to the same targets, in least squares (pool adjacent violators: Ayer and
 * others 1955; for calibration: Zadrozny and Elkan, KDD 2002), its steps joined by lines as
 * scikit-learn's IsotonicRegression joins them. Platt's targets in place of 1 and 0 keep it away
 * from certainty. The curve is the caller's (curve_free). */
int calibrate_isotonic(struct curve *out, const float *scores, size_t stride, const uint8_t *gold,
                       size_t gold_stride, size_t n, sikap_error *err);

#endif
