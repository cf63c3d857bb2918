/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_DESIGN_H
#define SIKAP_LEARN_DESIGN_H

#include "features/collection.h"
#include "features/latent.h"
#include "features/weighting.h"

/* The feature values of a collection under document frequencies counted on some of its rows: a
 * fold's own idf. Terms that --min-df or --max-df would drop there have idf 0. Structure is shared
 * with the collection's counts; only values are owned. */
struct design {
    /* [n_rows][n_columns]: design_columns, and behind them the latent features times latent_weight
     * where there are any. What learns from x adds those to the terms by design_fold. */
    struct matrix x;
    struct latent *latent; /* NULL: none */
    float latent_weight;
    size_t n_domains;
    int in_place; /* the values are the collection's own */
    float *idf;   /* [n_terms] */
    struct weighting weighting;
};

/* With targets (the collection's extra 1) every document has its terms twice: once in columns that
 * all share, once in columns of its own target, and a column that is 1 for the target (Daume III,
 * Frustratingly easy domain adaptation, ACL 2007). Linear weights of both copies add up to one
 * sub-model per target; the shared copy alone serves targets that were not seen. */
size_t design_n_domains(const struct collection *c);
/* Terms, then a copy of all terms per domain, then one column per domain. */
size_t design_columns(const struct collection *c);

/* All rows of the collection get values. */
struct design_request {
    const struct feature_options *options;
    const uint32_t *rows; /* [n_rows] on which df is counted; NULL: all */
    size_t n_rows;
    /* [n_terms] or NULL: of the terms that df keeps, only the n_best of highest merit have values.
     */
    const double *merit;
    size_t n_best;
    int narrows;     /* terms outside of the options' ranges of n-grams have no values */
    size_t n_latent; /* latent features, learnt on `rows`; 0: none */
    float latent_weight;
    uint64_t seed;
    /* The counts themselves become the values (the collection is done with them), unless there are
     * targets. */
    int in_place;
};
int design_new(struct design **out, struct collection *c, const struct design_request *request,
               struct pool *pool, sikap_error *err);
void design_free(struct design *d);

/* Does a term's length, in tokens or characters, lie in the options' range of its kind? */
int design_is_in_range(const struct vocabulary *v, size_t term, const struct feature_options *o);
/* Terms that can have a vector: single words, or all terms where no words are counted. */
int design_is_word(const struct vocabulary *v, size_t term);
/* weights[design_columns][n_tasks] that do alone what wide[x.n_columns][n_tasks] does. */
void design_fold(const struct design *d, const float *wide, size_t n_tasks, float *weights,
                 struct pool *pool);

#endif
