/* SPDX-License-Identifier: Apache-2.0 */
/* A comparison for people: the figures, then in words what they say, then some documents. */
#include <string.h>

#include "analyse/comparison.h"
#include "base/memory.h"
#include "base/number.h"
#include "text/show.h"

enum {
    NUMBER_WIDTH = 7,
    COUNT_WIDTH = 9,
    GAP_WIDTH = 9, /* "  +0.123" */
    P_WIDTH = 10,
    INTERVAL_WIDTH = 18, /* "  [-0.123, +0.456]" */
    NAME_LEAST = 10,
    NAME_MOST = 40,
    SHOWN_DOCUMENTS = 3, /* for each side */
};

static const char *const LETTERS[2] = {"A", "B"};

static void put_signed(struct buffer *out, double v)
{
    buffer_text(out, v >= 0 ? "+" : "");
    number_print_fixed(out, v, 3);
}

static void put_p(struct buffer *out, double p)
{
    if (p < 0.0001)
        buffer_text(out, "<0.0001");
    else
        number_print_fixed(out, p, 4);
}

static const char *reason_text(enum interval_state state)
{
    switch (state) {
    case INTERVAL_FEW_UNITS:
        return "(few units)";
    case INTERVAL_RARE_LABEL:
        return "(rare)";
    case INTERVAL_RARE_LABELS:
        return "(rare labels)";
    case INTERVAL_NO_VARIATION:
        return "(no spread)";
    case INTERVAL_GIVEN:
    case INTERVAL_OFF:
    case INTERVAL_TOO_LARGE:
        break;
    }
    return "";
}

static void put_interval(struct buffer *out, const struct comparison_field *f, size_t value)
{
    struct buffer text = {0};
    const struct interval *interval = &f->differences[value].interval;
    if (f->states[value] != INTERVAL_GIVEN) {
        buffer_text(&text, reason_text(f->states[value]));
    } else {
        buffer_byte(&text, '[');
        put_signed(&text, interval->low);
        buffer_text(&text, ", ");
        put_signed(&text, interval->high);
        buffer_byte(&text, ']');
    }
    show_right(out, &text, INTERVAL_WIDTH);
}

/* ---- figures -----------------------------------------------------------------------------------
 */

static void put_value(struct buffer *out, const struct comparison_field *f, size_t value)
{
    const struct difference *d = &f->differences[value];
    struct buffer gap = {0}, p = {0};
    show_number(out, d->a, 3, NUMBER_WIDTH);
    show_number(out, d->b, 3, NUMBER_WIDTH);
    put_signed(&gap, d->difference);
    show_right(out, &gap, GAP_WIDTH);
    put_interval(out, f, value);
    put_p(&p, f->p_holm[value]);
    show_right(out, &p, P_WIDTH);
    buffer_byte(out, '\n');
}

static void put_head(struct buffer *out, const char *name, size_t width, const char *p)
{
    show_cell(out, name, width);
    buffer_text(out, "      A      B    B - A     95 % interval");
    struct buffer text = {0};
    buffer_text(&text, p);
    show_right(out, &text, P_WIDTH);
    buffer_byte(out, '\n');
}

static size_t name_width(const struct comparison_field *f, size_t columns)
{
    const size_t beside = COUNT_WIDTH + 2 * NUMBER_WIDTH + GAP_WIDTH + INTERVAL_WIDTH + P_WIDTH;
    size_t wanted = sizeof "all labels right" - 1;
    for (size_t l = 0; l < f->rows.labels.n; l++) {
        const size_t longest = show_width(f->rows.labels.items[l], NAME_MOST);
        wanted = longest > wanted ? longest : wanted;
    }
    const size_t room = columns > beside + NAME_LEAST ? columns - beside : NAME_LEAST;
    return wanted < room ? wanted : room;
}

