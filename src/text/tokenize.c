/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of normalised text.
 *
 * Bytes are classed 64 at a time into a bit mask (letter, digit, underscore or any byte of a
 * non-ASCII code point), and the edges of the mask are the edges of coarse tokens: no branch per
 * byte. What is special is looked at only at these edges:
 *   - a coarse token with non-ASCII bytes is split by code point: words of letters, marks and
 *     numbers; scripts without spaces as bigrams of characters (a single one alone); an emoji
 *     sequence as one token; the rest separates;
 *   - '-' between two words: the compound as a whole is an extra token, its parts are the stream;
 *   - '@' or '#' before a word: the marked word is an extra token, the word itself in the stream;
 *   - "://" behind a word, or a leading "www.": one token up to the next space, no parts.
 * TOKENIZE_SKLEARN knows none of these rules but the first, without marks and emoji, as Python's
 * \w. */
#include "text/tokenize.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/memory.h"
#include "text/unicode.h"
#include "text/utf8.h"

enum { MAX_COMPOUND = 4 };

struct scan {
    enum tokenizer kind;
    size_t min_length;
    const char *text;
    size_t begin, end;
    struct token_list *out;
};

static int is_word_byte(unsigned char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10 || c == '_' ||
           c >= 0x80;
}

/* Bit i: text[i] is a word byte; *wide likewise for bytes >= 0x80. */
static uint64_t word_mask(const char *text, uint64_t *wide)
{
    uint64_t mask = 0, high = 0;
#if defined(__SSE2__)
    /* Signed compares: shift each range to the bottom of the signed bytes first. */
    const __m128i case_bit = _mm_set1_epi8(0x20), a = _mm_set1_epi8((char)('a' ^ 0x80)),
                  letters = _mm_set1_epi8((char)(-128 + 26)),
                  zero = _mm_set1_epi8((char)('0' ^ 0x80)),
                  digits = _mm_set1_epi8((char)(-128 + 10)), low_line = _mm_set1_epi8('_');
    for (int k = 0; k < 4; k++) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * k));
        const __m128i letter = _mm_cmplt_epi8(_mm_sub_epi8(_mm_or_si128(v, case_bit), a), letters);
        const __m128i digit = _mm_cmplt_epi8(_mm_sub_epi8(v, zero), digits);
        const __m128i word = _mm_or_si128(_mm_or_si128(letter, digit), _mm_cmpeq_epi8(v, low_line));
        const uint64_t wide_bits = (uint64_t)(unsigned)_mm_movemask_epi8(v);
        mask |= ((uint64_t)(unsigned)_mm_movemask_epi8(word) | wide_bits) << (16 * k);
        high |= wide_bits << (16 * k);
    }
#else
    for (int k = 0; k < 64; k++) {
        mask |= (uint64_t)is_word_byte((unsigned char)text[k]) << k;
        high |= (uint64_t)((unsigned char)text[k] >= 0x80) << k;
    }
#endif
    *wide = high;
    return mask;
}

static void push(struct token **list, size_t *n, size_t *capacity, int *failed, size_t begin,
                 size_t end)
{
    if (*n == *capacity && memory_grow(list, capacity, *n + 1, sizeof **list) != 0) {
        *failed = 1;
        return;
    }
    (*list)[(*n)++] = (struct token){(uint32_t)begin, (uint32_t)(end - begin)};
}

static void push_stream(struct token_list *out, size_t begin, size_t end)
{
    push(&out->stream, &out->n_stream, &out->stream_capacity, &out->failed, begin, end);
}

static void push_extra(struct token_list *out, size_t begin, size_t end)
{
    push(&out->extras, &out->n_extras, &out->extras_capacity, &out->failed, begin, end);
}

static int long_enough(const struct scan *s, size_t begin, size_t end)
{
    if (s->min_length <= 1)
        return 1;
    size_t n = 0;
    for (size_t i = begin; i < end; i++)
        n += ((unsigned char)s->text[i] & 0xC0) != 0x80;
    return n >= s->min_length;
}

