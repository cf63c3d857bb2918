/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_AGGREGATE_H
#define SIKAP_ANALYSE_AGGREGATE_H

#include "analyse/label_table.h"
#include "analyse/period.h"
#include "base/option.h"
#include "measure/quantify.h"
#include "sikap_analyse.h"

/* Shares of labels in cells of documents (a month, an outlet), as counted and corrected for the
 * classifier's errors. */

enum aggregate_method { AGGREGATE_COUNT, AGGREGATE_PROBABILITY };

struct aggregate_key {
    char *name; /* as asked for: "month", "outlet" */
    char *key;  /* of the documents: "date", "outlet" */
    int period; /* enum period, or -1: the value as it is */
};

struct aggregate_field {
    char *name;
    int is_multi, is_corrected, has_probabilities;
    size_t n_labels;
    char **labels;
    size_t n_known;           /* documents with gold that the classifier's errors are known of */
    size_t *n_with;           /* [n_labels] of them with the label in gold */
    size_t *n;                /* [n_cells] documents counted */
    struct quantified *share; /* [n_cells][n_labels]; without correction only counted.share */
};

struct sikap_aggregation {
    struct aggregate_key *keys;
    size_t n_keys;
    char **values; /* [n_cells][n_keys], "": the documents do not have the key */
    size_t n_cells;
    struct aggregate_field *fields;
    size_t n_fields;
    enum aggregate_method method;
    size_t n_documents, n_resamples, seed;
};

struct aggregate_options {
    char *by, *date, *calibration;
    struct option_list corpus, gold;
    int method;
    size_t bootstrap, seed, threads;
};
extern const struct option_table aggregate_option_table;

/* The estimate that the method asks for. */
const struct quantity *aggregate_adjusted(const struct sikap_aggregation *a,
                                          const struct aggregate_field *f, size_t cell,
                                          size_t label);
/* Is its interval honest? Fewer than 20 documents in the cell, or 20 known ones with or without the
 * label, are too few. */
int aggregate_has_interval(const struct aggregate_field *f, size_t cell, size_t label);

/* aggregate_cells.c: keys from "month,outlet", and the cell of every row of `counted`, whose values
 * stand in it or, joined by id, in `corpus` (NULL: only there). cell_of[n_rows] is the caller's. */
int aggregate_parse_keys(sikap_aggregation *a, const char *by, const char *date, sikap_error *err);
int aggregate_cells(sikap_aggregation *a, const struct label_table *counted,
                    const struct label_table *corpus, size_t *cell_of, const sikap_watch *watch,
                    sikap_error *err);

/* aggregate_field.c: all figures of field f of `counted`. calibration and gold are NULL where there
 * is no correction. */
struct aggregate_input {
    const struct label_table *counted, *calibration, *gold;
    const size_t *cell_of; /* [counted->n_rows] */
    struct pool *pool;
    const sikap_watch *watch;
};
int aggregate_measure(const sikap_aggregation *a, struct aggregate_field *out, size_t f,
                      const struct aggregate_input *in, sikap_error *err);
void aggregate_field_free(struct aggregate_field *f);

#endif
