/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_TERM_SORT_H
#define SIKAP_FEATURES_TERM_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Puts the terms that a vocabulary keeps in its order: df (descending), kind, bytes. */

enum { TERM_PREFIX = 16 };

struct term_candidate {
    uint64_t hash;
    const char *text; /* kind byte first */
    uint32_t df;
    uint32_t n; /* bytes of text, its kind too */
};

/* A candidate while it is put in order. `prefix` is the first bytes of its text, big-endian, so
 * that nearly every comparison is of integers. */
struct term_record {
    uint64_t prefix[2];
    const struct term_candidate *candidate;
};

/* Reads TERM_PREFIX bytes of the text, whatever its length. */
struct term_record term_record(const struct term_candidate *candidate);

/* by_df 0: all have the same df. */
void term_sort(struct term_record *records, size_t n, int by_df);

#endif
