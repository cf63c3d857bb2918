/* SPDX-License-Identifier: Apache-2.0 */
/* Folds that need no search: a shuffle dealt round, class by class, or time cut into blocks. Those
 * that balance many labels at once are in folds_balance.c. */
#include "measure/folds.h"

#include <stdlib.h>

#include "base/memory.h"
#include "measure/folds_new.h"

int folds_new(struct folds **out, const struct folds_request *request, size_t n_units,
              const char *units, sikap_error *err)
{
    *out = NULL;
    if (request->n_folds < 2)
        return error_set(err, SIKAP_USAGE, NULL, 0, "%zu folds, at least 2 are needed",
                         request->n_folds);
    if (n_units < request->n_folds || request->n_documents >= UINT32_MAX)
        return error_set(err, SIKAP_DATA, NULL, 0, "%zu %s cannot be cut into %zu folds", n_units,
                         units, request->n_folds);
    struct folds *f = memory_zero(1, sizeof *f);
    if (f == NULL)
        return error_memory(err, "folds");
    f->n_documents = request->n_documents;
    f->n_folds = request->n_folds;
    f->of = memory_alloc(f->n_documents, sizeof *f->of);
    if (f->of == NULL) {
        folds_free(f);
        return error_memory(err, "folds");
    }
    *out = f;
    return 0;
}

void folds_free(struct folds *folds)
{
    if (folds == NULL)
        return;
    memory_free(folds->of);
    memory_free(folds);
}

uint32_t *folds_shuffled(struct random *random, size_t n)
{
    uint32_t *order = memory_alloc(n, sizeof *order);
    if (order == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    random_shuffle(random, order, n);
    return order;
}

int folds_plain(struct folds **out, const struct folds_request *request, sikap_error *err)
{
    struct folds *f;
    const int status = folds_new(&f, request, request->n_documents, "documents", err);
    *out = NULL;
    if (status != 0)
        return status;
    struct random random;
    random_seed(&random, request->seed, request->repeat);
    uint32_t *order = folds_shuffled(&random, f->n_documents);
    if (order == NULL) {
        folds_free(f);
        return error_memory(err, "folds");
    }
    for (size_t i = 0; i < f->n_documents; i++)
        f->of[order[i]] = (uint32_t)(i % f->n_folds);
    memory_free(order);
    *out = f;
    return 0;
}

/* Deals the shuffled documents, one class behind the other, as one deck: a class gets consecutive
 * cards, hence even shares, and the deck as a whole is even too. first has n_classes + 1 zeros. */
static void deal(struct folds *f, const uint32_t *class_of, const uint32_t *order, size_t *first,
                 size_t n_classes)
{
    for (size_t i = 0; i < f->n_documents; i++)
        first[class_of[i] + 1]++;
    for (size_t c = 0; c < n_classes; c++)
        first[c + 1] += first[c];
    for (size_t i = 0; i < f->n_documents; i++)
        f->of[order[i]] = (uint32_t)(first[class_of[order[i]]]++ % f->n_folds);
}

int folds_stratified(struct folds **out, const uint32_t *class_of, size_t n_classes,
                     const struct folds_request *request, sikap_error *err)
{
    struct folds *f;
    int status = folds_new(&f, request, request->n_documents, "documents", err);
    *out = NULL;
    if (status != 0)
        return status;
    uint32_t *order = NULL;
    size_t *first = NULL;
    for (size_t i = 0; i < f->n_documents; i++)
        if (class_of[i] >= n_classes) {
            status = error_set(err, SIKAP_DATA, NULL, 0, "document %zu: class %lu of %zu", i,
                               (unsigned long)class_of[i], n_classes);
            goto done;
        }
    struct random random;
    random_seed(&random, request->seed, request->repeat);
    order = folds_shuffled(&random, f->n_documents);
    first = memory_zero(n_classes + 1, sizeof *first);
    if (order == NULL || first == NULL) {
        status = error_memory(err, "folds");
        goto done;
    }
    deal(f, class_of, order, first, n_classes);
    *out = f;
    f = NULL;
done:
    memory_free(order);
    memory_free(first);
    folds_free(f);
    return status;
}

struct moment {
    int64_t time;
    uint32_t document;
};

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->document < y->document ? -1 : x->document > y->document;
}

/* Cuts the sorted moments into n_folds + 1 blocks. A cut may stand only where the time changes, and
 * must leave a time for each of the blocks behind it; among those places the one nearest to the
 * even share is taken. */
static void cut(struct folds *f, const struct moment *moments, size_t n_times)
{
    const size_t n = f->n_documents, n_blocks = f->n_folds + 1;
    size_t at = 0, times_left = n_times;
    for (size_t block = 0; block < n_blocks; block++) {
        const size_t blocks_left = n_blocks - block;
        const size_t target = block + 1 == n_blocks ? n : (block + 1) * n / n_blocks;
        size_t end = at;
        do { /* one time more */
            size_t next = end + 1;
            while (next < n && moments[next].time == moments[end].time)
                next++;
            if (end > at && next > target && next - target > target - end)
                break;
            end = next;
            times_left--;
        } while (times_left >= blocks_left && end < target);
        for (; at < end; at++)
            f->of[moments[at].document] = block == 0 ? FOLDS_NEVER : (uint32_t)(block - 1);
    }
}

int folds_forward(struct folds **out, const int64_t *time, const struct folds_request *request,
                  sikap_error *err)
{
    struct folds *f;
    int status = folds_new(&f, request, request->n_documents, "documents", err);
    *out = NULL;
    if (status != 0)
        return status;
    f->forward = 1;
    struct moment *moments = memory_alloc(f->n_documents, sizeof *moments);
    if (moments == NULL) {
        status = error_memory(err, "folds");
        goto done;
    }
    for (size_t i = 0; i < f->n_documents; i++)
        moments[i] = (struct moment){.time = time[i], .document = (uint32_t)i};
    qsort(moments, f->n_documents, sizeof *moments, by_time);
    size_t n_times = 1;
    for (size_t i = 1; i < f->n_documents; i++)
        n_times += moments[i].time != moments[i - 1].time;
    if (n_times < f->n_folds + 1) {
        status = error_set(err, SIKAP_DATA, NULL, 0,
                           "%zu different times, %zu folds in time order need %zu", n_times,
                           f->n_folds, f->n_folds + 1);
        goto done;
    }
    cut(f, moments, n_times);
    *out = f;
    f = NULL;
done:
    memory_free(moments);
    folds_free(f);
    return status;
}
