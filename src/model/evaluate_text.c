/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation as a table for people: for each field the averages with their intervals, then the
 * labels, then which classes of a single field are taken for which. */
#include "model/evaluate_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "text/show.h"

enum {
    NUMBER_WIDTH = 7,
    COUNT_WIDTH = 9,
    RATES_WIDTH = 3 * NUMBER_WIDTH,
    INTERVAL_WIDTH = 17, /* "   [0.123, 0.456]" */
    NAME_LEAST = 10,
    NAME_MOST = 40,
    CONFUSION_NAME = 14,
    CONFUSIONS_SHOWN = 10,
};

static void put_figure(struct buffer *out, double v)
{
    show_number(out, v, 3, NUMBER_WIDTH);
}

static const char *reason_text(const struct evaluation_data *d, enum interval_state state)
{
    switch (state) {
    case INTERVAL_FEW_UNITS:
        return evaluation_is_grouped(d) ? "(few groups)" : "(few documents)";
    case INTERVAL_RARE_LABEL:
        return "(rare)";
    case INTERVAL_RARE_LABELS:
        return "(rare labels)";
    case INTERVAL_NO_VARIATION:
        return "(no spread)";
    case INTERVAL_TOO_LARGE:
        return "(too large)";
    case INTERVAL_GIVEN:
    case INTERVAL_OFF:
        break;
    }
    return "";
}

static void put_interval(struct buffer *out, const struct evaluation_data *d,
                         const struct field_figures *f, size_t value)
{
    if (f->interval == NULL || f->interval[value].state == INTERVAL_OFF)
        return;
    buffer_text(out, "   ");
    if (f->interval[value].state != INTERVAL_GIVEN) {
        buffer_text(out, reason_text(d, f->interval[value].state));
        return;
    }
    buffer_byte(out, '[');
    number_print_fixed(out, f->interval[value].bca.low, 3);
    buffer_text(out, ", ");
    number_print_fixed(out, f->interval[value].bca.high, 3);
    buffer_byte(out, ']');
}

/* ---- averages ---- */

static void put_rates(struct buffer *out, const struct rates *r)
{
    put_figure(out, r->precision);
    put_figure(out, r->recall);
    put_figure(out, r->f1);
}

static void put_headlines(struct buffer *out, const struct evaluation_data *d,
                          const struct evaluation_field *field, const struct field_figures *f,
                          size_t width, size_t columns)
{
    const struct metrics *m = f->metrics;
    const char heading[] = "   95 % interval of F1";
    const int has_interval =
        f->interval != NULL && width + RATES_WIDTH + sizeof heading - 1 <= columns;
    const struct {
        const char *name;
        const struct rates *rates;
        size_t value;
    } LINES[] = {{"micro", &m->micro, METRICS_MICRO_F1},
                 {"macro", &m->macro, METRICS_MACRO_F1},
                 {"macro of those in gold", &m->macro_supported, METRICS_SUPPORTED_F1},
                 {"weighted", &m->weighted, METRICS_WEIGHTED_F1}};
    show_cell(out, "", width);
    buffer_text(out, "      P      R     F1");
    buffer_text(out, has_interval ? heading : "");
    buffer_byte(out, '\n');
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        if (LINES[i].rates == &m->macro_supported && m->n_supported == m->n_labels)
            continue;
        show_cell(out, LINES[i].name, width);
        put_rates(out, LINES[i].rates);
        if (has_interval)
            put_interval(out, d, f, LINES[i].value);
        buffer_byte(out, '\n');
    }
    show_cell(out, field->is_multi ? "all labels right" : "accuracy", width);
    put_figure(out, m->subset_accuracy);
    if (has_interval) {
        show_blanks(out, RATES_WIDTH - NUMBER_WIDTH);
        put_interval(out, d, f, METRICS_SUBSET_ACCURACY);
    }
    buffer_byte(out, '\n');
}

