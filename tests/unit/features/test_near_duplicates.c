/* SPDX-License-Identifier: Apache-2.0 */
/* The search beside all pairs compared by brute force; crowds that must not take forever. */
#include "features/near_duplicates.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"

static struct near_duplicates *find(const struct shingles *rows, double similarity,
                                    size_t n_threads)
{
    struct pool *pool;
    struct near_duplicates *d;
    assert_int_equal(pool_new(&pool, n_threads, NULL), 0);
    assert_int_equal(near_duplicates_new(&d, rows, similarity, pool, NULL, NULL), 0);
    pool_free(pool);
    return d;
}

static int by_item(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void append_sorted(struct shingles *rows, uint32_t *items, size_t n)
{
    size_t kept = 0;
    if (n > 0)
        qsort(items, n, sizeof *items, by_item);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || items[i] != items[kept - 1])
            items[kept++] = items[i];
    assert_int_equal(shingles_append(rows, items, kept), 0);
}

/* Families of sets: a member is its family's set with some items replaced. Few items or many, small
 * numbers (which share a slot of the frequency table) or spread over all 32 bits. */
static void random_families(struct shingles *rows, uint64_t seed, size_t n_families, int is_spread)
{
    enum { LONGEST = 120 };
    struct random r;
    random_seed(&r, seed, 0);
    uint32_t base[LONGEST], items[LONGEST];
    for (size_t f = 0; f < n_families; f++) {
        const size_t n = random_below(&r, random_below(&r, 2) ? 8 : LONGEST);
        for (size_t i = 0; i < n; i++)
            base[i] = is_spread ? (uint32_t)random_next(&r) : (uint32_t)random_below(&r, 3000);
        const size_t n_members = 1 + random_below(&r, 6);
        for (size_t m = 0; m < n_members; m++) {
            memcpy(items, base, n * sizeof *items);
            const size_t n_changed = random_below(&r, n / 4 + 1);
            for (size_t i = 0; i < n_changed; i++)
                items[random_below(&r, n)] = (uint32_t)random_next(&r);
            append_sorted(rows, items, n);
        }
    }
}

/* Connected parts by comparing all pairs, the similarity counted item by item. */
static double similarity_of(const struct shingles *s, size_t a, size_t b)
{
    size_t shared = 0;
    for (size_t i = s->start[a]; i < s->start[a + 1]; i++)
        for (size_t k = s->start[b]; k < s->start[b + 1]; k++)
            shared += s->items[i] == s->items[k];
    const size_t either = shingles_n(s, a) + shingles_n(s, b) - shared;
    return either == 0 ? 0 : (double)shared / (double)either;
}

static void brute_force(uint32_t *cluster, const struct shingles *rows, double similarity)
{
    for (size_t i = 0; i < rows->n_rows; i++) {
        cluster[i] = (uint32_t)i;
        for (size_t k = 0; k < i; k++) {
            if (cluster[k] == cluster[i] || similarity_of(rows, i, k) < similarity)
                continue;
            const uint32_t low = cluster[k] < cluster[i] ? cluster[k] : cluster[i];
            const uint32_t high = cluster[k] < cluster[i] ? cluster[i] : cluster[k];
            for (size_t m = 0; m <= i; m++)
                if (cluster[m] == high)
                    cluster[m] = low;
        }
    }
}

static void misses_no_pair(void **state)
{
    (void)state;
    static const double SIMILARITIES[] = {1, 0.9, 0.8, 2.0 / 3, 0.5, 0.3, 0.1};
    for (size_t s = 0; s < sizeof SIMILARITIES / sizeof *SIMILARITIES; s++)
        for (int is_spread = 0; is_spread < 2; is_spread++) {
            struct shingles rows = {0};
            random_families(&rows, s + 1, 60, is_spread);
            uint32_t *expected = memory_alloc(rows.n_rows, sizeof *expected);
            brute_force(expected, &rows, SIMILARITIES[s]);
            struct near_duplicates *d = find(&rows, SIMILARITIES[s], 2);
            assert_int_equal(d->n_cut, 0);
            for (size_t i = 0; i < rows.n_rows; i++)
                for (size_t k = 0; k < i; k++)
                    if ((expected[i] == expected[k]) != (d->cluster[i] == d->cluster[k]))
                        fail_msg("at %g rows %zu and %zu: %g", SIMILARITIES[s], i, k,
                                 similarity_of(&rows, i, k));
            near_duplicates_free(d);
            memory_free(expected);
            shingles_free(&rows);
        }
}

