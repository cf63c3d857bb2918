/* SPDX-License-Identifier: Apache-2.0 */
#include "text/sentence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* '|' marks where a sentence ends, and is not part of the text. */
static void ends(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "",
        "no end at all",
        "One.| Two!| Three?|",
        "He said \"no.\"| Then he left.|",
        "(In brackets.)| Out.|",
        "\xE2\x80\x9CQuoted.\xE2\x80\x9D| Next.|",
        "e.g. this, i.e. that.|",
        "Ltd. and others.|",
        "3.5 per cent, www.example.org stays.|",
        "Mr.| Putin.|", /* no list of abbreviations */
        "Sanksi (14/10) dicabut.|\nBerikutnya",
        "one line\nand the next",
        "a heading\n|\nthen text",
        "spaces in the empty line\n \t|\nthen text",
        "windows\r\n\r|\nthen text",
        "ends with line ends\n|\n",
        "\xE4\xB8\xAD\xE6\x96\x87\xE3\x80\x82|\xE4\xB8\x8B",
        "what?!| Really.|",
        "...| Dots.|",
        ".|",
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        char text[200];
        size_t n = 0, wanted[10], n_wanted = 0, found = 0;
        for (const char *p = CASES[c]; *p != '\0'; p++)
            if (*p == '|')
                wanted[n_wanted++] = n;
            else
                text[n++] = *p;
        for (size_t at = 0; at < n; at++) {
            const size_t end = sentence_end(text, n, at);
            if (end == 0)
                continue;
            if (found >= n_wanted || wanted[found] != end)
                fail_msg("'%s': an end at %zu", CASES[c], end);
            found++;
            at = end - 1;
        }
        if (found != n_wanted)
            fail_msg("'%s': %zu ends, expected %zu", CASES[c], found, n_wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ends)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