/* The headline figures once more, without what was learnt from. */
static void put_unleaked(struct buffer *out, const struct evaluation_field *field,
                         const struct field_figures *f, size_t width)
{
    const struct metrics *m = f->unleaked;
    if (m == NULL)
        return;
    buffer_format(out, "without leaked documents (%zu left)\n", f->n_unleaked);
    const struct rates *const rates[] = {&m->micro, &m->macro, &m->weighted};
    static const char *const names[] = {"  micro", "  macro", "  weighted"};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        show_cell(out, names[i], width);
        put_rates(out, rates[i]);
        buffer_byte(out, '\n');
    }
    show_cell(out, field->is_multi ? "  all labels right" : "  accuracy", width);
    put_figure(out, m->subset_accuracy);
    buffer_byte(out, '\n');
}

static void put_repeats(struct buffer *out, const struct evaluation_data *d,
                        const struct evaluation_field *field, const struct field_figures *f,
                        size_t width)
{
    if (f->repeats == NULL)
        return;
    const char *const names[] = {"  micro F1", "  macro F1", "  weighted F1",
                                 field->is_multi ? "  all labels right" : "  accuracy"};
    struct buffer heading = {0};
    buffer_format(&heading, "over %zu repeats", d->n_repeats);
    buffer_byte(&heading, '\0');
    show_cell(out, heading.failed ? "" : heading.bytes, width);
    buffer_free(&heading);
    buffer_text(out, "   mean     sd    low   high\n");
    for (int i = 0; i < REPEAT_VALUES; i++) {
        const struct repeat_spread s =
            evaluation_spread(f->repeats, d->n_repeats, (enum repeat_value)i);
        show_cell(out, names[i], width);
        put_figure(out, s.mean);
        put_figure(out, s.sd);
        put_figure(out, s.low);
        put_figure(out, s.high);
        buffer_byte(out, '\n');
    }
}

/* Right when only the surest documents are left to the model. */
static void put_coverage(struct buffer *out, const struct field_figures *f, size_t width)
{
    if (f->n_coverage < 2)
        return;
    const struct coverage *shown[3];
    size_t n = 0;
    static const double wanted[] = {0.5, 0.8, 0.9};
    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++)
        for (size_t i = 0; i < f->n_coverage; i++)
            if (f->coverage[i].coverage >= wanted[w] - 1e-9 && f->coverage[i].coverage < 1) {
                if (n == 0 || shown[n - 1] != &f->coverage[i])
                    shown[n++] = &f->coverage[i];
                break;
            }
    for (size_t i = 0; i < n; i++) {
        struct buffer name = {0};
        buffer_text(&name, "  of the surest ");
        number_print_fixed(&name, 100 * shown[i]->coverage, 0);
        buffer_text(&name, " %");
        buffer_byte(&name, '\0');
        show_cell(out, name.failed ? "" : name.bytes, width);
        put_figure(out, shown[i]->accuracy);
        buffer_byte(out, '\n');
        out->failed |= name.failed;
        buffer_free(&name);
    }
}

/* The figures under --coverage and --min-prob. */
static void put_kept(struct buffer *out, const struct evaluation_field *field,
                     const struct field_figures *f, size_t width)
{
    if (field->kept == NULL)
        return;
    struct buffer head = {0};
    buffer_format(&head, "kept: %zu of %zu documents", f->n_kept, f->n_documents);
    buffer_bytes(out, head.bytes, head.n);
    buffer_byte(out, '\n');
    out->failed |= head.failed;
    buffer_free(&head);
    if (f->kept == NULL)
        return;
    show_cell(out, "  micro", width);
    put_rates(out, &f->kept->micro);
    buffer_byte(out, '\n');
    show_cell(out, "  macro", width);
    put_rates(out, &f->kept->macro);
    buffer_byte(out, '\n');
    show_cell(out, field->is_multi ? "  all labels right" : "  accuracy", width);
    put_figure(out, f->kept->subset_accuracy);
    buffer_byte(out, '\n');
}

static void put_calibration(struct buffer *out, const struct field_figures *f, size_t width)
{
    if (!f->has_probabilities)
        return;
    show_cell(out, "calibration error", width);
    put_figure(out, f->calibration_error);
    buffer_text(out, "   Brier score");
    put_figure(out, f->brier_score);
    buffer_byte(out, '\n');
}

