/* SPDX-License-Identifier: Apache-2.0 */
/* Doubts by hand, and the two models behind them against scikit-learn (reference_doubt.py). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyse/label_doubt.h"
#include "base/memory.h"

enum { N = 24, K = 3, FOLDS = 3, CHECKED = 6 };

static uint8_t gold[N * K];
static int8_t targets[N * K];
static float scores[N * K];
static unsigned char all[N];
static uint32_t fold[N];
static size_t first[] = {0, K};

static void fill(void)
{
    for (int i = 0; i < N; i++) {
        const int y[K] = {i % 2 == 0, i % 3 == 0, (i % 2 == 0) != (i % 5 == 0)};
        all[i] = 1;
        fold[i] = (uint32_t)(i / 2 % FOLDS);
        for (int l = 0; l < K; l++) {
            gold[i * K + l] = (uint8_t)y[l];
            targets[i * K + l] = (int8_t)(y[l] ? 1 : -1);
            scores[i * K + l] = (float)(y[l] - 0.5 + ((i * 7 + l * 5) % 11 - 5) / 8.0);
        }
    }
}

static const struct {
    int row;
    double p[2][K]; /* with the other labels, and without */
} expected[CHECKED] = {
    {0, {{0.19478, 0.77365, 0.66784}, {0.37909, 0.87861, 0.60913}}},
    {1, {{0.24617, 0.01099, 0.13658}, {0.26486, 0.00618, 0.16387}}},
    {5, {{0.04324, 0.28703, 0.43153}, {0.02361, 0.23735, 0.43027}}},
    {10, {{0.82068, 0.44739, 0.03734}, {0.83432, 0.48840, 0.02684}}},
    {15, {{0.43530, 0.24224, 0.80908}, {0.21026, 0.21577, 0.85699}}},
    {23, {{0.26122, 0.00681, 0.12174}, {0.25869, 0.01067, 0.12612}}},
};

static void probabilities(void **state)
{
    (void)state;
    fill();
    struct collection_field field = {.is_multi = 1, .annotated = all};
    const struct collection c = {.n_rows = N, .fields = &field, .n_fields = 1};
    const struct tasks tasks = {
        .n_rows = N, .n_tasks = K, .n_fields = 1, .first = first, .targets = targets, .gold = gold};
    const struct folds folds = {.n_documents = N, .n_folds = FOLDS, .of = fold};
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    for (int text_only = 0; text_only < 2; text_only++) {
        float p[N * K];
        assert_int_equal(
            label_doubt_probabilities(p, &c, &tasks, &folds, scores, text_only, pool, NULL, NULL),
            0);
        for (int i = 0; i < CHECKED; i++)
            for (int l = 0; l < K; l++) {
                const double got = (double)p[expected[i].row * K + l];
                if (!(fabs(got - expected[i].p[text_only][l]) < 2e-3))
                    fail_msg("row %d label %d: %f, expected %f", expected[i].row, l, got,
                             expected[i].p[text_only][l]);
            }
    }
    /* As a single field, labels are not told of each other and add up to 1. */
    field.is_multi = 0;
    float p[N * K];
    assert_int_equal(label_doubt_probabilities(p, &c, &tasks, &folds, scores, 0, pool, NULL, NULL),
                     0);
    const double *alone = expected[0].p[1];
    const double sum = alone[0] + alone[1] + alone[2];
    for (int l = 0; l < K; l++)
        assert_true(fabs((double)p[l] - alone[l] / sum) < 2e-3);
    pool_free(pool);
}

/* Labels A, B of a multi field, X, Y of a single one; row 4 is not annotated for the latter. B has
 * one document only: not judged. The thresholds of confident learning are A given 0.55, absent
 * 0.5667; X 0.525, Y 0.65. */
static void list(void **state)
{
    (void)state;
    enum { ROWS = 5, TASKS = 4, A = 0, X = 2, Y = 3 };
    static const float p[ROWS * TASKS] = {0.9F,  0.9F, 0.8F, 0.2F, /**/ 0.2F, 0.9F,      0.25F,
                                          0.75F, 0.7F, 0.9F, 0.1F, 0.9F,      /**/ 0.1F, 0.9F,
                                          0.6F,  0.4F, 0.5F, 0.9F, 0.9F,      0.1F};
    static uint8_t given[ROWS * TASKS] = {1, 0, 1, 0, 1, 0, 1, 0, 0, 0,
                                          0, 1, 0, 0, 0, 1, 0, 1, 0, 0};
    static int8_t wanted[ROWS * TASKS];
    for (int i = 0; i < ROWS * TASKS; i++)
        wanted[i] = given[i] ? 1 : -1;
    wanted[4 * TASKS + X] = wanted[4 * TASKS + Y] = 0;
    static unsigned char annotated[2][ROWS] = {{1, 1, 1, 1, 1}, {1, 1, 1, 1, 0}};
    static size_t starts[] = {0, 2, 4};
    struct collection_field fields[] = {{.is_multi = 1, .annotated = annotated[0]},
                                        {.is_multi = 0, .annotated = annotated[1]}};
    const struct collection c = {.n_rows = ROWS, .fields = fields, .n_fields = 2};
    const struct tasks tasks = {.n_rows = ROWS,
                                .n_tasks = TASKS,
                                .n_fields = 2,
                                .first = starts,
                                .targets = wanted,
                                .gold = given};
    static const struct label_doubt right[] = {
        {1, A, LABEL_DOUBT_NONE, 0.8F, 1, 1}, {1, X, Y, 0.75F, 1, 1},
        {2, A, LABEL_DOUBT_NONE, 0.7F, 0, 1}, {3, Y, X, 0.6F, 1, 1},
        {4, A, LABEL_DOUBT_NONE, 0.5F, 0, 0},
    };
    struct label_doubt *got;
    size_t n;
    assert_int_equal(label_doubt_list(&got, &n, p, &c, &tasks, 2, NULL), 0);
    assert_int_equal(n, sizeof right / sizeof *right);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(got[i].row, right[i].row);
        assert_int_equal(got[i].task, right[i].task);
        assert_int_equal(got[i].instead, right[i].instead);
        assert_true(fabs((double)got[i].doubt - (double)right[i].doubt) < 1e-6);
        assert_int_equal(got[i].is_given, right[i].is_given);
        assert_int_equal(got[i].is_confident, right[i].is_confident);
    }
    memory_free(got);
    /* Nothing is judged when every label is rare. */
    assert_int_equal(label_doubt_list(&got, &n, p, &c, &tasks, 3, NULL), 0);
    assert_int_equal(n, 0);
    memory_free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(probabilities), cmocka_unit_test(list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
