/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: statsmodels 0.13.5 through reference.py; exact randomisation by counting. */
#include "measure/significance.h"

#include <string.h>

#include "measure/metrics.h"

#include "cases.h"
#include "simulation.h"

static struct pool *pool;

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

static void mcnemar_agrees_with_statsmodels(void **state)
{
    (void)state;
    static const struct {
        uint64_t b, c;
        double exact, chi2, p;
    } CASES[] = {
        {3, 12, 0.03515625, 4.2666666666666666, 0.038867103812417307},
        {12, 3, 0.03515625, 4.2666666666666666, 0.038867103812417307},
        {25, 40, 0.081681533941540027, 3.0153846153846153, 0.082477887473209707},
        {0, 1, 1, 0, 1},
        {400, 520, 8.5491709238837797e-05, 15.392391304347827, 8.7339265883578309e-05},
        /* No difference is no evidence, here as in R; statsmodels corrects past zero to 0.1. */
        {5, 5, 1, 0, 1},
        {0, 0, 1, 0, 1},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const struct mcnemar m = significance_mcnemar(CASES[i].b, CASES[i].c);
        assert_near(m.exact, CASES[i].exact);
        assert_near(m.chi2, CASES[i].chi2);
        assert_near(m.p_chi2, CASES[i].p);
    }
}

static void holm_agrees_with_statsmodels(void **state)
{
    (void)state;
    double p[] = {0.01, 0.04, 0.03, 0.005, 0.9, 0.04, 0.011};
    static const double EXPECTED[] = {0.06, 0.12, 0.12, 0.035, 0.9, 0.12, 0.06};
    assert_int_equal(significance_holm(p, 7, NULL), 0);
    for (size_t i = 0; i < 7; i++)
        assert_near(p[i], EXPECTED[i]);
    double large[] = {0.6, 0.7};
    assert_int_equal(significance_holm(large, 2, NULL), 0);
    assert_near(large[0], 1);
    assert_near(large[1], 1);
    assert_int_equal(significance_holm(large, 0, NULL), 0);
}

static void first_sum(const void *context, const double *sums, double *values)
{
    (void)context;
    values[0] = sums[0];
}

/* Eight units, each system right on some: swapping gives 2^8 equally likely differences, of which
 * the exact share at least as extreme can be counted. */
static void randomisation_approaches_the_exact_test(void **state)
{
    (void)state;
    static const double A[] = {1, 0, 0, 1, 0, 0, 2, 0}, B[] = {0, 1, 1, 1, 2, 1, 1, 3};
    double observed = 0;
    size_t n_extreme = 0;
    for (size_t i = 0; i < 8; i++)
        observed += B[i] - A[i];
    for (unsigned mask = 0; mask < 256; mask++) {
        double d = 0;
        for (size_t i = 0; i < 8; i++)
            d += (mask >> i & 1 ? -1 : 1) * (B[i] - A[i]);
        n_extreme += fabs(d) >= observed;
    }
    const double exact = (double)n_extreme / 256;
    struct tally *a, *b;
    struct difference d;
    assert_int_equal(tally_dense(&a, A, 8, 1, NULL), 0);
    assert_int_equal(tally_dense(&b, B, 8, 1, NULL), 0);
    const struct bootstrap_settings settings = {.n_resamples = 40000, .seed = 2};
    assert_int_equal(significance_compare(&d, a, b, first_sum, NULL, 1, &settings, pool, NULL), 0);
    assert_near(d.a, 4);
    assert_near(d.b, 10);
    assert_near(d.difference, 6);
    /* Four standard deviations of a share from 40,000 draws. */
    assert_true(fabs(d.p_randomisation - exact) < 4 * sqrt(exact * (1 - exact) / 40000));
    assert_true(d.interval.low < 6 && d.interval.high > 6);
    tally_free(a);
    tally_free(b);
}

static void same_and_different_systems(void **state)
{
    (void)state;
    enum { N = 400, CELLS = N * POPULATION_LABELS };
    static uint8_t gold[CELLS], a[CELLS], b[CELLS], worse[CELLS];
    struct random random;
    random_seed(&random, 3, 0);
    population_draw(&random, gold, a, b, N);
    for (size_t i = 0; i < CELLS; i++)
        worse[i] = random_unit(&random) < 0.05 ? !a[i] : a[i];
    const struct metrics_shape shape = {.n_labels = POPULATION_LABELS};
    const size_t n_values = METRICS_N_HEADLINE + METRICS_PER_LABEL * POPULATION_LABELS;
    struct difference d[METRICS_N_HEADLINE + METRICS_PER_LABEL * POPULATION_LABELS], again[32];
    struct tally *ta, *tworse;
    assert_int_equal(tally_multi(&ta, gold, a, N, POPULATION_LABELS, NULL), 0);
    assert_int_equal(tally_multi(&tworse, gold, worse, N, POPULATION_LABELS, NULL), 0);
    const struct bootstrap_settings settings = {
        .n_resamples = 1000, .seed = 4, .method = BOOTSTRAP_BCA};
    assert_int_equal(
        significance_compare(d, ta, ta, metrics_values, &shape, n_values, &settings, pool, NULL),
        0);
    assert_near(d[METRICS_MICRO_F1].difference, 0);
    assert_near(d[METRICS_MICRO_F1].p_bootstrap, 1);
    assert_near(d[METRICS_MICRO_F1].p_randomisation, 1);
    assert_int_equal(significance_compare(d, ta, tworse, metrics_values, &shape, n_values,
                                          &settings, pool, NULL),
                     0);
    assert_true(d[METRICS_MICRO_F1].difference < 0);
    assert_true(d[METRICS_MICRO_F1].interval.high < 0);
    assert_true(d[METRICS_MICRO_F1].p_bootstrap < 0.01);
    assert_true(d[METRICS_MICRO_F1].p_randomisation < 0.01);
    /* Whatever the threads. */
    struct pool *one;
    assert_int_equal(pool_new(&one, 1, NULL), 0);
    assert_int_equal(significance_compare(again, ta, tworse, metrics_values, &shape, n_values,
                                          &settings, one, NULL),
                     0);
    assert_memory_equal(d, again, n_values * sizeof *d);
    pool_free(one);
    tally_free(ta);
    tally_free(tworse);
}