/* ---- labels ---- */

static void put_labels(struct buffer *out, const struct evaluation_data *d,
                       const struct evaluation_field *field, const struct field_figures *f,
                       size_t width, size_t columns)
{
    const size_t without = width + RATES_WIDTH + COUNT_WIDTH + NUMBER_WIDTH;
    const int has_ap = f->average_precision != NULL && without <= columns;
    const int has_interval = f->interval != NULL && without + INTERVAL_WIDTH <= columns;
    show_cell(out, "label", width);
    buffer_text(out, "      P      R     F1  support");
    buffer_text(out, has_ap ? "     AP" : "");
    buffer_text(out, has_interval ? "   95 % of F1\n" : "\n");
    for (size_t l = 0; l < field->n_labels; l++) {
        const struct label_metrics *m = &f->metrics->labels[l];
        show_cell(out, field->labels[l], width);
        put_rates(out, &m->rates);
        show_count(out, m->support, COUNT_WIDTH);
        if (has_ap)
            put_figure(out, f->average_precision[l]);
        if (has_interval)
            put_interval(out, d, f, metrics_label_value(l, METRICS_F1));
        buffer_byte(out, '\n');
    }
}

/* ---- confusions ---- */

static void put_matrix(struct buffer *out, const struct evaluation_field *field,
                       const struct metrics *m)
{
    const size_t n = field->n_labels;
    buffer_text(out, "\nconfusion (rows: gold, columns: predicted)\n");
    show_blanks(out, CONFUSION_NAME);
    for (size_t p = 0; p < n; p++) {
        /* Names stand over the numbers' right ends. */
        struct buffer name = {0};
        const size_t taken = show_text(&name, field->labels[p], COUNT_WIDTH - 1);
        show_blanks(out, COUNT_WIDTH - taken);
        buffer_bytes(out, name.bytes, name.n);
        out->failed |= name.failed;
        buffer_free(&name);
    }
    buffer_byte(out, '\n');
    for (size_t g = 0; g < n; g++) {
        show_cell(out, field->labels[g], CONFUSION_NAME);
        for (size_t p = 0; p < n; p++)
            show_count(out, m->confusion[g * n + p], COUNT_WIDTH);
        buffer_byte(out, '\n');
    }
}

size_t evaluation_confusions(struct confusion *kept, size_t room, const uint64_t *counts,
                             size_t n_labels)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < n_labels * n_labels && room > 0; i++) {
        const struct confusion one = {counts[i], i / n_labels, i % n_labels};
        if (one.gold == one.predicted || one.n == 0 ||
            (n_kept == room && kept[room - 1].n >= one.n))
            continue;
        size_t at = n_kept < room ? n_kept++ : room - 1;
        for (; at > 0 && kept[at - 1].n < one.n; at--)
            kept[at] = kept[at - 1];
        kept[at] = one;
    }
    return n_kept;
}

static void put_most(struct buffer *out, const struct evaluation_field *field,
                     const struct metrics *m, size_t columns)
{
    struct confusion kept[CONFUSIONS_SHOWN];
    const size_t n_kept =
        evaluation_confusions(kept, CONFUSIONS_SHOWN, m->confusion, field->n_labels);
    if (n_kept == 0)
        return;
    size_t width = (columns - COUNT_WIDTH - 2) / 2;
    width = width > NAME_MOST ? NAME_MOST : width;
    buffer_text(out, "\nmost frequent confusions\n");
    show_blanks(out, COUNT_WIDTH - 5);
    buffer_text(out, "times  ");
    show_cell(out, "gold", width);
    buffer_text(out, "predicted\n");
    for (size_t i = 0; i < n_kept; i++) {
        show_count(out, kept[i].n, COUNT_WIDTH);
        buffer_text(out, "  ");
        show_cell(out, field->labels[kept[i].gold], width - 2);
        buffer_text(out, "  ");
        show_text(out, field->labels[kept[i].predicted], width);
        buffer_byte(out, '\n');
    }
}

/* ---- all ---- */

