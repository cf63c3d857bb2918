/* SPDX-License-Identifier: Apache-2.0 */
#include "features/row_store.h"

#include <string.h>

#include "base/memory.h"

enum { CHUNK = 1 << 20 /* cells: two pages of 2 MB */ };

int row_store_begin(struct row_store *s, size_t n)
{
    s->n_ones = s->n_others = 0;
    if (memory_grow(&s->others, &s->others_capacity, n, sizeof *s->others) != 0)
        return -1;
    if (s->n_chunks == 0 || s->size - s->used < 2 * n) {
        if (memory_grow(&s->chunks, &s->capacity, s->n_chunks + 1, sizeof *s->chunks) != 0)
            return -1;
        const size_t size = 2 * n > CHUNK ? 2 * n : (size_t)CHUNK;
        uint32_t *chunk = memory_alloc(size, sizeof *chunk);
        if (chunk == NULL)
            return -1;
        s->chunks[s->n_chunks++] = chunk;
        s->size = size;
        s->used = 0;
    }
    s->row = s->chunks[s->n_chunks - 1] + s->used;
    return 0;
}

void row_store_end(struct row_store *s, struct stored_row *row)
{
    *row = (struct stored_row){s->row, (uint32_t)s->n_ones, (uint32_t)s->n_others, s->n_chunks - 1};
    uint32_t *number = s->row + s->n_ones, *count = number + s->n_others;
    for (size_t i = 0; i < s->n_others; i++) {
        number[i] = (uint32_t)(s->others[i] >> 32);
        count[i] = (uint32_t)s->others[i];
    }
    s->used += s->n_ones + 2 * s->n_others;
}

void row_store_free_before(struct row_store *s, size_t chunk)
{
    for (; s->n_freed < chunk; s->n_freed++) {
        memory_give_back(s->chunks[s->n_freed], CHUNK, sizeof **s->chunks); /* most are no larger */
        s->chunks[s->n_freed] = NULL;
    }
}

void row_store_free(struct row_store *s)
{
    row_store_free_before(s, s->n_chunks);
    memory_free(s->chunks);
    memory_free(s->others);
    memset(s, 0, sizeof *s);
}
