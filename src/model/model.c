/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/model_file.h"
#include "model/reference.h"
#include "text/utf8.h"

const char *sikap_version(void)
{
    return SIKAP_VERSION;
}

int model_new(sikap_model **out, sikap_error *err)
{
    *out = NULL;
    sikap_model *m = memory_zero(1, sizeof *m);
    if (m == NULL)
        return error_memory(err, "model");
    const int status = option_defaults(&feature_option_table, &m->features, err);
    if (status != 0) {
        sikap_model_free(m);
        return status;
    }
    *out = m;
    return 0;
}

void sikap_model_free(sikap_model *m)
{
    if (m == NULL)
        return;
    option_clear(&feature_option_table, &m->features);
    memory_free(m->stop_words);
    segment_plan_free(&m->plan);
    vocabulary_free(m->vocabulary);
    memory_free(m->idf);
    for (size_t f = 0; f < m->n_fields; f++) {
        memory_free(m->fields[f].name);
        memory_free(m->fields[f].certainty);
    }
    memory_free(m->fields);
    for (size_t l = 0; m->curves != NULL && l < m->n_labels; l++)
        curve_free(&m->curves[l]);
    memory_free(m->curves);
    memory_free_texts(m->labels, m->n_labels);
    memory_free(m->target_key);
    memory_free_texts(m->targets, m->n_targets);
    if (!m->file_has_rows)
        memory_free(m->rows);
    memory_free(m->scale);
    memory_free(m->weights);
    memory_free(m->bias);
    memory_free(m->threshold);
    memory_free(m->platt_a);
    memory_free(m->platt_b);
    for (size_t i = 0; i < m->n_notes; i++) {
        memory_free(m->notes[i].name);
        memory_free(m->notes[i].value);
    }
    memory_free(m->notes);
    reference_free(m->reference);
    model_file_free(m->file);
    memory_free(m);
}

int model_add_note(sikap_model *m, const char *name, const char *value, sikap_error *err)
{
    struct model_note *notes = memory_resize(m->notes, m->n_notes + 1, sizeof *notes);
    if (notes == NULL)
        return error_memory(err, "model");
    m->notes = notes;
    struct model_note *note = &notes[m->n_notes];
    note->name = utf8_repaired(name);
    note->value = utf8_repaired(value); /* it may hold names of files, which are any bytes */
    if (note->name == NULL || note->value == NULL) {
        memory_free(note->name);
        memory_free(note->value);
        return error_memory(err, "model");
    }
    m->n_notes++;
    return 0;
}

int model_prepare(sikap_model *m, sikap_error *err)
{
    segment_plan_free(&m->plan);
    const int status = segment_plan_parse(&m->plan, m->features.segments, err);
    if (status != 0)
        return status;
    const size_t n_terms = m->vocabulary->n_terms;
    memory_free(m->idf);
    m->idf = memory_alloc(n_terms, sizeof *m->idf);
    if (m->idf == NULL)
        return error_memory(err, "model");
    const uint32_t *df = m->vocabulary->df;
    for (size_t t = 0; t < n_terms; t++) /* df falls, in few steps */
        m->idf[t] = t > 0 && df[t] == df[t - 1]
                        ? m->idf[t - 1]
                        : (float)weighting_idf(m->features.idf, m->n_documents, (double)df[t]);
    const double lengths[NGRAM_KINDS] = {m->weighting.average_length[0],
                                         m->weighting.average_length[1]};
    weighting_init(&m->weighting, &m->features, m->idf,
                   m->vocabulary->has_chars ? m->vocabulary->kind : NULL);
    for (int k = 0; k < NGRAM_KINDS; k++)
        if (lengths[k] > 0)
            m->weighting.average_length[k] = lengths[k];
    m->n_outputs = m->n_labels * (m->n_targets + 1);
    m->stride = (m->n_outputs + MODEL_LANES - 1) / MODEL_LANES * MODEL_LANES;
    if (m->stride > 0 && n_terms > MODEL_MAX_ROW_BYTES / sizeof(float) / m->stride)
        return error_set(err, SIKAP_SYSTEM, NULL, 0,
                         "%zu terms times %zu labels are too many weights: raise --min-df or drop "
                         "rare labels",
                         n_terms, m->n_outputs);
    return 0;
}

