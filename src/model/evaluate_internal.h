/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_EVALUATE_INTERNAL_H
#define SIKAP_MODEL_EVALUATE_INTERNAL_H

/* Shared by evaluate.c, evaluate_ranking.c and evaluate_bootstrap.c (figures), evaluate_show.c
 * (JSON, gates), evaluate_text.c (the table) and evaluate_corpus.c. */

#include "measure/bootstrap.h"
#include "measure/metrics.h"
#include "measure/reliability.h"
#include "measure/tally.h"
#include "model/evaluate.h"

enum { COVERAGE_STEPS = 10 };

/* A bootstrap interval over fewer units (documents; groups where they are resampled; for a label,
 * units that have it in gold) is too short to be honest: by simulation a nominal 95 % interval over
 * groups of unequal quality covers 92 % with 20 groups, 90 % with 10, 82 % with 5. */
enum { EVALUATE_MIN_UNITS = METRICS_MIN_SUPPORT };
#define EVALUATE_LEVEL 0.95

/* Whether a figure has an interval, and if not, why. */
enum interval_state {
    INTERVAL_GIVEN,
    INTERVAL_OFF,          /* not wanted */
    INTERVAL_FEW_UNITS,    /* documents, or groups */
    INTERVAL_RARE_LABEL,   /* the label is in too few units */
    INTERVAL_RARE_LABELS,  /* the average holds such a label */
    INTERVAL_NO_VARIATION, /* no resample differs from another: all right, or all wrong */
    INTERVAL_TOO_LARGE,    /* the replicates would not fit in memory */
};
/* As the JSON calls it: "rare-label". */
const char *interval_state_name(enum interval_state state);

struct figure_interval {
    enum interval_state state;
    struct interval bca, percentile; /* where given */
};

/* What --repeats tells: these figures of each repeat for itself. */
enum repeat_value { REPEAT_MICRO, REPEAT_MACRO, REPEAT_WEIGHTED, REPEAT_ACCURACY, REPEAT_VALUES };
struct repeat_figures {
    double values[REPEAT_VALUES];
};
struct repeat_spread {
    double mean, sd, low, high; /* sd: with n - 1 */
};
struct repeat_spread evaluation_spread(const struct repeat_figures *repeats, size_t n,
                                       enum repeat_value which);

struct field_figures {
    size_t n_documents; /* annotated */
    size_t n_units;     /* what is resampled: documents, or the groups they are in */
    struct metrics *metrics;
    struct metrics *kept; /* of the documents that are labelled under --coverage and --min-prob */
    size_t n_kept;
    double *average_precision; /* [n_labels] NaN without a positive; NULL without scores */
    double mean_average_precision, micro_average_precision; /* NaN: not known */
    struct figure_interval *interval; /* [metrics_n_values] or NULL: not wanted */
    int has_probabilities;
    double brier_score, calibration_error;
    double expected_accuracy, expected_f1; /* what the probabilities promise */
    struct reliability_bin reliability[RELIABILITY_BINS];
    struct coverage coverage[COVERAGE_STEPS];
    size_t n_coverage;        /* 0: not known */
    struct metrics *unleaked; /* without leaked documents; NULL: there are none, or no others */
    size_t n_unleaked;
    struct repeat_figures *repeats; /* [n_repeats]; NULL: one */
};

struct sikap_evaluation {
    struct evaluation_data data;
    struct field_figures *figures; /* [data.n_fields] */
    size_t n_resamples, seed;
};

/* The annotated rows of a field, side by side. */
struct slice {
    size_t n, n_labels;
    int is_multi;
    uint8_t *gold, *chosen;              /* [n][n_labels] 0 or 1 */
    float *scores;                       /* [n][n_labels] or NULL */
    double *probabilities;               /* [n][n_labels] or NULL */
    uint32_t *gold_label, *chosen_label; /* [n], single fields */
    uint32_t *group;                     /* [n] */
};

/* A label in gold, another given in its place, and how often. */
struct confusion {
    uint64_t n;
    size_t gold, predicted;
};
/* The most frequent ones off the diagonal of counts[n_labels][n_labels] into kept[room], of equals
 * the one met first; returns how many there are, at most `room`. */
size_t evaluation_confusions(struct confusion *kept, size_t room, const uint64_t *counts,
                             size_t n_labels);

/* The rows of a field whose mask is not 0 (NULL: all), as long as they are annotated. */
int slice_new(struct slice *s, const struct evaluation_data *d, const struct evaluation_field *f,
              const unsigned char *mask, sikap_error *err);
void slice_free(struct slice *s);
int slice_metrics(struct metrics **out, const struct slice *s, sikap_error *err);
/* figures->unleaked and figures->repeats. */
int evaluation_parts(struct field_figures *figures, const struct evaluation_data *d,
                     const struct evaluation_field *f, sikap_error *err);
/* Is what is resampled more than single documents? */
int evaluation_is_grouped(const struct evaluation_data *d);

/* What scores and probabilities tell: rankings of the labels, calibration, coverage. */
int evaluation_rank(struct field_figures *figures, const struct slice *rows, struct pool *pool,
                    sikap_error *err);
int evaluation_confidence(struct field_figures *figures, const struct slice *rows,
                          sikap_error *err);
/* figures->kept; NULL where no document is kept. */
int evaluation_keep(struct field_figures *figures, const struct evaluation_data *d,
                    const struct evaluation_field *f, sikap_error *err);
/* figures->interval of all metrics_values from the tally of its units. */
int evaluation_bootstrap(struct field_figures *figures, const struct tally *units, int single,
                         const struct evaluate_options *options, struct pool *pool,
                         sikap_error *err);

#endif
