/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_METRICS_H
#define SIKAP_MEASURE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "measure/tally.h"

/* Precision, recall and F1, averaged as scikit-learn does, a quotient without a denominator being 0
 * (its zero_division=0). */
struct rates {
    double precision, recall, f1;
};

struct label_metrics {
    uint64_t tp, fp, fn;
    uint64_t support;   /* tp + fn: documents that have the label in gold */
    uint64_t predicted; /* tp + fp */
    struct rates rates;
};

struct metrics {
    size_t n_documents, n_labels;
    struct label_metrics *labels; /* [n_labels] */
    struct rates micro;    /* of the summed counts; in a single field P = R = F1 = accuracy */
    struct rates macro;    /* mean over all labels */
    struct rates weighted; /* mean over labels, weighted by support */
    struct rates macro_supported; /* mean over the labels with support > 0 only */
    size_t n_supported;           /* how many those are */
    double subset_accuracy;       /* share of documents with all labels right; single: accuracy */
    double hamming_loss;          /* share of wrong cells; single: 1 - accuracy */
    uint64_t *confusion;          /* single: [gold][predicted], n_labels² counts; multi: NULL */
};

/* A multi field: [n_documents][n_labels] bytes, non-zero where the label is given. Only documents
 * that are annotated for the field belong in here. Free with metrics_free. */
int metrics_multi(struct metrics **out, const uint8_t *gold, const uint8_t *predicted,
                  size_t n_documents, size_t n_labels, sikap_error *err);
/* A single field: [n_documents] label numbers below n_labels, else SIKAP_DATA. The confusion matrix
 * needs n_labels² × 8 bytes. */
int metrics_single(struct metrics **out, const uint32_t *gold, const uint32_t *predicted,
                   size_t n_documents, size_t n_labels, sikap_error *err);
void metrics_free(struct metrics *metrics);

/* The same figures as one array of numbers, for what computes them thousands of times (bootstrap,
 * paired tests): the headline values below, then precision, recall, F1 of every label. */
enum metrics_headline {
    METRICS_MICRO_PRECISION,
    METRICS_MICRO_RECALL,
    METRICS_MICRO_F1,
    METRICS_MACRO_PRECISION,
    METRICS_MACRO_RECALL,
    METRICS_MACRO_F1,
    METRICS_WEIGHTED_PRECISION,
    METRICS_WEIGHTED_RECALL,
    METRICS_WEIGHTED_F1,
    METRICS_SUPPORTED_PRECISION, /* macro_supported */
    METRICS_SUPPORTED_RECALL,
    METRICS_SUPPORTED_F1,
    METRICS_SUBSET_ACCURACY,
    METRICS_HAMMING_LOSS,
    METRICS_N_HEADLINE
};
enum { METRICS_PRECISION, METRICS_RECALL, METRICS_F1, METRICS_PER_LABEL };

static inline size_t metrics_n_values(size_t n_labels)
{
    return METRICS_N_HEADLINE + METRICS_PER_LABEL * n_labels;
}
/* Where METRICS_PRECISION, METRICS_RECALL or METRICS_F1 of a label stands in the array. */
static inline size_t metrics_label_value(size_t label, size_t which)
{
    return METRICS_N_HEADLINE + METRICS_PER_LABEL * label + which;
}

/* What metrics_values needs to know beside the sums. */
struct metrics_shape {
    size_t n_labels;
    int single; /* a wrong document of a single field is one error, not two of n_labels cells */
};

/* values[metrics_n_values(n_labels)] from the sums of a tally_multi or tally_single. `shape` points
 * to a struct metrics_shape; the signature is that of a statistic (bootstrap.h). */
void metrics_values(const void *shape, const double *sums, double *values);
/* A bootstrap interval of F1 over fewer gold documents than this is too short to be honest. */
enum { METRICS_MIN_SUPPORT = 20 };
/* Whether a bootstrap interval means what it says. Of a label: with METRICS_MIN_SUPPORT documents
 * in gold, and an F1 that is neither 0 nor 1 (no resample of only right or only wrong answers
 * differs from another: the interval would have no width). Of a macro average, in which every label
 * counts the same: when every label (macro_supported: every label with support) has
 * METRICS_MIN_SUPPORT documents; with rare labels the resamples lose whole labels and the interval
 * misses the truth. Micro and weighted figures need no such check. */
int metrics_label_interval_is_honest(const struct metrics *metrics, size_t label);
int metrics_macro_interval_is_honest(const struct metrics *metrics);
int metrics_supported_interval_is_honest(const struct metrics *metrics);

#endif
