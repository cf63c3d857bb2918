/* SPDX-License-Identifier: Apache-2.0 */
/* Folds that balance many labels at once, greedily: Sechidis, Tsoumakas and Vlahavas, "On the
 * stratification of multi-label data" (ECML PKDD 2011) for documents, and the same thought for
 * groups that must stay whole. Every fold wants the same share of every label, so "wants it most"
 * is "holds fewest of it so far", which is whole numbers: no rounding decides where a document
 * goes. */
#include "measure/folds.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "measure/folds_new.h"

/* Rows of numbers below a bound, as lists: row r is items[start[r] .. start[r + 1]). */
struct lists {
    size_t *start;
    uint32_t *items;
};

static void lists_free(struct lists *lists)
{
    memory_free(lists->start);
    memory_free(lists->items);
}

static size_t count_cells(const uint8_t *cells, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += cells[i] != 0;
    return count;
}

/* The labels of each document, and the documents of each label in the order of `order`. */
static int list_cells(struct lists *labels_of, struct lists *documents_of, const uint8_t *cells,
                      size_t n_documents, size_t n_labels, const uint32_t *order)
{
    const size_t n_cells = count_cells(cells, n_documents * n_labels);
    labels_of->start = memory_zero(n_documents + 1, sizeof *labels_of->start);
    labels_of->items = memory_alloc(n_cells, sizeof *labels_of->items);
    documents_of->start = memory_zero(n_labels + 2, sizeof *documents_of->start);
    documents_of->items = memory_alloc(n_cells, sizeof *documents_of->items);
    if (labels_of->start == NULL || labels_of->items == NULL || documents_of->start == NULL ||
        documents_of->items == NULL)
        return -1;
    size_t e = 0;
    for (size_t i = 0; i < n_documents; i++) {
        for (size_t l = 0; l < n_labels; l++)
            if (cells[i * n_labels + l] != 0) {
                labels_of->items[e++] = (uint32_t)l;
                documents_of->start[l + 2]++;
            }
        labels_of->start[i + 1] = e;
    }
    /* start[l + 1] runs from the beginning of list l to its end, which is the beginning of the
     * next: hence the one place more. */
    for (size_t l = 0; l < n_labels; l++)
        documents_of->start[l + 2] += documents_of->start[l + 1];
    for (size_t i = 0; i < n_documents; i++)
        for (e = labels_of->start[order[i]]; e < labels_of->start[order[i] + 1]; e++)
            documents_of->items[documents_of->start[labels_of->items[e] + 1]++] = order[i];
    return 0;
}

struct dealing {
    struct folds *folds;
    size_t n_labels;
    struct lists labels_of, documents_of;
    size_t *held;      /* [n_folds][n_labels] documents of the label in the fold */
    size_t *size;      /* [n_folds] documents in the fold */
    size_t *remaining; /* [n_labels] documents of the label not dealt yet */
    struct random random;
};

/* The fold that holds fewest of the label, then fewest documents; a draw decides the rest. label
 * n_labels: documents only. */
static size_t choose_fold(struct dealing *d, size_t label)
{
    size_t best = 0, n_best = 0;
    for (size_t f = 0; f < d->folds->n_folds; f++) {
        int better = n_best == 0 ? -1 : 0;
        if (better == 0 && label < d->n_labels) {
            const size_t here = d->held[f * d->n_labels + label];
            const size_t there = d->held[best * d->n_labels + label];
            better = (here > there) - (here < there);
        }
        if (better == 0 && n_best > 0)
            better = (d->size[f] > d->size[best]) - (d->size[f] < d->size[best]);
        if (better < 0) {
            best = f;
            n_best = 1;
        } else if (better == 0 && random_below(&d->random, ++n_best) == 0) {
            best = f;
        }
    }
    return best;
}

