/* SPDX-License-Identifier: Apache-2.0 */
/* The block solver against LIBLINEAR at a tight tolerance, and what it promises by itself: the same
 * bytes for any number of threads, weights of rows that count as often as they say, warm starts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "solver_fixture.h"

static const enum solver_kind kinds[] = {SOLVER_L2R_LR, SOLVER_L2R_L2LOSS_SVC_DUAL,
                                         SOLVER_L2R_L1LOSS_SVC_DUAL};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static struct pool *new_pool(size_t n_threads)
{
    struct pool *pool;
    assert_int_equal(pool_new(&pool, n_threads, NULL), 0);
    return pool;
}

static void train(solver_train *solver, struct fixture *f, const struct solver_settings *settings,
                  size_t n_threads)
{
    struct pool *pool = new_pool(n_threads);
    sikap_error err = {0};
    if (solver(&f->problem, settings, pool, NULL, &f->solution, &err) != 0)
        fail_msg("%s", err.message);
    pool_free(pool);
}

/* Neither objective can be below the optimum, so agreement means that both are at it. */
static void assert_same_objective(const struct fixture *f, const struct fixture *g, double relative)
{
    for (size_t l = 0; l < f->problem.n_tasks; l++)
        assert_near(f->solution.objective[l] / g->solution.objective[l], 1, relative);
}

static void test_agrees_with_liblinear(void **state)
{
    (void)state;
    const double costs[] = {0.1, 1, 4}, biases[] = {-1, 1, 0.5};
    for (size_t k = 0; k < N_KINDS; k++) {
        for (size_t t = 0; t < 3; t++) {
            struct fixture f, g;
            const float positive[] = {1, 5, 1, 0.5f, 2}, negative[] = {1, 1, 2, 1, 0.25f};
            fixture_random(&f, 300, 400, 5, t == 1 ? 6 : 0, 11 + t);
            fixture_random(&g, 300, 400, 5, t == 1 ? 6 : 0, 11 + t);
            f.problem.positive_weight = g.problem.positive_weight = positive;
            f.problem.negative_weight = g.problem.negative_weight = negative;
            struct solver_settings settings = {
                .kind = kinds[k], .cost = costs[t], .bias = biases[t], .seed = 3, .epsilon = 1e-5};
            train(block_train, &f, &settings, 1);
            settings.epsilon = kinds[k] == SOLVER_L2R_L1LOSS_SVC_DUAL ? 1e-5 : 1e-7;
            if (kinds[k] == SOLVER_L2R_L2LOSS_SVC_DUAL)
                settings.kind = SOLVER_L2R_L2LOSS_SVC; /* whose Newton steps get closer */
            train(liblinear_train, &g, &settings, 1);
            assert_same_objective(&f, &g, 3e-5);
            for (size_t l = 0; l < 5; l++)
                assert_true(f.solution.iterations[l] >= 2 && f.solution.iterations[l] < 1000);
            fixture_free(&f);
            fixture_free(&g);
        }
    }
}

static void test_kinds_with_one_optimum(void **state)
{
    (void)state;
    const enum solver_kind pairs[][2] = {{SOLVER_L2R_LR, SOLVER_L2R_LR_DUAL},
                                         {SOLVER_L2R_L2LOSS_SVC, SOLVER_L2R_L2LOSS_SVC_DUAL}};
    for (size_t t = 0; t < 2; t++) {
        struct fixture f, g;
        fixture_random(&f, 80, 60, 2, 0, 5);
        fixture_random(&g, 80, 60, 2, 0, 5);
        struct solver_settings settings = {.kind = pairs[t][0], .cost = 1, .bias = 1, .seed = 1};
        train(block_train, &f, &settings, 1);
        settings.kind = pairs[t][1];
        train(block_train, &g, &settings, 1);
        assert_memory_equal(f.solution.weights, g.solution.weights, 60 * 2 * sizeof(float));
        fixture_free(&f);
        fixture_free(&g);
    }
}

/* A cost at which the logistic loss is all but a step, and Newton alone would run in circles. */
static void test_high_cost(void **state)
{
    (void)state;
    const float positive[] = {1, 5, 1, 0.5f, 2}, negative[] = {1, 1, 2, 1, 0.25f};
    struct fixture f, g;
    fixture_random(&f, 300, 400, 5, 0, 13);
    fixture_random(&g, 300, 400, 5, 0, 13);
    f.problem.positive_weight = g.problem.positive_weight = positive;
    f.problem.negative_weight = g.problem.negative_weight = negative;
    struct solver_settings settings = {
        .kind = SOLVER_L2R_LR, .cost = 20, .bias = 3, .seed = 3, .epsilon = 1e-5};
    train(block_train, &f, &settings, 1);
    settings.epsilon = 1e-7;
    train(liblinear_train, &g, &settings, 1);
    assert_same_objective(&f, &g, 2e-5);
    fixture_free(&f);
    fixture_free(&g);
}

