/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: numpy and scipy's formulas through reference.py; the rest by what the bootstrap
 * must do: the textbook standard error, more spread by group, coverage. */
#include "measure/bootstrap.h"

#include <string.h>

#include "measure/metrics.h"
#include "measure/probability.h"

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

static void intervals_of_given_replicates(void **state)
{
    (void)state;
    double replicates[101];
    uint32_t draws = 4;
    for (size_t i = 0; i < 101; i++)
        replicates[i] = draw(&draws, 1000) / 1000.0;
    probability_sort(replicates, 101);
    const struct interval percentile = bootstrap_percentile(replicates, 101, 0.95);
    assert_near(percentile.low, 0.0385);
    assert_near(percentile.high, 0.9565);
    static const struct {
        double estimate, acceleration, low, high;
    } CASES[] = {
        {0.5, 0, 0.026392223063535385, 0.90590812537560317},
        {0.4, 0.05, 0.022926964223554822, 0.86121387837266805},
        {0.6, -0.1, 0.029579261988472726, 0.93371368286414724},
        {0.335, 0.02, 0.01918500639445108, 0.81428061318209211}, /* a tie with a replicate */
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        const struct interval bca =
            bootstrap_bca(replicates, 101, CASES[c].estimate, CASES[c].acceleration, 0.95);
        assert_near(bca.low, CASES[c].low);
        assert_near(bca.high, CASES[c].high);
    }
    /* Outside all replicates: still ordered, still within them. */
    const struct interval outside = bootstrap_bca(replicates, 101, 2, 0, 0.95);
    assert_true(outside.low <= outside.high && outside.high <= replicates[100]);
}

static void p_by_hand(void **state)
{
    (void)state;
    const double replicates[] = {0.1, 0.2, 0.3, 0.4, 0.6};
    /* Distances from 0.2: 0.1 0 0.1 0.2 0.4; two reach 0.2. */
    assert_near(bootstrap_p(replicates, 5, 0.2), 3.0 / 6);
    assert_near(bootstrap_p(replicates, 5, 0), 1);
}

static void ratio(const void *context, const double *sums, double *values)
{
    (void)context;
    values[0] = sums[0] / sums[1];
}

static void ratio_times_other(const void *context, const double *sums, double *values)
{
    (void)context;
    values[0] = sums[0] / sums[1] * sums[2];
}

static void acceleration_agrees_with_the_reference(void **state)
{
    (void)state;
    double x[300], w[14];
    uint32_t draws = 5;
    for (size_t i = 0; i < 300; i++) {
        const double drawn = draw(&draws, 9);
        x[i] = i % 2 == 0 ? drawn * drawn * drawn : drawn + 5;
    }
    for (size_t i = 0; i < 14; i++)
        w[i] = draw(&draws, 7) + 1;
    struct tally *tx, *tw;
    assert_int_equal(tally_dense(&tx, x, 150, 2, NULL), 0);
    assert_int_equal(tally_dense(&tw, w, 14, 1, NULL), 0);
    const struct tally *const tallies[] = {tx, tw};
    const struct bootstrap_settings settings = {.n_resamples = 99, .method = BOOTSTRAP_BCA};
    struct bootstrap_sample sample = {
        .tallies = tallies, .n_tallies = 1, .statistic = ratio, .n_values = 1};
    struct bootstrap *b;
    assert_int_equal(bootstrap_run(&b, &sample, &settings, pool, NULL), 0);
    assert_near(b->acceleration[0], 0.016655139860785421);
    bootstrap_free(b);
    sample.n_tallies = 2;
    sample.statistic = ratio_times_other;
    assert_int_equal(bootstrap_run(&b, &sample, &settings, pool, NULL), 0);
    assert_near(b->acceleration[0], 0.0032805313040156527);
    bootstrap_free(b);
    tally_free(tx);
    tally_free(tw);
}

static void mean(const void *context, const double *sums, double *values)
{
    values[0] = sums[0] / *(const double *)context;
}

static double replicate_sd(const struct bootstrap *b, size_t v)
{
    const double *r = b->replicates + v * b->n_resamples;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < b->n_resamples; i++)
        sum += r[i];
    for (size_t i = 0; i < b->n_resamples; i++)
        squares += (r[i] - sum / (double)b->n_resamples) * (r[i] - sum / (double)b->n_resamples);
    return sqrt(squares / (double)b->n_resamples);
}

