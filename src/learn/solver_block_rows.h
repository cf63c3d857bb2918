/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_SOLVER_BLOCK_ROWS_H
#define SIKAP_LEARN_SOLVER_BLOCK_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "learn/solver.h"

enum block_loss { BLOCK_HINGE, BLOCK_SQUARED_HINGE, BLOCK_LOGISTIC };

/* The rows of a problem as the block solver sees them. Nothing of the matrix is copied.
 *
 * A column that only one row has needs no weight while training: it is that row's own, its weight
 * is always y alpha x, so it adds y alpha x^2 to the row's decision and nothing to any other. Two
 * thirds of all word pairs are such. A vocabulary is ordered by falling document frequency, and a
 * row has those of one document last, so n_shared parts them from the rest. (In another order fewer
 * of them can be parted; the result is the same.) */
struct block_rows {
    const struct matrix *x;
    const struct problem *problem;
    size_t n;            /* rows in use: those of weight 0 are not */
    uint32_t *number;    /* [n] their numbers in the problem */
    size_t *begin, *end; /* [n] shared non-zeros are [begin, end) of x */
    size_t *last;        /* [n] its own are [end, last) */
    float *square;       /* [n] |x|^2 + N^2 */
    float *own_square;   /* [n] the own part of it */
    float *weight;       /* [n] row weights */
    double bias_square;  /* B^2, 0 without a bias */
    float near_square;   /* N^2, see struct block_lane */
    size_t n_shared;
    unsigned char *seen; /* [x->n_columns] 0, 1 or 2 (= more) rows in use have the column */
};

int block_rows_init(struct block_rows *rows, const struct problem *problem,
                    const struct solver_settings *settings, enum block_loss loss, struct pool *pool,
                    sikap_error *err);
void block_rows_clear(struct block_rows *rows);

#endif
