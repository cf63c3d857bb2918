/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what model_write.c writes. Everything in the file is a claim: each length is checked
 * against the bytes that are there, and against a cap, before anything is allocated for it. */
#include "model/model_file.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/reference.h"
#include "text/stem.h"
#include "text/utf8.h"

struct reader {
    struct model_file *file;
    struct cursor sections[N_SECTIONS];
    void *inflated[N_SECTIONS];
    sikap_error *err;
};

static int damaged(const struct reader *r, const char *what)
{
    return model_file_damaged(r->file->path, what, r->err);
}

/* A text of at most MODEL_MAX_NAME bytes (a note may be longer), UTF-8 without NULs; NULL with
 * c->bad set, or with c->bad clear when memory is out. */
static char *get_text(struct cursor *c, size_t most)
{
    const size_t n = (size_t)cursor_le(c, 4);
    if (c->bad || n > most || n > (size_t)(c->end - c->at) || memchr(c->at, '\0', n) != NULL ||
        !utf8_valid((const char *)c->at, n)) {
        c->bad = 1;
        return NULL;
    }
    char *text = memory_text((const char *)c->at, n);
    c->at += n;
    return text;
}

static int text_error(const struct reader *r, const struct cursor *c, const char *what)
{
    return c->bad ? damaged(r, what) : error_memory(r->err, "model");
}

/* The section's bytes, to be read while the reader lives. */
static int open_section(struct reader *r, enum model_section section, struct cursor **out)
{
    const unsigned char *bytes;
    size_t n;
    *out = &r->sections[section];
    const int status =
        model_file_section(r->file, section, &bytes, &n, &r->inflated[section], r->err);
    if (status == 0)
        **out = (struct cursor){bytes, bytes + n, 0};
    return status;
}

/* ---- the sections' contents ---- */

static int read_options(struct reader *r, sikap_model *m)
{
    struct cursor *c, *stop;
    sikap_error problem = {0};
    int status = open_section(r, SECTION_OPTIONS, &c);
    if (status == 0)
        status = open_section(r, SECTION_STOP, &stop);
    if (status != 0)
        return status;
    status = option_load(&feature_option_table, &m->features, (const char *)c->at,
                         (size_t)(c->end - c->at), &problem);
    if (status == SIKAP_SYSTEM)
        return error_memory(r->err, "model");
    if (status != 0)
        return error_set(r->err, SIKAP_MODEL, r->file->path, 0, "not a model that can be used: %s",
                         problem.message);
    if ((m->features.ngrams[1] == 0 && m->features.chars[1] == 0))
        return damaged(r, "it has neither word nor character n-grams");
    if (m->features.stem != NULL) {
        struct stemmer *stemmer;
        const int known = stemmer_new(&stemmer, m->features.stem, 0, &problem);
        stemmer_free(stemmer);
        if (known != 0)
            return known == SIKAP_SYSTEM ? error_memory(r->err, "model")
                                         : damaged(r, "its stemmer is not known here");
    }
    const size_t n = (size_t)(stop->end - stop->at);
    if (n == 0)
        return 0;
    if (memchr(stop->at, '\0', n) != NULL || !utf8_valid((const char *)stop->at, n))
        return damaged(r, "its stop words are no text");
    m->stop_words = memory_text((const char *)stop->at, n);
    return m->stop_words == NULL ? error_memory(r->err, "model") : 0;
}

static int read_notes(struct reader *r, sikap_model *m)
{
    struct cursor *c;
    const int opened = open_section(r, SECTION_NOTES, &c);
    if (opened != 0)
        return opened;
    const size_t n = (size_t)cursor_le(c, 4);
    for (size_t i = 0; i < n; i++) {
        char *name = get_text(c, MODEL_MAX_NAME);
        char *value = name == NULL ? NULL : get_text(c, 1 << 24);
        const int status = value == NULL ? text_error(r, c, "its notes are damaged")
                                         : model_add_note(m, name, value, r->err);
        memory_free(name);
        memory_free(value);
        if (status != 0)
            return status;
    }
    return c->bad || c->at != c->end ? damaged(r, "its notes are damaged") : 0;
}