/* The bootstrap's standard error of a mean is known: sqrt(Σ (x - mean)² / n²). By group, the units
 * are the groups; here each value stands four times in its group, so the error doubles. */
static void spread_of_a_mean(void **state)
{
    (void)state;
    enum { N = 200 };
    double x[N], sum = 0, squares = 0;
    uint32_t group[N], draws = 6;
    for (size_t i = 0; i < N; i++) {
        x[i] = i % 4 == 0 ? draw(&draws, 100) : x[i - 1];
        group[i] = (uint32_t)i / 4;
        sum += x[i];
        squares += x[i] * x[i];
    }
    const double expected = sqrt(squares / N - sum / N * (sum / N)) / sqrt(N);
    const double n = N;
    struct tally *t, *grouped;
    assert_int_equal(tally_dense(&t, x, N, 1, NULL), 0);
    assert_int_equal(tally_by_group(&grouped, t, group, N / 4, NULL), 0);
    const struct bootstrap_settings settings = {.n_resamples = 4000, .seed = 1};
    const struct bootstrap_sample sample = {.tallies = (const struct tally *const[]){t},
                                            .n_tallies = 1,
                                            .statistic = mean,
                                            .context = &n,
                                            .n_values = 1};
    struct bootstrap_sample by_group = sample;
    by_group.tallies = (const struct tally *const[]){grouped};
    struct bootstrap *b, *g;
    assert_int_equal(bootstrap_run(&b, &sample, &settings, pool, NULL), 0);
    assert_int_equal(bootstrap_run(&g, &by_group, &settings, pool, NULL), 0);
    /* Relative Monte-Carlo error of a standard deviation: about 1/sqrt(2 * 4000) = 1.1 %. */
    assert_true(fabs(replicate_sd(b, 0) / expected - 1) < 0.05);
    assert_true(fabs(replicate_sd(g, 0) / (2 * expected) - 1) < 0.05);
    assert_near(b->estimates[0], sum / N);
    /* Normal theory at this n: the interval's ends are near mean ± 1.96 standard errors. */
    assert_true(fabs((b->intervals[0].high - sum / N) / (1.96 * expected) - 1) < 0.1);
    assert_true(fabs((sum / N - b->intervals[0].low) / (1.96 * expected) - 1) < 0.1);
    bootstrap_free(b);
    bootstrap_free(g);
    tally_free(t);
    tally_free(grouped);
}

static struct bootstrap *run_multi(size_t n_threads, uint64_t seed)
{
    uint8_t gold[MULTI_N * MULTI_LABELS], predicted[MULTI_N * MULTI_LABELS];
    float scores[MULTI_N * MULTI_LABELS];
    multi_case(gold, predicted, scores);
    struct tally *t;
    struct pool *own;
    struct bootstrap *b;
    const struct metrics_shape shape = {.n_labels = MULTI_LABELS};
    assert_int_equal(tally_multi(&t, gold, predicted, MULTI_N, MULTI_LABELS, NULL), 0);
    assert_int_equal(pool_new(&own, n_threads, NULL), 0);
    const struct bootstrap_sample sample = {.tallies = (const struct tally *const[]){t},
                                            .n_tallies = 1,
                                            .statistic = metrics_values,
                                            .context = &shape,
                                            .n_values = metrics_n_values(MULTI_LABELS)};
    const struct bootstrap_settings settings = {
        .n_resamples = 300, .method = BOOTSTRAP_BCA, .seed = seed};
    assert_int_equal(bootstrap_run(&b, &sample, &settings, own, NULL), 0);
    pool_free(own);
    tally_free(t);
    return b;
}

static void threads_do_not_show_and_seeds_do(void **state)
{
    (void)state;
    struct bootstrap *one = run_multi(1, 7), *three = run_multi(3, 7), *other = run_multi(1, 8);
    const size_t n = one->n_values * one->n_resamples;
    assert_memory_equal(one->replicates, three->replicates, n * sizeof *one->replicates);
    assert_memory_equal(one->acceleration, three->acceleration,
                        one->n_values * sizeof *one->acceleration);
    assert_memory_equal(one->intervals, three->intervals, one->n_values * sizeof *one->intervals);
    assert_memory_not_equal(one->replicates, other->replicates, n * sizeof *one->replicates);
    assert_near(one->estimates[METRICS_MICRO_F1], 0.63448275862068959);
    const struct interval f1 = one->intervals[METRICS_MICRO_F1];
    assert_true(f1.low < 0.634 && f1.high > 0.635 && f1.low > 0.5 && f1.high < 0.77);
    /* A label nobody has or gives learns nothing: width 0. */
    const struct interval none = one->intervals[metrics_label_value(5, METRICS_F1)];
    assert_true(none.low == 0 && none.high == 0);
    bootstrap_free(one);
    bootstrap_free(three);
    bootstrap_free(other);
}

