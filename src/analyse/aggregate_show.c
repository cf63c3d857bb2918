/* SPDX-License-Identifier: Apache-2.0 */
/* An aggregation as CSV, one row for each cell, field and label, and as JSON with all estimates. */
#include <math.h>
#include <string.h>

#include "analyse/aggregate.h"
#include "base/csv.h"
#include "base/json_builder.h"
#include "base/number.h"

enum { DECIMALS = 4, AT_ONCE = 1 << 16 };

static void put_cell(struct buffer *out, const char *text)
{
    csv_write_cell(out, text, strlen(text));
}

static void put_share(struct buffer *out, double share)
{
    buffer_byte(out, ',');
    if (isfinite(share))
        number_print_fixed(out, share, DECIMALS);
}

static void put_row(struct buffer *out, const sikap_aggregation *a, const struct aggregate_field *f,
                    size_t cell, size_t label)
{
    const struct quantity *adjusted = aggregate_adjusted(a, f, cell, label);
    const int has_interval = aggregate_has_interval(f, cell, label);
    for (size_t k = 0; k < a->n_keys; k++) {
        put_cell(out, a->values[cell * a->n_keys + k]);
        buffer_byte(out, ',');
    }
    put_cell(out, f->name);
    buffer_byte(out, ',');
    put_cell(out, f->labels[label]);
    buffer_format(out, ",%zu", f->n[cell]);
    put_share(out, f->share[cell * f->n_labels + label].counted.share);
    put_share(out, f->is_corrected ? adjusted->share : NAN);
    put_share(out, has_interval ? adjusted->interval.low : NAN);
    put_share(out, has_interval ? adjusted->interval.high : NAN);
    buffer_byte(out, '\n');
}

int sikap_aggregation_csv(const sikap_aggregation *a, sikap_write *write, void *context,
                          sikap_error *err)
{
    struct buffer text = {0};
    int status = 0;
    for (size_t k = 0; k < a->n_keys; k++) {
        put_cell(&text, a->keys[k].name);
        buffer_byte(&text, ',');
    }
    buffer_text(&text, "field,label,n,raw,adjusted,low,high\n");
    for (size_t c = 0; c < a->n_cells && status == 0; c++) {
        for (size_t f = 0; f < a->n_fields; f++)
            for (size_t l = 0; l < a->fields[f].n_labels && a->fields[f].n[c] > 0; l++)
                put_row(&text, a, &a->fields[f], c, l);
        if (text.failed || text.n >= AT_ONCE)
            status = buffer_hand_over(&text, "aggregation", write, context, err);
    }
    if (status == 0)
        status = buffer_hand_over(&text, "aggregation", write, context, err);
    buffer_free(&text);
    return status;
}

static void put_quantity(struct json_builder *j, const char *key, const struct quantity *q,
                         int has_interval)
{
    json_open(j, key, '{');
    json_put_number(j, "share", q->share);
    if (has_interval) {
        json_put_number(j, "low", q->interval.low);
        json_put_number(j, "high", q->interval.high);
    }
    json_close(j, '}');
}

static void put_json_row(struct json_builder *j, const sikap_aggregation *a,
                         const struct aggregate_field *f, size_t cell, size_t label)
{
    const struct quantified *share = &f->share[cell * f->n_labels + label];
    const int has_interval = aggregate_has_interval(f, cell, label);
    json_open(j, NULL, '{');
    json_open(j, "cell", '{');
    for (size_t k = 0; k < a->n_keys; k++)
        json_put_text(j, a->keys[k].name, a->values[cell * a->n_keys + k]);
    json_close(j, '}');
    json_put_text(j, "field", f->name);
    json_put_text(j, "label", f->labels[label]);
    json_put_count(j, "n", f->n[cell]);
    put_quantity(j, "raw", &share->counted, has_interval);
    if (f->is_corrected)
        put_quantity(j, "adjusted", &share->adjusted, has_interval);
    if (f->is_corrected && f->has_probabilities) {
        put_quantity(j, "mean_probability", &share->mean_probability, has_interval);
        put_quantity(j, "adjusted_probability", &share->adjusted_probability, has_interval);
    }
    json_close(j, '}');
}

static void put_fields(struct json_builder *j, const sikap_aggregation *a)
{
    json_open(j, "fields", '{');
    for (size_t f = 0; f < a->n_fields; f++) {
        const struct aggregate_field *field = &a->fields[f];
        json_open(j, field->name, '{');
        json_put_text(j, "kind", field->is_multi ? "multi" : "single");
        json_put_count(j, "n_known", field->n_known);
        json_open(j, "known_with", '{');
        for (size_t l = 0; l < field->n_labels && field->is_corrected; l++)
            json_put_count(j, field->labels[l], field->n_with[l]);
        json_close(j, '}');
        json_close(j, '}');
    }
    json_close(j, '}');
}

int sikap_aggregation_json(const sikap_aggregation *a, sikap_write *write, void *context,
                           sikap_error *err)
{
    struct buffer text = {0};
    struct json_builder j = {.out = &text};
    int status = 0;
    json_open(&j, NULL, '{');
    json_put_count(&j, "n_documents", a->n_documents);
    json_put_text(&j, "method", a->method == AGGREGATE_COUNT ? "count" : "probability");
    json_open(&j, "bootstrap", '{');
    json_put_count(&j, "resamples", a->n_resamples);
    json_put_count(&j, "seed", a->seed);
    json_put_number(&j, "level", 0.95);
    json_close(&j, '}');
    put_fields(&j, a);
    json_open(&j, "shares", '[');
    for (size_t c = 0; c < a->n_cells && status == 0; c++) {
        for (size_t f = 0; f < a->n_fields; f++)
            for (size_t l = 0; l < a->fields[f].n_labels && a->fields[f].n[c] > 0; l++)
                put_json_row(&j, a, &a->fields[f], c, l);
        if (text.failed || text.n >= AT_ONCE)
            status = buffer_hand_over(&text, "aggregation", write, context, err);
    }
    json_close(&j, ']');
    json_close(&j, '}');
    buffer_byte(&text, '\n');
    if (status == 0)
        status = buffer_hand_over(&text, "aggregation", write, context, err);
    buffer_free(&text);
    return status;
}
