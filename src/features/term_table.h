/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_TERM_TABLE_H
#define SIKAP_FEATURES_TERM_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "features/text_store.h"

/* The growing vocabulary of training: the terms that one worker has seen. A term's place follows
 * from its rank, its hash with the halves exchanged: the table is nearly in order of ranks, so to
 * grow it is one pass from front to back, as is to put it in order; and in that order the terms
 * fill the look-up table of a vocabulary from front to back too (vocabulary.c). */
struct term_slot {
    uint64_t rank; /* 0: free (a real hash 0 is stored as 1) */
    uint32_t id;   /* number + 1 */
    uint32_t df;
};

struct term_table {
    struct term_slot *slots;
    size_t n_slots, n_terms; /* n_slots: 0 or a power of two, larger than n_terms by a fourth */
    unsigned shift;          /* a term's place is its rank shifted right by so many bits */
    unsigned char *kind;     /* [n_terms] */
    const char **text;       /* [n_terms] stored_text; NULL: it has none yet */
    size_t kind_capacity, text_capacity;
    struct text_store texts;
    struct buffer scratch;
};

#define TERM_FULL UINT32_MAX

static inline uint64_t term_rank(uint64_t hash)
{
    return hash << 32 | hash >> 32;
}

static inline uint64_t term_hash(uint64_t rank)
{
    return term_rank(rank);
}

/* Has the memory fetched that term_count reads first. */
static inline void term_prefetch(const struct term_table *table, uint64_t hash)
{
    if (table->n_slots > 0)
        __builtin_prefetch(&table->slots[term_rank(hash) >> table->shift], 1);
}

/* The rest of term_count, when the term is not at its place. */
uint32_t term_search(struct term_table *table, uint64_t rank, unsigned char kind, uint32_t *df);

/* Finds or adds the term and counts one more document for it: *df says how many it has now. Returns
 * its number (terms are numbered as they come), or TERM_FULL when memory or the numbers are out. */
static inline uint32_t term_count(struct term_table *table, uint64_t hash, unsigned char kind,
                                  uint32_t *df)
{
    const uint64_t rank = term_rank(hash == 0 ? 1 : hash);
    if (table->n_slots > 0) {
        struct term_slot *slot = &table->slots[rank >> table->shift];
        if (slot->rank == rank) {
            *df = ++slot->df;
            return slot->id - 1;
        }
    }
    return term_search(table, rank, kind, df);
}

/* Gives a term its text, once: whatever is appended to the buffer that term_begin_text returns,
 * until term_end_text, which returns 0, or -1 when memory is out. Terms that the lock drops need no
 * text. */
struct buffer *term_begin_text(struct term_table *table);
int term_end_text(struct term_table *table, uint32_t number);

/* Takes back documents that were counted: numbers[n], each one document less. 0, or -1 when memory
 * is out. */
int term_table_uncount(struct term_table *table, const uint32_t *numbers, size_t n);

/* Puts the terms into slots[0 .. n_terms), in order of ranks: the table is not to be counted into
 * any more. 0, or -1 when memory is out. */
int term_table_sort(struct term_table *table);

void term_table_free(struct term_table *table);

#endif
