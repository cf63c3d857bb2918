/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_FENCE_H
#define SIKAP_LEARN_FENCE_H

#include <setjmp.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/error.h"

/* A fence around LIBLINEAR. The build makes a private copy of its archive in which rand, malloc and
 * their kin are functions of fence.c (cmake/Dependencies.cmake). While a thread runs inside a fence
 *   - rand() draws from the fence's own generator, so tasks train in parallel and reproducibly;
 *   - every allocation is kept in the fence's list. LIBLINEAR checks none of them, so a failed one
 *     does not return: it jumps back over LIBLINEAR's frames (which hold nothing but memory, all of
 *     it in the list) to fence_run;
 *   - the generator is also where a wish to stop is heard: LIBLINEAR has no other way out.
 * All that was allocated inside dies with the fence. */
enum { FENCE_LAG = 31 };

struct fence_piece {
    struct fence_piece *previous, *next;
    size_t size;
};

struct fence {
    jmp_buf out;
    sikap_status why;          /* of a jump */
    struct fence_piece pieces; /* head of the ring of allocations */
    uint32_t state[FENCE_LAG];
    unsigned at;
    unsigned n_drawn;
    atomic_int *status;       /* shared by threads: anything but 0 asks all to stop */
    const sikap_watch *watch; /* polled as well; NULL on all threads but the caller's */
};

/* Seed 1 gives the numbers that the GNU C library's rand() gives to liblinear-train. */
void fence_open(struct fence *fence, uint64_t seed, atomic_int *status, const sikap_watch *watch);

/* Runs inside(context). 0, SIKAP_SYSTEM when memory was out, or the status that asked to stop. */
int fence_run(struct fence *fence, void (*inside)(void *context), void *context);

/* Frees all that was allocated inside. */
void fence_close(struct fence *fence);

#endif