static void put_figures(struct buffer *out, const sikap_comparison *c,
                        const struct comparison_field *f, size_t columns)
{
    const size_t width = name_width(f, columns);
    put_head(out, "", width + COUNT_WIDTH, c->n_fields > 1 ? "p (Holm)" : "p");
    show_cell(out, "micro F1", width + COUNT_WIDTH);
    put_value(out, f, METRICS_MICRO_F1);
    show_cell(out, "macro F1", width + COUNT_WIDTH);
    put_value(out, f, METRICS_MACRO_F1);
    show_cell(out, f->is_multi ? "all labels right" : "accuracy", width + COUNT_WIDTH);
    put_value(out, f, METRICS_SUBSET_ACCURACY);
    buffer_byte(out, '\n');
    struct buffer head = {0};
    show_cell(&head, "F1 of", width);
    buffer_text(&head, c->has_groups ? "   groups" : "  in gold");
    buffer_byte(&head, '\0');
    put_head(out, head.failed ? "" : head.bytes, width + COUNT_WIDTH, "p (Holm)");
    out->failed |= head.failed;
    buffer_free(&head);
    for (size_t l = 0; l < f->rows.labels.n; l++) {
        show_cell(out, f->rows.labels.items[l], width);
        show_count(out, f->n_with[l], COUNT_WIDTH);
        put_value(out, f, metrics_label_value(l, METRICS_F1));
    }
    buffer_byte(out, '\n');
}

/* ---- words -------------------------------------------------------------------------------------
 */

/* "In micro F1 B is better by 0.052 (95 % interval 0.031 to 0.072), p = 0.0005." */
static void say_figure(struct buffer *out, const struct comparison_field *f, const char *name,
                       size_t value)
{
    const struct difference *d = &f->differences[value];
    const int better = comparison_better(f, value);
    const int has_interval = f->states[value] == INTERVAL_GIVEN;
    buffer_format(out, "In %s ", name);
    if (better < 0) {
        buffer_text(out, "neither is shown to be better");
        if (has_interval) {
            buffer_text(out, ": B - A may lie between ");
            put_signed(out, d->interval.low);
            buffer_text(out, " and ");
            put_signed(out, d->interval.high);
        }
    } else {
        const int b = better == 1;
        buffer_format(out, "%s is better by ", LETTERS[better]);
        number_print_fixed(out, b ? d->difference : -d->difference, 3);
        if (has_interval) {
            buffer_text(out, " (95 % interval ");
            number_print_fixed(out, b ? d->interval.low : -d->interval.high, 3);
            buffer_text(out, " to ");
            number_print_fixed(out, b ? d->interval.high : -d->interval.low, 3);
            buffer_byte(out, ')');
        }
    }
    buffer_text(out, ", p = ");
    put_p(out, f->p_holm[value]);
    buffer_text(out, ".\n");
}

static void say_mcnemar(struct buffer *out, const struct comparison_field *f)
{
    buffer_format(out, "Right on A only: %llu documents, on B only: %llu; McNemar's exact p = ",
                  (unsigned long long)f->only[0], (unsigned long long)f->only[1]);
    put_p(out, f->mcnemar.exact);
    buffer_text(out, ".\n");
}

static void say_labels(struct buffer *out, const struct comparison_field *f, size_t columns)
{
    size_t n_better[2] = {0, 0};
    for (size_t l = 0; l < f->rows.labels.n; l++) {
        const int better = comparison_better(f, metrics_label_value(l, METRICS_F1));
        if (better >= 0)
            n_better[better]++;
    }
    for (int s = 1; s >= 0; s--) {
        buffer_format(out, "%s is better on %zu of %zu labels", LETTERS[s], n_better[s],
                      f->rows.labels.n);
        size_t at = columns; /* the names begin on a line of their own */
        for (size_t l = 0, n = 0; l < f->rows.labels.n; l++) {
            if (comparison_better(f, metrics_label_value(l, METRICS_F1)) != s)
                continue;
            const size_t width = show_width(f->rows.labels.items[l], NAME_MOST);
            buffer_text(out, n == 0 ? ":" : ",");
            const int fits = at + 3 + width <= columns;
            buffer_text(out, fits ? " " : "\n  ");
            at = (fits ? at + 2 : 2) + width;
            show_text(out, f->rows.labels.items[l], NAME_MOST);
            n++;
        }
        buffer_byte(out, '\n');
    }
}

/* ---- documents ---------------------------------------------------------------------------------
 */

