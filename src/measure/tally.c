/* SPDX-License-Identifier: Apache-2.0 */
/* Sparse rows of counts. A document gives or deserves two or three of ninety labels, so its row has
 * a handful of entries, and a resample of ten thousand documents costs some tens of thousands of
 * additions. Counts are whole numbers held in double: their sums are exact up to 2^53, in any
 * order. */
#include "measure/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int tally_new(struct tally **out, size_t n_units, size_t n_columns, size_t n_entries,
              sikap_error *err)
{
    *out = NULL;
    if (n_columns > UINT32_MAX)
        return error_set(err, SIKAP_USAGE, NULL, 0, "more than %lu columns in a tally",
                         (unsigned long)UINT32_MAX);
    struct tally *t = memory_zero(1, sizeof *t);
    if (t == NULL)
        return error_memory(err, "tally");
    t->n_units = n_units;
    t->n_columns = n_columns;
    t->start = memory_zero(n_units + 1, sizeof *t->start);
    t->columns = memory_alloc(n_entries, sizeof *t->columns);
    t->values = memory_alloc(n_entries, sizeof *t->values);
    if (t->start == NULL || t->columns == NULL || t->values == NULL) {
        tally_free(t);
        return error_memory(err, "tally");
    }
    *out = t;
    return 0;
}

void tally_free(struct tally *tally)
{
    if (tally == NULL)
        return;
    memory_free(tally->start);
    memory_free(tally->columns);
    memory_free(tally->values);
    memory_free(tally);
}

static size_t add(struct tally *t, size_t e, size_t column, double value)
{
    t->columns[e] = (uint32_t)column;
    t->values[e] = value;
    return e + 1;
}

int tally_multi(struct tally **out, const uint8_t *gold, const uint8_t *predicted,
                size_t n_documents, size_t n_labels, sikap_error *err)
{
    *out = NULL;
    if (n_labels > UINT32_MAX / TALLY_PER_LABEL - 1)
        return error_set(err, SIKAP_USAGE, NULL, 0, "%zu labels are too many", n_labels);
    size_t n_entries = TALLY_PER_UNIT * n_documents;
    for (size_t i = 0; i < n_documents * n_labels; i++)
        n_entries += gold[i] != 0 || predicted[i] != 0;
    struct tally *t;
    const int status =
        tally_new(&t, n_documents, tally_unit_column(n_labels, TALLY_PER_UNIT), n_entries, err);
    if (status != 0)
        return status;
    size_t e = 0;
    for (size_t i = 0; i < n_documents; i++) {
        const uint8_t *g = gold + i * n_labels;
        const uint8_t *p = predicted + i * n_labels;
        int exact = 1;
        for (size_t l = 0; l < n_labels; l++) {
            if (g[l] == 0 && p[l] == 0)
                continue;
            const size_t which = g[l] == 0 ? TALLY_FP : p[l] == 0 ? TALLY_FN : TALLY_TP;
            exact &= which == TALLY_TP;
            e = add(t, e, tally_label_column(l, which), 1);
        }
        if (exact)
            e = add(t, e, tally_unit_column(n_labels, TALLY_EXACT), 1);
        e = add(t, e, tally_unit_column(n_labels, TALLY_DOCUMENTS), 1);
        t->start[i + 1] = e;
    }
    *out = t;
    return 0;
}

