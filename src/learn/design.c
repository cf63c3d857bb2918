/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/design.h"

#include <string.h>

#include "base/memory.h"
#include "features/selection.h"

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

/* A row with the copies of its domain behind it. */
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

static int is_active(uint32_t df, double least, double most)
{
    return df > 0 && (double)df >= least && (double)df <= most;
}

int design_is_in_range(const struct vocabulary *v, size_t term, const struct feature_options *o)
{
    const int is_word = (v->kind[term] & 1) == NGRAM_WORD;
    size_t n = is_word ? 1 : 0, n_bytes;
    const char *text = vocabulary_text(v, term, &n_bytes);
    for (size_t i = 0; i < n_bytes; i++)
        n += is_word ? text[i] == ' ' : ((unsigned char)text[i] & 0xC0) != 0x80;
    const size_t *range = is_word ? o->ngrams : o->chars;
    return n >= range[0] && n <= range[1];
}

/* keep[t] = 1 for the terms of highest merit among those that df keeps. */
static int select_terms(unsigned char *keep, const uint32_t *df, double least, double most,
                        const struct collection *c, const struct design_request *request,
                        sikap_error *err)
{
    const size_t n_terms = c->vocabulary->n_terms;
    double *merit = memory_alloc(n_terms, sizeof *merit);
    if (merit == NULL)
        return error_memory(err, "term selection");
    for (size_t t = 0; t < n_terms; t++)
        merit[t] = is_active(df[t], least, most) ? request->merit[t] : -1;
    const int status = selection_top(keep, merit, c->vocabulary, request->n_best, err);
    memory_free(merit);
    return status;
}

static int fit_idf(struct design *d, const struct collection *c,
                   const struct design_request *request, sikap_error *err)
{
    const struct feature_options *options = request->options;
    const size_t n_terms = c->vocabulary->n_terms;
    uint32_t *df = memory_alloc(n_terms, sizeof *df);
    unsigned char *keep = memory_zero(n_terms, 1);
    int status = df == NULL || keep == NULL ? error_memory(err, "features") : 0;
    if (status != 0)
        goto done;
    collection_df(c, request->rows, request->n_rows, df);
    const double n = (double)(request->rows == NULL ? c->n_rows : request->n_rows);
    const double least = options->min_df < 1 ? options->min_df * n : options->min_df;
    const double most = options->max_df <= 1 ? options->max_df * n : options->max_df;
    if (request->merit != NULL)
        status = select_terms(keep, df, least, most, c, request, err);
    for (size_t t = 0; status == 0 && t < n_terms; t++) {
        const int active = is_active(df[t], least, most) && (request->merit == NULL || keep[t]) &&
                           (!request->narrows || design_is_in_range(c->vocabulary, t, options));
        d->idf[t] = active ? (float)weighting_idf(options->idf, n, (double)df[t]) : 0;
    }
done:
    memory_free(df);
    memory_free(keep);
    return status;
}

/* ---- latent features ---- */

int design_is_word(const struct vocabulary *v, size_t term)
{
    size_t n;
    const char *text = vocabulary_text(v, term, &n);
    return (v->kind[term] & 1) == NGRAM_WORD && memchr(text, ' ', n) == NULL;
}

static int fit_latent(struct design *d, const struct collection *c,
                      const struct design_request *request, struct pool *pool, sikap_error *err)
{
    const struct vocabulary *v = c->vocabulary;
    unsigned char *terms = memory_zero(v->n_terms, 1);
    if (terms == NULL)
        return error_memory(err, "latent features");
    size_t n_words = 0;
    for (size_t t = 0; t < v->n_terms; t++)
        n_words += terms[t] = (unsigned char)design_is_word(v, t);
    if (n_words == 0)
        memset(terms, 1, v->n_terms);
    const struct latent_request wanted = {.rows = request->rows,
                                          .n_rows = request->n_rows,
                                          .terms = terms,
                                          .n_terms = v->n_terms,
                                          .n_dims = request->n_latent,
                                          .seed = request->seed};
    const int status = latent_fit(&d->latent, &d->x, &wanted, pool, err);
    memory_free(terms);
    return status;
}

struct join_job {
    const struct matrix *from;
    struct matrix *to;
    const struct design *design;
};

