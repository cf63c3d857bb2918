/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_TERM_MERIT_H
#define SIKAP_LEARN_TERM_MERIT_H

#include "features/collection.h"

struct tasks; /* learn/tasks.h */

/* How much a term tells of the labels, from whether documents have it and nothing else. Of a term
 * the highest figure over all labels of all fields counts (Yang and Pedersen, A comparative study
 * on feature selection in text categorization, 1997, their max), each label against the rest of the
 * documents that are annotated for its field.
 *
 * chi2 is scikit-learn's: over the documents that have the term only, sum (observed - expected)^2 /
 * expected of the documents with and without the label. mi is its mutual_info_classif of discrete
 * features, in nats. */
enum merit_kind { MERIT_NONE, MERIT_CHI2, MERIT_MI };

/* merit[n_terms] from `rows` (NULL: all) of the collection and no others. */
int term_merit(double *merit, enum merit_kind kind, const struct collection *c,
               const struct tasks *tasks, const uint32_t *rows, size_t n_rows, sikap_error *err);

#endif
