/* SPDX-License-Identifier: Apache-2.0 */
/* Agreement as JSON, and the documents on which coders disagree as JSON Lines. */
#include <string.h>

#include "analyse/agree.h"
#include "base/json_builder.h"

static void put_figure(struct json_builder *j, const char *key, const struct agree_figure *figure)
{
    json_open(j, key, '{');
    json_put_number(j, "value", figure->value);
    if (figure->state != INTERVAL_OFF) {
        json_open(j, "interval", '{');
        if (figure->state == INTERVAL_GIVEN) {
            json_put_number(j, "low", figure->interval.low);
            json_put_number(j, "high", figure->interval.high);
        } else {
            json_put_text(j, "none", interval_state_name(figure->state));
        }
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void put_label(struct json_builder *j, const char *name, const struct agree_label *label,
                      int is_two)
{
    json_open(j, name, '{');
    put_figure(j, "alpha", &label->alpha);
    put_figure(j, "f1", &label->f1);
    json_put_number(j, "kappa", label->kappa);
    json_put_number(j, "observed", label->observed);
    json_put_count(j, "both", label->both);
    if (is_two) {
        json_put_count(j, "only_1", label->only[0]);
        json_put_count(j, "only_2", label->only[1]);
    } else {
        json_put_count(j, "one", label->one);
    }
    json_put_count(j, "neither", label->neither);
    json_close(j, '}');
}

static void put_pairs(struct json_builder *j, const struct agree_field *f)
{
    json_open(j, "pairs", '[');
    for (size_t p = 0; p < f->n_pairs; p++) {
        const struct agree_pair *pair = &f->pairs[p];
        json_open(j, NULL, '{');
        json_put_count(j, "first", pair->coders[0] + 1);
        json_put_count(j, "second", pair->coders[1] + 1);
        json_put_count(j, "n_documents", pair->n_documents);
        json_put_number(j, "alike", pair->alike);
        json_put_number(j, "f1", pair->f1);
        json_put_number(j, "kappa", pair->kappa);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_field(struct json_builder *j, const struct agree_field *f, int is_two)
{
    json_open(j, f->name, '{');
    json_put_text(j, "kind", f->is_multi ? "multi" : "single");
    json_put_count(j, "n_documents", f->n_documents);
    json_put_count(j, "n_units", f->n_units);
    put_figure(j, "alike", &f->alike);
    put_figure(j, "f1", &f->f1);
    put_figure(j, "alpha", &f->alpha);
    json_put_number(j, "kappa", f->kappa);
    json_put_number(j, "observed", f->observed);
    json_open(j, "labels", '{');
    for (size_t l = 0; l < f->n_labels; l++)
        put_label(j, f->labels[l], &f->by_label[l], is_two);
    json_close(j, '}');
    put_pairs(j, f);
    json_open(j, "confused", '[');
    for (size_t k = 0; k < f->n_confused; k++) {
        json_open(j, NULL, '{');
        json_put_text(j, "first", f->labels[f->confused[k].labels[0]]);
        json_put_text(j, "second", f->labels[f->confused[k].labels[1]]);
        json_put_count(j, "times", f->confused[k].n);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

int sikap_agreement_json(const sikap_agreement *a, sikap_write *write, void *context,
                         sikap_error *err)
{
    struct buffer text = {0};
    struct json_builder j = {.out = &text};
    json_open(&j, NULL, '{');
    json_open(&j, "files", '[');
    for (size_t c = 0; c < a->n_coders; c++)
        json_put_text(&j, NULL, a->files[c]);
    json_close(&j, ']');
    json_put_count(&j, "n_documents", a->n_rows);
    json_open(&j, "fields", '{');
    for (size_t f = 0; f < a->n_fields; f++)
        put_field(&j, &a->fields[f], a->n_coders == 2);
    json_close(&j, '}');
    if (a->n_resamples > 0) {
        json_open(&j, "bootstrap", '{');
        json_put_count(&j, "resamples", a->n_resamples);
        json_put_count(&j, "seed", a->seed);
        json_put_number(&j, "level", EVALUATE_LEVEL);
        json_put_text(&j, "method", "bca");
        json_put_text(&j, "unit", a->group == NULL ? "document" : "group");
        json_close(&j, '}');
    }
    json_close(&j, '}');
    buffer_byte(&text, '\n');
    const int status = buffer_hand_over(&text, "agreement", write, context, err);
    buffer_free(&text);
    return status;
}

/* Do two coders of document i differ? */
static int is_disputed(const sikap_agreement *a, const struct agree_field *f, size_t i)
{
    const uint8_t *first = NULL;
    for (size_t c = 0; c < a->n_coders; c++) {
        if (!f->has[c * a->n_rows + i])
            continue;
        if (first != NULL && memcmp(first, agree_given(a, f, c, i), f->n_labels) != 0)
            return 1;
        first = agree_given(a, f, c, i);
    }
    return 0;
}

static void put_disputed(struct buffer *out, const sikap_agreement *a, const struct agree_field *f,
                         size_t i)
{
    struct json_builder j = {.out = out};
    json_open(&j, NULL, '{');
    json_put_text(&j, "id", a->ids[i]);
    json_put_text(&j, "field", f->name);
    json_open(&j, "given", '[');
    for (size_t c = 0; c < a->n_coders; c++) {
        if (!f->has[c * a->n_rows + i]) {
            json_put_text(&j, NULL, NULL);
            continue;
        }
        json_open(&j, NULL, '[');
        for (size_t l = 0; l < f->n_labels; l++)
            if (agree_given(a, f, c, i)[l])
                json_put_text(&j, NULL, f->labels[l]);
        json_close(&j, ']');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    buffer_byte(out, '\n');
}

int sikap_agreement_disagreements(const sikap_agreement *a, sikap_write *write, void *context,
                                  sikap_error *err)
{
    enum { AT_ONCE = 1 << 16 };
    struct buffer text = {0};
    int status = 0;
    for (size_t k = 0; k < a->n_fields; k++)
        for (size_t i = 0; i < a->n_rows && status == 0; i++) {
            if (is_disputed(a, &a->fields[k], i))
                put_disputed(&text, a, &a->fields[k], i);
            if (text.failed || text.n >= AT_ONCE)
                status = buffer_hand_over(&text, "agreement", write, context, err);
        }
    if (status == 0 && text.n > 0)
        status = buffer_hand_over(&text, "agreement", write, context, err);
    buffer_free(&text);
    return status;
}
