/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_TERM_TABLE_H
#define SIKAP_FEATURES_TERM_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

/* The growing vocabulary of training: the terms that one worker has seen. A term's place follows
 * from the top bits of its hash, so the table is nearly in order of hashes: to grow it is one pass
 * from front to back, and a range of hashes can be worked on by itself (term_lock.h). */
struct term_slot {
    uint64_t hash; /* 0: free (a real hash 0 is stored as 1) */
    uint32_t id;   /* number + 1 */
    uint32_t df;
};

struct term_table {
    struct term_slot *slots;
    size_t n_slots, n_terms; /* n_slots: 0 or a power of two */
    unsigned shift;          /* a term's place is its hash shifted right by so many bits */
    uint32_t *text_at;       /* [n_terms] TEXT_UNITs before each one's text, + 1; 0: it has none */
    size_t text_at_capacity;
    struct buffer text; /* of each: how many bytes (32 bits), its kind, its bytes */
};

enum { TERM_TEXT_UNIT = 4 };
#define TERM_FULL UINT32_MAX

/* Has the memory fetched that term_count reads first. */
static inline void term_prefetch(const struct term_table *table, uint64_t hash)
{
    if (table->n_slots > 0)
        __builtin_prefetch(&table->slots[hash >> table->shift], 1);
}

/* Finds or adds the term and counts one more document for it: *df says how many it has now. Returns
 * its number (terms are numbered as they come), or TERM_FULL when memory or the numbers are out. */
uint32_t term_count(struct term_table *table, uint64_t hash, uint32_t *df);

/* Gives a term its text, once: whatever is appended to the buffer that term_begin_text returns,
 * until term_end_text, which returns 0, or -1 when memory is out. Terms that the lock drops need no
 * text. */
struct buffer *term_begin_text(struct term_table *table, uint32_t number, unsigned char kind);
int term_end_text(struct term_table *table, uint32_t number);

/* Where the text of a term that has one is kept, for term_text, which reads there. */
static inline const char *term_text_at(const struct term_table *table, uint32_t number)
{
    return table->text.bytes + (size_t)(table->text_at[number] - 1) * TERM_TEXT_UNIT;
}

/* A text, kind byte first; *n counts that too. */
static inline const char *term_text(const char *at, uint32_t *n)
{
    memcpy(n, at, sizeof *n);
    return at + sizeof *n;
}

/* Takes back documents that were counted: numbers[n], each one document less. 0, or -1 when memory
 * is out. */
int term_table_uncount(struct term_table *table, const uint32_t *numbers, size_t n);

/* Gives back the larger part of its memory: numbers and texts are left. */
void term_table_free_slots(struct term_table *table);
void term_table_free(struct term_table *table);

#endif