/* Widths 4, 8 and 16, one unit and several, regrouping on the way: all give the same bytes. */
static void test_threads(void **state)
{
    (void)state;
    const size_t n_tasks[] = {1, 3, 8, 17, 40};
    for (size_t k = 0; k < N_KINDS; k++) {
        for (size_t t = 0; t < sizeof n_tasks / sizeof *n_tasks; t++) {
            struct fixture f, g;
            fixture_random(&f, 200, 300, n_tasks[t], 9, 21);
            fixture_random(&g, 200, 300, n_tasks[t], 9, 21);
            const struct solver_settings settings = {
                .kind = kinds[k], .cost = 1, .bias = 1, .seed = 7};
            train(block_train, &f, &settings, 1);
            for (size_t n_threads = 2; n_threads < 6; n_threads++) {
                train(block_train, &g, &settings, n_threads);
                const size_t n = n_tasks[t];
                assert_memory_equal(f.solution.weights, g.solution.weights,
                                    300 * n * sizeof(float));
                assert_memory_equal(f.solution.bias, g.solution.bias, n * sizeof(float));
                assert_memory_equal(f.solution.dual, g.solution.dual, 200 * n * sizeof(float));
                assert_memory_equal(f.solution.iterations, g.solution.iterations,
                                    n * sizeof(size_t));
            }
            fixture_free(&f);
            fixture_free(&g);
        }
    }
}

static void test_seed_matters(void **state)
{
    (void)state;
    struct fixture f, g;
    fixture_random(&f, 200, 300, 4, 0, 21);
    fixture_random(&g, 200, 300, 4, 0, 21);
    struct solver_settings settings = {.kind = 1, .cost = 1, .bias = 1, .seed = 7};
    train(block_train, &f, &settings, 1);
    settings.seed = 8;
    train(block_train, &g, &settings, 1);
    assert_memory_not_equal(f.solution.weights, g.solution.weights, 300 * 4 * sizeof(float));
    fixture_free(&f);
    fixture_free(&g);
}

/* A subset of rows is the problem that has only these, whatever columns are then met once or never.
 */
static void test_row_subset(void **state)
{
    (void)state;
    struct fixture f, g;
    fixture_random(&f, 120, 200, 3, 7, 9);
    const uint32_t rows[] = {0, 3, 4, 7, 11, 12, 30, 31, 32, 50, 51, 77, 78, 79, 100, 118, 119};
    enum { N = sizeof rows / sizeof *rows };
    float *dense = fixture_zero(N * 200, sizeof *dense);
    int8_t targets[N * 3];
    for (size_t i = 0; i < N; i++) {
        for (size_t k = f.x.start[rows[i]]; k < f.x.start[rows[i] + 1]; k++)
            dense[i * 200 + f.x.columns[k]] = f.x.values[k];
        memcpy(targets + 3 * i, f.targets + 3 * rows[i], 3);
    }
    fixture_dense(&g, dense, targets, N, 200, 3);
    f.problem.rows = rows;
    f.problem.n_rows = N;
    f.problem.targets = targets;
    for (size_t k = 0; k < N_KINDS; k++) {
        const struct solver_settings settings = {.kind = kinds[k], .cost = 1, .bias = 1, .seed = 1};
        train(block_train, &f, &settings, 1);
        train(block_train, &g, &settings, 1);
        assert_memory_equal(f.solution.weights, g.solution.weights, 200 * 3 * sizeof(float));
        train(liblinear_train, &f, &settings, 1);
        train(liblinear_train, &g, &settings, 1);
        assert_memory_equal(f.solution.weights, g.solution.weights, 200 * 3 * sizeof(float));
    }
    free(dense);
    fixture_free(&f);
    fixture_free(&g);
}

/* A row of weight 2 is two rows, one of weight 0 is none. */
static void test_row_weights(void **state)
{
    (void)state;
    enum { N = 60, D = 90 };
    struct fixture f, g;
    fixture_random(&f, N, D, 3, 0, 33);
    uint32_t rows[2 * N];
    int8_t targets[2 * N * 3];
    float weight[N];
    size_t n = 0;
    for (size_t i = 0; i < N; i++) {
        weight[i] = (float)(i % 3);
        for (size_t copy = 0; copy < i % 3; copy++) {
            memcpy(targets + 3 * n, f.targets + 3 * i, 3);
            rows[n++] = (uint32_t)i;
        }
    }
    fixture_random(&g, N, D, 3, 0, 33);
    free(g.solution.dual);
    g.solution.dual = NULL;
    g.problem.rows = rows;
    g.problem.n_rows = n;
    g.problem.targets = targets;
    f.problem.row_weight = weight;
    for (size_t k = 0; k < N_KINDS; k++) {
        const struct solver_settings settings = {
            .kind = kinds[k], .cost = 2, .bias = 1, .seed = 1, .epsilon = 1e-5};
        train(block_train, &f, &settings, 1);
        train(block_train, &g, &settings, 1);
        assert_same_objective(&f, &g, 2e-5);
    }
    fixture_free(&f);
    fixture_free(&g);
}