int tally_single(struct tally **out, const uint32_t *gold, const uint32_t *predicted,
                 size_t n_documents, size_t n_labels, sikap_error *err)
{
    *out = NULL;
    if (n_labels > UINT32_MAX / TALLY_PER_LABEL - 1)
        return error_set(err, SIKAP_USAGE, NULL, 0, "%zu labels are too many", n_labels);
    for (size_t i = 0; i < n_documents; i++)
        if (gold[i] >= n_labels || predicted[i] >= n_labels)
            return error_set(err, SIKAP_DATA, NULL, 0, "document %zu: label %lu of %zu", i,
                             (unsigned long)(gold[i] >= n_labels ? gold[i] : predicted[i]),
                             n_labels);
    struct tally *t;
    const int status = tally_new(&t, n_documents, tally_unit_column(n_labels, TALLY_PER_UNIT),
                                 3 * n_documents, err);
    if (status != 0)
        return status;
    size_t e = 0;
    for (size_t i = 0; i < n_documents; i++) {
        const uint32_t g = gold[i], p = predicted[i];
        if (g == p) {
            e = add(t, e, tally_label_column(g, TALLY_TP), 1);
            e = add(t, e, tally_unit_column(n_labels, TALLY_EXACT), 1);
        } else if (p < g) {
            e = add(t, e, tally_label_column(p, TALLY_FP), 1);
            e = add(t, e, tally_label_column(g, TALLY_FN), 1);
        } else {
            e = add(t, e, tally_label_column(g, TALLY_FN), 1);
            e = add(t, e, tally_label_column(p, TALLY_FP), 1);
        }
        e = add(t, e, tally_unit_column(n_labels, TALLY_DOCUMENTS), 1);
        t->start[i + 1] = e;
    }
    *out = t;
    return 0;
}

int tally_dense(struct tally **out, const double *table, size_t n_units, size_t n_columns,
                sikap_error *err)
{
    *out = NULL;
    size_t n_entries = 0;
    for (size_t i = 0; i < n_units * n_columns; i++)
        n_entries += table[i] != 0;
    struct tally *t;
    const int status = tally_new(&t, n_units, n_columns, n_entries, err);
    if (status != 0)
        return status;
    size_t e = 0;
    for (size_t i = 0; i < n_units; i++) {
        for (size_t c = 0; c < n_columns; c++)
            if (table[i * n_columns + c] != 0)
                e = add(t, e, c, table[i * n_columns + c]);
        t->start[i + 1] = e;
    }
    *out = t;
    return 0;
}

/* The units of each group, in order: order[first[g] .. first[g + 1]). first has n_groups + 1. */
static void gather(const uint32_t *group, size_t n_units, size_t n_groups, size_t *first,
                   size_t *order)
{
    memset(first, 0, (n_groups + 1) * sizeof *first);
    for (size_t u = 0; u < n_units; u++)
        first[group[u] + 1]++;
    for (size_t g = 0; g < n_groups; g++)
        first[g + 1] += first[g];
    for (size_t u = 0; u < n_units; u++)
        order[first[group[u]]++] = u;
    for (size_t g = n_groups; g > 0; g--)
        first[g] = first[g - 1];
    first[0] = 0;
}

/* Sums the rows of some units through a dense scratch row, which is left all zero. */
static size_t merge_rows(struct tally *t, size_t e, const struct tally *from, const size_t *units,
                         size_t n, double *scratch)
{
    for (size_t i = 0; i < n; i++)
        for (size_t f = from->start[units[i]]; f < from->start[units[i] + 1]; f++)
            scratch[from->columns[f]] += from->values[f];
    for (size_t c = 0; c < from->n_columns; c++) {
        if (scratch[c] != 0)
            e = add(t, e, c, scratch[c]);
        scratch[c] = 0;
    }
    return e;
}

