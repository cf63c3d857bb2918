/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_BASELINE_H
#define SIKAP_ANALYSE_BASELINE_H

/* Shared by baseline.c (what is held against what), baseline_read.c (what a baseline file is) and
 * baseline_paired.c (the test over the same documents). */

#include "analyse/figures.h"
#include "base/parallel.h"
#include "features/names.h"
#include "measure/significance.h"
#include "model/evaluate_internal.h"
#include "sikap_analyse.h"

/* What the file of a baseline turned out to be. */
enum baseline_kind { BASELINE_FIGURES, BASELINE_LABELS, BASELINE_MODEL };

struct baseline_request {
    const sikap_baseline *baseline;
    const sikap_evaluation *evaluation;
    const char *const *gold;
    size_t n_gold;
    const sikap_options *options;
    const sikap_watch *watch;
};

struct baseline_read {
    enum baseline_kind kind;
    struct figures *figures;
    sikap_evaluation *evaluation; /* NULL for BASELINE_FIGURES */
};
int baseline_read(struct baseline_read *out, const struct baseline_request *request,
                  sikap_error *err);
void baseline_read_clear(struct baseline_read *read);

/* Both evaluations side by side, field by field, as far as figures were asked for. */
struct paired;
int paired_new(struct paired **out, const sikap_evaluation *before, const sikap_evaluation *now,
               size_t n_threads, sikap_error *err);
void paired_free(struct paired *paired);
/* Two-sided p of "no difference" in the figure of a path, by approximate randomisation; NaN where
 * the figure is none that is tested. *n_units: documents, or groups. */
int paired_p(struct paired *paired, const char *const *parts, size_t n_parts, double *p,
             size_t *n_units, sikap_error *err);

#endif
