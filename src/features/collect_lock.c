/* SPDX-License-Identifier: Apache-2.0 */
/* The end of reading: the workers' tables become one vocabulary, and the stored rows, whose terms
 * have provisional numbers, one matrix of final ones. How many non-zeros it has is known from the
 * document frequencies, so it is made at its final size; the rows' chunks are given back while it
 * fills. */
#include "features/collect_internal.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "features/sort.h"
#include "features/term_lock.h"

enum { GROUP = 1 << 20 /* non-zeros that are put in order before they are moved */ };

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
static int make_vocabulary(struct collect *c, uint32_t **remap, sikap_error *err)
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
        status = term_lock(&out->vocabulary, remap, tables, c->n_workers,
                           out->raised_df > 0 ? out->raised_df : wanted,
                           most_df(c->request->features->max_df, out->n_rows), c->pool, err);
    memory_free(tables);
    return status;
}

/* ---- one matrix ---- */

struct fill {
    struct collect *c;
    uint32_t **remap; /* [n_workers][number] the final number; NULL: numbers are final */
    size_t first, n;  /* the rows of the group */
    size_t *at;       /* [n + 1] where each stands in keys, before terms are dropped */
    uint64_t *keys;
    uint64_t **spare; /* [n_workers] for sorting */
    size_t *spare_capacity, at_capacity, keys_capacity;
    double (*sum)[NGRAM_KINDS]; /* [n_workers] of the counts of each kind of term */
    int *failed;                /* [n_workers] */
};

static float count_of(uint64_t key)
{
    const uint32_t bits = (uint32_t)key;
    float count;
    memcpy(&count, &bits, sizeof count);
    return count;
}

static void add_lengths(const struct fill *job, const uint64_t *keys, size_t n, double *sum)
{
    const unsigned char *kind = job->c->out->vocabulary->kind;
    double local[NGRAM_KINDS] = {0};
    for (size_t i = 0; i < n; i++)
        local[kind[keys[i] >> 32] & 1] += (double)count_of(keys[i]);
    for (int k = 0; k < NGRAM_KINDS; k++)
        sum[k] += local[k];
}

/* A row's keys in order, those of dropped terms left out: how many they are goes to start[]. */
static void order_row(void *context, size_t index, size_t worker)
{
    struct fill *job = context;
    const size_t row = job->first + index, n = job->at[index + 1] - job->at[index];
    size_t *kept = &job->c->out->counts.start[row + 1];
    *kept = 0;
    if (n == 0)
        return;
    if (memory_grow(&job->spare[worker], &job->spare_capacity[worker], n, sizeof **job->spare)) {
        job->failed[worker] = 1;
        return;
    }
    uint64_t *keys = job->keys + job->at[index];
    stored_row_keys(&job->c->stored[row], keys);
    if (job->remap == NULL) {
        *kept = n;
    } else {
        const uint32_t *remap = job->remap[job->c->row_worker[row]];
        for (size_t i = 0; i < n; i++) {
            const uint32_t term = remap[keys[i] >> 32];
            keys[*kept] = (uint64_t)term << 32 | (uint32_t)keys[i];
            *kept += term != VOCABULARY_ABSENT;
        }
        add_lengths(job, keys, *kept, job->sum[worker]);
    }
    if (*kept > 0)
        sort_by_high_half(keys, job->spare[worker], *kept);
}

static void move_row(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct fill *job = context;
    struct matrix *m = &job->c->out->counts;
    const size_t row = job->first + index, begin = m->start[row], end = m->start[row + 1];
    for (size_t i = begin; i < end; i++) {
        const uint64_t key = job->keys[job->at[index] + i - begin];
        m->columns[i] = (uint32_t)(key >> 32);
        m->values[i] = count_of(key);
    }
}

static int fill_group(struct fill *job)
{
    struct collect *c = job->c;
    size_t *start = c->out->counts.start;
    if (memory_grow(&job->keys, &job->keys_capacity, job->at[job->n], sizeof *job->keys) != 0)
        return -1;
    parallel_for(c->pool, job->n, order_row, job);
    for (size_t w = 0; w < c->n_workers; w++)
        if (job->failed[w])
            return -1;
    for (size_t i = job->first; i < job->first + job->n; i++)
        start[i + 1] += start[i];
    parallel_for(c->pool, job->n, move_row, job);
    for (size_t i = job->first; i < job->first + job->n; i++)
        row_store_free_before(&c->workers[c->row_worker[i]].rows, c->stored[i].chunk);
    return 0;
}