int tally_by_group(struct tally **out, const struct tally *tally, const uint32_t *group,
                   size_t n_groups, sikap_error *err)
{
    *out = NULL;
    for (size_t u = 0; u < tally->n_units; u++)
        if (group[u] >= n_groups)
            return error_set(err, SIKAP_DATA, NULL, 0, "unit %zu: group %lu of %zu", u,
                             (unsigned long)group[u], n_groups);
    struct tally *t = NULL;
    size_t *first = memory_alloc(n_groups + 1, sizeof *first);
    size_t *order = memory_alloc(tally->n_units, sizeof *order);
    double *scratch = memory_zero(tally->n_columns, sizeof *scratch);
    int status;
    if (first == NULL || order == NULL || scratch == NULL) {
        status = error_memory(err, "groups of a tally");
        goto done;
    }
    /* Merging only removes entries, so there is room. */
    status = tally_new(&t, n_groups, tally->n_columns, tally->start[tally->n_units], err);
    if (status != 0)
        goto done;
    gather(group, tally->n_units, n_groups, first, order);
    size_t e = 0;
    for (size_t g = 0; g < n_groups; g++) {
        e = merge_rows(t, e, tally, order + first[g], first[g + 1] - first[g], scratch);
        t->start[g + 1] = e;
    }
    *out = t;
done:
    memory_free(first);
    memory_free(order);
    memory_free(scratch);
    return status;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int tally_by_any_group(struct tally **out, const struct tally *tally, const uint32_t *group,
                       sikap_error *err)
{
    *out = NULL;
    const size_t n = tally->n_units;
    uint32_t *sorted = memory_alloc(2 * n, sizeof *sorted);
    if (sorted == NULL)
        return error_memory(err, "groups of a tally");
    uint32_t *number = sorted + n;
    memcpy(sorted, group, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_number);
    size_t n_groups = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || sorted[i] != sorted[n_groups - 1])
            sorted[n_groups++] = sorted[i];
    for (size_t i = 0; i < n; i++) {
        const uint32_t *at = bsearch(&group[i], sorted, n_groups, sizeof *sorted, by_number);
        number[i] = (uint32_t)(at - sorted);
    }
    const int status = tally_by_group(out, tally, number, n_groups, err);
    memory_free(sorted);
    return status;
}

int tally_multi_by(struct tally **out, const uint8_t *gold, const uint8_t *predicted,
                   size_t n_documents, size_t n_labels, const uint32_t *group, sikap_error *err)
{
    struct tally *documents;
    *out = NULL;
    int status = tally_multi(&documents, gold, predicted, n_documents, n_labels, err);
    if (status == 0 && group == NULL) {
        *out = documents;
        return 0;
    }
    if (status == 0)
        status = tally_by_any_group(out, documents, group, err);
    tally_free(documents);
    return status;
}

int tally_join(struct tally **out, const struct tally *a, const struct tally *b, sikap_error *err)
{
    *out = NULL;
    if (a->n_units != b->n_units)
        return error_set(err, SIKAP_USAGE, NULL, 0, "cannot pair %zu units with %zu", a->n_units,
                         b->n_units);
    struct tally *t;
    const int status = tally_new(&t, a->n_units, a->n_columns + b->n_columns,
                                 a->start[a->n_units] + b->start[b->n_units], err);
    if (status != 0)
        return status;
    size_t e = 0;
    for (size_t u = 0; u < a->n_units; u++) {
        for (size_t f = a->start[u]; f < a->start[u + 1]; f++)
            e = add(t, e, a->columns[f], a->values[f]);
        for (size_t f = b->start[u]; f < b->start[u + 1]; f++)
            e = add(t, e, a->n_columns + b->columns[f], b->values[f]);
        t->start[u + 1] = e;
    }
    *out = t;
    return 0;
}

void tally_sums(const struct tally *tally, double *sums)
{
    for (size_t c = 0; c < tally->n_columns; c++)
        sums[c] = 0;
    for (size_t e = 0; e < tally->start[tally->n_units]; e++)
        sums[tally->columns[e]] += tally->values[e];
}

void tally_units_with(const struct tally *units, size_t n_labels, size_t *n_with)
{
    memset(n_with, 0, n_labels * sizeof *n_with);
    for (size_t u = 0; u < units->n_units; u++) {
        size_t last = SIZE_MAX;
        for (size_t e = units->start[u]; e < units->start[u + 1]; e++) {
            const size_t label = units->columns[e] / TALLY_PER_LABEL;
            const size_t which = units->columns[e] % TALLY_PER_LABEL;
            if (label >= n_labels || which == TALLY_FP || label == last || !(units->values[e] > 0))
                continue;
            n_with[label]++;
            last = label;
        }
    }
}
