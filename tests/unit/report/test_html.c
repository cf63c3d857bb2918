/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void escapes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        const char *expected;
    } CASES[] = {
        {"", 0, ""},
        {"plain", 5, "plain"},
        {"<script>alert('x')</script>", 27, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
        {"\" onclick=\"x()", 14, "&quot; onclick=&quot;x()"},
        {"&amp;", 5, "&amp;amp;"},
        {"]]>", 3, "]]&gt;"},
        {"a\0b", 3,
         "a\xEF\xBF\xBD"
         "b"},
        {"\x1B[31m\x07\x7F", 7, "\xEF\xBF\xBD[31m\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xC2\x9Bx", 3, "\xEF\xBF\xBDx"}, /* a C1 control */
        {"tab\tline\n", 9, "tab\tline\n"},
        {"\xEF\xBF\xBE\xEF\xBF\xBF", 6, "\xEF\xBF\xBD\xEF\xBF\xBD"}, /* not characters */
        {"\xFF<\xC3", 3, "\xEF\xBF\xBD&lt;\xEF\xBF\xBD"},
        {"\xD7\xA9\xD7\x9C", 4, "\xD7\xA9\xD7\x9C"},
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D", 7, "\xF0\x9F\x91\xA9\xE2\x80\x8D"},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct buffer out = {0};
        html_text(&out, CASES[c].text, CASES[c].n);
        buffer_byte(&out, '\0');
        assert_false(out.failed);
        assert_string_equal(out.bytes, CASES[c].expected);
        buffer_free(&out);
    }
}

static void long_names_are_cut_between_code_points(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        const char *expected;
    } CASES[] = {
        {"four", 4, "four"},
        {"fiver", 4, "five…"},
        {"\xC3\xA9\xC3\xA9\xC3\xA9", 2, "\xC3\xA9\xC3\xA9…"},
        {"<<<", 2, "&lt;&lt;…"}, /* counted before they are escaped */
        {"x", 0, "…"},
        {"", 0, ""},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct buffer out = {0};
        html_short(&out, CASES[c].text, CASES[c].most);
        buffer_byte(&out, '\0');
        assert_string_equal(out.bytes, CASES[c].expected);
        buffer_free(&out);
    }
    char label[10241];
    memset(label, '<', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    struct buffer out = {0};
    html_name(&out, label);
    assert_in_range(out.n, 1, 300);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(long_names_are_cut_between_code_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
