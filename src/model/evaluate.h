/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_EVALUATE_H
#define SIKAP_MODEL_EVALUATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/option.h"
#include "base/parallel.h"
#include "model/evaluate_tuning.h"

/* Gold beside prediction, for one field: what sikap_evaluate, sikap_evaluate_predictions and
 * sikap_crossval all bring to the same evaluation. Rows are documents; only annotated ones count.
 */
struct evaluation_field {
    char *name;
    int is_multi;
    size_t n_labels;
    char **labels;            /* [n_labels] the union of the model's and gold's, model's first */
    unsigned char *annotated; /* [n_rows] */
    unsigned char *gold;      /* [n_rows][n_labels] */
    unsigned char *chosen;    /* [n_rows][n_labels] */
    float *scores;            /* [n_rows][n_labels] decision values, or NULL: not known */
    double *probabilities;    /* [n_rows][n_labels], or NULL */
    float *thresholds;        /* [n_models][n_labels] of a multi field: the score at and above which
                               * a model gives a label; NULL: not known */
    /* Under --coverage and --min-prob, else NULL: which documents are labelled, and how. `chosen`
     * is what the model gives without them. */
    unsigned char *kept;        /* [n_rows] */
    unsigned char *kept_chosen; /* [n_rows][n_labels] */
};

/* Tested documents that were learnt from too, or nearly. */
struct evaluation_leak {
    size_t row;     /* its first marked one */
    char *train_id; /* what it is like */
    double similarity;
};
struct evaluation_leaks {
    int is_known; /* 0: nobody looked */
    double similarity;
    size_t n_train;                /* documents learnt from; 0: the folds of one corpus */
    unsigned char *is_leaked;      /* [n_rows] */
    struct evaluation_leak *items; /* each document once */
    size_t n, capacity;
};

struct evaluation_data {
    size_t n_rows;
    size_t n_repeats; /* 0, 1: a row is a document; else rows are the same documents this many
                       * times, all of them before all of them again */
    char **ids;       /* [n_rows] */
    uint32_t *group;  /* [n_rows] numbered without gaps, or NULL: each document for itself */
    size_t n_groups;
    uint32_t *model; /* [n_rows] which model has labelled it (one per fold); NULL: there is one */
    struct evaluation_field *fields;
    size_t n_fields;
    sikap_counts read;
    struct evaluation_note { /* provenance that the JSON repeats: model, corpus, command … */
        char *name, *value;
    } * notes;
    size_t n_notes;
    struct evaluation_leaks leaks;
    struct evaluation_tuning tuning;
};
static inline size_t evaluation_n_documents(const struct evaluation_data *d)
{
    return d->n_repeats > 1 ? d->n_rows / d->n_repeats : d->n_rows;
}
void evaluation_data_free(struct evaluation_data *data);
/* NULL: there is none of that name. */
const struct evaluation_field *evaluation_find_field(const struct evaluation_data *data,
                                                     const char *name);

/* The options behind sikap_evaluate_option_table. */
struct evaluate_options {
    size_t bootstrap;         /* --bootstrap: resamples, 2000; 0: no intervals */
    size_t seed;              /* --bootstrap-seed */
    char *group;              /* --group KEY: resample groups; NULL: documents */
    size_t threads;           /* --threads */
    struct option_list train; /* --train CORPUS: what the model learnt from; for leakage */
    double similarity;        /* --similarity: from which on texts are near-duplicates */
    double coverage, min_prob;
};
extern const struct option_table evaluate_option_table;

/* Computes all figures; takes over *data (it is emptied, and freed on failure). */
int evaluation_new(sikap_evaluation **out, struct evaluation_data *data,
                   const struct evaluate_options *options, struct pool *pool,
                   const sikap_watch *watch, sikap_error *err);
/* Borrowed until the evaluation is freed: for reports. */
const struct evaluation_data *evaluation_data_of(const sikap_evaluation *evaluation);

#endif
