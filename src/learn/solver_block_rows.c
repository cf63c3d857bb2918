/* SPDX-License-Identifier: Apache-2.0 */
/* One pass counts in how many rows each column stands (up to 2), one more finds where each row's
 * shared part ends and adds up its squares in float64. */
#include "learn/solver_block_rows.h"

#include <string.h>

#include "base/memory.h"

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
    const struct matrix *x = rows->x;
    for (size_t i = 0; i < problem->n_rows; i++) {
        const float weight = problem->row_weight != NULL ? problem->row_weight[i] : 1;
        if (!(weight > 0))
            continue;
        const size_t row = problem->rows != NULL ? problem->rows[i] : i;
        rows->number[rows->n] = (uint32_t)i;
        rows->begin[rows->n] = x->start[row];
        rows->last[rows->n] = x->start[row + 1];
        rows->weight[rows->n++] = weight;
        for (size_t k = x->start[row]; k < x->start[row + 1]; k++) {
            unsigned char *seen = &rows->seen[x->columns[k]];
            *seen = (unsigned char)(*seen + (*seen < 2));
        }
    }
    rows->n_shared = x->n_columns;
    while (rows->n_shared > 0 && rows->seen[rows->n_shared - 1] < 2)
        rows->n_shared--;
}

int block_rows_init(struct block_rows *rows, const struct problem *problem,
                    const struct solver_settings *settings, sikap_error *err)
{
    memset(rows, 0, sizeof *rows);
    rows->x = problem->x;
    rows->problem = problem;
    if (allocate(rows) != 0) {
        block_rows_clear(rows);
        return error_memory(err, "the rows of the block solver");
    }
    collect(rows);
    const double bias_square = settings->bias > 0 ? settings->bias * settings->bias : 0;
    for (size_t i = 0; i < rows->n; i++) {
        double shared = 0, own = 0;
        size_t k = rows->begin[i];
        for (; k < rows->last[i] && rows->x->columns[k] < rows->n_shared; k++)
            shared += (double)rows->x->values[k] * (double)rows->x->values[k];
        rows->end[i] = k;
        for (; k < rows->last[i]; k++)
            own += (double)rows->x->values[k] * (double)rows->x->values[k];
        rows->square[i] = (float)(shared + own + bias_square);
        rows->own_square[i] = (float)own;
    }
    return 0;
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
