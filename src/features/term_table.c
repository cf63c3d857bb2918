/* SPDX-License-Identifier: Apache-2.0 */
#include "features/term_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_SLOTS = 256, AHEAD = 16, LONG_TEXT = 255 };

static int grow_slots(struct term_partition *p)
{
    const size_t n_slots = p->n_slots == 0 ? (size_t)FIRST_SLOTS : p->n_slots * 2;
    struct term_slot *slots = memory_zero(n_slots, sizeof *slots);
    if (slots == NULL)
        return -1;
    for (size_t i = 0; i < p->n_slots; i++) {
        if (p->slots[i].hash == 0)
            continue;
        size_t slot = p->slots[i].hash & (n_slots - 1);
        while (slots[slot].hash != 0)
            slot = (slot + 1) & (n_slots - 1);
        slots[slot] = p->slots[i];
    }
    memory_free(p->slots);
    p->slots = slots;
    p->n_slots = n_slots;
    return 0;
}

/* Finds or adds a term; NULL when memory or the numbers are out. */
static struct term_slot *reach(struct term_partition *p, uint64_t hash)
{
    if (p->n_terms + 1 > p->n_slots / 4 * 3 && grow_slots(p) != 0)
        return NULL;
    size_t slot = hash & (p->n_slots - 1);
    for (; p->slots[slot].hash != 0; slot = (slot + 1) & (p->n_slots - 1))
        if (p->slots[slot].hash == hash)
            return &p->slots[slot];
    if (p->n_terms >= (UINT32_C(1) << TERM_LOCAL_BITS) - 1 ||
        memory_grow(&p->text_at, &p->text_at_capacity, p->n_terms + 1, sizeof *p->text_at) != 0)
        return NULL;
    p->text_at[p->n_terms++] = 0;
    p->slots[slot] = (struct term_slot){hash, (uint32_t)p->n_terms, 0};
    return &p->slots[slot];
}

uint32_t term_count(struct term_table *table, uint64_t hash, uint32_t *df)
{
    if (hash == 0)
        hash = 1;
    const size_t partition = term_partition_of(hash);
    struct term_slot *slot = reach(&table->partitions[partition], hash);
    if (slot == NULL)
        return TERM_FULL;
    *df = ++slot->df;
    return (uint32_t)(partition << TERM_LOCAL_BITS) | (slot->id - 1);
}

/* A text's length stands in one byte, or behind LONG_TEXT in four. */
int term_set_text(struct term_table *table, uint32_t number, unsigned char kind, const char *text,
                  size_t n)
{
    struct term_partition *p = &table->partitions[number >> TERM_LOCAL_BITS];
    if (n > UINT32_MAX / 2 || p->text.n > UINT32_MAX / 2)
        return -1;
    const uint32_t at = (uint32_t)p->text.n + 1;
    buffer_byte(&p->text, (char)(n < LONG_TEXT ? n : LONG_TEXT));
    if (n >= LONG_TEXT)
        buffer_u32(&p->text, (uint32_t)n);
    buffer_byte(&p->text, (char)kind);
    buffer_bytes(&p->text, text, n);
    if (p->text.failed)
        return -1;
    p->text_at[TERM_LOCAL(number)] = at;
    return 0;
}

/* The text of a term, kind byte first; *n counts that too. */
static const char *text_of(const struct term_partition *p, uint32_t local, uint32_t *n)
{
    const char *at = p->text.bytes + p->text_at[local] - 1;
    const unsigned char *length = (const unsigned char *)at;
    if (*length < LONG_TEXT) {
        *n = *length + UINT32_C(1);
        return at + 1;
    }
    *n = (length[1] | (uint32_t)length[2] << 8 | (uint32_t)length[3] << 16 |
          (uint32_t)length[4] << 24) +
         1;
    return at + 5;
}

