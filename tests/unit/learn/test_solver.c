/* SPDX-License-Identifier: Apache-2.0 */
/* Both solvers on problems whose solution can be found by hand, and what they refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "solver_fixture.h"

/* Two rows, x = 1 with y = +1 and x = -1 with y = -1, no bias: f(x) = w x, and both rows lose the
 * same. The objective is p(w) + 2 C loss(w), p = w^2 / 2 or |w|. */
static const struct by_hand {
    enum solver_kind kind;
    double cost, w, objective;
} by_hand[] = {
    {SOLVER_L2R_L2LOSS_SVC_DUAL, 1, 0.8, 0.4}, /* w = 4 (1 - w) */
    {SOLVER_L2R_L2LOSS_SVC, 1, 0.8, 0.4},
    {SOLVER_L2R_L2LOSS_SVC_DUAL, 0.25, 0.5, 0.25}, /* w = 1 - w */
    {SOLVER_L2R_L1LOSS_SVC_DUAL, 1, 1, 0.5},       /* w = 2 is cut off by the margin */
    {SOLVER_L2R_L1LOSS_SVC_DUAL, 0.25, 0.5, 0.375},
    {SOLVER_L2R_LR, 1, 0.6748316143423994, 1.050914145220015}, /* w = 2 / (1 + e^w) */
    {SOLVER_L2R_LR_DUAL, 1, 0.6748316143423994, 1.050914145220015},
    {SOLVER_L1R_L2LOSS_SVC, 1, 0.75, 0.875},                   /* 1 = 4 (1 - w) */
    {SOLVER_L1R_LR, 4, 1.9459101490553132, 3.0141612900514936} /* 1 = 8 / (1 + e^w): w = log 7 */
};

static int is_block_kind(enum solver_kind kind)
{
    return kind <= SOLVER_L2R_L1LOSS_SVC_DUAL || kind == SOLVER_L2R_LR_DUAL;
}

static void test_two_rows(void **state)
{
    (void)state;
    const float rows[] = {1, -1};
    const int8_t targets[] = {1, -1};
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    for (size_t t = 0; t < sizeof by_hand / sizeof *by_hand; t++) {
        for (int is_block = 0; is_block <= is_block_kind(by_hand[t].kind); is_block++) {
            struct fixture f;
            fixture_dense(&f, rows, targets, 2, 1, 1);
            const struct solver_settings settings = {.kind = by_hand[t].kind,
                                                     .cost = by_hand[t].cost,
                                                     .epsilon = is_block ? 1e-6 : 1e-7,
                                                     .bias = -1,
                                                     .seed = 1};
            assert_int_equal((is_block ? block_train : liblinear_train)(&f.problem, &settings, pool,
                                                                        NULL, &f.solution, NULL),
                             0);
            /* A gap of 1e-6 P leaves |w - w*|^2 / 2 below 1e-6 P, and P is at most 3. */
            assert_near(f.solution.weights[0], by_hand[t].w, 2e-3);
            assert_near(f.solution.objective[0], by_hand[t].objective, 1e-5);
            assert_true(f.solution.bias[0] == 0.0f);
            fixture_free(&f);
        }
    }
    pool_free(pool);
}

/* The bias feature is regularised: with no other, b = B w and the objective is w^2 / 2 + loss.
 * Three rows +1 and one -1, squared hinge, C = 1, B = 2, f = 2 w: w + 3 * 2 * 2 * -(1 - 2w) + 2 * 2
 * (1 + 2w) = 0, so 33 w = 8. */
static void test_bias(void **state)
{
    (void)state;
    const float rows[] = {0, 0, 0, 0};
    const int8_t targets[] = {1, 1, 1, -1};
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    const struct solver_settings settings = {
        .kind = SOLVER_L2R_L2LOSS_SVC_DUAL, .cost = 1, .epsilon = 1e-6, .bias = 2, .seed = 1};
    for (int is_block = 0; is_block < 2; is_block++) {
        struct fixture f;
        fixture_dense(&f, rows, targets, 4, 1, 1);
        assert_int_equal((is_block ? block_train : liblinear_train)(&f.problem, &settings, pool,
                                                                    NULL, &f.solution, NULL),
                         0);
        const double w = 8.0 / 33;
        assert_near(f.solution.bias[0], 2 * w, 1e-3);
        assert_true(f.solution.weights[0] == 0.0f);
        assert_near(f.solution.objective[0],
                    w * w / 2 + 3 * (1 - 2 * w) * (1 - 2 * w) + (1 + 2 * w) * (1 + 2 * w), 1e-5);
        fixture_free(&f);
    }
    pool_free(pool);
}

