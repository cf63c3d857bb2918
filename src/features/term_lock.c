/* SPDX-License-Identifier: Apache-2.0 */
/* The workers' tables become one vocabulary in four steps, each parallel:
 *   1  over ranges of hashes: the tables' entries are joined to candidates, those of a df that is
 *      not kept dropped, and candidates counted for the heap that each belongs to;
 *   2  over ranges: candidates are dealt out to the heaps, which are in order among themselves;
 *   3  over heaps: each is sorted;
 *   4  over heaps: terms are written down, and where each table's numbers went.
 * What is read in no order (texts, candidates) is asked for some steps ahead. */
#include "features/term_lock.h"

#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "features/term_sort.h"

enum { RANGE_BITS = 8, N_RANGES = 1 << RANGE_BITS, AHEAD = 16 };

/* Frequent terms have heaps by df, four for each doubling; rare ones, who are many, heaps by df,
 * kind and first byte; those of one document, who are most, by what class the second byte is of,
 * too. */
enum {
    RARE_DF = 16,
    RARE_KINDS = 2,
    HEAPS_PER_RARE_DF = RARE_KINDS * 256 + 1,
    CLASSES = 64,
    FREQUENT_HEAPS = 128,
    SINGLE_HEAPS = FREQUENT_HEAPS + (RARE_DF - 2) * HEAPS_PER_RARE_DF, /* the first of them */
    N_HEAPS = SINGLE_HEAPS + HEAPS_PER_RARE_DF * CLASSES
};

struct range {
    struct term_candidate *candidates;
    uint32_t *numbers; /* [n][n_tables] each candidate's in the tables, TERM_FULL: not there */
    size_t n;
};

/* What a thread joins the entries of a range with. */
struct join {
    struct term_candidate *candidates;
    uint32_t *numbers;
    uint32_t *slots; /* candidate + 1, by hash; 0: free */
    size_t n, capacity, numbers_capacity, slots_capacity, n_slots;
    struct arena arena; /* of what is kept of its ranges */
    uint32_t *terms;    /* [N_HEAPS] candidates for each heap */
    size_t *bytes;      /* [N_HEAPS] of their texts */
    int failed;
};

struct lock {
    struct term_table *const *tables;
    size_t n_tables;
    uint32_t min_df, max_df;
    struct range ranges[N_RANGES];
    struct join *joins; /* [threads] */
    struct term_record *records;
    atomic_size_t place[N_HEAPS]; /* where each heap's next candidate goes in `records` */
    size_t heap[N_HEAPS + 1];     /* where each begins in `records` */
    size_t text[N_HEAPS + 1];     /* and its texts in the vocabulary's */
    struct vocabulary *vocabulary;
    uint32_t **remap;
};

static size_t range_of(uint64_t hash)
{
    return (size_t)(hash >> (64 - RANGE_BITS));
}

/* ---- 1: candidates ---- */

/* Steps through the slots of a table whose terms' hashes are in a range. Some stand behind its last
 * slot, up to the first free one. */
struct walk {
    const struct term_table *table;
    size_t range, at, end;
};

static struct walk walk_range(const struct term_table *table, size_t range)
{
    const size_t width = table->n_slots >> RANGE_BITS;
    return (struct walk){table, range, range * width, (range + 1) * width};
}

static const struct term_slot *walk_next(struct walk *w)
{
    const size_t mask = w->table->n_slots - 1;
    for (; w->at < w->end + w->table->n_slots; w->at++) {
        const struct term_slot *slot = &w->table->slots[w->at & mask];
        if (slot->hash == 0 && w->at >= w->end)
            return NULL;
        if (slot->hash != 0 && range_of(slot->hash) == w->range) {
            w->at++;
            return slot;
        }
    }
    return NULL;
}

static size_t count_entries(const struct lock *lock, size_t range)
{
    size_t n = 0;
    for (size_t t = 0; t < lock->n_tables; t++) {
        struct walk walk = walk_range(lock->tables[t], range);
        while (lock->tables[t]->n_slots > 0 && walk_next(&walk) != NULL)
            n++;
    }
    return n;
}

/* Entries of one table are candidates as they are; those of several are looked for in `slots`. */
static int make_room(const struct lock *lock, size_t range, struct join *join)
{
    join->n = 0;
    if (lock->n_tables == 1)
        return 0;
    const size_t n = count_entries(lock, range);
    join->n_slots = 64;
    while (join->n_slots < 2 * n)
        join->n_slots *= 2;
    if (memory_grow(&join->slots, &join->slots_capacity, join->n_slots, sizeof *join->slots) != 0)
        return -1;
    memset(join->slots, 0, join->n_slots * sizeof *join->slots);
    return 0;
}

