/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_STEM_H
#define SIKAP_TEXT_STEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Snowball stemming (libstemmer) with a memo, since a corpus repeats its words. Not thread-safe. */
struct stemmer;

/* language: a name or code libstemmer knows ("indonesian", "id", "english", "en" …): SIKAP_USAGE
 * with the list of names otherwise. */
int stemmer_new(struct stemmer **out, const char *language, uint64_t seed, sikap_error *err);
void stemmer_free(struct stemmer *stemmer);

/* The stem of a word whose hash_bytes(word, n, seed) is `hash`. Sets *stem and *stem_n, borrowed
 * until the next call, and returns the stem's own hash. */
uint64_t stem(struct stemmer *stemmer, const char *word, size_t n, uint64_t hash, const char **stem,
              size_t *stem_n);

#endif
