/* SPDX-License-Identifier: Apache-2.0 */
/* --max-memory: the corpus is read twice. The first time only hashes are counted, one byte each, in
 * a table that is far too small to tell all terms apart (a count-min sketch of one row: Cormode and
 * Muthukrishnan 2005). A counter is never below the df of any term that falls on it, up to 255; so
 * a term whose counter is below the least df wanted is certainly too rare, and the second time is
 * passed over before it takes any memory. Those that are left are counted exactly: unless the
 * least df has to be raised, the result is the one that unlimited memory gives.
 *
 * The counters also tell, exactly, how many non-zeros a least df leaves, and nearly how many terms:
 * hence what training will need, and by how much the least df must be raised. */
#include "features/collect_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_DF = 255, LEAST_BITS = 20, MOST_BITS = 32 };

/* The program, its buffers, and blocks of text while they are read. */
#define BASE_BYTES (UINT64_C(56) << 20)

/* Of a term until the vocabulary is locked: its place in the tables, its text, and what the
 * vocabulary and its look-up table have of it; of a non-zero its number and count, in the matrix,
 * and what of the row store is still there. */
enum { PER_TERM = 150, PER_NONZERO = 12 };

static size_t n_counters(const struct collect_sketch *s)
{
    return (size_t)1 << s->bits;
}

/* An eighth of what is allowed goes into the counters. */
int collect_sketch_new(struct collect_sketch **out, const struct collect_limit *limit,
                       sikap_error *err)
{
    *out = memory_zero(1, sizeof **out);
    if (*out == NULL)
        return error_memory(err, "counters");
    (*out)->bits = LEAST_BITS;
    while ((*out)->bits < MOST_BITS && UINT64_C(2) << (*out)->bits <= limit->max_memory / 8)
        (*out)->bits++;
    (*out)->counters = memory_zero(n_counters(*out), 1);
    return (*out)->counters == NULL ? error_memory(err, "counters") : 0;
}

void collect_sketch_free(struct collect_sketch *s)
{
    if (s == NULL)
        return;
    memory_free(s->counters);
    memory_free(s);
}

static inline size_t counter_of(const struct collect_sketch *s, uint64_t hash)
{
    return (size_t)(hash >> (64 - s->bits));
}

/* Adding stops at MOST_DF and does not hang on the order, so threads need no turns. */
void collect_sketch_count(struct collect_sketch *s, const struct counter *counter)
{
    for (size_t i = 0; i < counter->n; i++) {
        _Atomic unsigned char *at = &s->counters[counter_of(s, counter->entries[i].hash)];
        unsigned char seen = atomic_load_explicit(at, memory_order_relaxed);
        while (seen < MOST_DF &&
               !atomic_compare_exchange_weak_explicit(at, &seen, (unsigned char)(seen + 1),
                                                      memory_order_relaxed, memory_order_relaxed))
            continue;
    }
}

void collect_sketch_filter(const struct collect_sketch *s, struct counter *counter)
{
    size_t kept = 0;
    for (size_t i = 0; i < counter->n; i++) {
        if (atomic_load_explicit(&s->counters[counter_of(s, counter->entries[i].hash)],
                                 memory_order_relaxed) < s->least)
            continue;
        counter->entries[kept] = counter->entries[i];
        counter->counts[kept++] = counter->counts[i];
    }
    counter->n = kept;
}

/* Bytes at the peak with so many terms and non-zeros: while the vocabulary is put in order, with
 * the counters still there, or later. */
static double need(const struct collect_limit *limit, const struct collect_sketch *s,
                   const struct collection *c, double n_terms, double n_nonzeros)
{
    double n_labels = 0;
    for (size_t f = 0; f < c->n_fields; f++)
        n_labels += (double)c->fields[f].names.n;
    const double reading = (double)n_counters(s) + n_terms * PER_TERM + n_nonzeros * PER_NONZERO;
    const double then = n_terms * (limit->per_term + limit->per_term_label * n_labels) +
                        n_nonzeros * limit->per_nonzero;
    return (double)BASE_BYTES + (reading > then ? reading : then) +
           (double)c->n_rows * (limit->per_row + limit->per_row_label * n_labels);
}

int collect_sketch_choose(struct collect_sketch *s, const struct collect_limit *limit,
                          const struct collection *c, uint32_t least_df, sikap_error *err)
{
    const size_t n_all = n_counters(s);
    size_t n_at[MOST_DF + 1] = {0};
    for (size_t i = 0; i < n_all; i++)
        n_at[s->counters[i]]++;
    /* Counters at MOST_DF have lost count: all non-zeros less those of the others are theirs. */
    double n_nonzeros = (double)s->n_nonzeros, n_used = (double)(n_all - n_at[0]);
    /* Balls into bins: so many terms fall on a counter that is used, on average. */
    const double share = n_at[0] > 0 ? (double)n_at[0] / (double)n_all : 0.5 / (double)n_all;
    const double terms_per_counter = n_used > 0 ? -log(share) * (double)n_all / n_used : 1;
    for (unsigned least = 1; least <= MOST_DF; least++) {
        const double bytes = need(limit, s, c, n_used * terms_per_counter, n_nonzeros);
        if (least >= least_df || least == MOST_DF) {
            s->least = least;
            if (bytes <= (double)limit->max_memory)
                return 0;
        }
        if (least == MOST_DF)
            return error_set(err, SIKAP_SYSTEM, NULL, 0,
                             "--max-memory: this corpus takes about %.0f MB even without the terms "
                             "of fewer than %d documents",
                             ceil(bytes / (1 << 20)), MOST_DF);
        n_used -= (double)n_at[least];
        n_nonzeros -= (double)n_at[least] * least;
    }
    return 0;
}
