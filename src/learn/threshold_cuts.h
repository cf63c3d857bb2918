/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_THRESHOLD_CUTS_H
#define SIKAP_LEARN_THRESHOLD_CUTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/threshold.h"

/* The places where a threshold can stand, and what each label gains and costs there, fold by fold.
 *
 * Lowering a threshold past negatives alone helps no F1, so only the places just below a positive
 * score (of any label) matter: half way to the next lower score. Where there are more than
 * CUTS_MOST of them, that many are kept, evenly spread over the positive scores. */
enum { CUTS_MOST = 512, CUTS_FOLDS = 5 };

struct cuts {
    size_t n_labels, n_folds, n_cuts;
    float *cut;        /* [n_cuts] falling; cut[0] is infinite: the label is never given */
    uint32_t *tp;      /* [n_folds][n_labels][n_cuts] positives at or above the cut */
    uint32_t *given;   /* [n_folds][n_labels][n_cuts] documents at or above the cut */
    uint32_t *support; /* [n_folds][n_labels] positives */
    float *highest;    /* [n_folds][n_labels] best score; -infinity in an empty fold */
    uint64_t *cells;   /* [n_cells] by falling score, down to the lowest positive one */
    size_t n_cells;
};

/* Errors of threshold_learn. Free with cuts_free. */
int cuts_new(struct cuts **out, const struct threshold_input *input, sikap_error *err);
void cuts_free(struct cuts *cuts);

/* The one threshold, among all that can be, not the kept cuts alone, that maximises micro_weight
 * times micro F1 plus macro_weight times macro F1 over all folds. SIKAP_SYSTEM. */
int cuts_best_global(float *threshold, const struct cuts *cuts, double micro_weight,
                     double macro_weight, sikap_error *err);

/* 2 tp / (given + support), 0 when nothing is there. */
static inline double cuts_f1(double tp, double given, double support)
{
    const double below = given + support;
    return below > 0 ? 2 * tp / below : 0;
}

#endif
