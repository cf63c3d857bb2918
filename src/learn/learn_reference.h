/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_LEARN_REFERENCE_H
#define SIKAP_LEARN_LEARN_REFERENCE_H

#include "learn/training.h"

/* What a model keeps of its training texts, for later comparison (model/reference.h). */

/* A collect_visit that takes the number of words: collection.visited is [n_rows][1]. */
collect_visit learn_reference_visit;
/* Uncertainty, labels given and words, from out-of-fold scores [n_rows][n_tasks] and the decisions
 * that the model has learnt: m->reference. */
int learn_reference(const struct training *t, sikap_model *m, const float *scores,
                    sikap_error *err);
/* The unknown share of every text to a vocabulary without the text and its group: a term counts
 * where enough other documents have it. Once the vocabulary is final; without m->reference nothing
 * is done. */
int learn_reference_unknown(const struct training *t, sikap_model *m, sikap_error *err);

#endif
