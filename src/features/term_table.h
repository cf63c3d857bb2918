/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_TERM_TABLE_H
#define SIKAP_FEATURES_TERM_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/parallel.h"
#include "features/vocabulary.h"

/* The growing vocabulary of training: all terms seen, in TERM_PARTITIONS tables chosen by the top
 * bits of the hash. A partition is worked on by one thread at a time, grows on its own, and is
 * small enough to stay in cache while its share of a batch passes through. */
enum { TERM_PARTITION_BITS = 6, TERM_PARTITIONS = 1 << TERM_PARTITION_BITS };

struct term_slot {
    uint64_t hash; /* 0: free (a real hash 0 is stored as 1) */
    uint32_t id;   /* local number + 1 */
    uint32_t df;
};

struct term_partition {
    struct term_slot *slots;
    size_t n_slots, n_terms;
    uint32_t
        *text_end; /* [n_terms] end of each term's text; the first byte of a text is its kind */
    size_t text_end_capacity;
    struct buffer text;
};

struct term_table {
    struct term_partition partitions[TERM_PARTITIONS];
};

/* A provisional term number: partition in the high bits, local number below. */
enum { TERM_LOCAL_BITS = 32 - TERM_PARTITION_BITS };

static inline size_t term_partition_of(uint64_t hash)
{
    return (size_t)(hash >> (64 - TERM_PARTITION_BITS));
}

/* Finds or adds the term and counts one more document for it. *is_new: the caller must add its text
 * with term_add_text before the next call. Returns the local number, or UINT32_MAX when memory or
 * the numbers are out. */
uint32_t term_count(struct term_partition *p, uint64_t hash, int *is_new);
int term_add_text(struct term_partition *p, unsigned char kind, const char *text, size_t n);

void term_table_free(struct term_table *table);

/* Locks: keeps the terms with min_df <= df <= max_df, numbers them (df descending, kind, bytes) and
 * fills remap[partition][local] with the final number or VOCABULARY_ABSENT (each array is the
 * caller's, memory_free). The table is emptied on the way. */
int term_table_lock(struct term_table *table, uint32_t min_df, uint32_t max_df, struct pool *pool,
                    struct vocabulary **out, uint32_t *remap[TERM_PARTITIONS], sikap_error *err);

#endif
