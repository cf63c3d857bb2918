/* SPDX-License-Identifier: Apache-2.0 */
/* The end of reading: the workers' tables become one vocabulary, and the stored rows, whose terms
 * have provisional numbers, one matrix of final ones. It is made at its final size, and the rows'
 * chunks are given back while it fills. */
#include "features/collect_internal.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "features/term_lock.h"

enum {
    GROUP = 1 << 20, /* non-zeros between givings back */
    ROWS = 32        /* that a thread takes at a time */
};

/* scikit-learn's rule: a share is multiplied by n and compared without rounding. */
static uint32_t least_df(double min_df, size_t n_rows)
{
    const double least = min_df < 1 ? ceil(min_df * (double)n_rows) : ceil(min_df);
    return least < 1 ? 1 : least > 4294967295.0 ? UINT32_MAX : (uint32_t)least;
}

static uint32_t most_df(double max_df, size_t n_rows)
{
    const double most = max_df <= 1 ? floor(max_df * (double)n_rows) : floor(max_df);
    return most > 4294967295.0 ? UINT32_MAX : (uint32_t)most;
}

uint32_t collect_least_df(const struct collect *c)
{
    return least_df(c->request->features->min_df, c->out->n_rows);
}

/* ---- one vocabulary ---- */

/* remap[worker][number]: the final number of a term; the arrays are the caller's, also after an
 * error. */
static int make_vocabulary(struct collect *c, uint32_t **remap, int *keeps_all, sikap_error *err)
{
    struct collection *out = c->out;
    struct term_table **tables = memory_alloc(c->n_workers, sizeof *tables);
    int status = tables == NULL ? -1 : 0;
    for (size_t w = 0; status == 0 && w < c->n_workers; w++) {
        struct collect_worker *from = &c->workers[w];
        tables[w] = &from->table;
        status = term_table_uncount(&from->table, from->rejected, from->n_rejected);
    }
    const uint32_t wanted = collect_least_df(c);
    if (c->sketch != NULL && c->sketch->least > wanted)
        out->raised_df = c->sketch->least;
    if (status != 0)
        status = error_memory(err, "vocabulary");
    else
        status =
            term_lock(&out->vocabulary, remap, tables, c->n_workers,
                      out->raised_df > 0 ? out->raised_df : wanted,
                      most_df(c->request->features->max_df, out->n_rows), keeps_all, c->pool, err);
    memory_free(tables);
    return status;
}

/* ---- one matrix ---- */

struct fill {
    struct collect *c;
    uint32_t **remap;      /* [n_workers][number] the final number; NULL: numbers are final */
    int keeps_all;         /* no term is dropped */
    uint32_t first_single; /* the terms from this number on are of one document */
    size_t first, end;     /* rows of the group at hand */
    struct lengths *sums;  /* [n_workers] */
};

/* Of the counts of each kind of term. No two workers write to a cache line. */
struct lengths {
    _Alignas(64) double of[NGRAM_KINDS];
};

static const uint32_t *remap_of(const struct fill *job, size_t row)
{
    return job->remap[job->c->row_worker[row]];
}

/* How many terms of a row are kept goes to start[]; to look for them is spared where all are. */
static void count_row(const struct fill *job, size_t row)
{
    const struct stored_row *stored = &job->c->stored[row];
    size_t n = stored_row_n(stored);
    if (!job->keeps_all) {
        const uint32_t *remap = remap_of(job, row);
        for (size_t i = stored_row_n(stored); i-- > 0;)
            n -= remap[stored->cells[i]] == VOCABULARY_ABSENT;
    }
    job->c->out->counts.start[row + 1] = n;
}

static void count_rows(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct fill *job = context;
    const size_t n_rows = job->c->out->n_rows;
    for (size_t row = index * ROWS; row < n_rows && row < (index + 1) * ROWS; row++)
        count_row(job, row);
}

/* A row of the matrix while it is written: from the front, terms of one document from the back. */
struct row_place {
    uint32_t *columns;
    float *values;
    size_t front, back;
};

static inline void put_term(struct row_place *to, uint32_t term, float count, int is_single)
{
    const size_t at = is_single ? --to->back : to->front++;
    to->columns[at] = term;
    to->values[at] = count;
}