static void shuffle_rows(struct matrix *x, uint64_t seed)
{
    for (size_t i = 0; i < x->n_rows; i++)
        for (size_t k = x->start[i]; k + 1 < x->start[i + 1]; k++) {
            const size_t j = k + fixture_draw(&seed) % (x->start[i + 1] - k);
            const uint32_t column = x->columns[k];
            const float value = x->values[k];
            x->columns[k] = x->columns[j];
            x->values[k] = x->values[j];
            x->columns[j] = column;
            x->values[j] = value;
        }
}

/* The columns need not fall in frequency, nor stand in order in a row: the order decides what is
 * left out, not what comes out. Of a few rows many columns are one row's own, in the middle of it
 * too. */
static void test_columns_in_any_order(void **state)
{
    (void)state;
    enum { N = 150, D = 200, FEW = 12 };
    struct fixture f, g;
    fixture_random(&f, N, D, 4, 0, 77);
    float *dense = fixture_zero(N * D, sizeof *dense);
    for (size_t i = 0; i < N; i++)
        for (size_t k = f.x.start[i]; k < f.x.start[i + 1]; k++)
            dense[i * D + (D - 1 - f.x.columns[k])] = f.x.values[k];
    fixture_dense(&g, dense, f.targets, N, D, 4);
    shuffle_rows(&g.x, 5);
    for (size_t k = 0; k < 2 * N_KINDS; k++) {
        const struct solver_settings settings = {
            .kind = kinds[k % N_KINDS], .cost = 1, .bias = 1, .seed = 1, .epsilon = 1e-6};
        f.problem.n_rows = g.problem.n_rows = k < N_KINDS ? N : FEW;
        train(block_train, &f, &settings, 1);
        train(block_train, &g, &settings, 1);
        assert_same_objective(&f, &g, 3e-6);
        for (size_t c = 0; c < D; c++)
            for (size_t l = 0; l < 4; l++)
                assert_near(f.solution.weights[c * 4 + l], g.solution.weights[(D - 1 - c) * 4 + l],
                            5e-3);
    }
    free(dense);
    fixture_free(&f);
    fixture_free(&g);
}

/* The dual that comes back is that of the weights, w = sum of y alpha x, and within its bounds. */
static void test_dual_explains_weights(void **state)
{
    (void)state;
    enum { N = 150, D = 200, L = 4 };
    for (size_t k = 0; k < N_KINDS; k++) {
        struct fixture f;
        fixture_random(&f, N, D, L, 5, 78);
        const struct solver_settings settings = {.kind = kinds[k], .cost = 2, .bias = 3, .seed = 1};
        train(block_train, &f, &settings, 1);
        double *w = fixture_zero((D + 1) * L, sizeof *w);
        for (size_t i = 0; i < N; i++) {
            for (size_t l = 0; l < L; l++) {
                const float dual = f.solution.dual[i * L + l];
                const float alpha = dual * (float)f.targets[i * L + l];
                assert_true(f.targets[i * L + l] != 0 || dual == 0);
                assert_true(alpha >= 0 && (k == 1 || alpha <= 2));
                for (size_t j = f.x.start[i]; j < f.x.start[i + 1]; j++)
                    w[f.x.columns[j] * L + l] += (double)dual * (double)f.x.values[j];
                w[D * L + l] += 9 * (double)dual;
            }
        }
        for (size_t l = 0; l < L; l++) {
            /* The bias goes its own way to the same end: its distance is part of the gap. */
            const double off = (double)f.solution.bias[l] - w[D * L + l];
            assert_true(off * off / (2 * 9) <= 1.01e-4 * f.solution.objective[l]);
            for (size_t c = 0; c < D; c++)
                assert_near(f.solution.weights[c * L + l], w[c * L + l], 1e-4);
        }
        free(w);
        fixture_free(&f);
    }
}

static size_t total_passes(const struct fixture *f)
{
    size_t n = 0;
    for (size_t l = 0; l < f->problem.n_tasks; l++)
        n += f->solution.iterations[l];
    return n;
}

