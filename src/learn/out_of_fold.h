/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_OUT_OF_FOLD_H
#define SIKAP_LEARN_OUT_OF_FOLD_H

#include "learn/design.h"
#include "learn/fold_groups.h"
#include "learn/solver.h"
#include "learn/tasks.h"
#include "measure/folds.h"

/* Cross-validation inside training: each document scored by a model that has seen neither it nor
 * its group, with df, idf, selection, ratios and pruning made anew on the other folds. */

/* Folds of the labelled documents, balanced over all labels of all fields; groups are never parted.
 */
int out_of_fold_folds(struct folds **out, const struct tasks *tasks,
                      const struct fold_groups *groups, size_t n_folds, uint64_t seed,
                      uint64_t repeat, sikap_error *err);
/* The same over a part of the documents: document k of the folds is rows[k]. */
int out_of_fold_part(struct folds **out, const struct tasks *tasks,
                     const struct fold_groups *groups, const uint32_t *rows, size_t n_rows,
                     size_t n_folds, uint64_t seed, sikap_error *err);

/* Decision values into scores[n_rows][n_tasks] (rows that no fold tests are left alone). */
int out_of_fold_scores(float *scores, struct collection *c, const struct tasks *tasks,
                       const struct folds *folds, const struct train_settings *settings,
                       struct pool *pool, const sikap_watch *watch, sikap_error *err);

/* The same of one fold alone. */
int out_of_fold_score_one(float *scores, struct collection *c, const struct tasks *tasks,
                          const struct folds *folds, size_t fold,
                          const struct train_settings *settings, struct pool *pool,
                          const sikap_watch *watch, sikap_error *err);

/* All documents, all terms, and what the options say of features. */
struct design_request design_request_of(const struct train_settings *settings);

/* The feature values under df, idf and the selection of terms that `rows` (NULL: all) give. */
int train_design(struct design **out, struct collection *c, const struct tasks *tasks,
                 const uint32_t *rows, size_t n_rows, const struct train_settings *settings,
                 struct pool *pool, sikap_error *err);

/* Learns on `rows` (NULL: all) of a design: the solution's weights[n_columns][n_tasks] and
 * bias[n_tasks]. Its `take` serves only where train_hands_over says so. */
int train_rows(const struct design *d, const struct tasks *tasks, const uint32_t *rows,
               size_t n_rows, const struct train_options *options, int for_folds, struct pool *pool,
               const sikap_watch *watch, struct solution *solution, sikap_error *err);

/* Whether nothing is left to be done to weights that the solver has learnt, and the solver can hand
 * them over column by column. */
int train_hands_over(const struct design *d, const struct train_options *options);

#endif
