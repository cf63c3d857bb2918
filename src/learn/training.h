/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_TRAINING_H
#define SIKAP_LEARN_TRAINING_H

#include "features/selection.h"
#include "learn/tasks.h"
#include "learn/train_options.h"
#include "measure/folds.h"
#include "model/model.h"

/* What sikap_train, sikap_crossval and sikap_vectorize share: settings, threads, and the corpus
 * read into counts and tasks. */
struct training {
    struct train_settings settings;
    struct pool *pool;
    char *stop_words;
    struct collection *collection;
    struct tasks *tasks;
    const sikap_watch *watch;
};

/* Reads the corpus; training_end is due also when it fails. */
int training_start(struct training *t, const char *const *paths, size_t n_paths,
                   const sikap_options *options, const sikap_watch *watch, sikap_error *err);
/* The same; `visit` looks at every document while its text is at hand. */
struct training_visit {
    collect_visit *visit;
    void *context;
    size_t n_numbers; /* of a row, in collection.visited */
};
int training_start_visiting(struct training *t, const char *const *paths, size_t n_paths,
                            const sikap_options *options, const struct training_visit *visit,
                            const sikap_watch *watch, sikap_error *err);
void training_end(struct training *t);
/* --max-features, --select and --prune: the collection keeps only those terms. */
int training_select(struct training *t, sikap_error *err);
int training_select_best(struct training *t, sikap_error *err);
int training_prune(struct training *t, sikap_error *err);
/* Fields and labels of the model, from the tasks. */
int training_copy_labels(const struct training *t, sikap_model *m, sikap_error *err);
/* Whether thresholds or calibration need a cross-validation. */
int training_learns_decisions(const struct training *t, const sikap_model *m);
/* Thresholds and calibration of all fields from out-of-fold scores [n_rows][n_tasks]; folds NULL:
 * fixed thresholds only. */
int training_fit_decisions(struct training *t, sikap_model *m, const struct folds *folds,
                           const float *scores, sikap_error *err);

#endif
