/* SPDX-License-Identifier: Apache-2.0 */
/* The workers' tables, each put in order of ranks (term_table.h), become one vocabulary. Ranks are
 * cut into ranges, and what is to be numbered into classes of document frequency:
 *   1  over tables: each is put in order, and its ranges are found;
 *   2  over ranges: the tables are merged, and the terms that are kept counted by class. So it is
 *      known which numbers the terms of a range and a class have, those of one df in order of
 *      ranks: a number is the next of its class;
 *   3  over ranges: terms of classes with more than one df, few, are dealt out to their classes;
 *   4  over these classes: each is put in order of df;
 *   5  over ranges: terms are written down, and where each table's numbers went.
 * To merge again is cheaper than to keep what was merged. Texts stay where they are. */
#include "features/term_lock.h"

#include <string.h>

#include "base/memory.h"
#include "features/sort.h"

enum { RANGE_BITS = 8, N_RANGES = 1 << RANGE_BITS, AHEAD = 64 };

/* Pointers in two cache lines, which are fetched together. */
enum { CACHE_LINES = 128 / sizeof(void *) };

/* From EXACT on there are four classes for each doubling of df. Higher df first. */
enum { EXACT = 64, EXACT_BITS = 6, COARSE = (32 - EXACT_BITS) * 4, N_CLASSES = COARSE + EXACT - 1 };

struct lock {
    struct term_table *const *tables;
    size_t n_tables;
    uint32_t min_df, max_df;
    size_t *begin;                    /* [N_RANGES + 1][n_tables] of slots */
    uint32_t (*next)[N_CLASSES];      /* [N_RANGES] counts, then the next number */
    size_t class_begin[COARSE + 1];   /* numbers of the coarse classes */
    uint64_t *coarse, *spare;         /* [class_begin[COARSE]] ~df << 32 | number as dealt out */
    uint32_t *number;                 /* [class_begin[COARSE]] by number as dealt out */
    const struct term_slot **walking; /* [threads][n_walking] */
    size_t n_walking; /* 2 n_tables and more, so that no two threads write to a cache line */
    struct vocabulary *vocabulary;
    uint32_t **remap;
    int *failed; /* [n_tables] */
    int keeps_all;
};

static size_t class_of(uint32_t df)
{
    if (df < EXACT)
        return COARSE + EXACT - 1 - df;
    const unsigned doubling = 31 - (unsigned)__builtin_clz(df);
    return 4 * 32 - 1 - (doubling * 4 + (df >> (doubling - 2) & 3));
}

/* ---- merging ---- */

/* Steps through the terms of a range: at[t] is table t's next slot, end[t] behind its last. */
struct walk {
    const struct lock *lock;
    const struct term_slot **at, **end; /* [n_tables] */
};

struct term {
    uint64_t rank;
    uint32_t df; /* over all tables */
};

static struct walk walk_range(const struct lock *lock, size_t range, size_t worker)
{
    const size_t n = lock->n_tables;
    const struct term_slot **at = lock->walking + lock->n_walking * worker;
    struct walk w = {lock, at, at + n};
    for (size_t t = 0; t < n; t++) {
        w.at[t] = lock->tables[t]->slots + lock->begin[range * n + t];
        w.end[t] = lock->tables[t]->slots + lock->begin[(range + 1) * n + t];
    }
    return w;
}

static int is_kept(const struct lock *lock, uint32_t df)
{
    return df >= lock->min_df && df <= lock->max_df;
}

static void walk_pass(struct walk *w, const struct term *term)
{
    for (size_t t = 0; t < w->lock->n_tables; t++)
        w->at[t] += w->at[t] != w->end[t] && w->at[t]->rank == term->rank;
}

/* The next term that is kept, for walk_pass to step over. 0: there is none. */
static int walk_next(struct walk *w, struct term *term)
{
    const struct lock *lock = w->lock;
    for (;;) {
        *term = (struct term){UINT64_MAX, 0};
        int any = 0;
        for (size_t t = 0; t < lock->n_tables; t++) {
            if (w->at[t] == w->end[t] || (any && w->at[t]->rank > term->rank))
                continue;
            const uint32_t more = any && w->at[t]->rank == term->rank ? term->df : 0;
            *term = (struct term){w->at[t]->rank, more + w->at[t]->df};
            any = 1;
        }
        if (!any || is_kept(lock, term->df))
            return any;
        walk_pass(w, term);
    }
}

/* ---- 1: tables in order ---- */

