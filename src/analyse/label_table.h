/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_LABEL_TABLE_H
#define SIKAP_ANALYSE_LABEL_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "corpus/corpus.h"
#include "features/names.h"

/* A label file in memory: of every document its labels, the scores beside them and the values of
 * some keys. */
struct label_score {
    uint32_t label;
    double value;
};

struct label_field {
    char *name;
    int is_multi;
    struct names labels;      /* those given and those scored */
    unsigned char *annotated; /* [n_rows] */
    size_t annotated_capacity;
    size_t *start; /* [n_rows + 1] of the labels given */
    size_t start_capacity;
    uint32_t *given;
    size_t n_given, given_capacity;
    size_t *score_start; /* [n_rows + 1] */
    size_t score_start_capacity;
    struct label_score *scores;
    size_t n_scores, scores_capacity;
};

struct label_key {
    struct names values;
    uint32_t *value; /* [n_rows] NAMES_FULL: the document has none */
    size_t value_capacity;
};

struct label_table {
    size_t n_rows;
    struct names ids; /* row i has id ids.items[i] */
    struct label_field *fields;
    size_t n_fields;
    struct label_key *keys;
    size_t n_keys;
};

/* Reads `paths` in order. `like`: a table whose fields are wanted, read as multi (the caller tells
 * what a single field lacks); NULL: as the options say. wants_labels 0: only ids and keys. A bad
 * record or a second one with the same id is told to `watch` and skipped, or fatal with --strict.
 */
struct label_request {
    const struct corpus_options *corpus;
    const struct label_table *like;
    int wants_labels;
    const char *const *keys;
    size_t n_keys;
};
int label_table_read(struct label_table **out, const char *const *paths, size_t n_paths,
                     const struct label_request *request, const sikap_watch *watch,
                     sikap_error *err);
void label_table_free(struct label_table *t);

/* The row of an id, SIZE_MAX where there is none. */
size_t label_table_row(const struct label_table *t, const char *id);

#endif
