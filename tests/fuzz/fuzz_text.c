/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes through repair, normalisation, tokenising, stemming and n-grams. The first four bytes
 * choose the options. What must hold: repaired text is valid, and valid text is left alone; the
 * text of every term gives the term's hash, which is how a loaded model finds it again; places lie
 * inside the text. */
#include "fuzz.h"

#include <string.h>

#include "text/ngram.h"
#include "text/utf8.h"

static void choose(struct fuzz_bytes *in, struct ngram_options *o)
{
    static const char *const languages[] = {NULL, "indonesian", "english", "turkish", "arabic"};
    const unsigned kinds = fuzz_byte(in), words = fuzz_byte(in), chars = fuzz_byte(in);
    o->normalization = (enum normalization)(kinds % 3);
    o->tokenizer = kinds & 4 ? TOKENIZE_SKLEARN : TOKENIZE_WORDS;
    o->char_across = kinds & 8 ? 1 : 0;
    o->stem = languages[(kinds >> 4) % 5];
    o->min_token = 1 + words / 64;
    o->word_min = words % 4;
    o->word_max = o->word_min == 0 ? 0 : o->word_min + words / 4 % 4;
    o->char_min = chars % 5;
    o->char_max = o->char_min == 0 ? 0 : o->char_min + chars / 8 % 4;
    o->stop_words = chars & 64 ? "the dan \xC4\xB0 anak-anak" : NULL;
    if (o->word_max == 0 && o->char_max == 0)
        o->word_min = o->word_max = 1;
    o->seed = fuzz_byte(in);
}

static void check_terms(struct ngram_extractor *e, const struct ngram_options *o, size_t text_n)
{
    const uint64_t *hashes;
    const ngram_ref *refs;
    const size_t n = ngram_list(e, &hashes, &refs);
    struct buffer text = {0};
    for (size_t i = 0; i < n; i++) {
        const enum ngram_kind kind = ngram_ref_kind(refs[i]);
        size_t begin = 0, end = 0;
        buffer_clear(&text);
        ngram_text(e, refs[i], &text);
        FUZZ_CHECK(text.n > 0 && utf8_valid(text.bytes, text.n));
        FUZZ_CHECK(memchr(text.bytes, '\0', text.n) == NULL || kind == NGRAM_CHAR);
        FUZZ_CHECK(ngram_term_hash(o->seed, kind, 0, text.bytes, text.n) == hashes[i]);
        if (kind == NGRAM_WORD && ngram_place(e, refs[i], &begin, &end))
            FUZZ_CHECK(begin <= end && end <= text_n);
    }
    buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    struct ngram_options o = {0};
    choose(&in, &o);
    struct buffer text = {0};
    const int is_valid = utf8_valid((const char *)in.at, in.n);
    const size_t n_repaired = utf8_repair((const char *)in.at, in.n, &text);
    FUZZ_CHECK(is_valid == (n_repaired == 0));
    FUZZ_CHECK(text.n == 0 || utf8_valid(text.bytes, text.n));
    FUZZ_CHECK(!is_valid ||
               (text.n == in.n && (in.n == 0 || memcmp(text.bytes, in.at, in.n) == 0)));

    struct ngram_extractor *e;
    sikap_error err = {0};
    FUZZ_CHECK(ngram_extractor_new(&e, &o, &err) == 0);
    for (int wants_places = 0; wants_places < 2; wants_places++) {
        ngram_clear(e);
        ngram_want_places(e, wants_places);
        FUZZ_CHECK(ngram_add(e, text.bytes, text.n, 0, &err) == 0);
        check_terms(e, &o, text.n);
    }
    ngram_extractor_free(e);
    buffer_free(&text);
    return 0;
}
