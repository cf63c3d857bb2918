/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_QUANTIFY_H
#define SIKAP_MEASURE_QUANTIFY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/parallel.h"
#include "measure/bootstrap.h"
#include "measure/tally.h"

/* How common each label is among documents nobody labelled by hand, corrected for the classifier's
 * errors. A classifier that finds 80 % of a label and gives it wrongly to 5 % of the others reports
 * a share of 0.05 + 0.75 p where p is the truth; the correction solves for p. It assumes that those
 * two rates are the same among the documents counted as among the known ones; what may differ is
 * how common the labels are. Rates measured on documents the model was trained on are too good:
 * take held-out documents or out-of-fold predictions. */

/* One estimate with its bootstrap interval over both the known and the counted documents. */
struct quantity {
    double share; /* in [0, 1] */
    struct interval interval;
};
struct quantified {
    struct quantity counted;  /* documents given the label: what counting predictions says */
    struct quantity adjusted; /* adjusted count (Forman 2008) */
    struct quantity mean_probability;
    struct quantity adjusted_probability; /* its adjusted form (Bella et al. 2010) */
};

/* The known documents: gold and predicted as for metrics, probabilities[n_documents][n_labels] in
 * [0, 1], or NULL where the model has none (the last two estimates are then 0). */
int quantify_known_multi(struct tally **out, const uint8_t *gold, const uint8_t *predicted,
                         const double *probabilities, size_t n_documents, size_t n_labels,
                         sikap_error *err);
int quantify_known_single(struct tally **out, const uint32_t *gold, const uint32_t *predicted,
                          const double *probabilities, size_t n_documents, size_t n_labels,
                          sikap_error *err);
/* A cell of counted documents: a month, an outlet. */
int quantify_cell_multi(struct tally **out, const uint8_t *predicted, const double *probabilities,
                        size_t n_documents, size_t n_labels, sikap_error *err);
int quantify_cell_single(struct tally **out, const uint32_t *predicted, const double *probabilities,
                         size_t n_documents, size_t n_labels, sikap_error *err);

/* shares[n_cells][n_labels], the caller's. Multi fields are solved label by label, clipped to [0,
 * 1]; single fields all classes together, as the mixture of the classes' prediction profiles most
 * likely to give what was counted (so shares add up to 1; with probabilities the profile is the
 * class's mean probabilities). Known and counted documents are resampled independently. Where the
 * known documents say nothing (no document with the label, or none without; equal rates) the
 * adjusted estimate is the plain one. BOOTSTRAP_BCA's jackknife is slow with many cells: take
 * BOOTSTRAP_PERCENTILE. SIKAP_DATA for an empty known set or cell, SIKAP_USAGE when the tallies do
 * not fit n_labels. */
int quantify_run(struct quantified *shares, const struct tally *known,
                 const struct tally *const *cells, size_t n_cells, size_t n_labels, int single,
                 const struct bootstrap_settings *settings, struct pool *pool, sikap_error *err);

#endif
