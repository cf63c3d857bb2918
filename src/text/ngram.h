/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_NGRAM_H
#define SIKAP_TEXT_NGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "text/normalize.h"
#include "text/tokenize.h"

enum { NGRAM_LONGEST = 8 };

/* How text becomes n-grams. word_min..word_max and char_min..char_max are inclusive; 0-0 is none.
 * Character n-grams are scikit-learn's char_wb (inside words, with a space on both sides) or, with
 * char_across, its char (over the whole text, white-space runs as one space). */
struct ngram_options {
    enum normalization normalization;
    enum tokenizer tokenizer;
    size_t min_token;
    size_t word_min, word_max;
    size_t char_min, char_max;
    int char_across;
    const char *stem;       /* language, NULL: none */
    const char *stop_words; /* words separated by white space, NULL: none */
    uint64_t seed;
};

enum ngram_kind { NGRAM_WORD, NGRAM_CHAR, NGRAM_KINDS };

/* Where an n-gram stands: enough to write its text, as long as its text is not cleared. */
typedef uint32_t ngram_ref;
enum { NGRAM_REF_CHAR = 2 /* in its low two bits */ };

struct ngram_extractor;

int ngram_extractor_new(struct ngram_extractor **out, const struct ngram_options *options,
                        sikap_error *err);
void ngram_extractor_free(struct ngram_extractor *e);

/* Forgets texts and n-grams. */
void ngram_clear(struct ngram_extractor *e);
/* Appends the n-grams of VALID UTF-8 text[0..n). N-grams do not cross calls. `apart` > 0 gives the
 * terms an identity of their own (a segment kept apart). Out of memory, or more than 128 M tokens
 * since ngram_clear: SIKAP_SYSTEM. */
int ngram_add(struct ngram_extractor *e, const char *text, size_t n, unsigned apart,
              sikap_error *err);

/* The n-grams since the last clear, borrowed until the next add: words before characters within
 * one add. */
size_t ngram_list(const struct ngram_extractor *e, const uint64_t **hashes, const ngram_ref **refs);
/* How many of them are of two words and more. */
size_t ngram_longer(const struct ngram_extractor *e);
static inline enum ngram_kind ngram_ref_kind(ngram_ref ref)
{
    return (ref & 3) == NGRAM_REF_CHAR ? NGRAM_CHAR : NGRAM_WORD;
}
/* Appends the n-gram's text: tokens joined by one space, or the characters. */
void ngram_text(const struct ngram_extractor *e, ngram_ref ref, struct buffer *out);

/* Byte range in the text passed to the LAST ngram_add, for word n-grams of a list whose map was
 * asked for before that add; 0 when the n-gram has no place of its own. */
void ngram_want_places(struct ngram_extractor *e, int wanted);
int ngram_place(const struct ngram_extractor *e, ngram_ref ref, size_t *begin, size_t *end);

/* The identity of a term from its text, as ngram_add computes it: used when a model is loaded. */
uint64_t ngram_term_hash(uint64_t seed, enum ngram_kind kind, unsigned apart, const char *text,
                         size_t n);

#endif
