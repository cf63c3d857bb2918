/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_COLLECT_INTERNAL_H
#define SIKAP_FEATURES_COLLECT_INTERNAL_H

/* Shared by collect.c (reading) and collect_rows.c (accepting documents, locking). */

#include "features/collection.h"
#include "features/counter.h"
#include "features/term_table.h"

#define COLLECT_REJECTED UINT32_MAX

struct collect_item {
    uint64_t hash;
    uint32_t position;
};

struct collect_bucket {
    struct collect_item *items;
    size_t n, capacity;
};

struct collect_worker {
    struct corpus_parser *parser;
    struct counter counter;
    struct shingler *shingler; /* NULL: not wanted */
    uint32_t *terms;           /* beside counter.counts: the provisional term, 0 before step C */
    size_t terms_capacity;
    uint64_t *hashes;
    size_t hashes_capacity;
    struct collect_bucket buckets[TERM_PARTITIONS];
    struct arena arena; /* what is kept of the block's documents */
    struct buffer text;
    int failed;
};

/* What the first of two readings leaves (collect_limit.c). */
struct collect_sketch {
    unsigned char *counters; /* [TERM_PARTITIONS][mask + 1] */
    size_t mask;
    uint64_t n_nonzeros;
    unsigned least; /* of terms that the second reading takes; 0 while the first goes on */
};

struct collect_record {
    uint32_t worker;
    size_t first, n; /* its terms, in the worker's arrays */
    size_t row;      /* SIZE_MAX: not accepted */
    struct text id;
    const char *file;
    size_t line;
    struct document_labels *fields;
    struct text *labels, *extras;
    sikap_error *problem;
    uint64_t fingerprint;
    size_t n_bytes, n_repaired;
    size_t first_shingle, n_shingles; /* in the worker's shingler */
    int is_unlabelled;
    float total; /* counts of all its terms */
};

struct collect {
    const struct collect_request *request;
    struct pool *pool;
    const sikap_watch *watch;
    struct segment_plan plan;
    struct corpus *corpus;
    struct corpus_block *block;
    struct collection *out;
    struct term_table *table;
    struct collect_worker *workers;
    size_t n_workers;
    struct collect_record *records; /* of the block at hand */
    size_t n_records, records_capacity, chunk;
    float *visited; /* [n_records][n_visited] */
    size_t visited_capacity, rows_visited_capacity;
    size_t nonzeros_capacity[2], start_capacity, totals_capacity;
    unsigned char partition_failed[TERM_PARTITIONS];
    struct collect_sketch *sketch; /* NULL: the corpus is read once */
};

static inline int collect_is_first_reading(const struct collect *c)
{
    return c->sketch != NULL && c->sketch->least == 0;
}

/* An empty collection with the corpus's fields. */
int collect_new_output(struct collect *c, sikap_error *err);
/* Step B: gives each good document its row, in order; makes room in the matrix. */
int collect_accept(struct collect *c, sikap_error *err);
/* The df that --min-df asks for. */
uint32_t collect_least_df(const struct collect *c);
/* Locks the vocabulary and renumbers the rows. */
int collect_lock(struct collect *c, sikap_error *err);

int collect_sketch_new(struct collect_sketch **out, const struct collect_limit *limit,
                       sikap_error *err);
void collect_sketch_free(struct collect_sketch *s);
void collect_sketch_partition(void *context, size_t index, size_t worker);
void collect_sketch_filter(const struct collect_sketch *s, struct counter *counter, size_t first);
/* Ends the first reading, whose rows are in c: the least df of the second, least_df or higher. */
int collect_sketch_choose(struct collect_sketch *s, const struct collect_limit *limit,
                          const struct collection *c, uint32_t least_df, sikap_error *err);

#endif
