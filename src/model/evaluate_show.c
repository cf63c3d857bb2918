/* SPDX-License-Identifier: Apache-2.0 */
/* One walk over the figures (visit_*) names every value by its path. Writing JSON prints what the
 * walk meets, a gate waits for its path to come by: the two cannot disagree. */
#include "model/evaluate_internal.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "measure/gate.h"

struct visitor {
    struct buffer *json; /* NULL: looking for a path */
    int needs_comma;
    const char *const *parts; /* the path looked for */
    size_t n_parts, depth;    /* depth: parts open now */
    size_t n_matched;         /* how many of the open parts agree with the path, from the first */
    int found;
    double value;
};

static void write_key(struct visitor *v, const char *name)
{
    if (v->json == NULL)
        return;
    buffer_text(v->json, v->needs_comma ? "," : "");
    json_write_string(v->json, name, strlen(name));
    buffer_byte(v->json, ':');
    v->needs_comma = 1;
}

static void open_part(struct visitor *v, const char *name)
{
    write_key(v, name);
    if (v->json != NULL) {
        buffer_byte(v->json, '{');
        v->needs_comma = 0;
    } else if (v->n_matched == v->depth && v->depth < v->n_parts &&
               strcmp(v->parts[v->depth], name) == 0) {
        v->n_matched++;
    }
    v->depth++;
}

static void close_part(struct visitor *v)
{
    v->depth--;
    if (v->n_matched > v->depth)
        v->n_matched = v->depth;
    if (v->json != NULL) {
        buffer_byte(v->json, '}');
        v->needs_comma = 1;
    }
}

static void put_number(struct visitor *v, const char *name, double value)
{
    write_key(v, name);
    if (v->json != NULL) {
        if (isfinite(value))
            number_print(v->json, value);
        else
            buffer_text(v->json, "null");
    } else if (v->n_matched == v->depth && v->depth + 1 == v->n_parts &&
               strcmp(v->parts[v->depth], name) == 0) {
        v->found = 1;
        v->value = value;
    }
}

static void put_text(struct visitor *v, const char *name, const char *text)
{
    write_key(v, name);
    if (v->json != NULL)
        json_write_string(v->json, text, strlen(text));
}

static void put_interval(struct visitor *v, const char *name, const struct field_figures *f,
                         size_t value, int honest, const char *why)
{
    if (f->interval == NULL)
        return;
    open_part(v, name);
    if (honest) {
        put_number(v, "low", f->interval[value].low);
        put_number(v, "high", f->interval[value].high);
    } else {
        put_text(v, "none", why);
    }
    close_part(v);
}

static const char rare[] = "too few documents for an honest interval";

static void visit_rates(struct visitor *v, const char *name, const struct rates *r,
                        const struct field_figures *f, size_t f1_value, int honest)
{
    open_part(v, name);
    put_number(v, "precision", r->precision);
    put_number(v, "recall", r->recall);
    put_number(v, "f1", r->f1);
    put_interval(v, "interval", f, f1_value, honest, rare);
    close_part(v);
}

static void visit_label(struct visitor *v, const struct evaluation_field *field,
                        const struct field_figures *f, size_t l)
{
    const struct label_metrics *m = &f->metrics->labels[l];
    open_part(v, field->labels[l]);
    put_number(v, "precision", m->rates.precision);
    put_number(v, "recall", m->rates.recall);
    put_number(v, "f1", m->rates.f1);
    put_number(v, "support", (double)m->support);
    put_number(v, "predicted", (double)m->predicted);
    if (f->average_precision != NULL)
        put_number(v, "average_precision", f->average_precision[l]);
    put_interval(v, "interval", f, metrics_label_value(l, METRICS_F1),
                 metrics_label_interval_is_honest(f->metrics, l), rare);
    close_part(v);
}

/* Arrays are JSON only: no gate looks into them. */
static void write_confusion(struct visitor *v, const struct evaluation_field *field,
                            const struct metrics *m)
{
    if (v->json == NULL || m->confusion == NULL)
        return;
    write_key(v, "confusion");
    buffer_text(v->json, "{\"labels\":[");
    for (size_t l = 0; l < field->n_labels; l++) {
        buffer_text(v->json, l > 0 ? "," : "");
        json_write_string(v->json, field->labels[l], strlen(field->labels[l]));
    }
    buffer_text(v->json, "],\"counts\":[");
    for (size_t g = 0; g < field->n_labels; g++) {
        buffer_text(v->json, g > 0 ? ",[" : "[");
        for (size_t p = 0; p < field->n_labels; p++)
            buffer_format(v->json, p > 0 ? ",%llu" : "%llu",
                          (unsigned long long)m->confusion[g * field->n_labels + p]);
        buffer_byte(v->json, ']');
    }
    buffer_text(v->json, "]}");
    v->needs_comma = 1;
}