int term_table_uncount(struct term_table *table, const uint32_t *numbers, size_t n)
{
    uint32_t *less[TERM_PARTITIONS] = {0};
    int failed = 0;
    for (size_t i = 0; i < n && !failed; i++) {
        const size_t p = numbers[i] >> TERM_LOCAL_BITS;
        if (less[p] == NULL)
            less[p] = memory_zero(table->partitions[p].n_terms, sizeof **less);
        if (less[p] == NULL)
            failed = 1;
        else
            less[p][TERM_LOCAL(numbers[i])]++;
    }
    for (size_t k = 0; k < TERM_PARTITIONS; k++) {
        struct term_partition *p = &table->partitions[k];
        for (size_t i = 0; less[k] != NULL && i < p->n_slots; i++)
            if (p->slots[i].hash != 0)
                p->slots[i].df -= less[k][p->slots[i].id - 1];
        memory_free(less[k]);
    }
    return failed ? -1 : 0;
}

static void partition_free(struct term_partition *p)
{
    memory_free(p->slots);
    memory_free(p->text_at);
    buffer_free(&p->text);
    memset(p, 0, sizeof *p);
}

int term_table_merge(struct term_table *to, struct term_table *from, size_t p, uint32_t *number)
{
    struct term_partition *theirs = &from->partitions[p];
    for (size_t i = 0; i < theirs->n_slots; i++) {
        if (i + AHEAD < theirs->n_slots && theirs->slots[i + AHEAD].hash != 0)
            term_prefetch(to, theirs->slots[i + AHEAD].hash);
        const struct term_slot *slot = &theirs->slots[i];
        if (slot->hash == 0)
            continue;
        struct term_slot *ours = reach(&to->partitions[p], slot->hash);
        if (ours == NULL)
            return -1;
        ours->df += slot->df;
        const uint32_t local = ours->id - 1;
        number[slot->id - 1] = local;
        if (theirs->text_at[slot->id - 1] == 0 || to->partitions[p].text_at[local] != 0)
            continue;
        uint32_t n;
        const char *text = text_of(theirs, slot->id - 1, &n);
        if (term_set_text(to, (uint32_t)(p << TERM_LOCAL_BITS) | local, (unsigned char)text[0],
                          text + 1, n - 1) != 0)
            return -1;
    }
    partition_free(theirs);
    return 0;
}

void term_table_free(struct term_table *table)
{
    for (size_t i = 0; i < TERM_PARTITIONS; i++)
        partition_free(&table->partitions[i]);
}

/* A kept term while the order is made. `prefix` is its kind and first fifteen bytes, big-endian, so
 * that nearly every comparison is of integers. */
struct candidate {
    uint32_t df;
    uint32_t n;
    uint64_t prefix[2];
    const char *text; /* kind byte first */
    uint64_t hash;
    uint32_t partition, local;
};

static int by_order(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->df != b->df)
        return a->df > b->df ? -1 : 1;
    for (int k = 0; k < 2; k++)
        if (a->prefix[k] != b->prefix[k])
            return a->prefix[k] < b->prefix[k] ? -1 : 1;
    const int c = memcmp(a->text, b->text, a->n < b->n ? a->n : b->n);
    return c != 0 ? c : a->n < b->n ? -1 : a->n > b->n;
}

/* The order is made in two steps: candidates are dealt out to heaps that are in order among
 * themselves, and each heap is sorted. Frequent terms have heaps by df, four for each doubling;
 * rare ones, who are many, heaps by df, kind and first byte. */
enum {
    RARE_DF = 16,
    RARE_KINDS = 2,
    HEAPS_PER_RARE_DF = RARE_KINDS * 256 + 1,
    FREQUENT_HEAPS = 128
};
enum { N_HEAPS = FREQUENT_HEAPS + (RARE_DF - 1) * HEAPS_PER_RARE_DF };

static size_t heap_of(const struct candidate *c)
{
    if (c->df >= RARE_DF) {
        const unsigned doubling = 31 - (unsigned)__builtin_clz(c->df);
        return FREQUENT_HEAPS - 1 - (doubling * 4 + (c->df >> (doubling - 2) & 3));
    }
    const size_t key = (size_t)(c->prefix[0] >> 48); /* kind, first byte */
    return FREQUENT_HEAPS + (RARE_DF - 1 - c->df) * HEAPS_PER_RARE_DF +
           (key < HEAPS_PER_RARE_DF ? key : (size_t)HEAPS_PER_RARE_DF - 1);
}