/* The code point at i with the marks (or joined emoji) that belong to it; returns its end. */
static size_t cluster_end(const struct scan *s, size_t i, size_t end, unsigned class)
{
    uint32_t c;
    i += utf8_decode(s->text + i, end - i, &c);
    int joined = 0;
    while (i < end) {
        const size_t m = utf8_decode(s->text + i, end - i, &c);
        const unsigned next = unicode_class(c);
        const int continues = next == UNICODE_MARK || next == UNICODE_JOINER ||
                              (class == UNICODE_EMOJI && joined && next == UNICODE_EMOJI);
        if (!continues)
            break;
        joined = c == 0x200D;
        i += m;
    }
    return i;
}

/* A run of a script without spaces: bigrams of its characters; one alone stands for itself. */
static size_t split_unspaced(const struct scan *s, size_t i, size_t end)
{
    size_t previous = i, at = cluster_end(s, i, end, UNICODE_UNSPACED), n = 1;
    while (at < end) {
        uint32_t c;
        utf8_decode(s->text + at, end - at, &c);
        if (unicode_class(c) != UNICODE_UNSPACED)
            break;
        const size_t next = cluster_end(s, at, end, UNICODE_UNSPACED);
        push_stream(s->out, previous, next);
        previous = at;
        at = next;
        n++;
    }
    if (n == 1)
        push_stream(s->out, i, at);
    return at;
}

static int continues_word(const struct scan *s, unsigned class, uint32_t c)
{
    if (c < 0x80)
        return 1; /* a coarse token has no other ASCII than word bytes */
    if (s->kind == TOKENIZE_SKLEARN)
        return class == UNICODE_WORD || class == UNICODE_UNSPACED;
    return class == UNICODE_WORD || class == UNICODE_MARK;
}

/* A coarse token with non-ASCII bytes, split by code point. */
static void split_wide(const struct scan *s, size_t begin, size_t end)
{
    size_t i = begin;
    while (i < end) {
        uint32_t c;
        size_t m = utf8_decode(s->text + i, end - i, &c);
        unsigned class = unicode_class(c);
        if (continues_word(s, class, c) && class != UNICODE_MARK) {
            const size_t word = i;
            do {
                i += m;
                if (i >= end)
                    break;
                m = utf8_decode(s->text + i, end - i, &c);
                class = unicode_class(c);
            } while (continues_word(s, class, c));
            if (long_enough(s, word, i))
                push_stream(s->out, word, i);
        } else if (s->kind == TOKENIZE_WORDS && class == UNICODE_UNSPACED) {
            i = split_unspaced(s, i, end);
        } else if (s->kind == TOKENIZE_WORDS && class == UNICODE_EMOJI) {
            const size_t emoji = i;
            i = cluster_end(s, i, end, UNICODE_EMOJI);
            push_stream(s->out, emoji, i);
        } else {
            i += m;
        }
    }
}

static size_t word_end(const struct scan *s, size_t i)
{
    while (i < s->end && is_word_byte((unsigned char)s->text[i]))
        i++;
    return i;
}

/* A URL beginning at `begin`: up to white space or a closing quote or bracket, without the
 * punctuation that ends a sentence; 0 when there is none. */
static size_t url_end(const struct scan *s, size_t begin, size_t end)
{
    const char *text = s->text;
    const int scheme = s->end - end > 3 && memcmp(text + end, "://", 3) == 0;
    const int www = end - begin == 3 && s->end - end > 1 && memcmp(text + begin, "www.", 4) == 0;
    if (!scheme && !www)
        return 0;
    size_t i = end;
    while (i < s->end && (unsigned char)text[i] > ' ' && text[i] != '"' && text[i] != '<' &&
           text[i] != '>' && text[i] != ')' && text[i] != ']' && (unsigned char)text[i] < 0x80)
        i++;
    while (i > end && memchr(".,;:!?'/", text[i - 1], 8) != NULL)
        i--;
    return i;
}

