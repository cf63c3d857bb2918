/* SPDX-License-Identifier: Apache-2.0 */
/* Random scores, drawn by the same generator as in reference_threshold.py: labels from frequent to
 * rare, positives scoring higher by a label's own amount, on a grid coarse enough for ties. */
#ifndef TEST_LEARN_THRESHOLD_CASE_H
#define TEST_LEARN_THRESHOLD_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "learn/threshold.h"

enum { CASE_MOST = 400 * 10 };

struct threshold_case {
    struct threshold_input input;
    float scores[CASE_MOST];
    uint8_t gold[CASE_MOST];
    uint32_t fold[400];
};

static inline uint32_t case_draw(uint32_t *state, uint32_t n)
{
    *state = (uint32_t)((*state * UINT64_C(1103515245) + 12345) % (UINT64_C(1) << 31));
    return (*state >> 12) % n;
}

/* n documents (at most 400), n_labels (at most 10); scores are multiples of 1 / steps. */
static inline void case_make(struct threshold_case *c, uint32_t seed, size_t n, size_t n_labels,
                             size_t n_folds, uint32_t steps)
{
    uint32_t state = seed;
    for (size_t i = 0; i < n; i++) {
        c->fold[i] = case_draw(&state, (uint32_t)n_folds);
        for (size_t l = 0; l < n_labels; l++) {
            const uint32_t rate = 400u >> l;
            const size_t at = i * n_labels + l;
            c->gold[at] = case_draw(&state, 1000) < rate + 8;
            const uint32_t spread = 2 * steps;
            const uint32_t noise = case_draw(&state, spread) + case_draw(&state, spread);
            const uint32_t lift = c->gold[at] != 0 ? steps + steps * (uint32_t)(l % 3) / 2 : 0;
            c->scores[at] = (float)(noise + lift) / (float)steps - 3;
        }
    }
    c->input = (struct threshold_input){
        .scores = c->scores,
        .stride = n_labels,
        .gold = c->gold,
        .fold = c->fold,
        .n = n,
        .n_labels = n_labels,
        .n_folds = n_folds,
    };
}

#endif