static void give(struct dealing *d, size_t document, size_t fold)
{
    d->folds->of[document] = (uint32_t)fold;
    d->size[fold]++;
    for (size_t e = d->labels_of.start[document]; e < d->labels_of.start[document + 1]; e++) {
        d->held[fold * d->n_labels + d->labels_of.items[e]]++;
        d->remaining[d->labels_of.items[e]]--;
    }
}

/* The label with fewest documents left to deal; n_labels when none has any. */
static size_t rarest(const struct dealing *d)
{
    size_t best = d->n_labels;
    for (size_t l = 0; l < d->n_labels; l++)
        if (d->remaining[l] > 0 && (best == d->n_labels || d->remaining[l] < d->remaining[best]))
            best = l;
    return best;
}

static void deal_all(struct dealing *d, const uint32_t *order)
{
    struct folds *f = d->folds;
    for (size_t i = 0; i < f->n_documents; i++)
        f->of[i] = FOLDS_NEVER;
    for (size_t l = 0; l < d->n_labels; l++)
        d->remaining[l] = d->documents_of.start[l + 1] - d->documents_of.start[l];
    for (size_t l = rarest(d); l < d->n_labels; l = rarest(d))
        for (size_t e = d->documents_of.start[l]; e < d->documents_of.start[l + 1]; e++) {
            const size_t document = d->documents_of.items[e];
            if (f->of[document] == FOLDS_NEVER)
                give(d, document, choose_fold(d, l));
        }
    for (size_t i = 0; i < f->n_documents; i++)
        if (f->of[order[i]] == FOLDS_NEVER)
            give(d, order[i], choose_fold(d, d->n_labels));
}

int folds_iterative(struct folds **out, const uint8_t *labels, size_t n_labels,
                    const struct folds_request *request, sikap_error *err)
{
    struct dealing d = {.n_labels = n_labels};
    int status = folds_new(&d.folds, request, request->n_documents, "documents", err);
    *out = NULL;
    if (status != 0)
        return status;
    random_seed(&d.random, request->seed, request->repeat);
    uint32_t *order = folds_shuffled(&d.random, request->n_documents);
    d.held = memory_zero(request->n_folds, n_labels * sizeof *d.held);
    d.size = memory_zero(request->n_folds, sizeof *d.size);
    d.remaining = memory_zero(n_labels, sizeof *d.remaining);
    if (order == NULL || d.held == NULL || d.size == NULL || d.remaining == NULL ||
        list_cells(&d.labels_of, &d.documents_of, labels, request->n_documents, n_labels, order) !=
            0) {
        status = error_memory(err, "folds");
        goto done;
    }
    deal_all(&d, order);
    *out = d.folds;
    d.folds = NULL;
done:
    memory_free(order);
    memory_free(d.held);
    memory_free(d.size);
    memory_free(d.remaining);
    lists_free(&d.labels_of);
    lists_free(&d.documents_of);
    folds_free(d.folds);
    return status;
}

/* ---- groups ------------------------------------------------------------------------------------
 */

struct group {
    uint32_t id;
    size_t size;
    size_t rank; /* in random order: decides between groups of one size */
};

