/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_TRAINING_H
#define SIKAP_LEARN_TRAINING_H

#include "features/near_duplicates.h"
#include "features/selection.h"
#include "learn/fold_groups.h"
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
    struct near_duplicates *near; /* NULL: not looked for */
    struct fold_groups groups;    /* of the labelled rows: what folds keep whole */
    struct collection_extra time; /* of --time; all zero without */
    const sikap_watch *watch;
};

/* What a corpus is read for. */
struct training_request {
    enum training_purpose {
        TRAINING_MODEL,
        TRAINING_CROSSVAL,
        TRAINING_MATRIX,
        TRAINING_FOLD, /* the folds are there already: nobody looks for near-duplicates */
    } purpose;
    collect_visit *visit; /* looks at every document while its text is at hand; NULL */
    void *context;
    size_t n_numbers; /* that it makes of a document, in collection.visited */
    int wants_shingles;
};

/* Reads the corpus; training_end is due also when it fails. With TRAINING_CROSSVAL the options of
 * cross-validation are known too. */
int training_start(struct training *t, const struct training_request *wants,
                   const char *const *paths, size_t n_paths, const sikap_options *options,
                   const sikap_watch *watch, sikap_error *err);
void training_end(struct training *t);
/* The part of a training that one fold learns from: a view in which the other documents are not
 * annotated, so that nothing learnt, chosen or counted in it knows their labels (class weights
 * included). `whole` is borrowed until training_view_free, which is due also when it fails. */
int training_view(struct training *view, const struct training *whole, const struct folds *folds,
                  size_t fold, sikap_error *err);
void training_view_free(struct training *view);
/* --max-features, --select and --prune: the collection keeps only those terms. */
int training_select(struct training *t, sikap_error *err);
int training_select_best(struct training *t, sikap_error *err);
int training_prune(struct training *t, sikap_error *err);
/* The annotated rows of one field, out of fold, side by side. */
struct field_scores {
    float *scores; /* [n][n_labels] */
    uint8_t *gold;
    uint32_t *fold;
    size_t n, n_labels;
};
/* From out-of-fold scores [n_rows][n_tasks]; field_scores_free is due also when it fails. */
int field_scores_new(struct field_scores *s, const struct training *t, const struct folds *folds,
                     const float *scores, size_t f, sikap_error *err);
void field_scores_free(struct field_scores *s);
/* Fields and labels of the model, from the tasks. */
int training_copy_labels(const struct training *t, sikap_model *m, sikap_error *err);
/* The folds that --folds and --seed say, and decision values of every document by models that have
 * not seen it: scores[n_rows][n_tasks]. Both are the caller's (folds_free, memory_free). */
int training_out_of_fold(struct folds **folds, float **scores, struct training *t,
                         sikap_error *err);
/* Whether thresholds or calibration need a cross-validation. */
int training_learns_decisions(const struct training *t, const sikap_model *m);
/* Thresholds and calibration of all fields from out-of-fold scores [n_rows][n_tasks]; folds NULL:
 * fixed thresholds only. */
int training_fit_decisions(struct training *t, sikap_model *m, const struct folds *folds,
                           const float *scores, sikap_error *err);

#endif
