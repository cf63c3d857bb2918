/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_REFERENCE_H
#define SIKAP_MODEL_REFERENCE_H

#include "model/model.h"

/* What a model's training texts looked like to models that had not seen them: how much of a text is
 * unknown, how long it is, how unsure its labels are, how often each label is given. New texts are
 * held against it. A distribution is kept as 20 bins, cut at the training texts' own 5 % quantiles;
 * where many texts are alike bins differ in size, so the counts are kept too. */
enum { REFERENCE_BINS = 20, REFERENCE_EDGES = REFERENCE_BINS - 1 };

struct reference_quantity {
    float edges[REFERENCE_EDGES]; /* bin k holds edges[k - 1] < value <= edges[k] */
    uint32_t counts[REFERENCE_BINS];
};

enum {
    REFERENCE_UNKNOWN,     /* share of a text's n-grams that the vocabulary does not have */
    REFERENCE_WORDS,       /* number of words: runs without white space */
    REFERENCE_UNCERTAINTY, /* of field 0, then of the other fields: reference_uncertainty */
};

struct model_reference {
    uint32_t n_documents;
    size_t n_quantities, n_labels; /* REFERENCE_UNCERTAINTY + fields; labels of all fields */
    struct reference_quantity *quantities;
    uint32_t *given; /* [n_labels] documents that are given the label */
};

/* Everything zero, but for the sizes. */
int reference_new(struct model_reference **out, uint32_t n_documents, size_t n_fields,
                  size_t n_labels, sikap_error *err);
void reference_free(struct model_reference *r);

/* Edges and counts of values[n], which are sorted by it. */
void reference_fit(struct reference_quantity *q, float *values, size_t n);
/* The bin of a value. */
size_t reference_bin(const struct reference_quantity *q, float value);

/* How undecided a field is, in bits: the entropy of a single field's label, or the sum of the
 * entropies of a multi field's labels, by their probabilities; by the distance of scores to
 * thresholds where the model has none. */
double reference_uncertainty(const sikap_model *m, size_t field, const float *scores);

#endif