/* Objective of given weights, every term by hand: f = (0.5, 2, -0.25) + b; kinds differ in loss. */
static void test_objective(void **state)
{
    (void)state;
    const float rows[] = {1, 0, 2, 4, 0, -0.5f};
    const int8_t targets[] = {1, 0, -1, -1, 1, 0};
    const float weights[] = {0.5f, 1, 0.25f, 0}; /* [column][task] */
    const float bias[] = {0.5f, 0};
    const float row_weight[] = {1, 2, 0.5f};
    const float positive[] = {3, 1}, negative[] = {1, 4};
    struct fixture f;
    fixture_dense(&f, rows, targets, 3, 2, 2);
    f.problem.row_weight = row_weight;
    f.problem.positive_weight = positive;
    f.problem.negative_weight = negative;
    /* Task 0: f = 1, 2.5, 0.375; y = +1, -1, +1; C = 2 * {3, 1 * 2, 3 * 0.5} = 6, 4, 3.
     * Task 1: only row 1, f = 2, y = -1, C = 2 * 4 * 2 = 16.
     * The bias feature is 1: |w|^2 = 0.25 + 0.0625 + 0.25 and 1. */
    const struct {
        enum solver_kind kind;
        double expected[2];
    } table[] = {
        {SOLVER_L2R_L2LOSS_SVC, {0.28125 + 4 * 12.25 + 3 * 0.390625, 0.5 + 16 * 9}},
        {SOLVER_L2R_L1LOSS_SVC_DUAL, {0.28125 + 4 * 3.5 + 3 * 0.625, 0.5 + 16 * 3}},
        {SOLVER_L1R_L2LOSS_SVC, {1.25 + 4 * 12.25 + 3 * 0.390625, 1 + 16 * 9}},
        {SOLVER_L2R_LR,
         {0.28125 + 6 * 0.31326168751822286 + 4 * 2.5788897342925496 + 3 * 0.52312326413984,
          0.5 + 16 * 2.1269280110429727}},
    };
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        const struct solver_settings settings = {.kind = table[t].kind, .cost = 2, .bias = 1};
        double objective[2];
        assert_int_equal(solver_objective(&f.problem, &settings, weights, bias, objective, NULL),
                         0);
        assert_near(objective[0], table[t].expected[0], 1e-9);
        assert_near(objective[1], table[t].expected[1], 1e-9);
    }
    fixture_free(&f);
}

/* A task without positive rows says no to everything, one without negative rows yes; rows that are
 * not annotated or weigh nothing do not count. */
static void test_constant_tasks(void **state)
{
    (void)state;
    const float rows[] = {1, 0, 0, 1, 1, 1};
    const int8_t targets[] = {-1, 1, 0, 1, -1, 1, 0, -1, -1, 1, 0, 1};
    const float row_weight[] = {1, 1, 0};
    const float expected[] = {-1, 1, -1};
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    for (int is_block = 0; is_block < 2; is_block++) {
        struct fixture f;
        fixture_dense(&f, rows, targets, 3, 2, 4);
        f.problem.row_weight = row_weight;
        const struct solver_settings settings = {
            .kind = SOLVER_L2R_L2LOSS_SVC_DUAL, .cost = 1, .bias = -1, .seed = 1};
        assert_int_equal((is_block ? block_train : liblinear_train)(&f.problem, &settings, pool,
                                                                    NULL, &f.solution, NULL),
                         0);
        for (size_t l = 0; l < 3; l++) {
            assert_true(f.solution.bias[l] == expected[l]);
            assert_true(f.solution.weights[l] == 0 && f.solution.weights[4 + l] == 0);
        }
        assert_true(f.solution.weights[3] > 0.5f && f.solution.weights[7] < -0.5f);
        fixture_free(&f);
    }
    pool_free(pool);
}

