/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_DESIGN_H
#define SIKAP_LEARN_DESIGN_H

#include "features/collection.h"
#include "features/weighting.h"

/* The feature values of a collection under document frequencies counted on some of its rows: a
 * fold's own idf. Terms that --min-df or --max-df would drop there have idf 0. Structure is shared
 * with the collection's counts; only values are owned. */
struct design {
    struct matrix x;
    float *idf; /* [n_terms] */
    struct weighting weighting;
};

/* rows NULL: all. All rows of the collection get values; df is counted on `rows`. in_place: the
 * counts themselves become the values (the collection is done with them). */
int design_new(struct design **out, struct collection *c, const struct feature_options *options,
               const uint32_t *rows, size_t n_rows, int in_place, struct pool *pool,
               sikap_error *err);
void design_free(struct design *d);

#endif
