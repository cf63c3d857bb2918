/* SPDX-License-Identifier: Apache-2.0 */
/* From top to bottom: title, legend, plot, numbers of the x axis, its name. The room that text
 * takes is estimated, as nobody tells a writer of SVG which fonts the reader has: FONT_WIDTH pixels
 * for a letter, twice that for the wide ones of East Asia. Colours are `color` of a series and
 * `currentColor` of what belongs to it; CSS variables would be shorter, but programs other than
 * browsers do not know them. */
#include "report/svg.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "report/html.h"

enum { COLOURS = 6, NAME_MOST = 40, TICK_MOST = 16, LINE_HEIGHT = 18, MARGIN = 10 };
#define FONT_WIDTH 6.8

static const char STYLE[] =
    ".chart{font:12px system-ui,sans-serif;max-width:100%;height:auto}"
    ".chart text{fill:#46505a}.chart .c-title{fill:#1c2126;font-weight:600;font-size:13px}"
    ".c-paper{fill:#fff}.c-grid{stroke:#dde2e7}.c-axis{stroke:#7c8791}"
    ".c-guide{stroke:#6b757f;stroke-dasharray:3 3}"
    ".c-line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}"
    ".c-band{fill:currentColor;fill-opacity:.16}.c-bar,.c-dot{fill:currentColor}"
    ".c-0{color:#0b5cad}.c-1{color:#b4490f}.c-2{color:#1b7a3d}"
    ".c-3{color:#7a4bc4}.c-4{color:#b02a72}.c-5{color:#56616c}"
    ".c-1.c-line{stroke-dasharray:7 3}.c-2.c-line{stroke-dasharray:2 3}"
    ".c-3.c-line{stroke-dasharray:9 3 2 3}.c-5.c-line{stroke-dasharray:5 2 1 2 1 2}"
    "@media screen and (prefers-color-scheme:dark){"
    ".chart text{fill:#b3bdc7}.chart .c-title{fill:#e8ecf0}"
    ".c-paper{fill:#14181c}.c-grid{stroke:#2d353c}.c-axis{stroke:#76818c}.c-guide{stroke:#8b96a1}"
    ".c-0{color:#62aef5}.c-1{color:#f2954f}.c-2{color:#4cc26a}"
    ".c-3{color:#b99cf0}.c-4{color:#f07fb5}.c-5{color:#98a4b0}}";

const char *svg_style(void)
{
    return STYLE;
}

/* ---- axes ---- */

/* The distance of round numbers (1, 2 or 5 times a power of ten) that cuts the axis into at most
 * about `parts`. */
static double round_step(double span, double parts)
{
    const double raw = span / parts;
    const double power = pow(10, floor(log10(raw)));
    const double factor = raw / power;
    return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

void svg_axis_cover(struct svg_axis *axis, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        axis->min = axis->is_covered && axis->min <= values[i] ? axis->min : values[i];
        axis->max = axis->is_covered && axis->max >= values[i] ? axis->max : values[i];
        axis->is_covered = 1;
    }
}

static void settle_axis(struct svg_axis *axis, double pixels, double pixels_each)
{
    if (!isfinite(axis->min) || !isfinite(axis->max) || axis->min > axis->max)
        axis->min = axis->max = 0;
    if (axis->min == axis->max)
        axis->max = axis->min + (axis->min == 0 ? 1 : fabs(axis->min));
    if (axis->step <= 0)
        axis->step = round_step(axis->max - axis->min, fmax(2, pixels / pixels_each));
    if (!axis->is_covered || axis->ticks != NULL)
        return;
    axis->min = floor(axis->min / axis->step + 1e-9) * axis->step;
    axis->max = ceil(axis->max / axis->step - 1e-9) * axis->step;
}

