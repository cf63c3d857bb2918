/* SPDX-License-Identifier: Apache-2.0 */
#include "features/counter.h"

#include <string.h>

#include "base/memory.h"
#include "corpus/corpus.h"
#include "features/term_table.h"

int counter_init(struct counter *c, const struct ngram_options *options, sikap_error *err)
{
    memset(c, 0, sizeof *c);
    return ngram_extractor_new(&c->ngrams, options, err);
}

void counter_free(struct counter *c)
{
    ngram_extractor_free(c->ngrams);
    memory_free(c->entries);
    memory_free(c->counts);
    memory_free(c->slots);
    memset(c, 0, sizeof *c);
}

/* At most half of the slots of a document of n n-grams are in use. */
static size_t slots_for(size_t n)
{
    size_t n_slots = 256;
    while (n_slots < 2 * n)
        n_slots *= 2;
    return n_slots;
}

static int prepare_slots(struct counter *c, size_t n)
{
    const size_t n_slots = slots_for(n);
    if (n_slots > c->n_slots) {
        memory_free(c->slots);
        c->slots = memory_alloc(n_slots, sizeof *c->slots);
        c->n_slots = c->slots == NULL ? 0 : n_slots;
        if (c->slots == NULL)
            return -1;
    }
    /* A short document after a long one uses (and clears) a small part of the table only. */
    memset(c->slots, 0, n_slots * sizeof *c->slots);
    return 0;
}

int counter_count(struct counter *c, const struct segment_plan *plan, const struct text *segments,
                  sikap_error *err)
{
    size_t ends[SEGMENTS_MOST];
    ngram_clear(c->ngrams);
    c->n = 0;
    c->total = c->longer = 0;
    const uint64_t *hashes;
    const ngram_ref *refs;
    size_t n = 0, longer = 0;
    for (size_t s = 0; s < plan->n; s++) {
        if (segments[s].bytes != NULL) {
            const int status =
                ngram_add(c->ngrams, segments[s].bytes, segments[s].n, plan->apart[s], err);
            if (status != 0)
                return status;
        }
        const size_t n_before = n, longer_before = longer;
        n = ends[s] = ngram_list(c->ngrams, &hashes, &refs);
        longer = ngram_longer(c->ngrams);
        c->total += (double)(n - n_before) * plan->weight[s];
        c->longer += (double)(longer - longer_before) * plan->weight[s];
    }
    if (n == 0)
        return 0;
    if (n > UINT32_MAX || prepare_slots(c, n) != 0 ||
        memory_grow(&c->entries, &c->capacity, n, sizeof *c->entries) != 0 ||
        memory_grow(&c->counts, &c->counts_capacity, n, sizeof *c->counts) != 0)
        return error_memory(err, "n-gram counts");
    const size_t mask = slots_for(n) - 1;
    struct counter_entry *entries = c->entries;
    float *counts = c->counts;
    size_t n_distinct = 0, i = 0;
    for (size_t s = 0; s < plan->n; s++) {
        const float weight = (float)plan->weight[s];
        for (; i < ends[s]; i++) {
            const uint64_t hash = hashes[i];
            size_t slot = (hash >> 20) & mask;
            while (c->slots[slot] != 0 && entries[c->slots[slot] - 1].hash != hash)
                slot = (slot + 1) & mask;
            if (c->slots[slot] != 0) {
                counts[c->slots[slot] - 1] += weight;
                continue;
            }
            entries[n_distinct] = (struct counter_entry){
                .hash = hash,
                .ref = refs[i],
                .kind = (unsigned char)(ngram_ref_kind(refs[i]) | plan->apart[s] << 1)};
            if (c->table != NULL && n_distinct < COUNTER_EARLY)
                term_prefetch(c->table, hash);
            counts[n_distinct++] = weight;
            c->slots[slot] = (uint32_t)n_distinct;
        }
    }
    c->n = n_distinct;
    return 0;
}
