/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_SCORE_H
#define SIKAP_MODEL_SCORE_H

#include "corpus/corpus.h"
#include "model/model.h"

/* Scores one document given as texts in the order of the model's segment plan (bytes NULL: absent).
 * target: number of the target + 1, 0 for the shared sub-model. */
int score_document(sikap_scorer *scorer, const struct text *segments, size_t target, float *scores,
                   sikap_error *err);

/* The model that a scorer is for. */
const sikap_model *score_model(const sikap_scorer *scorer);

/* The share of the document last scored that the vocabulary does not know: n-grams, as often as
 * they occur. 0 of a text without any. */
double score_unknown_share(const sikap_scorer *scorer);

/* The distinct terms of the document last scored, in order of first appearance, with their feature
 * values; returns how many. Borrowed until the scorer's next call. */
size_t score_terms(const sikap_scorer *scorer, const uint32_t **terms, const float **values);

/* The number of a target for score_document: 1 and up, 0 for one the model has not seen. */
size_t score_target(const sikap_model *m, const struct text *target);

/* Has the memory fetched where a weight row stands. */
static inline void score_prefetch_row(const void *row, size_t bytes)
{
    enum { LINE = 64 };
    for (size_t i = 0; i < bytes; i += LINE)
        __builtin_prefetch((const char *)row + i);
}

/* acc[l] += x * weight(term, l) for all lanes: one row. Kernels for the CPU at hand give the same
 * bits as the portable one, as every lane is its own sum of products (multiply, then add). */
typedef void score_rows_8(const int8_t *rows, const float *scale, size_t stride,
                          const uint32_t *terms, const float *values, size_t n, float *acc);
typedef void score_rows_32(const float *rows, size_t stride, const uint32_t *terms,
                           const float *values, size_t n, float *acc);
score_rows_8 *score_kernel_8(void);
score_rows_32 *score_kernel_32(void);

#endif
