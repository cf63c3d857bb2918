/* SPDX-License-Identifier: Apache-2.0 */
/* Latent semantic analysis of the documents A [n][m] over the terms that get a vector.
 *
 * With Q [m][k] an orthonormal basis of (nearly) the k leading right singular vectors and
 * C = (AQ)'(AQ) = LL', the rows of QL are the terms' vectors times singular values, up to a
 * rotation that neither lengths nor linear learning see: no eigenvectors are needed. Q comes from
 * alternating A and A' on random numbers, made orthonormal by Cholesky (twice where it matters:
 * once a round is enough for a start of the next).
 *
 * Every sum is over a fixed order: rows of A and of its transpose are sums of their own, and Gram
 * matrices are summed over chunks of fixed length, the chunks in order. */
#include "features/latent.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

enum { ROUNDS = 4, CHUNK = 512, MIN_DF = 3 };

/* One direction of A: row i is the sum of values[j] * from[columns[j]]. */
struct sparse {
    size_t n_rows;
    size_t *start;
    uint32_t *columns;
    float *values;
};

struct fit {
    size_t n, m, k; /* documents, terms with a vector, dimensions */
    struct sparse a, transposed;
    uint32_t *term_of; /* [m] */
    float *documents;  /* [n][k] */
    float *terms;      /* [m][k] */
    double *partial;   /* [n_chunks][k][k] */
    double *gram;      /* [k][k] and then its Cholesky factor, lower */
    double *inverse;   /* [k][k] of the factor */
    struct pool *pool;
};

static void sparse_free(struct sparse *s)
{
    memory_free(s->start);
    memory_free(s->columns);
    memory_free(s->values);
}

static int sparse_new(struct sparse *s, size_t n_rows, size_t n)
{
    s->n_rows = n_rows;
    s->start = memory_zero(n_rows + 1, sizeof *s->start);
    s->columns = memory_alloc(n, sizeof *s->columns);
    s->values = memory_alloc(n, sizeof *s->values);
    return s->start == NULL || s->columns == NULL || s->values == NULL ? -1 : 0;
}

static void fit_free(struct fit *f)
{
    sparse_free(&f->a);
    sparse_free(&f->transposed);
    memory_free(f->term_of);
    memory_free(f->documents);
    memory_free(f->terms);
    memory_free(f->partial);
    memory_free(f->gram);
    memory_free(f->inverse);
}

/* ---- the two directions of A ---- */

static size_t row_of(const struct latent_request *request, size_t i)
{
    return request->rows == NULL ? i : request->rows[i];
}

static int takes(const struct latent_request *request, const struct matrix *x, size_t j)
{
    return x->columns[j] < request->n_terms && request->terms[x->columns[j]] && x->values[j] != 0;
}

/* Numbers the terms that get a vector; number[t] is UINT32_MAX for the others. *n_entries is what
 * A holds. */
static int choose_terms(struct fit *f, const struct matrix *x, const struct latent_request *request,
                        uint32_t *number, size_t *n_entries)
{
    memset(number, 0, request->n_terms * sizeof *number);
    for (size_t i = 0; i < f->n; i++)
        for (size_t row = row_of(request, i), j = x->start[row]; j < x->start[row + 1]; j++)
            if (takes(request, x, j))
                number[x->columns[j]]++;
    *n_entries = 0;
    for (size_t t = 0; t < request->n_terms; t++) {
        const uint32_t df = number[t];
        number[t] = df < MIN_DF ? UINT32_MAX : (uint32_t)f->m++;
        *n_entries += df < MIN_DF ? 0 : df;
    }
    f->term_of = memory_alloc(f->m, sizeof *f->term_of);
    if (f->term_of == NULL)
        return -1;
    for (size_t t = 0; t < request->n_terms; t++)
        if (number[t] != UINT32_MAX)
            f->term_of[number[t]] = (uint32_t)t;
    return 0;
}

