/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/fold_groups.h"

#include <string.h>

#include "base/memory.h"

/* A forest over rows: a parent is an earlier row, a root its own parent. */
static uint32_t root_of(uint32_t *parent, uint32_t row)
{
    while (parent[row] != row) {
        parent[row] = parent[parent[row]];
        row = parent[row];
    }
    return row;
}

static void unite(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    parent[a > b ? a : b] = a > b ? b : a;
}

/* Rows with the same value are united with the first that has it. */
static int unite_values(uint32_t *parent, const uint32_t *value, size_t n_rows, size_t n_values)
{
    uint32_t *first = memory_alloc(n_values, sizeof *first);
    if (first == NULL)
        return -1;
    memset(first, 0xFF, n_values * sizeof *first);
    for (size_t row = 0; row < n_rows; row++) {
        if (value[row] >= n_values) /* no value: for itself */
            continue;
        if (first[value[row]] == UINT32_MAX)
            first[value[row]] = (uint32_t)row;
        else
            unite(parent, first[value[row]], (uint32_t)row);
    }
    memory_free(first);
    return 0;
}

int fold_groups_new(struct fold_groups *out, size_t n_rows, const struct collection_extra *key,
                    const struct near_duplicates *near, sikap_error *err)
{
    *out = (struct fold_groups){NULL, n_rows};
    uint32_t *parent = memory_alloc(n_rows, sizeof *parent);
    if (parent == NULL)
        return error_memory(err, "folds");
    for (size_t row = 0; row < n_rows; row++)
        parent[row] = (uint32_t)row;
    if ((key != NULL && unite_values(parent, key->value, n_rows, key->names.n) != 0) ||
        (near != NULL && unite_values(parent, near->cluster, n_rows, near->n_clusters) != 0)) {
        memory_free(parent);
        return error_memory(err, "folds");
    }
    /* Roots come before their rows: they have their numbers by then. */
    size_t n = 0;
    for (size_t row = 0; row < n_rows; row++) {
        const uint32_t root = root_of(parent, (uint32_t)row);
        parent[row] = root == row ? (uint32_t)row : root;
    }
    uint32_t *number = memory_alloc(n_rows, sizeof *number);
    if (number == NULL) {
        memory_free(parent);
        return error_memory(err, "folds");
    }
    for (size_t row = 0; row < n_rows; row++)
        number[row] = parent[row] == row ? (uint32_t)n++ : number[parent[row]];
    memory_free(parent);
    out->n = n;
    out->group = number;
    if (n == n_rows)
        fold_groups_free(out);
    out->n = n;
    return 0;
}

void fold_groups_free(struct fold_groups *groups)
{
    memory_free(groups->group);
    groups->group = NULL;
}
