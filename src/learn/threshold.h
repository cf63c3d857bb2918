/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_THRESHOLD_H
#define SIKAP_LEARN_THRESHOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Thresholds of a multi field, learnt from out-of-fold decision values. */
enum threshold_scheme {
    THRESHOLD_AUTO,      /* the better of the two below, judged on folds they were not chosen on */
    THRESHOLD_GLOBAL,    /* one for all labels */
    THRESHOLD_PER_LABEL, /* one per label, rare labels held back */
};
enum threshold_objective { OBJECTIVE_BOTH, OBJECTIVE_MICRO, OBJECTIVE_MACRO }; /* both: micro + macro F1 */

struct threshold_input {
    const float *scores;  /* [n][stride] out of fold, the field's labels from column 0 on */
    size_t stride;
    const uint8_t *gold;  /* [n][n_labels] */
    const uint32_t *fold; /* [n] fold that held the document out; below n_folds */
    size_t n, n_labels, n_folds;
};

/* threshold[n_labels]: a label is given at scores >= it. *chosen is the scheme taken, *expected what
 * it reached (micro F1, macro F1) on folds that it was not chosen on: an honest forecast. */
struct threshold_result {
    enum threshold_scheme chosen;
    double micro_f1, macro_f1;
};
int threshold_learn(float *threshold, const struct threshold_input *input,
                    enum threshold_scheme scheme, enum threshold_objective objective,
                    struct threshold_result *result, sikap_error *err);

/* Platt's sigmoid P = 1 / (1 + exp(a f + b)) with Lin, Lin and Weng's (2007) targets and Newton
 * steps, from out-of-fold decision values; stable for all-positive and all-negative labels. */
int calibrate_platt(double *a, double *b, const float *scores, size_t stride, const uint8_t *gold,
                    size_t gold_stride, size_t n, sikap_error *err);

#endif
