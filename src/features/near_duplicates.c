/* SPDX-License-Identifier: Apache-2.0 */
/* Rows with the very same shingles are one row to the join, so that a text repeated a hundred
 * thousand times costs one look-up each. What the join leaves is a forest, which becomes numbered
 * clusters. */
#include "features/near_duplicates_internal.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "features/sort.h"

enum { MOST_LOOKED_AT = 4096, MOST_COMPARED = 256, CHUNK = 256 };

void near_duplicates_free(struct near_duplicates *d)
{
    if (d == NULL)
        return;
    memory_free(d->cluster);
    memory_free(d->start);
    memory_free(d->members);
    memory_free(d->same);
    memory_free(d);
}

uint32_t near_root(const uint32_t *parent, uint32_t rank)
{
    while (parent[rank] != rank)
        rank = parent[rank];
    return rank;
}

static int same_items(const struct shingles *s, size_t a, size_t b)
{
    const size_t n = shingles_n(s, a);
    return n == shingles_n(s, b) &&
           memcmp(s->items + s->start[a], s->items + s->start[b], n * sizeof *s->items) == 0;
}

/* d->same, by a hash table of the sets. */
static int find_same(struct near_duplicates *d, const struct shingles *rows, sikap_error *err)
{
    size_t n_slots = 16;
    while (n_slots < 2 * d->n_rows)
        n_slots *= 2;
    uint32_t *slots = memory_zero(n_slots, sizeof *slots); /* row + 1; 0: free */
    if (slots == NULL)
        return error_memory(err, "near-duplicates");
    for (size_t row = 0; row < d->n_rows; row++) {
        const size_t n = shingles_n(rows, row);
        d->same[row] = (uint32_t)row;
        if (n == 0)
            continue;
        size_t slot =
            hash_bytes(rows->items + rows->start[row], n * sizeof *rows->items, 1) & (n_slots - 1);
        while (slots[slot] != 0 && !same_items(rows, slots[slot] - 1, row))
            slot = (slot + 1) & (n_slots - 1);
        if (slots[slot] == 0)
            slots[slot] = (uint32_t)row + 1;
        d->same[row] = slots[slot] - 1;
    }
    memory_free(slots);
    return 0;
}

static void ranks_free(struct near_ranks *ranks)
{
    memory_free(ranks->row);
    memory_free(ranks->size);
}

/* rank_of[row] of a distinct row with shingles, UINT32_MAX of the others. */
static int rank_rows(struct near_ranks *ranks, uint32_t *rank_of, const struct near_duplicates *d,
                     sikap_error *err)
{
    uint64_t *keys = memory_alloc(2 * d->n_rows, sizeof *keys);
    size_t n = 0;
    for (size_t row = 0; keys != NULL && row < d->n_rows; row++) {
        rank_of[row] = UINT32_MAX;
        if (d->same[row] == row && shingles_n(ranks->rows, row) > 0)
            keys[n++] = (uint64_t)shingles_n(ranks->rows, row) << 32 | row;
    }
    ranks->row = memory_alloc(n, sizeof *ranks->row);
    ranks->size = memory_alloc(n, sizeof *ranks->size);
    if (keys == NULL || ranks->row == NULL || ranks->size == NULL) {
        memory_free(keys);
        return error_memory(err, "near-duplicates");
    }
    ranks->n = n;
    if (n > 0)
        sort_by_high_half(keys, keys + n, n);
    for (size_t k = 0; k < n; k++) {
        ranks->row[k] = (uint32_t)keys[k];
        ranks->size[k] = (uint32_t)(keys[k] >> 32);
        rank_of[ranks->row[k]] = (uint32_t)k;
    }
    memory_free(keys);
    return 0;
}

