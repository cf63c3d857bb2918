/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_LATENT_H
#define SIKAP_FEATURES_LATENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/parallel.h"
#include "features/matrix.h"

/* A vector for each term, such that terms of similar documents have similar vectors: latent
 * semantic analysis (Deerwester et al. 1990). A document's latent features are the sum of its
 * terms' vectors times their feature values, so a linear weight of a latent feature is a weight of
 * every term: a model keeps none of this, only the sums (latent_fold). */
struct latent {
    size_t n_terms, n_dims;
    /* [n_terms][n_dims]: of unit length, less the mean over the documents' mass; 0 for terms that
     * have none (not asked for, or in too few documents). */
    float *vectors;
};

struct latent_request {
    const uint32_t *rows; /* [n_rows] the documents to learn from; NULL: all */
    size_t n_rows;
    const unsigned char *terms; /* [n_columns] 1: gets a vector; columns from n_terms on do not */
    size_t n_terms;
    size_t n_dims; /* fewer where there are fewer such terms or documents */
    uint64_t seed;
};

/* The truncated singular value decomposition of the rows of x, by subspace iteration from random
 * numbers (Halko, Martinsson and Tropp 2011, algorithm 4.4), in fixed order and without BLAS: the
 * same bits for every number of threads and kind of CPU. SIKAP_SYSTEM when memory is out. */
int latent_fit(struct latent **out, const struct matrix *x, const struct latent_request *request,
               struct pool *pool, sikap_error *err);
void latent_free(struct latent *latent);

/* features[n_dims] = the sum of the vectors of a row's terms times its values. Columns from n_terms
 * on count as none. */
void latent_project(const struct latent *latent, const uint32_t *columns, const float *values,
                    size_t n, float *features);

/* weights[term][n_tasks] += the vector's products with latent_weights[n_dims][n_tasks] * scale:
 * afterwards the terms alone give what terms and latent features (times scale) gave together. */
void latent_fold(const struct latent *latent, float scale, const float *latent_weights,
                 size_t n_tasks, float *weights, struct pool *pool);

#endif
