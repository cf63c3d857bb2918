/* SPDX-License-Identifier: Apache-2.0 */
/* By hand, and by what the corrected counts promise: to recover a share the classifier misreports.
 */
#include "measure/quantify.h"

#include <string.h>

#include "base/memory.h"
#include "base/random.h"

#include "cases.h"

static struct pool *pool;
static const struct bootstrap_settings FEW = {.n_resamples = 200, .seed = 1};

static int start(void **state)
{
    (void)state;
    return pool_new(&pool, 2, NULL);
}

static int stop(void **state)
{
    (void)state;
    pool_free(pool);
    return 0;
}

/* Known: of 4 with the label 3 are found; of 6 without 1 is given it. Counted: 5 of 10. The truth
 * is (1/2 - 1/6) / (3/4 - 1/6) = 4/7. Probabilities: means 0.7 and 0.2 among the known, 0.5
 * counted: (0.5 - 0.2) / (0.7 - 0.2) = 0.6. */
static void one_label_by_hand(void **state)
{
    (void)state;
    const uint8_t gold[] = {1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    const uint8_t predicted[] = {1, 1, 1, 0, 1, 0, 0, 0, 0, 0};
    const double p[] = {0.9, 0.8, 0.7, 0.4, 0.5, 0.3, 0.1, 0.1, 0.1, 0.1};
    const uint8_t given[] = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
    const double q[] = {1, 1, 0.9, 0.8, 0.6, 0.3, 0.2, 0.1, 0.1, 0};
    struct tally *known, *cell;
    struct quantified share;
    assert_int_equal(quantify_known_multi(&known, gold, predicted, p, 10, 1, NULL), 0);
    assert_int_equal(quantify_cell_multi(&cell, given, q, 10, 1, NULL), 0);
    const struct tally *const cells[] = {cell};
    assert_int_equal(quantify_run(&share, known, cells, 1, 1, 0, &FEW, pool, NULL), 0);
    assert_near(share.counted.share, 0.5);
    assert_near(share.adjusted.share, 4.0 / 7);
    assert_near(share.mean_probability.share, 0.5);
    assert_near(share.adjusted_probability.share, 0.6);
    assert_true(share.adjusted.interval.low < 4.0 / 7 && share.adjusted.interval.high > 4.0 / 7);
    assert_true(share.adjusted.interval.low >= 0 && share.adjusted.interval.high <= 1);
    tally_free(known);
    tally_free(cell);
}

static void nothing_to_learn_from(void **state)
{
    (void)state;
    static const struct {
        uint8_t gold[4], predicted[4];
    } CASES[] = {
        {{0, 0, 0, 0}, {1, 0, 0, 0}}, /* no document with the label */
        {{1, 1, 1, 1}, {1, 0, 0, 0}}, /* none without */
        {{1, 1, 0, 0}, {1, 0, 1, 0}}, /* equal rates */
    };
    const uint8_t given[] = {1, 1, 1, 0};
    for (size_t c = 0; c < 3; c++) {
        struct tally *known, *cell;
        struct quantified share;
        assert_int_equal(
            quantify_known_multi(&known, CASES[c].gold, CASES[c].predicted, NULL, 4, 1, NULL), 0);
        assert_int_equal(quantify_cell_multi(&cell, given, NULL, 4, 1, NULL), 0);
        const struct tally *const cells[] = {cell};
        assert_int_equal(quantify_run(&share, known, cells, 1, 1, 0, &FEW, pool, NULL), 0);
        assert_near(share.adjusted.share, 0.75);
        assert_near(share.adjusted_probability.share, 0);
        tally_free(known);
        tally_free(cell);
    }
}

/* Three classes, 100 known documents each, profiles (.8 .1 .1), (.2 .7 .1), (.1 .3 .6); a cell with
 * true shares (.1 .3 .6) is counted as (.2 .4 .4) exactly. */
static void a_mixture_of_classes(void **state)
{
    (void)state;
    static const int PROFILE[3][3] = {{80, 10, 10}, {20, 70, 10}, {10, 30, 60}};
    static const int COUNT[3] = {200, 400, 400};
    uint32_t gold[300], predicted[300], given[1000];
    double *p = memory_zero(300, 3 * sizeof *p), *q = memory_zero(1000, 3 * sizeof *q);
    assert_non_null(p);
    assert_non_null(q);
    size_t n = 0;
    for (uint32_t c = 0; c < 3; c++)
        for (uint32_t l = 0; l < 3; l++)
            for (int i = 0; i < PROFILE[c][l]; i++, n++) {
                gold[n] = c;
                predicted[n] = l;
                p[n * 3 + l] = 1;
            }
    n = 0;
    for (uint32_t l = 0; l < 3; l++)
        for (int i = 0; i < COUNT[l]; i++, n++) {
            given[n] = l;
            q[n * 3 + l] = 1;
        }
    struct tally *known, *cell;
    struct quantified share[6];
    static const double TRUTH[] = {0.1, 0.3, 0.6};
    assert_int_equal(quantify_known_single(&known, gold, predicted, p, 300, 3, NULL), 0);
    assert_int_equal(quantify_cell_single(&cell, given, q, 1000, 3, NULL), 0);
    const struct tally *const cells[] = {cell, cell};
    assert_int_equal(quantify_run(share, known, cells, 2, 3, 1, &FEW, pool, NULL), 0);
    for (size_t l = 0; l < 6; l++) {
        assert_near(share[l].counted.share, COUNT[l % 3] / 1000.0);
        assert_within(share[l].adjusted.share, TRUTH[l % 3], 1e-5);
        assert_within(share[l].adjusted_probability.share, TRUTH[l % 3], 1e-5);
        assert_true(share[l].adjusted.interval.low < TRUTH[l % 3]);
        assert_true(share[l].adjusted.interval.high > TRUTH[l % 3]);
    }
    sikap_error err;
    assert_int_equal(quantify_run(share, known, cells, 2, 3, 0, &FEW, pool, &err), SIKAP_USAGE);
    assert_string_equal(err.message, "the counts are not of 3 labels");
    struct tally *bad;
    assert_int_equal(quantify_cell_single(&bad, given, NULL, 1000, 2, &err), SIKAP_DATA);
    assert_string_equal(err.message, "document 600: label 2 of 2");
    assert_null(bad);
    tally_free(known);
    tally_free(cell);
    memory_free(p);
    memory_free(q);
}

/* 40 months whose true share runs from 2 % to 60 %, counted by a classifier that finds 75 % and
 * errs on 10 %: corrected counts must be much nearer to the truth, and their intervals hold it. */
static void beats_counting(void **state)
{
    (void)state;
    enum { KNOWN = 3000, CELLS = 40, N = 2000 };
    static uint8_t gold[KNOWN], predicted[KNOWN], given[N];
    double error_counted = 0, error_adjusted = 0, truth[CELLS];
    size_t n_held = 0;
    struct tally *known, *cells[CELLS];
    struct random random;
    random_seed(&random, 31, 0);
    for (size_t i = 0; i < KNOWN; i++) {
        gold[i] = random_unit(&random) < 0.2;
        predicted[i] = random_unit(&random) < (gold[i] ? 0.75 : 0.1);
    }
    assert_int_equal(quantify_known_multi(&known, gold, predicted, NULL, KNOWN, 1, NULL), 0);
    for (size_t c = 0; c < CELLS; c++) {
        truth[c] = 0.02 + 0.58 * (double)c / (CELLS - 1);
        for (size_t i = 0; i < N; i++)
            given[i] = random_unit(&random) < (random_unit(&random) < truth[c] ? 0.75 : 0.1);
        assert_int_equal(quantify_cell_multi(&cells[c], given, NULL, N, 1, NULL), 0);
    }
    struct quantified share[CELLS];
    assert_int_equal(quantify_run(share, known, (const struct tally *const *)cells, CELLS, 1, 0,
                                  &FEW, pool, NULL),
                     0);
    for (size_t c = 0; c < CELLS; c++) {
        error_counted += fabs(share[c].counted.share - truth[c]) / CELLS;
        error_adjusted += fabs(share[c].adjusted.share - truth[c]) / CELLS;
        n_held += share[c].adjusted.interval.low <= truth[c] &&
                  truth[c] <= share[c].adjusted.interval.high;
        tally_free(cells[c]);
    }
    assert_true(error_adjusted < error_counted / 2);
    assert_true(n_held >= 34);
    tally_free(known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_label_by_hand),
        cmocka_unit_test(nothing_to_learn_from),
        cmocka_unit_test(a_mixture_of_classes),
        cmocka_unit_test(beats_counting),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