float model_weight(const sikap_model *m, size_t term, size_t output)
{
    const size_t at = term * m->stride + output;
    return m->rows != NULL ? m->scale[term] * (float)m->rows[at] : m->weights[at];
}

double model_certainty(const struct model_field *field, const float *scores,
                       const double *probabilities, const unsigned char *chosen)
{
    if (field->calibrated)
        return certainty_of(probabilities + field->first, chosen + field->first, field->n,
                            field->is_multi);
    return field->is_multi ? NAN
                           : certainty_lead(scores + field->first, chosen + field->first, field->n);
}

int model_check_doubt(const sikap_model *m, double coverage, double min_prob, sikap_error *err)
{
    for (size_t f = 0; f < m->n_fields; f++) {
        const char *option = coverage < 1 && m->fields[f].certainty == NULL ? "coverage"
                             : min_prob > 0 && !m->fields[f].calibrated     ? "min-prob"
                                                                            : NULL;
        if (option != NULL)
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "--%s: the model does not know how sure it is in the field "
                             "'%.100s': train it anew, with learnt thresholds and --calibrate",
                             option, m->fields[f].name);
    }
    return 0;
}

/* Four at a time: what every x86-64 and every 64-bit ARM can do at once. */
enum { FOUR = 4 };
typedef float four_floats __attribute__((vector_size(16)));
typedef int32_t four_ints __attribute__((vector_size(16)));
typedef int8_t four_bytes __attribute__((vector_size(4)));

/* Zeros for what is not there. */
static inline four_floats load_four(const float *weights, size_t n)
{
    four_floats v = {0};
    if (n >= FOUR)
        memcpy(&v, weights, sizeof v);
    else
        for (size_t j = 0; j < n; j++)
            v[j] = weights[j];
    return v;
}

static float largest_of(const float *weights, size_t n)
{
    four_floats largest = {0};
    for (size_t i = 0; i < n; i += FOUR) {
        const four_ints v = (four_ints)load_four(weights + i, n - i) & INT32_MAX; /* absolute */
        const four_ints is_larger = (four_floats)v > largest;
        largest = (four_floats)((v & is_larger) | ((four_ints)largest & ~is_larger));
    }
    float of = 0;
    for (size_t j = 0; j < FOUR; j++)
        of = largest[j] > of ? largest[j] : of;
    return of;
}

/* One row, of zeros so far and n or up to three more bytes long, to 8 bits: the largest weight
 * becomes ±127. What lies half way goes to the even one: beside 1.5 * 2^23 a float32 has no room
 * for a fraction, so adding it rounds. */
static float round_row(const float *weights, size_t n, int8_t *row)
{
    const float largest = largest_of(weights, n), scale = largest / 127, whole = 12582912.0F;
    if (!(largest > 0))
        return 0;
    for (size_t i = 0; i < n; i += FOUR) {
        const four_floats v = load_four(weights + i, n - i) / scale + whole;
        const four_ints rounded = __builtin_convertvector(v - whole, four_ints);
        const four_bytes bytes = __builtin_convertvector(rounded, four_bytes);
        memcpy(row + i, &bytes, sizeof bytes);
    }
    return scale;
}

int model_new_weights(sikap_model *m, size_t n_terms, int precision, sikap_error *err)
{
    m->bias = memory_alloc(m->n_outputs, sizeof *m->bias);
    if (precision == 8) {
        m->rows = memory_aligned(n_terms * m->stride, sizeof *m->rows);
        m->scale = memory_alloc(n_terms, sizeof *m->scale);
    } else {
        m->weights = memory_aligned(n_terms * m->stride, sizeof *m->weights);
    }
    const int has_room = precision == 8 ? m->rows != NULL && m->scale != NULL : m->weights != NULL;
    return m->bias == NULL || !has_room ? error_memory(err, "model weights") : 0;
}

