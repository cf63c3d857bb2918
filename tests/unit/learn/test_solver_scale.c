/* SPDX-License-Identifier: Apache-2.0 */
/* A problem with a scale per column and task against the same problem with the scales multiplied
 * into a matrix of its own for each task. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "solver_fixture.h"

enum { N = 150, D = 200 };

static void train(solver_train *solver, struct fixture *f, const struct solver_settings *settings,
                  size_t n_threads)
{
    struct pool *pool;
    sikap_error err = {0};
    assert_int_equal(pool_new(&pool, n_threads, NULL), 0);
    if (solver(&f->problem, settings, pool, NULL, &f->solution, &err) != 0)
        fail_msg("%s", err.message);
    pool_free(pool);
}

/* Negative, small, large, and one in ten is 0. */
static float *scales(size_t n_tasks)
{
    float *scale = fixture_zero(D * n_tasks, sizeof *scale);
    uint64_t state = 5;
    for (size_t i = 0; i < D * n_tasks; i++) {
        const float u = (float)(fixture_draw(&state) % 1000) / 250.0f - 2.0f;
        scale[i] = fixture_draw(&state) % 10 == 0 ? 0 : u;
    }
    return scale;
}

/* Task l of f alone, its scales in the matrix. */
static void multiplied(struct fixture *g, const struct fixture *f, size_t l)
{
    const size_t n_tasks = f->problem.n_tasks;
    float *dense = fixture_zero(N * D, sizeof *dense);
    int8_t targets[N];
    for (size_t i = 0; i < N; i++) {
        targets[i] = f->targets[i * n_tasks + l];
        for (size_t k = f->x.start[i]; k < f->x.start[i + 1]; k++)
            dense[i * D + f->x.columns[k]] =
                f->x.values[k] * f->problem.scale[f->x.columns[k] * n_tasks + l];
    }
    fixture_dense(g, dense, targets, N, D, 1);
    free(dense);
}

static void scales_are_multiplied_values(void **state)
{
    (void)state;
    static const struct {
        solver_train *solver;
        enum solver_kind kind;
        double epsilon, objective, weight; /* how near */
    } CASES[] = {
        {block_train, SOLVER_L2R_LR, 1e-6, 1e-5, 5e-3},
        {block_train, SOLVER_L2R_L2LOSS_SVC_DUAL, 1e-6, 1e-5, 5e-3},
        {block_train, SOLVER_L2R_L1LOSS_SVC_DUAL, 1e-6, 1e-5, 2e-2},
        {liblinear_train, SOLVER_L2R_L2LOSS_SVC_DUAL, 1e-6, 1e-5, 1e-4},
        {liblinear_train, SOLVER_L2R_LR, 1e-6, 1e-5, 1e-3},
        {liblinear_train, SOLVER_L1R_LR, 1e-6, 1e-4, 1e-2},
    };
    const size_t n_tasks = 5;
    float *scale = scales(n_tasks);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct fixture f;
        fixture_random(&f, N, D, n_tasks, 6, 17);
        f.problem.scale = scale;
        const struct solver_settings settings = {
            .kind = CASES[i].kind, .cost = 1, .bias = 1, .seed = 3, .epsilon = CASES[i].epsilon};
        train(CASES[i].solver, &f, &settings, 1);
        for (size_t l = 0; l < n_tasks; l++) {
            struct fixture g;
            multiplied(&g, &f, l);
            train(CASES[i].solver, &g, &settings, 1);
            assert_near(f.solution.objective[l] / g.solution.objective[0], 1, CASES[i].objective);
            assert_near(f.solution.bias[l], g.solution.bias[0], CASES[i].weight);
            for (size_t c = 0; c < D; c++)
                assert_near(f.solution.weights[c * n_tasks + l],
                            g.solution.weights[c] * scale[c * n_tasks + l], CASES[i].weight);
            fixture_free(&g);
        }
        fixture_free(&f);
    }
    free(scale);
}

static void threads_leave_no_trace(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 8, 40};
    for (size_t t = 0; t < sizeof sizes / sizeof *sizes; t++) {
        const size_t n = sizes[t];
        float *scale = scales(n);
        struct fixture f, g;
        fixture_random(&f, N, D, n, 9, 21);
        fixture_random(&g, N, D, n, 9, 21);
        f.problem.scale = g.problem.scale = scale;
        const struct solver_settings settings = {.kind = 1, .cost = 1, .bias = 1, .seed = 7};
        train(block_train, &f, &settings, 1);
        for (size_t n_threads = 2; n_threads < 5; n_threads++) {
            train(block_train, &g, &settings, n_threads);
            assert_memory_equal(f.solution.weights, g.solution.weights, D * n * sizeof(float));
            assert_memory_equal(f.solution.bias, g.solution.bias, n * sizeof(float));
        }
        fixture_free(&f);
        fixture_free(&g);
        free(scale);
    }
}

static void a_warm_start_is_kept(void **state)
{
    (void)state;
    struct fixture f;
    float *scale = scales(4);
    fixture_random(&f, N, D, 4, 0, 4);
    f.problem.scale = scale;
    const struct solver_settings settings = {.kind = 1, .cost = 1, .bias = 1, .seed = 1};
    train(block_train, &f, &settings, 1);
    f.solution.warm = 1;
    train(block_train, &f, &settings, 1);
    for (size_t l = 0; l < 4; l++)
        assert_true(f.solution.iterations[l] <= 3); /* nothing to do but to look */
    fixture_free(&f);
    free(scale);
}

static void crammer_singer_refuses(void **state)
{
    (void)state;
    struct fixture f;
    float *scale = scales(2);
    fixture_random(&f, N, D, 2, 0, 4);
    f.problem.scale = scale;
    const struct solver_settings settings = {
        .kind = SOLVER_MCSVM_CS, .cost = 1, .bias = 1, .seed = 1};
    sikap_error err = {0};
    assert_int_equal(liblinear_train(&f.problem, &settings, NULL, NULL, &f.solution, &err),
                     SIKAP_USAGE);
    assert_non_null(strstr(err.message, "crammer-singer"));
    fixture_free(&f);
    free(scale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_multiplied_values), cmocka_unit_test(threads_leave_no_trace),
        cmocka_unit_test(a_warm_start_is_kept), cmocka_unit_test(crammer_singer_refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