static void fill_row(const struct fill *job, size_t row, double sum[NGRAM_KINDS])
{
    const struct matrix *m = &job->c->out->counts;
    const struct stored_row *stored = &job->c->stored[row];
    struct row_place to = {m->columns, m->values, m->start[row], m->start[row + 1]};
    const size_t n = stored_row_n(stored);
    if (job->remap == NULL) {
        for (size_t i = 0; i < n; i++)
            put_term(&to, stored->cells[i], stored_row_count(stored, i), 0);
        return;
    }
    const uint32_t *remap = remap_of(job, row);
    const unsigned char *kind = job->c->out->vocabulary->kind;
    double all = 0, chars = 0; /* whole numbers: their difference is exact */
    for (size_t i = 0; i < n; i++) {
        const uint32_t term = remap[stored->cells[i]];
        if (term == VOCABULARY_ABSENT)
            continue;
        const float count = stored_row_count(stored, i);
        chars += kind[term] & 1 ? (double)count : 0;
        all += (double)count;
        put_term(&to, term, count, term >= job->first_single);
    }
    sum[NGRAM_WORD] += all - chars;
    sum[NGRAM_CHAR] += chars;
}

static void fill_some(void *context, size_t index, size_t worker)
{
    const struct fill *job = context;
    const size_t first = job->first + index * ROWS;
    for (size_t row = first; row < job->end && row < first + ROWS; row++)
        fill_row(job, row, job->sums[worker].of);
}

static size_t n_tasks(size_t n_rows)
{
    return (n_rows + ROWS - 1) / ROWS;
}

static void fill_rows(struct fill *job)
{
    struct collect *c = job->c;
    const size_t *start = c->out->counts.start, n_rows = c->out->n_rows;
    for (; job->first < n_rows; job->first = job->end) {
        while (job->end < n_rows && start[job->end] - start[job->first] < GROUP)
            job->end++;
        parallel_for(c->pool, n_tasks(job->end - job->first), fill_some, job);
        for (size_t i = job->first; i < job->end; i++)
            row_store_free_before(&c->workers[c->row_worker[i]].rows, c->stored[i].chunk);
    }
}

/* Counts are whole numbers: their sums do not hang on the order. */
static void set_lengths(struct collect *c, const struct lengths *of_worker)
{
    double sum[NGRAM_KINDS] = {0};
    for (size_t w = 0; w < c->n_workers; w++)
        for (int k = 0; k < NGRAM_KINDS; k++)
            sum[k] += of_worker[w].of[k];
    collection_set_lengths(c->out, sum);
}

/* Terms stand in order of df, so those of one document are the last. */
static uint32_t first_single(const struct vocabulary *v)
{
    size_t n = v->n_terms;
    while (n > 0 && v->df[n - 1] == 1)
        n--;
    return (uint32_t)n;
}

/* remap NULL: the rows' terms have their final numbers. */
static int make_matrix(struct collect *c, uint32_t **remap, int keeps_all, sikap_error *err)
{
    struct matrix *m = &c->out->counts;
    struct fill job = {.c = c, .remap = remap, .keeps_all = keeps_all};
    m->n_rows = c->out->n_rows;
    m->start = memory_alloc(m->n_rows + 1, sizeof *m->start);
    job.sums = memory_aligned_zero(c->n_workers, sizeof *job.sums);
    int failed = m->start == NULL || job.sums == NULL;
    if (!failed) {
        m->start[0] = 0;
        parallel_for(c->pool, n_tasks(m->n_rows), count_rows, &job);
        for (size_t row = 0; row < m->n_rows; row++)
            m->start[row + 1] += m->start[row];
        m->columns = memory_alloc(m->start[m->n_rows], sizeof *m->columns);
        m->values = memory_alloc(m->start[m->n_rows], sizeof *m->values);
        failed = m->columns == NULL || m->values == NULL;
    }
    if (!failed) {
        if (remap != NULL)
            job.first_single = first_single(c->out->vocabulary);
        fill_rows(&job);
        if (remap != NULL)
            set_lengths(c, job.sums);
    }
    memory_free(job.sums);
    return failed ? error_memory(err, "document-term matrix") : 0;
}

int collect_lock(struct collect *c, sikap_error *err)
{
    struct collection *out = c->out;
    if (c->request->vocabulary != NULL) {
        out->counts.n_columns = c->request->vocabulary->n_terms;
        return make_matrix(c, NULL, 1, err);
    }
    uint32_t **remap = memory_zero(c->n_workers, sizeof *remap);
    int keeps_all = 0;
    int status = remap == NULL ? error_memory(err, "vocabulary")
                               : make_vocabulary(c, remap, &keeps_all, err);
    if (status == 0) {
        out->counts.n_columns = out->vocabulary->n_terms;
        status = make_matrix(c, remap, keeps_all, err);
    }
    for (size_t w = 0; remap != NULL && w < c->n_workers; w++)
        memory_free(remap[w]);
    memory_free(remap);
    return status;
}
