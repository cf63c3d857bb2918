/* SPDX-License-Identifier: Apache-2.0 */
#include "features/term_table.h"

#include <string.h>

#include "base/memory.h"

enum { FIRST_BITS = 12, MOST_BITS = 33, LARGE_TABLE = 1 << 19 };
enum { TEXT_HEAD = 5 /* bytes: length and kind */ };

/* Few steps to a free slot while the table is small; a large one is filled further. */
static size_t most_terms(size_t n_slots)
{
    return n_slots < LARGE_TABLE ? n_slots / 2 : n_slots / 4 * 3;
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
        if (table->slots[i].hash == 0)
            continue;
        size_t slot = table->slots[i].hash >> shift;
        while (slots[slot].hash != 0)
            slot = (slot + 1) & (n_slots - 1);
        slots[slot] = table->slots[i];
    }
    term_table_free_slots(table);
    table->slots = slots;
    table->n_slots = n_slots;
    table->shift = shift;
    return 0;
}

/* A free slot becomes the term's. */
static int add(struct term_table *table, struct term_slot *slot, uint64_t hash)
{
    if (table->n_terms >= TERM_FULL - 1 ||
        memory_grow(&table->text_at, &table->text_at_capacity, table->n_terms + 1,
                    sizeof *table->text_at) != 0)
        return -1;
    table->text_at[table->n_terms++] = 0;
    *slot = (struct term_slot){hash, (uint32_t)table->n_terms, 0};
    return 0;
}

uint32_t term_count(struct term_table *table, uint64_t hash, uint32_t *df)
{
    if (hash == 0)
        hash = 1;
    if (table->n_terms >= most_terms(table->n_slots) && grow(table) != 0)
        return TERM_FULL;
    size_t at = hash >> table->shift;
    while (table->slots[at].hash != hash && table->slots[at].hash != 0)
        at = (at + 1) & (table->n_slots - 1);
    struct term_slot *slot = &table->slots[at];
    if (slot->hash == 0 && add(table, slot, hash) != 0)
        return TERM_FULL;
    *df = ++slot->df;
    return slot->id - 1;
}

struct buffer *term_begin_text(struct term_table *table, uint32_t number, unsigned char kind)
{
    struct buffer *text = &table->text;
    const size_t at = (text->n + TERM_TEXT_UNIT - 1) / TERM_TEXT_UNIT;
    if (at >= UINT32_MAX)
        text->failed = 1;
    if (buffer_reserve(text, TERM_TEXT_UNIT + TEXT_HEAD) != 0)
        return text;
    text->n = at * TERM_TEXT_UNIT + TEXT_HEAD;
    text->bytes[text->n - 1] = (char)kind;
    table->text_at[number] = (uint32_t)at + 1;
    return text;
}

int term_end_text(struct term_table *table, uint32_t number)
{
    if (table->text.failed)
        return -1;
    const size_t at = (size_t)(table->text_at[number] - 1) * TERM_TEXT_UNIT;
    const size_t n = table->text.n - at - (TEXT_HEAD - 1);
    if (n >= UINT32_MAX / 2)
        return -1;
    const uint32_t length = (uint32_t)n;
    memcpy(table->text.bytes + at, &length, sizeof length);
    return 0;
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
        if (table->slots[i].hash != 0)
            table->slots[i].df -= less[table->slots[i].id - 1];
    memory_free(less);
    return 0;
}

void term_table_free_slots(struct term_table *table)
{
    memory_give_back(table->slots, table->n_slots, sizeof *table->slots);
    table->slots = NULL;
    table->n_slots = 0;
}

void term_table_free(struct term_table *table)
{
    term_table_free_slots(table);
    memory_free(table->text_at);
    buffer_free(&table->text);
    memset(table, 0, sizeof *table);
}
