/* SPDX-License-Identifier: Apache-2.0 */
/* A drift for people, figures first, then what they mean and what to do, and for programs. */
#include <math.h>
#include <string.h>

#include "analyse/drift.h"
#include "base/json_builder.h"
#include "base/memory.h"
#include "base/number.h"
#include "text/show.h"

enum { NUMBER_WIDTH = 10, P_WIDTH = 10, FEW_DOCUMENTS = 20 };

static const struct model_field *field_of(const sikap_model *m, size_t label)
{
    size_t f = 0;
    while (label >= m->fields[f].first + m->fields[f].n)
        f++;
    return &m->fields[f];
}

/* ---- people ---- */

static void put_name(struct buffer *out, const struct sikap_drift *d, const struct drift_change *c,
                     size_t width)
{
    const sikap_model *m = d->model;
    struct buffer name = {0};
    if (c->kind == DRIFT_UNKNOWN)
        buffer_text(&name, "unknown share of a text");
    else if (c->kind == DRIFT_WORDS)
        buffer_text(&name, "words of a text");
    else if (c->kind == DRIFT_UNCERTAINTY)
        buffer_text(&name, m->fields[c->index].name);
    else
        buffer_text(&name, field_of(m, c->index)->name);
    if (c->kind == DRIFT_UNCERTAINTY)
        buffer_text(&name, ": uncertainty, bits");
    if (c->kind == DRIFT_LABEL) {
        buffer_byte(&name, ':');
        buffer_text(&name, m->labels[c->index]);
    }
    buffer_byte(&name, '\0');
    show_cell(out, name.failed ? "" : name.bytes, width);
    out->failed |= name.failed;
    buffer_free(&name);
}

static void put_change(struct buffer *out, const struct sikap_drift *d,
                       const struct drift_change *c, size_t width)
{
    const int decimals = c->kind == DRIFT_WORDS ? 0 : c->kind == DRIFT_UNCERTAINTY ? 2 : 3;
    struct buffer effect = {0}, p = {0};
    put_name(out, d, c, width);
    show_number(out, c->before, decimals, NUMBER_WIDTH);
    show_number(out, c->after, decimals, NUMBER_WIDTH);
    buffer_text(&effect, c->effect >= 0 ? "+" : "");
    number_print_fixed(&effect, c->effect, 2);
    show_right(out, &effect, NUMBER_WIDTH);
    if (c->p < 0.0001)
        buffer_text(&p, "<0.0001");
    else
        number_print_fixed(&p, c->p, 4);
    show_right(out, &p, P_WIDTH);
    buffer_text(out, c->is_notable ? "  *\n" : "\n");
}

struct advice {
    enum drift_kind kind;
    int rises;
    const char *text;
};

static const struct advice ADVICE[] = {
    {DRIFT_UNKNOWN, 1,
     "More of the texts is new to the model. Label some of them (sikap suggest) and train\n"
     "  again with them.\n"},
    {DRIFT_UNKNOWN, 0, "Less of the texts is new to the model than of its training texts.\n"},
    {DRIFT_WORDS, 1,
     "The texts are longer than those that the model learnt from: a label that one paragraph\n"
     "  has may drown. Train with --passages, or cut the texts into paragraphs.\n"},
    {DRIFT_WORDS, 0,
     "The texts are shorter than those that the model learnt from: there is less to go by.\n"
     "  Label some short ones and train again.\n"},
    {DRIFT_UNCERTAINTY, 1,
     "The model is less sure than it was of its training texts: expect more errors than its\n"
     "  evaluation says. Label a sample and run sikap eval on it.\n"},
    {DRIFT_LABEL, 1,
     "Labels are given more often. The world may have changed, or the model may be mistaken:\n"
     "  read some of these documents. Thresholds were learnt for the old shares.\n"},
    {DRIFT_LABEL, 0,
     "Labels are given less often. Look whether the subject is gone, or goes by new words.\n"},
};

static void put_advice(struct buffer *out, const struct sikap_drift *d)
{
    int any = 0;
    for (size_t a = 0; a < sizeof ADVICE / sizeof *ADVICE; a++)
        for (size_t i = 0; i < d->n_changes; i++) {
            const struct drift_change *c = &d->changes[i];
            if (!c->is_notable || c->kind != ADVICE[a].kind ||
                (c->effect > 0) != (ADVICE[a].rises != 0))
                continue;
            buffer_text(out, any ? "- " : "\n- ");
            buffer_text(out, ADVICE[a].text);
            any = 1;
            break;
        }
    if (!any)
        buffer_text(out, "\nNo change worth acting on.\n");
}