static void test_empty(void **state)
{
    (void)state;
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 2, NULL), 0);
    for (int is_block = 0; is_block < 2; is_block++) {
        for (size_t n_tasks = 0; n_tasks < 3; n_tasks++) {
            struct fixture f;
            fixture_dense(&f, NULL, (const int8_t[]){0}, 0, 0, n_tasks);
            const struct solver_settings settings = {
                .kind = SOLVER_L2R_L2LOSS_SVC_DUAL, .cost = 1, .bias = 1, .seed = 1};
            assert_int_equal((is_block ? block_train : liblinear_train)(&f.problem, &settings, pool,
                                                                        NULL, &f.solution, NULL),
                             0);
            for (size_t l = 0; l < n_tasks; l++)
                assert_true(f.solution.bias[l] == -1.0f);
            fixture_free(&f);
        }
    }
    pool_free(pool);
}

static const float zero_weight[] = {0}, negative_weight[] = {-1}, nan_weight[] = {NAN};
static const float half_weight[] = {0.5f, 1};

static const struct refused {
    int is_block;
    struct solver_settings settings;
    const float *positive, *negative, *row;
    const char *message;
} refused[] = {
    {0, {.kind = 1, .cost = 0}, NULL, NULL, NULL, "the cost must be a positive number"},
    {1, {.kind = 1, .cost = -1}, NULL, NULL, NULL, "the cost must be a positive number"},
    {1, {.kind = 1, .cost = NAN}, NULL, NULL, NULL, "the cost must be a positive number"},
    {0, {.kind = 1, .cost = INFINITY}, NULL, NULL, NULL, "the cost must be a positive number"},
    {1,
     {.kind = 1, .cost = 1, .epsilon = -1},
     NULL,
     NULL,
     NULL,
     "the stopping tolerance must not be negative"},
    {0,
     {.kind = 1, .cost = 1},
     zero_weight,
     NULL,
     NULL,
     "a class weight must be a positive number"},
    {1, {.kind = 1, .cost = 1}, NULL, nan_weight, NULL, "a class weight must be a positive number"},
    {1,
     {.kind = 1, .cost = 1},
     NULL,
     NULL,
     negative_weight,
     "the weight of a document must not be negative"},
    {0,
     {.kind = 1, .cost = 1},
     NULL,
     NULL,
     half_weight,
     "liblinear takes no document weights: use the block solver"},
    {1, {.kind = 4, .cost = 1}, NULL, NULL, NULL, "the block solver has no kind 4: use liblinear"},
    {1, {.kind = 6, .cost = 1}, NULL, NULL, NULL, "the block solver has no kind 6: use liblinear"},
    {0,
     {.kind = (enum solver_kind)11, .cost = 1},
     NULL,
     NULL,
     NULL,
     "liblinear has no classifier number 11"},
};

static void test_refused(void **state)
{
    (void)state;
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    for (size_t t = 0; t < sizeof refused / sizeof *refused; t++) {
        struct fixture f;
        fixture_dense(&f, (const float[]){1, -1}, (const int8_t[]){1, -1}, 2, 1, 1);
        float row_weight[2] = {1, 1};
        if (refused[t].row != NULL) {
            row_weight[0] = refused[t].row[0];
            f.problem.row_weight = row_weight;
        }
        f.problem.positive_weight = refused[t].positive;
        f.problem.negative_weight = refused[t].negative;
        sikap_error err = {0};
        assert_int_equal((refused[t].is_block ? block_train : liblinear_train)(
                             &f.problem, &refused[t].settings, pool, NULL, &f.solution, &err),
                         SIKAP_USAGE);
        assert_int_equal(err.code, SIKAP_USAGE);
        assert_string_equal(err.message, refused[t].message);
        fixture_free(&f);
    }
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_rows),  cmocka_unit_test(test_bias),
        cmocka_unit_test(test_objective), cmocka_unit_test(test_constant_tasks),
        cmocka_unit_test(test_empty),     cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