struct lock {
    struct term_table *table;
    uint32_t min_df, max_df;
    struct candidate *candidates, *ordered;
    size_t first[TERM_PARTITIONS + 1]; /* each partition's candidates */
    uint32_t *place;                   /* [TERM_PARTITIONS][N_HEAPS] where its next goes */
    size_t heap[N_HEAPS + 1];          /* where each begins in `ordered` */
    size_t text[N_HEAPS + 1];          /* and its texts in the vocabulary's */
    struct vocabulary *vocabulary;
    uint32_t **remap;
    int failed[TERM_PARTITIONS];
};

static int is_kept(const struct lock *lock, const struct term_slot *slot)
{
    return slot->hash != 0 && slot->df > 0 && slot->df >= lock->min_df && slot->df <= lock->max_df;
}

static void count_kept(void *context, size_t index, size_t worker)
{
    (void)worker;
    struct lock *lock = context;
    const struct term_partition *p = &lock->table->partitions[index];
    size_t n = 0;
    for (size_t i = 0; i < p->n_slots; i++)
        n += (size_t)is_kept(lock, &p->slots[i]);
    lock->first[index + 1] = n;
    lock->remap[index] = memory_alloc(p->n_terms, sizeof **lock->remap);
    if (lock->remap[index] == NULL)
        lock->failed[index] = 1;
    else
        memset(lock->remap[index], 0xFF, p->n_terms * sizeof **lock->remap);
}

/* Bytes [from, from + 8), zeros behind the end. */
static uint64_t prefix_of(const char *text, size_t n, size_t from)
{
    uint64_t prefix = 0;
    for (size_t i = from; i < from + 8; i++)
        prefix = prefix << 8 | (i < n ? (unsigned char)text[i] : 0);
    return prefix;
}

static void list_kept(void *context, size_t index, size_t worker)
{
    (void)worker;
    struct lock *lock = context;
    struct term_partition *p = &lock->table->partitions[index];
    struct candidate *to = lock->candidates + lock->first[index];
    for (size_t i = 0; i < p->n_slots; i++) {
        const struct term_slot *slot = &p->slots[i];
        if (!is_kept(lock, slot))
            continue;
        uint32_t n;
        const char *text = text_of(p, slot->id - 1, &n);
        *to = (struct candidate){.df = slot->df,
                                 .n = n,
                                 .prefix = {prefix_of(text, n, 0), prefix_of(text, n, 8)},
                                 .text = text,
                                 .hash = slot->hash,
                                 .partition = (uint32_t)index,
                                 .local = slot->id - 1};
        lock->place[index * N_HEAPS + heap_of(to++)]++;
    }
    memory_free(p->slots);
    p->slots = NULL;
    p->n_slots = 0;
}

static void deal_out(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct lock *lock = context;
    for (size_t i = lock->first[index]; i < lock->first[index + 1]; i++) {
        const struct candidate *c = &lock->candidates[i];
        lock->ordered[lock->place[index * N_HEAPS + heap_of(c)]++] = *c;
    }
}

static void sort_heap(void *context, size_t heap, size_t worker)
{
    (void)worker;
    struct lock *lock = context;
    const size_t begin = lock->heap[heap], end = lock->heap[heap + 1];
    if (end - begin > 1)
        qsort(lock->ordered + begin, end - begin, sizeof *lock->ordered, by_order);
    size_t bytes = 0;
    for (size_t i = begin; i < end; i++)
        bytes += lock->ordered[i].n - 1;
    lock->text[heap + 1] = bytes;
}