static void put_given(struct buffer *out, const struct comparison_field *f, const char *who,
                      const uint8_t *cells, size_t columns)
{
    struct buffer line = {0};
    size_t n = 0;
    for (size_t l = 0; l < f->rows.labels.n; l++)
        if (cells[l])
            buffer_format(&line, "%s%s", n++ == 0 ? "" : ", ", f->rows.labels.items[l]);
    buffer_text(&line, n == 0 ? "-" : "");
    buffer_byte(&line, '\0');
    show_cell(out, who, 10);
    show_text(out, line.failed ? "" : line.bytes, columns - 10);
    buffer_byte(out, '\n');
    out->failed |= line.failed;
    buffer_free(&line);
}

static void put_document(struct buffer *out, const sikap_comparison *c,
                         const struct comparison_field *f, size_t i, size_t columns)
{
    const size_t at = i * f->rows.labels.n;
    buffer_text(out, "  ");
    show_text(out, c->ids[f->rows.pair[i]], columns - 2);
    buffer_byte(out, '\n');
    put_given(out, f, "    gold", f->rows.gold + at, columns);
    put_given(out, f, "    A", f->rows.side[0] + at, columns);
    put_given(out, f, "    B", f->rows.side[1] + at, columns);
}

/* How many more labels `side` has right in document i; 0 where it has not more. */
static size_t lead(const struct comparison_field *f, int side, size_t i)
{
    const size_t own = comparison_errors(f, side, i), other = comparison_errors(f, 1 - side, i);
    return other > own ? other - own : 0;
}

/* The documents on which a side is furthest ahead; of equals the first. */
static void put_documents(struct buffer *out, const sikap_comparison *c,
                          const struct comparison_field *f, int side, size_t columns)
{
    size_t best[SHOWN_DOCUMENTS], n = 0;
    for (size_t i = 0; i < f->rows.n; i++) {
        const size_t ahead = lead(f, side, i);
        if (ahead == 0 || (n == SHOWN_DOCUMENTS && ahead <= lead(f, side, best[n - 1])))
            continue;
        size_t at = n < SHOWN_DOCUMENTS ? n++ : n - 1;
        for (; at > 0 && lead(f, side, best[at - 1]) < ahead; at--)
            best[at] = best[at - 1];
        best[at] = i;
    }
    if (n == 0)
        return;
    buffer_format(out, "%s is furthest ahead on\n", LETTERS[side]);
    for (size_t k = 0; k < n; k++)
        put_document(out, c, f, best[k], columns);
}

static void put_field(struct buffer *out, const sikap_comparison *c,
                      const struct comparison_field *f, size_t columns)
{
    const size_t n_differing = f->n_nearer[0] + f->n_nearer[1] + f->n_even;
    buffer_byte(out, '\n');
    show_text(out, f->name, NAME_MOST);
    buffer_format(out, ": %s, %zu documents", f->is_multi ? "multi" : "single", f->rows.n);
    if (c->has_groups)
        buffer_format(out, " in %zu groups", f->n_units);
    buffer_byte(out, '\n');
    if (n_differing == 0) {
        buffer_text(out, "A and B label every document alike.\n");
        return;
    }
    put_figures(out, c, f, columns);
    say_figure(out, f, f->is_multi ? "micro F1" : "accuracy",
               f->is_multi ? METRICS_MICRO_F1 : METRICS_SUBSET_ACCURACY);
    say_figure(out, f, "macro F1", METRICS_MACRO_F1);
    if (!f->is_multi && !c->has_groups)
        say_mcnemar(out, f);
    say_labels(out, f, columns);
    buffer_format(out,
                  "They differ on %zu documents: A is nearer to gold on %zu, B on %zu, neither on "
                  "%zu.\n",
                  n_differing, f->n_nearer[0], f->n_nearer[1], f->n_even);
    put_documents(out, c, f, 1, columns);
    put_documents(out, c, f, 0, columns);
}

int sikap_comparison_text(const sikap_comparison *c, size_t columns, sikap_write *write,
                          void *context, sikap_error *err)
{
    struct buffer out = {0};
    columns = columns < 40 ? 40 : columns;
    for (int s = 0; s < 2; s++) {
        buffer_format(&out, "%s: ", LETTERS[s]);
        show_text(&out, c->names[s], columns - 3);
        buffer_byte(&out, '\n');
    }
    for (size_t f = 0; f < c->n_fields; f++)
        put_field(&out, c, &c->fields[f], columns);
    const int status = buffer_hand_over(&out, "comparison", write, context, err);
    buffer_free(&out);
    return status;
}
