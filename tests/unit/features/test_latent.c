/* SPDX-License-Identifier: Apache-2.0 */
/* Latent vectors against what they must be whatever the rotation: with as many dimensions as the
 * documents have rank, two terms' vectors have the cosine of the terms' columns. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "features/latent.h"

enum { N = 700, M = 9 };

/* Documents of three topics: entry (i, t) is the product of document i's and term t's share in
 * them, so the rank is 3; some entries are 0. */
static double entry(size_t i, size_t t)
{
    static const double term[M][3] = {{1, 0, 0}, {2, 1, 0}, {0, 1, 0}, {0, 2, 1}, {0, 0, 1},
                                      {1, 0, 2}, {1, 1, 1}, {3, 0, 0}, {0, 0, 0}};
    const double doc[3] = {(double)(i % 3), (double)(i % 5 == 0), (double)((i * 7) % 4)};
    return doc[0] * term[t][0] + doc[1] * term[t][1] + doc[2] * term[t][2];
}

struct fixture {
    size_t start[N + 1];
    uint32_t columns[N * (M + 1)];
    float values[N * (M + 1)];
    struct matrix x;
};

/* Column M stands for a latent column of an earlier join: it must be left alone. */
static void fill(struct fixture *f)
{
    size_t at = 0;
    for (size_t i = 0; i < N; i++) {
        f->start[i] = at;
        for (size_t t = 0; t <= M; t++) {
            const double v = t < M ? entry(i, t) : 5;
            if (v == 0)
                continue;
            f->columns[at] = (uint32_t)t;
            f->values[at++] = (float)v;
        }
    }
    f->start[N] = at;
    f->x = (struct matrix){.n_rows = N,
                           .n_columns = M + 1,
                           .start = f->start,
                           .columns = f->columns,
                           .values = f->values};
}

static double dot_columns(size_t s, size_t t, const uint32_t *rows, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += entry(rows[i], s) * entry(rows[i], t);
    return sum;
}

static double dot_vectors(const struct latent *l, size_t s, size_t t)
{
    double sum = 0;
    for (size_t d = 0; d < l->n_dims; d++)
        sum += (double)l->vectors[s * l->n_dims + d] * (double)l->vectors[t * l->n_dims + d];
    return sum;
}

/* Cosines less what centring takes away, with the terms' share of the mass p:
 * (e_s - mu)(e_t - mu) = g_st - Σ p_u g_su - Σ p_u g_tu + ΣΣ p_u p_v g_uv. */
static void expected(double out[M][M], const unsigned char *terms, const uint32_t *rows, size_t n)
{
    double g[M][M], p[M], mass = 0, to_mean[M], mean = 0;
    for (size_t s = 0; s < M; s++) {
        p[s] = 0;
        for (size_t i = 0; i < n && terms[s]; i++)
            p[s] += entry(rows[i], s);
        mass += p[s];
        for (size_t t = 0; t < M; t++) {
            const double length = sqrt(dot_columns(s, s, rows, n) * dot_columns(t, t, rows, n));
            g[s][t] = length > 0 ? dot_columns(s, t, rows, n) / length : 0;
        }
    }
    for (size_t s = 0; s < M; s++) {
        to_mean[s] = 0;
        for (size_t u = 0; u < M; u++)
            to_mean[s] += p[u] / mass * g[s][u];
    }
    for (size_t s = 0; s < M; s++)
        mean += p[s] / mass * to_mean[s];
    for (size_t s = 0; s < M; s++)
        for (size_t t = 0; t < M; t++) {
            const int has = terms[s] && terms[t] && s != 8 && t != 8; /* 8 is in no document */
            out[s][t] = has ? g[s][t] - to_mean[s] - to_mean[t] + mean : 0;
        }
}

static void check(const unsigned char *terms, size_t n_dims, size_t step, size_t n_threads)
{
    static struct fixture f;
    static uint32_t rows[N];
    size_t n = 0;
    fill(&f);
    for (size_t i = 0; i < N; i += step)
        rows[n++] = (uint32_t)i;
    struct pool *pool;
    struct latent *l;
    assert_int_equal(pool_new(&pool, n_threads, NULL), 0);
    const struct latent_request request = {.rows = step == 1 ? NULL : rows,
                                           .n_rows = n,
                                           .terms = terms,
                                           .n_terms = M,
                                           .n_dims = n_dims,
                                           .seed = 3};
    assert_int_equal(latent_fit(&l, &f.x, &request, pool, NULL), 0);
    assert_true(l->n_dims <= n_dims);
    double want[M][M];
    expected(want, terms, rows, n);
    for (size_t s = 0; s < M; s++)
        for (size_t t = 0; t < M; t++)
            assert_true(fabs(dot_vectors(l, s, t) - want[s][t]) < 1e-5);
    latent_free(l);
    pool_free(pool);
}

