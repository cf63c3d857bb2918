/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_NEAR_DUPLICATES_H
#define SIKAP_FEATURES_NEAR_DUPLICATES_H

#include "base/parallel.h"
#include "features/shingles.h"

/* Which rows are near-duplicates: their similarity (Jaccard of shingles) is at least a bound. The
 * search misses no pair, unless n_cut says otherwise. Clusters are the connected parts: every pair
 * that is similar enough is inside one cluster, but two rows of a cluster may be linked by a third
 * only. A row without shingles is nobody's duplicate. */
struct near_duplicates {
    size_t n_rows, n_clusters;
    double similarity;
    uint32_t *cluster; /* [n_rows] numbered in the order of their first rows */
    size_t *start;     /* [n_clusters + 1] */
    uint32_t *members; /* [n_rows] rows of cluster c, ascending: members[start[c] .. start[c + 1])
                        */
    uint32_t *same;    /* [n_rows] the first row with the very same shingles */
    /* Rows that matched nothing and whose search was cut short, because their rarest shingles are
     * those of hundreds of others: of such a crowd a pair may be missed. */
    size_t n_cut;
};

/* similarity is above 0 and at most 1. Same rows, same result, for any number of threads. */
int near_duplicates_new(struct near_duplicates **out, const struct shingles *rows,
                        double similarity, struct pool *pool, const sikap_watch *watch,
                        sikap_error *err);
void near_duplicates_free(struct near_duplicates *d);

/* For each row the most similar one that `counts` accepts as its other: row UINT32_MAX where none
 * is similar enough. Of a cluster of thousands not all are compared. */
struct near_duplicate {
    uint32_t row;
    double similarity;
};
typedef int near_duplicates_counts(const void *context, size_t row, size_t other);
void near_duplicates_nearest(struct near_duplicate *nearest, const struct near_duplicates *d,
                             const struct shingles *rows, near_duplicates_counts *counts,
                             const void *context, struct pool *pool);

#endif
