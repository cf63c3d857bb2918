/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation and its checks as Markdown tables, for the summary page of a CI job. Names come
 * from files: what Markdown or HTML would take for markup is escaped. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/checks.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/evaluate_internal.h"

enum { WORST_LABELS = 5 };

static void put_name(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == 0x7F) {
            buffer_byte(out, ' ');
        } else if (byte == '<' || byte == '>' || byte == '&') {
            buffer_text(out, byte == '<' ? "&lt;" : byte == '>' ? "&gt;" : "&amp;");
        } else {
            if (strchr("\\`*_[]|~#!", byte) != NULL)
                buffer_byte(out, '\\');
            buffer_byte(out, *text);
        }
    }
}

static void put_figure(struct buffer *out, double v)
{
    buffer_text(out, " | ");
    if (isnan(v))
        buffer_text(out, "–");
    else
        number_print_fixed(out, v, 3);
}

/* The interval in words that fit a cell: "[0.650, 0.742]" or "none: rare-labels". */
static void put_interval(struct buffer *out, const struct field_figures *f, size_t value)
{
    buffer_text(out, " | ");
    if (f->interval == NULL || f->interval[value].state == INTERVAL_OFF)
        return;
    const struct figure_interval *interval = &f->interval[value];
    if (interval->state != INTERVAL_GIVEN) {
        buffer_text(out, "none: ");
        buffer_text(out, interval_state_name(interval->state));
        return;
    }
    buffer_byte(out, '[');
    number_print_fixed(out, interval->bca.low, 3);
    buffer_text(out, ", ");
    number_print_fixed(out, interval->bca.high, 3);
    buffer_byte(out, ']');
}

static void put_checks(struct buffer *out, const sikap_checks *checks)
{
    const size_t n_failed = sikap_checks_n_failed(checks);
    if (checks->n == 0)
        return;
    if (n_failed == 0)
        buffer_format(out, "**All %zu checks passed.**\n", checks->n);
    else
        buffer_format(out, "**%zu of %zu checks failed.**\n", n_failed, checks->n);
    buffer_text(out, "\n| | check | figure |\n|---|---|---|\n");
    for (size_t i = 0; i < checks->n; i++) {
        const sikap_check *check = &checks->items[i].shown;
        buffer_text(out, check->passed ? "| passed | " : "| **failed** | ");
        buffer_text(out, strcmp(check->kind, "baseline") == 0 ? "baseline: " : "");
        put_name(out, check->name);
        buffer_text(out, " | ");
        put_name(out, check->message);
        buffer_text(out, " |\n");
    }
    buffer_byte(out, '\n');
}

static void put_rates(struct buffer *out, const char *name, const struct rates *r,
                      const struct field_figures *f, size_t value)
{
    buffer_text(out, "| ");
    buffer_text(out, name);
    put_figure(out, r->precision);
    put_figure(out, r->recall);
    put_figure(out, r->f1);
    put_interval(out, f, value);
    buffer_text(out, " |\n");
}

static void put_averages(struct buffer *out, const struct evaluation_field *field,
                         const struct field_figures *f)
{
    const struct metrics *m = f->metrics;
    buffer_text(out, "| | precision | recall | F1 | 95 % interval of F1 |\n"
                     "|---|---:|---:|---:|---|\n");
    put_rates(out, "micro", &m->micro, f, METRICS_MICRO_F1);
    put_rates(out, "macro", &m->macro, f, METRICS_MACRO_F1);
    if (m->n_supported < m->n_labels)
        put_rates(out, "macro of those in gold", &m->macro_supported, f, METRICS_SUPPORTED_F1);
    put_rates(out, "weighted", &m->weighted, f, METRICS_WEIGHTED_F1);
    buffer_text(out, field->is_multi ? "\nAll labels right: " : "\nAccuracy: ");
    number_print_fixed(out, m->subset_accuracy, 3);
    if (f->interval != NULL && f->interval[METRICS_SUBSET_ACCURACY].state == INTERVAL_GIVEN) {
        buffer_text(out, " [");
        number_print_fixed(out, f->interval[METRICS_SUBSET_ACCURACY].bca.low, 3);
        buffer_text(out, ", ");
        number_print_fixed(out, f->interval[METRICS_SUBSET_ACCURACY].bca.high, 3);
        buffer_byte(out, ']');
    }
    buffer_byte(out, '\n');
}

/* The labels that occur in gold with the lowest F1, lowest first; of equals the first. */
static size_t worst_labels(const struct metrics *m, size_t worst[WORST_LABELS])
{
    size_t n = 0;
    for (size_t l = 0; l < m->n_labels; l++) {
        if (m->labels[l].support == 0)
            continue;
        size_t at = n < WORST_LABELS ? n++ : WORST_LABELS;
        if (at == WORST_LABELS && m->labels[worst[--at]].rates.f1 <= m->labels[l].rates.f1)
            continue;
        for (; at > 0 && m->labels[worst[at - 1]].rates.f1 > m->labels[l].rates.f1; at--)
            worst[at] = worst[at - 1];
        worst[at] = l;
    }
    return n;
}

static void put_worst(struct buffer *out, const struct evaluation_field *field,
                      const struct field_figures *f)
{
    size_t worst[WORST_LABELS];
    const size_t n = worst_labels(f->metrics, worst);
    if (n == 0)
        return;
    buffer_text(out, n < f->metrics->n_supported ? "\nLowest labels:\n" : "\nLabels:\n");
    buffer_text(out, "\n| label | precision | recall | F1 | 95 % interval of F1 | support |\n"
                     "|---|---:|---:|---:|---|---:|\n");
    for (size_t i = 0; i < n; i++) {
        const struct label_metrics *m = &f->metrics->labels[worst[i]];
        buffer_text(out, "| ");
        put_name(out, field->labels[worst[i]]);
        put_figure(out, m->rates.precision);
        put_figure(out, m->rates.recall);
        put_figure(out, m->rates.f1);
        put_interval(out, f, metrics_label_value(worst[i], METRICS_F1));
        buffer_format(out, " | %llu |\n", (unsigned long long)m->support);
    }
}

int sikap_checks_markdown(const sikap_checks *checks, sikap_write *write, void *context,
                          sikap_error *err)
{
    const sikap_evaluation *e = checks->evaluation;
    struct buffer out = {0};
    buffer_text(&out, "## Sikap\n\n");
    put_checks(&out, checks);
    for (size_t f = 0; f < e->data.n_fields; f++) {
        const struct evaluation_field *field = &e->data.fields[f];
        buffer_text(&out, f > 0 ? "\n### " : "### ");
        put_name(&out, field->name);
        buffer_format(&out, ": %s, %zu documents, %zu labels\n\n",
                      field->is_multi ? "multi" : "single", e->figures[f].n_documents,
                      field->n_labels);
        put_averages(&out, field, &e->figures[f]);
        put_worst(&out, field, &e->figures[f]);
    }
    const int status = buffer_hand_over(&out, "report", write, context, err);
    buffer_free(&out);
    return status;
}
