/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_DUPLICATES_H
#define SIKAP_ANALYSE_DUPLICATES_H

/* Shared by duplicates.c (finding) and duplicates_show.c (telling). */

#include "features/collection.h"
#include "features/near_duplicates.h"
#include "sikap_analyse.h"

struct duplicates_options {
    double similarity;
    size_t threads;
};

struct sikap_duplicates {
    struct corpus_options corpus;
    struct duplicates_options options;
    char **paths; /* [n_paths] */
    size_t n_paths;
    struct collection *c;
    uint32_t *kept;     /* [c->n_rows] the row that a row is similar to, and that stays: a kept row
                         * has itself */
    double *similarity; /* [c->n_rows] to that row */
    uint32_t *next;     /* [c->n_rows] the next row with the same kept one; UINT32_MAX at the end */
    size_t n_clusters;  /* of two and more */
    size_t n_superfluous, n_cut;
};

/* Do annotated rows of the cluster that `kept` heads differ in their labels of field f? */
int duplicates_conflict(const sikap_duplicates *d, size_t kept, size_t f);

#endif