static const unsigned char all[M] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
static const unsigned char some[M] = {1, 1, 0, 1, 1, 0, 1, 0, 1};

static void test_cosines(void **state)
{
    (void)state;
    check(all, 3, 1, 1);
    check(all, 3, 1, 3);
    check(some, 3, 1, 2);
    check(all, 3, 2, 2); /* half of the documents, by their numbers */
}

static void test_more_dimensions_than_rank(void **state)
{
    (void)state;
    check(all, 5, 1, 2);
    check(all, 100, 1, 2);
}

/* What a linear model gives terms and latent features together, the folded weights give alone. */
static void test_fold(void **state)
{
    (void)state;
    static struct fixture f;
    fill(&f);
    struct pool *pool;
    struct latent *l;
    assert_int_equal(pool_new(&pool, 2, NULL), 0);
    const struct latent_request request = {
        .terms = all, .n_terms = M, .n_dims = 3, .seed = 1, .n_rows = N};
    assert_int_equal(latent_fit(&l, &f.x, &request, pool, NULL), 0);
    float weights[M][2], folded[M][2];
    const float latent_weights[3][2] = {{1, -2}, {0.5F, 4}, {-3, 0.25F}};
    for (size_t t = 0; t < M; t++)
        for (size_t k = 0; k < 2; k++)
            weights[t][k] = folded[t][k] = (float)t - 3 * (float)k;
    latent_fold(l, 0.3F, &latent_weights[0][0], 2, &folded[0][0], pool);
    for (size_t i = 0; i < N; i += 37) {
        const size_t start = f.start[i], n = f.start[i + 1] - start;
        float features[3];
        latent_project(l, f.columns + start, f.values + start, n, features);
        for (size_t k = 0; k < 2; k++) {
            double both = 0, alone = 0;
            for (size_t j = start; j < start + n; j++) {
                if (f.columns[j] >= M)
                    continue;
                both += (double)f.values[j] * (double)weights[f.columns[j]][k];
                alone += (double)f.values[j] * (double)folded[f.columns[j]][k];
            }
            for (size_t d = 0; d < 3; d++)
                both += 0.3 * (double)features[d] * (double)latent_weights[d][k];
            assert_true(fabs(both - alone) < 1e-3);
        }
    }
    latent_free(l);
    pool_free(pool);
}

static void test_same_for_any_threads(void **state)
{
    (void)state;
    static struct fixture f;
    fill(&f);
    struct latent *first = NULL;
    for (size_t n_threads = 1; n_threads <= 3; n_threads++) {
        struct pool *pool;
        struct latent *l;
        assert_int_equal(pool_new(&pool, n_threads, NULL), 0);
        const struct latent_request request = {
            .terms = all, .n_terms = M, .n_dims = 2, .seed = 9, .n_rows = N};
        assert_int_equal(latent_fit(&l, &f.x, &request, pool, NULL), 0);
        if (first != NULL)
            assert_memory_equal(first->vectors, l->vectors, M * 2 * sizeof *l->vectors);
        pool_free(pool);
        if (first == NULL)
            first = l;
        else
            latent_free(l);
    }
    latent_free(first);
}

/* Nothing to learn from: no dimension, and nothing breaks. */
static void test_no_terms(void **state)
{
    (void)state;
    static struct fixture f;
    static const unsigned char none[M] = {0};
    fill(&f);
    struct pool *pool;
    struct latent *l;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    const struct latent_request request = {
        .terms = none, .n_terms = M, .n_dims = 4, .seed = 1, .n_rows = N};
    assert_int_equal(latent_fit(&l, &f.x, &request, pool, NULL), 0);
    assert_int_equal(l->n_dims, 0);
    float weight = 2;
    latent_fold(l, 1, NULL, 0, &weight, pool);
    assert_true(weight == 2.0F);
    latent_free(l);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cosines),  cmocka_unit_test(test_more_dimensions_than_rank),
        cmocka_unit_test(test_fold),     cmocka_unit_test(test_same_for_any_threads),
        cmocka_unit_test(test_no_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
