/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of both solvers fails once, LIBLINEAR's own included: the error is reported,
 * nothing leaks and nothing is left half done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "solver_fixture.h"

static void do_nothing(void *context, size_t index, size_t worker)
{
    (void)context;
    (void)index;
    (void)worker;
}

/* How many allocations a training makes; fails each of them in turn. */
static long fail_each(solver_train *solver, enum solver_kind kind, size_t n_threads, int is_single)
{
    struct fixture f;
    fixture_random(&f, 60, 80, 3, is_single ? 0 : 6, 5);
    for (size_t i = 0; is_single && i < 60 * 3; i++)
        f.targets[i] = i % 3 == i / 3 % 3 ? 1 : -1;
    struct pool *pool;
    assert_int_equal(pool_new(&pool, n_threads, NULL), 0);
    parallel_for(pool, 8, do_nothing, NULL); /* by then the threads have freed what started them */
    const long held = atomic_load(&n_held);
    const struct solver_settings settings = {.kind = kind, .cost = 1, .bias = 1, .seed = 1};
    long n = 0;
    for (int status = -1; status != 0; n++) {
        sikap_error err = {0};
        atomic_store(&left, n);
        status = solver(&f.problem, &settings, pool, NULL, &f.solution, &err);
        atomic_store(&left, -1);
        assert_int_equal(atomic_load(&n_held), held);
        if (status == 0)
            break;
        assert_int_equal(status, SIKAP_SYSTEM);
        assert_int_equal(err.code, SIKAP_SYSTEM);
        assert_non_null(strstr(err.message, "memory"));
    }
    pool_free(pool);
    fixture_free(&f);
    return n;
}

static void test_liblinear(void **state)
{
    (void)state;
    for (int kind = SOLVER_L2R_LR; kind <= SOLVER_L2R_LR_DUAL; kind++)
        for (size_t n_threads = 1; n_threads < 3; n_threads++)
            /* The rows, a task's arrays, and at least the model inside. */
            assert_true(fail_each(liblinear_train, (enum solver_kind)kind, n_threads,
                                  kind == SOLVER_MCSVM_CS) > 10);
}

static void test_block(void **state)
{
    (void)state;
    for (size_t n_threads = 1; n_threads < 3; n_threads++) {
        assert_true(fail_each(block_train, SOLVER_L2R_LR, n_threads, 0) > 10);
        assert_true(fail_each(block_train, SOLVER_L2R_L2LOSS_SVC_DUAL, n_threads, 0) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_liblinear),
        cmocka_unit_test(test_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
