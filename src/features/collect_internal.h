/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_COLLECT_INTERNAL_H
#define SIKAP_FEATURES_COLLECT_INTERNAL_H

/* Shared by collect.c (reading), collect_rows.c (accepting documents), collect_lock.c (final term
 * numbers) and collect_limit.c (--max-memory). */

#include "features/collection.h"
#include "features/counter.h"
#include "features/row_store.h"
#include "features/term_table.h"

struct collect_worker {
    _Alignas(64) struct corpus_parser *parser; /* no two workers write to a cache line */
    struct counter counter;
    struct shingler *shingler; /* NULL: not wanted */
    struct term_table table;
    struct row_store rows;
    uint32_t *rejected; /* terms of documents that were counted and then refused */
    size_t n_rejected, rejected_capacity;
    uint64_t n_nonzeros; /* seen in the first of two readings */
    uint64_t *hashes;    /* of one document, to be looked up in a vocabulary */
    uint32_t *found;
    size_t hashes_capacity, found_capacity;
    struct arena arena; /* what is kept of the block's documents */
    int failed;
};

/* What the first of two readings leaves (collect_limit.c). */
struct collect_sketch {
    _Atomic unsigned char *counters; /* [1 << bits], by the top bits of the hash */
    unsigned bits;
    uint64_t n_nonzeros;
    unsigned least; /* of terms that the second reading takes; 0 while the first goes on */
};

struct collect_record {
    uint32_t worker;
    struct stored_row terms; /* in the worker's row store */
    size_t row;              /* SIZE_MAX: not accepted */
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
    struct collection_total total;
};

struct collect {
    const struct collect_request *request;
    struct pool *pool;
    const sikap_watch *watch;
    struct segment_plan plan;
    struct corpus *corpus;
    struct corpus_block *block, *next; /* what is counted, and what is read meanwhile */
    size_t n_next;
    int next_status;
    sikap_error next_problem;
    struct collection *out;
    struct collect_worker *workers;
    size_t n_workers;
    struct collect_record *records; /* of the block at hand */
    size_t n_records, records_capacity, chunk;
    float *visited; /* [n_records][n_visited] */
    size_t visited_capacity, rows_visited_capacity;
    size_t totals_capacity;
    struct stored_row *stored; /* [n_rows] */
    unsigned char *row_worker; /* [n_rows] whose row store it is in */
    size_t stored_capacity, row_worker_capacity;
    uint32_t text_from;            /* a worker keeps a term's text from this df on */
    struct collect_sketch *sketch; /* NULL: the corpus is read once */
};

static inline int collect_is_first_reading(const struct collect *c)
{
    return c->sketch != NULL && c->sketch->least == 0;
}

/* An empty collection with the corpus's fields. */
int collect_new_output(struct collect *c, sikap_error *err);
/* Step B: gives each good document its row, in order. */
int collect_accept(struct collect *c, sikap_error *err);
/* The df that --min-df asks for. */
uint32_t collect_least_df(const struct collect *c);
/* Locks the vocabulary and makes the matrix of the stored rows. */
int collect_lock(struct collect *c, sikap_error *err);

int collect_sketch_new(struct collect_sketch **out, const struct collect_limit *limit,
                       sikap_error *err);
void collect_sketch_free(struct collect_sketch *s);
/* Counts the terms of a document in the first reading; from any thread. */
void collect_sketch_count(struct collect_sketch *s, const struct counter *counter);
/* Takes the terms that are too rare out of a document in the second. */
void collect_sketch_filter(const struct collect_sketch *s, struct counter *counter);
/* Ends the first reading, whose rows are in c: the least df of the second, least_df or higher. */
int collect_sketch_choose(struct collect_sketch *s, const struct collect_limit *limit,
                          const struct collection *c, uint32_t least_df, sikap_error *err);

#endif
