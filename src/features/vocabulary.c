/* SPDX-License-Identifier: Apache-2.0 */
/* The look-up table is an array of buckets, one cache line each, with room for eight terms; on
 * average five are there. A hash's low half chooses the bucket, its high half is the tag. A bucket
 * that is full sends what does not fit on to the next. So nearly every look-up, found or not, reads
 * one line and compares its eight tags at once, without a branch that could be guessed wrong; the
 * lines of a batch of hashes are prefetched together, so that cache misses overlap. */
#include "features/vocabulary.h"

#include <string.h>

#include "base/memory.h"

enum { BATCH = 24, MOST_BUCKETS = 64 /* that a look-up reads */ };

/* In the last number of a bucket: terms that belong there stand further on. */
#define OVERFLOWED (UINT32_C(1) << 31)

int vocabulary_new_bare(struct vocabulary **out, size_t n_terms, sikap_error *err)
{
    *out = NULL;
    struct vocabulary *v = memory_zero(1, sizeof *v);
    if (v == NULL)
        return error_memory(err, "vocabulary");
    v->n_terms = n_terms;
    v->df = memory_alloc(n_terms, sizeof *v->df);
    v->kind = memory_alloc(n_terms, sizeof *v->kind);
    if (v->df == NULL || v->kind == NULL) {
        vocabulary_free(v);
        return error_memory(err, "vocabulary");
    }
    *out = v;
    return 0;
}

int vocabulary_add_text(struct vocabulary *v, sikap_error *err)
{
    v->text = memory_alloc(v->n_terms, sizeof *v->text);
    v->texts = memory_zero(1, sizeof *v->texts);
    v->n_texts = v->texts != NULL;
    return v->text == NULL || v->texts == NULL ? error_memory(err, "vocabulary") : 0;
}

void vocabulary_drop_text(struct vocabulary *v)
{
    for (size_t i = 0; i < v->n_texts; i++)
        text_store_free(&v->texts[i]);
    memory_free(v->texts);
    memory_free(v->text);
    v->texts = NULL;
    v->n_texts = 0;
    v->text = NULL;
}

int vocabulary_new(struct vocabulary **out, size_t n_terms, sikap_error *err)
{
    const int status = vocabulary_new_bare(out, n_terms, err);
    if (status != 0)
        return status;
    struct vocabulary *v = *out;
    v->hash = memory_alloc(n_terms, sizeof *v->hash);
    v->text = memory_alloc(n_terms, sizeof *v->text);
    if (v->hash != NULL && v->text != NULL)
        return 0;
    vocabulary_free(v);
    *out = NULL;
    return error_memory(err, "vocabulary");
}

void vocabulary_free(struct vocabulary *v)
{
    if (v == NULL)
        return;
    vocabulary_drop_text(v);
    memory_free(v->hash);
    memory_free(v->df);
    memory_free(v->kind);
    memory_free(v->own_buckets);
    memory_free(v);
}

static inline size_t bucket_of(const struct vocabulary *v, uint64_t hash)
{
    return (size_t)((hash & UINT32_MAX) * v->n_buckets >> 32);
}

static inline uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

/* A term whose tag is there already, with another hash, is left to the one before it: a look-up
 * cannot tell them. In a model of a million terms one pair in 1500 models. */
static int insert(struct vocabulary *v, uint32_t term)
{
    const uint64_t hash = v->hash[term];
    size_t b = bucket_of(v, hash);
    for (size_t probes = 0; probes < MOST_BUCKETS; probes++) {
        struct vocabulary_bucket *bucket = &v->own_buckets[b];
        for (size_t k = 0; k < BUCKET_TERMS; k++) {
            if (bucket->number[k] == 0) {
                bucket->tag[k] = tag_of(hash);
                bucket->number[k] = term + 1;
                return 0;
            }
            if (bucket->tag[k] == tag_of(hash))
                return v->hash[(bucket->number[k] & ~OVERFLOWED) - 1] == hash ? -1 : 0;
        }
        bucket->number[BUCKET_TERMS - 1] |= OVERFLOWED;
        b = b + 1 == v->n_buckets ? 0 : b + 1;
    }
    return -1;
}

