/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups are open addressing over 8-byte slots, at most half full, the slots of a batch of hashes
 * prefetched together, so that cache misses overlap. */
#include "features/vocabulary.h"

#include <string.h>

#include "base/memory.h"

enum { BATCH = 32, LONGEST_PROBE = 512 };

int vocabulary_new(struct vocabulary **out, size_t n_terms, size_t text_bytes, sikap_error *err)
{
    *out = NULL;
    struct vocabulary *v = memory_zero(1, sizeof *v);
    if (v == NULL)
        return error_memory(err, "vocabulary");
    v->n_terms = n_terms;
    v->hash = memory_alloc(n_terms, sizeof *v->hash);
    v->df = memory_alloc(n_terms, sizeof *v->df);
    v->kind = memory_alloc(n_terms, sizeof *v->kind);
    v->text = memory_alloc(text_bytes, 1);
    v->text_start = memory_alloc(n_terms + 1, sizeof *v->text_start);
    if (v->hash == NULL || v->df == NULL || v->kind == NULL || v->text == NULL ||
        v->text_start == NULL) {
        vocabulary_free(v);
        return error_memory(err, "vocabulary");
    }
    v->text_start[0] = 0;
    *out = v;
    return 0;
}

void vocabulary_free(struct vocabulary *v)
{
    if (v == NULL)
        return;
    memory_free(v->hash);
    memory_free(v->df);
    memory_free(v->kind);
    memory_free(v->text);
    memory_free(v->text_start);
    memory_free(v->slots);
    memory_free(v);
}

/* The low bits choose the slot, the high bits are the tag: they share no bit below 2^32 slots. */
static inline uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

int vocabulary_index(struct vocabulary *v, sikap_error *err)
{
    size_t n_slots = 64;
    while (n_slots < 2 * v->n_terms)
        n_slots *= 2;
    v->slots = memory_aligned(n_slots, sizeof *v->slots);
    if (v->slots == NULL)
        return error_memory(err, "vocabulary");
    memset(v->slots, 0xFF, n_slots * sizeof *v->slots);
    v->slot_mask = n_slots - 1;
    v->has_chars = 0;
    for (size_t t = 0; t < v->n_terms; t++) {
        if (t + BATCH < v->n_terms)
            __builtin_prefetch(&v->slots[v->hash[t + BATCH] & v->slot_mask], 1);
        const uint32_t tag = tag_of(v->hash[t]);
        size_t slot = v->hash[t] & v->slot_mask, probes = 0;
        while (v->slots[slot].term != VOCABULARY_ABSENT) {
            if (++probes > LONGEST_PROBE || v->hash[v->slots[slot].term] == v->hash[t])
                return error_set(err, SIKAP_MODEL, NULL, 0,
                                 "terms %u and %zu have colliding hashes: damaged vocabulary, or "
                                 "choose another --hash-seed",
                                 v->slots[slot].term, t);
            slot = (slot + 1) & v->slot_mask;
        }
        v->slots[slot] = (struct vocabulary_slot){tag, (uint32_t)t};
        v->has_chars |= v->kind[t] & 1;
    }
    return 0;
}

static inline uint32_t probe(const struct vocabulary *v, uint64_t hash)
{
    const uint32_t tag = tag_of(hash);
    for (size_t slot = hash & v->slot_mask;; slot = (slot + 1) & v->slot_mask) {
        const struct vocabulary_slot s = v->slots[slot];
        if (s.tag == tag || s.term == VOCABULARY_ABSENT)
            return s.term;
    }
}

void vocabulary_find(const struct vocabulary *v, const uint64_t *hashes, size_t n, uint32_t *terms)
{
    const size_t head = n < BATCH ? n : BATCH;
    for (size_t i = 0; i < head; i++)
        __builtin_prefetch(&v->slots[hashes[i] & v->slot_mask]);
    size_t i = 0;
    for (; i + BATCH < n; i++) {
        __builtin_prefetch(&v->slots[hashes[i + BATCH] & v->slot_mask]);
        terms[i] = probe(v, hashes[i]);
    }
    for (; i < n; i++)
        terms[i] = probe(v, hashes[i]);
}