static void clusters_are_numbered_and_listed(void **state)
{
    (void)state;
    struct shingles rows = {0};
    /* a, b, empty, a's likeness (4 of 5), b again, empty */
    uint32_t sets[][5] = {{1, 2, 3, 4, 5}, {6, 7}, {0}, {1, 2, 3, 4}, {6, 7}, {0}};
    const size_t n[] = {5, 2, 0, 4, 2, 0};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(shingles_append(&rows, sets[i], n[i]), 0);
    struct near_duplicates *d = find(&rows, 0.8, 1);
    const uint32_t cluster[] = {0, 1, 2, 0, 1, 3}, same[] = {0, 1, 2, 3, 1, 5};
    const uint32_t members[] = {0, 3, 1, 4, 2, 5};
    const size_t start[] = {0, 2, 4, 5, 6};
    assert_int_equal(d->n_clusters, 4);
    assert_memory_equal(d->cluster, cluster, sizeof cluster);
    assert_memory_equal(d->same, same, sizeof same);
    assert_memory_equal(d->members, members, sizeof members);
    assert_memory_equal(d->start, start, sizeof start);
    near_duplicates_free(d);
    d = find(&rows, 0.81, 1);
    assert_int_equal(d->n_clusters, 5);
    near_duplicates_free(d);
    shingles_free(&rows);
}

static void nothing_is_fine(void **state)
{
    (void)state;
    struct shingles rows = {0};
    struct near_duplicates *d = find(&rows, 0.8, 2);
    assert_int_equal(d->n_clusters, 0);
    near_duplicates_free(d);
    assert_int_equal(shingles_append(&rows, NULL, 0), 0);
    d = find(&rows, 0.8, 2);
    assert_int_equal(d->n_clusters, 1);
    near_duplicates_free(d);
    shingles_free(&rows);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    struct shingles rows = {0};
    random_families(&rows, 7, 400, 0);
    struct near_duplicates *one = find(&rows, 0.6, 1), *three = find(&rows, 0.6, 3);
    assert_int_equal(one->n_clusters, three->n_clusters);
    assert_memory_equal(one->cluster, three->cluster, rows.n_rows * sizeof *one->cluster);
    near_duplicates_free(one);
    near_duplicates_free(three);
    shingles_free(&rows);
}

/* Twenty thousand times the same text, and a template with one word of its own in each copy: all
 * pairs would be two hundred million. The test is that it ends. */
static void crowds_are_no_trouble(void **state)
{
    (void)state;
    enum { N = 20000, LENGTH = 40 };
    struct shingles same = {0}, template = {0};
    uint32_t items[LENGTH];
    for (uint32_t i = 0; i < LENGTH; i++)
        items[i] = i * 1000003U;
    for (uint32_t i = 0; i < N; i++) {
        uint32_t filled[LENGTH];
        memcpy(filled, items, sizeof filled);
        assert_int_equal(shingles_append(&same, items, LENGTH), 0);
        filled[i % LENGTH] = i * 40503U + 17;
        append_sorted(&template, filled, LENGTH);
    }
    struct near_duplicates *d = find(&same, 0.8, 2);
    assert_int_equal(d->n_clusters, 1);
    near_duplicates_free(d);
    d = find(&template, 0.8, 2);
    assert_int_equal(d->n_clusters, 1);
    near_duplicates_free(d);
    shingles_free(&same);
    shingles_free(&template);
}

static int is_on_the_other_side(const void *context, size_t row, size_t other)
{
    const unsigned char *side = context;
    return side[row] != side[other];
}

static void nearest_is_of_the_others(void **state)
{
    (void)state;
    struct shingles rows = {0};
    uint32_t sets[][6] = {
        {1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5, 7}, {1, 2, 3, 4, 5, 6}, {9, 8}};
    const size_t n[] = {6, 5, 6, 6, 2};
    for (size_t i = 0; i < 5; i++)
        append_sorted(&rows, sets[i], n[i]);
    const unsigned char side[] = {0, 0, 1, 1, 1};
    struct near_duplicates *d = find(&rows, 0.8, 1);
    struct near_duplicate nearest[5];
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 2, NULL), 0);
    near_duplicates_nearest(nearest, d, &rows, is_on_the_other_side, side, pool);
    pool_free(pool);
    /* Row 2 and row 0 share 5 of 7: only row 1 (5 of 6) is near enough to row 2. */
    const uint32_t expected[] = {3, 2, 1, 0, UINT32_MAX};
    const double similarity[] = {1, 5.0 / 6, 5.0 / 6, 1, 0};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(nearest[i].row, expected[i]);
        assert_true(fabs(nearest[i].similarity - similarity[i]) < 1e-12);
    }
    near_duplicates_free(d);
    shingles_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misses_no_pair),        cmocka_unit_test(clusters_are_numbered_and_listed),
        cmocka_unit_test(nothing_is_fine),       cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test(crowds_are_no_trouble), cmocka_unit_test(nearest_is_of_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