static int by_size(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

struct packing {
    size_t n_folds, n_groups, n_labels;
    size_t *counts;      /* [n_groups][n_labels + 1] documents of each label; last: of the group */
    size_t *held;        /* [n_folds][n_labels + 1] the same, of the fold */
    double *weight;      /* [n_labels + 1] of a squared document, so that labels count alike */
    struct group *order; /* [n_groups] */
    uint32_t *fold_of;   /* [n_groups] */
};

/* Spreading a label evenly is keeping the sum of squares of what the folds hold small; a group g
 * adds 2 Σ_l weight_l held_fl g_l to it, and a part that is the same in every fold. An empty fold
 * costs nothing, so none stays empty. */
static size_t cheapest_fold(const struct packing *p, const size_t *group)
{
    size_t best = 0;
    double least = -1;
    for (size_t f = 0; f < p->n_folds; f++) {
        const size_t *held = p->held + f * (p->n_labels + 1);
        double cost = 0;
        for (size_t l = 0; l <= p->n_labels; l++)
            if (group[l] > 0)
                cost += p->weight[l] * (double)held[l] * (double)group[l];
        if (least < 0 || cost < least) {
            best = f;
            least = cost;
        }
    }
    return best;
}

static void pack(struct packing *p)
{
    for (size_t i = 0; i < p->n_groups; i++) {
        const size_t *group = p->counts + p->order[i].id * (p->n_labels + 1);
        const size_t f = cheapest_fold(p, group);
        p->fold_of[p->order[i].id] = (uint32_t)f;
        for (size_t l = 0; l <= p->n_labels; l++)
            p->held[f * (p->n_labels + 1) + l] += group[l];
    }
}

/* Counts, weights (1 / total² shared between the labels, and the same again for sizes), order. */
static int packing_prepare(struct packing *p, const uint8_t *labels, const uint32_t *group,
                           const struct folds_request *request)
{
    const size_t n_columns = p->n_labels + 1;
    struct random random;
    random_seed(&random, request->seed, request->repeat);
    uint32_t *ranks = folds_shuffled(&random, p->n_groups);
    p->counts = memory_zero(p->n_groups, n_columns * sizeof *p->counts);
    p->held = memory_zero(p->n_folds, n_columns * sizeof *p->held);
    p->weight = memory_zero(n_columns, sizeof *p->weight);
    p->order = memory_alloc(p->n_groups, sizeof *p->order);
    p->fold_of = memory_alloc(p->n_groups, sizeof *p->fold_of);
    if (ranks == NULL || p->counts == NULL || p->held == NULL || p->weight == NULL ||
        p->order == NULL || p->fold_of == NULL) {
        memory_free(ranks);
        return -1;
    }
    for (size_t i = 0; i < request->n_documents; i++) {
        size_t *counts = p->counts + group[i] * n_columns;
        for (size_t l = 0; l < p->n_labels; l++) {
            counts[l] += labels[i * p->n_labels + l] != 0;
            p->weight[l] += labels[i * p->n_labels + l] != 0;
        }
        counts[p->n_labels]++;
    }
    for (size_t l = 0; l < p->n_labels; l++)
        if (p->weight[l] > 0)
            p->weight[l] = 1 / (p->weight[l] * p->weight[l] * (double)p->n_labels);
    p->weight[p->n_labels] = 1 / ((double)request->n_documents * (double)request->n_documents);
    for (size_t g = 0; g < p->n_groups; g++)
        p->order[g] = (struct group){
            .id = (uint32_t)g, .size = p->counts[g * n_columns + p->n_labels], .rank = ranks[g]};
    qsort(p->order, p->n_groups, sizeof *p->order, by_size);
    memory_free(ranks);
    return 0;
}

int folds_grouped(struct folds **out, const uint8_t *labels, size_t n_labels, const uint32_t *group,
                  size_t n_groups, const struct folds_request *request, sikap_error *err)
{
    struct folds *f;
    int status = folds_new(&f, request, n_groups, "groups", err);
    *out = NULL;
    if (status != 0)
        return status;
    struct packing p = {.n_folds = request->n_folds,
                        .n_groups = n_groups,
                        .n_labels = labels == NULL ? 0 : n_labels};
    for (size_t i = 0; i < request->n_documents; i++)
        if (group[i] >= n_groups) {
            status = error_set(err, SIKAP_DATA, NULL, 0, "document %zu: group %lu of %zu", i,
                               (unsigned long)group[i], n_groups);
            goto done;
        }
    if (packing_prepare(&p, labels, group, request) != 0) {
        status = error_memory(err, "folds");
        goto done;
    }
    pack(&p);
    for (size_t i = 0; i < request->n_documents; i++)
        f->of[i] = p.fold_of[group[i]];
    *out = f;
    f = NULL;
done:
    memory_free(p.counts);
    memory_free(p.held);
    memory_free(p.weight);
    memory_free(p.order);
    memory_free(p.fold_of);
    folds_free(f);
    return status;
}
