/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_FOLDS_H
#define SIKAP_MEASURE_FOLDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Which fold holds each document out. Same arguments, same folds, on every machine. */
struct folds {
    size_t n_documents;
    size_t n_folds;
    uint32_t *of; /* [n_documents] fold that tests the document, or FOLDS_NEVER */
    int forward;  /* in time order: a fold learns only from documents older than those it tests */
};
#define FOLDS_NEVER UINT32_MAX /* forward only: the oldest block is never tested */

static inline int folds_tests(const struct folds *folds, size_t fold, size_t document)
{
    return folds->of[document] == fold;
}
static inline int folds_trains(const struct folds *folds, size_t fold, size_t document)
{
    const uint32_t of = folds->of[document];
    return folds->forward ? of == FOLDS_NEVER || of < fold : of != fold;
}

/* What the folds are made for. `repeat` numbers the repetitions of a repeated cross-validation:
 * with the same seed, each repeat is another shuffle. */
struct folds_request {
    size_t n_documents;
    size_t n_folds; /* 2 up to n_documents (with groups: to the number of groups) */
    uint64_t seed;
    uint64_t repeat;
};

/* k folds of a random order; their sizes differ by at most one. */
int folds_plain(struct folds **out, const struct folds_request *request, sikap_error *err);

/* A single field: each class is dealt evenly over the folds, so a class's documents per fold differ
 * by at most one, and so do the folds' sizes. class_of[n_documents] is below n_classes, else
 * SIKAP_DATA; documents that are not annotated can be a class of their own. */
int folds_stratified(struct folds **out, const uint32_t *class_of, size_t n_classes,
                     const struct folds_request *request, sikap_error *err);

/* Multi fields: iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011). labels is
 * [n_documents][n_labels] bytes, non-zero where given; the labels of several fields may stand side
 * by side. The rarest label is dealt first, each document to the fold that still wants it most. */
int folds_iterative(struct folds **out, const uint8_t *labels, size_t n_labels,
                    const struct folds_request *request, sikap_error *err);

/* Groups (an outlet, an author) are never split: group[n_documents] is below n_groups, which must
 * be numbered without gaps. labels as above, or NULL to balance sizes only. Large groups go first,
 * each to the fold where it keeps labels and sizes nearest to their share. SIKAP_DATA when there
 * are fewer groups than folds. */
int folds_grouped(struct folds **out, const uint8_t *labels, size_t n_labels, const uint32_t *group,
                  size_t n_groups, const struct folds_request *request, sikap_error *err);

/* Forward chaining: the documents in time order are cut into n_folds + 1 blocks of nearly the same
 * size; fold f learns from blocks 0 to f and is tested on block f + 1. time[n_documents] in any
 * unit and order; equal times are never parted, so what is learnt from is strictly older than what
 * is tested. seed and repeat are not used. SIKAP_DATA when there are fewer than n_folds + 1 times.
 */
int folds_forward(struct folds **out, const int64_t *time, const struct folds_request *request,
                  sikap_error *err);

void folds_free(struct folds *folds);

#endif
