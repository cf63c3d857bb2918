/* SPDX-License-Identifier: Apache-2.0 */
/* Leakage: the documents that were learnt from are read beside the tested ones, as sets of word
 * pairs only, and all of them are searched together. */
#include "model/evaluate_leaks.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/number.h"

int evaluation_start_leaks(struct evaluation_data *d, double similarity)
{
    d->leaks.is_known = 1;
    d->leaks.similarity = similarity;
    d->leaks.is_leaked = memory_zero(d->n_rows, 1);
    return d->leaks.is_leaked == NULL ? -1 : 0;
}

int evaluation_add_leak(struct evaluation_data *d, size_t row, const char *train_id,
                        double similarity)
{
    struct evaluation_leaks *leaks = &d->leaks;
    const size_t n_documents = evaluation_n_documents(d);
    int is_listed = 0;
    for (size_t k = row % n_documents; k < d->n_rows; k += n_documents)
        is_listed |= leaks->is_leaked[k];
    leaks->is_leaked[row] = 1;
    if (is_listed)
        return 0;
    if (memory_grow(&leaks->items, &leaks->capacity, leaks->n + 1, sizeof *leaks->items) != 0)
        return -1;
    leaks->items[leaks->n] = (struct evaluation_leak){row, memory_string(train_id), similarity};
    return leaks->items[leaks->n++].train_id == NULL ? -1 : 0;
}

void evaluation_warn_of_leaks(const struct evaluation_data *d, const sikap_watch *watch)
{
    enum { EXAMPLES = 3 };
    const struct evaluation_leaks *leaks = &d->leaks;
    if (leaks->n == 0 || watch == NULL || watch->problem == NULL)
        return;
    struct buffer text = {0};
    sikap_error problem;
    for (size_t i = 0; i < leaks->n && i < EXAMPLES; i++) {
        buffer_format(&text, "%s'%.60s' like '%.60s' (", i > 0 ? ", " : "",
                      d->ids[leaks->items[i].row], leaks->items[i].train_id);
        number_print_fixed(&text, leaks->items[i].similarity, 2);
        buffer_byte(&text, ')');
    }
    buffer_text(&text, leaks->n > EXAMPLES ? ", …" : "");
    buffer_byte(&text, '\0');
    error_set(&problem, SIKAP_DATA, NULL, 0,
              "%zu of %zu documents are near-duplicates of ones learnt from: %s", leaks->n,
              evaluation_n_documents(d), text.failed ? "" : text.bytes);
    watch->problem(watch->context, &problem);
    buffer_free(&text);
}

/* Rows below the bound were learnt from, the others are tested. */
static int is_learnt_and_tested(const void *context, size_t row, size_t other)
{
    const size_t n_train = *(const size_t *)context;
    return row >= n_train && other < n_train;
}

static int compare(struct evaluation_data *d, const struct leak_search *search,
                   struct collection *train, sikap_error *err)
{
    const size_t n_train = train->n_rows, n_all = n_train + d->n_rows;
    struct shingles *all = &train->shingles;
    struct near_duplicates *near = NULL;
    struct near_duplicate *nearest = memory_alloc(n_all, sizeof *nearest);
    int status =
        nearest == NULL || shingles_append_all(all, &search->tested->shingles) != 0 ||
                evaluation_start_leaks(d, search->similarity) != 0
            ? error_memory(err, "near-duplicates")
            : near_duplicates_new(&near, all, search->similarity, search->pool, search->watch, err);
    if (status == 0) {
        d->leaks.n_train = n_train;
        near_duplicates_nearest(nearest, near, all, is_learnt_and_tested, &n_train, search->pool);
    }
    for (size_t row = n_train; status == 0 && row < n_all; row++)
        if (nearest[row].row != UINT32_MAX &&
            evaluation_add_leak(d, row - n_train, train->ids.items[nearest[row].row],
                                nearest[row].similarity) != 0)
            status = error_memory(err, "near-duplicates");
    near_duplicates_free(near);
    memory_free(nearest);
    return status;
}

int evaluation_find_leaks(struct evaluation_data *d, const struct leak_search *search,
                          sikap_error *err)
{
    const struct corpus_request wanted = {.wants_text = 1};
    const struct collect_request request = {.corpus = search->corpus,
                                            .features = search->features,
                                            .request = &wanted,
                                            .visit = collect_no_terms,
                                            .wants_shingles = 1,
                                            .ids_may_repeat = 1};
    const struct shingles *tested = &search->tested->shingles;
    struct collection *train = NULL;
    if (d->n_rows == 0 || tested->start[d->n_rows] == 0)
        return error_set(err, SIKAP_DATA, NULL, 0,
                         "--train: the tested documents have no text to compare");
    int status = collect(&train, (const char *const *)search->train->items, search->train->n,
                         &request, search->pool, search->watch, err);
    if (status == 0)
        status = compare(d, search, train, err);
    if (status == 0)
        evaluation_warn_of_leaks(d, search->watch);
    collection_free(train);
    return status;
}
