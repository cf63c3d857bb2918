/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_TERM_TABLE_H
#define SIKAP_FEATURES_TERM_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/parallel.h"
#include "features/vocabulary.h"

/* The growing vocabulary of training: the terms that one worker has seen, in TERM_PARTITIONS tables
 * chosen by the top bits of the hash. Each grows on its own, so that growing never stops for long,
 * and at the end the workers' tables are merged and locked partition by partition, in parallel. */
enum { TERM_PARTITION_BITS = 6, TERM_PARTITIONS = 1 << TERM_PARTITION_BITS };

struct term_slot {
    uint64_t hash; /* 0: free (a real hash 0 is stored as 1) */
    uint32_t id;   /* local number + 1 */
    uint32_t df;
};

struct term_partition {
    struct term_slot *slots;
    size_t n_slots, n_terms;
    uint32_t *text_at; /* [n_terms] where in `text` each term's stands, + 1; 0: it has none yet */
    size_t text_at_capacity;
    struct buffer text; /* of each: how long it is, its kind, its bytes */
};

struct term_table {
    struct term_partition partitions[TERM_PARTITIONS];
};

/* A provisional term number: partition in the high bits, local number below. */
enum { TERM_LOCAL_BITS = 32 - TERM_PARTITION_BITS };
#define TERM_LOCAL(number) ((number) & ((UINT32_C(1) << TERM_LOCAL_BITS) - 1))
#define TERM_FULL UINT32_MAX

static inline size_t term_partition_of(uint64_t hash)
{
    return (size_t)(hash >> (64 - TERM_PARTITION_BITS));
}

/* Has the memory fetched that term_count reads first. */
static inline void term_prefetch(const struct term_table *table, uint64_t hash)
{
    const struct term_partition *p = &table->partitions[term_partition_of(hash)];
    if (p->n_slots > 0)
        __builtin_prefetch(&p->slots[hash & (p->n_slots - 1)], 1);
}

/* Finds or adds the term and counts one more document for it: *df says how many it has now. Returns
 * its provisional number, or TERM_FULL when memory or the numbers are out. */
uint32_t term_count(struct term_table *table, uint64_t hash, uint32_t *df);

/* Gives a term its text, once, before the table is locked; terms that the lock drops need none.
 * 0, or -1 when memory is out. */
int term_set_text(struct term_table *table, uint32_t number, unsigned char kind, const char *text,
                  size_t n);

/* Takes back documents that were counted: numbers[n], each one document less. 0, or -1 when memory
 * is out. */
int term_table_uncount(struct term_table *table, const uint32_t *numbers, size_t n);

/* Adds partition p of `from` to that of `to`, and empties it. number[local in `from`] becomes the
 * local number in `to`; the caller's, of as many as `from` has terms there. 0, or -1. */
int term_table_merge(struct term_table *to, struct term_table *from, size_t p, uint32_t *number);

void term_table_free(struct term_table *table);

/* Locks: keeps the terms with min_df <= df <= max_df (at least 1), numbers them (df descending,
 * kind, bytes) and fills remap[partition][local] with the final number or VOCABULARY_ABSENT (each
 * array is the caller's, memory_free). The table is emptied on the way. */
int term_table_lock(struct term_table *table, uint32_t min_df, uint32_t max_df, struct pool *pool,
                    struct vocabulary **out, uint32_t *remap[TERM_PARTITIONS], sikap_error *err);

#endif
