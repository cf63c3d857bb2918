/* SPDX-License-Identifier: Apache-2.0 */
/* Cells as Python's csv module (QUOTE_MINIMAL) writes them, but for formulas, semicolons and blanks
 * at the ends, which spreadsheets take for more than text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"

static void cells(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"security", "security"},
        {"anak-anak", "anak-anak"},
        {"a,b", "\"a,b\""},
        {"a;b", "\"a;b\""},
        {"she said \"no\"", "\"she said \"\"no\"\"\""},
        {"two\r\nlines", "\"two\r\nlines\""},
        {" lead", "\" lead\""},
        {"trail ", "\"trail \""},
        {"=1+1", "\" =1+1\""},
        {"@SUM(A1)", "\" @SUM(A1)\""},
        {"-2", "-2"},
        {"+1.5e3", "\" +1.5e3\""}, /* our numbers have no plus */
        {"-1|calc", "\" -1|calc\""},
        {"\tx", "\" \tx\""},
        {"keamanan \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
         "keamanan \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        csv_write_cell(&out, cases[i].text, strlen(cases[i].text));
        buffer_byte(&out, '\0');
        assert_string_equal(out.bytes, cases[i].expected);
        buffer_free(&out);
    }
    struct buffer nul = {0};
    csv_write_cell(&nul, "a\0b", 3);
    assert_int_equal(nul.n, 3);
    buffer_free(&nul);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
