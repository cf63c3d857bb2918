/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_MATRIX_H
#define SIKAP_FEATURES_MATRIX_H

#include <stddef.h>
#include <stdint.h>

/* A sparse matrix in compressed rows: row i holds columns[start[i] .. start[i+1]), none twice and
 * in no order, with values beside them. 8 bytes a non-zero. The block solver is faster where
 * columns that one row alone has are the last of all, and stand last in it. Two matrices may share
 * start and columns and differ in values (a fold's own idf): `borrowed` says that only `values` is
 * ours. */
struct matrix {
    size_t n_rows;
    size_t n_columns;
    size_t *start;     /* [n_rows + 1] */
    uint32_t *columns; /* [start[n_rows]] */
    float *values;     /* [start[n_rows]] */
    int borrowed;
};

void matrix_free(struct matrix *m); /* frees the arrays, not m */

#endif
