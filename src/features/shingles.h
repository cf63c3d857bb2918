/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_SHINGLES_H
#define SIKAP_FEATURES_SHINGLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What near-duplicate search compares: the set of word pairs of each document, with letter case,
 * punctuation and how often a pair occurs left out. A document without two words in a row is the
 * set of its single words. The options of the model's features play no part: similarity means the
 * same everywhere. A pair is 32 bits of its hash: of two texts of n distinct pairs each about
 * n²/2^32 pairs agree by accident, one in a million of a speech's. */
struct shingles {
    size_t n_rows;
    size_t *start;   /* [n_rows + 1]; NULL: no rows */
    uint32_t *items; /* row r has items[start[r] .. start[r + 1]), ascending and distinct */
    size_t start_capacity, items_capacity;
};

void shingles_free(struct shingles *s);
/* Adds a row; 0, or -1: out of memory. */
int shingles_append(struct shingles *s, const uint32_t *items, size_t n);
/* Adds all rows of `from`; 0, or -1: out of memory. */
int shingles_append_all(struct shingles *s, const struct shingles *from);
size_t shingles_n(const struct shingles *s, size_t row);
/* How many items two rows share, when they are at least `wanted`; else some number below it. */
size_t shingles_overlap(const struct shingles *s, size_t a, size_t b, size_t wanted);
/* Jaccard: shared items / distinct items of both; 0 when either has none. */
double shingles_similarity(const struct shingles *s, size_t a, size_t b);

/* Makes rows from texts; one per worker. */
struct shingler {
    struct ngram_extractor *pairs, *words;
    uint32_t *items; /* all documents' since shingler_clear, one behind the other */
    size_t n, capacity;
    uint64_t *keys;
    size_t keys_capacity;
};

int shingler_new(struct shingler **out, sikap_error *err);
void shingler_free(struct shingler *s);
void shingler_clear(struct shingler *s); /* NULL is fine */
/* Adds the items of a document's segments (bytes NULL: absent): *n of them from items[*first] on.
 */
struct text;
int shingler_add(struct shingler *s, const struct text *segments, size_t n_segments, size_t *first,
                 size_t *n, sikap_error *err);

#endif
