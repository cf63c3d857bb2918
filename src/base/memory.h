/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_MEMORY_H
#define SIKAP_BASE_MEMORY_H

#include <stddef.h>

/* The only callers of the malloc family. Sizes are checked: a product that overflows is an
 * allocation that fails. A zero size gives a valid pointer, so NULL always means failure. */
void *memory_alloc(size_t n, size_t size);
void *memory_zero(size_t n, size_t size);
void *memory_resize(void *old, size_t n, size_t size);
void memory_free(void *p);
/* The first n elements of a piece are not read any more: the system has their memory back at once,
 * as far as it is whole pages of 2 MB. The piece remains to be freed. */
void memory_forget(void *p, size_t n, size_t size);
/* Frees a piece of n elements and forgets it first: the C library would keep some of it for later,
 * which a peak of memory would be higher by. */
void memory_give_back(void *p, size_t n, size_t size);

/* 64-byte aligned, for SIMD rows. Freed with memory_free. */
void *memory_aligned(size_t n, size_t size);
void *memory_aligned_zero(size_t n, size_t size);

/* Makes room for at least `need` elements in the array *array of *capacity elements, growing by
 * half, a large one to twice its size; 0 on success, -1 when memory is out (the array is then as it
 * was). */
int memory_grow(void *array, size_t *capacity, size_t need, size_t size);

/* A copy of text[0..n) with a NUL behind it. */
char *memory_text(const char *text, size_t n);
char *memory_string(const char *text); /* of a NUL-terminated one */
/* Frees texts[0..n) and the array; NULL is fine. */
void memory_free_texts(char **texts, size_t n);

/* An arena: many small pieces with one lifetime. All zero is an empty arena. */
struct arena {
    struct arena_block *head;
    size_t used;  /* bytes used of the head block */
    size_t total; /* bytes of all blocks */
};
void *arena_alloc(struct arena *a, size_t n); /* 8-byte aligned; NULL when memory is out */
char *arena_text(struct arena *a, const char *text, size_t n);
void arena_reset(struct arena *a); /* keeps the largest block for the next round */
void arena_free(struct arena *a);

#endif