static int is_kept(const struct lock *lock, uint32_t df)
{
    return df >= lock->min_df && df <= lock->max_df;
}

/* A new candidate; SIZE_MAX when memory is out. */
static size_t join_add(struct join *join, uint64_t hash, size_t n_tables)
{
    const size_t k = join->n, n_numbers = (k + 1) * n_tables;
    if ((k == join->capacity &&
         memory_grow(&join->candidates, &join->capacity, k + 1, sizeof *join->candidates) != 0) ||
        (n_numbers > join->numbers_capacity && memory_grow(&join->numbers, &join->numbers_capacity,
                                                           n_numbers, sizeof *join->numbers) != 0))
        return SIZE_MAX;
    join->candidates[k] = (struct term_candidate){.hash = hash};
    for (size_t t = 0; t < n_tables; t++)
        join->numbers[k * n_tables + t] = TERM_FULL;
    return join->n++;
}

/* The candidate with that hash, a new one where there is none. */
static size_t join_find(struct join *join, uint64_t hash, size_t n_tables)
{
    size_t slot = hash & (join->n_slots - 1);
    for (; join->slots[slot] != 0; slot = (slot + 1) & (join->n_slots - 1))
        if (join->candidates[join->slots[slot] - 1].hash == hash)
            return join->slots[slot] - 1;
    join->slots[slot] = (uint32_t)join->n + 1;
    return join_add(join, hash, n_tables);
}

static int join_tables(const struct lock *lock, size_t range, struct join *join)
{
    const size_t n_tables = lock->n_tables;
    for (size_t t = 0; t < n_tables; t++) {
        if (lock->tables[t]->n_slots == 0)
            continue;
        struct walk walk = walk_range(lock->tables[t], range);
        for (const struct term_slot *slot; (slot = walk_next(&walk)) != NULL;) {
            if (n_tables == 1 && !is_kept(lock, slot->df))
                continue;
            const size_t k = n_tables == 1 ? join_add(join, slot->hash, 1)
                                           : join_find(join, slot->hash, n_tables);
            if (k == SIZE_MAX)
                return -1;
            join->candidates[k].df += slot->df;
            join->numbers[k * n_tables + t] = slot->id - 1;
        }
    }
    return 0;
}

/* Copies what is kept of the joined candidates to where it stays. */
static int keep(const struct lock *lock, struct join *join, struct range *range)
{
    const size_t n_tables = lock->n_tables;
    size_t n = 0;
    for (size_t k = 0; k < join->n; k++)
        n += (size_t)is_kept(lock, join->candidates[k].df);
    range->candidates = arena_alloc(&join->arena, n * sizeof *range->candidates);
    range->numbers = arena_alloc(&join->arena, n * n_tables * sizeof *range->numbers);
    if (range->candidates == NULL || range->numbers == NULL)
        return -1;
    for (size_t k = 0; k < join->n; k++) {
        if (!is_kept(lock, join->candidates[k].df))
            continue;
        for (size_t t = 0; t < n_tables; t++)
            range->numbers[range->n * n_tables + t] = join->numbers[k * n_tables + t];
        range->candidates[range->n++] = join->candidates[k];
    }
    return 0;
}

/* In the order of bytes: letters apart, and bytes of other scripts by fours. 0: there is none. */
static size_t class_of(unsigned char second)
{
    return second >= 0x80 ? CLASSES - 32 + (size_t)(second - 0x80) / 4
           : second > 'z' ? CLASSES - 33
           : second < 'a' ? (size_t)(second > ' ') + 1
                          : (size_t)(second - 'a') + 3;
}

static size_t heap_of(const struct term_candidate *c)
{
    const unsigned char kind = (unsigned char)c->text[0];
    if (c->df >= RARE_DF) {
        const unsigned doubling = 31 - (unsigned)__builtin_clz(c->df);
        return FREQUENT_HEAPS - 1 - (doubling * 4 + (c->df >> (doubling - 2) & 3));
    }
    const size_t first = c->n > 1 ? (unsigned char)c->text[1] : 0;
    const size_t heap = kind < RARE_KINDS ? kind * (size_t)256 + first : RARE_KINDS * (size_t)256;
    if (c->df > 1)
        return FREQUENT_HEAPS + (RARE_DF - 1 - c->df) * (size_t)HEAPS_PER_RARE_DF + heap;
    return SINGLE_HEAPS + heap * CLASSES +
           (c->n > 2 && kind < RARE_KINDS ? class_of((unsigned char)c->text[2]) : 0);
}

