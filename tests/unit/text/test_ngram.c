/* SPDX-License-Identifier: Apache-2.0 */
/* Texts to n-grams: `expected` lists the n-grams of 1 word (then the extras), separated by '/'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/ngram.h"
#include "text/utf8.h"

static const struct text_case {
    const char *text, *expected;
    int normalization, tokenizer, word_max, char_min, char_max;
} cases[] = {
    {"", "", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"Dewan Keamanan PBB", "dewan/keamanan/pbb", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"a b c", "a/b/a b/c/b c", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 2, 0, 0},
    {"Anak-anak bermain", "anak/anak/bermain/anak-anak", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1,
     0, 0},
    {"anak - anak", "anak/anak", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"#SemST by @NASA", "semst/by/#semst/@nasa", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"see https://un.org/a?b=c. End", "see/end/https://un.org/a?b=c", NORMALIZE_NFKC_CASEFOLD,
     TOKENIZE_WORDS, 1, 0, 0},
    {"www.un.org ok", "ok/www.un.org", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"Iran\xE2\x80\x99s", "iran/s", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"\xEF\xBC\xB5\xEF\xBC\xAE", "un", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0,
     0}, /* full width */
    {"E\xCC\x81tat", "\xC3\xA9tat", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"STRASSE Stra\xC3\x9F"
     "e",
     "strasse/strasse", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"\xD0\x9C\xD0\xB8\xD1\x80", "\xD0\xBC\xD0\xB8\xD1\x80", NORMALIZE_LOWER, TOKENIZE_WORDS, 1, 0,
     0},
    /* three Han characters: two bigrams; one alone stands for itself */
    {"\xE8\x81\x94\xE5\x90\x88\xE5\x9B\xBD", "\xE8\x81\x94\xE5\x90\x88/\xE5\x90\x88\xE5\x9B\xBD",
     NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"\xE5\x9B\xBD.", "\xE5\x9B\xBD", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0, 0},
    {"ok \xF0\x9F\x98\x80!", "ok/\xF0\x9F\x98\x80", NORMALIZE_NFKC_CASEFOLD, TOKENIZE_WORDS, 1, 0,
     0},
    {"a-b x_y", "a/b/x_y", NORMALIZE_LOWER, TOKENIZE_SKLEARN, 1, 0, 0},
    {"\xCE\xA3\xCE\x91\xCE\xA3", "\xCF\x83\xCE\xB1\xCF\x82", NORMALIZE_LOWER, TOKENIZE_SKLEARN, 1,
     0, 0},
    {"ab c", " a/ab/b / c/c ", NORMALIZE_LOWER, TOKENIZE_WORDS, 0, 2, 2},
    {"a", " a/ a /a ", NORMALIZE_LOWER, TOKENIZE_WORDS, 0, 2, 4},
};

static struct ngram_extractor *extractor(const struct text_case *t)
{
    const struct ngram_options options = {
        .normalization = (enum normalization)t->normalization,
        .tokenizer = (enum tokenizer)t->tokenizer,
        .min_token = 1,
        .word_min = t->word_max > 0,
        .word_max = (size_t)t->word_max,
        .char_min = (size_t)t->char_min,
        .char_max = (size_t)t->char_max,
        .seed = 5,
    };
    struct ngram_extractor *e;
    assert_int_equal(ngram_extractor_new(&e, &options, NULL), 0);
    return e;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct text_case *t = &cases[i];
        struct ngram_extractor *e = extractor(t);
        struct buffer got = {0};
        const uint64_t *hashes;
        const ngram_ref *refs;
        assert_int_equal(ngram_add(e, t->text, strlen(t->text), 0, NULL), 0);
        const size_t n = ngram_list(e, &hashes, &refs);
        for (size_t k = 0; k < n; k++) {
            struct buffer one = {0};
            ngram_text(e, refs[k], &one);
            /* The identity must be the one that a model's text gives when it is loaded. */
            assert_true(hashes[k] ==
                        ngram_term_hash(5, ngram_ref_kind(refs[k]), 0, one.bytes, one.n));
            buffer_text(&got, k > 0 ? "/" : "");
            buffer_bytes(&got, one.bytes, one.n);
            buffer_free(&one);
        }
        buffer_byte(&got, '\0');
        assert_string_equal(got.bytes, t->expected);
        buffer_free(&got);
        ngram_extractor_free(e);
    }
}

static void test_places(void **state)
{
    static const char text[] = "E\xCC\x81tat \xEF\xAC\x81n Anak-anak";
    (void)state;
    struct ngram_extractor *e = extractor(&(struct text_case){.word_max = 1});
    const uint64_t *hashes;
    const ngram_ref *refs;
    static const size_t expected[][2] = {{0, 6}, {7, 11}, {12, 16}, {17, 21}, {12, 21}};
    ngram_want_places(e, 1);
    assert_int_equal(ngram_add(e, text, sizeof text - 1, 0, NULL), 0);
    assert_int_equal(ngram_list(e, &hashes, &refs), 5);
    for (size_t k = 0; k < 5; k++) {
        size_t begin, end;
        assert_int_equal(ngram_place(e, refs[k], &begin, &end), 1);
        assert_int_equal(begin, expected[k][0]);
        assert_int_equal(end, expected[k][1]);
    }
    ngram_extractor_free(e);
}

static void test_repair(void **state)
{
    static const struct {
        const char *bytes, *repaired;
        size_t n_repaired;
    } broken[] = {{"a\xC0\xAF"
                   "b",
                   "a\xEF\xBF\xBD\xEF\xBF\xBD"
                   "b",
                   2},                                                         /* overlong */
                  {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 3}, /* surrogate */
                  {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 4},
                  {"x\xE2\x82", "x\xEF\xBF\xBD", 1}, /* cut: one maximal subpart */
                  {"\x80", "\xEF\xBF\xBD", 1},
                  {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct buffer out = {0};
        const size_t n = strlen(broken[i].bytes);
        assert_int_equal(utf8_valid(broken[i].bytes, n), broken[i].n_repaired == 0);
        assert_int_equal(utf8_repair(broken[i].bytes, n, &out), broken[i].n_repaired);
        assert_int_equal(out.n, strlen(broken[i].repaired));
        assert_memory_equal(out.bytes, broken[i].repaired, out.n);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_places),
                                       cmocka_unit_test(test_repair)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