static int read_targets(struct reader *r, sikap_model *m, struct cursor *c, size_t n_targets)
{
    char *key = get_text(c, MODEL_MAX_NAME);
    if (key == NULL || n_targets > MODEL_MAX_TARGETS) {
        memory_free(key);
        c->bad |= n_targets > MODEL_MAX_TARGETS;
        return text_error(r, c, "its targets are damaged");
    }
    if (key[0] == '\0') {
        memory_free(key);
        key = NULL;
    }
    m->target_key = key;
    m->targets = memory_zero(n_targets, sizeof *m->targets);
    if (m->targets == NULL)
        return error_memory(r->err, "model");
    for (; m->n_targets < n_targets; m->n_targets++) {
        m->targets[m->n_targets] = get_text(c, MODEL_MAX_NAME);
        if (m->targets[m->n_targets] == NULL)
            return text_error(r, c, "its targets are damaged");
    }
    return 0;
}

static int grow_labels(sikap_model *m, size_t n)
{
    char **labels = memory_resize(m->labels, n, sizeof *labels);
    if (labels != NULL)
        m->labels = labels;
    float *threshold = memory_resize(m->threshold, n, sizeof *threshold);
    if (threshold != NULL)
        m->threshold = threshold;
    double *a = memory_resize(m->platt_a, n, sizeof *a);
    if (a != NULL)
        m->platt_a = a;
    double *b = memory_resize(m->platt_b, n, sizeof *b);
    if (b != NULL)
        m->platt_b = b;
    return labels == NULL || threshold == NULL || a == NULL || b == NULL ? -1 : 0;
}

static int read_field(struct reader *r, sikap_model *m, struct cursor *c)
{
    struct model_field *field = &m->fields[m->n_fields];
    field->name = get_text(c, MODEL_MAX_NAME);
    if (field->name == NULL)
        return text_error(r, c, "its fields are damaged");
    m->n_fields++;
    field->is_multi = cursor_le(c, 1) != 0;
    field->calibrated = cursor_le(c, 1) != 0;
    field->first = m->n_labels;
    const size_t n = (size_t)cursor_le(c, 4);
    /* A label takes at least 24 bytes in the file: the claim is checked before it is believed. */
    if (c->bad || n > MODEL_MAX_LABELS - m->n_labels || n > (size_t)(c->end - c->at) / 24)
        return damaged(r, "its labels are damaged");
    if (grow_labels(m, m->n_labels + n) != 0)
        return error_memory(r->err, "model");
    for (; field->n < n; field->n++) {
        const size_t l = m->n_labels;
        m->labels[l] = get_text(c, MODEL_MAX_NAME);
        if (m->labels[l] == NULL)
            return text_error(r, c, "its labels are damaged");
        m->n_labels++;
        m->threshold[l] = cursor_f32(c);
        m->platt_a[l] = cursor_f64(c);
        m->platt_b[l] = cursor_f64(c);
        if (isnan(m->threshold[l]) || !isfinite(m->platt_a[l]) || !isfinite(m->platt_b[l]))
            return damaged(r, "a threshold is not a number");
    }
    return 0;
}

static int read_fields(struct reader *r, sikap_model *m)
{
    struct cursor *c;
    int status = open_section(r, SECTION_FIELDS, &c);
    if (status != 0)
        return status;
    const size_t n_fields = (size_t)cursor_le(c, 4), n_targets = (size_t)cursor_le(c, 4);
    if (n_fields > MODEL_MAX_FIELDS)
        return damaged(r, "it claims too many fields");
    status = read_targets(r, m, c, n_targets);
    m->n_documents = cursor_f64(c);
    for (int k = 0; k < NGRAM_KINDS; k++)
        m->weighting.average_length[k] = cursor_f64(c);
    if (status == 0 &&
        !(m->n_documents >= 0 && isfinite(m->n_documents) &&
          isfinite(m->weighting.average_length[0]) && isfinite(m->weighting.average_length[1])))
        status = damaged(r, "its counts are damaged");
    m->fields = memory_zero(n_fields, sizeof *m->fields);
    if (status == 0 && m->fields == NULL)
        status = error_memory(r->err, "model");
    for (size_t f = 0; f < n_fields && status == 0; f++)
        status = read_field(r, m, c);
    if (status == 0 && (c->bad || c->at != c->end))
        status = damaged(r, "its fields are damaged");
    return status;
}

