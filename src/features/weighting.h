/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_WEIGHTING_H
#define SIKAP_FEATURES_WEIGHTING_H

#include <stddef.h>
#include <stdint.h>

#include "features/feature_options.h"
#include "features/matrix.h"

enum { WEIGHTING_TABLE = 256 };

/* Counts to feature values: x_t = w_block · tf'(t) · idf(t) / norm_block, word and character
 * n-grams each normalised on their own (scikit-learn's FeatureUnion of two TfidfVectorizers). idf 0
 * leaves a term out. bm25: tf' = tf (k1 + 1) / (tf + k1 (1 - b + b · length / average_length))
 * (Robertson and Zaragoza 2009), length being the sum of the block's counts. */
struct weighting {
    int kind, sublinear, binary, norm;
    float block_weight[NGRAM_KINDS];
    double k1, b, average_length[NGRAM_KINDS];
    const float *idf;            /* [n_terms], borrowed */
    const unsigned char *blocks; /* [n_terms] enum ngram_kind in bit 0, borrowed; NULL: all words */
    float log_table[WEIGHTING_TABLE]; /* 1 + ln(i) */
};

void weighting_init(struct weighting *w, const struct feature_options *options, const float *idf,
                    const unsigned char *blocks);
/* values[i] holds the count of terms[i] before and its feature value after. */
void weighting_row(const struct weighting *w, const uint32_t *terms, float *values, size_t n);

/* idf of a term in df of n_documents: smooth ln((1+n)/(1+df)) + 1, plain ln(n/df) + 1, log
 * ln(n/df), none 1. */
double weighting_idf(int kind, double n_documents, double df);

#endif
