/* SPDX-License-Identifier: Apache-2.0 */
/* Choices by hand: documents of one or two terms, whose cosines are 0, 1 and 1/√2. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyse/suggest.h"

enum { N_TERMS = 3, MOST = 6 };

/* Terms as bits. */
static void document(struct candidate *c, uint32_t *terms, float *values, unsigned bits,
                     double uncertainty)
{
    *c = (struct candidate){.uncertainty = uncertainty, .terms = terms, .values = values};
    for (uint32_t t = 0; t < N_TERMS; t++)
        if (bits >> t & 1)
            terms[c->n++] = t;
    for (size_t j = 0; j < c->n; j++)
        values[j] = (float)(1 / sqrt((double)c->n));
}

static void picks(void **state)
{
    (void)state;
    static const struct {
        struct {
            unsigned terms;
            double uncertainty;
        } candidates[MOST];
        unsigned sample[MOST];
        size_t n_candidates, n_sample, count;
        double diversity;
        size_t expected[MOST];
    } cases[] = {
        /* Three of the pool are like term 0, one like term 1; the odd one, term 2, is like none. */
        {{{4, 3}, {1, 2}, {2, 1}}, {1, 1, 1, 2}, 3, 4, 3, 1, {1, 2, 0}},
        /* Uncertainty alone. */
        {{{4, 3}, {1, 2}, {2, 1}}, {1, 1, 1, 2}, 3, 4, 3, 0, {0, 1, 2}},
        /* A second of a kind adds nothing: 3·1 first, then 1·1 before 2.9·0. */
        {{{1, 3}, {1, 2.9}, {2, 1}}, {1, 2}, 3, 2, 3, 1, {0, 2, 1}},
        /* 2·(2/√2) beats 2.5·1; then 2.5·(1 - 1/√2) = 0.73 beats 2.4·(1 - 1/√2). */
        {{{1, 2.5}, {2, 2.4}, {3, 2}}, {1, 2}, 3, 2, 3, 1, {2, 0, 1}},
        /* With the square root of what it says: 2·√(2/√2) = 2.38 does not. */
        {{{1, 2.5}, {2, 2.4}, {3, 2}}, {1, 2}, 3, 2, 2, 0.5, {0, 1}},
        /* Nothing to stand for, nothing to choose from, fewer than wanted. */
        {{{1, 2}, {1, 1}}, {0}, 2, 0, 2, 1, {0, 1}},
        {{{0, 0}}, {1}, 0, 1, 3, 1, {0}},
        {{{1, 2}}, {1}, 1, 1, 5, 1, {0}},
    };
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 2, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct candidate all[2 * MOST], *candidates[MOST], *sample[MOST];
        uint32_t terms[2 * MOST][N_TERMS];
        float values[2 * MOST][N_TERMS];
        for (size_t k = 0; k < MOST; k++) {
            candidates[k] = &all[k];
            sample[k] = &all[MOST + k];
            document(candidates[k], terms[k], values[k], cases[i].candidates[k].terms,
                     cases[i].candidates[k].uncertainty);
            document(sample[k], terms[MOST + k], values[MOST + k], cases[i].sample[k], 0);
        }
        size_t chosen[MOST], n;
        assert_int_equal(suggest_pick(chosen, &n, candidates, cases[i].n_candidates, sample,
                                      cases[i].n_sample, cases[i].count, cases[i].diversity,
                                      N_TERMS, pool, NULL),
                         0);
        const size_t wanted =
            cases[i].count < cases[i].n_candidates ? cases[i].count : cases[i].n_candidates;
        assert_int_equal(n, wanted);
        for (size_t k = 0; k < n; k++)
            if (chosen[k] != cases[i].expected[k])
                fail_msg("case %zu: choice %zu is %zu, expected %zu", i, k, chosen[k],
                         cases[i].expected[k]);
    }
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(picks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