static int take_matrix(struct fit *f, const struct matrix *x, const struct latent_request *request,
                       const uint32_t *number, size_t n_entries)
{
    if (sparse_new(&f->a, f->n, n_entries) != 0 || sparse_new(&f->transposed, f->m, n_entries) != 0)
        return -1;
    size_t at = 0;
    for (size_t i = 0; i < f->n; i++) {
        const size_t row = row_of(request, i);
        for (size_t j = x->start[row]; j < x->start[row + 1]; j++) {
            if (!takes(request, x, j) || number[x->columns[j]] == UINT32_MAX)
                continue;
            f->a.columns[at] = number[x->columns[j]];
            f->a.values[at] = x->values[j];
            f->transposed.start[f->a.columns[at++] + 1]++;
        }
        f->a.start[i + 1] = at;
    }
    for (size_t t = 0; t < f->m; t++)
        f->transposed.start[t + 1] += f->transposed.start[t];
    for (size_t i = 0; i < f->n; i++)
        for (size_t j = f->a.start[i]; j < f->a.start[i + 1]; j++) {
            const size_t to = f->transposed.start[f->a.columns[j]]++;
            f->transposed.columns[to] = (uint32_t)i;
            f->transposed.values[to] = f->a.values[j];
        }
    memmove(f->transposed.start + 1, f->transposed.start, f->m * sizeof *f->transposed.start);
    f->transposed.start[0] = 0;
    return 0;
}

/* ---- dense arithmetic ---- */

struct product {
    const struct sparse *s;
    const float *from;
    float *to;
    size_t k;
};

static void multiply_row(void *context, size_t i, size_t worker)
{
    (void)worker;
    const struct product *p = context;
    float *restrict to = p->to + i * p->k;
    memset(to, 0, p->k * sizeof *to);
    for (size_t j = p->s->start[i]; j < p->s->start[i + 1]; j++) {
        const float v = p->s->values[j];
        const float *restrict from = p->from + (size_t)p->s->columns[j] * p->k;
        for (size_t d = 0; d < p->k; d++)
            to[d] += v * from[d];
    }
}

static void multiply(struct fit *f, const struct sparse *s, const float *from, float *to)
{
    struct product p = {s, from, to, f->k};
    parallel_for(f->pool, s->n_rows, multiply_row, &p);
}

struct gram {
    const float *rows;
    size_t n, k;
    double *partial;
};

static void gram_chunk(void *context, size_t chunk, size_t worker)
{
    (void)worker;
    const struct gram *g = context;
    double *sum = g->partial + chunk * g->k * g->k;
    memset(sum, 0, g->k * g->k * sizeof *sum);
    const size_t end = (chunk + 1) * CHUNK < g->n ? (chunk + 1) * CHUNK : g->n;
    for (size_t i = chunk * CHUNK; i < end; i++) {
        const float *restrict row = g->rows + i * g->k;
        for (size_t a = 0; a < g->k; a++) {
            const double v = (double)row[a];
            double *restrict to = sum + a * g->k;
            for (size_t b = 0; b <= a; b++)
                to[b] += v * (double)row[b];
        }
    }
}

/* f->gram = rows' rows, its lower half, then its Cholesky factor. A direction that is (nearly) in
 * the span of those before it gets a zero row and column: the rank is lower than k. */
static void factor(struct fit *f, const float *rows, size_t n)
{
    const size_t k = f->k, n_chunks = (n + CHUNK - 1) / CHUNK;
    struct gram g = {rows, n, k, f->partial};
    parallel_for(f->pool, n_chunks, gram_chunk, &g);
    memset(f->gram, 0, k * k * sizeof *f->gram);
    for (size_t c = 0; c < n_chunks; c++)
        for (size_t i = 0; i < k * k; i++)
            f->gram[i] += f->partial[c * k * k + i];
    for (size_t j = 0; j < k; j++) {
        double *row_j = f->gram + j * k;
        const double whole = row_j[j];
        double left = whole;
        for (size_t d = 0; d < j; d++)
            left -= row_j[d] * row_j[d];
        row_j[j] = left > whole * 1e-10 && left > 0 ? sqrt(left) : 0;
        for (size_t i = j + 1; i < k; i++) {
            double *row_i = f->gram + i * k;
            double sum = row_i[j];
            for (size_t d = 0; d < j; d++)
                sum -= row_i[d] * row_j[d];
            row_i[j] = row_j[j] > 0 ? sum / row_j[j] : 0;
        }
    }
}

struct transform {
    float *rows;
    const double *by; /* [k][k] */
    size_t k;
    int transposed;
    double *spare; /* [n_workers][k] */
};

