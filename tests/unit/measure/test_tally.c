/* SPDX-License-Identifier: Apache-2.0 */
/* Rows with exactly one label each are counted alike by the tally of multi fields and that of
 * single ones, and a group is the sum of its documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/tally.h"

enum { N = 6, L = 3, N_COLUMNS = TALLY_PER_LABEL * L + TALLY_PER_UNIT };

static const uint32_t gold[N] = {0, 1, 2, 2, 0, 1}, predicted[N] = {0, 2, 2, 0, 1, 1};

static void fill(uint8_t cells[N][L], const uint32_t *labels)
{
    for (size_t i = 0; i < N; i++)
        for (size_t l = 0; l < L; l++)
            cells[i][l] = labels[i] == l;
}

static void test_single_rows(void **state)
{
    (void)state;
    uint8_t g[N][L], p[N][L];
    fill(g, gold);
    fill(p, predicted);
    struct tally *cells, *numbers;
    assert_int_equal(tally_multi_by(&cells, &g[0][0], &p[0][0], N, L, NULL, NULL), 0);
    assert_int_equal(tally_single(&numbers, gold, predicted, N, L, NULL), 0);
    assert_int_equal(cells->n_units, numbers->n_units);
    assert_int_equal(cells->n_columns, numbers->n_columns);
    for (size_t u = 0; u <= N; u++)
        assert_int_equal(cells->start[u], numbers->start[u]);
    for (size_t e = 0; e < numbers->start[N]; e++) {
        assert_int_equal(cells->columns[e], numbers->columns[e]);
        assert_true(cells->values[e] == numbers->values[e]);
    }
    tally_free(cells);
    tally_free(numbers);
}

static void test_groups(void **state)
{
    (void)state;
    uint8_t g[N][L], p[N][L];
    fill(g, gold);
    fill(p, predicted);
    const uint32_t group[N] = {7, 7, 3, 3, 3, 9}; /* gaps are fine */
    struct tally *t;
    assert_int_equal(tally_multi_by(&t, &g[0][0], &p[0][0], N, L, group, NULL), 0);
    assert_int_equal(t->n_units, 3);
    double sums[N_COLUMNS];
    tally_sums(t, sums);
    /* By hand: label 0: right once, missed once, given wrongly once; and so on. */
    const double expected[L][TALLY_PER_LABEL] = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
    for (size_t l = 0; l < L; l++)
        for (size_t k = 0; k < TALLY_PER_LABEL; k++)
            assert_true(sums[tally_label_column(l, k)] == expected[l][k]);
    assert_true(sums[tally_unit_column(L, TALLY_EXACT)] == 3);
    assert_true(sums[tally_unit_column(L, TALLY_DOCUMENTS)] == N);
    tally_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_rows),
        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