static void write_coverage(struct visitor *v, const struct field_figures *f)
{
    if (v->json == NULL || !f->has_probabilities)
        return;
    write_key(v, "coverage");
    buffer_byte(v->json, '[');
    for (size_t i = 0; i < f->n_coverage; i++) {
        buffer_text(v->json, i > 0 ? ",{\"coverage\":" : "{\"coverage\":");
        number_print(v->json, f->coverage[i].coverage);
        buffer_text(v->json, ",\"confidence\":");
        number_print(v->json, f->coverage[i].confidence);
        buffer_text(v->json, ",\"accuracy\":");
        number_print(v->json, f->coverage[i].accuracy);
        buffer_byte(v->json, '}');
    }
    buffer_byte(v->json, ']');
    v->needs_comma = 1;
}

static void visit_field(struct visitor *v, const struct evaluation_field *field,
                        const struct field_figures *f)
{
    const struct metrics *m = f->metrics;
    open_part(v, field->name);
    put_number(v, "n_documents", (double)f->n_documents);
    visit_rates(v, "micro", &m->micro, f, METRICS_MICRO_F1, 1);
    visit_rates(v, "macro", &m->macro, f, METRICS_MACRO_F1, metrics_macro_interval_is_honest(m));
    visit_rates(v, "macro_supported", &m->macro_supported, f, METRICS_SUPPORTED_F1,
                metrics_supported_interval_is_honest(m));
    visit_rates(v, "weighted", &m->weighted, f, METRICS_WEIGHTED_F1, 1);
    put_number(v, "subset_accuracy", m->subset_accuracy);
    put_interval(v, "subset_accuracy_interval", f, METRICS_SUBSET_ACCURACY, 1, rare);
    put_number(v, "hamming_loss", m->hamming_loss);
    if (!field->is_multi)
        put_number(v, "accuracy", m->subset_accuracy);
    if (f->has_probabilities) {
        put_number(v, "brier", f->brier_score);
        put_number(v, "calibration_error", f->calibration_error);
    }
    open_part(v, "labels");
    for (size_t l = 0; l < field->n_labels; l++)
        visit_label(v, field, f, l);
    close_part(v);
    write_confusion(v, field, m);
    write_coverage(v, f);
    close_part(v);
}

static void visit_fields(struct visitor *v, const sikap_evaluation *e)
{
    for (size_t f = 0; f < e->data.n_fields; f++)
        visit_field(v, &e->data.fields[f], &e->figures[f]);
}

int sikap_evaluation_json(const sikap_evaluation *e, sikap_write *write, void *context,
                          sikap_error *err)
{
    struct buffer json = {0};
    struct visitor v = {.json = &json};
    buffer_byte(&json, '{');
    put_number(&v, "n_documents", (double)e->data.n_rows);
    put_number(&v, "n_skipped", (double)e->data.read.n_skipped);
    put_number(&v, "n_repaired", (double)e->data.read.n_repaired);
    open_part(&v, "fields");
    visit_fields(&v, e);
    close_part(&v);
    open_part(&v, "notes");
    for (size_t i = 0; i < e->data.n_notes; i++)
        put_text(&v, e->data.notes[i].name, e->data.notes[i].value);
    close_part(&v);
    buffer_text(&json, "}\n");
    int status = json.failed ? error_memory(err, "evaluation") : 0;
    if (status == 0 && write(context, json.bytes, json.n) != 0)
        status = error_errno(err, NULL, "write the evaluation");
    buffer_free(&json);
    return status;
}

struct gate_search {
    const sikap_evaluation *evaluation;
};

static int resolve(void *context, const char *const *parts, size_t n_parts, double *value)
{
    const struct gate_search *search = context;
    struct visitor v = {.parts = parts, .n_parts = n_parts};
    if (n_parts == 1 && strcmp(parts[0], "n_documents") == 0) {
        *value = (double)search->evaluation->data.n_rows;
        return 1;
    }
    /* "fields." in front is allowed: gates are paths into the JSON, shortened by that word. */
    if (n_parts > 1 && strcmp(parts[0], "fields") == 0) {
        v.parts++;
        v.n_parts--;
    }
    visit_fields(&v, search->evaluation);
    *value = v.value;
    return v.found;
}

int sikap_evaluation_gate(const sikap_evaluation *e, const char *expression, int *passed,
                          double *value, sikap_error *err)
{
    struct gate *gate;
    *passed = 0;
    *value = NAN;
    int status = gate_parse(&gate, expression, strlen(expression), err);
    if (status != 0)
        return status;
    struct gate_search search = {e};
    status = gate_check(passed, value, gate, resolve, &search, err);
    gate_free(gate);
    return status;
}

/* ---- the table ---- */

enum { NUMBER_WIDTH = 7, LABEL_MOST = 40, LABEL_LEAST = 12 };

/* Code points, cut with an ellipsis, padded to `width`. */
static void put_cell(struct buffer *out, const char *text, size_t width)
{
    size_t n = 0, bytes = 0, cut = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (((unsigned char)text[i] & 0xC0) == 0x80)
            continue;
        if (n + 1 == width)
            cut = i;
        n++;
    }
    bytes = n > width ? cut : strlen(text);
    buffer_bytes(out, text, bytes);
    if (n > width)
        buffer_text(out, "…");
    for (size_t i = n; i < width; i++)
        buffer_byte(out, ' ');
}