static void test_warm_start(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_KINDS; k++) {
        struct fixture f, g;
        fixture_random(&f, 200, 300, 5, 9, 4);
        fixture_random(&g, 200, 300, 5, 9, 4);
        struct solver_settings settings = {.kind = kinds[k], .cost = 1, .bias = 1, .seed = 1};
        train(block_train, &f, &settings, 1);
        settings.cost = 1.25;
        train(block_train, &g, &settings, 1);
        const size_t cold = total_passes(&g);
        f.solution.warm = 1;
        for (size_t i = 0; i < 200 * 5; i++)
            f.solution.dual[i] *= 1.25f;
        train(block_train, &f, &settings, 1);
        assert_same_objective(&f, &g, 2e-4);
        assert_true(total_passes(&f) < cold);
        /* From its own solution there is nothing to do but to look. */
        train(block_train, &f, &settings, 1);
        assert_true(total_passes(&f) <= 5 * 3);
        fixture_free(&f);
        fixture_free(&g);
    }
}

/* What was given as a start may break every bound. */
static void test_wild_warm_start(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_KINDS; k++) {
        struct fixture f, g;
        fixture_random(&f, 100, 150, 3, 4, 4);
        fixture_random(&g, 100, 150, 3, 4, 4);
        const struct solver_settings settings = {.kind = kinds[k], .cost = 1, .bias = 1, .seed = 1};
        for (size_t i = 0; i < 100 * 3; i++)
            f.solution.dual[i] = i % 7 == 0 ? NAN : (float)(i % 5) * 100 - 200;
        f.solution.warm = 1;
        f.solution.bias[0] = NAN;
        f.solution.bias[1] = INFINITY;
        f.solution.bias[2] = -1e3f;
        train(block_train, &f, &settings, 1);
        train(block_train, &g, &settings, 1);
        assert_same_objective(&f, &g, 2e-4);
        fixture_free(&f);
        fixture_free(&g);
    }
}

static void test_pass_limit(void **state)
{
    (void)state;
    struct fixture f;
    fixture_random(&f, 200, 300, 5, 0, 4);
    const struct solver_settings settings = {
        .kind = 1, .cost = 1000, .bias = 1, .seed = 1, .max_iterations = 4};
    train(block_train, &f, &settings, 1);
    for (size_t l = 0; l < 5; l++)
        assert_int_equal(f.solution.iterations[l], 4);
    fixture_free(&f);
}

/* Rows and columns that hold nothing. */
static void test_hollow_rows(void **state)
{
    (void)state;
    const float rows[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0};
    const int8_t targets[] = {1, 1, -1, -1, -1};
    for (size_t k = 0; k < N_KINDS; k++) {
        for (int has_bias = 0; has_bias < 2; has_bias++) {
            struct fixture f, g;
            fixture_dense(&f, rows, targets, 5, 3, 1);
            fixture_dense(&g, rows, targets, 5, 3, 1);
            struct solver_settings settings = {
                .kind = kinds[k], .cost = 1, .bias = has_bias ? 1 : -1, .seed = 1};
            train(block_train, &f, &settings, 1);
            settings.epsilon = 1e-5;
            train(liblinear_train, &g, &settings, 1);
            assert_true(f.solution.weights[1] == 0.0f);
            assert_same_objective(&f, &g, 2e-4);
            fixture_free(&f);
            fixture_free(&g);
        }
    }
}

static int stop_at_count(void *context)
{
    return --*(int *)context < 0;
}

static void test_stopped(void **state)
{
    (void)state;
    struct pool *pool = new_pool(2);
    for (int after = 0; after < 3; after++) {
        struct fixture f;
        fixture_random(&f, 100, 150, 3, 0, 4);
        const struct solver_settings settings = {.kind = 1, .cost = 1, .bias = 1, .seed = 1};
        int count = after;
        const sikap_watch watch = {.context = &count, .stopped = stop_at_count};
        sikap_error err = {0};
        assert_int_equal(block_train(&f.problem, &settings, pool, &watch, &f.solution, &err),
                         SIKAP_CANCELLED);
        assert_int_equal(err.code, SIKAP_CANCELLED);
        assert_string_equal(err.message, "training was stopped");
        fixture_free(&f);
    }
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_liblinear),
        cmocka_unit_test(test_kinds_with_one_optimum),
        cmocka_unit_test(test_high_cost),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_seed_matters),
        cmocka_unit_test(test_row_subset),
        cmocka_unit_test(test_row_weights),
        cmocka_unit_test(test_columns_in_any_order),
        cmocka_unit_test(test_dual_explains_weights),
        cmocka_unit_test(test_warm_start),
        cmocka_unit_test(test_wild_warm_start),
        cmocka_unit_test(test_pass_limit),
        cmocka_unit_test(test_hollow_rows),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
