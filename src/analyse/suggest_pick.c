/* SPDX-License-Identifier: Apache-2.0 */
/* The most uncertain documents are the odd ones, and they come in swarms: of ten versions of one
 * report the first teaches what all ten would. So a choice is worth what it says of the rest of the
 * pool that no earlier choice says. What a candidate adds only shrinks as others are chosen, so a
 * value that was computed earlier is a bound, and most are never computed again (Minoux 1978). */
#include "analyse/suggest.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_CELLS = 1 << 26 }; /* of likeness: 256 MB */

struct picking {
    struct candidate *const *candidates, *const *sample;
    size_t n_candidates, n_sample, n_terms;
    float *likeness; /* [n_candidates][n_sample] cosine */
    float *dense;    /* [n_workers][n_terms] zero between candidates */
    float *covered;  /* [n_sample] cosine to the most similar chosen document */
    double *bound;   /* [n_candidates] no less than its merit; below 0: chosen */
    double diversity;
};

/* One candidate is spread out over a dense array, from which every sampled document gathers its
 * own terms. */
static void compare(void *context, size_t index, size_t worker)
{
    const struct picking *p = context;
    const struct candidate *c = p->candidates[index];
    float *dense = p->dense + worker * p->n_terms;
    for (size_t j = 0; j < c->n; j++)
        dense[c->terms[j]] = c->values[j];
    for (size_t i = 0; i < p->n_sample; i++) {
        const struct candidate *other = p->sample[i];
        float sum = 0;
        for (size_t j = 0; j < other->n; j++)
            sum += other->values[j] * dense[other->terms[j]];
        p->likeness[index * p->n_sample + i] = sum;
    }
    for (size_t j = 0; j < c->n; j++)
        dense[c->terms[j]] = 0;
}

static double merit(const struct picking *p, size_t candidate)
{
    const float *likeness = p->likeness + candidate * p->n_sample;
    double cover = 0;
    for (size_t i = 0; i < p->n_sample; i++)
        cover += likeness[i] > p->covered[i] ? (double)(likeness[i] - p->covered[i]) : 0;
    return p->candidates[candidate]->uncertainty * pow(cover, p->diversity);
}

/* Of equal ones the more uncertain, which comes first. */
static size_t highest(const struct picking *p)
{
    size_t best = 0;
    for (size_t i = 1; i < p->n_candidates; i++)
        if (p->bound[i] > p->bound[best])
            best = i;
    return best;
}

static size_t pick_next(struct picking *p)
{
    for (;;) {
        const size_t at = highest(p);
        const double before = p->bound[at];
        p->bound[at] = merit(p, at);
        if (p->bound[at] < before) /* others may be better now */
            continue;
        p->bound[at] = -1;
        const float *likeness = p->likeness + at * p->n_sample;
        for (size_t i = 0; i < p->n_sample; i++)
            p->covered[i] = likeness[i] > p->covered[i] ? likeness[i] : p->covered[i];
        return at;
    }
}

int suggest_pick(size_t *chosen, size_t *n, struct candidate *const *candidates,
                 size_t n_candidates, struct candidate *const *sample, size_t n_sample,
                 size_t count, double diversity, size_t n_terms, struct pool *pool,
                 sikap_error *err)
{
    *n = 0;
    const size_t room = n_candidates > 0 ? MOST_CELLS / n_candidates : 0;
    struct picking p = {.candidates = candidates,
                        .sample = sample,
                        .n_candidates = n_candidates,
                        .n_sample = diversity <= 0    ? 0
                                    : n_sample < room ? n_sample
                                                      : room,
                        .n_terms = n_terms,
                        .diversity = diversity};
    p.likeness = memory_alloc(n_candidates * p.n_sample, sizeof *p.likeness);
    p.dense = memory_zero(n_terms * pool_n_threads(pool), sizeof *p.dense);
    p.covered = memory_zero(p.n_sample, sizeof *p.covered);
    p.bound = memory_alloc(n_candidates, sizeof *p.bound);
    int status = p.likeness == NULL || p.dense == NULL || p.covered == NULL || p.bound == NULL
                     ? error_memory(err, "choosing documents")
                     : 0;
    if (status == 0 && p.n_sample > 0)
        parallel_for(pool, n_candidates, compare, &p);
    for (size_t i = 0; i < n_candidates && status == 0; i++)
        p.bound[i] = merit(&p, i);
    while (status == 0 && *n < count && *n < n_candidates)
        chosen[(*n)++] = pick_next(&p);
    memory_free(p.likeness);
    memory_free(p.dense);
    memory_free(p.covered);
    memory_free(p.bound);
    return status;
}
