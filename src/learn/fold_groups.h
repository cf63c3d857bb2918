/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_FOLD_GROUPS_H
#define SIKAP_LEARN_FOLD_GROUPS_H

#include "features/collection.h"
#include "features/near_duplicates.h"

/* Documents that folds never part: those with the same value of the group key, near-duplicates, and
 * whoever belongs together through others. */
struct fold_groups {
    uint32_t *group; /* [n_rows] numbered without gaps in the order of the rows; NULL: each document
                      * for itself */
    size_t n;        /* groups */
};

/* key and near may be NULL. */
int fold_groups_new(struct fold_groups *out, size_t n_rows, const struct collection_extra *key,
                    const struct near_duplicates *near, sikap_error *err);
void fold_groups_free(struct fold_groups *groups);

#endif