static void note_kinds(struct vocabulary *v)
{
    v->has_chars = 0;
    for (size_t t = 0; t < v->n_terms; t++)
        v->has_chars |= v->kind[t] & 1;
}

int vocabulary_index(struct vocabulary *v, sikap_error *err)
{
    v->n_buckets = v->n_terms / 5 + 1;
    v->own_buckets = memory_aligned_zero(v->n_buckets, sizeof *v->own_buckets);
    if (v->own_buckets == NULL)
        return error_memory(err, "vocabulary");
    v->buckets = v->own_buckets;
    for (size_t t = 0; t < v->n_terms; t++) {
        if (t + BATCH < v->n_terms)
            __builtin_prefetch(&v->own_buckets[bucket_of(v, v->hash[t + BATCH])], 1);
        if (insert(v, (uint32_t)t) != 0)
            return error_set(err, SIKAP_MODEL, NULL, 0,
                             "the hash of term %zu collides: damaged vocabulary, or choose another "
                             "--hash-seed",
                             t);
    }
    note_kinds(v);
    return 0;
}

void vocabulary_borrow_index(struct vocabulary *v, const struct vocabulary_bucket *buckets,
                             size_t n_buckets)
{
    v->buckets = buckets;
    v->n_buckets = n_buckets;
    note_kinds(v);
}

static inline int has_overflowed(const struct vocabulary_bucket *bucket)
{
    return (bucket->number[BUCKET_TERMS - 1] & OVERFLOWED) != 0;
}

/* Four at a time: what every x86-64 and every 64-bit ARM can compare at once. */
typedef uint32_t four __attribute__((vector_size(16)));

/* The number in a bucket that has the tag, or 0: at most one has, so or-ing them finds it. */
static inline uint32_t match(const struct vocabulary_bucket *bucket, uint32_t tag)
{
    four low, high, low_numbers, high_numbers;
    memcpy(&low, bucket->tag, sizeof low);
    memcpy(&high, bucket->tag + 4, sizeof high);
    memcpy(&low_numbers, bucket->number, sizeof low_numbers);
    memcpy(&high_numbers, bucket->number + 4, sizeof high_numbers);
    const four found = (low_numbers & (four)(low == tag)) | (high_numbers & (four)(high == tag));
    uint64_t pair[2];
    memcpy(pair, &found, sizeof pair);
    pair[0] |= pair[1];
    return (uint32_t)(pair[0] | pair[0] >> 32) & ~OVERFLOWED;
}

static uint32_t search_on(const struct vocabulary *v, size_t b, uint32_t tag)
{
    for (size_t probes = 1; probes < MOST_BUCKETS; probes++) {
        b = b + 1 == v->n_buckets ? 0 : b + 1;
        const uint32_t found = match(&v->buckets[b], tag);
        if (found != 0 || !has_overflowed(&v->buckets[b]))
            return found;
    }
    return 0;
}

static inline uint32_t find(const struct vocabulary *v, uint64_t hash)
{
    const size_t b = bucket_of(v, hash);
    uint32_t found = match(&v->buckets[b], tag_of(hash));
    if (__builtin_expect(found == 0 && has_overflowed(&v->buckets[b]), 0))
        found = search_on(v, b, tag_of(hash));
    const uint32_t term = found - 1; /* 0 becomes VOCABULARY_ABSENT */
    return term < v->n_terms ? term : VOCABULARY_ABSENT;
}

void vocabulary_find(const struct vocabulary *v, const uint64_t *hashes, size_t n, uint32_t *terms)
{
    const size_t head = n < BATCH ? n : BATCH;
    for (size_t i = 0; i < head; i++)
        __builtin_prefetch(&v->buckets[bucket_of(v, hashes[i])]);
    size_t i = 0;
    for (; i + BATCH < n; i++) {
        __builtin_prefetch(&v->buckets[bucket_of(v, hashes[i + BATCH])]);
        terms[i] = find(v, hashes[i]);
    }
    for (; i < n; i++)
        terms[i] = find(v, hashes[i]);
}
