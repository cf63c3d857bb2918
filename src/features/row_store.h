/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_ROW_STORE_H
#define SIKAP_FEATURES_ROW_STORE_H

#include <stddef.h>
#include <stdint.h>

/* The rows that one worker has counted, as they wait for their final term numbers: in chunks that
 * are never moved, and given back one by one as the matrix is made. Most terms occur once in a
 * document, so a row is the numbers of those, then the other numbers, then the counts of these:
 * four bytes for most non-zeros. */
struct stored_row {
    const uint32_t *cells; /* [n_ones + n_others] numbers, [n_others] bits of counts */
    uint32_t n_ones, n_others;
    size_t chunk;
};

struct row_store {
    uint32_t **chunks;
    size_t n_chunks, capacity, n_freed;
    size_t used, size; /* cells of the last chunk */
    uint64_t *others;  /* of the row being made: number << 32 | bits of the count */
    uint32_t *row;     /* where the row being made stands */
    size_t n_ones, n_others, others_capacity;
};

/* Makes room for a row of up to n terms. 0, or -1 when memory is out. */
int row_store_begin(struct row_store *s, size_t n);

static inline void row_store_add(struct row_store *s, uint32_t number, float count)
{
    if (count == 1) {
        s->row[s->n_ones++] = number;
        return;
    }
    union {
        float value;
        uint32_t bits;
    } of = {.value = count};
    s->others[s->n_others++] = (uint64_t)number << 32 | of.bits;
}

/* The row is whole. */
void row_store_end(struct row_store *s, struct stored_row *row);

static inline size_t stored_row_n(const struct stored_row *row)
{
    return (size_t)row->n_ones + row->n_others;
}

/* How often term i of the row, cells[i], occurs in it. */
static inline float stored_row_count(const struct stored_row *row, size_t i)
{
    union {
        uint32_t bits;
        float value;
    } of = {.value = 1};
    if (i >= row->n_ones)
        of.bits = row->cells[row->n_others + i];
    return of.value;
}

/* Gives back the chunks before `chunk`. */
void row_store_free_before(struct row_store *s, size_t chunk);
void row_store_free(struct row_store *s);

#endif
