/* SPDX-License-Identifier: Apache-2.0 */
/* Against scipy 1.10: fisher_exact; mannwhitneyu, asymptotic, without continuity correction, on the
 * bins written out as tied numbers; norm.ppf for the effect. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/two_sample.h"

static void rates(void **state)
{
    (void)state;
    static const struct {
        uint64_t k[2], n[2];
        double effect, p;
    } cases[] = {
        {{3, 7}, {10, 12}, 0.57896492528717758, 0.23053107882829244},
        {{0, 5}, {50, 40}, 0.72273424781341566, 0.01497198997717095},
        {{100, 40}, {11346, 500}, 0.38547380124656039, 8.0903384106522351e-23},
        {{10, 10}, {10, 10}, 0, 1},
        {{0, 0}, {5, 9}, 0, 1},
        {{1, 0}, {2, 1}, -1.5707963267948966, 1},
        {{2000, 300}, {10000, 2000}, -0.1318963878174686, 1.1842669328925958e-07},
        {{0, 0}, {0, 7}, 0, 1}, /* nothing to compare with */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct two_sample t = two_sample_rates(cases[i].k, cases[i].n, 1);
        if (!(fabs(t.p - cases[i].p) <= 1e-9 * cases[i].p + 1e-40) && /* lgamma's own error */
            !(fabs(t.p / cases[i].p - 1) < 1e-7))
            fail_msg("case %zu: p %.17g, expected %.17g", i, t.p, cases[i].p);
        assert_true(fabs(t.effect - cases[i].effect) < 1e-12);
    }
}

static void bins(void **state)
{
    (void)state;
    static const struct {
        uint32_t first[4], second[4];
        double effect, p;
    } cases[] = {
        {{5, 5, 5, 5}, {1, 2, 3, 9}, 0.775727651455499, 0.0291233927040285},
        {{10, 0, 0, 3}, {0, 0, 4, 1}, 1.15181263065686, 0.0373276372352712},
        {{1, 1, 0, 0}, {1, 1, 0, 0}, 0, 1},
        {{100, 120, 80, 0}, {30, 60, 90, 0}, 0.502739370202343, 5.79240869471552e-08},
        {{3, 0, 0, 0}, {0, 4, 0, 0}, 2.4489432744747, 0.0143058784354296}, /* all are larger */
        {{0, 9, 0, 0}, {0, 5, 0, 0}, 0, 1},                                /* all alike */
        {{0, 0, 0, 0}, {1, 0, 0, 0}, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct two_sample t = two_sample_bins(cases[i].first, cases[i].second, 4, 1);
        assert_true(fabs(t.p - cases[i].p) < 1e-9);
        assert_true(fabs(t.effect - cases[i].effect) < 1e-9);
        const struct two_sample back = two_sample_bins(cases[i].second, cases[i].first, 4, 1);
        assert_true(fabs(back.effect + t.effect) < 1e-9 && fabs(back.p - t.p) < 1e-12);
    }
}

static void groups(void **state)
{
    (void)state;
    /* By hand, the first: the mean is 3, the groups' sums are off by -3, 3 and 0, the documents'
     * squares are 10. */
    static const struct {
        double values[6];
        uint32_t group[6];
        size_t n, n_groups;
        double expected;
    } cases[] = {
        {{1, 2, 4, 5, 3}, {0, 0, 1, 1, 2}, 5, 3, 18.0 / 10 * 3 / 2 * 4 / 5},
        {{1, 2, 4, 5, 3}, {0, 1, 2, 3, 4}, 5, 5, 1}, /* each for itself */
        {{1, 5, 2, 4, 3}, {0, 0, 1, 1, 2}, 5, 3, 1}, /* unlike within: no less than 1 */
        {{1, 1, 0, 0, 1, 1},
         {0, 0, 1, 1, 2, 2},
         6,
         3,
         2.5},                                 /* twice the same: (8/3)/(4/3) 3/2 5/6 */
        {{7, 7, 7}, {0, 0, 1}, 3, 2, 1},       /* nothing varies */
        {{1, 2, 3, 4}, {0, 0, 0, 0}, 4, 1, 4}, /* one group */
        {{1}, {0}, 1, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double deff;
        assert_int_equal(two_sample_design_effect(&deff, cases[i].values, cases[i].group,
                                                  cases[i].n, cases[i].n_groups, NULL),
                         0);
        if (!(fabs(deff - cases[i].expected) < 1e-12))
            fail_msg("case %zu: %.17g, expected %.17g", i, deff, cases[i].expected);
    }
}

/* Documents that are all there twice say as much as one copy of each. */
static void as_many_as_groups(void **state)
{
    (void)state;
    const uint64_t k[2] = {3, 7}, n[2] = {10, 12}, k2[2] = {6, 14}, n2[2] = {20, 24};
    const struct two_sample once = two_sample_rates(k, n, 1), twice = two_sample_rates(k2, n2, 2);
    assert_true(fabs(once.p - twice.p) < 1e-12 && once.effect == twice.effect);
    /* z of a rank sum grows as the root of the documents: half as many, p of z / sqrt(2). */
    const uint32_t first[4] = {5, 5, 5, 5}, second[4] = {1, 2, 3, 9};
    const struct two_sample all = two_sample_bins(first, second, 4, 1);
    const struct two_sample half = two_sample_bins(first, second, 4, 2);
    assert_true(fabs(all.p - 0.0291233927040285) < 1e-9); /* scipy: z = 2.18211 */
    assert_true(fabs(half.p - 0.12281) < 1e-4 && half.effect == all.effect);
    /* One document is left of a set at least. */
    assert_true(two_sample_rates(k, n, 1000).p == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rates), cmocka_unit_test(bins),
                                       cmocka_unit_test(groups),
                                       cmocka_unit_test(as_many_as_groups)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
