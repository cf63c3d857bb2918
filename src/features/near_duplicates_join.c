/* SPDX-License-Identifier: Apache-2.0 */
/* All pairs of sets whose Jaccard similarity is at least t, without estimates: prefix filtering
 * (Bayardo, Ma, Srikant, "Scaling up all pairs similarity search", WWW 2007; the size and count
 * filters are PPJoin's, Xiao et al., WWW 2008).
 *
 * Order all shingles by how rare they are. Two sets that are similar enough share one of their
 * n - ceil(t n) + 1 rarest shingles (their prefixes), because what is left is too little. So only
 * prefixes are indexed, most of whose shingles no other set has; candidates come from the lists of
 * the few that remain, and are compared in full. MinHash with banding needs a signature of hundreds
 * of numbers for each headline of ten words and still misses pairs; this misses none.
 *
 * A crowd of sets with the same rare shingles (a template filled in a hundred thousand times) would
 * make lists that every member walks: MOST_STEPS are shared between the lists of a set, LEAST_STEPS
 * for each; and a set is compared with one member of each cluster that it has matched. */
#include "features/near_duplicates_internal.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "features/sort.h"

enum { SLICES = 16, ROUND = 128, CHUNK = 64, LEAST_BITS = 12, MOST_BITS = 24 };
enum { MOST_STEPS = 2048, LEAST_STEPS = 64 };

struct join_worker {
    uint64_t *keys; /* for sorting one set by rarity */
    size_t keys_capacity;
    uint32_t *shared;  /* [n ranks] prefix shingles shared with the set at hand */
    uint32_t *touched; /* [n ranks] where that is not 0 */
    uint32_t *matched; /* roots that the set at hand was found similar to */
    size_t n_matched, matched_capacity;
    uint32_t *pairs; /* of the round: rank, similar rank */
    size_t n_pairs, pairs_capacity;
    size_t n_cut;
    int failed;
};

struct join {
    const struct near_ranks *ranks;
    uint32_t *parent;
    uint32_t *weight; /* [n] ranks in the tree of a root */
    double similarity;
    unsigned bits;       /* of the table below */
    uint16_t *frequency; /* [2^bits] sets with a shingle of this slot, at most 65535 */
    size_t *first;       /* [n + 1] rank k has at[first[k] ..], n_at[k] of them */
    uint32_t *at;        /* shingles of the prefixes; then where they stand in the postings */
    uint32_t *n_at;
    uint64_t *postings; /* shingle << 32 | rank, ascending */
    size_t n_postings;
    struct join_worker *workers;
    size_t n_workers;
    size_t base; /* first rank of the round */
};

static size_t prefix_size(const struct join *j, size_t n)
{
    return n - (size_t)ceil(j->similarity * (double)n - 1e-9) + 1;
}

static const uint32_t *items_of(const struct join *j, size_t rank)
{
    return j->ranks->rows->items + j->ranks->rows->start[j->ranks->row[rank]];
}

/* ---- how rare a shingle is ---- */

static size_t first_at_least(const uint32_t *items, size_t n, uint64_t bound)
{
    size_t low = 0;
    while (low < n) {
        const size_t middle = low + (n - low) / 2;
        if (items[middle] < bound)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

/* Items are ascending, so the slots of one slice of the table are one stretch of each set: slices
 * are counted in parallel, each in its own part of the cache. */
static void count_slice(void *context, size_t index, size_t worker)
{
    (void)worker;
    struct join *j = context;
    const uint64_t width = (UINT64_C(1) << 32) / SLICES, low = index * width;
    for (size_t k = 0; k < j->ranks->n; k++) {
        const uint32_t *items = items_of(j, k);
        const size_t n = j->ranks->size[k];
        for (size_t i = first_at_least(items, n, low); i < n && items[i] < low + width; i++) {
            uint16_t *f = &j->frequency[items[i] >> (32 - j->bits)];
            *f = (uint16_t)(*f + (*f < UINT16_MAX));
        }
    }
}

/* The prefix of each set, without the shingles that it alone has. */
static void make_prefix(struct join *j, size_t rank, struct join_worker *w)
{
    const uint32_t *items = items_of(j, rank);
    const size_t n = j->ranks->size[rank], n_prefix = prefix_size(j, n);
    j->n_at[rank] = 0;
    if (memory_grow(&w->keys, &w->keys_capacity, 2 * n, sizeof *w->keys) != 0) {
        w->failed = 1;
        return;
    }
    for (size_t i = 0; i < n; i++)
        w->keys[i] = (uint64_t)j->frequency[items[i] >> (32 - j->bits)] << 32 | items[i];
    sort_by_high_half(w->keys, w->keys + n, n);
    uint32_t *to = j->at + j->first[rank];
    for (size_t i = 0; i < n_prefix; i++)
        if (w->keys[i] >> 32 > 1)
            to[j->n_at[rank]++] = (uint32_t)w->keys[i];
}

static void make_prefixes(void *context, size_t index, size_t worker)
{
    struct join *j = context;
    const size_t begin = index * CHUNK;
    const size_t end = begin + CHUNK < j->ranks->n ? begin + CHUNK : j->ranks->n;
    for (size_t rank = begin; rank < end; rank++)
        make_prefix(j, rank, &j->workers[worker]);
}

/* ---- the index ---- */

/* Lists of one set only are of no use, and are left out; `at` becomes positions. */
static void drop_singles(struct join *j, size_t n)
{
    uint64_t *p = j->postings;
    memset(j->n_at, 0, j->ranks->n * sizeof *j->n_at);
    size_t kept = 0;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && p[end] >> 32 == p[i] >> 32; end++)
            ;
        for (size_t k = i; end - i > 1 && k < end; k++) {
            const uint32_t rank = (uint32_t)p[k];
            j->at[j->first[rank] + j->n_at[rank]++] = (uint32_t)kept;
            p[kept++] = p[k];
        }
    }
    j->n_postings = kept;
}

