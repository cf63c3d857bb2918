/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_EVALUATE_TUNING_H
#define SIKAP_MODEL_EVALUATE_TUNING_H

#include <stddef.h>

#include "base/buffer.h"

/* What a search for options found in each fold of a cross-validation. Values are means over the
 * fields of what thresholds are learnt for (micro F1, macro F1, or the mean of both). */
struct evaluation_tuned {
    size_t repeat, fold; /* from 0 */
    char *options;       /* "--cost 2 --idf log"; "": nothing better than what was given */
    double given, found; /* inside the fold: of the options as given, and of those found. The
                          * latter is the best of many, and flatters */
    double tested;       /* of the labels of the fold's documents, on which nothing was chosen */
};
struct evaluation_tuning {
    char *effort; /* as --tune had it; NULL: there was no search */
    struct evaluation_tuned *folds;
    size_t n, capacity;
    double given, found; /* means over the folds */
    double tested;       /* of the labels of all folds together */
};
/* -1: out of memory. */
int evaluation_tuning_add(struct evaluation_tuning *tuning, size_t repeat, size_t fold,
                          const char *options);
void evaluation_tuning_free(struct evaluation_tuning *tuning);
/* A table of at most `columns` columns; nothing without a search. */
void evaluation_tuning_text(struct buffer *out, const struct evaluation_tuning *tuning,
                            size_t n_repeats, size_t columns);

#endif
