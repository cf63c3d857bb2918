/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_TERM_LOCK_H
#define SIKAP_FEATURES_TERM_LOCK_H

#include "base/error.h"
#include "base/parallel.h"
#include "features/term_table.h"
#include "features/vocabulary.h"

/* Makes one vocabulary of the tables of n_tables workers: keeps the terms with min_df <= df <=
 * max_df (at least 1) over all of them, numbered by df (descending) and rank, and fills
 * remap[table][number] with the final number or VOCABULARY_ABSENT (each array is the caller's,
 * memory_free; also after an error). The tables are emptied on the way. A kept term has its text in
 * at least one table. *keeps_all says
 * that no term was dropped. *out is the caller's; NULL after an error. */
int term_lock(struct vocabulary **out, uint32_t **remap, struct term_table *const *tables,
              size_t n_tables, uint32_t min_df, uint32_t max_df, int *keeps_all, struct pool *pool,
              sikap_error *err);

#endif
