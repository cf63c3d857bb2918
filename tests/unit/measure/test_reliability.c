/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: scikit-learn and numpy through reference.py; small cases by hand. */
#include "measure/reliability.h"

#include "cases.h"

static void brier_and_bins_agree_with_the_reference(void **state)
{
    (void)state;
    double p[PROBABILITY_N];
    uint8_t y[PROBABILITY_N];
    probability_case(p, y);
    assert_near(reliability_brier(p, y, PROBABILITY_N), 0.150078485);
    static const uint64_t N[RELIABILITY_BINS] = {13, 14, 14, 14, 15, 7,  4, 16,
                                                 13, 9,  18, 12, 17, 19, 15};
    struct reliability_bin bins[RELIABILITY_BINS];
    reliability_curve(bins, RELIABILITY_BINS, p, y, PROBABILITY_N);
    for (size_t b = 0; b < RELIABILITY_BINS; b++)
        assert_int_equal(bins[b].n, N[b]);
    assert_near(reliability_error(bins, RELIABILITY_BINS), 0.118145);
}

static void edges_belong_to_the_bin_below(void **state)
{
    (void)state;
    const double p[] = {0, 0.2, 0.4, 0.6, 0.8, 1, 0.20000000000000004};
    const uint8_t y[] = {0, 0, 1, 1, 1, 1, 0};
    static const uint64_t N[] = {2, 2, 1, 1, 1};
    struct reliability_bin bins[5];
    reliability_curve(bins, 5, p, y, 7);
    for (size_t b = 0; b < 5; b++)
        assert_int_equal(bins[b].n, N[b]);
    assert_near(bins[0].mean_probability, 0.1);
    assert_near(bins[1].share_true, 0.5);
    reliability_curve(bins, 5, p, y, 0);
    assert_near(reliability_error(bins, 5), 0);
}

static void brier_of_a_single_field(void **state)
{
    (void)state;
    const double p[] = {0.7, 0.2, 0.1, 0, 1, 0};
    const uint32_t gold[] = {0, 2};
    /* (0.09 + 0.04 + 0.01 + 0 + 1 + 1) / 2 */
    assert_near(reliability_brier_single(p, gold, 2, 3), 1.07);
    assert_near(reliability_brier_single(p, gold, 0, 3), 0);
}

static void coverage_by_hand(void **state)
{
    (void)state;
    const double confidence[] = {0.5, 0.9, 0.7, 0.9, 0.6, 0.5, 0.5, 0.8};
    const uint8_t correct[] = {0, 1, 0, 1, 1, 1, 0, 1};
    struct coverage points[4];
    size_t n;
    assert_int_equal(reliability_coverage(points, &n, 4, confidence, correct, 8, NULL), 0);
    static const struct coverage EXPECTED[] = {
        {2 / 8.0, 0.9, 1, 2}, {4 / 8.0, 0.7, 0.75, 4}, {1, 0.5, 5 / 8.0, 8}};
    /* Six documents would be the third step, but three share the confidence 0.5. */
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        assert_near(points[i].coverage, EXPECTED[i].coverage);
        assert_near(points[i].confidence, EXPECTED[i].confidence);
        assert_near(points[i].accuracy, EXPECTED[i].accuracy);
        assert_int_equal(points[i].n, EXPECTED[i].n);
    }
    assert_int_equal(reliability_coverage(points, &n, 4, confidence, correct, 0, NULL), 0);
    assert_int_equal(n, 0);
    const double bad = NAN;
    assert_int_equal(reliability_coverage(points, &n, 4, &bad, correct, 1, NULL), SIKAP_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brier_and_bins_agree_with_the_reference),
        cmocka_unit_test(edges_belong_to_the_bin_below),
        cmocka_unit_test(brier_of_a_single_field),
        cmocka_unit_test(coverage_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
