/* SPDX-License-Identifier: Apache-2.0 */
/* Large pieces stand at a border of 2 MB and ask for pages of that size: a first touch then costs
 * one page fault in place of 512 (half a megabyte, 128, is large already: they are dear on virtual
 * machines), and scattered reads miss the translation buffer less. It is advice, so nothing hangs
 * on whether the system takes it. */
#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ARENA_BLOCK = 1 << 16, ALIGNMENT = 64, LARGE = 1 << 19, HUGE_PAGE = 2 << 20 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    _Alignas(16) unsigned char bytes[];
};

/* More than a process can address (47 bits) is a mistake or somebody's claim: refused here, because
 * sanitizers end a program that asks. */
#define MOST_BYTES (sizeof(size_t) >= 8 ? SIZE_MAX >> 17 : SIZE_MAX / 2)

static int product(size_t n, size_t size, size_t *out)
{
    if (size != 0 && n > MOST_BYTES / size)
        return -1;
    *out = n * size;
    if (*out == 0)
        *out = 1;
    return 0;
}

static void *large(size_t bytes)
{
    if (bytes > SIZE_MAX / 2 - HUGE_PAGE)
        return NULL;
    bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *piece = aligned_alloc(HUGE_PAGE, bytes);
#ifdef MADV_HUGEPAGE
    if (piece != NULL)
        (void)madvise(piece, bytes, MADV_HUGEPAGE);
#endif
    return piece;
}

void *memory_alloc(size_t n, size_t size)
{
    size_t bytes;
    if (product(n, size, &bytes) != 0)
        return NULL;
    return bytes >= LARGE ? large(bytes) : malloc(bytes);
}

void *memory_zero(size_t n, size_t size)
{
    size_t bytes;
    if (product(n, size, &bytes) != 0)
        return NULL;
    if (bytes < LARGE)
        return calloc(1, bytes);
    void *piece = large(bytes);
    return piece == NULL ? NULL : memset(piece, 0, bytes);
}

void *memory_resize(void *old, size_t n, size_t size)
{
    size_t bytes;
    return product(n, size, &bytes) != 0 ? NULL : realloc(old, bytes);
}

void memory_free(void *p)
{
    free(p);
}

void memory_forget(void *p, size_t n, size_t size)
{
    const size_t skip = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE, bytes = n * size;
#ifdef MADV_DONTNEED
    if (p != NULL && bytes >= skip + HUGE_PAGE)
        (void)madvise((char *)p + skip, (bytes - skip) / HUGE_PAGE * HUGE_PAGE, MADV_DONTNEED);
#else
    (void)skip;
    (void)bytes;
#endif
}

void memory_give_back(void *p, size_t n, size_t size)
{
    memory_forget(p, n, size);
    free(p);
}

void *memory_aligned(size_t n, size_t size)
{
    size_t bytes;
    if (product(n, size, &bytes) != 0 || bytes > SIZE_MAX / 2 - ALIGNMENT)
        return NULL;
    if (bytes >= LARGE)
        return large(bytes);
    return aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

void *memory_aligned_zero(size_t n, size_t size)
{
    void *piece = memory_aligned(n, size);
    return piece == NULL ? NULL : memset(piece, 0, n * size);
}

/* A large piece is not grown by realloc, which leaves pages of 4 KB behind: what was there is
 * copied to fresh pages of 2 MB. It doubles, so that what is copied in all is less than what comes
 * out. */
static void *grow_large(void *old, size_t old_bytes, size_t bytes)
{
    void *piece = large(bytes);
    if (piece == NULL)
        return NULL;
    if (old_bytes > 0)
        memcpy(piece, old, old_bytes);
    free(old);
    return piece;
}

int memory_grow(void *array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return 0;
    const size_t more = *capacity * size < LARGE ? *capacity / 2 + 16 : *capacity;
    const size_t wanted = *capacity + more > need ? *capacity + more : need;
    size_t bytes;
    if (product(wanted, size, &bytes) != 0)
        return -1;
    void *old;
    memcpy(&old, array, sizeof old);
    void *grown = bytes < LARGE ? realloc(old, bytes) : grow_large(old, *capacity * size, bytes);
    if (grown == NULL)
        return -1;
    memcpy(array, &grown, sizeof grown);
    *capacity = wanted;
    return 0;
}

char *memory_text(const char *text, size_t n)
{
    char *copy = memory_alloc(n + 1, 1);
    if (copy == NULL)
        return NULL;
    if (n > 0)
        memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

char *memory_string(const char *text)
{
    return memory_text(text, strlen(text));
}

void memory_free_texts(char **texts, size_t n)
{
    for (size_t i = 0; texts != NULL && i < n; i++)
        memory_free(texts[i]);
    memory_free(texts);
}

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > SIZE_MAX / 4)
        return NULL;
    n = (n + 7) & ~(size_t)7;
    if (a->head == NULL || a->head->size - a->used < n) {
        /* Blocks double, so that an arena_reset soon leaves one block that holds a whole round. */
        size_t size = a->head == NULL ? (size_t)ARENA_BLOCK : a->head->size * 2;
        if (size < n)
            size = n;
        struct arena_block *block = memory_alloc(1, sizeof *block + size);
        if (block == NULL)
            return NULL;
        block->next = a->head;
        block->size = size;
        a->head = block;
        a->used = 0;
        a->total += size;
    }
    void *p = a->head->bytes + a->used;
    a->used += n;
    return p;
}

char *arena_text(struct arena *a, const char *text, size_t n)
{
    char *copy = arena_alloc(a, n + 1);
    if (copy == NULL)
        return NULL;
    if (n > 0)
        memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

void arena_reset(struct arena *a)
{
    if (a->head == NULL)
        return;
    struct arena_block *rest = a->head->next;
    a->head->next = NULL;
    a->total = a->head->size;
    a->used = 0;
    while (rest != NULL) {
        struct arena_block *next = rest->next;
        memory_free(rest);
        rest = next;
    }
}

void arena_free(struct arena *a)
{
    while (a->head != NULL) {
        struct arena_block *next = a->head->next;
        memory_free(a->head);
        a->head = next;
    }
    a->used = a->total = 0;
}
