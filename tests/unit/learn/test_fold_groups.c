/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs together, worked out by hand, and folds that leave it together. */
#include "learn/fold_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "learn/out_of_fold.h"

static struct collection_extra key_of(uint32_t *value, size_t n_values)
{
    return (struct collection_extra){.name = "group", .names = {.n = n_values}, .value = value};
}

static void keys_and_likenesses_chain(void **state)
{
    (void)state;
    /* Row 0 and 3 share a key, 3 and 5 are alike, 1 and 4 share another, 2 is alone. */
    uint32_t value[] = {0, 1, UINT32_MAX, 0, 1, UINT32_MAX};
    uint32_t cluster[] = {0, 1, 2, 3, 4, 3};
    const struct collection_extra key = key_of(value, 2);
    const struct near_duplicates near = {.n_rows = 6, .n_clusters = 5, .cluster = cluster};
    const uint32_t expected[] = {0, 1, 2, 0, 1, 0};
    struct fold_groups groups;
    assert_int_equal(fold_groups_new(&groups, 6, &key, &near, NULL), 0);
    assert_int_equal(groups.n, 3);
    assert_memory_equal(groups.group, expected, sizeof expected);
    fold_groups_free(&groups);
}

static void nobody_belongs_together(void **state)
{
    (void)state;
    uint32_t value[] = {2, 0, 1}, cluster[] = {0, 1, 2};
    const struct collection_extra key = key_of(value, 3);
    const struct near_duplicates near = {.n_rows = 3, .n_clusters = 3, .cluster = cluster};
    struct fold_groups groups;
    assert_int_equal(fold_groups_new(&groups, 3, &key, &near, NULL), 0);
    assert_null(groups.group);
    assert_int_equal(groups.n, 3);
    assert_int_equal(fold_groups_new(&groups, 3, NULL, NULL, NULL), 0);
    assert_null(groups.group);
}

/* A long chain, given from its end: every row is like the one before it. */
static void a_chain_is_one_group(void **state)
{
    (void)state;
    enum { N = 2000 };
    static uint32_t value[N], cluster[N];
    for (uint32_t i = 0; i < N; i++) {
        value[i] = (N - 1 - i) / 2;
        cluster[i] = (i + 1) / 2;
    }
    const struct collection_extra key = key_of(value, N / 2);
    const struct near_duplicates near = {.n_rows = N, .n_clusters = N / 2 + 1, .cluster = cluster};
    struct fold_groups groups;
    assert_int_equal(fold_groups_new(&groups, N, &key, &near, NULL), 0);
    assert_int_equal(groups.n, 1);
    fold_groups_free(&groups);
}

/* Folds of a part of the rows: all of the part is tested, groups whole, labels even. */
static void folds_of_a_part(void **state)
{
    (void)state;
    enum { N = 60 };
    static uint8_t gold[N * 2];
    uint32_t group[N], rows[N];
    size_t n = 0;
    for (uint32_t i = 0; i < N; i++) {
        group[i] = i / 2; /* pairs */
        gold[i * 2 + i % 4 / 2] = 1;
        if (i % 6 != 5) /* leaves half pairs, and whole ones */
            rows[n++] = i;
    }
    const struct tasks tasks = {.n_rows = N + 5, .n_labelled = N, .n_tasks = 2, .gold = gold};
    for (int with_groups = 0; with_groups < 2; with_groups++) {
        const struct fold_groups groups = {with_groups ? group : NULL, with_groups ? N / 2 : N};
        struct folds *folds;
        size_t size[3] = {0}, first_label[3] = {0};
        assert_int_equal(out_of_fold_part(&folds, &tasks, &groups, rows, n, 3, 1, NULL), 0);
        assert_int_equal(folds->n_documents, n);
        for (size_t k = 0; k < n; k++) {
            assert_true(folds->of[k] < 3);
            size[folds->of[k]]++;
            first_label[folds->of[k]] += gold[rows[k] * 2];
            if (with_groups && k > 0 && group[rows[k]] == group[rows[k - 1]])
                assert_int_equal(folds->of[k], folds->of[k - 1]);
        }
        for (int f = 0; f < 3; f++) {
            assert_in_range(size[f], 15, 18); /* 50 documents */
            assert_in_range(first_label[f], 6, 11);
        }
        folds_free(folds);
    }
    struct folds *folds;
    const struct fold_groups groups = {group, N / 2};
    sikap_error err;
    assert_int_equal(out_of_fold_part(&folds, &tasks, &groups, rows, 2, 3, 1, &err), SIKAP_DATA);
    assert_null(folds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_likenesses_chain),
        cmocka_unit_test(nobody_belongs_together),
        cmocka_unit_test(a_chain_is_one_group),
        cmocka_unit_test(folds_of_a_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