/* The share of the axis that lies before `value`, values outside being at its ends. */
static double share_of(const struct svg_axis *axis, double value)
{
    const double share = (value - axis->min) / (axis->max - axis->min);
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

static double x_of(const struct svg *s, double x)
{
    return s->left + share_of(&s->chart.x, x) * (s->right - s->left);
}

static double y_of(const struct svg *s, double y)
{
    return s->bottom - share_of(&s->chart.y, y) * (s->bottom - s->top);
}

/* ---- marks ---- */

static void put(struct svg *s, const char *text)
{
    buffer_text(s->out, text);
}

/* ` name="12.3"` */
static void put_pixels(struct svg *s, const char *name, double v)
{
    buffer_byte(s->out, ' ');
    put(s, name);
    put(s, "=\"");
    number_print_fixed(s->out, v, 1);
    buffer_byte(s->out, '"');
}

static void put_class(struct svg *s, const char *element, const char *name, size_t series)
{
    buffer_format(s->out, "<%s class=\"%s c-%zu\"", element, name, series % COLOURS);
}

/* Text at a place; `anchor`: start, middle or end. */
static void put_text(struct svg *s, double x, double y, const char *anchor, const char *name,
                     const char *text, size_t most)
{
    put(s, "<text");
    put_pixels(s, "x", x);
    put_pixels(s, "y", y);
    buffer_format(s->out, " text-anchor=\"%s\" class=\"%s\">", anchor, name);
    html_short(s->out, text, most);
    put(s, "</text>");
}

static void put_segment(struct svg *s, const char *name, double x0, double y0, double x1, double y1)
{
    buffer_format(s->out, "<line class=\"%s\"", name);
    put_pixels(s, "x1", x0);
    put_pixels(s, "y1", y0);
    put_pixels(s, "x2", x1);
    put_pixels(s, "y2", y1);
    put(s, "/>");
}

static void end_mark(struct svg *s, const char *element, const char *label)
{
    if (label == NULL) {
        put(s, "/>");
        return;
    }
    put(s, "><title>");
    html_string(s->out, label);
    buffer_format(s->out, "</title></%s>", element);
}

static size_t put_point(struct svg *s, size_t n_before, double x, double y)
{
    buffer_byte(s->out, n_before == 0 ? 'M' : 'L');
    number_print_fixed(s->out, x_of(s, x), 1);
    buffer_byte(s->out, ' ');
    number_print_fixed(s->out, y_of(s, y), 1);
    return n_before + 1;
}

void svg_line(struct svg *s, size_t series, const double *x, const double *y, size_t n)
{
    put_class(s, "path", "c-line", series);
    put(s, " d=\"");
    size_t run = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i])) {
            run = 0;
            continue;
        }
        run = put_point(s, run, x[i], y[i]);
        const int is_alone = run == 1 && (i + 1 == n || !isfinite(x[i + 1]) || !isfinite(y[i + 1]));
        put(s, is_alone ? "h.01" : ""); /* a dot as wide as the line */
    }
    put(s, "\" stroke-linecap=\"round\"/>");
}

void svg_band(struct svg *s, size_t series, const double *x, const double *low, const double *high,
              size_t n)
{
    put_class(s, "path", "c-band", series);
    put(s, " d=\"");
    for (size_t begin = 0; begin < n;) {
        size_t end = begin;
        while (end < n && isfinite(x[end]) && isfinite(low[end]) && isfinite(high[end]))
            end++;
        size_t run = 0;
        for (size_t i = begin; i < end; i++)
            run = put_point(s, run, x[i], high[i]);
        for (size_t i = end; i > begin; i--)
            run = put_point(s, run, x[i - 1], low[i - 1]);
        put(s, run > 0 ? "Z" : "");
        begin = end + 1;
    }
    put(s, "\"/>");
}

void svg_bar(struct svg *s, size_t series, double x0, double x1, double y, const char *label)
{
    if (!isfinite(x0) || !isfinite(x1) || !isfinite(y))
        return;
    const double left = x_of(s, fmin(x0, x1)), right = x_of(s, fmax(x0, x1));
    const double top = y_of(s, fmax(y, 0)), bottom = y_of(s, fmin(y, 0));
    put_class(s, "rect", "c-bar", series);
    put_pixels(s, "x", left);
    put_pixels(s, "y", top);
    put_pixels(s, "width", right - left);
    put_pixels(s, "height", bottom - top);
    end_mark(s, "rect", label);
}