static int index_prefixes(struct join *j, sikap_error *err)
{
    size_t n = 0;
    for (size_t k = 0; k < j->ranks->n; k++)
        n += j->n_at[k];
    uint64_t *spare = NULL;
    j->postings = memory_alloc(n, sizeof *j->postings);
    if (n < UINT32_MAX)
        spare = memory_alloc(n, sizeof *spare);
    if (j->postings == NULL || spare == NULL) {
        memory_free(spare);
        return error_memory(err, "near-duplicates");
    }
    n = 0;
    for (size_t k = 0; k < j->ranks->n; k++)
        for (size_t i = 0; i < j->n_at[k]; i++)
            j->postings[n++] = (uint64_t)j->at[j->first[k] + i] << 32 | k;
    if (n > 0)
        sort_by_high_half(j->postings, spare, n);
    memory_free(spare);
    drop_singles(j, n);
    return 0;
}

/* ---- candidates and their comparison ---- */

/* Walks the list that holds position `at` towards smaller sets, and counts each once more. Returns
 * 1 when the walk had to end early. */
static int walk(const struct join *j, struct join_worker *w, size_t at, size_t n_steps,
                size_t least_size, size_t *n_touched)
{
    const uint64_t shingle = j->postings[at] >> 32;
    const size_t end = at > n_steps ? at - n_steps : 0;
    size_t k = at;
    while (k > end && j->postings[k - 1] >> 32 == shingle) {
        const uint32_t other = (uint32_t)j->postings[k - 1];
        if (j->ranks->size[other] < least_size)
            return 0;
        if (w->shared[other]++ == 0)
            w->touched[(*n_touched)++] = other;
        k--;
    }
    return k == end && k > 0 && j->postings[k - 1] >> 32 == shingle;
}

static int is_matched(const struct join_worker *w, uint32_t root)
{
    for (size_t i = 0; i < w->n_matched; i++)
        if (w->matched[i] == root)
            return 1;
    return 0;
}

static void note_match(struct join_worker *w, uint32_t rank, uint32_t other, uint32_t root)
{
    if (memory_grow(&w->matched, &w->matched_capacity, w->n_matched + 1, sizeof *w->matched) != 0 ||
        memory_grow(&w->pairs, &w->pairs_capacity, w->n_pairs + 2, sizeof *w->pairs) != 0) {
        w->failed = 1;
        return;
    }
    w->matched[w->n_matched++] = root;
    w->pairs[w->n_pairs++] = rank;
    w->pairs[w->n_pairs++] = other;
}

/* unseen: lists that were not walked to their end, each of which may hold the other set too. */
static void compare(const struct join *j, struct join_worker *w, uint32_t rank, uint32_t other,
                    size_t unseen)
{
    const struct near_ranks *r = j->ranks;
    const size_t n = r->size[rank], n_other = r->size[other];
    const double t = j->similarity;
    const size_t wanted = (size_t)ceil(t / (1 + t) * (double)(n + n_other) - 1e-9);
    const size_t rest = n - prefix_size(j, n), rest_other = n_other - prefix_size(j, n_other);
    if (w->shared[other] + unseen + (rest > rest_other ? rest : rest_other) < wanted)
        return;
    const uint32_t root = near_root(j->parent, other);
    if (is_matched(w, root))
        return;
    const size_t shared = shingles_overlap(r->rows, r->row[rank], r->row[other], wanted);
    if (shared >= wanted && (double)shared / (double)(n + n_other - shared) >= t)
        note_match(w, rank, other, root);
}

static void probe(void *context, size_t index, size_t worker)
{
    const struct join *j = context;
    struct join_worker *w = &j->workers[worker];
    const size_t rank = j->base + index;
    const size_t least = (size_t)ceil(j->similarity * (double)j->ranks->size[rank] - 1e-9);
    const size_t n_lists = j->n_at[rank], share = MOST_STEPS / (n_lists + 1);
    const size_t n_steps = share > LEAST_STEPS ? share : LEAST_STEPS;
    size_t n_touched = 0, unseen = 0;
    w->n_matched = 0;
    for (size_t i = 0; i < n_lists; i++)
        unseen += (size_t)walk(j, w, j->at[j->first[rank] + i], n_steps, least, &n_touched);
    for (size_t i = 0; i < n_touched; i++)
        compare(j, w, (uint32_t)rank, w->touched[i], unseen);
    for (size_t i = 0; i < n_touched; i++)
        w->shared[w->touched[i]] = 0;
    w->n_cut += unseen > 0 && w->n_matched == 0;
}

