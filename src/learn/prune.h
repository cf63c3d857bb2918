/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_PRUNE_H
#define SIKAP_LEARN_PRUNE_H

#include "learn/design.h"
#include "learn/training.h"

/* --prune: fewer terms, those that the weights of all of them make most of. */

/* merit[n_terms]: how much a term moves the scores of the rows (NULL: all) it was learnt from,
 * sum_l w_l^2 sum_i x_i^2, its copies for targets included. weights: [columns of d][n_tasks]. */
int prune_merit(double *merit, const struct design *d, const uint32_t *rows, size_t n_rows,
                const float *weights, size_t n_terms, size_t n_tasks, sikap_error *err);

/* --prune auto: settings.prune becomes the smallest of the numbers of terms, each half of the one
 * before, down to which no field's micro F1 (accuracy of a single field) out of fold is lower by
 * more than 0.002 than with all terms. Terms are ranked anew in every fold, on what it learns from.
 * Without --prune auto nothing happens. `folds` (NULL: those that the options say) leave out what
 * must not be seen. */
int prune_choose(struct training *t, const struct folds *folds, sikap_error *err);

#endif
