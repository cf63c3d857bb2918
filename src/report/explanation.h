/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_REPORT_EXPLANATION_H
#define SIKAP_REPORT_EXPLANATION_H

#include "model/model.h"
#include "model/passage.h"

/* Why a document has its labels: the core of `explain` and of the errors in a report. A document is
 * scored as predict scores it; then each label is explained from where its score comes: the whole
 * document, or the passage that carried it. */
struct explanation {
    const sikap_model *model;
    sikap_scorer *scorer;
    const struct text
        *segments; /* of the model's plan, borrowed, valid UTF-8; bytes NULL: absent */
    size_t target;
    float *scores;         /* [n_labels] */
    double *probabilities; /* [n_labels] NaN: no calibration */
    unsigned char *chosen; /* [n_labels] */
    struct passage_place *places;
    float *share;    /* [n_terms] of one occurrence; all zero between labels */
    uint32_t *count; /* [n_terms] occurrences; all zero between labels */
};
int explanation_new(struct explanation **out, const sikap_model *model, sikap_error *err);
void explanation_free(struct explanation *e);
/* Scores a document; segments[model->plan.n] are borrowed until the next. */
int explanation_score(struct explanation *e, const struct text *segments, size_t target,
                      sikap_error *err);

/* A sentence, and what the terms that begin in it gave. */
struct sentence {
    size_t segment, begin, end;
    double sum;
};

/* One label of the document. What an occurrence of a term gave is spread evenly over its bytes, so
 * that a word which several n-grams share has their sum. */
struct label_explanation {
    const struct explanation *of;
    size_t label;
    struct passage_place place;
    sikap_contribution *sorted; /* [n] by falling contribution; with the bias they are the score */
    size_t n;
    float **weight;  /* [plan.n][bytes] what fell on each byte; NULL: absent */
    double heaviest; /* largest |sum| of a word */
    struct sentence *sentences;
    size_t n_sentences;
};
int label_explanation_new(struct label_explanation **out, struct explanation *e, size_t label,
                          sikap_error *err);
void label_explanation_free(struct label_explanation *x);

/* The stretch of equal weight that begins at `at` in a segment and ends before `end`: a word, a
 * character of a script that writes no spaces, or what stands between words. */
struct stretch {
    size_t end;
    double sum;
    int level; /* 2 and 1: for the label, much and a little; -1, -2: against; 0: neither */
};
struct stretch label_stretch(const struct label_explanation *x, size_t segment, size_t at,
                             size_t end);

/* Words shown on one side: how many of sorted[], from its front (is_for) or its back, at most
 * `most`. */
size_t label_side(const struct label_explanation *x, int is_for, size_t most);
/* What is left of the sum when the first n_for and the last n_against are taken out. */
double label_rest(const struct label_explanation *x, size_t n_for, size_t n_against);
/* Numbers of the sentences with the largest sums above zero, best first, into best[most]. */
size_t label_best_sentences(const struct label_explanation *x, size_t *best, size_t most);

#endif