/* row = row * by, or row * by'; `by` is lower triangular. */
static void transform_row(void *context, size_t i, size_t worker)
{
    const struct transform *t = context;
    const size_t k = t->k;
    float *row = t->rows + i * k;
    double *restrict sum = t->spare + worker * k;
    memset(sum, 0, k * sizeof *sum);
    for (size_t a = 0; a < k; a++) {
        const double *restrict by = t->by + a * k;
        if (t->transposed) {
            for (size_t b = 0; b <= a; b++)
                sum[a] += (double)row[b] * by[b];
        } else {
            for (size_t b = 0; b <= a; b++)
                sum[b] += (double)row[a] * by[b];
        }
    }
    for (size_t a = 0; a < k; a++)
        row[a] = (float)sum[a];
}

static int transform(struct fit *f, float *rows, size_t n, const double *by, int transposed)
{
    double *spare = memory_alloc(pool_n_threads(f->pool) * f->k, sizeof *spare);
    if (spare == NULL)
        return -1;
    struct transform t = {rows, by, f->k, transposed, spare};
    parallel_for(f->pool, n, transform_row, &t);
    memory_free(spare);
    return 0;
}

/* Inverse of the lower factor; a zero pivot's row and column stay zero. */
static void invert(struct fit *f)
{
    const size_t k = f->k;
    memset(f->inverse, 0, k * k * sizeof *f->inverse);
    for (size_t i = 0; i < k; i++) {
        const double pivot = f->gram[i * k + i];
        if (pivot <= 0)
            continue;
        for (size_t d = 0; d < i; d++) {
            const double v = f->gram[i * k + d];
            for (size_t j = 0; j <= d; j++)
                f->inverse[i * k + j] -= v * f->inverse[d * k + j];
        }
        for (size_t j = 0; j < i; j++)
            f->inverse[i * k + j] /= pivot;
        f->inverse[i * k + i] = 1 / pivot;
    }
}

/* Rows [n][k] with orthonormal columns of the same span: Y L'^-1 where Y'Y = LL'. */
static int orthonormalise(struct fit *f, float *rows, size_t n)
{
    factor(f, rows, n);
    invert(f);
    return transform(f, rows, n, f->inverse, 1);
}

/* ---- the fit ---- */

static void fill_random(struct fit *f, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed, 0);
    for (size_t i = 0; i < f->m * f->k; i++)
        f->terms[i] = (float)(2 * random_unit(&random) - 1);
}

static int find_vectors(struct fit *f, uint64_t seed)
{
    fill_random(f, seed);
    for (int round = 0; round < ROUNDS; round++) {
        multiply(f, &f->a, f->terms, f->documents);
        multiply(f, &f->transposed, f->documents, f->terms);
        if (orthonormalise(f, f->terms, f->m) != 0)
            return -1;
    }
    /* Once more: float rounding of the first left the columns a little aslant. */
    if (orthonormalise(f, f->terms, f->m) != 0)
        return -1;
    multiply(f, &f->a, f->terms, f->documents);
    factor(f, f->documents, f->n);
    return transform(f, f->terms, f->m, f->gram, 0);
}

/* Unit length, then the mean over all of the documents' mass away: what all terms share says
 * nothing about any. */
static void normalise(struct fit *f)
{
    const size_t k = f->k;
    double *mean = f->inverse, mass = 0;
    memset(mean, 0, k * sizeof *mean);
    for (size_t t = 0; t < f->m; t++) {
        float *v = f->terms + t * k;
        double square = 0, own = 0;
        for (size_t d = 0; d < k; d++)
            square += (double)v[d] * (double)v[d];
        const double by = square > 0 ? 1 / sqrt(square) : 0;
        for (size_t j = f->transposed.start[t]; j < f->transposed.start[t + 1]; j++)
            own += (double)f->transposed.values[j];
        for (size_t d = 0; d < k; d++) {
            v[d] = (float)((double)v[d] * by);
            mean[d] += own * (double)v[d];
        }
        mass += own;
    }
    for (size_t t = 0; t < f->m && mass > 0; t++)
        for (size_t d = 0; d < k; d++)
            f->terms[t * k + d] -= (float)(mean[d] / mass);
}

