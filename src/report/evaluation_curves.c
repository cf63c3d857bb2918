/* SPDX-License-Identifier: Apache-2.0 */
/* Curves of a field: of all its decisions, then of its most frequent labels. Where every label has
 * its own threshold, "all thresholds moved together" is the one knob that is left: decisions are
 * ranked by how far their score lies above their label's threshold, and what was chosen is the
 * point at 0. In a cross-validation every fold has its own thresholds; the same ranking joins them.
 */
#include "report/evaluation_page.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "measure/ranking.h"
#include "report/html.h"
#include "report/svg.h"

enum {
    POINTS = 61,
    LEVELS = 100,
    RECALL_POINTS = 2 * LEVELS + 4,
    LABEL_CHARTS = 16,
    WIDTH = 360,
    HEIGHT = 270
};

/* A chart of a page in a figure of its own; the words are its caption and its description. */
static void open_chart(struct svg *svg, struct svg_chart *chart, struct buffer *out)
{
    chart->width = WIDTH;
    chart->height = HEIGHT;
    buffer_text(out, "<figure>");
    svg_begin(svg, chart, out);
}

static void close_chart(struct svg *svg)
{
    svg_end(svg);
    buffer_text(svg->out, "<figcaption>");
    html_string(svg->out, svg->chart.description);
    buffer_text(svg->out, "</figcaption></figure>\n");
}

static void say(struct buffer *out, const char *text, double v)
{
    buffer_text(out, text);
    number_print_fixed(out, v, 3);
}

static const char *said(struct buffer *text)
{
    buffer_byte(text, '\0');
    return text->failed ? "" : text->bytes;
}

/* ---- precision and recall ---- */

/* Recall and precision into arrays of RECALL_POINTS; returns how many. A point by rank would lose
 * the curve of a rare label among thousands of documents: points are taken by documents found, for
 * each number of them (or each of LEVELS numbers) the best and the worst precision. */
static size_t recall_points(double *recall, double *precision, const struct ranking *r)
{
    size_t n = 0;
    double level = 0;
    for (size_t i = 0; i < r->n_points; i++) {
        const double found = (double)r->tp[i] / (double)r->n_positive;
        const int is_first = i == 0 || r->tp[i - 1] != r->tp[i];
        const int is_last = i + 1 == r->n_points || r->tp[i + 1] != r->tp[i];
        if ((!is_first && !is_last) || found < level)
            continue;
        level = is_last ? found + 1.0 / LEVELS * (r->n_positive > LEVELS) : level;
        recall[n] = found;
        precision[n++] = (double)r->tp[i] / (double)(r->tp[i] + r->fp[i]);
        if (n == RECALL_POINTS)
            break;
    }
    return n;
}

/* The curve of one ranking, and a dot at what was chosen. */
static void put_recall_curve(struct buffer *out, const struct ranking *ranking, const char *title,
                             const char *description, const struct rates *chosen)
{
    double recall[RECALL_POINTS], precision[RECALL_POINTS];
    const size_t n = recall_points(recall, precision, ranking);
    struct svg_chart chart = {.title = title,
                              .description = description,
                              .x = {.max = 1, .label = "recall"},
                              .y = {.max = 1, .label = "precision"}};
    struct svg svg;
    open_chart(&svg, &chart, out);
    svg_line(&svg, 0, recall, precision, n);
    svg_dot(&svg, 1, chosen->recall, chosen->precision, "as labelled");
    close_chart(&svg);
}

/* ---- thresholds ---- */

/* Precision, recall and F1 where thresholds[n] are used, rising. */
struct sweep {
    double x[POINTS], precision[POINTS], recall[POINTS], f1[POINTS];
};

static void sweep_ranking(struct sweep *sweep, const struct ranking *ranking, double low,
                          double high)
{
    struct ranking_point points[POINTS];
    for (size_t i = 0; i < POINTS; i++)
        sweep->x[i] = low + (high - low) * (double)i / (POINTS - 1);
    ranking_sweep(points, sweep->x, POINTS, ranking);
    for (size_t i = 0; i < POINTS; i++) {
        sweep->precision[i] = points[i].precision;
        sweep->recall[i] = points[i].recall;
        sweep->f1[i] = points[i].f1;
    }
}

