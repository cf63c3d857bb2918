/* SPDX-License-Identifier: Apache-2.0 */
/* xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021): 256
 * bits of state, seeded through splitmix64 (Steele, Lea and Flood 2014) as its authors advise, so
 * that near seeds and near streams start far apart. Bounded integers are drawn by Lemire's
 * multiplication with rejection ("Fast random integer generation in an interval", 2019): no bias.
 */
#include "base/random.h"

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void random_seed(struct random *r, uint64_t seed, uint64_t stream)
{
    /* The stream is scrambled before it meets the seed: (1, 2) and (2, 1) must differ. */
    uint64_t mixed = stream;
    uint64_t state = seed ^ splitmix(&mixed);
    /* splitmix is a bijection of a counter, so four outputs in a row are never all zero. */
    for (int i = 0; i < 4; i++)
        r->state[i] = splitmix(&state);
}

uint64_t random_next(struct random *r)
{
    uint64_t *const s = r->state;
    const uint64_t result = rotate(s[1] * 5, 7) * 9;
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

static uint64_t below_wide(struct random *r, uint64_t n)
{
    /* Past 32 bits the product does not fit: reject the uneven rest instead. */
    const uint64_t rest = (UINT64_MAX % n + 1) % n;
    uint64_t x;
    do
        x = random_next(r);
    while (x > UINT64_MAX - rest);
    return x % n;
}

uint64_t random_below(struct random *r, uint64_t n)
{
    if (n > UINT32_MAX)
        return below_wide(r, n);
    uint64_t product = (random_next(r) >> 32) * n;
    if ((uint32_t)product < n) {
        const uint64_t rest = (UINT64_C(1) << 32) % n;
        while ((uint32_t)product < rest)
            product = (random_next(r) >> 32) * n;
    }
    return product >> 32;
}

double random_unit(struct random *r)
{
    return (double)(random_next(r) >> 11) * 0x1p-53;
}

void random_shuffle(struct random *r, uint32_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        const size_t j = (size_t)random_below(r, i);
        const uint32_t held = items[i - 1];
        items[i - 1] = items[j];
        items[j] = held;
    }
}
