/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_FOLDS_NEW_H
#define SIKAP_MEASURE_FOLDS_NEW_H

#include "base/random.h"
#include "measure/folds.h"

/* Shared by folds.c and folds_balance.c only. */

/* Empty folds, after checking that n_units (documents or groups, named in the message) suffice. */
int folds_new(struct folds **out, const struct folds_request *request, size_t n_units,
              const char *units, sikap_error *err);
/* 0 … n-1 in random order; NULL when memory is out. Freed with memory_free. */
uint32_t *folds_shuffled(struct random *random, size_t n);

#endif
