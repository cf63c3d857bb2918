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
        const struct two_sample t = two_sample_rates(cases[i].k, cases[i].n);
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
        const struct two_sample t = two_sample_bins(cases[i].first, cases[i].second, 4);
        assert_true(fabs(t.p - cases[i].p) < 1e-9);
        assert_true(fabs(t.effect - cases[i].effect) < 1e-9);
        const struct two_sample back = two_sample_bins(cases[i].second, cases[i].first, 4);
        assert_true(fabs(back.effect + t.effect) < 1e-9 && fabs(back.p - t.p) < 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rates), cmocka_unit_test(bins)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