/* A/A: two systems drawn alike, 1,000 times. At 5 % the count of rejections has a standard
 * deviation of 7; the bounds are 3 % and 7 %. tests/simulate does this at length. */
static void equal_systems_are_seldom_told_apart(void **state)
{
    (void)state;
    enum { RUNS = 1000, N = 120, CELLS = N * POPULATION_LABELS };
    static uint8_t gold[CELLS], a[CELLS], b[CELLS];
    size_t n_bootstrap = 0, n_randomisation = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct random random;
        random_seed(&random, 23, run);
        population_draw(&random, gold, a, b, N);
        struct tally *ta, *tb;
        struct difference d;
        assert_int_equal(tally_multi(&ta, gold, a, N, POPULATION_LABELS, NULL), 0);
        assert_int_equal(tally_multi(&tb, gold, b, N, POPULATION_LABELS, NULL), 0);
        const struct bootstrap_settings settings = {.n_resamples = 199, .seed = run};
        assert_int_equal(
            significance_compare(&d, ta, tb, population_statistic, NULL, 1, &settings, pool, NULL),
            0);
        n_bootstrap += d.p_bootstrap <= 0.05;
        n_randomisation += d.p_randomisation <= 0.05;
        tally_free(ta);
        tally_free(tb);
    }
    assert_in_range(n_bootstrap, 30, 70);
    assert_in_range(n_randomisation, 30, 70);
}

static void different_shapes_are_refused(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4};
    struct tally *two, *one;
    struct difference d;
    const struct bootstrap_settings settings = {.n_resamples = 10};
    assert_int_equal(tally_dense(&two, x, 2, 2, NULL), 0);
    assert_int_equal(tally_dense(&one, x, 4, 1, NULL), 0);
    sikap_error err;
    assert_int_equal(significance_compare(&d, two, one, first_sum, NULL, 1, &settings, pool, &err),
                     SIKAP_USAGE);
    assert_string_equal(err.message, "cannot compare 2 figures with 1");
    tally_free(two);
    tally_free(one);
}

static void gap_of_sums(const void *context, const double *sums, double *values)
{
    (void)context;
    values[0] = fabs(sums[0] - sums[1]);
}

/* Three of six numbers on each side: 20 splits, counted by hand. Sums 1+2+3 and 4+5+6 are as far
 * apart as can be, reached by 2 of 20; 1+2+6 against 3+4+5 (gap 3) by 14: only the splits with
 * sums 10 and 11 (6 of them) are nearer. */
static void permutation_approaches_the_exact_test(void **state)
{
    (void)state;
    static const struct {
        double x[6];
        double p;
    } CASES[] = {{{1, 2, 3, 4, 5, 6}, 0.1}, {{1, 2, 6, 3, 4, 5}, 0.7}};
    for (size_t c = 0; c < 2; c++) {
        struct tally *t;
        double distance, p;
        assert_int_equal(tally_dense(&t, CASES[c].x, 6, 1, NULL), 0);
        assert_int_equal(significance_permutation(&distance, &p, t, 3, gap_of_sums, NULL, 1, 20000,
                                                  1, pool, NULL),
                         0);
        assert_near(distance, c == 0 ? 9 : 3);
        assert_true(fabs(p - CASES[c].p) < 0.015);
        tally_free(t);
    }
    struct tally *t;
    double distance, p;
    sikap_error err;
    assert_int_equal(tally_dense(&t, CASES[0].x, 6, 1, NULL), 0);
    assert_int_equal(
        significance_permutation(&distance, &p, t, 6, gap_of_sums, NULL, 1, 10, 1, pool, &err),
        SIKAP_DATA);
    assert_string_equal(err.message, "cannot compare 6 units with 0");
    tally_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mcnemar_agrees_with_statsmodels),
        cmocka_unit_test(holm_agrees_with_statsmodels),
        cmocka_unit_test(randomisation_approaches_the_exact_test),
        cmocka_unit_test(same_and_different_systems),
        cmocka_unit_test(equal_systems_are_seldom_told_apart),
        cmocka_unit_test(different_shapes_are_refused),
        cmocka_unit_test(permutation_approaches_the_exact_test),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