static void settings_out_of_range(void **state)
{
    (void)state;
    const double x[] = {1, 2};
    struct tally *t, *empty;
    assert_int_equal(tally_dense(&t, x, 2, 1, NULL), 0);
    assert_int_equal(tally_dense(&empty, x, 0, 1, NULL), 0);
    struct bootstrap_sample sample = {.tallies = (const struct tally *const[]){t},
                                      .n_tallies = 1,
                                      .statistic = mean,
                                      .context = x,
                                      .n_values = 1};
    struct bootstrap *b;
    sikap_error err;
    struct bootstrap_settings settings = {.level = 1};
    assert_int_equal(bootstrap_run(&b, &sample, &settings, pool, &err), SIKAP_USAGE);
    assert_string_equal(err.message, "the level of an interval must be between 0 and 1");
    settings = (struct bootstrap_settings){.n_resamples = 1000001};
    assert_int_equal(bootstrap_run(&b, &sample, &settings, pool, &err), SIKAP_USAGE);
    assert_string_equal(err.message, "1000001 resamples, at most 1000000 are possible");
    sample.paired = 1;
    settings = (struct bootstrap_settings){.n_resamples = 10};
    assert_int_equal(bootstrap_run(&b, &sample, &settings, pool, &err), SIKAP_USAGE);
    sample.paired = 0;
    sample.tallies = (const struct tally *const[]){empty};
    assert_int_equal(bootstrap_run(&b, &sample, &settings, pool, &err), SIKAP_DATA);
    assert_string_equal(err.message, "nothing to resample: no documents");
    assert_null(b);
    tally_free(t);
    tally_free(empty);
}

/* A short version of tests/simulate: 300 data sets of 300 documents. At 95 % the count of intervals
 * that hold the truth has a standard deviation of 3.8; the bounds are the 90 % and 99 %. */
static void coverage_of_micro_f1(void **state)
{
    (void)state;
    enum { RUNS = 300, N = 300 };
    static uint8_t gold[N * POPULATION_LABELS], a[N * POPULATION_LABELS], b[N * POPULATION_LABELS];
    size_t n_held[2] = {0};
    for (uint64_t run = 0; run < RUNS; run++) {
        struct random random;
        random_seed(&random, 17, run);
        population_draw(&random, gold, a, b, N);
        struct tally *t;
        assert_int_equal(tally_multi(&t, gold, a, N, POPULATION_LABELS, NULL), 0);
        const struct bootstrap_sample sample = {.tallies = (const struct tally *const[]){t},
                                                .n_tallies = 1,
                                                .statistic = population_statistic,
                                                .n_values = 1};
        for (int method = 0; method < 2; method++) {
            const struct bootstrap_settings settings = {
                .n_resamples = 400, .seed = run, .method = (enum bootstrap_method)method};
            struct bootstrap *boot;
            assert_int_equal(bootstrap_run(&boot, &sample, &settings, pool, NULL), 0);
            const struct interval f1 = boot->intervals[0];
            n_held[method] += f1.low <= population_micro_f1() && population_micro_f1() <= f1.high;
            bootstrap_free(boot);
        }
        tally_free(t);
    }
    for (int method = 0; method < 2; method++)
        assert_true(n_held[method] >= RUNS * 90 / 100 && n_held[method] <= RUNS * 99 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_of_given_replicates),
        cmocka_unit_test(p_by_hand),
        cmocka_unit_test(acceleration_agrees_with_the_reference),
        cmocka_unit_test(spread_of_a_mean),
        cmocka_unit_test(threads_do_not_show_and_seeds_do),
        cmocka_unit_test(settings_out_of_range),
        cmocka_unit_test(coverage_of_micro_f1),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
