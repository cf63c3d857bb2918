/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that LIBLINEAR's private copy calls in place of the C and C++ libraries'. A piece
 * of memory is [previous, next, size | bytes]. */
#include "learn/fence.h"

#include <stddef.h>
#include <string.h>

#include "base/memory.h"

int liblinear_rand(void);
void *liblinear_malloc(size_t n);
void *liblinear_realloc(void *old, size_t n);
void *liblinear_new(size_t n);
void *liblinear_new_array(size_t n);
void liblinear_free(void *p);
void liblinear_delete(void *p);
void liblinear_delete_array(void *p);
void liblinear_delete_sized(void *p, size_t n);
void liblinear_delete_array_sized(void *p, size_t n);
_Noreturn void liblinear_bad_length(void);

enum {
    POLL_EVERY = 1 << 14, /* draws */
    /* What malloc promises of its results holds for the bytes behind the head too. */
    HEAD = (sizeof(struct fence_piece) + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) *
           _Alignof(max_align_t),
};

/* LIBLINEAR's calls of rand and malloc carry no context: the thread must know its fence. */
static _Thread_local struct fence *current;

_Noreturn static void leave(sikap_status why)
{
    current->why = why;
    longjmp(current->out, 1);
}

void *liblinear_malloc(size_t n)
{
    struct fence_piece *piece = n > SIZE_MAX / 2 ? NULL : memory_alloc(1, HEAD + n);
    if (piece == NULL)
        leave(SIKAP_SYSTEM);
    struct fence_piece *head = &current->pieces;
    piece->size = n;
    piece->previous = head;
    piece->next = head->next;
    head->next->previous = piece;
    head->next = piece;
    return (unsigned char *)piece + HEAD;
}

static struct fence_piece *piece_of(void *p)
{
    return (struct fence_piece *)(void *)((unsigned char *)p - HEAD);
}

static void unlink_piece(struct fence_piece *piece)
{
    piece->previous->next = piece->next;
    piece->next->previous = piece->previous;
    memory_free(piece);
}

void liblinear_free(void *p)
{
    if (p != NULL)
        unlink_piece(piece_of(p));
}

void *liblinear_realloc(void *old, size_t n)
{
    void *grown = liblinear_malloc(n);
    if (old != NULL) {
        const size_t size = piece_of(old)->size;
        memcpy(grown, old, size < n ? size : n);
        liblinear_free(old);
    }
    return grown;
}

void *liblinear_new(size_t n)
{
    return liblinear_malloc(n);
}

void *liblinear_new_array(size_t n)
{
    return liblinear_malloc(n);
}

void liblinear_delete(void *p)
{
    liblinear_free(p);
}

void liblinear_delete_array(void *p)
{
    liblinear_free(p);
}

void liblinear_delete_sized(void *p, size_t n)
{
    (void)n;
    liblinear_free(p);
}

void liblinear_delete_array_sized(void *p, size_t n)
{
    (void)n;
    liblinear_free(p);
}

/* An array length that overflowed: C++ would throw it through our C frames. */
void liblinear_bad_length(void)
{
    leave(SIKAP_SYSTEM);
}

/* Additive feedback, x_i = x_(i-3) + x_(i-31) mod 2^32; the result has 31 bits, as RAND_MAX has. */
static int draw(struct fence *fence)
{
    const unsigned at = fence->at;
    fence->state[at] += fence->state[(at + FENCE_LAG - 3) % FENCE_LAG];
    fence->at = (at + 1) % FENCE_LAG;
    return (int)(fence->state[at] >> 1);
}

int liblinear_rand(void)
{
    struct fence *fence = current;
    if (++fence->n_drawn % POLL_EVERY == 0) {
        if (fence->watch != NULL && fence->watch->stopped(fence->watch->context) != 0)
            atomic_store(fence->status, SIKAP_CANCELLED);
        const int status = atomic_load_explicit(fence->status, memory_order_relaxed);
        if (status != 0)
            leave((sikap_status)status);
    }
    return draw(fence);
}

/* The seed fills the lag with a multiplicative generator; the first ten rounds are thrown away. */
static void seed_generator(struct fence *fence, uint64_t seed)
{
    const uint32_t folded = (uint32_t)(seed ^ seed >> 32);
    int64_t x = folded == 0 ? 1 : folded > INT32_MAX ? (int64_t)folded - UINT32_MAX - 1 : folded;
    for (size_t i = 0; i < FENCE_LAG; i++) {
        fence->state[i] = (uint32_t)x;
        x = x * 16807 % INT32_MAX;
        if (x < 0)
            x += INT32_MAX;
    }
    fence->at = 3;
    for (size_t i = 0; i < (size_t)10 * FENCE_LAG; i++)
        draw(fence);
}

void fence_open(struct fence *fence, uint64_t seed, atomic_int *status, const sikap_watch *watch)
{
    memset(fence, 0, sizeof *fence);
    fence->pieces.previous = fence->pieces.next = &fence->pieces;
    fence->status = status;
    fence->watch = watch;
    seed_generator(fence, seed);
}

int fence_run(struct fence *fence, void (*inside)(void *context), void *context)
{
    current = fence;
    if (setjmp(fence->out) != 0) {
        current = NULL;
        return (int)fence->why;
    }
    inside(context);
    current = NULL;
    return 0;
}

void fence_close(struct fence *fence)
{
    while (fence->pieces.next != &fence->pieces)
        unlink_piece(fence->pieces.next);
}