/* Wide enough for the longest name, as far as the line allows. */
static size_t name_width(const struct evaluation_field *field, const struct field_figures *f,
                         size_t columns)
{
    size_t wanted = 24; /* the names of the averages */
    for (size_t l = 0; l < field->n_labels; l++) {
        const size_t longest = show_width(field->labels[l], NAME_MOST);
        wanted = longest > wanted ? longest : wanted;
    }
    size_t beside = RATES_WIDTH + COUNT_WIDTH;
    if (f->average_precision != NULL)
        beside += NUMBER_WIDTH;
    size_t room = columns > beside ? columns - beside : 0;
    /* Intervals of the labels, where names need not be cut for them. */
    if (f->interval != NULL && room >= wanted + INTERVAL_WIDTH)
        room -= INTERVAL_WIDTH;
    const size_t width = wanted < room ? wanted : room;
    return width < NAME_LEAST ? NAME_LEAST : width;
}

static void put_field(struct buffer *out, const struct evaluation_data *d,
                      const struct evaluation_field *field, const struct field_figures *f,
                      size_t columns)
{
    const size_t width = name_width(field, f, columns);
    struct buffer title = {0};
    show_text(&title, field->name, NAME_MOST);
    buffer_format(&title, ": %s, %zu documents", field->is_multi ? "multi" : "single",
                  f->n_documents);
    if (evaluation_is_grouped(d) && f->interval != NULL)
        buffer_format(&title, " in %zu groups", f->n_units);
    buffer_format(&title, ", %zu labels", field->n_labels);
    buffer_byte(&title, '\0');
    show_text(out, title.failed ? "" : title.bytes, columns);
    buffer_byte(out, '\n');
    out->failed |= title.failed;
    buffer_free(&title);
    put_headlines(out, d, field, f, width, columns);
    put_coverage(out, f, width);
    put_kept(out, field, f, width);
    put_calibration(out, f, width);
    put_unleaked(out, field, f, width);
    put_repeats(out, d, field, f, width);
    buffer_byte(out, '\n');
    put_labels(out, d, field, f, width, columns);
    if (f->metrics->confusion == NULL)
        return;
    if (CONFUSION_NAME + field->n_labels * COUNT_WIDTH <= columns)
        put_matrix(out, field, f->metrics);
    else
        put_most(out, field, f->metrics, columns);
}

static void put_leaks(struct buffer *out, const struct evaluation_data *d, size_t columns)
{
    enum { EXAMPLES = 5, SIMILARITY = 6 };
    const struct evaluation_leaks *leaks = &d->leaks;
    if (leaks->n == 0 && leaks->n_train == 0)
        return;
    buffer_format(out,
                  "\nleakage: %zu of %zu documents are near-duplicates of ones learnt from"
                  " (similarity ",
                  leaks->n, evaluation_n_documents(d));
    number_print(out, leaks->similarity);
    buffer_text(out, ")\n");
    const size_t width = (columns - SIMILARITY - 8) / 2;
    for (size_t i = 0; i < leaks->n && i < EXAMPLES; i++) {
        show_number(out, leaks->items[i].similarity, 2, SIMILARITY);
        buffer_text(out, "  ");
        show_text(out, d->ids[leaks->items[i].row], width);
        buffer_text(out, " like ");
        show_text(out, leaks->items[i].train_id, width);
        buffer_byte(out, '\n');
    }
    if (leaks->n > EXAMPLES)
        buffer_format(out, "     … and %zu more, all of them in the JSON\n", leaks->n - EXAMPLES);
}

int sikap_evaluation_text(const sikap_evaluation *e, size_t columns, sikap_write *write,
                          void *context, sikap_error *err)
{
    struct buffer out = {0};
    columns = columns < 40 ? 40 : columns;
    for (size_t f = 0; f < e->data.n_fields; f++) {
        buffer_text(&out, f > 0 ? "\n" : "");
        put_field(&out, &e->data, &e->data.fields[f], &e->figures[f], columns);
    }
    evaluation_tuning_text(&out, &e->data.tuning, e->data.n_repeats, columns);
    put_leaks(&out, &e->data, columns);
    const int status = buffer_hand_over(&out, "evaluation", write, context, err);
    buffer_free(&out);
    return status;
}
