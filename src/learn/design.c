/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/design.h"

#include <string.h>

#include "base/memory.h"

struct fill {
    struct design *design;
    const struct collection *collection;
};

static void fill_row(void *context, size_t row, size_t worker)
{
    (void)worker;
    const struct fill *job = context;
    const struct matrix *counts = &job->collection->counts;
    float *values = job->design->x.values + counts->start[row];
    const size_t n = counts->start[row + 1] - counts->start[row];
    if (values != counts->values + counts->start[row])
        memcpy(values, counts->values + counts->start[row], n * sizeof *values);
    weighting_row(&job->design->weighting, counts->columns + counts->start[row], values, n);
}

static int fit_idf(struct design *d, const struct collection *c,
                   const struct feature_options *options, const uint32_t *rows, size_t n_rows)
{
    const size_t n_terms = c->vocabulary->n_terms;
    uint32_t *df = memory_alloc(n_terms, sizeof *df);
    if (df == NULL)
        return -1;
    collection_df(c, rows, n_rows, df);
    const double n = (double)(rows == NULL ? c->n_rows : n_rows);
    const double least = options->min_df < 1 ? options->min_df * n : options->min_df;
    const double most = options->max_df <= 1 ? options->max_df * n : options->max_df;
    for (size_t t = 0; t < n_terms; t++) {
        const double k = (double)df[t];
        const int active = df[t] > 0 && k >= least && k <= most;
        d->idf[t] = active ? (float)weighting_idf(options->idf, n, k) : 0;
    }
    memory_free(df);
    return 0;
}

int design_new(struct design **out, struct collection *c, const struct feature_options *options,
               const uint32_t *rows, size_t n_rows, int in_place, struct pool *pool,
               sikap_error *err)
{
    *out = NULL;
    struct design *d = memory_zero(1, sizeof *d);
    if (d == NULL)
        return error_memory(err, "features");
    d->x = c->counts;
    d->x.borrowed = 1;
    if (in_place)
        d->x.values = c->counts.values;
    else
        d->x.values = memory_alloc(c->counts.start[c->n_rows], sizeof *d->x.values);
    d->idf = memory_alloc(c->vocabulary->n_terms, sizeof *d->idf);
    if (d->x.values == NULL || d->idf == NULL || fit_idf(d, c, options, rows, n_rows) != 0) {
        if (in_place)
            d->x.values = NULL;
        design_free(d);
        return error_memory(err, "features");
    }
    weighting_init(&d->weighting, options, d->idf,
                   c->vocabulary->has_chars ? c->vocabulary->kind : NULL);
    memcpy(d->weighting.average_length, c->average_length, sizeof c->average_length);
    struct fill job = {d, c};
    parallel_for(pool, c->n_rows, fill_row, &job);
    if (in_place) /* the collection stays the owner */
        c->counts.values = d->x.values;
    d->x.borrowed = in_place ? 2 : 1;
    *out = d;
    return 0;
}

void design_free(struct design *d)
{
    if (d == NULL)
        return;
    if (d->x.borrowed != 2)
        memory_free(d->x.values);
    memory_free(d->idf);
    memory_free(d);
}
