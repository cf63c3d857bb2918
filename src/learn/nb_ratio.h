/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_NB_RATIO_H
#define SIKAP_LEARN_NB_RATIO_H

#include "base/parallel.h"
#include "features/matrix.h"
#include "learn/tasks.h"

/* NB-SVM (Wang and Manning, Baselines and bigrams: simple, good sentiment and topic classification,
 * ACL 2012): each label learns from features times its log-count ratios, r = ln((p/|p|_1) /
 * (q/|q|_1)) with p = alpha + the positive rows that have the term, q = alpha + the negative ones.
 * The paper's features are 0 and 1; here r multiplies whatever the weighting gives. */

/* ratios[n_columns][n_tasks] over `rows` (NULL: all) of x and no others; 0 for a column that no
 * annotated row of the task has, and for all columns of a task without a positive or without a
 * negative row. A value of 0 counts as absent. alpha > 0. *out is the caller's (memory_free). */
int nb_ratio_new(float **out, const struct matrix *x, const struct tasks *tasks,
                 const uint32_t *rows, size_t n_rows, double alpha, struct pool *pool,
                 sikap_error *err);

/* The paper's interpolation of weights that were learnt under the ratios: w' = (1 - beta) |w|_1/|V|
 * + beta w, V being the columns whose ratio is not 0. Here weights[n_columns][n_tasks] stand for
 * the plain features, v = r w, and come back as r w'. */
void nb_ratio_interpolate(float *weights, const float *ratios, size_t n_columns, size_t n_tasks,
                          double beta, struct pool *pool);

#endif
