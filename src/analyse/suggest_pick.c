/* SPDX-License-Identifier: Apache-2.0 */
/* Uncertain documents come in swarms: of ten versions of one report the first teaches what all ten
 * would. Each choice lowers the rank of what resembles it. The chosen document is spread out over a
 * dense array, from which every candidate gathers its own terms. */
#include "analyse/suggest.h"

#include <string.h>

#include "base/memory.h"

enum { CHUNK = 16 };

struct likeness {
    struct candidate *const *candidates;
    size_t n;
    const float *dense; /* [n_terms] the document chosen last */
    float *most;        /* [n] cosine to the most similar chosen document */
};

static void compare_chunk(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct likeness *job = context;
    const size_t begin = index * CHUNK, end = begin + CHUNK < job->n ? begin + CHUNK : job->n;
    for (size_t i = begin; i < end; i++) {
        const struct candidate *c = job->candidates[i];
        float sum = 0;
        for (size_t j = 0; j < c->n; j++)
            sum += c->values[j] * job->dense[c->terms[j]];
        if (sum > job->most[i])
            job->most[i] = sum;
    }
}

static size_t best(const struct likeness *job, const unsigned char *is_taken, double diversity)
{
    const double highest = job->candidates[0]->uncertainty;
    size_t at = job->n;
    double best_merit = 0;
    for (size_t i = 0; i < job->n; i++) {
        if (is_taken[i])
            continue;
        const double share = highest > 0 ? job->candidates[i]->uncertainty / highest : 0;
        const double merit = share - diversity * (double)job->most[i];
        if (at == job->n || merit > best_merit) {
            at = i;
            best_merit = merit;
        }
    }
    return at;
}

int suggest_pick(size_t *chosen, size_t *n, struct candidate *const *candidates,
                 size_t n_candidates, size_t count, double diversity, size_t n_terms,
                 struct pool *pool, sikap_error *err)
{
    *n = 0;
    float *dense = memory_zero(n_terms, sizeof *dense);
    float *most = memory_zero(n_candidates, sizeof *most);
    unsigned char *is_taken = memory_zero(n_candidates, 1);
    int status = dense == NULL || most == NULL || is_taken == NULL
                     ? error_memory(err, "choosing documents")
                     : 0;
    struct likeness job = {candidates, n_candidates, dense, most};
    while (status == 0 && *n < count && *n < n_candidates) {
        const size_t at = best(&job, is_taken, diversity);
        const struct candidate *c = candidates[at];
        is_taken[at] = 1;
        chosen[(*n)++] = at;
        if (diversity <= 0)
            continue;
        for (size_t j = 0; j < c->n; j++)
            dense[c->terms[j]] = c->values[j];
        parallel_for(pool, (n_candidates + CHUNK - 1) / CHUNK, compare_chunk, &job);
        for (size_t j = 0; j < c->n; j++)
            dense[c->terms[j]] = 0;
    }
    memory_free(dense);
    memory_free(most);
    memory_free(is_taken);
    return status;
}
