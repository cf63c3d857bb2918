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
};

/* An empty collection with the corpus's fields. */
int collect_new_output(struct collect *c, sikap_error *err);
/* Step B: gives each good document its row, in order; makes room in the matrix. */
int collect_accept(struct collect *c, sikap_error *err);
/* Locks the vocabulary and renumbers the rows. */
int collect_lock(struct collect *c, sikap_error *err);

#endif
