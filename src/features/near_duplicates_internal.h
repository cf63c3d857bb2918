/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_NEAR_DUPLICATES_INTERNAL_H
#define SIKAP_FEATURES_NEAR_DUPLICATES_INTERNAL_H

/* Shared by near_duplicates.c (clusters) and near_duplicates_join.c (which pairs to compare). */

#include "features/near_duplicates.h"

/* The distinct rows in order of size: rank k is row row[k]. */
struct near_ranks {
    const struct shingles *rows;
    size_t n;
    uint32_t *row;  /* [n] */
    uint32_t *size; /* [n] shingles */
};

/* A forest over ranks: parent[k] <= k, a root is its own parent. */
uint32_t near_root(const uint32_t *parent, uint32_t rank);

/* Joins, in `parent`, all ranks that are similar enough; *n_cut as in near_duplicates. */
int near_join(uint32_t *parent, size_t *n_cut, const struct near_ranks *ranks, double similarity,
              struct pool *pool, const sikap_watch *watch, sikap_error *err);

#endif