/* The smaller tree under the larger: no path is longer than log2 of its tree. */
static void unite(struct join *j, uint32_t a, uint32_t b)
{
    a = near_root(j->parent, a);
    b = near_root(j->parent, b);
    if (a == b)
        return;
    const int a_is_larger = j->weight[a] >= j->weight[b];
    const uint32_t root = a_is_larger ? a : b, child = a_is_larger ? b : a;
    j->parent[child] = root;
    j->weight[root] += j->weight[child];
}

/* In rounds: during one the forest stands still, so what is compared does not depend on which
 * thread was faster. */
static int probe_all(struct join *j, struct pool *pool, const sikap_watch *watch, sikap_error *err)
{
    for (j->base = 0; j->base < j->ranks->n; j->base += ROUND) {
        const size_t left = j->ranks->n - j->base;
        if (watch != NULL && watch->stopped != NULL && watch->stopped(watch->context))
            return error_set(err, SIKAP_CANCELLED, NULL, 0, "stopped");
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->context, "comparing", j->base, j->ranks->n);
        parallel_for(pool, left < ROUND ? left : ROUND, probe, j);
        for (size_t w = 0; w < j->n_workers; w++) {
            struct join_worker *worker = &j->workers[w];
            if (worker->failed)
                return error_memory(err, "near-duplicates");
            for (size_t i = 0; i < worker->n_pairs; i += 2)
                unite(j, worker->pairs[i], worker->pairs[i + 1]);
            worker->n_pairs = 0;
        }
    }
    return 0;
}

static int join_alloc(struct join *j, struct pool *pool)
{
    const size_t n = j->ranks->n;
    size_t n_items = 0, n_prefix = 0;
    j->n_workers = pool_n_threads(pool);
    j->workers = memory_zero(j->n_workers, sizeof *j->workers);
    j->first = memory_alloc(n + 1, sizeof *j->first);
    j->weight = memory_alloc(n, sizeof *j->weight);
    j->n_at = memory_alloc(n, sizeof *j->n_at);
    if (j->workers == NULL || j->first == NULL || j->weight == NULL || j->n_at == NULL)
        return -1;
    for (size_t k = 0; k < n; k++) {
        j->first[k] = n_prefix;
        j->weight[k] = 1;
        n_prefix += prefix_size(j, j->ranks->size[k]);
        n_items += j->ranks->size[k];
    }
    j->bits = LEAST_BITS;
    while (j->bits < MOST_BITS && n_items > (size_t)1 << j->bits)
        j->bits++;
    j->frequency = memory_zero((size_t)1 << j->bits, sizeof *j->frequency);
    j->at = memory_alloc(n_prefix, sizeof *j->at);
    int failed = j->frequency == NULL || j->at == NULL;
    for (size_t w = 0; w < j->n_workers; w++) {
        j->workers[w].shared = memory_zero(n, sizeof *j->workers->shared);
        j->workers[w].touched = memory_alloc(n, sizeof *j->workers->touched);
        failed |= j->workers[w].shared == NULL || j->workers[w].touched == NULL;
    }
    return failed ? -1 : 0;
}

static void join_free(struct join *j)
{
    for (size_t w = 0; j->workers != NULL && w < j->n_workers; w++) {
        memory_free(j->workers[w].keys);
        memory_free(j->workers[w].shared);
        memory_free(j->workers[w].touched);
        memory_free(j->workers[w].matched);
        memory_free(j->workers[w].pairs);
    }
    memory_free(j->workers);
    memory_free(j->first);
    memory_free(j->weight);
    memory_free(j->n_at);
    memory_free(j->frequency);
    memory_free(j->at);
    memory_free(j->postings);
}

int near_join(uint32_t *parent, size_t *n_cut, const struct near_ranks *ranks, double similarity,
              struct pool *pool, const sikap_watch *watch, sikap_error *err)
{
    struct join j = {.ranks = ranks, .parent = parent, .similarity = similarity};
    int status = join_alloc(&j, pool) != 0 ? error_memory(err, "near-duplicates") : 0;
    if (status == 0) {
        parallel_for(pool, SLICES, count_slice, &j);
        parallel_for(pool, (ranks->n + CHUNK - 1) / CHUNK, make_prefixes, &j);
        for (size_t w = 0; w < j.n_workers; w++)
            if (j.workers[w].failed)
                status = error_memory(err, "near-duplicates");
    }
    if (status == 0)
        status = index_prefixes(&j, err);
    if (status == 0)
        status = probe_all(&j, pool, watch, err);
    *n_cut = 0;
    for (size_t w = 0; status == 0 && w < j.n_workers; w++)
        *n_cut += j.workers[w].n_cut;
    join_free(&j);
    return status;
}
