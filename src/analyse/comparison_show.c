/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison as JSON, and the documents on which the two sides differ as JSON Lines. */
#include <math.h>
#include <string.h>

#include "analyse/comparison.h"
#include "base/json_builder.h"

static const char *const SIDES[2] = {"a", "b"};
static const char *const FIGURES[N_COMPARED] = {
    [COMPARED_MICRO] = "micro_f1",
    [COMPARED_MACRO] = "macro_f1",
    [COMPARED_ALL_RIGHT] = "subset_accuracy",
};

static const char *side_name(int side)
{
    return side < 0 ? NULL : SIDES[side];
}

static void put_value(struct json_builder *j, const struct comparison_field *f, size_t value)
{
    const struct difference *d = &f->differences[value];
    const int is_given = f->states[value] == INTERVAL_GIVEN;
    json_put_number(j, "a", d->a);
    json_put_number(j, "b", d->b);
    json_put_number(j, "difference", d->difference);
    json_open(j, "interval", '{');
    if (is_given) {
        json_put_number(j, "low", d->interval.low);
        json_put_number(j, "high", d->interval.high);
    } else {
        json_put_text(j, "none", interval_state_name(f->states[value]));
    }
    json_close(j, '}');
    json_put_number(j, "p_randomisation", d->p_randomisation);
    json_put_number(j, "p_bootstrap", is_given ? d->p_bootstrap : NAN);
    json_put_number(j, "p_holm", f->p_holm[value]);
    json_put_text(j, "better", side_name(comparison_better(f, value)));
}

static void put_field(struct json_builder *j, const struct comparison_field *f, int has_groups)
{
    json_open(j, f->name, '{');
    json_put_text(j, "kind", f->is_multi ? "multi" : "single");
    json_put_count(j, "n_documents", f->rows.n);
    json_put_count(j, "n_units", f->n_units);
    for (size_t k = 0; k < N_COMPARED; k++) {
        const int is_accuracy = k == COMPARED_ALL_RIGHT && !f->is_multi;
        json_open(j, is_accuracy ? "accuracy" : FIGURES[k], '{');
        put_value(j, f, compared_value[k]);
        json_close(j, '}');
    }
    if (!f->is_multi && !has_groups) {
        json_open(j, "mcnemar", '{');
        json_put_count(j, "only_a", f->only[0]);
        json_put_count(j, "only_b", f->only[1]);
        json_put_number(j, "p", f->mcnemar.exact);
        json_put_number(j, "chi2", f->mcnemar.chi2);
        json_put_number(j, "p_chi2", f->mcnemar.p_chi2);
        json_close(j, '}');
    }
    json_open(j, "differing", '{');
    json_put_count(j, "n_documents", f->n_nearer[0] + f->n_nearer[1] + f->n_even);
    json_put_count(j, "a_nearer", f->n_nearer[0]);
    json_put_count(j, "b_nearer", f->n_nearer[1]);
    json_put_count(j, "neither", f->n_even);
    json_close(j, '}');
    json_open(j, "labels", '{');
    for (size_t l = 0; l < f->rows.labels.n; l++) {
        json_open(j, f->rows.labels.items[l], '{');
        json_put_count(j, "units_in_gold", f->n_with[l]);
        put_value(j, f, metrics_label_value(l, METRICS_F1));
        json_close(j, '}');
    }
    json_close(j, '}');
    json_close(j, '}');
}

int sikap_comparison_json(const sikap_comparison *c, sikap_write *write, void *context,
                          sikap_error *err)
{
    struct buffer text = {0};
    struct json_builder j = {.out = &text};
    json_open(&j, NULL, '{');
    json_put_text(&j, "a", c->names[0]);
    json_put_text(&j, "b", c->names[1]);
    json_put_count(&j, "n_documents", c->n_rows);
    json_open(&j, "tests", '{');
    json_put_count(&j, "resamples", c->n_resamples);
    json_put_count(&j, "seed", c->seed);
    json_put_number(&j, "level", EVALUATE_LEVEL);
    json_put_text(&j, "unit", c->has_groups ? "group" : "document");
    json_close(&j, '}');
    json_open(&j, "fields", '{');
    for (size_t f = 0; f < c->n_fields; f++)
        put_field(&j, &c->fields[f], c->has_groups);
    json_close(&j, '}');
    json_close(&j, '}');
    buffer_byte(&text, '\n');
    const int status = buffer_hand_over(&text, "comparison", write, context, err);
    buffer_free(&text);
    return status;
}

static void put_given(struct json_builder *j, const char *key, const struct comparison_field *f,
                      const uint8_t *cells)
{
    json_open(j, key, '[');
    for (size_t l = 0; l < f->rows.labels.n; l++)
        if (cells[l])
            json_put_text(j, NULL, f->rows.labels.items[l]);
    json_close(j, ']');
}

static void put_difference(struct buffer *out, const sikap_comparison *c,
                           const struct comparison_field *f, size_t i)
{
    const size_t at = i * f->rows.labels.n;
    const size_t errors[2] = {comparison_errors(f, 0, i), comparison_errors(f, 1, i)};
    struct json_builder j = {.out = out};
    json_open(&j, NULL, '{');
    json_put_text(&j, "id", c->ids[f->rows.pair[i]]);
    json_put_text(&j, "field", f->name);
    put_given(&j, "gold", f, f->rows.gold + at);
    put_given(&j, "a", f, f->rows.side[0] + at);
    put_given(&j, "b", f, f->rows.side[1] + at);
    json_put_text(&j, "nearer", side_name(errors[0] == errors[1] ? -1 : errors[1] < errors[0]));
    json_close(&j, '}');
    buffer_byte(out, '\n');
}

int sikap_comparison_differences(const sikap_comparison *c, sikap_write *write, void *context,
                                 sikap_error *err)
{
    enum { AT_ONCE = 1 << 16 };
    struct buffer text = {0};
    int status = 0;
    for (size_t k = 0; k < c->n_fields && status == 0; k++) {
        const struct comparison_field *f = &c->fields[k];
        for (size_t i = 0; i < f->rows.n && status == 0; i++) {
            const size_t at = i * f->rows.labels.n;
            if (memcmp(f->rows.side[0] + at, f->rows.side[1] + at, f->rows.labels.n) != 0)
                put_difference(&text, c, f, i);
            if (text.failed || text.n >= AT_ONCE)
                status = buffer_hand_over(&text, "comparison", write, context, err);
        }
    }
    if (status == 0 && text.n > 0)
        status = buffer_hand_over(&text, "comparison", write, context, err);
    buffer_free(&text);
    return status;
}
