/* SPDX-License-Identifier: Apache-2.0 */
/* One pass, in parallel, counts in how many rows each column stands (up to 2) and adds up each
 * row's squares in float64; then a walk back from each row's end finds where its shared part ends,
 * twice or more often where columns are not in order. */
#include "learn/solver_block_rows.h"

#include <string.h>

#include "base/memory.h"

enum { ROWS_PER_CHUNK = 256, MOST_WALKS = 4 };

static int allocate(struct block_rows *rows)
{
    const size_t n = rows->problem->n_rows;
    rows->number = memory_alloc(n, sizeof *rows->number);
    rows->begin = memory_alloc(n, sizeof *rows->begin);
    rows->end = memory_alloc(n, sizeof *rows->end);
    rows->last = memory_alloc(n, sizeof *rows->last);
    rows->square = memory_alloc(n, sizeof *rows->square);
    rows->own_square = memory_alloc(n, sizeof *rows->own_square);
    rows->weight = memory_alloc(n, sizeof *rows->weight);
    rows->seen = memory_zero(rows->x->n_columns, 1);
    return rows->number == NULL || rows->begin == NULL || rows->end == NULL || rows->last == NULL ||
                   rows->square == NULL || rows->own_square == NULL || rows->weight == NULL ||
                   rows->seen == NULL
               ? -1
               : 0;
}

static void collect(struct block_rows *rows)
{
    const struct problem *problem = rows->problem;
    for (size_t i = 0; i < problem->n_rows; i++) {
        const float weight = problem->row_weight != NULL ? problem->row_weight[i] : 1;
        if (!(weight > 0))
            continue;
        const size_t row = problem->rows != NULL ? problem->rows[i] : i;
        rows->number[rows->n] = (uint32_t)i;
        rows->begin[rows->n] = rows->x->start[row];
        rows->last[rows->n] = rows->x->start[row + 1];
        rows->weight[rows->n++] = weight;
    }
}

struct count {
    struct block_rows *rows;
    unsigned char *seen; /* [threads][n_columns] */
    size_t *shared;      /* [threads] the last column of a shared part, + 1 */
};

static size_t n_chunks(const struct block_rows *rows)
{
    return (rows->n + ROWS_PER_CHUNK - 1) / ROWS_PER_CHUNK;
}

static void count_rows(void *context, size_t index, size_t worker)
{
    const struct count *count = context;
    struct block_rows *rows = count->rows;
    const struct matrix *x = rows->x;
    unsigned char *seen = count->seen + worker * x->n_columns;
    const size_t first = index * ROWS_PER_CHUNK;
    const size_t end = rows->n - first > ROWS_PER_CHUNK ? first + ROWS_PER_CHUNK : rows->n;
    for (size_t i = first; i < end; i++) {
        double square = 0;
        for (size_t k = rows->begin[i]; k < rows->last[i]; k++) {
            const uint32_t c = x->columns[k];
            square += (double)x->values[k] * (double)x->values[k];
            seen[c] = (unsigned char)(seen[c] + (seen[c] < 2));
        }
        rows->square[i] = (float)square;
    }
}

/* What the threads have seen, together; and from which column on no two rows meet. */
static void merge_seen(struct block_rows *rows, const unsigned char *seen, size_t n_threads)
{
    const size_t n_columns = rows->x->n_columns;
    rows->n_shared = 0;
    for (size_t c = 0; c < n_columns; c++) {
        unsigned n = 0;
        for (size_t t = 0; t < n_threads; t++)
            n += seen[t * n_columns + c];
        rows->seen[c] = (unsigned char)(n > 2 ? 2 : n);
        if (n > 1)
            rows->n_shared = c + 1;
    }
}

/* N^2 of the bias (struct block_lane), a share of the mean |x|^2. Measured on news and speeches: a
 * twentieth saves the most passes with the hinge losses; with the logistic loss every row answers
 * to every move of the bias, and it is better held tighter. */
static void set_near_square(struct block_rows *rows, enum block_loss loss)
{
    double sum = 0;
    for (size_t i = 0; i < rows->n; i++)
        sum += (double)rows->square[i];
    const double mean = rows->n > 0 && sum > 0 ? sum / (double)rows->n : 1;
    const double near = (loss == BLOCK_LOGISTIC ? 0.5 : 0.05) * mean;
    rows->near_square = (float)(near < rows->bias_square ? near : rows->bias_square);
    for (size_t i = 0; i < rows->n; i++)
        rows->square[i] += rows->near_square;
}

/* A row's own part: what stands at its end of columns from n_shared on. */
static void part_rows(void *context, size_t index, size_t worker)
{
    const struct count *count = context;
    struct block_rows *rows = count->rows;
    const struct matrix *x = rows->x;
    const size_t first = index * ROWS_PER_CHUNK;
    const size_t end = rows->n - first > ROWS_PER_CHUNK ? first + ROWS_PER_CHUNK : rows->n;
    for (size_t i = first; i < end; i++) {
        double own = 0;
        size_t k = rows->last[i];
        for (; k > rows->begin[i] && x->columns[k - 1] >= rows->n_shared; k--)
            own += (double)x->values[k - 1] * (double)x->values[k - 1];
        rows->end[i] = k;
        rows->own_square[i] = (float)own;
        size_t shared = count->shared[worker];
        for (; k > rows->begin[i]; k--)
            shared = x->columns[k - 1] >= shared ? (size_t)x->columns[k - 1] + 1 : shared;
        count->shared[worker] = shared;
    }
}

/* A column from n_shared on may stand before one that is shared: then more of them are taken for
 * shared, until each row has its own columns behind all others. */
static void part_all(struct count *count, struct pool *pool)
{
    struct block_rows *rows = count->rows;
    const size_t n_threads = pool_n_threads(pool);
    for (size_t walk = 1;; walk++) {
        size_t shared = rows->n_shared;
        parallel_for(pool, n_chunks(rows), part_rows, count);
        for (size_t t = 0; t < n_threads; t++)
            shared = count->shared[t] > shared ? count->shared[t] : shared;
        if (shared == rows->n_shared)
            return;
        rows->n_shared = walk < MOST_WALKS ? shared : rows->x->n_columns;
    }
}

int block_rows_init(struct block_rows *rows, const struct problem *problem,
                    const struct solver_settings *settings, enum block_loss loss, struct pool *pool,
                    sikap_error *err)
{
    memset(rows, 0, sizeof *rows);
    rows->x = problem->x;
    rows->problem = problem;
    const size_t n_threads = pool_n_threads(pool);
    struct count count = {.rows = rows};
    rows->bias_square = settings->bias > 0 ? settings->bias * settings->bias : 0;
    count.seen = memory_zero(n_threads, problem->x->n_columns);
    count.shared = memory_zero(n_threads, sizeof *count.shared);
    const int failed = count.seen == NULL || count.shared == NULL || allocate(rows) != 0;
    if (!failed) {
        collect(rows);
        parallel_for(pool, n_chunks(rows), count_rows, &count);
        set_near_square(rows, loss);
        merge_seen(rows, count.seen, n_threads);
        part_all(&count, pool);
    }
    memory_free(count.seen);
    memory_free(count.shared);
    if (!failed)
        return 0;
    block_rows_clear(rows);
    return error_memory(err, "the rows of the block solver");
}

void block_rows_clear(struct block_rows *rows)
{
    memory_free(rows->number);
    memory_free(rows->begin);
    memory_free(rows->end);
    memory_free(rows->last);
    memory_free(rows->square);
    memory_free(rows->own_square);
    memory_free(rows->weight);
    memory_free(rows->seen);
    memset(rows, 0, sizeof *rows);
}
