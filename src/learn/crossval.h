/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_CROSSVAL_H
#define SIKAP_LEARN_CROSSVAL_H

#include "learn/training.h"
#include "learn/tune.h"
#include "model/evaluate_tuning.h"

/* Shared by crossval.c (folds, learning, labelling), crossval_folds.c (who is in which fold),
 * crossval_part.c (what a fold learns from, and with which options) and crossval_data.c (what comes
 * of it). Rows of the arrays below are the documents, repeat after
 * repeat: document i of repeat r is row r * n_documents + i. */
struct crossval {
    struct training t;
    size_t n_repeats, n_documents, n_rows; /* n_rows = n_repeats * n_documents */
    size_t n_folds;
    const char *const *paths; /* [n_paths] for --tune, which reads them again and again */
    size_t n_paths;
    sikap_options *given;            /* those of sikap_train */
    struct tune_effort effort;       /* level 0: the options stand */
    struct evaluation_tuning tuning; /* what it found in each fold */
    struct crossval_progress {
        const sikap_watch *watch; /* NULL: nobody looks */
        size_t done, n;           /* folds, of all repeats */
        double furthest;          /* share of the fold in hand */
    } progress;
    sikap_watch inside;    /* for what happens in a fold: its progress is part of the whole */
    float *scores;         /* [n_rows][n_tasks] of the outer folds */
    double *probabilities; /* [n_rows][n_tasks] */
    unsigned char *chosen; /* [n_rows][n_tasks] */
    uint32_t *fold;        /* [n_rows] that tested the row, counted through the repeats; or
                            * FOLDS_NEVER */
    float *thresholds;     /* [n_repeats * n_folds][n_tasks] */
    struct near_duplicate *nearest; /* [n_rows] in what the row's model learnt from; NULL: not known
                                     */
    float *inner; /* [n_documents][n_tasks] of the inner folds of one outer fold */
};

/* The folds of one repeat. */
int crossval_folds(struct folds **out, const struct crossval *v, size_t repeat, sikap_error *err);
/* Folds for the thresholds of the model that is tested on `fold`, over what it learns from: the
 * other outer folds, or in time order new ones. The caller frees inner->of. */
int crossval_inner_folds(struct folds *inner, const struct crossval *v, const struct folds *outer,
                         size_t fold, sikap_error *err);
/* What a fold's model is learnt from and by. */
struct crossval_part {
    struct training own;  /* the corpus read with the options found; empty where they are the given
                           * ones */
    struct training view; /* of what the fold learns from */
    struct folds inner;   /* for choices inside; of NULL: there are none */
};
/* Searches the options where --tune says so. crossval_part_close is due also when it fails. */
int crossval_part_open(struct crossval_part *part, struct crossval *v, const sikap_model *m,
                       const struct folds *outer, size_t fold, size_t repeat, sikap_error *err);
void crossval_part_close(struct crossval_part *part);
/* What the folds' labels are worth by the measure of the search; all folds are labelled by now. */
int crossval_judge_tuning(struct crossval *v, const sikap_model *m, sikap_error *err);

/* Near-duplicates of the tested documents among those learnt from, of one repeat. */
void crossval_find_leaks(struct crossval *v, const struct folds *folds, size_t repeat);

/* What tuning found goes over to the evaluation. */
int crossval_evaluate(sikap_evaluation **out, struct crossval *v, const sikap_model *m,
                      sikap_error *err);
/* The labels of the first repeat as a label file. */
int crossval_write(const struct crossval *v, const sikap_model *m, sikap_write *write,
                   void *context, sikap_error *err);

#endif
