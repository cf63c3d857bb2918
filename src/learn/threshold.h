/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_THRESHOLD_H
#define SIKAP_LEARN_THRESHOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/calibrate.h"

/* Thresholds of a multi field, learnt from out-of-fold decision values. */
enum threshold_scheme {
    THRESHOLD_AUTO,      /* the better of those below, judged on folds they were not chosen on */
    THRESHOLD_GLOBAL,    /* one for all labels */
    THRESHOLD_PER_LABEL, /* one per label, rare labels held back */
};
enum threshold_objective {
    OBJECTIVE_BOTH, /* micro F1 + macro F1 */
    OBJECTIVE_MICRO,
    OBJECTIVE_MACRO, /* mean over all labels of the field, as metrics.macro */
};

/* What an objective makes of the two. */
static inline double threshold_value(int objective, double micro_f1, double macro_f1)
{
    return objective == OBJECTIVE_MICRO   ? micro_f1
           : objective == OBJECTIVE_MACRO ? macro_f1
                                          : (micro_f1 + macro_f1) / 2;
}

struct threshold_input {
    const float *scores;  /* [n][stride] out of fold, the field's labels from column 0 on; finite */
    size_t stride;        /* >= n_labels */
    const uint8_t *gold;  /* [n][n_labels] non-zero: the document has the label */
    const uint32_t *fold; /* [n] fold that held the document out; below n_folds */
    size_t n, n_labels, n_folds;
};

/* A rule that was tried, and its F1 when fitted on all folds but one and applied to that one. */
struct threshold_trial {
    const char *rule; /* "global", "per label, shrunk by 16", "per label, SCutFBR" …; static */
    double micro_f1, macro_f1;
};
enum { THRESHOLD_MAX_TRIALS = 8 };

struct threshold_result {
    enum threshold_scheme chosen; /* GLOBAL or PER_LABEL */
    const char *rule;             /* the trial that won; static */
    /* What to expect of the whole procedure, the choice among rules included: F1 over the folds,
     * each labelled by what was chosen and fitted without it. With 2 folds the choice cannot be
     * repeated without one of them, and the winner's trial stands here. */
    double micro_f1, macro_f1;
    struct threshold_trial trials[THRESHOLD_MAX_TRIALS]; /* in the order of the rules */
    size_t n_trials;
};

/* threshold[n_labels]: a label is given at scores >= it. Of the rules of a scheme the first is
 * taken that none is clearly better than over held-out folds (by more than 0.001 and two standard
 * errors of the difference in the objective: threshold_rules.h has the order and why), and fitted
 * on all folds. A label without a positive document gets a threshold above every score it has been
 * given, by 1 at least. More than 5 folds are joined to 5. result may be NULL.
 *
 * SIKAP_DATA: a score is not finite, a fold out of range, no document; SIKAP_USAGE: fewer than 2
 * folds, no label or more than 2^26 of them; SIKAP_SYSTEM. Threshold is not defined then.
 *
 * Time O(n_labels n), the sort included; 16 bytes of memory per cell that scores as high as the
 * lowest positive one. The rules are in threshold_rules.h. */
int threshold_learn(float *threshold, const struct threshold_input *input,
                    enum threshold_scheme scheme, enum threshold_objective objective,
                    struct threshold_result *result, sikap_error *err);

#endif