static int read_certainty(struct reader *r, struct model_field *field, struct cursor *c)
{
    const uint64_t n = cursor_le(c, 4);
    if (n == 0)
        return 0;
    if (n != CERTAINTY_POINTS)
        return damaged(r, "its certainties are damaged");
    field->certainty = memory_alloc(CERTAINTY_POINTS, sizeof *field->certainty);
    if (field->certainty == NULL)
        return error_memory(r->err, "model");
    for (size_t k = 0; k < CERTAINTY_POINTS; k++) {
        field->certainty[k] = cursor_f64(c);
        if (!isfinite(field->certainty[k]) ||
            (k > 0 && field->certainty[k] < field->certainty[k - 1]))
            return damaged(r, "its certainties are damaged");
    }
    return 0;
}

static int read_curve(struct reader *r, struct curve *curve, struct cursor *c)
{
    enum { POINT_SIZE = 12 };
    const size_t n = (size_t)cursor_le(c, 4);
    if (n == 0)
        return 0;
    if (n > (size_t)(c->end - c->at) / POINT_SIZE)
        return damaged(r, "its calibration is damaged");
    curve->score = memory_alloc(n, sizeof *curve->score);
    curve->probability = memory_alloc(n, sizeof *curve->probability);
    if (curve->score == NULL || curve->probability == NULL)
        return error_memory(r->err, "model");
    for (size_t i = 0; i < n; i++) {
        const float f = curve->score[i] = cursor_f32(c);
        const double p = curve->probability[i] = cursor_f64(c);
        const int rises = i == 0 || (f > curve->score[i - 1] && p >= curve->probability[i - 1]);
        if (!isfinite(f) || !(p >= 0 && p <= 1) || !rises)
            return damaged(r, "its calibration is damaged");
    }
    curve->n = n;
    return 0;
}

/* What only files since this section have. */
static int read_sure(struct reader *r, sikap_model *m)
{
    struct cursor *c;
    if (r->file->sections[SECTION_SURE].bytes == NULL)
        return 0;
    int status = open_section(r, SECTION_SURE, &c);
    for (size_t f = 0; f < m->n_fields && status == 0; f++)
        status = read_certainty(r, &m->fields[f], c);
    m->curves = memory_zero(m->n_labels, sizeof *m->curves);
    if (status == 0 && m->curves == NULL)
        status = error_memory(r->err, "model");
    for (size_t l = 0; l < m->n_labels && status == 0; l++)
        status = read_curve(r, &m->curves[l], c);
    if (status == 0 && (c->bad || c->at != c->end))
        status = damaged(r, "its calibration is damaged");
    return status;
}

static int read_terms(struct reader *r, sikap_model *m)
{
    return model_terms_read(m, r->file, r->err);
}

static int read_floats(struct reader *r, enum model_section section, float **out, size_t n,
                       const char *what)
{
    struct cursor *c;
    const int status = open_section(r, section, &c);
    if (status != 0)
        return status;
    if ((size_t)(c->end - c->at) / 4 != n || (size_t)(c->end - c->at) % 4 != 0)
        return damaged(r, what);
    *out = memory_aligned(n, sizeof **out);
    if (*out == NULL)
        return error_memory(r->err, "model");
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = cursor_f32(c);
        if (!isfinite((*out)[i]))
            return damaged(r, "a weight is not a number");
    }
    return 0;
}

/* The weight of every term in a text, idf, must be a number. */
static int idf_is_usable(const sikap_model *m)
{
    for (size_t t = 0; t < m->vocabulary->n_terms; t++)
        if (!isfinite(m->idf[t]))
            return 0;
    return 1;
}

