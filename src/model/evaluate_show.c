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

/* A withheld interval is its reason in JSON; to a gate its bounds are no numbers, which fails. */
static void put_interval(struct visitor *v, const char *name, const struct field_figures *f,
                         size_t value)
{
    if (f->interval == NULL || f->interval[value].state == INTERVAL_OFF)
        return;
    const struct figure_interval *interval = &f->interval[value];
    const int is_given = interval->state == INTERVAL_GIVEN;
    open_part(v, name);
    if (!is_given && v->json != NULL) {
        put_text(v, "none", interval_state_name(interval->state));
    } else {
        put_number(v, "low", is_given ? interval->bca.low : NAN);
        put_number(v, "high", is_given ? interval->bca.high : NAN);
        open_part(v, "percentile");
        put_number(v, "low", is_given ? interval->percentile.low : NAN);
        put_number(v, "high", is_given ? interval->percentile.high : NAN);
        close_part(v);
    }
    close_part(v);
}

/* `value`: the first of the three values that metrics_values has for them. */
static void visit_rates(struct visitor *v, const char *name, const struct rates *r,
                        const struct field_figures *f, size_t value)
{
    open_part(v, name);
    put_number(v, "precision", r->precision);
    put_number(v, "recall", r->recall);
    put_number(v, "f1", r->f1);
    put_interval(v, "interval", f, value + METRICS_F1);
    put_interval(v, "precision_interval", f, value + METRICS_PRECISION);
    put_interval(v, "recall_interval", f, value + METRICS_RECALL);
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
    put_interval(v, "interval", f, metrics_label_value(l, METRICS_F1));
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

/* "KEY":[{"A":…,"B":…},…], which no path leads into: for JSON only. */
static void open_list(struct visitor *v, const char *name)
{
    write_key(v, name);
    buffer_byte(v->json, '[');
}

static void close_list(struct visitor *v)
{
    buffer_byte(v->json, ']');
    v->needs_comma = 1;
}

static void open_row(struct visitor *v, size_t i)
{
    buffer_text(v->json, i > 0 ? ",{" : "{");
    v->needs_comma = 0;
}

static void write_coverage(struct visitor *v, const struct field_figures *f)
{
    if (v->json == NULL || f->n_coverage == 0)
        return;
    open_list(v, "coverage");
    for (size_t i = 0; i < f->n_coverage; i++) {
        open_row(v, i);
        put_number(v, "coverage", f->coverage[i].coverage);
        put_number(v, "confidence", f->coverage[i].confidence);
        put_number(v, "accuracy", f->coverage[i].accuracy);
        put_number(v, "n_documents", (double)f->coverage[i].n);
        buffer_byte(v->json, '}');
    }
    close_list(v);
}

static void write_reliability(struct visitor *v, const struct field_figures *f)
{
    if (v->json == NULL || !f->has_probabilities)
        return;
    open_list(v, "reliability");
    for (size_t b = 0, n = 0; b < RELIABILITY_BINS; b++) {
        const struct reliability_bin *bin = &f->reliability[b];
        if (bin->n == 0)
            continue;
        open_row(v, n++);
        put_number(v, "low", bin->low);
        put_number(v, "high", bin->high);
        put_number(v, "n", (double)bin->n);
        put_number(v, "mean_probability", bin->mean_probability);
        put_number(v, "share_true", bin->share_true);
        buffer_byte(v->json, '}');
    }
    close_list(v);
}

static void visit_rankings(struct visitor *v, const struct evaluation_field *field,
                           const struct field_figures *f)
{
    if (f->average_precision == NULL)
        return;
    open_part(v, "average_precision");
    if (field->is_multi)
        put_number(v, "micro", f->micro_average_precision);
    put_number(v, "macro", f->mean_average_precision);
    close_part(v);
}

static void visit_probabilities(struct visitor *v, const struct evaluation_field *field,
                                const struct field_figures *f)
{
    if (!f->has_probabilities)
        return;
    put_number(v, "brier", f->brier_score);
    put_number(v, "calibration_error", f->calibration_error);
    open_part(v, "expected");
    put_number(v, field->is_multi ? "subset_accuracy" : "accuracy", f->expected_accuracy);
    put_number(v, "f1", f->expected_f1);
    close_part(v);
}

static void visit_unleaked(struct visitor *v, const struct evaluation_field *field,
                           const struct field_figures *f)
{
    const struct metrics *m = f->unleaked;
    if (m == NULL)
        return;
    const struct field_figures bare = {.interval = NULL};
    open_part(v, "without_leaked");
    put_number(v, "n_documents", (double)f->n_unleaked);
    visit_rates(v, "micro", &m->micro, &bare, 0);
    visit_rates(v, "macro", &m->macro, &bare, 0);
    visit_rates(v, "macro_supported", &m->macro_supported, &bare, 0);
    visit_rates(v, "weighted", &m->weighted, &bare, 0);
    put_number(v, field->is_multi ? "subset_accuracy" : "accuracy", m->subset_accuracy);
    put_number(v, "hamming_loss", m->hamming_loss);
    close_part(v);
}

static void visit_repeats(struct visitor *v, const struct evaluation_data *d,
                          const struct evaluation_field *field, const struct field_figures *f)
{
    if (f->repeats == NULL)
        return;
    const char *const names[] = {"micro_f1", "macro_f1", "weighted_f1",
                                 field->is_multi ? "subset_accuracy" : "accuracy"};
    open_part(v, "repeats");
    for (int i = 0; i < REPEAT_VALUES; i++) {
        const struct repeat_spread s =
            evaluation_spread(f->repeats, d->n_repeats, (enum repeat_value)i);
        open_part(v, names[i]);
        put_number(v, "mean", s.mean);
        put_number(v, "sd", s.sd);
        put_number(v, "low", s.low);
        put_number(v, "high", s.high);
        close_part(v);
    }
    close_part(v);
}

static void visit_plain_rates(struct visitor *v, const char *name, const struct rates *r)
{
    open_part(v, name);
    put_number(v, "precision", r->precision);
    put_number(v, "recall", r->recall);
    put_number(v, "f1", r->f1);
    close_part(v);
}

static void visit_kept(struct visitor *v, const struct evaluation_field *field,
                       const struct field_figures *f)
{
    if (field->kept == NULL)
        return;
    open_part(v, "kept");
    put_number(v, "n_documents", (double)f->n_kept);
    put_number(v, "coverage", (double)f->n_kept / (double)f->n_documents);
    if (f->kept != NULL) {
        visit_plain_rates(v, "micro", &f->kept->micro);
        visit_plain_rates(v, "macro", &f->kept->macro);
        put_number(v, field->is_multi ? "subset_accuracy" : "accuracy", f->kept->subset_accuracy);
    }
    close_part(v);
}

static void visit_field(struct visitor *v, const struct evaluation_data *d,
                        const struct evaluation_field *field, const struct field_figures *f)
{
    const struct metrics *m = f->metrics;
    open_part(v, field->name);
    put_text(v, "kind", field->is_multi ? "multi" : "single");
    put_number(v, "n_documents", (double)f->n_documents);
    visit_rates(v, "micro", &m->micro, f, METRICS_MICRO_PRECISION);
    visit_rates(v, "macro", &m->macro, f, METRICS_MACRO_PRECISION);
    visit_rates(v, "macro_supported", &m->macro_supported, f, METRICS_SUPPORTED_PRECISION);
    visit_rates(v, "weighted", &m->weighted, f, METRICS_WEIGHTED_PRECISION);
    put_number(v, "subset_accuracy", m->subset_accuracy);
    put_interval(v, "subset_accuracy_interval", f, METRICS_SUBSET_ACCURACY);
    put_number(v, "hamming_loss", m->hamming_loss);
    put_interval(v, "hamming_loss_interval", f, METRICS_HAMMING_LOSS);
    if (!field->is_multi) {
        put_number(v, "accuracy", m->subset_accuracy);
        put_interval(v, "accuracy_interval", f, METRICS_SUBSET_ACCURACY);
    }
    visit_rankings(v, field, f);
    visit_probabilities(v, field, f);
    visit_kept(v, field, f);
    open_part(v, "labels");
    for (size_t l = 0; l < field->n_labels; l++)
        visit_label(v, field, f, l);
    close_part(v);
    write_confusion(v, field, m);
    write_coverage(v, f);
    write_reliability(v, f);
    visit_unleaked(v, field, f);
    visit_repeats(v, d, field, f);
    close_part(v);
}

/* Array and all: what leaked, for whom it may concern; the numbers for gates. */
static void visit_leaks(struct visitor *v, const struct evaluation_data *d)
{
    const struct evaluation_leaks *leaks = &d->leaks;
    if (!leaks->is_known)
        return;
    open_part(v, "leakage");
    put_number(v, "similarity", leaks->similarity);
    if (leaks->n_train > 0)
        put_number(v, "n_train_documents", (double)leaks->n_train);
    put_number(v, "n_leaked", (double)leaks->n);
    if (v->json != NULL) {
        open_list(v, "documents");
        for (size_t i = 0; i < leaks->n; i++) {
            open_row(v, i);
            put_text(v, "id", d->ids[leaks->items[i].row]);
            put_text(v, "train_id", leaks->items[i].train_id);
            put_number(v, "similarity", leaks->items[i].similarity);
            buffer_byte(v->json, '}');
        }
        close_list(v);
    }
    close_part(v);
}

/* Gates reach what is said of all folds together. */
static void visit_tuning(struct visitor *v, const struct evaluation_data *d)
{
    const struct evaluation_tuning *t = &d->tuning;
    if (t->effort == NULL)
        return;
    open_part(v, "tuning");
    put_text(v, "effort", t->effort);
    put_number(v, "given", t->given);
    put_number(v, "found", t->found);
    put_number(v, "tested", t->tested);
    if (v->json != NULL) {
        open_list(v, "folds");
        for (size_t k = 0; k < t->n; k++) {
            open_row(v, k);
            put_number(v, "repeat", (double)(t->folds[k].repeat + 1));
            put_number(v, "fold", (double)(t->folds[k].fold + 1));
            put_text(v, "options", t->folds[k].options);
            put_number(v, "given", t->folds[k].given);
            put_number(v, "found", t->folds[k].found);
            put_number(v, "tested", t->folds[k].tested);
            buffer_byte(v->json, '}');
        }
        close_list(v);
    }
    close_part(v);
}

static void visit_fields(struct visitor *v, const sikap_evaluation *e)
{
    for (size_t f = 0; f < e->data.n_fields; f++)
        visit_field(v, &e->data, &e->data.fields[f], &e->figures[f]);
}

/* How the intervals were made: the same figures come out of the same seed. */
static void visit_bootstrap(struct visitor *v, const sikap_evaluation *e)
{
    if (e->n_resamples == 0)
        return;
    open_part(v, "bootstrap");
    put_number(v, "resamples", (double)e->n_resamples);
    put_number(v, "seed", (double)e->seed);
    put_number(v, "level", EVALUATE_LEVEL);
    put_text(v, "method", "bca");
    put_text(v, "unit", evaluation_is_grouped(&e->data) ? "group" : "document");
    if (evaluation_is_grouped(&e->data))
        put_number(v, "n_groups", (double)e->data.n_groups);
    close_part(v);
}

int sikap_evaluation_json(const sikap_evaluation *e, sikap_write *write, void *context,
                          sikap_error *err)
{
    struct buffer json = {0};
    struct visitor v = {.json = &json};
    buffer_byte(&json, '{');
    put_number(&v, "n_documents", (double)evaluation_n_documents(&e->data));
    if (e->data.n_repeats > 1)
        put_number(&v, "n_repeats", (double)e->data.n_repeats);
    put_number(&v, "n_skipped", (double)e->data.read.n_skipped);
    put_number(&v, "n_repaired", (double)e->data.read.n_repaired);
    open_part(&v, "fields");
    visit_fields(&v, e);
    close_part(&v);
    visit_leaks(&v, &e->data);
    visit_tuning(&v, &e->data);
    visit_bootstrap(&v, e);
    open_part(&v, "notes");
    for (size_t i = 0; i < e->data.n_notes; i++)
        put_text(&v, e->data.notes[i].name, e->data.notes[i].value);
    close_part(&v);
    buffer_text(&json, "}\n");
    const int status = buffer_hand_over(&json, "evaluation", write, context, err);
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
        *value = (double)evaluation_n_documents(&search->evaluation->data);
        return 1;
    }
    /* "fields." in front is allowed: gates are paths into the JSON, shortened by that word. */
    if (n_parts > 1 && strcmp(parts[0], "fields") == 0) {
        v.parts++;
        v.n_parts--;
    }
    visit_fields(&v, search->evaluation);
    if (!v.found)
        visit_leaks(&v, &search->evaluation->data);
    if (!v.found)
        visit_tuning(&v, &search->evaluation->data);
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