void svg_dot(struct svg *s, size_t series, double x, double y, const char *label)
{
    if (!isfinite(x) || !isfinite(y))
        return;
    put_class(s, "circle", "c-dot", series);
    put_pixels(s, "cx", x_of(s, x));
    put_pixels(s, "cy", y_of(s, y));
    put(s, " r=\"4\"");
    end_mark(s, "circle", label);
}

void svg_guide(struct svg *s, double x0, double y0, double x1, double y1, const char *label)
{
    put_segment(s, "c-guide", x_of(s, x0), y_of(s, y0), x_of(s, x1), y_of(s, y1));
    if (label == NULL)
        return;
    const double x = x_of(s, x1), y = y_of(s, y1);
    const int is_left = x < (s->left + s->right) / 2;
    put_text(s, is_left ? x + 4 : x - 4, fmax(y, s->top + 12), is_left ? "start" : "end", "c-label",
             label, NAME_MOST);
}

/* ---- frame ---- */

/* Pixels that text takes, by estimate. */
static double width_of(const char *text, size_t most)
{
    double letters = 0;
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0' && n < most; p++) {
        if ((*p & 0xC0) == 0x80)
            continue;
        n++;
        letters += *p >= 0xE3 ? 2 : 1;
    }
    return letters * FONT_WIDTH;
}

/* The number beside a tick, with as many decimals as the step has, and a NUL. */
static void tick_label(struct buffer *out, const struct svg_axis *axis, double at)
{
    const double step = axis->step;
    const double unit = axis->is_percent ? 100 : 1;
    const double places = ceil(-log10(step * unit) - 1e-9);
    buffer_clear(out);
    /* A zero that has come out of sums as -1e-17 has no sign. */
    number_print_fixed(out, fabs(at) < step / 1e6 ? 0 : at * unit,
                       places > 0 ? (int)fmin(places, 12) : 0);
    buffer_text(out, axis->is_percent ? " %" : "");
    buffer_byte(out, '\0');
}

struct tick_cursor {
    const struct svg_axis *axis;
    size_t i;
    struct buffer label;
};

/* The next tick: its place, and its label (borrowed until the next call); 0 past the last. */
static int next_tick(struct tick_cursor *c, double *at, const char **label)
{
    if (c->axis->ticks != NULL) {
        if (c->i >= c->axis->n_ticks)
            return 0;
        *at = c->axis->ticks[c->i].at;
        *label = c->axis->ticks[c->i++].label;
        return 1;
    }
    const double step = c->axis->step;
    *at = (ceil(c->axis->min / step - 1e-9) + (double)c->i++) * step;
    tick_label(&c->label, c->axis, *at);
    *label = c->label.failed ? "" : c->label.bytes;
    return *at <= c->axis->max + step / 1e6;
}

enum { X_TICK_PIXELS = 50, Y_TICK_PIXELS = 30 };

static double widest_label(const struct svg_axis *axis)
{
    double widest = 0, at;
    const char *label;
    struct tick_cursor cursor = {.axis = axis};
    while (next_tick(&cursor, &at, &label))
        widest = fmax(widest, width_of(label, TICK_MOST));
    buffer_free(&cursor.label);
    return widest;
}

static void put_x_axis(struct svg *s)
{
    double free_from = 0, at;
    const char *label;
    struct tick_cursor cursor = {.axis = &s->chart.x};
    while (next_tick(&cursor, &at, &label)) {
        const double x = x_of(s, at), half = width_of(label, TICK_MOST) / 2;
        if (x - half < free_from)
            continue;
        put_segment(s, "c-axis", x, s->bottom, x, s->bottom + 4);
        /* The last one ends with the drawing. */
        const int is_last = x + half > s->chart.width;
        put_text(s, is_last ? s->chart.width - 1 : x, s->bottom + 17, is_last ? "end" : "middle",
                 "c-tick", label, TICK_MOST);
        free_from = x + half + 8;
    }
    buffer_free(&cursor.label);
    put_segment(s, "c-axis", s->left, s->bottom, s->right, s->bottom);
    if (s->chart.x.label != NULL)
        put_text(s, (s->left + s->right) / 2, s->bottom + 35, "middle", "c-label", s->chart.x.label,
                 2 * NAME_MOST);
}