static void join_row(void *context, size_t row, size_t worker)
{
    (void)worker;
    const struct join_job *job = context;
    const struct latent *latent = job->design->latent;
    const size_t from = job->from->start[row], n = job->from->start[row + 1] - from;
    uint32_t *columns = job->to->columns + job->to->start[row];
    float *values = job->to->values + job->to->start[row];
    memcpy(columns, job->from->columns + from, n * sizeof *columns);
    memcpy(values, job->from->values + from, n * sizeof *values);
    latent_project(latent, columns, values, n, values + n);
    for (size_t k = 0; k < latent->n_dims; k++) {
        columns[n + k] = (uint32_t)(job->from->n_columns + k);
        values[n + k] *= job->design->latent_weight;
    }
}

static int join_latent(struct design *d, const struct collection *c, struct pool *pool)
{
    const size_t n_dims = d->latent->n_dims;
    struct matrix from = d->x, to = {.n_rows = c->n_rows};
    from.n_columns = design_columns(c);
    to.n_columns = from.n_columns + n_dims;
    to.start = memory_alloc(c->n_rows + 1, sizeof *to.start);
    if (to.start != NULL)
        for (size_t row = 0; row <= c->n_rows; row++)
            to.start[row] = from.start[row] + row * n_dims;
    to.columns = to.start == NULL ? NULL : memory_alloc(to.start[c->n_rows], sizeof *to.columns);
    to.values = to.start == NULL ? NULL : memory_alloc(to.start[c->n_rows], sizeof *to.values);
    if (to.columns == NULL || to.values == NULL || to.n_columns >= UINT32_MAX) {
        matrix_free(&to);
        return -1;
    }
    struct join_job job = {&from, &to, d};
    parallel_for(pool, c->n_rows, join_row, &job);
    if (d->in_place)
        from.values = NULL;
    matrix_free(&from);
    d->in_place = 0;
    d->x = to;
    return 0;
}

void design_fold(const struct design *d, const float *wide, size_t n_tasks, float *weights,
                 struct pool *pool)
{
    const size_t n_columns = d->x.n_columns - (d->latent == NULL ? 0 : d->latent->n_dims);
    memcpy(weights, wide, n_columns * n_tasks * sizeof *weights);
    if (d->latent != NULL)
        latent_fold(d->latent, d->latent_weight, wide + n_columns * n_tasks, n_tasks, weights,
                    pool);
}

int design_new(struct design **out, struct collection *c, const struct design_request *request,
               struct pool *pool, sikap_error *err)
{
    *out = NULL;
    struct design *d = memory_zero(1, sizeof *d);
    if (d == NULL)
        return error_memory(err, "features");
    d->n_domains = design_n_domains(c);
    d->in_place = request->in_place && d->n_domains == 0;
    if (d->n_domains == 0) {
        d->x = c->counts;
        d->x.borrowed = 1;
        if (!d->in_place)
            d->x.values = memory_alloc(c->counts.start[c->n_rows], sizeof *d->x.values);
    }
    d->idf = memory_alloc(c->vocabulary->n_terms, sizeof *d->idf);
    int status = (d->n_domains == 0 && d->x.values == NULL) || d->idf == NULL
                     ? error_memory(err, "features")
                     : fit_idf(d, c, request, err);
    if (status != 0) {
        design_free(d);
        return status;
    }
    weighting_init(&d->weighting, request->options, d->idf,
                   c->vocabulary->has_chars ? c->vocabulary->kind : NULL);
    memcpy(d->weighting.average_length, c->average_length, sizeof c->average_length);
    if (d->n_domains > 0 && add_domains(d, c, pool) != 0) {
        design_free(d);
        return error_memory(err, "features of targets");
    }
    struct fill job = {d, c};
    if (d->n_domains == 0)
        parallel_for(pool, c->n_rows, fill_row, &job);
    d->latent_weight = request->latent_weight;
    if (request->n_latent > 0)
        status = fit_latent(d, c, request, pool, err);
    if (status == 0 && d->latent != NULL && join_latent(d, c, pool) != 0)
        status = error_memory(err, "latent features");
    if (status != 0)
        design_free(d);
    else
        *out = d;
    return status;
}

void design_free(struct design *d)
{
    if (d == NULL)
        return;
    if (d->in_place)
        d->x.values = NULL;
    matrix_free(&d->x);
    latent_free(d->latent);
    memory_free(d->idf);
    memory_free(d);
}