static int fill_rows(struct fill *job)
{
    struct collect *c = job->c;
    for (job->first = 0; job->first < c->out->n_rows; job->first += job->n) {
        size_t n = 0;
        for (job->n = 0; job->first + job->n < c->out->n_rows && n < GROUP; job->n++) {
            if (memory_grow(&job->at, &job->at_capacity, job->n + 2, sizeof *job->at) != 0)
                return -1;
            job->at[job->n] = n;
            n += stored_row_n(&c->stored[job->first + job->n]);
            job->at[job->n + 1] = n;
        }
        if (fill_group(job) != 0)
            return -1;
    }
    return 0;
}

/* Non-zeros of the matrix to be made. */
static size_t count_nonzeros(const struct collect *c)
{
    const struct collection *out = c->out;
    size_t n = 0;
    if (c->request->vocabulary == NULL)
        for (size_t t = 0; t < out->vocabulary->n_terms; t++)
            n += out->vocabulary->df[t];
    else
        for (size_t row = 0; row < out->n_rows; row++)
            n += stored_row_n(&c->stored[row]);
    return n;
}

/* Counts are whole numbers: their sums do not hang on the order. */
static void set_lengths(struct collect *c, double (*of_worker)[NGRAM_KINDS])
{
    double sum[NGRAM_KINDS] = {0};
    for (size_t w = 0; w < c->n_workers; w++)
        for (int k = 0; k < NGRAM_KINDS; k++)
            sum[k] += of_worker[w][k];
    collection_set_lengths(c->out, sum);
}

static int make_matrix(struct collect *c, uint32_t **remap, sikap_error *err)
{
    struct matrix *m = &c->out->counts;
    const size_t n = count_nonzeros(c);
    m->n_rows = c->out->n_rows;
    m->start = memory_alloc(m->n_rows + 1, sizeof *m->start);
    m->columns = memory_alloc(n, sizeof *m->columns);
    m->values = memory_alloc(n, sizeof *m->values);
    struct fill job = {.c = c, .remap = remap};
    job.spare = memory_zero(c->n_workers, sizeof *job.spare);
    job.spare_capacity = memory_zero(c->n_workers, sizeof *job.spare_capacity);
    job.sum = memory_zero(c->n_workers, sizeof *job.sum);
    job.failed = memory_zero(c->n_workers, sizeof *job.failed);
    int failed = m->start == NULL || m->columns == NULL || m->values == NULL || job.spare == NULL ||
                 job.spare_capacity == NULL || job.sum == NULL || job.failed == NULL;
    if (!failed) {
        m->start[0] = 0;
        failed = fill_rows(&job) != 0;
    }
    if (!failed && remap != NULL)
        set_lengths(c, job.sum);
    for (size_t w = 0; job.spare != NULL && w < c->n_workers; w++)
        memory_free(job.spare[w]);
    memory_free(job.sum);
    memory_free(job.spare);
    memory_free(job.spare_capacity);
    memory_free(job.failed);
    memory_free(job.at);
    memory_free(job.keys);
    return failed ? error_memory(err, "document-term matrix") : 0;
}

int collect_lock(struct collect *c, sikap_error *err)
{
    struct collection *out = c->out;
    if (c->request->vocabulary != NULL) {
        out->counts.n_columns = c->request->vocabulary->n_terms;
        return make_matrix(c, NULL, err);
    }
    uint32_t **remap = memory_zero(c->n_workers, sizeof *remap);
    int status = remap == NULL ? error_memory(err, "vocabulary") : make_vocabulary(c, remap, err);
    if (status == 0) {
        out->counts.n_columns = out->vocabulary->n_terms;
        status = make_matrix(c, remap, err);
    }
    for (size_t w = 0; remap != NULL && w < c->n_workers; w++)
        memory_free(remap[w]);
    memory_free(remap);
    return status;
}
