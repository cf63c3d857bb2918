/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: sklearn.feature_selection.chi2 and mutual_info_classif(discrete_features=True)
 * of scikit-learn 1.2.1 on binary presence, label by label; the highest counts. */
#include "learn/term_merit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "learn/tasks.h"

enum { N_ROWS = 8, N_TERMS = 4, MOST_TASKS = 17 };

/* Rows of the terms a b c d; counts above 1 must not matter. */
static size_t start[N_ROWS + 1] = {0, 2, 4, 6, 8, 11, 15, 16, 18};
static uint32_t columns[] = {0, 2, 0, 1, 1, 2, 0, 3, 1, 2, 3, 0, 1, 2, 3, 3, 0, 2};
static float values[] = {1, 9, 2, 1, 1, 1, 4, 1, 1, 1, 1, 7, 7, 7, 7, 1, 1, 3};
/* Labels x and y; the row that has every term is not annotated. */
static const int8_t gold[N_ROWS][2] = {{1, -1}, {1, -1}, {-1, 1},  {1, 1},
                                       {-1, 1}, {0, 0},  {-1, -1}, {-1, 1}};
static const uint32_t some_rows[] = {0, 1, 2, 4, 6};

struct merit_case {
    const char *what;
    enum merit_kind kind;
    size_t n_tasks, x, y; /* which tasks the labels are; the others have no document */
    size_t first[3], n_fields;
    int is_part; /* some_rows only */
    double expected[N_TERMS];
};

static const struct merit_case CASES[] = {
    {"chi2", MERIT_CHI2, 2, 0, 1, {0, 2}, 1, 0, {1.6875, 1 / 9.0, 0.520833333333, 1 / 9.0}},
    {"mi",
     MERIT_MI,
     2,
     0,
     1,
     {0, 2},
     1,
     0,
     {0.361573736347, 0.014032215111, 0.088781949935, 0.014032215111}},
    {"some rows", MERIT_CHI2, 2, 0, 1, {0, 2}, 1, 1, {3, 8 / 9.0, 8 / 9.0, 4 / 3.0}},
    {"some rows, mi",
     MERIT_MI,
     2,
     0,
     1,
     {0, 2},
     1,
     1,
     {0.673011667009, 0.291103166032, 0.291103166032, 0.291103166032}},
    {"two fields", MERIT_CHI2, 2, 0, 1, {0, 1, 2}, 2, 1, {3, 8 / 9.0, 8 / 9.0, 4 / 3.0}},
    {"a seventeenth label", MERIT_CHI2, 17, 16, 3, {0, 17}, 1, 1, {3, 8 / 9.0, 8 / 9.0, 4 / 3.0}},
    {"no document of any label", MERIT_MI, 17, 99, 99, {0, 17}, 1, 0, {0, 0, 0, 0}},
};

static void agrees_with_scikit_learn(void **state)
{
    (void)state;
    struct vocabulary vocabulary = {.n_terms = N_TERMS};
    struct collection c = {.n_rows = N_ROWS,
                           .counts = {.n_rows = N_ROWS,
                                      .n_columns = N_TERMS,
                                      .start = start,
                                      .columns = columns,
                                      .values = values},
                           .vocabulary = &vocabulary};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct merit_case *one = &CASES[i];
        int8_t targets[N_ROWS * MOST_TASKS];
        size_t first[3];
        memcpy(first, one->first, sizeof first);
        for (size_t row = 0; row < N_ROWS; row++)
            for (size_t t = 0; t < one->n_tasks; t++)
                targets[row * one->n_tasks + t] = t == one->x         ? gold[row][0]
                                                  : t == one->y       ? gold[row][1]
                                                  : gold[row][0] == 0 ? 0
                                                                      : -1;
        const struct tasks tasks = {.n_rows = N_ROWS,
                                    .n_tasks = one->n_tasks,
                                    .n_fields = one->n_fields,
                                    .first = first,
                                    .targets = targets};
        double merit[N_TERMS];
        assert_int_equal(
            term_merit(merit, one->kind, &c, &tasks, one->is_part ? some_rows : NULL, 5, NULL), 0);
        for (size_t t = 0; t < N_TERMS; t++)
            if (!(fabs(merit[t] - one->expected[t]) < 1e-11))
                fail_msg("%s, term %zu: %.12g, expected %.12g", one->what, t, merit[t],
                         one->expected[t]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_scikit_learn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