static int read_weights(struct reader *r, sikap_model *m)
{
    const size_t n_terms = m->vocabulary->n_terms;
    const size_t n_outputs = m->n_labels * (m->n_targets + 1);
    int status = read_floats(r, SECTION_BIAS, &m->bias, n_outputs, "its biases are damaged");
    /* Each output has a byte at least in each row: what model_prepare multiplies is then bounded.
     */
    if (status == 0 && n_outputs > 0 &&
        n_terms > r->file->sections[SECTION_ROWS].raw_size / n_outputs)
        status = damaged(r, "its weights are damaged");
    sikap_error problem = {0};
    if (status == 0 && (status = model_prepare(m, &problem)) != 0)
        status =
            status == SIKAP_SYSTEM ? error_memory(r->err, "model") : damaged(r, problem.message);
    if (status == 0 && !idf_is_usable(m))
        status = damaged(r, "its counts are damaged");
    if (status != 0)
        return status;
    const size_t n = n_terms * m->stride;
    if (r->file->sections[SECTION_SCALE].raw_size == 0 && n_terms > 0)
        return read_floats(r, SECTION_ROWS, &m->weights, n, "its weights are damaged");
    status = read_floats(r, SECTION_SCALE, &m->scale, n_terms, "its scales are damaged");
    struct cursor *rows;
    if (status == 0)
        status = open_section(r, SECTION_ROWS, &rows);
    if (status != 0)
        return status;
    for (size_t t = 0; t < n_terms; t++)
        if (!isfinite(m->scale[t] * INT8_MIN))
            return damaged(r, "a weight is not a number");
    if ((size_t)(rows->end - rows->at) != n)
        return damaged(r, "its weights are damaged");
    m->rows = (int8_t *)(uintptr_t)rows->at;
    m->file_has_rows = r->inflated[SECTION_ROWS] == NULL;
    r->inflated[SECTION_ROWS] = NULL; /* the model's now */
    return 0;
}

static int read_quantity(struct cursor *c, struct reference_quantity *q, uint32_t n_documents)
{
    uint64_t sum = 0;
    int is_right = 1;
    for (size_t k = 0; k < REFERENCE_EDGES; k++) {
        q->edges[k] = cursor_f32(c);
        is_right &= isfinite(q->edges[k]) && (k == 0 || q->edges[k] >= q->edges[k - 1]);
    }
    for (size_t k = 0; k < REFERENCE_BINS; k++)
        sum += q->counts[k] = (uint32_t)cursor_le(c, 4);
    return is_right && sum == n_documents && !c->bad;
}

static int read_reference(struct reader *r, sikap_model *m)
{
    if (r->file->sections[SECTION_REFERENCE].raw_size == 0)
        return 0;
    struct cursor *c;
    int status = open_section(r, SECTION_REFERENCE, &c);
    if (status != 0)
        return status;
    const uint32_t n_documents = (uint32_t)cursor_le(c, 4);
    const size_t n_quantities = (size_t)cursor_le(c, 4), n_labels = (size_t)cursor_le(c, 4);
    if (c->bad || n_quantities != REFERENCE_UNCERTAINTY + m->n_fields || n_labels != m->n_labels)
        return damaged(r, "its reference is damaged");
    status = reference_new(&m->reference, n_documents, m->n_fields, m->n_labels, r->err);
    int is_right = 1;
    for (size_t q = 0; q < n_quantities && status == 0; q++)
        is_right &= read_quantity(c, &m->reference->quantities[q], n_documents);
    for (size_t l = 0; l < n_labels && status == 0; l++) {
        m->reference->given[l] = (uint32_t)cursor_le(c, 4);
        is_right &= m->reference->given[l] <= n_documents;
    }
    if (status == 0 && (!is_right || c->bad || c->at != c->end))
        status = damaged(r, "its reference is damaged");
    return status;
}

int sikap_model_load(sikap_model **out, const char *path, sikap_error *err)
{
    static int (*const steps[])(struct reader *, sikap_model *) = {
        read_options, read_notes, read_fields, read_sure, read_terms, read_weights, read_reference};
    *out = NULL;
    struct reader r = {.err = err};
    sikap_model *m = NULL;
    int status = model_new(&m, err);
    if (status == 0)
        status = model_file_read(&m->file, path, err);
    if (status == 0)
        r.file = m->file;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && status == 0; i++)
        status = steps[i](&r, m);
    for (int i = 0; i < N_SECTIONS; i++)
        memory_free(r.inflated[i]);
    if (status != 0) {
        sikap_model_free(m);
        m = NULL;
    }
    *out = m;
    return status;
}
