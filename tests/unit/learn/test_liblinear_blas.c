/* SPDX-License-Identifier: Apache-2.0 */
/* LIBLINEAR's vector functions, against sums by hand. */
#include "learn/liblinear_blas.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const int one = 1, two = 2;

static void test_dot(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6, 7}, y[] = {7, 6, 5, 4, 3, 2, 1};
    static const double expected[] = {0, 7, 19, 34, 50, 65, 77, 84};
    for (int n = 0; n <= 7; n++)
        assert_true(liblinear_ddot(&n, x, &one, y, &one) == expected[n]);
    const int four = 4;
    assert_true(liblinear_ddot(&four, x, &two, y, &one) == 1 * 7 + 3 * 6 + 5 * 5 + 7 * 4);
}

static void test_scaling_and_adding(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3}, a = -2;
    double y[] = {10, 20, 30, 40, 50};
    const int three = 3;
    liblinear_daxpy(&three, &a, x, &one, y, &two);
    liblinear_dscal(&two, &a, y + 1, &two);
    static const double expected[] = {8, -40, 26, -80, 44};
    for (size_t i = 0; i < 5; i++)
        assert_true(y[i] == expected[i]);
}

static void test_norm(void **state)
{
    (void)state;
    static const double scales[] = {1, 1e-200, 1e200, 5e-324, 0};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const double x[] = {3 * scales[i], -4 * scales[i], 12 * scales[i]};
        const int three = 3;
        const double norm = liblinear_dnrm2(&three, x, &one), expected = 13 * scales[i];
        assert_true(fabs(norm - expected) <= 1e-15 * expected);
    }
    const int none = 0;
    assert_true(liblinear_dnrm2(&none, NULL, &one) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_scaling_and_adding),
        cmocka_unit_test(test_norm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
