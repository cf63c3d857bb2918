/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_RANDOM_H
#define SIKAP_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* A small seeded generator whose numbers are the same on every machine. Parallel work gives each
 * task its own: (seed, stream) pairs start unrelated sequences, so results do not depend on which
 * thread ran a task. Not for secrets. */
struct random {
    uint64_t state[4];
};

/* Starts the sequence that (seed, stream) names. Every pair is valid. */
void random_seed(struct random *r, uint64_t seed, uint64_t stream);
/* 64 random bits. */
uint64_t random_next(struct random *r);
/* Uniform over [0, n), without bias; n must be at least 1. */
uint64_t random_below(struct random *r, uint64_t n);
/* Uniform over [0, 1): a multiple of 2^-53. */
double random_unit(struct random *r);
/* Puts items[0..n) into an order drawn uniformly from all n! (Fisher-Yates). */
void random_shuffle(struct random *r, uint32_t *items, size_t n);

#endif
