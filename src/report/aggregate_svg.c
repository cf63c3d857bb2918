/* SPDX-License-Identifier: Apache-2.0 */
/* An aggregation as a time series: a line for each label, or for each value of the other keys, with
 * its interval as a band. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/aggregate.h"
#include "base/memory.h"
#include "report/svg.h"

/* More than a few bands on top of each other cannot be read; who names labels may have six. */
enum { MOST_SERIES = 4, MOST_NAMED = 6 };

/* One line: a label of a field among the cells that have these values of the keys besides time. */
struct series {
    const struct aggregate_field *field;
    size_t label;
    size_t like;   /* a cell whose other values are wanted */
    double weight; /* what decides which lines are drawn */
};

struct chart {
    const sikap_aggregation *a;
    size_t time;   /* which key it is */
    size_t *point; /* [n_cells] number of the cell's period, SIZE_MAX: it has none */
    size_t *cell;  /* [n_points] one of that period */
    size_t n_points;
    struct series *all;
    size_t n_all, n_shown;
};

static const char *value_of(const sikap_aggregation *a, size_t cell, size_t key)
{
    return a->values[cell * a->n_keys + key];
}

static double share_of(const sikap_aggregation *a, const struct aggregate_field *f, size_t cell,
                       size_t label)
{
    return f->is_corrected ? aggregate_adjusted(a, f, cell, label)->share
                           : f->share[cell * f->n_labels + label].counted.share;
}

/* Do two cells differ in time only? */
static int is_like(const struct chart *c, size_t x, size_t y)
{
    for (size_t k = 0; k < c->a->n_keys; k++)
        if (k != c->time && strcmp(value_of(c->a, x, k), value_of(c->a, y, k)) != 0)
            return 0;
    return 1;
}

/* ---- points of time ----------------------------------------------------------------------------
 */

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int find_points(struct chart *c)
{
    const sikap_aggregation *a = c->a;
    const char **names = memory_alloc(a->n_cells, sizeof *names);
    c->point = memory_alloc(a->n_cells, sizeof *c->point);
    c->cell = memory_alloc(a->n_cells, sizeof *c->cell);
    if (names == NULL || c->point == NULL || c->cell == NULL) {
        memory_free(names);
        return -1;
    }
    size_t n = 0;
    for (size_t i = 0; i < a->n_cells; i++)
        if (value_of(a, i, c->time)[0] != '\0')
            names[n++] = value_of(a, i, c->time);
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(names[i], names[c->n_points - 1]) != 0)
            names[c->n_points++] = names[i];
    for (size_t i = 0; i < a->n_cells; i++) {
        const char *name = value_of(a, i, c->time);
        const char **at = name[0] == '\0' || n == 0
                              ? NULL
                              : bsearch(&name, names, c->n_points, sizeof *names, by_text);
        c->point[i] = at == NULL ? SIZE_MAX : (size_t)(at - names);
        if (at != NULL)
            c->cell[at - names] = i;
    }
    memory_free(names);
    return 0;
}

/* ---- which lines -------------------------------------------------------------------------------
 */

static int is_wanted(const struct aggregate_field *f, size_t label, const char *const *wanted,
                     size_t n_wanted)
{
    const size_t n = strlen(f->name);
    for (size_t i = 0; i < n_wanted; i++)
        if (strcmp(wanted[i], f->labels[label]) == 0 ||
            (strncmp(wanted[i], f->name, n) == 0 && wanted[i][n] == ':' &&
             strcmp(wanted[i] + n + 1, f->labels[label]) == 0))
            return 1;
    return n_wanted == 0;
}

static int by_weight(const void *x, const void *y)
{
    const struct series *a = x, *b = y;
    if (a->weight < b->weight || a->weight > b->weight)
        return a->weight < b->weight ? 1 : -1;
    if (a->like != b->like)
        return a->like < b->like ? -1 : 1;
    return a->label < b->label ? -1 : a->label > b->label;
}

/* Documents behind a line, times their share: the lines that most is to be seen of come first. */
static double weight_of(const struct chart *c, const struct series *s)
{
    double weight = 0;
    for (size_t i = 0; i < c->a->n_cells; i++)
        if (c->point[i] != SIZE_MAX && is_like(c, i, s->like))
            weight += (double)s->field->n[i] * share_of(c->a, s->field, i, s->label);
    return weight;
}

static int find_series(struct chart *c, const char *const *wanted, size_t n_wanted)
{
    const sikap_aggregation *a = c->a;
    size_t capacity = 0;
    for (size_t i = 0; i < a->n_cells; i++) {
        int is_first = c->point[i] != SIZE_MAX;
        for (size_t k = 0; k < i && is_first; k++)
            is_first = c->point[k] == SIZE_MAX || !is_like(c, i, k);
        for (size_t f = 0; f < a->n_fields && is_first; f++)
            for (size_t l = 0; l < a->fields[f].n_labels; l++) {
                if (!is_wanted(&a->fields[f], l, wanted, n_wanted))
                    continue;
                if (memory_grow(&c->all, &capacity, c->n_all + 1, sizeof *c->all) != 0)
                    return -1;
                c->all[c->n_all++] = (struct series){&a->fields[f], l, i, 0};
            }
    }
    for (size_t s = 0; s < c->n_all; s++)
        c->all[s].weight = weight_of(c, &c->all[s]);
    if (c->n_all > 0)
        qsort(c->all, c->n_all, sizeof *c->all, by_weight);
    const size_t most = n_wanted > 0 ? MOST_NAMED : MOST_SERIES;
    c->n_shown = c->n_all < most ? c->n_all : most;
    return 0;
}

