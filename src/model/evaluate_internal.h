/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_EVALUATE_INTERNAL_H
#define SIKAP_MODEL_EVALUATE_INTERNAL_H

/* Shared by evaluate.c (figures), evaluate_show.c (JSON, table, gates) and evaluate_corpus.c. */

#include "measure/bootstrap.h"
#include "measure/metrics.h"
#include "measure/reliability.h"
#include "measure/tally.h"
#include "model/evaluate.h"

enum { COVERAGE_STEPS = 10 };

struct field_figures {
    size_t n_documents;
    struct metrics *metrics;
    double *average_precision; /* [n_labels] NaN without a positive; NULL without scores */
    struct interval *interval; /* [metrics_n_values] or NULL: not wanted */
    int has_probabilities;
    double brier_score, calibration_error;
    struct coverage coverage[COVERAGE_STEPS];
    size_t n_coverage;
};

struct sikap_evaluation {
    struct evaluation_data data;
    struct field_figures *figures; /* [data.n_fields] */
};

int evaluation_group(struct tally **out, const struct tally *tally, const uint32_t *group, size_t n,
                     sikap_error *err);
/* BCa intervals of all metrics_values. */
int evaluation_bootstrap(struct interval *out, const struct tally *tally, size_t n_labels,
                         int single, const struct evaluate_options *options, struct pool *pool,
                         sikap_error *err);

#endif
