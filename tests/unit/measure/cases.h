/* SPDX-License-Identifier: Apache-2.0 */
/* The data of reference.py, drawn by the same generator, and how this folder compares numbers. */
#ifndef TEST_MEASURE_CASES_H
#define TEST_MEASURE_CASES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static inline int draw(uint32_t *state, int n)
{
    *state = (uint32_t)((*state * UINT64_C(1103515245) + 12345) % (UINT64_C(1) << 31));
    return (int)(*state >> 16) % n;
}

/* Relative above 1 in size, absolute below. NaN is near NaN. */
static inline int is_near(double a, double b, double tolerance)
{
    if (a == b)
        return 1;
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    return fabs(a - b) <= tolerance * fmax(1, fabs(b));
}

#define assert_near(a, b) assert_within(a, b, 1e-9)
#define assert_within(a, b, tolerance)                                                             \
    do {                                                                                           \
        const double near_a = (a), near_b = (b);                                                   \
        if (!is_near(near_a, near_b, tolerance))                                                   \
            fail_msg("%s is %.17g, expected %.17g", #a, near_a, near_b);                           \
    } while (0)

enum { MULTI_N = 60, MULTI_LABELS = 6, SINGLE_N = 80, SINGLE_LABELS = 4, PROBABILITY_N = 200 };

static inline void multi_case(uint8_t *gold, uint8_t *predicted, float *scores)
{
    static const int RATES[MULTI_LABELS] = {50, 30, 10, 3, 0, 0};
    static const int WRONG[MULTI_LABELS] = {20, 20, 20, 20, 10, 0};
    uint32_t state = 1;
    for (int i = 0; i < MULTI_N * MULTI_LABELS; i++) {
        gold[i] = draw(&state, 100) < RATES[i % MULTI_LABELS];
        predicted[i] = gold[i] ^ (draw(&state, 100) < WRONG[i % MULTI_LABELS]);
        scores[i] = (float)(draw(&state, 12) + 4 * gold[i]);
    }
}

static inline void single_case(uint32_t *gold, uint32_t *predicted)
{
    uint32_t state = 2;
    for (int i = 0; i < SINGLE_N; i++) {
        gold[i] = (uint32_t)draw(&state, SINGLE_LABELS - 1);
        predicted[i] = draw(&state, 100) < 70 ? gold[i] : (uint32_t)draw(&state, SINGLE_LABELS);
    }
}

static inline void probability_case(double *p, uint8_t *outcome)
{
    uint32_t state = 3;
    for (int i = 0; i < PROBABILITY_N; i++) {
        p[i] = draw(&state, 1001) / 1000.0;
        outcome[i] = draw(&state, 1000) < 1000 * (p[i] * p[i]);
    }
}

#endif
