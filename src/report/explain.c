/* SPDX-License-Identifier: Apache-2.0 */
/* One text, and which of its labels are explained. */
#include "report/explain.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "text/utf8.h"

#define AT(member) offsetof(struct explain_options, member)
#define GROUP "Shown"

static const struct option_row rows[] = {
    {{"label", "LABEL", NULL, "explain this label (or FIELD:LABEL), given or not; may be repeated",
      GROUP},
     OPTION_LIST,
     AT(labels),
     0,
     0,
     NULL},
    {{"top", "K", "6", "words shown for each side of a label", GROUP},
     OPTION_COUNT,
     AT(top),
     0,
     1e6,
     NULL},
    {{"near", "N", "1", "labels of each field that came nearest without being given", GROUP},
     OPTION_COUNT,
     AT(near),
     0,
     1e6,
     NULL},
    {{"passages", "N", "2", "sentences shown for each label that is given or named", GROUP},
     OPTION_COUNT,
     AT(passages),
     0,
     1e6,
     NULL},
};
static const struct option_table explain_option_table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_explain_option(size_t i)
{
    return option_shown(&explain_option_table, i);
}

void sikap_explanation_free(sikap_explanation *e)
{
    if (e == NULL)
        return;
    option_clear(&explain_option_table, &e->options);
    memory_free(e->text);
    memory_free(e->segments);
    memory_free(e->wanted);
    explanation_free(e->core);
    memory_free(e);
}

/* How far a label is from being given: its decision value above what was needed. */
static float margin(const sikap_explanation *e, size_t label, int is_multi)
{
    return e->core->scores[label] - (is_multi ? e->model->threshold[label] : 0);
}

static void want_nearest(sikap_explanation *e, const struct model_field *field)
{
    const size_t end = field->first + field->n;
    for (size_t i = 0; i < e->options.near; i++) {
        size_t nearest = end;
        for (size_t l = field->first; l < end; l++)
            if (!e->wanted[l] && (nearest == end || margin(e, l, field->is_multi) >
                                                        margin(e, nearest, field->is_multi)))
                nearest = l;
        if (nearest == end)
            break;
        e->wanted[nearest] = 1;
    }
}

/* Those that --label names; else those given, and of each field the nearest that were not. */
static int choose_wanted(sikap_explanation *e, sikap_error *err)
{
    for (size_t i = 0; i < e->options.labels.n; i++) {
        size_t label;
        const int status =
            sikap_model_find_label(&label, e->model, e->options.labels.items[i], err);
        if (status != 0)
            return status;
        e->wanted[label] = 1;
    }
    if (e->options.labels.n > 0)
        return 0;
    memcpy(e->wanted, e->core->chosen, e->model->n_labels);
    for (size_t f = 0; f < e->model->n_fields; f++)
        want_nearest(e, &e->model->fields[f]);
    return 0;
}

static int take_text(sikap_explanation *e, const char *text, size_t n, sikap_error *err)
{
    const struct segment_plan *plan = &e->model->plan;
    struct buffer valid = {0};
    utf8_repair(text, n, &valid);
    buffer_byte(&valid, '\0');
    e->segments = memory_zero(plan->n, sizeof *e->segments);
    e->wanted = memory_zero(e->model->n_labels, 1);
    e->text = valid.bytes;
    e->n = valid.n - 1;
    if (valid.failed || e->segments == NULL || e->wanted == NULL)
        return error_memory(err, "text");
    for (size_t k = 0; k < plan->n; k++)
        if (strcmp(plan->names[k], "text") == 0)
            e->segments[k] = (struct text){e->text, e->n};
    return 0;
}

int sikap_explanation_new(sikap_explanation **out, const sikap_model *model, const char *text,
                          size_t n, const sikap_options *options, sikap_error *err)
{
    static const struct option_table *const tables[] = {&explain_option_table, NULL};
    *out = NULL;
    sikap_explanation *e = memory_zero(1, sizeof *e);
    if (e == NULL)
        return error_memory(err, "explanation");
    e->model = model;
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &explain_option_table, &e->options, err);
    if (status == 0)
        status = sikap_model_read_terms(model, err);
    if (status == 0)
        status = take_text(e, text, n, err);
    if (status == 0)
        status = explanation_new(&e->core, model, err);
    if (status == 0)
        status = explanation_score(e->core, e->segments, 0, err);
    if (status == 0)
        status = choose_wanted(e, err);
    if (status != 0) {
        sikap_explanation_free(e);
        return status;
    }
    *out = e;
    return 0;
}

int explain_each(const sikap_explanation *e, explain_visit *visit, void *context, sikap_error *err)
{
    for (size_t f = 0; f < e->model->n_fields; f++) {
        const struct model_field *field = &e->model->fields[f];
        int is_first = 1;
        for (int given = 1; given >= 0; given--)
            for (size_t l = field->first; l < field->first + field->n; l++) {
                struct label_explanation *x;
                if (!e->wanted[l] || e->core->chosen[l] != given)
                    continue;
                int status = label_explanation_new(&x, e->core, l, err);
                if (status == 0)
                    status = visit(context, e, x, f, is_first, err);
                label_explanation_free(x);
                if (status != 0)
                    return status;
                is_first = 0;
            }
    }
    return 0;
}

void explain_term(struct buffer *out, const sikap_model *model, size_t term)
{
    size_t n;
    const char *text = sikap_model_term(model, term, &n);
    const char *segment = sikap_model_term_segment(model, term);
    const char *quote = sikap_model_term_is_chars(model, term) ? "\"" : "";
    if (segment != NULL) {
        buffer_text(out, segment);
        buffer_byte(out, ':');
    }
    buffer_text(out, quote);
    buffer_bytes(out, text, n);
    buffer_text(out, quote);
}

void explain_signed(struct buffer *out, double v, int decimals)
{
    if (v >= 0)
        buffer_byte(out, '+');
    number_print_fixed(out, v, decimals);
}