/* Scores between which thresholds make a difference: from the lowest that a positive needs to the
 * highest of all, both without the outermost twentieth, and around `chosen`. */
static int sweep_range(const struct ranking *ranking, double chosen, double *low, double *high)
{
    if (ranking->n_positive == 0 || ranking->n_points == 0)
        return 0;
    *low = *high = chosen;
    const uint64_t tail = ranking->n_positive / 20;
    for (size_t i = 0; i < ranking->n_points; i++) {
        const double at = (double)ranking->threshold[i];
        if (!isfinite(at))
            continue;
        if (ranking->tp[i] >= tail)
            *high = fmax(*high, ranking->tp[i] == 0 ? *high : at);
        *low = fmin(*low, at);
        if (ranking->tp[i] >= ranking->n_positive - tail)
            break;
    }
    const double margin = (*high - *low) * 0.05;
    *low -= margin;
    *high += margin;
    return *high > *low;
}

static void put_sweep(struct buffer *out, const struct sweep *sweep, const char *title,
                      const char *description, const char *axis, double chosen)
{
    static const char *const names[] = {"F1", "precision", "recall"};
    struct svg_chart chart = {.title = title,
                              .description = description,
                              .x = {.min = sweep->x[0], .max = sweep->x[POINTS - 1], .label = axis},
                              .y = {.max = 1},
                              .series = names,
                              .n_series = 3};
    struct svg svg;
    open_chart(&svg, &chart, out);
    svg_guide(&svg, chosen, 0, chosen, 1, "chosen");
    svg_line(&svg, 1, sweep->x, sweep->precision, POINTS);
    svg_line(&svg, 2, sweep->x, sweep->recall, POINTS);
    svg_line(&svg, 0, sweep->x, sweep->f1, POINTS);
    close_chart(&svg);
}

/* Margins of one label. */
static int label_ranking(struct ranking **out, const struct field_page *page, const float *values,
                         size_t l, sikap_error *err)
{
    return ranking_new(out, values + l, page->gold + l, page->n, page->n_labels, err);
}

/* Macro F1 at every shift of all thresholds. */
static int sweep_macro(struct sweep *out, const struct field_page *page, sikap_error *err)
{
    memset(out->f1, 0, sizeof out->f1);
    for (size_t l = 0; l < page->n_labels; l++) {
        struct ranking *ranking;
        struct ranking_point points[POINTS];
        const int status = label_ranking(&ranking, page, page->margins, l, err);
        if (status != 0)
            return status;
        ranking_sweep(points, out->x, POINTS, ranking);
        for (size_t i = 0; i < POINTS; i++)
            out->f1[i] += points[i].f1 / (double)page->n_labels;
        ranking_free(ranking);
    }
    return 0;
}

static int put_shift(struct buffer *out, const struct field_page *page,
                     const struct ranking *ranking, sikap_error *err)
{
    static const char *const names[] = {"micro F1", "macro F1"};
    struct sweep micro, macro;
    double low, high;
    if (!sweep_range(ranking, 0, &low, &high))
        return 0;
    sweep_ranking(&micro, ranking, low, high);
    memcpy(macro.x, micro.x, sizeof macro.x);
    const int status = sweep_macro(&macro, page, err);
    if (status != 0)
        return status;
    struct svg_chart chart = {
        .title = "All thresholds moved together",
        .description =
            "To the left labels are given more often, to the right more rarely. At 0 stands what "
            "was learnt from training texts; a peak elsewhere is not to be taken over from here.",
        .x = {.min = low, .max = high, .label = "added to every threshold"},
        .y = {.max = 1, .label = "F1"},
        .series = names,
        .n_series = 2};
    struct svg svg;
    open_chart(&svg, &chart, out);
    svg_guide(&svg, 0, 0, 0, 1, "chosen");
    svg_line(&svg, 0, micro.x, micro.f1, POINTS);
    svg_line(&svg, 1, macro.x, macro.f1, POINTS);
    close_chart(&svg);
    return 0;
}

