/* SPDX-License-Identifier: Apache-2.0 */
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FFFD "\xEF\xBF\xBD"

/* Replacements as the Unicode Standard's tables 3-8 to 3-11 (one U+FFFD for a maximal subpart). */
static const struct {
    const char *bytes;
    size_t n, n_repaired;
    const char *expected;
} broken[] = {
    {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", 9, 8, FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"},
    {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", 9, 8, FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"},
    {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", 9, 7, FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B"},
    {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", 9, 4, FFFD FFFD FFFD FFFD "A"},
    {"\x80", 1, 1, FFFD},
    {"\xF0\x9F\x98", 3, 1, FFFD},
    {"\xF0\x9F\x98\xF0\x9F\x98\x80", 7, 1, FFFD "\xF0\x9F\x98\x80"},
    {"a\xC3", 2, 1, "a" FFFD},
    {"\xC3(", 2, 1, FFFD "("},
    {"\xF8\x88\x80\x80\x80", 5, 5, FFFD FFFD FFFD FFFD FFFD},
    {"0123456789012345678901234567890\xE2\x82 and more than a word of bytes", 63, 1,
     "0123456789012345678901234567890" FFFD " and more than a word of bytes"},
};

static void repairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct buffer out = {0};
        assert_false(utf8_valid(broken[i].bytes, broken[i].n));
        assert_int_equal(utf8_repair(broken[i].bytes, broken[i].n, &out), broken[i].n_repaired);
        assert_int_equal(out.n, strlen(broken[i].expected));
        assert_memory_equal(out.bytes, broken[i].expected, out.n);
        assert_true(utf8_valid(out.bytes, out.n));
        buffer_free(&out);
    }
}

/* Every code point there is, and every one there is not. */
static void code_points(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char bytes[4];
        uint32_t back;
        const size_t n = utf8_encode(c, bytes);
        assert_int_equal(n, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
        assert_int_equal(utf8_valid(bytes, n), c < 0xD800 || c > 0xDFFF);
        assert_int_equal(utf8_decode(bytes, n, &back), n);
        assert_int_equal(back, c);
        for (size_t k = 1; k < n; k++) /* a part of it is never valid */
            assert_false(utf8_valid(bytes, k));
    }
}

/* A second opinion: decode by the arithmetic of the definition, then look at the code point. */
static int is_valid_by_definition(const unsigned char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        const size_t length = s[i] < 0x80       ? 1
                              : s[i] >> 5 == 6  ? 2
                              : s[i] >> 4 == 14 ? 3
                              : s[i] >> 3 == 30 ? 4
                                                : 0;
        if (length == 0 || length > n - i)
            return 0;
        uint32_t c = length == 1 ? s[i] : s[i] & (0xFFu >> (length + 1));
        for (size_t k = 1; k < length; k++) {
            if (s[i + k] >> 6 != 2)
                return 0;
            c = c << 6 | (s[i + k] & 0x3F);
        }
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
            return 0;
        i += length;
    }
    return 1;
}

static void random_bytes(void **state)
{
    (void)state;
    static const unsigned char likely[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                           0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                           0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF};
    uint32_t seed = 7;
    size_t n_valid = 0;
    for (int round = 0; round < 400000; round++) {
        unsigned char bytes[80];
        seed = seed * 1664525 + 1013904223;
        /* Some behind a run of ASCII, which is looked at in words. */
        const size_t from = seed >> 30 == 0 ? (seed >> 20) % 70 : 0, n = from + (seed >> 16) % 6;
        memset(bytes, 'a', from);
        for (size_t i = from; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = likely[(seed >> 8) % sizeof likely];
        }
        char *exact = malloc(n + 1); /* so that reading past the end is seen */
        memcpy(exact, bytes, n);
        exact = realloc(exact, n > 0 ? n : 1);
        const int valid = is_valid_by_definition(bytes, n);
        assert_int_equal(utf8_valid(exact, n), valid);
        struct buffer out = {0};
        assert_int_equal(utf8_repair(exact, n, &out) == 0, valid);
        assert_true(is_valid_by_definition((const unsigned char *)out.bytes, out.n));
        n_valid += (size_t)valid;
        buffer_free(&out);
        free(exact);
    }
    assert_in_range(n_valid, 50000, 350000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(repairs), cmocka_unit_test(code_points),
                                       cmocka_unit_test(random_bytes)};
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