void model_set_row(sikap_model *m, size_t term, const float *weights)
{
    const size_t n = m->n_outputs;
    if (m->rows != NULL) {
        int8_t *row = m->rows + term * m->stride;
        memset(row, 0, m->stride);
        m->scale[term] = round_row(weights, n, row);
    } else {
        float *row = m->weights + term * m->stride;
        memcpy(row, weights, n * sizeof *row);
        memset(row + n, 0, (m->stride - n) * sizeof *row);
    }
}

/* ---- what the public header tells of a model ---- */

size_t sikap_model_n_terms(const sikap_model *m)
{
    return m->vocabulary->n_terms;
}

size_t sikap_model_n_fields(const sikap_model *m)
{
    return m->n_fields;
}

const char *sikap_model_field(const sikap_model *m, size_t field)
{
    return m->fields[field].name;
}

int sikap_model_field_is_multi(const sikap_model *m, size_t field)
{
    return m->fields[field].is_multi;
}

size_t sikap_model_first_label(const sikap_model *m, size_t field)
{
    return m->fields[field].first;
}

size_t sikap_model_n_labels(const sikap_model *m, size_t field)
{
    return m->fields[field].n;
}

size_t sikap_model_n_all_labels(const sikap_model *m)
{
    return m->n_labels;
}

const char *sikap_model_label(const sikap_model *m, size_t label)
{
    return m->labels[label];
}

double sikap_model_threshold(const sikap_model *m, size_t label)
{
    return (double)m->threshold[label];
}

int sikap_model_has_probabilities(const sikap_model *m, size_t field)
{
    return m->fields[field].calibrated;
}

const char *sikap_model_note(const sikap_model *m, const char *name)
{
    for (size_t i = 0; i < m->n_notes; i++)
        if (strcmp(m->notes[i].name, name) == 0)
            return m->notes[i].value;
    return NULL;
}

const char *sikap_model_note_name(const sikap_model *m, size_t i)
{
    return i < m->n_notes ? m->notes[i].name : NULL;
}

const char *sikap_model_term(const sikap_model *m, size_t term, size_t *n)
{
    const struct vocabulary *v = m->vocabulary;
    *n = 0;
    if (sikap_model_read_terms(m, NULL) != 0)
        return "";
    return vocabulary_text(v, term, n);
}

int sikap_model_term_is_chars(const sikap_model *m, size_t term)
{
    return m->vocabulary->kind[term] & 1;
}

const char *sikap_model_term_segment(const sikap_model *m, size_t term)
{
    const size_t apart = m->vocabulary->kind[term] >> 1;
    return apart == 0 || apart > m->plan.n ? NULL : m->plan.names[apart - 1];
}

uint64_t sikap_model_term_df(const sikap_model *m, size_t term)
{
    return m->vocabulary->df[term];
}

double sikap_model_weight(const sikap_model *m, size_t term, size_t label)
{
    return (double)model_weight(m, term, label);
}

double sikap_model_bias(const sikap_model *m, size_t label)
{
    return (double)m->bias[label];
}

int sikap_model_find_label(size_t *label, const sikap_model *m, const char *name, sikap_error *err)
{
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        const size_t n = strlen(field->name);
        for (size_t l = field->first; l < field->first + field->n; l++)
            if (strcmp(m->labels[l], name) == 0 ||
                (strncmp(name, field->name, n) == 0 && name[n] == ':' &&
                 strcmp(m->labels[l], name + n + 1) == 0)) {
                *label = l;
                return 0;
            }
    }
    return error_set(err, SIKAP_USAGE, NULL, 0, "the model has no label '%.100s'", name);
}
