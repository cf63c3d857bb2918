/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_NORMALIZE_H
#define SIKAP_TEXT_NORMALIZE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum normalization { NORMALIZE_NFKC_CASEFOLD, NORMALIZE_LOWER, NORMALIZE_NONE };

/* Where normalised bytes came from: from `to` on, bytes correspond one to one to those from `from`
 * on (verbatim), or all of them to the source bytes [from, next span's from). */
struct normal_span {
    size_t to, from;
    int verbatim;
};
struct normal_map {
    struct normal_span *spans;
    size_t n, capacity;
    int failed; /* out of memory: the map is useless */
};

/* Appends the normalised form of VALID UTF-8 text[0..n) to `out`. map NULL: not wanted. A failed
 * allocation is seen in out->failed. Unicode Standard Annex 15, toNFKC_Casefold. */
void normalize(enum normalization form, const char *text, size_t n, struct buffer *out,
               struct normal_map *map);

/* The source range of normalised bytes [begin, end), counted in the same buffer as `to`. */
void normal_map_find(const struct normal_map *map, size_t begin, size_t end, size_t source_size,
                     size_t *source_begin, size_t *source_end);

#endif