static int allocate(struct fit *f)
{
    const size_t longer = f->m > f->n ? f->m : f->n, n_chunks = (longer + CHUNK - 1) / CHUNK;
    const size_t square = f->k * f->k;
    if (f->k > 0 && (longer > SIZE_MAX / sizeof(double) / f->k || n_chunks > SIZE_MAX / 8 / square))
        return -1;
    f->documents = memory_alloc(f->n * f->k, sizeof *f->documents);
    f->terms = memory_alloc(f->m * f->k, sizeof *f->terms);
    f->partial = memory_alloc(n_chunks * square, sizeof *f->partial);
    f->gram = memory_alloc(square, sizeof *f->gram);
    f->inverse = memory_alloc(square, sizeof *f->inverse);
    return f->documents == NULL || f->terms == NULL || f->partial == NULL || f->gram == NULL ||
                   f->inverse == NULL
               ? -1
               : 0;
}

static int spread(struct latent *latent, const struct fit *f)
{
    latent->n_dims = f->k;
    latent->vectors = memory_zero(latent->n_terms * f->k, sizeof *latent->vectors);
    if (latent->vectors == NULL)
        return -1;
    for (size_t t = 0; t < f->m; t++)
        memcpy(latent->vectors + (size_t)f->term_of[t] * f->k, f->terms + t * f->k,
               f->k * sizeof *f->terms);
    return 0;
}

int latent_fit(struct latent **out, const struct matrix *x, const struct latent_request *request,
               struct pool *pool, sikap_error *err)
{
    *out = NULL;
    struct fit f = {.n = request->rows == NULL ? x->n_rows : request->n_rows, .pool = pool};
    struct latent *latent = memory_zero(1, sizeof *latent);
    uint32_t *number = memory_alloc(request->n_terms, sizeof *number);
    size_t n_entries;
    int failed =
        latent == NULL || number == NULL || choose_terms(&f, x, request, number, &n_entries) != 0;
    if (!failed) {
        latent->n_terms = request->n_terms;
        f.k = request->n_dims;
        f.k = f.k < f.m ? f.k : f.m;
        f.k = f.k < f.n ? f.k : f.n;
        failed = take_matrix(&f, x, request, number, n_entries) != 0 || allocate(&f) != 0;
    }
    if (!failed && f.k > 0) {
        failed = find_vectors(&f, request->seed) != 0;
        if (!failed)
            normalise(&f);
    }
    failed = failed || spread(latent, &f) != 0;
    fit_free(&f);
    memory_free(number);
    if (failed) {
        latent_free(latent);
        return error_memory(err, "latent features");
    }
    *out = latent;
    return 0;
}

void latent_free(struct latent *latent)
{
    if (latent == NULL)
        return;
    memory_free(latent->vectors);
    memory_free(latent);
}

void latent_project(const struct latent *latent, const uint32_t *columns, const float *values,
                    size_t n, float *features)
{
    const size_t k = latent->n_dims;
    memset(features, 0, k * sizeof *features);
    for (size_t j = 0; j < n; j++) {
        if (columns[j] >= latent->n_terms)
            continue;
        const float *restrict v = latent->vectors + (size_t)columns[j] * k;
        for (size_t d = 0; d < k; d++)
            features[d] += values[j] * v[d];
    }
}

struct fold_job {
    const struct latent *latent;
    const float *latent_weights;
    float scale;
    size_t n_tasks;
    float *weights;
};

static void fold_term(void *context, size_t term, size_t worker)
{
    (void)worker;
    const struct fold_job *job = context;
    const float *v = job->latent->vectors + term * job->latent->n_dims;
    float *restrict w = job->weights + term * job->n_tasks;
    for (size_t d = 0; d < job->latent->n_dims; d++) {
        const float by = v[d] * job->scale;
        const float *restrict from = job->latent_weights + d * job->n_tasks;
        for (size_t l = 0; by != 0 && l < job->n_tasks; l++)
            w[l] += by * from[l];
    }
}

void latent_fold(const struct latent *latent, float scale, const float *latent_weights,
                 size_t n_tasks, float *weights, struct pool *pool)
{
    struct fold_job job = {latent, latent_weights, scale, n_tasks, weights};
    parallel_for(pool, latent->n_terms, fold_term, &job);
}
