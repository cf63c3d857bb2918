/* SPDX-License-Identifier: Apache-2.0 */
#include "features/sort.h"

#include <string.h>

/* Least significant byte first, skipping bytes that are all alike. */
void sort_by_high_half(uint64_t *keys, uint64_t *spare, size_t n)
{
    if (n < 48) {
        for (size_t i = 1; i < n; i++) {
            const uint64_t key = keys[i];
            size_t k = i;
            for (; k > 0 && keys[k - 1] > key; k--)
                keys[k] = keys[k - 1];
            keys[k] = key;
        }
        return;
    }
    uint64_t *from = keys, *to = spare;
    for (unsigned shift = 32; shift < 64; shift += 8) {
        size_t count[256] = {0}, at = 0;
        for (size_t i = 0; i < n; i++)
            count[from[i] >> shift & 0xFF]++;
        if (count[from[0] >> shift & 0xFF] == n)
            continue;
        for (size_t b = 0; b < 256; b++) {
            const size_t k = count[b];
            count[b] = at;
            at += k;
        }
        for (size_t i = 0; i < n; i++)
            to[count[from[i] >> shift & 0xFF]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys)
        memcpy(keys, from, n * sizeof *keys);
}
