/* SPDX-License-Identifier: Apache-2.0 */
/* Ratios by hand from the paper's formula, and its interpolation. */
#include "learn/nb_ratio.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

enum { N_ROWS = 5, N_COLUMNS = 5, N_TASKS = 3 };

/* The last row is not annotated, so the fourth column is in no annotated row; one value is 0. */
static size_t start[N_ROWS + 1] = {0, 2, 5, 7, 9, 13};
static uint32_t columns[] = {0, 2, 0, 1, 4, 1, 2, 1, 4, 0, 1, 2, 3};
static float values[] = {1, 2, 0.5f, 1, 0, 3, 1, 1, 1, 1, 1, 1, 1};
static int8_t targets[N_ROWS * N_TASKS] = {1, 1, -1, -1, 1, -1, -1, -1, -1, 1, 1, -1, 0, 0, 0};

static void assert_ratios(const float *got, double alpha, const double expected[N_COLUMNS],
                          size_t task)
{
    for (size_t c = 0; c < N_COLUMNS; c++)
        if (!(fabs((double)got[c * N_TASKS + task] - expected[c]) < 1e-6))
            fail_msg("alpha %g, task %zu, column %zu: %g, expected %g", alpha, task, c,
                     (double)got[c * N_TASKS + task], expected[c]);
}

static void ratios_are_the_papers(void **state)
{
    (void)state;
    /* Task 0, alpha 1: p = (2 2 2 2)/8 over the columns 0 1 2 4, q = (2 3 2 1)/8, so ln (1, 2/3, 1,
     * 2). Task 1: p = (3 3 2 2)/10, q = (1 2 2 1)/6. Task 2 has no positive row. */
    const double expected[2][2][N_COLUMNS] = {
        {{0, log(2 / 3.0), 0, 0, log(2)}, {log(1.8), log(0.9), log(0.6), 0, log(1.2)}},
        {{0, log(0.6), 0, 0, log(3)}, {log(2.5), log(5 / 6.0), log(0.5), 0, log(1.5)}}};
    const double alphas[] = {1, 0.5};
    size_t first[] = {0, N_TASKS};
    const double none[N_COLUMNS] = {0};
    const struct tasks tasks = {
        .n_rows = N_ROWS, .n_tasks = N_TASKS, .n_fields = 1, .first = first, .targets = targets};
    const struct matrix x = {.n_rows = N_ROWS,
                             .n_columns = N_COLUMNS,
                             .start = start,
                             .columns = columns,
                             .values = values};
    const uint32_t rows[] = {0, 1, 2, 3};
    for (size_t threads = 1; threads < 4; threads++) {
        struct pool *pool;
        assert_int_equal(pool_new(&pool, threads, NULL), 0);
        for (size_t a = 0; a < 2; a++)
            for (int part = 0; part < 2; part++) {
                float *ratios;
                assert_int_equal(
                    nb_ratio_new(&ratios, &x, &tasks, part ? rows : NULL, 4, alphas[a], pool, NULL),
                    0);
                for (size_t t = 0; t < 2; t++)
                    assert_ratios(ratios, alphas[a], expected[a][t], t);
                assert_ratios(ratios, alphas[a], none, 2);
                memory_free(ratios);
            }
        pool_free(pool);
    }
}

static void held_out_rows_change_nothing(void **state)
{
    (void)state;
    size_t first[] = {0, N_TASKS};
    const struct tasks tasks = {
        .n_rows = N_ROWS, .n_tasks = N_TASKS, .n_fields = 1, .first = first, .targets = targets};
    const struct matrix x = {.n_rows = N_ROWS,
                             .n_columns = N_COLUMNS,
                             .start = start,
                             .columns = columns,
                             .values = values};
    const uint32_t rows[] = {0, 1};
    struct pool *pool;
    float *ratios;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    assert_int_equal(nb_ratio_new(&ratios, &x, &tasks, rows, 2, 1, pool, NULL), 0);
    /* Columns 0 1 2 stand in the two rows; p = (2 1 2)/5, q = (2 2 1)/5. */
    const double expected[N_COLUMNS] = {0, log(0.5), log(2), 0, 0};
    assert_ratios(ratios, 1, expected, 0);
    memory_free(ratios);
    pool_free(pool);
}

static void interpolation_is_the_papers(void **state)
{
    (void)state;
    /* w = v / r = 3, -1, 2 where r is not 0: the mean of |w| is 2. */
    const float ratios[] = {1, 0, 2, 0, -0.5f, 0, 0, 0};
    static const struct {
        double beta;
        float expected[4];
    } CASES[] = {
        {1, {3, -2, -1, 0}},
        {0, {2, 4, -1, 0}}, /* r |w|_1 / |V| */
        {0.25f, {2.25f, 2.5f, -1, 0}},
    };
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        float weights[] = {3, 0, -2, 0, -1, 0, 0, 0};
        nb_ratio_interpolate(weights, ratios, 4, 2, CASES[i].beta, pool);
        for (size_t c = 0; c < 4; c++) {
            assert_true(fabsf(weights[2 * c] - CASES[i].expected[c]) < 1e-6f);
            assert_true(weights[2 * c + 1] == 0); /* a task without ratios */
        }
    }
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ratios_are_the_papers),
                                       cmocka_unit_test(held_out_rows_change_nothing),
                                       cmocka_unit_test(interpolation_is_the_papers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