static int put_all_decisions(struct buffer *out, const struct field_page *page, sikap_error *err)
{
    if (!page->field->is_multi || page->margins == NULL)
        return 0;
    struct ranking *ranking;
    int status = ranking_new(&ranking, page->margins, page->gold, page->n * page->n_labels, 1, err);
    if (status != 0)
        return status;
    put_recall_curve(out, ranking, "Precision and recall, all labels",
                     "All thresholds moved together; the dot is what was chosen. Up and to the "
                     "right is better.",
                     &page->figures->metrics->micro);
    status = put_shift(out, page, ranking, err);
    ranking_free(ranking);
    return status;
}

/* ---- probabilities ---- */

static void put_reliability(struct buffer *out, const struct field_page *page)
{
    const struct field_figures *f = page->figures;
    if (!f->has_probabilities)
        return;
    struct svg_chart chart = {
        .title = "Are the probabilities right?",
        .description =
            page->field->is_multi
                ? "Of the labels said to hold with a probability, the share that does. On the "
                  "dashed line all would be as promised; below it the model is too sure."
                : "Of the labels given with a probability, the share that is right. On the dashed "
                  "line all would be as promised; below it the model is too sure.",
        .x = {.max = 1, .is_percent = 1, .label = "probability"},
        .y = {.max = 1, .is_percent = 1, .label = "share that is true"}};
    struct svg svg;
    double x[RELIABILITY_BINS], y[RELIABILITY_BINS];
    size_t n = 0;
    open_chart(&svg, &chart, out);
    svg_guide(&svg, 0, 0, 1, 1, NULL);
    for (size_t b = 0; b < RELIABILITY_BINS; b++)
        if (f->reliability[b].n > 0) {
            x[n] = f->reliability[b].mean_probability;
            y[n++] = f->reliability[b].share_true;
        }
    svg_line(&svg, 0, x, y, n);
    for (size_t b = 0; b < RELIABILITY_BINS; b++) {
        const struct reliability_bin *bin = &f->reliability[b];
        struct buffer text = {0};
        say(&text, "said ", bin->mean_probability);
        say(&text, ", true ", bin->share_true);
        buffer_format(&text, ", %llu decisions", (unsigned long long)bin->n);
        if (bin->n > 0)
            svg_dot(&svg, 0, bin->mean_probability, bin->share_true, said(&text));
        buffer_free(&text);
    }
    close_chart(&svg);
}

static void put_coverage(struct buffer *out, const struct field_page *page)
{
    const struct field_figures *f = page->figures;
    if (f->n_coverage < 2)
        return;
    struct svg_chart chart = {
        .title = "If only the surest are labelled",
        .description = "Share of documents with all labels right when the least sure ones are left "
                       "to people.",
        .x = {.max = 1, .is_percent = 1, .label = "documents labelled, the surest first"},
        .y = {.max = 1, .is_percent = 1, .label = "right"}};
    struct svg svg;
    double x[COVERAGE_STEPS], y[COVERAGE_STEPS];
    open_chart(&svg, &chart, out);
    for (size_t i = 0; i < f->n_coverage; i++) {
        x[i] = f->coverage[i].coverage;
        y[i] = f->coverage[i].accuracy;
    }
    svg_line(&svg, 0, x, y, f->n_coverage);
    for (size_t i = 0; i < f->n_coverage; i++) {
        struct buffer text = {0};
        buffer_format(&text, "%llu documents", (unsigned long long)f->coverage[i].n);
        say(&text, ", right ", f->coverage[i].accuracy);
        say(&text, ", confidence at least ", f->coverage[i].confidence);
        svg_dot(&svg, 0, x[i], y[i], said(&text));
        buffer_free(&text);
    }
    close_chart(&svg);
}

/* ---- label by label ---- */