/* The rules of TOKENIZE_WORDS at the edges of a coarse token. `*compound` is where the hyphenated
 * compound that this token ends begins (SIZE_MAX: none), *parts how many parts it has. */
static void join_compound(const struct scan *s, size_t begin, size_t end, size_t *compound,
                          size_t *parts)
{
    if (*compound != SIZE_MAX && s->text[begin - 1] == '-' && *parts < MAX_COMPOUND)
        (*parts)++;
    else {
        *compound = begin;
        *parts = 1;
    }
    const int goes_on = s->end - end > 1 && s->text[end] == '-' &&
                        is_word_byte((unsigned char)s->text[end + 1]) && *parts < MAX_COMPOUND;
    if (goes_on)
        return;
    if (*parts > 1)
        push_extra(s->out, *compound, end);
    *compound = SIZE_MAX;
}

static int has_wide(const struct scan *s, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        if ((unsigned char)s->text[i] >= 0x80)
            return 1;
    return 0;
}

/* Returns where the scan goes on: `end`, or further when the token swallowed more (a URL). */
static size_t coarse_token(const struct scan *s, size_t begin, size_t end, int wide,
                           size_t *compound, size_t *parts)
{
    const char *text = s->text;
    if (s->kind == TOKENIZE_WORDS) {
        const char next = end < s->end ? text[end] : ' ';
        if (next == ':' || next == '.') {
            const size_t url = url_end(s, begin, end);
            if (url > 0) {
                push_extra(s->out, begin, url);
                *compound = SIZE_MAX;
                return word_end(s, url);
            }
        }
        const char before = begin > s->begin ? text[begin - 1] : ' ';
        if (before == '@' || before == '#')
            push_extra(s->out, begin - 1, end);
        if (next == '-' || *compound != SIZE_MAX)
            join_compound(s, begin, end, compound, parts);
        if (before == '@') /* a name is no word of the language */
            return end;
    }
    if (wide && has_wide(s, begin, end))
        split_wide(s, begin, end);
    else if (long_enough(s, begin, end))
        push_stream(s->out, begin, end);
    return end;
}

void tokenize(enum tokenizer kind, size_t min_length, const char *text, size_t begin, size_t end,
              struct token_list *out)
{
    const struct scan s = {kind, min_length, text, begin, end, out};
    size_t start = SIZE_MAX; /* of the coarse token that is open */
    size_t resume = begin;   /* edges before this byte are swallowed */
    size_t compound = SIZE_MAX, parts = 0;
    int wide_seen = 0;
    uint64_t carry = 0;
    for (size_t base = begin; base < end && !out->failed; base += 64) {
        uint64_t wide;
        uint64_t mask = word_mask(text + base, &wide);
        if (end - base < 64) {
            const uint64_t inside = (UINT64_C(1) << (end - base)) - 1;
            mask &= inside;
            wide &= inside;
        }
        uint64_t edges = mask ^ (mask << 1 | carry);
        carry = mask >> 63;
        while (edges != 0) {
            const size_t at = base + (size_t)__builtin_ctzll(edges);
            edges &= edges - 1;
            if (start == SIZE_MAX) {
                start = at;
                continue;
            }
            if (start >= resume)
                resume = coarse_token(&s, start, at, wide_seen || wide != 0, &compound, &parts);
            else if (at >
                     resume) /* begins inside what was swallowed, ends outside: cannot be cut */
                resume = at;
            start = SIZE_MAX;
        }
        wide_seen = start != SIZE_MAX && (wide_seen || wide != 0);
    }
    if (start != SIZE_MAX && start >= resume && !out->failed)
        coarse_token(&s, start, end, 1, &compound, &parts);
}

void token_list_free(struct token_list *list)
{
    memory_free(list->stream);
    memory_free(list->extras);
    memset(list, 0, sizeof *list);
}
