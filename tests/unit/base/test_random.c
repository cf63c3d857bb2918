/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* From the definitions of xoshiro256** and splitmix64, worked out apart from this code. */
static void known_sequence(void **state)
{
    (void)state;
    struct random r = {.state = {1, 2, 3, 4}};
    static const uint64_t EXPECTED[] = {11520u, 0u, 1509978240u, 1215971899390074240u};
    for (size_t i = 0; i < 4; i++)
        assert_true(random_next(&r) == EXPECTED[i]);
    /* The first two outputs of (seed 42, stream 7). */
    random_seed(&r, 42, 7);
    assert_true(random_next(&r) == UINT64_C(2648032583866158101));
    assert_true(random_next(&r) == UINT64_C(15589289955728303254));
}

static void streams_differ(void **state)
{
    (void)state;
    static const uint64_t PAIRS[][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 2}, {2, 1}, {UINT64_MAX, 0}};
    uint64_t first[6];
    for (size_t i = 0; i < 6; i++) {
        struct random r;
        random_seed(&r, PAIRS[i][0], PAIRS[i][1]);
        first[i] = random_next(&r);
        for (size_t j = 0; j < i; j++)
            assert_true(first[i] != first[j]);
    }
}

static void bounded_numbers_are_even(void **state)
{
    (void)state;
    /* Chi-squared over n cells; the bound is far beyond the 1 - 1e-6 quantile for these n, and a
     * biased draw (as of 2^63 + 1 values by a remainder) goes far past it. */
    static const uint64_t N[] = {1, 2, 3, 7, 90, UINT32_MAX, UINT64_C(3) << 62};
    for (size_t c = 0; c < sizeof N / sizeof *N; c++) {
        enum { CELLS = 8, DRAWS = 80000 };
        size_t count[CELLS] = {0};
        const uint64_t cells = N[c] < CELLS ? N[c] : CELLS;
        struct random r;
        random_seed(&r, 1, c);
        for (int i = 0; i < DRAWS; i++) {
            const uint64_t x = random_below(&r, N[c]);
            assert_true(x < N[c]);
            const uint64_t cell = N[c] < CELLS ? x : x / (N[c] / CELLS + 1);
            count[cell]++;
        }
        double chi2 = 0;
        for (uint64_t cell = 0; cell < cells; cell++) {
            const double wide = (double)(N[c] / CELLS + 1);
            const double share = N[c] < CELLS       ? 1 / (double)N[c]
                                 : cell + 1 < cells ? wide / (double)N[c]
                                                    : 1 - 7 * wide / (double)N[c];
            const double d = (double)count[cell] - share * DRAWS;
            chi2 += d * d / (share * DRAWS);
        }
        assert_true(chi2 < 45);
    }
}

static void unit_is_below_one(void **state)
{
    (void)state;
    struct random r;
    random_seed(&r, 5, 0);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        const double x = random_unit(&r);
        assert_true(x >= 0 && x < 1);
        sum += x;
    }
    assert_true(sum / 100000 > 0.495 && sum / 100000 < 0.505);
}

static void every_order_is_as_likely(void **state)
{
    (void)state;
    size_t count[27] = {0};
    for (uint64_t i = 0; i < 60000; i++) {
        uint32_t items[] = {0, 1, 2};
        struct random r;
        random_seed(&r, 9, i);
        random_shuffle(&r, items, 3);
        count[items[0] * 9 + items[1] * 3 + items[2]]++;
    }
    size_t n_orders = 0;
    for (size_t i = 0; i < 27; i++) {
        n_orders += count[i] > 0;
        assert_true(count[i] == 0 || (count[i] > 9500 && count[i] < 10500));
    }
    assert_int_equal(n_orders, 6);
    random_shuffle(&(struct random){{1, 2, 3, 4}}, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_sequence),           cmocka_unit_test(streams_differ),
        cmocka_unit_test(bounded_numbers_are_even), cmocka_unit_test(unit_is_below_one),
        cmocka_unit_test(every_order_is_as_likely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