static size_t first_from(const struct term_table *table, uint64_t rank)
{
    size_t low = 0, high = table->n_terms;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (table->slots[middle].rank < rank)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void order_table(void *context, size_t t, size_t worker)
{
    (void)worker;
    const struct lock *lock = context;
    struct term_table *table = lock->tables[t];
    lock->failed[t] = term_table_sort(table) != 0;
    for (size_t range = 0; range < N_RANGES; range++)
        lock->begin[range * lock->n_tables + t] =
            first_from(table, (uint64_t)range << (64 - RANGE_BITS));
    lock->begin[N_RANGES * lock->n_tables + t] = table->n_terms;
}

/* ---- 2: numbers ---- */

static void count_range(void *context, size_t range, size_t worker)
{
    const struct lock *lock = context;
    struct walk walk = walk_range(lock, range, worker);
    struct term term;
    for (; walk_next(&walk, &term); walk_pass(&walk, &term))
        lock->next[range][class_of(term.df)]++;
}

/* How many terms there are; their numbers must fit. */
static size_t count_terms(const struct lock *lock)
{
    size_t n = 0;
    for (size_t range = 0; range < N_RANGES; range++)
        for (size_t c = 0; c < N_CLASSES; c++)
            n += lock->next[range][c];
    return n;
}

static void place_classes(struct lock *lock)
{
    uint32_t n = 0;
    for (size_t c = 0; c < N_CLASSES; c++) {
        if (c <= COARSE)
            lock->class_begin[c] = n;
        for (size_t range = 0; range < N_RANGES; range++) {
            const uint32_t more = lock->next[range][c];
            lock->next[range][c] = n;
            n += more;
        }
    }
}

/* ---- 3, 4: coarse classes ---- */

static void deal_out(void *context, size_t range, size_t worker)
{
    const struct lock *lock = context;
    struct walk walk = walk_range(lock, range, worker);
    uint32_t dealt[COARSE] = {0};
    struct term term;
    for (; walk_next(&walk, &term); walk_pass(&walk, &term)) {
        const size_t c = class_of(term.df);
        if (c >= COARSE)
            continue;
        const uint32_t at = lock->next[range][c] + dealt[c]++;
        lock->coarse[at] = (uint64_t)~term.df << 32 | at;
    }
}

static void order_class(void *context, size_t c, size_t worker)
{
    (void)worker;
    const struct lock *lock = context;
    const size_t begin = lock->class_begin[c], n = lock->class_begin[c + 1] - begin;
    if (n > 0)
        sort_by_high_half(lock->coarse + begin, lock->spare + begin, n);
    for (size_t i = begin; i < begin + n; i++)
        lock->number[(uint32_t)lock->coarse[i]] = (uint32_t)i;
}

/* ---- 5: writing down ---- */

/* What is read and written in no order is asked for some steps ahead. */
static void prefetch(const struct lock *lock, size_t t, const struct term_slot *at)
{
    const struct term_table *table = lock->tables[t];
    if (at >= table->slots + table->n_terms)
        return;
    __builtin_prefetch(&table->kind[at->id - 1]);
    __builtin_prefetch(&table->text[at->id - 1]);
    __builtin_prefetch(&lock->remap[t][at->id - 1], 1);
}

static void write_term(const struct lock *lock, const struct walk *walk, const struct term *term,
                       uint32_t number)
{
    struct vocabulary *v = lock->vocabulary;
    v->hash[number] = term_hash(term->rank);
    v->df[number] = term->df;
    v->text[number] = NULL;
    for (size_t t = 0; t < lock->n_tables; t++) {
        const struct term_slot *slot = walk->at[t];
        if (slot == walk->end[t] || slot->rank != term->rank)
            continue;
        prefetch(lock, t, slot + AHEAD);
        lock->remap[t][slot->id - 1] = number;
        v->kind[number] = lock->tables[t]->kind[slot->id - 1];
        if (v->text[number] == NULL)
            v->text[number] = lock->tables[t]->text[slot->id - 1];
    }
}

static void write_range(void *context, size_t range, size_t worker)
{
    const struct lock *lock = context;
    struct walk walk = walk_range(lock, range, worker);
    struct term term;
    for (; walk_next(&walk, &term); walk_pass(&walk, &term)) {
        const size_t c = class_of(term.df);
        const uint32_t at = lock->next[range][c]++;
        write_term(lock, &walk, &term, c < COARSE ? lock->number[at] : at);
    }
}

/* ---- together ---- */

static int start(struct lock *lock, struct pool *pool)
{
    const size_t n = lock->n_tables;
    lock->begin = memory_alloc((N_RANGES + 1) * n, sizeof *lock->begin);
    lock->next = memory_zero(N_RANGES, sizeof *lock->next);
    lock->n_walking = (2 * n / CACHE_LINES + 1) * CACHE_LINES;
    lock->walking = memory_aligned(pool_n_threads(pool) * lock->n_walking, sizeof *lock->walking);
    lock->failed = memory_zero(n, sizeof *lock->failed);
    int failed =
        lock->begin == NULL || lock->next == NULL || lock->walking == NULL || lock->failed == NULL;
    for (size_t t = 0; t < n; t++) {
        lock->remap[t] = memory_alloc(lock->tables[t]->n_terms, sizeof **lock->remap);
        if (lock->remap[t] == NULL)
            failed = 1;
        else
            memset(lock->remap[t], 0xFF, lock->tables[t]->n_terms * sizeof **lock->remap);
    }
    if (failed)
        return -1;
    parallel_for(pool, n, order_table, lock);
    for (size_t t = 0; t < n; t++)
        failed |= lock->failed[t];
    return failed ? -1 : 0;
}

static int number_coarse(struct lock *lock, struct pool *pool)
{
    const size_t n = lock->class_begin[COARSE];
    if (n == 0)
        return 0;
    lock->coarse = memory_alloc(n, sizeof *lock->coarse);
    lock->spare = memory_alloc(n, sizeof *lock->spare);
    lock->number = memory_alloc(n, sizeof *lock->number);
    if (lock->coarse == NULL || lock->spare == NULL || lock->number == NULL)
        return -1;
    parallel_for(pool, N_RANGES, deal_out, lock);
    parallel_for(pool, COARSE, order_class, lock);
    return 0;
}

/* Whether every number has become another one. */
static int has_all(const struct lock *lock)
{
    for (size_t t = 0; t < lock->n_tables; t++)
        for (size_t i = 0; i < lock->tables[t]->n_terms; i++)
            if (lock->remap[t][i] == VOCABULARY_ABSENT)
                return 0;
    return 1;
}

/* The texts are the vocabulary's from now on. */
static int take_texts(struct lock *lock)
{
    struct vocabulary *v = lock->vocabulary;
    for (size_t i = 0; i < v->n_terms; i++)
        if (v->text[i] == NULL)
            return -1;
    v->texts = memory_zero(lock->n_tables, sizeof *v->texts);
    if (v->texts == NULL)
        return -1;
    v->n_texts = lock->n_tables;
    for (size_t t = 0; t < lock->n_tables; t++) {
        v->texts[t] = lock->tables[t]->texts;
        memset(&lock->tables[t]->texts, 0, sizeof lock->tables[t]->texts);
    }
    return 0;
}

static int lock_tables(struct lock *lock, struct pool *pool, sikap_error *err)
{
    if (start(lock, pool) != 0)
        return error_memory(err, "vocabulary");
    parallel_for(pool, N_RANGES, count_range, lock);
    const size_t n = count_terms(lock);
    if (n >= INT32_MAX)
        return error_set(err, SIKAP_SYSTEM, NULL, 0, "%zu terms are too many: raise --min-df", n);
    place_classes(lock);
    if (number_coarse(lock, pool) != 0)
        return error_memory(err, "vocabulary");
    const int status = vocabulary_new(&lock->vocabulary, n, err);
    if (status != 0)
        return status;
    parallel_for(pool, N_RANGES, write_range, lock);
    if (take_texts(lock) != 0)
        return error_memory(err, "vocabulary");
    lock->keeps_all = has_all(lock);
    for (size_t t = 0; t < lock->n_tables; t++)
        term_table_free(lock->tables[t]);
    return vocabulary_index(lock->vocabulary, err);
}

int term_lock(struct vocabulary **out, uint32_t **remap, struct term_table *const *tables,
              size_t n_tables, uint32_t min_df, uint32_t max_df, int *keeps_all, struct pool *pool,
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
    *keeps_all = lock->keeps_all;
    if (status == 0)
        *out = lock->vocabulary;
    else
        vocabulary_free(lock->vocabulary);
    for (size_t t = 0; t < n_tables; t++)
        term_table_free(tables[t]);
    memory_free(lock->begin);
    memory_free(lock->next);
    memory_free(lock->walking);
    memory_free(lock->failed);
    memory_free(lock->coarse);
    memory_free(lock->spare);
    memory_free(lock->number);
    memory_free(lock);
    return status;
}