static void put_figure(struct buffer *out, double v)
{
    struct buffer text = {0};
    if (isnan(v))
        buffer_text(&text, "-");
    else
        number_print_fixed(&text, v, 3);
    for (size_t i = text.n; i < NUMBER_WIDTH; i++)
        buffer_byte(out, ' ');
    buffer_bytes(out, text.bytes, text.n);
    buffer_free(&text);
}

static void put_headline(struct buffer *out, const char *name, const struct rates *r,
                         const struct field_figures *f, size_t value, int honest, size_t width)
{
    put_cell(out, name, width);
    put_figure(out, r->precision);
    put_figure(out, r->recall);
    put_figure(out, r->f1);
    if (f->interval != NULL && honest) {
        buffer_text(out, "   [");
        number_print_fixed(out, f->interval[value].low, 3);
        buffer_text(out, ", ");
        number_print_fixed(out, f->interval[value].high, 3);
        buffer_byte(out, ']');
    } else if (f->interval != NULL) {
        buffer_text(out, "   (rare labels)");
    }
    buffer_byte(out, '\n');
}

static void put_count(struct buffer *out, uint64_t n)
{
    struct buffer text = {0};
    buffer_format(&text, "%llu", (unsigned long long)n);
    for (size_t i = text.n; i < NUMBER_WIDTH + 2; i++)
        buffer_byte(out, ' ');
    buffer_bytes(out, text.bytes, text.n);
    buffer_free(&text);
}

static void put_labels(struct buffer *out, const struct evaluation_field *field,
                       const struct field_figures *f, size_t width)
{
    put_cell(out, "label", width);
    buffer_text(out, "      P      R     F1  support     AP\n");
    for (size_t l = 0; l < field->n_labels; l++) {
        const struct label_metrics *m = &f->metrics->labels[l];
        put_cell(out, field->labels[l], width);
        put_figure(out, m->rates.precision);
        put_figure(out, m->rates.recall);
        put_figure(out, m->rates.f1);
        put_count(out, m->support);
        put_figure(out, f->average_precision == NULL ? NAN : f->average_precision[l]);
        buffer_byte(out, '\n');
    }
}

static void put_confusion(struct buffer *out, const struct evaluation_field *field,
                          const struct metrics *m, size_t columns)
{
    const size_t n = field->n_labels, width = 14;
    if (m->confusion == NULL || width + n * (NUMBER_WIDTH + 2) > columns)
        return;
    buffer_text(out, "\nconfusion (rows: gold, columns: predicted)\n");
    put_cell(out, "", width);
    for (size_t p = 0; p < n; p++) {
        buffer_text(out, " ");
        put_cell(out, field->labels[p], NUMBER_WIDTH + 1);
    }
    buffer_byte(out, '\n');
    for (size_t g = 0; g < n; g++) {
        put_cell(out, field->labels[g], width);
        for (size_t p = 0; p < n; p++)
            put_count(out, m->confusion[g * n + p]);
        buffer_byte(out, '\n');
    }
}

static void put_field(struct buffer *out, const struct evaluation_field *field,
                      const struct field_figures *f, size_t columns)
{
    const struct metrics *m = f->metrics;
    size_t width = columns > 44 ? columns - 44 : LABEL_LEAST;
    width = width > LABEL_MOST ? LABEL_MOST : width < LABEL_LEAST ? LABEL_LEAST : width;
    buffer_format(out, "%s: %s, %zu documents, %zu labels\n", field->name,
                  field->is_multi ? "multi" : "single", f->n_documents, field->n_labels);
    put_cell(out, "", width);
    buffer_text(out, f->interval != NULL ? "      P      R     F1   95 % interval of F1\n"
                                         : "      P      R     F1\n");
    put_headline(out, "micro", &m->micro, f, METRICS_MICRO_F1, 1, width);
    put_headline(out, "macro", &m->macro, f, METRICS_MACRO_F1, metrics_macro_interval_is_honest(m),
                 width);
    put_headline(out, "weighted", &m->weighted, f, METRICS_WEIGHTED_F1, 1, width);
    put_cell(out, field->is_multi ? "all labels right" : "accuracy", width);
    put_figure(out, m->subset_accuracy);
    buffer_byte(out, '\n');
    if (f->has_probabilities) {
        put_cell(out, "calibration error", width);
        put_figure(out, f->calibration_error);
        buffer_text(out, "   Brier score");
        put_figure(out, f->brier_score);
        buffer_byte(out, '\n');
    }
    buffer_byte(out, '\n');
    put_labels(out, field, f, width);
    put_confusion(out, field, m, columns);
}

int sikap_evaluation_text(const sikap_evaluation *e, size_t columns, sikap_write *write,
                          void *context, sikap_error *err)
{
    struct buffer out = {0};
    for (size_t f = 0; f < e->data.n_fields; f++) {
        buffer_text(&out, f > 0 ? "\n" : "");
        put_field(&out, &e->data.fields[f], &e->figures[f], columns);
    }
    int status = out.failed ? error_memory(err, "evaluation") : 0;
    if (status == 0 && write(context, out.bytes, out.n) != 0)
        status = error_errno(err, NULL, "write the evaluation");
    buffer_free(&out);
    return status;
}