static void put_y_axis(struct svg *s)
{
    double at;
    const char *label;
    struct tick_cursor cursor = {.axis = &s->chart.y};
    while (next_tick(&cursor, &at, &label)) {
        const double y = y_of(s, at);
        put_segment(s, "c-grid", s->left, y, s->right, y);
        put_text(s, s->left - 6, y + 4, "end", "c-tick", label, TICK_MOST);
    }
    buffer_free(&cursor.label);
    if (s->chart.y.label != NULL)
        put_text(s, MARGIN, s->top - 13, "start", "c-label", s->chart.y.label, 2 * NAME_MOST);
}

/* Names of the series in lines from `y` on; returns where the last line ends. Draws nothing and
 * only measures with `draw` 0. */
static double legend(struct svg *s, double y, int draw)
{
    double x = MARGIN;
    for (size_t i = 0; i < s->chart.n_series; i++) {
        const double width = 26 + width_of(s->chart.series[i], NAME_MOST);
        if (x > MARGIN && x + width > s->chart.width - MARGIN) {
            x = MARGIN;
            y += LINE_HEIGHT;
        }
        if (draw) {
            put_class(s, "path", "c-line", i);
            put(s, " d=\"M");
            number_print_fixed(s->out, x, 1);
            buffer_byte(s->out, ' ');
            number_print_fixed(s->out, y + LINE_HEIGHT / 2.0, 1);
            put(s, "h18\"/>");
            put_text(s, x + 23, y + LINE_HEIGHT / 2.0 + 4, "start", "c-label", s->chart.series[i],
                     NAME_MOST);
        }
        x += width + 14;
    }
    return s->chart.n_series == 0 ? y : y + LINE_HEIGHT;
}

static void open_file(struct svg *s)
{
    const struct svg_chart *chart = &s->chart;
    put(s, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" viewBox=\"0 0 ");
    number_print_fixed(s->out, chart->width, 0);
    buffer_byte(s->out, ' ');
    number_print_fixed(s->out, chart->height, 0);
    buffer_byte(s->out, '"');
    put_pixels(s, "width", chart->width);
    put_pixels(s, "height", chart->height);
    put(s, "><title>");
    html_string(s->out, chart->title);
    put(s, "</title>");
    if (chart->description != NULL) {
        put(s, "<desc>");
        html_string(s->out, chart->description);
        put(s, "</desc>");
    }
    if (chart->is_file) {
        put(s, "<style>");
        put(s, STYLE);
        put(s, "</style><rect class=\"c-paper\" width=\"100%\" height=\"100%\"/>");
    }
}

void svg_begin(struct svg *s, const struct svg_chart *chart, struct buffer *out)
{
    *s = (struct svg){.out = out, .chart = *chart};
    if (chart->series == NULL)
        s->chart.n_series = 0;
    s->top = MARGIN + LINE_HEIGHT;
    s->top = legend(s, s->top, 0) + (chart->y.label != NULL ? LINE_HEIGHT + 12 : 8);
    s->bottom = chart->height - (chart->x.label != NULL ? 44 : 26);
    if (s->bottom < s->top + 20)
        s->bottom = s->top + 20;
    settle_axis(&s->chart.y, s->bottom - s->top, Y_TICK_PIXELS);
    s->left = MARGIN + widest_label(&s->chart.y) + 6;
    s->right = fmax(chart->width - MARGIN - 8, s->left + 20);
    settle_axis(&s->chart.x, s->right - s->left, X_TICK_PIXELS);
    open_file(s);
    put_text(s, MARGIN, MARGIN + 9, "start", "c-title", chart->title, 2 * NAME_MOST);
    legend(s, MARGIN + LINE_HEIGHT, 1);
    put_y_axis(s);
    put_x_axis(s);
}

void svg_end(struct svg *s)
{
    put(s, "</svg>");
    buffer_text(s->out, s->chart.is_file ? "\n" : "");
}
