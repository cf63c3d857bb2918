/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_TEXT_STORE_H
#define SIKAP_FEATURES_TEXT_STORE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Short texts that stay where they are put until all are freed, each its length (32 bits) and its
 * bytes. All zero is an empty store. */
struct text_store {
    char **chunks;
    size_t n_chunks, capacity;
    char *next; /* free bytes of the last chunk */
    size_t left;
};

/* A copy of bytes[0..n), for stored_text; NULL when memory is out. */
const char *text_store_add(struct text_store *s, const char *bytes, size_t n);
void text_store_free(struct text_store *s);

static inline const char *stored_text(const char *at, size_t *n)
{
    uint32_t length;
    memcpy(&length, at, sizeof length);
    *n = length;
    return at + sizeof length;
}

#endif