/* The table that has the term's text, and its number there. */
static const struct term_table *text_owner(const struct lock *lock, const struct range *range,
                                           size_t k, uint32_t *number)
{
    for (size_t t = 0; t < lock->n_tables; t++) {
        *number = range->numbers[k * lock->n_tables + t];
        if (*number != TERM_FULL && lock->tables[t]->text_at[*number] != 0)
            return lock->tables[t];
    }
    return NULL;
}

/* Where each candidate's text begins, and then, when it has come, what it is. */
static int find_texts(const struct lock *lock, struct join *join, struct range *range)
{
    for (size_t k = 0; k < range->n; k++) {
        uint32_t number;
        const struct term_table *table = text_owner(lock, range, k, &number);
        if (table == NULL)
            return -1;
        range->candidates[k].text = term_text_at(table, number);
        __builtin_prefetch(range->candidates[k].text);
    }
    for (size_t k = 0; k < range->n; k++) {
        struct term_candidate *c = &range->candidates[k];
        c->text = term_text(c->text, &c->n);
        const size_t heap = heap_of(c);
        join->terms[heap]++;
        join->bytes[heap] += c->n - 1;
    }
    return 0;
}

static void take_range(void *context, size_t index, size_t worker)
{
    struct lock *lock = context;
    struct join *join = &lock->joins[worker];
    struct range *range = &lock->ranges[index];
    if (make_room(lock, index, join) != 0 || join_tables(lock, index, join) != 0 ||
        keep(lock, join, range) != 0 || find_texts(lock, join, range) != 0)
        join->failed = 1;
}

/* ---- 2: dealing out ---- */

static void deal_out(void *context, size_t index, size_t worker)
{
    (void)worker;
    struct lock *lock = context;
    const struct range *range = &lock->ranges[index];
    for (size_t k = 0; k < range->n; k++) {
        if (k + AHEAD < range->n)
            __builtin_prefetch(range->candidates[k + AHEAD].text);
        const struct term_candidate *c = &range->candidates[k];
        lock->records[atomic_fetch_add_explicit(&lock->place[heap_of(c)], 1,
                                                memory_order_relaxed)] = term_record(c);
    }
}

/* ---- 3: sorting ---- */

static void sort_heap(void *context, size_t heap, size_t worker)
{
    (void)worker;
    struct lock *lock = context;
    const size_t begin = lock->heap[heap], n = lock->heap[heap + 1] - begin;
    if (n > 1)
        term_sort(lock->records + begin, n, heap < FREQUENT_HEAPS);
}

/* ---- 4: writing down ---- */

static void write_heap(void *context, size_t heap, size_t worker)
{
    (void)worker;
    const struct lock *lock = context;
    struct vocabulary *v = lock->vocabulary;
    const size_t end = lock->heap[heap + 1];
    const size_t text_end = lock->text[heap + 1];
    size_t at = lock->text[heap];
    for (size_t i = lock->heap[heap]; i < end; i++) {
        if (i + 2 * AHEAD < end)
            __builtin_prefetch(lock->records[i + 2 * AHEAD].candidate);
        if (i + AHEAD < end)
            __builtin_prefetch(lock->records[i + AHEAD].candidate->text);
        const struct term_candidate *c = lock->records[i].candidate;
        v->hash[i] = c->hash;
        v->df[i] = c->df;
        v->kind[i] = (unsigned char)c->text[0];
        const size_t n = c->n - 1;
        if (n <= TERM_PREFIX &&
            at + TERM_PREFIX <= text_end) /* the next one overwrites what is too much */
            memcpy(v->text + at, c->text + 1, TERM_PREFIX);
        else
            memcpy(v->text + at, c->text + 1, n);
        at += n;
        v->text_start[i + 1] = at;
        const struct range *range = &lock->ranges[range_of(c->hash)];
        const uint32_t *number = range->numbers + (size_t)(c - range->candidates) * lock->n_tables;
        for (size_t t = 0; t < lock->n_tables; t++)
            if (number[t] != TERM_FULL)
                lock->remap[t][number[t]] = (uint32_t)i;
    }
}

/* ---- together ---- */