int sikap_drift_text(const sikap_drift *d, size_t columns, size_t limit, sikap_write *write,
                     void *context, sikap_error *err)
{
    struct buffer out = {0};
    const size_t numbers = 3 * NUMBER_WIDTH + P_WIDTH + 3;
    const size_t width = (columns < 70 ? 70 : columns > 100 ? 100 : columns) - numbers;
    size_t n_notable = 0, n_labels = 0;
    for (size_t i = 0; i < d->n_changes; i++)
        n_notable += (size_t)d->changes[i].is_notable;
    buffer_format(&out, "%zu new documents", d->n_after);
    if (d->n_groups < d->n_after)
        buffer_format(&out, " in %zu groups", d->n_groups);
    buffer_format(&out, " against %zu%s\n\n", d->n_before,
                  d->against_texts ? "" : " that the model learnt from");
    if (d->n_groups < FEW_DOCUMENTS)
        buffer_text(&out, "Too few of them to tell much.\n\n");
    show_cell(&out, "", width);
    buffer_text(&out, "    before     after    effect         p\n");
    for (size_t i = 0; i < d->n_changes; i++) {
        n_labels += d->changes[i].kind == DRIFT_LABEL;
        if (n_labels <= limit || d->changes[i].is_notable)
            put_change(&out, d, &d->changes[i], width);
    }
    if (n_labels > limit)
        buffer_format(&out, "(labels that changed least are in --json, or --limit %zu)\n",
                      n_labels);
    buffer_format(&out,
                  "\n%zu of %zu changed (*): p, corrected for their number, below 0.05, and at "
                  "least a small\neffect (0.2; Cohen). Medians; of labels, the share of documents "
                  "given them.\n",
                  n_notable, d->n_changes);
    put_advice(&out, d);
    const int status = buffer_hand_over(&out, "drift", write, context, err);
    buffer_free(&out);
    return status;
}

/* ---- programs ---- */

static void put_figures(struct json_builder *b, const struct drift_change *c)
{
    json_put_number(b, "before", c->before);
    json_put_number(b, "after", c->after);
    json_put_number(b, "effect", c->effect);
    json_put_number(b, "p", c->p);
    json_put_flag(b, "changed", c->is_notable);
    json_close(b, '}');
}

/* Fields in the model's order, with their labels inside, largest change first. */
static void put_fields(struct json_builder *b, const struct sikap_drift *d)
{
    const sikap_model *m = d->model;
    json_open(b, "fields", '{');
    for (size_t f = 0; f < m->n_fields; f++) {
        json_open(b, m->fields[f].name, '{');
        json_open(b, "uncertainty", '{');
        put_figures(b, &d->changes[REFERENCE_UNCERTAINTY + f]);
        json_open(b, "labels", '{');
        for (size_t i = d->n_quantities; i < d->n_changes; i++) {
            const struct drift_change *c = &d->changes[i];
            if (field_of(m, c->index) != &m->fields[f])
                continue;
            json_open(b, m->labels[c->index], '{');
            put_figures(b, c);
        }
        json_close(b, '}');
        json_close(b, '}');
    }
    json_close(b, '}');
}

int sikap_drift_json(const sikap_drift *d, sikap_write *write, void *context, sikap_error *err)
{
    struct buffer out = {0};
    struct json_builder b = {.out = &out};
    json_open(&b, NULL, '{');
    json_put_count(&b, "n_before", d->n_before);
    json_put_count(&b, "n_after", d->n_after);
    json_put_count(&b, "n_groups", d->n_groups);
    json_put_count(&b, "n_skipped", d->read.n_skipped);
    json_put_number(&b, "p", sikap_drift_p(d));
    json_open(&b, "unknown", '{');
    put_figures(&b, &d->changes[REFERENCE_UNKNOWN]);
    json_open(&b, "words", '{');
    put_figures(&b, &d->changes[REFERENCE_WORDS]);
    put_fields(&b, d);
    json_close(&b, '}');
    buffer_byte(&out, '\n');
    const int status = buffer_hand_over(&out, "drift", write, context, err);
    buffer_free(&out);
    return status;
}