/* Lists the terms that are kept, and puts them into lock->ordered. */
static int order_terms(struct lock *lock, struct pool *pool)
{
    const size_t n = lock->first[TERM_PARTITIONS];
    lock->candidates = memory_alloc(n, sizeof *lock->candidates);
    lock->ordered = memory_alloc(n, sizeof *lock->ordered);
    lock->place = memory_zero((size_t)N_HEAPS * TERM_PARTITIONS, sizeof *lock->place);
    if (lock->candidates == NULL || lock->ordered == NULL || lock->place == NULL)
        return -1;
    parallel_for(pool, TERM_PARTITIONS, list_kept, lock);
    size_t at = 0;
    for (size_t heap = 0; heap < N_HEAPS; heap++) {
        for (size_t p = 0; p < TERM_PARTITIONS; p++) {
            uint32_t *place = &lock->place[p * N_HEAPS + heap];
            const uint32_t here = *place;
            *place = (uint32_t)at;
            at += here;
        }
        lock->heap[heap + 1] = at;
    }
    parallel_for(pool, TERM_PARTITIONS, deal_out, lock);
    parallel_for(pool, N_HEAPS, sort_heap, lock);
    return 0;
}

static void write_heap(void *context, size_t heap, size_t worker)
{
    (void)worker;
    const struct lock *lock = context;
    struct vocabulary *v = lock->vocabulary;
    size_t at = lock->text[heap];
    for (size_t i = lock->heap[heap]; i < lock->heap[heap + 1]; i++) {
        const struct candidate *c = &lock->ordered[i];
        v->hash[i] = c->hash;
        v->df[i] = c->df;
        v->kind[i] = (unsigned char)c->text[0];
        memcpy(v->text + at, c->text + 1, c->n - 1);
        at += c->n - 1;
        v->text_start[i + 1] = at;
        lock->remap[c->partition][c->local] = (uint32_t)i;
    }
}

static int write_vocabulary(struct lock *lock, size_t n, struct pool *pool, sikap_error *err)
{
    for (size_t heap = 0; heap < N_HEAPS; heap++)
        lock->text[heap + 1] += lock->text[heap];
    const int status = vocabulary_new(&lock->vocabulary, n, lock->text[N_HEAPS], err);
    if (status == 0)
        parallel_for(pool, N_HEAPS, write_heap, lock);
    return status;
}

int term_table_lock(struct term_table *table, uint32_t min_df, uint32_t max_df, struct pool *pool,
                    struct vocabulary **out, uint32_t *remap[TERM_PARTITIONS], sikap_error *err)
{
    *out = NULL;
    struct lock *lock = memory_zero(1, sizeof *lock);
    if (lock == NULL)
        return error_memory(err, "vocabulary");
    lock->table = table;
    lock->min_df = min_df;
    lock->max_df = max_df;
    lock->remap = remap;
    memset(remap, 0, TERM_PARTITIONS * sizeof *remap);
    int status = 0;
    parallel_for(pool, TERM_PARTITIONS, count_kept, lock);
    for (size_t i = 0; i < TERM_PARTITIONS; i++) {
        lock->first[i + 1] += lock->first[i];
        if (lock->failed[i])
            status = SIKAP_SYSTEM;
    }
    const size_t n = lock->first[TERM_PARTITIONS];
    if (status == 0 && n >= INT32_MAX)
        status = error_set(err, SIKAP_SYSTEM, NULL, 0, "%zu terms are too many: raise --min-df", n);
    else if (status != 0 || order_terms(lock, pool) != 0)
        status = error_memory(err, "vocabulary");
    if (status == 0)
        status = write_vocabulary(lock, n, pool, err);
    *out = lock->vocabulary;
    if (status == 0)
        status = vocabulary_index(*out, err);
    if (status != 0) {
        vocabulary_free(*out);
        *out = NULL;
        for (size_t i = 0; i < TERM_PARTITIONS; i++) {
            memory_free(remap[i]);
            remap[i] = NULL;
        }
    }
    memory_free(lock->candidates);
    memory_free(lock->ordered);
    memory_free(lock->place);
    memory_free(lock);
    term_table_free(table);
    return status;
}
