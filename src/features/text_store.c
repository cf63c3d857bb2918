/* SPDX-License-Identifier: Apache-2.0 */
#include "features/text_store.h"

#include "base/memory.h"

enum { FIRST_CHUNK = 1 << 16, CHUNK = 2 << 20 /* a page of 2 MB */ };

static int add_chunk(struct text_store *s, size_t least)
{
    const size_t usual = s->n_chunks == 0 ? FIRST_CHUNK : CHUNK;
    const size_t size = least > usual ? least : usual;
    if (memory_grow(&s->chunks, &s->capacity, s->n_chunks + 1, sizeof *s->chunks) != 0)
        return -1;
    char *chunk = memory_alloc(size, 1);
    if (chunk == NULL)
        return -1;
    s->chunks[s->n_chunks++] = s->next = chunk;
    s->left = size;
    return 0;
}

const char *text_store_add(struct text_store *s, const char *bytes, size_t n)
{
    const uint32_t length = (uint32_t)n;
    if (n >= UINT32_MAX / 2 ||
        (n + sizeof length > s->left && add_chunk(s, n + sizeof length) != 0))
        return NULL;
    char *at = s->next;
    memcpy(at, &length, sizeof length);
    if (n > 0)
        memcpy(at + sizeof length, bytes, n);
    s->next += n + sizeof length;
    s->left -= n + sizeof length;
    return at;
}

void text_store_free(struct text_store *s)
{
    for (size_t i = 0; i < s->n_chunks; i++)
        memory_free(s->chunks[i]);
    memory_free(s->chunks);
    memset(s, 0, sizeof *s);
}
