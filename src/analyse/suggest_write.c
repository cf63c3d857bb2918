/* SPDX-License-Identifier: Apache-2.0 */
/* The chosen documents as a corpus that waits for labels: the model's fields are there and empty,
 * which readers take for "not annotated". What the model thinks stands beside them, in keys that no
 * reader takes for labels. */
#include "analyse/suggest.h"

#include <math.h>
#include <string.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"

enum { SHOWN_LABELS = 3 };

/* How close a label of a multi field is to its threshold; of a single field, how close to the best.
 * 0 is closest. */
static double distance_of(const sikap_model *m, const struct model_field *field, size_t l,
                          const float *scores)
{
    const double slope = field->calibrated ? -m->platt_a[l] : 1;
    if (field->is_multi)
        return slope * fabs((double)scores[l] - (double)m->threshold[l]);
    size_t best = field->first;
    for (size_t k = field->first; k < field->first + field->n; k++)
        best = scores[k] > scores[best] ? k : best;
    return l == best ? HUGE_VAL : slope * ((double)scores[best] - (double)scores[l]);
}

/* The labels of all fields that are least decided, closest first, into order[]; how many. */
static size_t least_decided(const sikap_model *m, const float *scores, size_t *order)
{
    double distances[SHOWN_LABELS];
    size_t n = 0;
    for (size_t f = 0; f < m->n_fields; f++)
        for (size_t l = m->fields[f].first; l < m->fields[f].first + m->fields[f].n; l++) {
            const double distance = distance_of(m, &m->fields[f], l, scores);
            if (n == SHOWN_LABELS && !(distance < distances[n - 1]))
                continue;
            size_t k = n < SHOWN_LABELS ? n++ : n - 1;
            for (; k > 0 && distance < distances[k - 1]; k--) {
                distances[k] = distances[k - 1];
                order[k] = order[k - 1];
            }
            distances[k] = distance;
            order[k] = l;
        }
    return n;
}

static const struct model_field *field_of(const sikap_model *m, size_t label)
{
    size_t f = 0;
    while (label >= m->fields[f].first + m->fields[f].n)
        f++;
    return &m->fields[f];
}

/* "topic:security 0.48": the reason for a choice. */
static void put_reason(struct buffer *out, const sikap_model *m, size_t label,
                       const double *probabilities)
{
    const struct model_field *field = field_of(m, label);
    buffer_text(out, field->name);
    buffer_byte(out, ':');
    buffer_text(out, m->labels[label]);
    if (!field->calibrated)
        return;
    buffer_byte(out, ' ');
    number_print_fixed(out, probabilities[label], 2);
}

/* ---- JSON Lines ---- */

static void put_key(struct buffer *out, const char *key)
{
    buffer_byte(out, ',');
    json_write_string(out, key, strlen(key));
    buffer_byte(out, ':');
}

static void put_json(struct buffer *out, const sikap_model *m, const char *const *segments,
                     size_t n_segments, const struct candidate *c, const double *probabilities,
                     const size_t *order, size_t n)
{
    buffer_text(out, "{\"id\":");
    json_write_string(out, c->id, c->id_n);
    for (size_t i = 0; i < n_segments; i++) {
        if (c->segments[i].bytes == NULL)
            continue;
        put_key(out, segments[i]);
        json_write_string(out, c->segments[i].bytes, c->segments[i].n);
    }
    for (size_t f = 0; f < m->n_fields; f++) {
        put_key(out, m->fields[f].name);
        buffer_text(out, "null");
    }
    put_key(out, "uncertainty");
    number_print_fixed(out, c->uncertainty, 3);
    put_key(out, "unsure_of");
    buffer_byte(out, '[');
    struct buffer reason = {0};
    for (size_t i = 0; i < n; i++) {
        buffer_clear(&reason);
        put_reason(&reason, m, order[i], probabilities);
        buffer_text(out, i > 0 ? "," : "");
        json_write_string(out, reason.bytes, reason.n);
    }
    out->failed |= reason.failed;
    buffer_free(&reason);
    buffer_text(out, "]}\n");
}

/* ---- CSV ---- */

static void put_csv(struct buffer *out, const sikap_model *m, size_t n_segments,
                    const struct candidate *c, const double *probabilities, const size_t *order,
                    size_t n)
{
    csv_write_cell(out, c->id, c->id_n);
    for (size_t i = 0; i < n_segments; i++) {
        buffer_byte(out, ',');
        csv_write_cell(out, c->segments[i].bytes,
                       c->segments[i].bytes == NULL ? 0 : c->segments[i].n);
    }
    for (size_t f = 0; f < m->n_fields; f++)
        buffer_byte(out, ',');
    buffer_byte(out, ',');
    number_print_fixed(out, c->uncertainty, 3);
    struct buffer reasons = {0};
    for (size_t i = 0; i < n; i++) {
        buffer_text(&reasons, i > 0 ? "; " : "");
        put_reason(&reasons, m, order[i], probabilities);
    }
    buffer_byte(out, ',');
    csv_write_cell(out, reasons.bytes, reasons.n);
    buffer_text(out, "\r\n");
    out->failed |= reasons.failed;
    buffer_free(&reasons);
}

void suggest_header(struct buffer *out, const sikap_model *m, enum suggest_format format,
                    const char *const *segments, size_t n_segments)
{
    if (format != SUGGEST_CSV)
        return;
    buffer_text(out, "\xEF\xBB\xBF"
                     "id"); /* spreadsheets know UTF-8 by the mark */
    for (size_t i = 0; i < n_segments; i++) {
        buffer_byte(out, ',');
        csv_write_cell(out, segments[i], strlen(segments[i]));
    }
    for (size_t f = 0; f < m->n_fields; f++) {
        buffer_byte(out, ',');
        csv_write_cell(out, m->fields[f].name, strlen(m->fields[f].name));
    }
    buffer_text(out, ",uncertainty,unsure_of\r\n");
}

void suggest_document(struct buffer *out, const sikap_model *m, enum suggest_format format,
                      const char *const *segments, size_t n_segments, const struct candidate *c)
{
    if (format == SUGGEST_IDS) {
        buffer_bytes(out, c->id, c->id_n);
        buffer_byte(out, '\n');
        return;
    }
    size_t order[SHOWN_LABELS];
    const size_t n = least_decided(m, c->scores, order);
    double *probabilities = memory_alloc(m->n_labels, sizeof *probabilities);
    if (probabilities == NULL) {
        out->failed = 1;
        return;
    }
    sikap_probabilities(m, c->scores, probabilities);
    if (format == SUGGEST_JSONL)
        put_json(out, m, segments, n_segments, c, probabilities, order, n);
    else
        put_csv(out, m, n_segments, c, probabilities, order, n);
    memory_free(probabilities);
}