/* "topic: security, outlet-3" */
static char *series_name(const struct chart *c, const struct series *s)
{
    struct buffer name = {0};
    if (c->a->n_fields > 1) {
        buffer_text(&name, s->field->name);
        buffer_text(&name, ": ");
    }
    buffer_text(&name, s->field->labels[s->label]);
    for (size_t k = 0; k < c->a->n_keys; k++)
        if (k != c->time) {
            buffer_text(&name, ", ");
            buffer_text(&name, value_of(c->a, s->like, k));
        }
    buffer_byte(&name, '\0');
    char *text = name.failed ? NULL : memory_string(name.bytes);
    buffer_free(&name);
    return text;
}

/* ---- drawing -----------------------------------------------------------------------------------
 */

/* x, share, low, high of every point, NaN where the line has none: [4][n_points]. */
static void fill_line(const struct chart *c, const struct series *s, double *at)
{
    const size_t n = c->n_points;
    const enum period period = (enum period)c->a->keys[c->time].period;
    for (size_t p = 0; p < n; p++) {
        at[p] = period_day(value_of(c->a, c->cell[p], c->time), period);
        at[n + p] = at[2 * n + p] = at[3 * n + p] = NAN;
    }
    for (size_t i = 0; i < c->a->n_cells; i++) {
        const size_t p = c->point[i];
        if (p == SIZE_MAX || s->field->n[i] == 0 || !is_like(c, i, s->like))
            continue;
        at[n + p] = share_of(c->a, s->field, i, s->label);
        if (aggregate_has_interval(s->field, i, s->label)) {
            const struct quantity *q = aggregate_adjusted(c->a, s->field, i, s->label);
            at[2 * n + p] = q->interval.low;
            at[3 * n + p] = q->interval.high;
        }
    }
}

static void draw(const struct chart *c, const char *const *names, const struct svg_tick *ticks,
                 double *lines, struct buffer *out)
{
    const size_t n = c->n_points;
    const double zero = 0;
    int is_corrected = 0;
    struct svg_chart chart = {.title = "Share of documents with each label",
                              .width = 720,
                              .height = 400,
                              .x = {.ticks = ticks, .n_ticks = n},
                              .y = {.is_percent = 1, .label = "share of documents"},
                              .series = names,
                              .n_series = c->n_shown,
                              .is_file = 1};
    svg_axis_cover(&chart.y, &zero, 1);
    for (size_t s = 0; s < c->n_shown; s++) {
        double *at = lines + 4 * n * s;
        fill_line(c, &c->all[s], at);
        is_corrected |= c->all[s].field->is_corrected;
        svg_axis_cover(&chart.x, at, n);
        for (size_t k = 1; k < 4; k++)
            svg_axis_cover(&chart.y, at + k * n, n);
    }
    chart.description = is_corrected ? "Corrected for the classifier's errors; the bands are 95 % "
                                       "intervals."
                                     : "As counted: not corrected for the classifier's errors.";
    struct svg svg;
    svg_begin(&svg, &chart, out);
    for (size_t s = 0; s < c->n_shown; s++) {
        const double *at = lines + 4 * n * s;
        svg_band(&svg, s, at, at + 2 * n, at + 3 * n, n);
    }
    for (size_t s = 0; s < c->n_shown; s++) {
        const double *at = lines + 4 * n * s;
        svg_line(&svg, s, at, at + n, n);
        for (size_t p = 0; p < n; p++)
            if (isfinite(at[n + p]))
                svg_dot(&svg, s, at[p], at[n + p], ticks[p].label);
    }
    svg_end(&svg);
}

static int make(const struct chart *c, struct buffer *out, sikap_error *err)
{
    const size_t n = c->n_points;
    char **names = memory_zero(c->n_shown, sizeof *names);
    struct svg_tick *ticks = memory_zero(n, sizeof *ticks);
    double *lines = memory_alloc(n * 4, c->n_shown * sizeof *lines);
    int failed = names == NULL || ticks == NULL || lines == NULL;
    for (size_t s = 0; s < c->n_shown && !failed; s++)
        failed = (names[s] = series_name(c, &c->all[s])) == NULL;
    for (size_t p = 0; p < n && !failed; p++) {
        const char *name = value_of(c->a, c->cell[p], c->time);
        ticks[p] =
            (struct svg_tick){period_day(name, (enum period)c->a->keys[c->time].period), name};
    }
    if (!failed)
        draw(c, (const char *const *)names, ticks, lines, out);
    memory_free_texts(names, c->n_shown);
    memory_free(ticks);
    memory_free(lines);
    return failed || out->failed ? error_memory(err, "chart") : 0;
}

int sikap_aggregation_svg(const sikap_aggregation *a, const char *const *labels, size_t n_labels,
                          sikap_write *write, void *context, sikap_error *err)
{
    struct chart c = {.a = a};
    struct buffer out = {0};
    int status = 0;
    while (c.time < a->n_keys && a->keys[c.time].period < 0)
        c.time++;
    if (c.time == a->n_keys)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "a chart needs a period in --by: year, quarter, month, week or day");
    if (find_points(&c) != 0 || find_series(&c, labels, n_labels) != 0)
        status = error_memory(err, "chart");
    else if (c.n_points == 0)
        status = error_set(err, SIKAP_DATA, NULL, 0, "no document has a date: nothing to draw");
    else if (c.n_shown == 0)
        status = error_set(err, SIKAP_USAGE, NULL, 0, "there is no label '%.100s' to draw",
                           n_labels > 0 ? labels[0] : "");
    if (status == 0)
        status = make(&c, &out, err);
    if (status == 0 && write(context, out.bytes, out.n) != 0)
        status = error_errno(err, NULL, "write the chart");
    memory_free(c.point);
    memory_free(c.cell);
    memory_free(c.all);
    buffer_free(&out);
    return status;
}
