/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_PASSAGE_H
#define SIKAP_MODEL_PASSAGE_H

#include "model/score.h"

/* A model that has learnt from passages reads a long article passage by passage: one paragraph on
 * sanctions in a page on something else is found. Paragraphs (lines) are joined until they have
 * PASSAGE_LEAST words and cut behind a sentence beyond PASSAGE_MOST; an article of at most
 * PASSAGE_MOST words is one passage. */
enum { PASSAGE_LEAST = 40, PASSAGE_MOST = 170 };

/* The passage that begins at text[0]: its length in bytes. n > 0. */
size_t passage_length(const char *text, size_t n);

/* Runs without white space. */
size_t passage_words(const char *text, size_t n);

/* 1 when the model was trained with --passages. */
int passage_model(const sikap_model *m);

/* Where a label's score comes from: bytes [begin, end) of a segment of the plan; end 0: the whole.
 */
struct passage_place {
    size_t segment, begin, end;
};

/* score_document, or where the model has passages and the document is long, of each label the
 * highest score of the whole and of its passages, and in places[n_labels] (NULL: not wanted) where
 * that is. A score is raised, never lowered; of equals the whole, then the first passage counts. */
int passage_score(sikap_scorer *scorer, const sikap_model *m, const struct text *segments,
                  size_t target, float *scores, struct passage_place *places, sikap_error *err);

#endif
