/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_LABEL_DOUBT_H
#define SIKAP_ANALYSE_LABEL_DOUBT_H

#include "learn/tasks.h"
#include "measure/folds.h"

/* Which labels of a corpus are doubtful, after Northcutt, Jiang and Chuang, Confident learning:
 * estimating uncertainty in dataset labels, JAIR 70 (2021), in its multi-label form: each label of
 * a multi field is a yes-or-no question of its own, a single field is one question. */

/* probability[n_rows][n_tasks] that the document has the label, judged by others: from its
 * out-of-fold decision values `scores`, made probabilities (Platt), and from the other labels that
 * the document is given, by a logistic regression per label and fold that has not seen the
 * document. Labels of one single field do not vote on each other; their probabilities are made to
 * add up to 1.
 * text_only: the other labels are not looked at. */
int label_doubt_probabilities(float *probability, const struct collection *c,
                              const struct tasks *tasks, const struct folds *folds,
                              const float *scores, int text_only, struct pool *pool,
                              const sikap_watch *watch, sikap_error *err);

/* One doubtful label of one document. */
struct label_doubt {
    uint32_t row, task;
    uint32_t instead; /* of a single field: the label that is likelier; else LABEL_DOUBT_NONE */
    float doubt;      /* probability that the annotation is wrong, as far as the model can tell */
    unsigned char is_given;     /* 1: should it go?  0: is it missing? */
    unsigned char is_confident; /* off the diagonal of the confident joint */
};
#define LABEL_DOUBT_NONE UINT32_MAX

/* All with a doubt of at least one half, most doubtful first, as *out [*n], the caller's. Labels
 * with fewer than `rare` documents are not judged: a model that hardly knows a label doubts it
 * everywhere. */
int label_doubt_list(struct label_doubt **out, size_t *n, const float *probability,
                     const struct collection *c, const struct tasks *tasks, size_t rare,
                     sikap_error *err);

#endif