static int put_label_recall(struct buffer *out, const struct field_page *page, size_t l,
                            const char *name, sikap_error *err)
{
    struct ranking *ranking;
    const int status =
        label_ranking(&ranking, page, page->margins != NULL ? page->margins : page->scores, l, err);
    if (status != 0)
        return status;
    const struct rates *rates = &page->figures->metrics->labels[l].rates;
    struct buffer text = {0};
    say(&text, "As labelled: precision ", rates->precision);
    say(&text, ", recall ", rates->recall);
    say(&text, ". Average precision ", page->figures->average_precision[l]);
    buffer_byte(&text, '.');
    if (ranking->n_positive > 0)
        put_recall_curve(out, ranking, name, said(&text), rates);
    buffer_free(&text);
    ranking_free(ranking);
    return 0;
}

static int put_label_sweep(struct buffer *out, const struct field_page *page, size_t l,
                           const char *name, sikap_error *err)
{
    const int by_fold = page->evaluation->data.model != NULL;
    const float threshold = page->field->thresholds[l];
    struct ranking *ranking;
    const int status =
        label_ranking(&ranking, page, by_fold ? page->margins : page->scores, l, err);
    if (status != 0)
        return status;
    const double chosen = by_fold ? 0 : (double)threshold;
    double low, high;
    struct sweep sweep;
    struct buffer text = {0};
    if (isfinite(chosen) && sweep_range(ranking, chosen, &low, &high)) {
        sweep_ranking(&sweep, ranking, low, high);
        if (by_fold)
            buffer_text(&text, "With the thresholds of the folds F1 is ");
        else
            say(&text, "With the threshold ", chosen);
        say(&text, by_fold ? "" : " F1 is ", page->figures->metrics->labels[l].rates.f1);
        buffer_byte(&text, '.');
        put_sweep(out, &sweep, name, said(&text),
                  by_fold ? "score above the threshold" : "threshold (score)", chosen);
    }
    buffer_free(&text);
    ranking_free(ranking);
    return 0;
}

typedef int put_label_chart(struct buffer *out, const struct field_page *page, size_t l,
                            const char *name, sikap_error *err);

/* One chart for each of the most frequent labels. */
static int put_label_charts(struct buffer *out, const struct field_page *page, const char *heading,
                            const char *remark, put_label_chart *put, sikap_error *err)
{
    int status = 0;
    buffer_format(out, "<h3>%s</h3>\n<p class=\"soft\">%s</p>\n", heading, remark);
    if (page->n_labels > LABEL_CHARTS)
        buffer_format(out, "<p class=\"soft\">The %d most frequent of %zu labels.</p>\n",
                      LABEL_CHARTS, page->n_labels);
    buffer_text(out, "<div class=\"charts\">\n");
    for (size_t i = 0; i < page->n_labels && i < LABEL_CHARTS && status == 0; i++) {
        const size_t l = page->order[i];
        status = put(out, page, l, page->field->labels[l], err);
    }
    buffer_text(out, "</div>\n");
    return status;
}

int page_curves(struct buffer *out, const struct field_page *page, sikap_error *err)
{
    if (page->scores == NULL && !page->figures->has_probabilities && page->figures->n_coverage < 2)
        return 0;
    buffer_text(out, "<h3>How sure, and how right</h3>\n<div class=\"charts\">\n");
    int status = put_all_decisions(out, page, err);
    put_reliability(out, page);
    put_coverage(out, page);
    buffer_text(out, "</div>\n");
    if (status == 0 && page->scores != NULL && page->figures->average_precision != NULL)
        status = put_label_charts(
            out, page, "Precision and recall of the labels",
            page->field->is_multi ? "The dot is what was chosen."
                                  : "The dot is what was chosen. It can lie off the curve, as a "
                                    "label is given where it is the best of all, and not where "
                                    "its score passes a threshold.",
            put_label_recall, err);
    if (status == 0 && page->margins != NULL)
        status = put_label_charts(out, page, "Thresholds of the labels",
                                  page->evaluation->data.model == NULL
                                      ? "What another threshold would have given on these texts."
                                      : "Every fold has learnt its own threshold: 0 stands for it, "
                                        "0.1 for one that is higher by 0.1.",
                                  put_label_sweep, err);
    return status;
}
