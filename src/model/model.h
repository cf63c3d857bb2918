/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_MODEL_H
#define SIKAP_MODEL_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "features/feature_options.h"
#include "features/vocabulary.h"
#include "features/weighting.h"
#include "model/certainty.h"

/* A model: one vocabulary, one weight row per term over all labels of all fields.
 *
 * Weights are rounded when training ends, to 8 bits with a scale per term or to float32, so a model
 * predicts the same before saving and after loading. Rows are padded to `stride` labels, a multiple
 * of MODEL_LANES, the padding being zero.
 *
 * A model with targets (what a stance is about) has n_targets + 1 outputs per label: output
 * target * n_labels + label, target 0 being the shared sub-model for unseen targets. Without
 * targets n_outputs = n_labels. */
enum { MODEL_LANES = 16 };

struct model_field {
    char *name;
    int is_multi;
    size_t first, n; /* labels */
    int calibrated;
    double *certainty; /* [CERTAINTY_POINTS] quantiles over the training documents, or NULL */
};

struct model_note {
    char *name, *value;
};

struct model_file;
struct model_reference;

struct sikap_model {
    struct feature_options features;
    char *stop_words; /* the words; NULL: none */
    struct segment_plan plan;
    struct vocabulary *vocabulary;
    float *idf; /* [n_terms] */
    struct weighting weighting;
    double n_documents; /* that df counts */

    struct model_field *fields;
    size_t n_fields;
    char **labels; /* [n_labels] */
    size_t n_labels;
    char *target_key; /* NULL: no targets */
    char **targets;   /* [n_targets] */
    size_t n_targets;
    size_t n_outputs, stride;

    int8_t *rows;              /* [n_terms][stride], 8-bit weights; NULL when float32 */
    float *scale;              /* [n_terms] */
    float *weights;            /* [n_terms][stride], NULL when 8-bit */
    float *bias;               /* [n_outputs] */
    float *threshold;          /* [n_labels] of multi fields; single fields take the best score */
    double *platt_a, *platt_b; /* [n_labels] P(label) = 1 / (1 + exp(a f + b)) */
    struct curve *curves;      /* [n_labels] in place of Platt's where they have points; or NULL */

    struct model_reference *reference; /* NULL: none */

    struct model_note *notes;
    size_t n_notes;

    struct model_file *file; /* that it was read from, NULL: none */
    int file_has_rows;       /* `rows` points into the file's bytes */
};

/* An empty model with default options: the caller fills it. */
int model_new(sikap_model **out, sikap_error *err);
/* Adds a note (copied). */
int model_add_note(sikap_model *m, const char *name, const char *value, sikap_error *err);
/* Once vocabulary, options, labels are in place: segment plan, idf, weighting, outputs, stride. */
int model_prepare(sikap_model *m, sikap_error *err);
/* How sure the model is of the labels it gives a document in this field: a probability, where it
 * has them; else the lead of the best score in a single field, NaN in a multi field. Arrays are of
 * all labels. */
double model_certainty(const struct model_field *field, const float *scores,
                       const double *probabilities, const unsigned char *chosen);
/* SIKAP_USAGE where --coverage or --min-prob cannot be had, for want of certainties or
 * probabilities. */
int model_check_doubt(const sikap_model *m, double coverage, double min_prob, sikap_error *err);
/* The weight of (term, output) as scoring uses it. */
float model_weight(const sikap_model *m, size_t term, size_t output);
/* Room for the weights of n_terms terms, to be rounded to 8 bits (`precision` 8) or kept (32), and
 * for the bias of every output. Needs model_prepare. Then model_set_row once for every term:
 * weights[n_outputs] (float32); different terms may come from different threads. */
int model_new_weights(sikap_model *m, size_t n_terms, int precision, sikap_error *err);
void model_set_row(sikap_model *m, size_t term, const float *weights);
/* The most bytes a model's weight rows may take, in memory and in a file. */
#define MODEL_MAX_ROW_BYTES (UINT64_C(64) << 30)

#endif
