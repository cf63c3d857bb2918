/* SPDX-License-Identifier: Apache-2.0 */
/* Reading everything that an aggregation needs: the predictions that are counted, the corpus that
 * has their keys, gold, and the predictions for gold's documents. */
#include "analyse/aggregate.h"

#include <string.h>

#include "base/memory.h"

#define AT(member) offsetof(struct aggregate_options, member)
#define GROUP "Aggregating"

static const char *const methods[] = {"count", "probability", NULL};

static const struct option_row rows[] = {
    {.shown = {"by", "KEYS", NULL,
               "cells to count in: keys of the documents, with commas; year, quarter, month, week "
               "and day cut --date, KEY:month another key",
               GROUP},
     .kind = OPTION_TEXT,
     .offset = AT(by)},
    {.shown = {"date", "KEY", "date", "key of the date, YYYY-MM-DD", GROUP},
     .kind = OPTION_TEXT,
     .offset = AT(date)},
    {.shown = {"corpus", "FILE", NULL,
               "the documents' keys, joined by id, where the predictions have not got them "
               "(repeatable)",
               GROUP},
     .kind = OPTION_LIST,
     .offset = AT(corpus)},
    {.shown = {"gold", "CORPUS", NULL,
               "true labels of documents that the classifier has not learnt from: tells its errors "
               "(repeatable)",
               GROUP},
     .kind = OPTION_LIST,
     .offset = AT(gold)},
    {.shown = {"calibration", "FILE", NULL,
               "the same classifier's labels of the gold documents, where they are not among those "
               "counted",
               GROUP},
     .kind = OPTION_TEXT,
     .offset = AT(calibration)},
    {.shown = {"method", "METHOD", "count",
               "adjusted count, or its probabilistic form: count or probability", GROUP},
     .kind = OPTION_CHOICE,
     .offset = AT(method),
     .choices = methods},
    {.shown = {"bootstrap", "N", "2000", "resamples for the confidence intervals", GROUP},
     .kind = OPTION_COUNT,
     .offset = AT(bootstrap),
     .min = 1,
     .max = 1000000},
    {.shown = {"bootstrap-seed", "N", "1", "seed of the resampling", GROUP},
     .kind = OPTION_COUNT,
     .offset = AT(seed),
     .max = 4294967295.0},
    {.shown = {"threads", "N", "0", "worker threads; 0: one per core", GROUP},
     .kind = OPTION_COUNT,
     .offset = AT(threads),
     .max = 256},
};
const struct option_table aggregate_option_table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_aggregate_option(size_t i)
{
    return option_shown(&aggregate_option_table, i);
}

void sikap_aggregation_free(sikap_aggregation *a)
{
    if (a == NULL)
        return;
    for (size_t k = 0; k < a->n_keys; k++) {
        memory_free(a->keys[k].name);
        memory_free(a->keys[k].key);
    }
    memory_free(a->keys);
    memory_free_texts(a->values, a->n_cells * a->n_keys);
    for (size_t f = 0; f < a->n_fields; f++)
        aggregate_field_free(&a->fields[f]);
    memory_free(a->fields);
    memory_free(a);
}

struct reading {
    sikap_aggregation *a;
    struct corpus_options corpus_options;
    struct aggregate_options options;
    struct pool *pool;
    const sikap_watch *watch;
    const char **keys; /* [n_keys] of the documents */
    struct label_table *counted, *corpus, *gold, *calibration;
};

static int start(struct reading *r, const sikap_options *options, sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table,
                                                        &aggregate_option_table, NULL};
    sikap_aggregation *a = r->a;
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &corpus_option_table, &r->corpus_options, err);
    if (status == 0)
        status = options_read(options, &aggregate_option_table, &r->options, err);
    if (status == 0 && r->options.by == NULL)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--by is missing: the keys to count by, such as month,outlet");
    if (status == 0 && r->options.gold.n == 0 && r->options.calibration != NULL)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--calibration needs --gold: the true labels of its documents");
    if (status == 0)
        status = aggregate_parse_keys(a, r->options.by, r->options.date, err);
    if (status == 0)
        status = pool_new(&r->pool, r->options.threads, err);
    a->method = r->options.method == 0 ? AGGREGATE_COUNT : AGGREGATE_PROBABILITY;
    a->n_resamples = r->options.bootstrap;
    a->seed = r->options.seed;
    if (status == 0 && (r->keys = memory_alloc(a->n_keys, sizeof *r->keys)) == NULL)
        status = error_memory(err, "aggregation");
    for (size_t k = 0; k < a->n_keys && status == 0; k++)
        r->keys[k] = a->keys[k].key;
    return status;
}

