/* SPDX-License-Identifier: Apache-2.0 */
/* sikap_train.h: make models, and what surrounds making them (cross-validation, matrices, reports).
 * It belongs to the static library inside the program; the conventions are sikap.h's. */
#ifndef SIKAP_TRAIN_H
#define SIKAP_TRAIN_H

#include "sikap.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Options of sikap_train, sikap_crossval and sikap_vectorize beside those of the corpus: features
 * and learning, in that order. */
const sikap_option *sikap_train_option(size_t i);

/* Further options of sikap_crossval. */
const sikap_option *sikap_crossval_option(size_t i);

/* Learns a model from the labelled documents of `paths`. Same input and options: same model, for
 * any number of threads. counts and watch may be NULL. */
int sikap_train(sikap_model **out, const char *const *paths, size_t n_paths,
                const sikap_options *options, const sikap_watch *watch, sikap_counts *counts,
                sikap_error *err);

/* Searches n-grams, weighting, costs and so on by cross-validation on `paths`, and adds what is
 * better than `options` and the defaults to *options, for sikap_train. Options that are named there
 * are left as they are. `how`: "quick", "full", or a number of seconds after which nothing new is
 * begun (what is found then depends on the machine's speed; otherwise it is the same everywhere).
 * The table of what was tried goes to `write` (NULL: nowhere), a line of at most 80 columns each.
 */
int sikap_tune(sikap_options *options, const char *how, const char *const *paths, size_t n_paths,
               const sikap_watch *watch, sikap_write *write, void *context, sikap_error *err);

/* Writes the model file, atomically. */
int sikap_model_save(const sikap_model *model, const char *path, sikap_error *err);

/* Writes the matrix that sikap_train would learn from as multi-label svmlight ("l1,l2 1:0.5 …";
 * label numbers from 0 in the model's order, of the one field chosen by the option `field`, or the
 * first), for LIBLINEAR's own tools. With `model` (may be NULL) its vocabulary and idf are used, so
 * that held-out documents get the same columns. A single field's label is its number. */
int sikap_vectorize(const sikap_model *model, const char *const *paths, size_t n_paths,
                    const sikap_options *options, const sikap_watch *watch, sikap_write *write,
                    void *context, sikap_error *err);

/* k-fold cross-validation with the options of sikap_train: every choice that training makes is made
 * anew inside each fold; with the option `tune`, sikap_tune's search too, in what the fold learns
 * from alone (nested cross-validation: Varma and Simon 2006), which reads `paths` again for each
 * fold, so they must not be pipes (SIKAP_USAGE). *out holds the out-of-fold figures, over all
 * repeats, with intervals by document or group however many repeats there are, and how the figures
 * move between repeats. Where near-duplicates lie in what a document's model learnt from (in time
 * order they may), the figures stand beside those without such documents. `predictions` (may be
 * NULL) receives the out-of-fold labels of the first repeat as a label file; null for documents
 * that no fold tests. */
int sikap_crossval(sikap_evaluation **out, const char *const *paths, size_t n_paths,
                   const sikap_options *options, const sikap_watch *watch, sikap_write *predictions,
                   void *context, sikap_error *err);

#ifdef __cplusplus
}
#endif

#endif
