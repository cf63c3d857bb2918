/* SPDX-License-Identifier: Apache-2.0 */
#include "features/term_table.h"

#include <string.h>

#include "base/memory.h"

enum { FIRST_BITS = 12, MOST_BITS = 33, LARGE_TABLE = 1 << 19 };

/* Few steps to a free slot while the table is small; a large one is filled further. */
static size_t most_terms(size_t n_slots)
{
    return n_slots < LARGE_TABLE ? n_slots / 2 : n_slots / 4 * 3;
}

static void free_slots(struct term_table *table)
{
    memory_give_back(table->slots, table->n_slots, sizeof *table->slots);
    table->slots = NULL;
    table->n_slots = 0;
}

static int grow(struct term_table *table)
{
    const unsigned bits = table->n_slots == 0 ? FIRST_BITS : 64 - table->shift + 1;
    if (bits > MOST_BITS)
        return -1;
    const size_t n_slots = (size_t)1 << bits;
    const unsigned shift = 64 - bits;
    struct term_slot *slots = memory_zero(n_slots, sizeof *slots);
    if (slots == NULL)
        return -1;
    for (size_t i = 0; i < table->n_slots; i++) {
        if (table->slots[i].rank == 0)
            continue;
        size_t slot = table->slots[i].rank >> shift;
        while (slots[slot].rank != 0)
            slot = (slot + 1) & (n_slots - 1);
        slots[slot] = table->slots[i];
    }
    free_slots(table);
    table->slots = slots;
    table->n_slots = n_slots;
    table->shift = shift;
    return 0;
}

/* A free slot becomes the term's. */
static int add(struct term_table *table, struct term_slot *slot, uint64_t rank, unsigned char kind)
{
    const size_t n = table->n_terms + 1;
    if (n >= TERM_FULL ||
        memory_grow(&table->kind, &table->kind_capacity, n, sizeof *table->kind) != 0 ||
        memory_grow(&table->text, &table->text_capacity, n, sizeof *table->text) != 0)
        return -1;
    table->kind[n - 1] = kind;
    table->text[n - 1] = NULL;
    table->n_terms = n;
    *slot = (struct term_slot){rank, (uint32_t)n, 0};
    return 0;
}

uint32_t term_search(struct term_table *table, uint64_t rank, unsigned char kind, uint32_t *df)
{
    if (table->n_terms >= most_terms(table->n_slots) && grow(table) != 0)
        return TERM_FULL;
    size_t at = rank >> table->shift;
    while (table->slots[at].rank != rank && table->slots[at].rank != 0)
        at = (at + 1) & (table->n_slots - 1);
    struct term_slot *slot = &table->slots[at];
    if (slot->rank == 0 && add(table, slot, rank, kind) != 0)
        return TERM_FULL;
    *df = ++slot->df;
    return slot->id - 1;
}

struct buffer *term_begin_text(struct term_table *table)
{
    buffer_clear(&table->scratch);
    return &table->scratch;
}

int term_end_text(struct term_table *table, uint32_t number)
{
    if (table->scratch.failed)
        return -1;
    const char *text = text_store_add(&table->texts, table->scratch.bytes, table->scratch.n);
    table->text[number] = text;
    return text == NULL ? -1 : 0;
}

int term_table_uncount(struct term_table *table, const uint32_t *numbers, size_t n)
{
    if (n == 0)
        return 0;
    uint32_t *less = memory_zero(table->n_terms, sizeof *less);
    if (less == NULL)
        return -1;
    for (size_t i = 0; i < n; i++)
        less[numbers[i]]++;
    for (size_t i = 0; i < table->n_slots; i++)
        if (table->slots[i].rank != 0)
            table->slots[i].df -= less[table->slots[i].id - 1];
    memory_free(less);
    return 0;
}

/* Moves a term to slots[n], past those before it that rank higher: few, as they come nearly in
 * order. */
static void insert(struct term_slot *slots, size_t n, struct term_slot term)
{
    for (; n > 0 && slots[n - 1].rank > term.rank; n--)
        slots[n] = slots[n - 1];
    slots[n] = term;
}

/* The terms before the first free slot may belong behind the last one, where there was no room:
 * they wait aside until the others are in place. */
int term_table_sort(struct term_table *table)
{
    struct term_slot *slots = table->slots, *aside = NULL;
    size_t n = 0, n_aside = 0, capacity = 0, i = 0;
    for (; i < table->n_slots && slots[i].rank != 0; i++) {
        if (slots[i].rank >> table->shift <= i) {
            insert(slots, n++, slots[i]);
            continue;
        }
        if (memory_grow(&aside, &capacity, n_aside + 1, sizeof *aside) != 0) {
            memory_free(aside);
            return -1;
        }
        aside[n_aside++] = slots[i];
    }
    for (; i < table->n_slots; i++)
        if (slots[i].rank != 0)
            insert(slots, n++, slots[i]);
    for (size_t k = 0; k < n_aside; k++)
        insert(slots, n++, aside[k]);
    memory_free(aside);
    return 0;
}

void term_table_free(struct term_table *table)
{
    free_slots(table);
    memory_free(table->kind);
    memory_free(table->text);
    text_store_free(&table->texts);
    buffer_free(&table->scratch);
    memset(table, 0, sizeof *table);
}
