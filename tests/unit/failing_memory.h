/* SPDX-License-Identifier: Apache-2.0 */
/* For one test program: its own copy of base/memory.c, in place of the library's, whose malloc
 * family counts down to a failure and counts what is held. */
#ifndef TEST_FAILING_MEMORY_H
#define TEST_FAILING_MEMORY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

static atomic_long left = -1; /* allocations until one fails; below 0: none does */
static atomic_long n_held;    /* pieces not yet freed */

static int has_failed(void)
{
    return atomic_fetch_sub(&left, 1) == 0;
}

static void *counted(void *p)
{
    atomic_fetch_add(&n_held, p != NULL);
    return p;
}

static void *failing_malloc(size_t n)
{
    return has_failed() ? NULL : counted(malloc(n));
}

static void *failing_calloc(size_t n, size_t size)
{
    return has_failed() ? NULL : counted(calloc(n, size));
}

static void *failing_aligned_alloc(size_t alignment, size_t n)
{
    return has_failed() ? NULL : counted(aligned_alloc(alignment, n));
}

static void *failing_realloc(void *old, size_t n)
{
    if (has_failed())
        return NULL;
    void *grown = realloc(old, n);
    return old == NULL ? counted(grown) : grown;
}

static void counting_free(void *p)
{
    atomic_fetch_sub(&n_held, p != NULL);
    free(p);
}

#define malloc failing_malloc
#define calloc failing_calloc
#define realloc failing_realloc
#define aligned_alloc failing_aligned_alloc
#define free counting_free
#include "base/memory.c"
#undef malloc
#undef calloc
#undef realloc
#undef aligned_alloc
#undef free

#endif
