/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_HASH_H
#define SIKAP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Term identity: XXH3 (64 bits, seeded) of a token's bytes, and a multiply-fold that chains tokens
 * into n-grams. Both are fixed for good: model files depend on them. */
uint64_t hash_bytes(const void *bytes, size_t n, uint64_t seed);

__extension__ typedef unsigned __int128 hash_wide;

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    const hash_wide product = (hash_wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Not commutative, and no input makes a factor zero for all partners. */
static inline uint64_t hash_chain(uint64_t left, uint64_t right)
{
    return hash_fold(left ^ UINT64_C(0x9E3779B97F4A7C15),
                     ((right << 32) | (right >> 32)) ^ UINT64_C(0xD6E8FEB86659FD93));
}

#endif