/* Numbers the trees of the forest in the order of their first rows, and lists their members. */
static int number_clusters(struct near_duplicates *d, const uint32_t *parent,
                           const uint32_t *rank_of, size_t n_ranks, sikap_error *err)
{
    uint32_t *number = memory_alloc(n_ranks, sizeof *number); /* of a root */
    if (number == NULL)
        return error_memory(err, "near-duplicates");
    memset(number, 0xFF, n_ranks * sizeof *number);
    for (size_t row = 0; row < d->n_rows; row++) {
        const uint32_t rank = rank_of[d->same[row]];
        if (rank == UINT32_MAX) {
            d->cluster[row] = (uint32_t)d->n_clusters++;
            continue;
        }
        const uint32_t root = near_root(parent, rank);
        if (number[root] == UINT32_MAX)
            number[root] = (uint32_t)d->n_clusters++;
        d->cluster[row] = number[root];
    }
    memory_free(number);
    /* start[c + 1] runs from the beginning of list c to its end. */
    d->start = memory_zero(d->n_clusters + 2, sizeof *d->start);
    if (d->start == NULL)
        return error_memory(err, "near-duplicates");
    for (size_t row = 0; row < d->n_rows; row++)
        d->start[d->cluster[row] + 2]++;
    for (size_t c = 2; c < d->n_clusters + 2; c++)
        d->start[c] += d->start[c - 1];
    for (size_t row = 0; row < d->n_rows; row++)
        d->members[d->start[d->cluster[row] + 1]++] = (uint32_t)row;
    return 0;
}

int near_duplicates_new(struct near_duplicates **out, const struct shingles *rows,
                        double similarity, struct pool *pool, const sikap_watch *watch,
                        sikap_error *err)
{
    *out = NULL;
    struct near_duplicates *d = memory_zero(1, sizeof *d);
    if (d == NULL)
        return error_memory(err, "near-duplicates");
    struct near_ranks ranks = {.rows = rows};
    uint32_t *rank_of = memory_alloc(rows->n_rows, sizeof *rank_of), *parent = NULL;
    d->n_rows = rows->n_rows;
    d->similarity = similarity;
    d->cluster = memory_alloc(d->n_rows, sizeof *d->cluster);
    d->members = memory_alloc(d->n_rows, sizeof *d->members);
    d->same = memory_alloc(d->n_rows, sizeof *d->same);
    int status = 0;
    if (rank_of == NULL || d->cluster == NULL || d->members == NULL || d->same == NULL ||
        d->n_rows >= UINT32_MAX)
        status = error_memory(err, "near-duplicates");
    if (status == 0)
        status = find_same(d, rows, err);
    if (status == 0)
        status = rank_rows(&ranks, rank_of, d, err);
    if (status == 0 && (parent = memory_alloc(ranks.n, sizeof *parent)) == NULL)
        status = error_memory(err, "near-duplicates");
    for (size_t k = 0; status == 0 && k < ranks.n; k++)
        parent[k] = (uint32_t)k;
    if (status == 0)
        status = near_join(parent, &d->n_cut, &ranks, similarity, pool, watch, err);
    if (status == 0)
        status = number_clusters(d, parent, rank_of, ranks.n, err);
    ranks_free(&ranks);
    memory_free(rank_of);
    memory_free(parent);
    if (status != 0) {
        near_duplicates_free(d);
        return status;
    }
    *out = d;
    return 0;
}

/* ---- the nearest of the others ---- */

struct search {
    struct near_duplicate *nearest;
    const struct near_duplicates *d;
    const struct shingles *rows;
    near_duplicates_counts *counts;
    const void *context;
};

static struct near_duplicate nearest_of(const struct search *s, size_t row)
{
    const struct near_duplicates *d = s->d;
    const size_t begin = d->start[d->cluster[row]], end = d->start[d->cluster[row] + 1];
    struct near_duplicate best = {UINT32_MAX, 0};
    size_t n_compared = 0;
    for (size_t k = begin; k < end && k - begin < MOST_LOOKED_AT; k++) {
        const uint32_t other = d->members[k];
        if (other == row || !s->counts(s->context, row, other))
            continue;
        const double similarity =
            d->same[row] == d->same[other] ? 1 : shingles_similarity(s->rows, row, other);
        if (similarity >= d->similarity && similarity > best.similarity)
            best = (struct near_duplicate){other, similarity};
        if (best.similarity >= 1 || ++n_compared == MOST_COMPARED)
            break;
    }
    return best;
}

static void search_chunk(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct search *s = context;
    const size_t begin = index * CHUNK;
    const size_t end = begin + CHUNK < s->d->n_rows ? begin + CHUNK : s->d->n_rows;
    for (size_t row = begin; row < end; row++)
        s->nearest[row] = nearest_of(s, row);
}

void near_duplicates_nearest(struct near_duplicate *nearest, const struct near_duplicates *d,
                             const struct shingles *rows, near_duplicates_counts *counts,
                             const void *context, struct pool *pool)
{
    struct search s = {nearest, d, rows, counts, context};
    parallel_for(pool, (d->n_rows + CHUNK - 1) / CHUNK, search_chunk, &s);
}
