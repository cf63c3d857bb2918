/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_THRESHOLD_RULES_H
#define SIKAP_LEARN_THRESHOLD_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "learn/threshold_cuts.h"

/* Rules that choose a cut for every label from some of the folds. */
enum rule_kind {
    RULE_GLOBAL, /* the one cut that is best for all labels together */
    RULE_SHRUNK, /* each label's best cut, its curves mixed with those of labels as rare as it */
    RULE_FBR,    /* SCutFBR.1: each label's best cuts of single folds, averaged */
};

/* The first rule of the table is taken unless another is clearly better: of all these it was the
 * best, or as good as the best, on every sample of Reuters and of UN passages we tried (from 300
 * documents and 12 labels to 7,770 and 90), while choosing the winner by small differences lost up
 * to half a point of F1. With much the same support everywhere it is nearly one threshold. */
struct threshold_rule {
    const char *name;
    enum rule_kind kind;
    double strength; /* of RULE_SHRUNK: how many positives the neighbours count for */
};
enum { N_THRESHOLD_RULES = 7 };
extern const struct threshold_rule THRESHOLD_RULES[N_THRESHOLD_RULES];

/* Working memory to fit rules; made for cuts, which must outlive it. The objective is micro_weight
 * times micro F1 plus macro_weight times macro F1. Free with fitting_free. SIKAP_SYSTEM. */
struct fitting;
int fitting_new(struct fitting **out, const struct cuts *cuts, double micro_weight,
                double macro_weight, sikap_error *err);
void fitting_free(struct fitting *fitting);

/* Takes the folds k with bit k set in `folds` as all there is. */
void fitting_load(struct fitting *fitting, unsigned folds);
/* chosen[n_labels]: the cut of each label, by what is loaded. */
void fitting_fit(struct fitting *fitting, const struct threshold_rule *rule, uint32_t *chosen);

#endif