static int start(struct lock *lock, struct pool *pool)
{
    static const char padding[TERM_PREFIX];
    lock->joins = memory_zero(pool_n_threads(pool), sizeof *lock->joins);
    int failed = lock->joins == NULL;
    for (size_t w = 0; !failed && w < pool_n_threads(pool); w++) {
        struct join *join = &lock->joins[w];
        join->terms = memory_zero(N_HEAPS, sizeof *join->terms);
        join->bytes = memory_zero(N_HEAPS, sizeof *join->bytes);
        failed = join->terms == NULL || join->bytes == NULL;
    }
    for (size_t t = 0; t < lock->n_tables; t++) {
        struct term_table *table = lock->tables[t];
        lock->remap[t] = memory_alloc(table->n_terms, sizeof **lock->remap);
        if (lock->remap[t] == NULL)
            failed = 1;
        else
            memset(lock->remap[t], 0xFF, table->n_terms * sizeof **lock->remap);
        buffer_bytes(&table->text, padding, TERM_PREFIX); /* it is read behind the last text */
        failed |= table->text.failed;
    }
    return failed ? -1 : 0;
}

static int take_candidates(struct lock *lock, struct pool *pool)
{
    parallel_for(pool, N_RANGES, take_range, lock);
    for (size_t w = 0; w < pool_n_threads(pool); w++)
        if (lock->joins[w].failed)
            return -1;
    for (size_t t = 0; t < lock->n_tables; t++)
        term_table_free_slots(lock->tables[t]);
    return 0;
}

static void place_heaps(struct lock *lock, size_t n_threads)
{
    for (size_t heap = 0; heap < N_HEAPS; heap++) {
        size_t n = 0, bytes = 0;
        for (size_t w = 0; w < n_threads; w++) {
            n += lock->joins[w].terms[heap];
            bytes += lock->joins[w].bytes[heap];
        }
        lock->place[heap] = lock->heap[heap];
        lock->heap[heap + 1] = lock->heap[heap] + n;
        lock->text[heap + 1] = lock->text[heap] + bytes;
    }
}

static int lock_tables(struct lock *lock, struct pool *pool, sikap_error *err)
{
    if (start(lock, pool) != 0 || take_candidates(lock, pool) != 0)
        return error_memory(err, "vocabulary");
    place_heaps(lock, pool_n_threads(pool));
    const size_t n = lock->heap[N_HEAPS];
    if (n >= INT32_MAX)
        return error_set(err, SIKAP_SYSTEM, NULL, 0, "%zu terms are too many: raise --min-df", n);
    lock->records = memory_alloc(n, sizeof *lock->records);
    if (lock->records == NULL)
        return error_memory(err, "vocabulary");
    parallel_for(pool, N_RANGES, deal_out, lock);
    parallel_for(pool, N_HEAPS, sort_heap, lock);
    const int status = vocabulary_new(&lock->vocabulary, n, lock->text[N_HEAPS], err);
    if (status != 0)
        return status;
    parallel_for(pool, N_HEAPS, write_heap, lock);
    return vocabulary_index(lock->vocabulary, err);
}

int term_lock(struct vocabulary **out, uint32_t **remap, struct term_table *const *tables,
              size_t n_tables, uint32_t min_df, uint32_t max_df, struct pool *pool,
              sikap_error *err)
{
    *out = NULL;
    memset(remap, 0, n_tables * sizeof *remap);
    struct lock *lock = memory_zero(1, sizeof *lock);
    if (lock == NULL)
        return error_memory(err, "vocabulary");
    lock->tables = tables;
    lock->n_tables = n_tables;
    lock->min_df = min_df > 1 ? min_df : 1;
    lock->max_df = max_df;
    lock->remap = remap;
    const int status = lock_tables(lock, pool, err);
    if (status == 0)
        *out = lock->vocabulary;
    else
        vocabulary_free(lock->vocabulary);
    for (size_t w = 0; lock->joins != NULL && w < pool_n_threads(pool); w++) {
        memory_free(lock->joins[w].candidates);
        memory_free(lock->joins[w].numbers);
        memory_free(lock->joins[w].slots);
        memory_free(lock->joins[w].terms);
        memory_free(lock->joins[w].bytes);
        arena_free(&lock->joins[w].arena);
    }
    for (size_t t = 0; t < n_tables; t++)
        term_table_free(tables[t]);
    memory_free(lock->joins);
    memory_free(lock->records);
    memory_free(lock);
    return status;
}
