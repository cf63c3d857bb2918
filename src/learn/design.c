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

size_t design_n_domains(const struct collection *c)
{
    return c->n_extras > 1 ? c->extras[1].names.n : 0;
}

size_t design_columns(const struct collection *c)
{
    const size_t n_domains = design_n_domains(c);
    return c->vocabulary->n_terms * (n_domains + 1) + n_domains;
}

/* A row with the copies of its domain behind it; columns stay ascending. */
static void copy_row(void *context, size_t row, size_t worker)
{
    (void)worker;
    const struct fill *job = context;
    const struct collection *c = job->collection;
    struct matrix *x = &job->design->x;
    const size_t from = c->counts.start[row], n = c->counts.start[row + 1] - from;
    const size_t n_terms = c->vocabulary->n_terms, n_domains = job->design->n_domains;
    const uint32_t domain = c->extras[1].value[row];
    uint32_t *columns = x->columns + x->start[row];
    float *values = x->values + x->start[row];
    memcpy(columns, c->counts.columns + from, n * sizeof *columns);
    memcpy(values, c->counts.values + from, n * sizeof *values);
    weighting_row(&job->design->weighting, columns, values, n);
    if (domain == NAMES_FULL)
        return;
    memcpy(values + n, values, n * sizeof *values);
    for (size_t j = 0; j < n; j++)
        columns[n + j] = (uint32_t)(columns[j] + (domain + 1) * n_terms);
    columns[2 * n] = (uint32_t)(n_terms * (n_domains + 1) + domain);
    values[2 * n] = 1;
}

static int add_domains(struct design *d, const struct collection *c, struct pool *pool)
{
    struct matrix *x = &d->x;
    memset(x, 0, sizeof *x);
    x->n_rows = c->n_rows;
    x->n_columns = design_columns(c);
    x->start = memory_alloc(c->n_rows + 1, sizeof *x->start);
    if (x->start == NULL || x->n_columns >= UINT32_MAX)
        return -1;
    x->start[0] = 0;
    for (size_t row = 0; row < c->n_rows; row++) {
        const size_t n = c->counts.start[row + 1] - c->counts.start[row];
        x->start[row + 1] = x->start[row] + (c->extras[1].value[row] == NAMES_FULL ? n : 2 * n + 1);
    }
    x->columns = memory_alloc(x->start[c->n_rows], sizeof *x->columns);
    x->values = memory_alloc(x->start[c->n_rows], sizeof *x->values);
    if (x->columns == NULL || x->values == NULL)
        return -1;
    struct fill job = {d, c};
    parallel_for(pool, c->n_rows, copy_row, &job);
    return 0;
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
    d->n_domains = design_n_domains(c);
    d->in_place = in_place && d->n_domains == 0;
    if (d->n_domains == 0) {
        d->x = c->counts;
        d->x.borrowed = 1;
        if (!d->in_place)
            d->x.values = memory_alloc(c->counts.start[c->n_rows], sizeof *d->x.values);
    }
    d->idf = memory_alloc(c->vocabulary->n_terms, sizeof *d->idf);
    if ((d->n_domains == 0 && d->x.values == NULL) || d->idf == NULL ||
        fit_idf(d, c, options, rows, n_rows) != 0) {
        design_free(d);
        return error_memory(err, "features");
    }
    weighting_init(&d->weighting, options, d->idf,
                   c->vocabulary->has_chars ? c->vocabulary->kind : NULL);
    memcpy(d->weighting.average_length, c->average_length, sizeof c->average_length);
    if (d->n_domains > 0 && add_domains(d, c, pool) != 0) {
        design_free(d);
        return error_memory(err, "features of targets");
    }
    struct fill job = {d, c};
    if (d->n_domains == 0)
        parallel_for(pool, c->n_rows, fill_row, &job);
    *out = d;
    return 0;
}

void design_free(struct design *d)
{
    if (d == NULL)
        return;
    if (d->in_place)
        d->x.values = NULL;
    matrix_free(&d->x);
    memory_free(d->idf);
    memory_free(d);
}
