/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_REPORT_SVG_H
#define SIKAP_REPORT_SVG_H

#include <stddef.h>

#include "base/buffer.h"

/* Charts: a plot with two axes, and series of lines, bands, bars and dots in it. Everything is in
 * the units of the axes; what lies outside of them is drawn at the edge, and what is not finite is
 * a gap. Colours follow the reader's light or dark setting; series also differ in their dashes.
 * Errors are sticky in the buffer.
 *
 *     struct svg_chart chart = {.title = "F1 by documents", .width = 640, .height = 360, …};
 *     svg_axis_cover(&chart.y, low, n);
 *     svg_axis_cover(&chart.y, high, n);
 *     struct svg svg;
 *     svg_begin(&svg, &chart, &buffer);
 *     svg_band(&svg, 0, x, low, high, n);
 *     svg_line(&svg, 0, x, f1, n);
 *     svg_end(&svg);
 */
struct svg_tick {
    double at;
    const char *label;
};

struct svg_axis {
    double min, max;
    int is_covered;               /* by svg_axis_cover: the ends are then rounded */
    double step;                  /* between ticks; 0: chosen */
    const char *label;            /* NULL: none */
    int is_percent;               /* 0.25 is shown as 25 % */
    const struct svg_tick *ticks; /* NULL: round numbers. Labels that would overlap are left out */
    size_t n_ticks;
};

struct svg_chart {
    const char *title;       /* what it shows: its heading, and its name for screen readers */
    const char *description; /* what can be seen in it, in words; NULL: none */
    double width, height;    /* pixels; 640 by 360 reads well, 360 by 270 on a phone */
    struct svg_axis x, y;
    const char *const *series; /* names for the legend, in order; NULL: no legend */
    size_t n_series;
    int is_file; /* a file of its own, which brings style and background; 0: part of a page */
};

struct svg {
    struct buffer *out;
    struct svg_chart chart;
    double left, right, top, bottom; /* of the plot, in pixels */
};

/* Widens an axis to hold the finite ones of values[n]; its ends become round numbers in svg_begin,
 * unless it has ticks of its own. The first call forgets min and max as they were; cover a 0 where
 * the axis must begin there. */
void svg_axis_cover(struct svg_axis *axis, const double *values, size_t n);

void svg_begin(struct svg *svg, const struct svg_chart *chart, struct buffer *out);
void svg_end(struct svg *svg);

void svg_line(struct svg *svg, size_t series, const double *x, const double *y, size_t n);
/* The area between low and high: an interval around a line. */
void svg_band(struct svg *svg, size_t series, const double *x, const double *low,
              const double *high, size_t n);
/* A bar from x0 to x1 and 0 to y, a dot: `label` (may be NULL) appears when pointed at. */
void svg_bar(struct svg *svg, size_t series, double x0, double x1, double y, const char *label);
void svg_dot(struct svg *svg, size_t series, double x, double y, const char *label);
/* A thin dashed line from one point to another, for comparison; `label` (may be NULL) is written at
 * its end. */
void svg_guide(struct svg *svg, double x0, double y0, double x1, double y1, const char *label);

/* The style rules of charts, for the stylesheet of a page. */
const char *svg_style(void);

#endif
