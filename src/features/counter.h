/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_COUNTER_H
#define SIKAP_FEATURES_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "features/feature_options.h"
#include "text/ngram.h"

/* Counts the distinct n-grams of one document after another. One per worker; what was counted stays
 * readable until the next. */
struct counter_entry {
    uint64_t hash;
    ngram_ref ref;
    unsigned char kind; /* as in vocabulary.kind */
};

struct counter {
    struct ngram_extractor *ngrams;
    struct counter_entry *entries; /* [n] distinct n-grams */
    float *counts;                 /* beside them */
    size_t n, capacity, counts_capacity;
    double total, longer; /* of all counts; of those of word n-grams of two tokens and more */
    uint32_t *slots;      /* entry + 1, 0 free */
    size_t n_slots;
    const struct term_table *table; /* where they will be counted next: what that reads of the first
                                       COUNTER_EARLY is fetched meanwhile. NULL: nowhere */
};

enum { COUNTER_EARLY = 512 };

int counter_init(struct counter *c, const struct ngram_options *options, sikap_error *err);
void counter_free(struct counter *c);
/* Counts one document: segments as many as the plan has; bytes NULL: absent. */
struct text;
int counter_count(struct counter *c, const struct segment_plan *plan, const struct text *segments,
                  sikap_error *err);

#endif
