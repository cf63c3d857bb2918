/* SPDX-License-Identifier: Apache-2.0 */
/* Marks are put into a plot whose edges are known, so that their places can be written down by
 * hand. */
#include "report/svg.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* A plot of 100 by 100 pixels whose corner is at (left, top), 0 to 10 on both axes. */
static struct svg plot_of(struct buffer *out)
{
    struct svg svg = {.out = out, .left = 50, .right = 150, .top = 20, .bottom = 120};
    svg.chart.x = svg.chart.y = (struct svg_axis){.max = 10};
    return svg;
}

static void has(struct buffer *out, const char *wanted)
{
    buffer_byte(out, '\0');
    out->n--;
    if (strstr(out->bytes, wanted) == NULL)
        fail_msg("%s\nis not in\n%s", wanted, out->bytes);
}

static void marks_stand_where_the_axes_say(void **state)
{
    (void)state;
    struct buffer out = {0};
    struct svg svg = plot_of(&out);
    svg_line(&svg, 0, (double[]){0, 5, 10}, (double[]){0, 10, 2.5}, 3);
    has(&out, " d=\"M50.0 120.0L100.0 20.0L150.0 95.0\"");
    svg_band(&svg, 1, (double[]){0, 10}, (double[]){1, 2}, (double[]){3, 4}, 2);
    has(&out, " d=\"M50.0 90.0L150.0 80.0L150.0 100.0L50.0 110.0Z\"");
    svg_bar(&svg, 2, 2, 3, 5, "half <\"");
    has(&out,
        "x=\"70.0\" y=\"70.0\" width=\"10.0\" height=\"50.0\"><title>half &lt;&quot;</title>");
    svg_dot(&svg, 7, 1, 1, NULL);
    has(&out, "class=\"c-dot c-1\" cx=\"60.0\" cy=\"110.0\"");
    buffer_free(&out);
}

static void what_is_not_finite_is_a_gap(void **state)
{
    (void)state;
    struct buffer out = {0};
    struct svg svg = plot_of(&out);
    svg_line(&svg, 0, (double[]){0, 1, 2, 3, 4, 5}, (double[]){NAN, 1, 1, INFINITY, 2, NAN}, 6);
    has(&out, " d=\"M60.0 110.0L70.0 110.0M90.0 100.0h.01\"");
    svg_band(&svg, 0, (double[]){0, 1, 2}, (double[]){1, NAN, 1}, (double[]){2, 2, 2}, 3);
    has(&out, " d=\"M50.0 100.0L50.0 110.0ZM70.0 100.0L70.0 110.0Z\"");
    svg_line(&svg, 0, NULL, NULL, 0);
    buffer_clear(&out);
    svg_bar(&svg, 0, 1, 2, NAN, NULL);
    svg_dot(&svg, 0, NAN, 2, NULL);
    assert_int_equal(out.n, 0);
    /* Past the edge is at the edge. */
    svg_line(&svg, 0, (double[]){-5, 1e300}, (double[]){-1, 11}, 2);
    has(&out, " d=\"M50.0 120.0L150.0 20.0\"");
    buffer_free(&out);
}

static void axes_end_at_round_numbers(void **state)
{
    (void)state;
    static const struct {
        double values[3];
        size_t n;
        int is_percent;
        const char *ticks; /* some that must be there */
        double min, max;
    } CASES[] = {
        {{0, 0.93}, 2, 0, ">0.8</text>", 0, 1},
        {{0, 0.93}, 2, 1, ">80 %</text>", 0, 1},
        {{0, 8000}, 2, 0, ">2000</text>", 0, 8000},
        {{-3, 7}, 2, 0, ">-4</text>", -4, 8},
        {{0.001, 0.0042}, 2, 0, ">0.0015</text>", 0.001, 0.0045},
        {{5}, 1, 0, ">6</text>", 5, 10},
        {{0}, 1, 0, ">0.2</text>", 0, 1},
        {{NAN, INFINITY}, 2, 0, ">0.2</text>", 0, 1},
        {{0}, 0, 0, ">0.2</text>", 0, 1},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct buffer out = {0};
        struct svg svg;
        struct svg_chart chart = {.title = "t", .width = 360, .height = 270};
        chart.y.is_percent = CASES[c].is_percent;
        svg_axis_cover(&chart.y, CASES[c].values, CASES[c].n);
        svg_begin(&svg, &chart, &out);
        svg_end(&svg);
        if (fabs(svg.chart.y.min - CASES[c].min) > 1e-12 ||
            fabs(svg.chart.y.max - CASES[c].max) > 1e-12)
            fail_msg("case %zu: %g to %g", c, svg.chart.y.min, svg.chart.y.max);
        has(&out, CASES[c].ticks);
        buffer_free(&out);
    }
}

static void labels_that_would_overlap_are_left_out(void **state)
{
    (void)state;
    struct buffer out = {0};
    char names[60][16];
    struct svg_tick ticks[60];
    for (size_t i = 0; i < 60; i++) {
        snprintf(names[i], sizeof names[i], "20%02zu-%02zu", 20 + i / 12, 1 + i % 12);
        ticks[i] = (struct svg_tick){(double)i, names[i]};
    }
    const struct svg_chart chart = {
        .title = "t", .width = 360, .height = 200, .x = {.max = 59, .ticks = ticks, .n_ticks = 60}};
    struct svg svg;
    svg_begin(&svg, &chart, &out);
    svg_end(&svg);
    has(&out, "2020-01");
    size_t shown = 0;
    for (const char *at = out.bytes; (at = strstr(at, ">20")) != NULL; at++)
        shown++;
    assert_in_range(shown, 3, 6);
    buffer_free(&out);
}

static void words_are_escaped_and_described(void **state)
{
    (void)state;
    struct buffer out = {0};
    const char *series[] = {"<b>", "a&b"};
    const struct svg_chart chart = {.title = "</title><script>",
                                    .description = "falls & rises",
                                    .width = 360,
                                    .height = 200,
                                    .x = {.max = 1, .label = "\"x\""},
                                    .series = series,
                                    .n_series = 2,
                                    .is_file = 1};
    struct svg svg;
    svg_begin(&svg, &chart, &out);
    svg_end(&svg);
    has(&out, "role=\"img\"");
    has(&out, "<title>&lt;/title&gt;&lt;script&gt;</title><desc>falls &amp; rises</desc><style>");
    has(&out, ">&lt;b&gt;</text>");
    has(&out, ">a&amp;b</text>");
    assert_null(strstr(out.bytes, "<script"));
    assert_string_equal(out.bytes + out.n - 7, "</svg>\n");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_stand_where_the_axes_say),
        cmocka_unit_test(what_is_not_finite_is_a_gap),
        cmocka_unit_test(axes_end_at_round_numbers),
        cmocka_unit_test(labels_that_would_overlap_are_left_out),
        cmocka_unit_test(words_are_escaped_and_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
