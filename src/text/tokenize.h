/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_TOKENIZE_H
#define SIKAP_TEXT_TOKENIZE_H

#include <stddef.h>
#include <stdint.h>

enum tokenizer {
    TOKENIZE_WORDS,   /* the default: see tokenize.c */
    TOKENIZE_SKLEARN, /* scikit-learn's \w+ : runs of letters, numbers and underscores */
};

struct token {
    uint32_t begin; /* byte offset in the normalised buffer */
    uint32_t n;     /* bytes */
};

/* All zero is an empty list. `stream` holds the tokens in reading order, from which n-grams are
 * made; `extras` holds tokens that stand beside the stream and enter no n-gram: a hyphenated
 * compound as a whole ("anak-anak"), a #tag or @name with its mark. */
struct token_list {
    struct token *stream, *extras;
    size_t n_stream, n_extras;
    size_t stream_capacity, extras_capacity;
    int failed; /* out of memory */
};

/* Appends the tokens of bytes [begin, end) of `text` (normalised, valid UTF-8). At least
 * TOKENIZE_PADDING readable bytes must follow text[end). min_length counts code points: shorter
 * word tokens are left out (scikit-learn's default pattern has 2). */
enum { TOKENIZE_PADDING = 64 };
void tokenize(enum tokenizer kind, size_t min_length, const char *text, size_t begin, size_t end,
              struct token_list *out);
void token_list_free(struct token_list *list);

#endif
