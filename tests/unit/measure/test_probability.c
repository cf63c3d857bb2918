/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: scipy 1.10.1 through reference.py. */
#include "measure/probability.h"

#include "cases.h"

/* Relative, however small: tails must not merely be near zero. */
#define assert_relative(a, b)                                                                      \
    do {                                                                                           \
        const double got = (a), expected = (b);                                                    \
        if (!(fabs(got - expected) <= 1e-10 * fabs(expected)))                                     \
            fail_msg("%s is %.17g, expected %.17g", #a, got, expected);                            \
    } while (0)

static void normal(void **state)
{
    (void)state;
    static const double CDF[][2] = {{-8.5, 9.4795348222032499e-18}, {-1.96, 0.024997895148220435},
                                    {-0.3, 0.38208857781104738},    {0, 0.5},
                                    {0.7, 0.75803634777692697},     {3, 0.9986501019683699}};
    for (size_t i = 0; i < sizeof CDF / sizeof *CDF; i++)
        assert_relative(probability_normal(CDF[i][0]), CDF[i][1]);
    static const double PPF[][2] = {{1e-250, -33.799586172694838},  {1e-10, -6.3613409024040557},
                                    {0.00025, -3.480756404346212},  {0.025, -1.9599639845400545},
                                    {0.3, -0.52440051270804089},    {0.5, 0},
                                    {0.6, 0.25334710313579972},     {0.975, 1.959963984540054},
                                    {1 - 1e-10, 6.3613408896974217}};
    for (size_t i = 0; i < sizeof PPF / sizeof *PPF; i++)
        assert_within(probability_normal_quantile(PPF[i][0]), PPF[i][1], 1e-13);
    assert_true(probability_normal_quantile(0) == -INFINITY);
    assert_true(probability_normal_quantile(1) == INFINITY);
    assert_true(isnan(probability_normal_quantile(-0.1)));
    assert_true(isnan(probability_normal_quantile(NAN)));
    assert_true(isfinite(probability_normal_quantile(5e-324)));
}

static void chi_squared(void **state)
{
    (void)state;
    static const double TAIL[][2] = {{0.01, 0.92034432544594202},
                                     {0.5, 0.47950012218695337},
                                     {3.84, 0.050043521248705189},
                                     {30, 4.3204630578274955e-08},
                                     {400, 5.5072482372123789e-89}};
    for (size_t i = 0; i < sizeof TAIL / sizeof *TAIL; i++)
        assert_relative(probability_chi2_tail(TAIL[i][0]), TAIL[i][1]);
    assert_relative(probability_chi2_tail(0), 1);
}

static void fair_binomial(void **state)
{
    (void)state;
    static const struct {
        uint64_t k, n;
        double p;
    } CASES[] = {{0, 1, 0.5},
                 {1, 1, 1},
                 {0, 0, 1},
                 {0, 40, 9.0949470177292824e-13},
                 {3, 10, 0.171875},
                 {7, 10, 0.9453125},
                 {10, 20, 0.58809852600097656},
                 {480, 1000, 0.10872414660207046},
                 {520, 1000, 0.90261683576911744},
                 {499000, 1000000, 0.022804149932694757},
                 {0, 1000, 9.3326361850321888e-302},
                 {40, 400, 8.5774726966859881e-66}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_relative(probability_fair_binomial(CASES[i].k, CASES[i].n), CASES[i].p);
}

static void quantiles(void **state)
{
    (void)state;
    double values[] = {3, -1, 2, 7};
    probability_sort(values, 4);
    static const double CASES[][2] = {{0, -1},    {1, 7},   {0.5, 2.5}, {1.0 / 3, 2},
                                      {0.9, 5.8}, {-1, -1}, {2, 7}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_near(probability_quantile(values, 4, CASES[i][0]), CASES[i][1]);
    assert_near(probability_quantile(values, 1, 0.7), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal),
        cmocka_unit_test(chi_squared),
        cmocka_unit_test(fair_binomial),
        cmocka_unit_test(quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
