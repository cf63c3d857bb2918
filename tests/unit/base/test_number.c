/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static void parses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int status;
        double expected;
    } cases[] = {
        {"0", 0, 0},
        {"-0.5", 0, -0.5},
        {"1e-3", 0, 1e-3},
        {"2.2250738585072011e-308", 0, 2.2250738585072011e-308}, /* the once famous subnormal */
        {"9007199254740993", 0, 9007199254740992},               /* a tie: to even */
        {"1.7976931348623157e308", 0, 1.7976931348623157e308},
        {"", -1, 0},
        {" 1", -1, 0},
        {"1 ", -1, 0},
        {"+1", -1, 0},
        {"1,5", -1, 0},
        {"0x10", -1, 0},
        {"1e999", -1, 0},
        {"1e-999", -1, 0},
        {"--1", -1, 0},
        {".", -1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double v = 42;
        assert_int_equal(number_parse(&v, cases[i].text, strlen(cases[i].text)), cases[i].status);
        assert_true(v == (cases[i].status == 0 ? cases[i].expected : 42));
    }
    double v;
    assert_int_equal(number_parse(&v, "123456", 3), 0); /* only the n bytes given */
    assert_true(v == 123);
    assert_int_equal(number_parse(&v, "1\0", 2), -1);
}

static void check(struct buffer *b, const char *expected)
{
    assert_false(b->failed);
    assert_int_equal(b->n, strlen(expected));
    assert_memory_equal(b->bytes, expected, b->n);
    buffer_clear(b);
}

static void prints(void **state)
{
    (void)state;
    struct buffer b = {0};
    number_print(&b, 0.1);
    check(&b, "0.1");
    number_print(&b, 1.0 / 3);
    check(&b, "0.3333333333333333");
    number_print(&b, 5e-324);
    check(&b, "5e-324");
    number_print(&b, -1e10);
    check(&b, "-1e+10");
    number_print(&b, 4294967295.0);
    check(&b, "4294967295");
    number_print_float(&b, 0.1f);
    check(&b, "0.1");
    number_print_float(&b, 16777216.0f);
    check(&b, "16777216");
    number_print_fixed(&b, 2.5, 0);
    check(&b, "2"); /* to even, as printf does */
    number_print_fixed(&b, -0.125, 2);
    check(&b, "-0.12");
    number_print_fixed(&b, -1.7976931348623157e308, 3);
    assert_int_equal(b.n, 1 + 309 + 1 + 3);
    buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parses), cmocka_unit_test(prints)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