static void finish(struct reading *r)
{
    label_table_free(r->counted);
    label_table_free(r->corpus);
    label_table_free(r->gold);
    label_table_free(r->calibration);
    memory_free(r->keys);
    pool_free(r->pool);
    option_clear(&corpus_option_table, &r->corpus_options);
    option_clear(&aggregate_option_table, &r->options);
}

static int read_tables(struct reading *r, const char *const *paths, size_t n_paths,
                       sikap_error *err)
{
    const struct aggregate_options *o = &r->options;
    struct label_request request = {.corpus = &r->corpus_options, .wants_labels = 1};
    int status = 0;
    if (o->gold.n > 0)
        status = label_table_read(&r->gold, (const char *const *)o->gold.items, o->gold.n, &request,
                                  r->watch, err);
    request.like = r->gold;
    if (status == 0 && o->calibration != NULL)
        status = label_table_read(&r->calibration, (const char *const *)&o->calibration, 1,
                                  &request, r->watch, err);
    request.keys = r->keys;
    request.n_keys = r->a->n_keys;
    if (status == 0)
        status = label_table_read(&r->counted, paths, n_paths, &request, r->watch, err);
    request.like = NULL;
    request.wants_labels = 0;
    if (status == 0 && o->corpus.n > 0)
        status = label_table_read(&r->corpus, (const char *const *)o->corpus.items, o->corpus.n,
                                  &request, r->watch, err);
    if (status == 0 && r->counted->n_rows == 0)
        status = error_set(err, SIKAP_DATA, n_paths > 0 ? paths[0] : NULL, 0, "no documents");
    return status;
}

static int measure_fields(struct reading *r, const size_t *cell_of, sikap_error *err)
{
    sikap_aggregation *a = r->a;
    const struct aggregate_input in = {.counted = r->counted,
                                       .calibration = r->gold == NULL          ? NULL
                                                      : r->calibration != NULL ? r->calibration
                                                                               : r->counted,
                                       .gold = r->gold,
                                       .cell_of = cell_of,
                                       .pool = r->pool,
                                       .watch = r->watch};
    a->fields = memory_zero(r->counted->n_fields, sizeof *a->fields);
    int status = a->fields == NULL ? error_memory(err, "aggregation") : 0;
    for (size_t f = 0; f < r->counted->n_fields && status == 0; f++) {
        if (r->watch != NULL && r->watch->stopped != NULL && r->watch->stopped(r->watch->context))
            return error_set(err, SIKAP_CANCELLED, NULL, 0, "stopped");
        if (r->watch != NULL && r->watch->progress != NULL)
            r->watch->progress(r->watch->context, "correcting", f, r->counted->n_fields);
        a->n_fields++;
        status = aggregate_measure(a, &a->fields[f], f, &in, err);
    }
    return status;
}

int sikap_aggregate(sikap_aggregation **out, const char *const *paths, size_t n_paths,
                    const sikap_options *options, const sikap_watch *watch, sikap_error *err)
{
    static const char *const standard_input[] = {"-"};
    *out = NULL;
    struct reading r = {.a = memory_zero(1, sizeof *r.a), .watch = watch};
    size_t *cell_of = NULL;
    if (r.a == NULL)
        return error_memory(err, "aggregation");
    int status = start(&r, options, err);
    if (status == 0)
        status = n_paths == 0 ? read_tables(&r, standard_input, 1, err)
                              : read_tables(&r, paths, n_paths, err);
    if (status == 0 && (cell_of = memory_alloc(r.counted->n_rows, sizeof *cell_of)) == NULL)
        status = error_memory(err, "aggregation");
    if (status == 0)
        status = aggregate_cells(r.a, r.counted, r.corpus, cell_of, watch, err);
    if (status == 0) {
        r.a->n_documents = r.counted->n_rows;
        status = measure_fields(&r, cell_of, err);
    }
    if (status == 0 && r.gold == NULL)
        error_tell(watch, NULL,
                   "counts as they are: with --gold they would be corrected for the classifier's "
                   "errors");
    memory_free(cell_of);
    finish(&r);
    if (status == 0)
        *out = r.a;
    else
        sikap_aggregation_free(r.a);
    return status;
}
