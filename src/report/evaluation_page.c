/* SPDX-License-Identifier: Apache-2.0 */
/* An evaluation as a page. Numbers come from the figures that the JSON prints, so the two cannot
 * differ; only the curves are computed here, from the same rows. */
#include "report/evaluation_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/evaluation_errors.h"
#include "report/html.h"

void field_page_free(struct field_page *page)
{
    memory_free(page->rows);
    memory_free(page->gold);
    memory_free(page->scores);
    memory_free(page->margins);
    memory_free(page->order);
}

/* Labels that occur often come first: what is said about them is surest. */
static void order_labels(struct field_page *page)
{
    const struct label_metrics *labels = page->figures->metrics->labels;
    for (size_t l = 0; l < page->n_labels; l++) {
        size_t at = l;
        for (; at > 0 && labels[page->order[at - 1]].support < labels[l].support; at--)
            page->order[at] = page->order[at - 1];
        page->order[at] = l;
    }
}

static void take_row(struct field_page *page, size_t row)
{
    const struct evaluation_field *f = page->field;
    const uint32_t *models = page->evaluation->data.model;
    const size_t n_labels = page->n_labels, from = row * n_labels, to = page->n * n_labels;
    page->rows[page->n++] = row;
    memcpy(page->gold + to, f->gold + from, n_labels);
    if (page->scores != NULL)
        memcpy(page->scores + to, f->scores + from, n_labels * sizeof *page->scores);
    for (size_t l = 0; page->margins != NULL && l < n_labels; l++) {
        const size_t model = models == NULL ? 0 : models[row];
        const float threshold = f->thresholds[model * n_labels + l];
        page->margins[to + l] = f->scores[from + l] - threshold;
    }
}

int field_page_new(struct field_page *page, const sikap_evaluation *e, size_t field,
                   sikap_error *err)
{
    const struct evaluation_field *f = &e->data.fields[field];
    *page = (struct field_page){
        .evaluation = e, .field = f, .figures = &e->figures[field], .n_labels = f->n_labels};
    const size_t cells = page->figures->n_documents * f->n_labels;
    const int has_margins = f->scores != NULL && f->thresholds != NULL;
    page->rows = memory_alloc(page->figures->n_documents, sizeof *page->rows);
    page->gold = memory_alloc(cells, 1);
    page->order = memory_alloc(f->n_labels, sizeof *page->order);
    page->scores = f->scores == NULL ? NULL : memory_alloc(cells, sizeof *page->scores);
    page->margins = has_margins ? memory_alloc(cells, sizeof *page->margins) : NULL;
    if (page->rows == NULL || page->gold == NULL || page->order == NULL ||
        (f->scores != NULL && page->scores == NULL) || (has_margins && page->margins == NULL))
        return error_memory(err, "report");
    order_labels(page);
    for (size_t row = 0; row < e->data.n_rows; row++)
        if (f->annotated[row])
            take_row(page, row);
    return 0;
}

/* ---- headlines ---- */

static const char *why_none(const sikap_evaluation *e, enum interval_state state)
{
    const int by_group = evaluation_is_grouped(&e->data);
    switch (state) {
    case INTERVAL_FEW_UNITS:
        return by_group ? "no interval: fewer than 20 groups"
                        : "no interval: fewer than 20 documents";
    case INTERVAL_RARE_LABEL:
        return by_group ? "no interval: the label is in fewer than 20 groups"
                        : "no interval: fewer than 20 documents have the label";
    case INTERVAL_RARE_LABELS:
        return "no interval: some labels are too rare for an honest one";
    case INTERVAL_NO_VARIATION:
        return "no interval: all right or all wrong";
    case INTERVAL_TOO_LARGE:
        return "no interval: too many labels and resamples for memory";
    case INTERVAL_GIVEN:
    case INTERVAL_OFF:
        break;
    }
    return "no interval wanted";
}

void page_interval(struct buffer *out, const sikap_evaluation *e,
                   const struct figure_interval *interval)
{
    if (interval->state != INTERVAL_GIVEN) {
        buffer_text(out, why_none(e, interval->state));
        return;
    }
    buffer_text(out, "95 % interval ");
    html_number(out, interval->bca.low, 3);
    buffer_text(out, " to ");
    html_number(out, interval->bca.high, 3);
}

/* `value`: its place among metrics_values. */
static void put_card(struct buffer *out, const struct field_page *page, const char *name, double v,
                     size_t value, const char *meaning)
{
    const struct figure_interval *intervals = page->figures->interval;
    buffer_text(out, "<div class=\"card\"><p>");
    buffer_text(out, name);
    buffer_text(out, "</p><p class=\"figure\">");
    html_number(out, v, 3);
    buffer_text(out, "</p><p>");
    if (intervals != NULL && intervals[value].state != INTERVAL_OFF)
        page_interval(out, page->evaluation, &intervals[value]);
    buffer_text(out, "</p><p class=\"soft\">");
    buffer_text(out, meaning);
    buffer_text(out, "</p></div>\n");
}

static void put_calibration(struct buffer *out, const struct field_figures *f)
{
    if (!f->has_probabilities)
        return;
    buffer_text(out, "<p>Probabilities: calibration error ");
    html_number(out, f->calibration_error, 3);
    buffer_text(out, ", Brier score ");
    html_number(out, f->brier_score, 3);
    buffer_text(out, ". They promise an F1 of ");
    html_number(out, f->expected_f1, 3);
    buffer_text(out,
                "; where the true one is far from it, these texts are not of the kind that the "
                "model knows.</p>\n");
}

void page_headlines(struct buffer *out, const struct field_page *page)
{
    const struct metrics *m = page->figures->metrics;
    buffer_text(out, "<div class=\"cards\">\n");
    if (page->field->is_multi)
        put_card(out, page, "micro F1", m->micro.f1, METRICS_MICRO_F1,
                 "All decisions counted together: common labels weigh most.");
    else
        put_card(out, page, "accuracy", m->subset_accuracy, METRICS_SUBSET_ACCURACY,
                 "Share of the documents with the right label.");
    put_card(out, page, "macro F1", m->macro.f1, METRICS_MACRO_F1,
             "Mean over the labels: a rare one weighs as much as a common one.");
    if (m->n_supported < m->n_labels)
        put_card(out, page, "macro F1 of labels in gold", m->macro_supported.f1,
                 METRICS_SUPPORTED_F1, "Mean over the labels that these documents have.");
    put_card(out, page, "weighted F1", m->weighted.f1, METRICS_WEIGHTED_F1,
             "Mean over the labels, weighted by how often each occurs.");
    if (page->field->is_multi)
        put_card(out, page, "all labels right", m->subset_accuracy, METRICS_SUBSET_ACCURACY,
                 "Share of the documents without a label too many or too few.");
    buffer_text(out, "</div>\n");
    put_calibration(out, page->figures);
}

/* ---- the page ---- */

static void put_field_heading(struct buffer *out, const sikap_evaluation *e, size_t field)
{
    const struct evaluation_field *f = &e->data.fields[field];
    const struct field_figures *figures = &e->figures[field];
    buffer_format(out, "<section id=\"field-%zu\"><h2>", field + 1);
    html_name(out, f->name);
    buffer_format(out, "</h2>\n<p class=\"soft\">%s %zu labels; %zu documents are annotated",
                  f->is_multi ? "Any number of" : "Exactly one of", f->n_labels,
                  figures->n_documents);
    if (evaluation_is_grouped(&e->data) && figures->interval != NULL)
        buffer_format(out, ", in %zu groups", figures->n_units);
    buffer_text(out, ".</p>\n");
}

static int put_field(struct buffer *out, const sikap_evaluation *e, size_t field,
                     const struct error_texts *texts, sikap_error *err)
{
    struct field_page page;
    int status = field_page_new(&page, e, field, err);
    if (status == 0) {
        put_field_heading(out, e, field);
        page_headlines(out, &page);
        page_labels(out, &page);
        status = page_confusions(out, &page, err);
    }
    if (status == 0)
        status = page_curves(out, &page, err);
    if (status == 0)
        status = page_errors(out, &page, texts, err);
    buffer_text(out, "</section>\n");
    field_page_free(&page);
    return status;
}

static void put_fact(struct buffer *out, const char *name, const char *value)
{
    buffer_text(out, "<dt>");
    html_name(out, name);
    buffer_text(out, "</dt><dd>");
    html_short(out, value, 2000);
    buffer_text(out, "</dd>\n");
}

static void put_provenance(struct buffer *out, const sikap_evaluation *e,
                           const sikap_report_source *source)
{
    const sikap_counts *read = &e->data.read;
    buffer_text(out, "<section id=\"provenance\"><h2>What was run</h2>\n<dl>\n");
    if (source->command != NULL) {
        buffer_text(out, "<dt>command</dt><dd><code>");
        html_short(out, source->command, 2000);
        buffer_text(out, "</code></dd>\n");
    }
    for (size_t i = 0; i < source->n_corpus; i++)
        put_fact(out, "texts", source->corpus[i]);
    buffer_format(out, "<dt>documents</dt><dd>%zu, %llu skipped, %llu with broken UTF-8</dd>\n",
                  evaluation_n_documents(&e->data), (unsigned long long)read->n_skipped,
                  (unsigned long long)read->n_repaired);
    if (e->n_resamples > 0)
        buffer_format(
            out, "<dt>intervals</dt><dd>bootstrap (BCa), %zu resamples of %s, seed %zu</dd>\n",
            e->n_resamples, evaluation_is_grouped(&e->data) ? "groups" : "documents", e->seed);
    for (size_t i = 0; i < e->data.n_notes; i++)
        put_fact(out, e->data.notes[i].name, e->data.notes[i].value);
    buffer_text(out, "</dl>\n");
    if (source->model != NULL) {
        buffer_text(out, "<h3>The model</h3>\n<dl>\n");
        buffer_format(out, "<dt>terms</dt><dd>%zu</dd>\n", sikap_model_n_terms(source->model));
        const char *name;
        for (size_t i = 0; (name = sikap_model_note_name(source->model, i)) != NULL; i++)
            put_fact(out, name, sikap_model_note(source->model, name));
        buffer_text(out, "</dl>\n");
    }
    buffer_text(out, "</section>\n");
}

static void put_values(struct buffer *out, double given, double found, double tested)
{
    const double values[] = {given, found, tested};
    for (size_t i = 0; i < 3; i++) {
        buffer_text(out, "<td>");
        html_number(out, values[i], 3);
        buffer_text(out, "</td>");
    }
}

/* What --tune found in each fold. */
static void put_tuning(struct buffer *out, const sikap_evaluation *e)
{
    const struct evaluation_tuning *t = &e->data.tuning;
    if (t->effort == NULL)
        return;
    buffer_text(out, "<section id=\"tuning\"><h2>What was found in each fold</h2>\n"
                     "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                     "aria-label=\"Options found\"><table><caption><span>Options were searched "
                     "anew in what each fold learns from. Given and found: the value inside the "
                     "fold, on fewer texts; the best of many flatters. Tested: what was found, on "
                     "the fold’s own documents, which nothing was chosen on.</span></caption>\n"
                     "<thead><tr><th scope=\"col\">fold</th><th scope=\"col\">given</th>"
                     "<th scope=\"col\">found</th><th scope=\"col\">tested</th>"
                     "<th scope=\"col\" class=\"text\">options</th></tr></thead>\n<tbody>\n");
    for (size_t k = 0; k < t->n; k++) {
        const struct evaluation_tuned *fold = &t->folds[k];
        buffer_text(out, "<tr><th scope=\"row\">");
        if (e->data.n_repeats > 1)
            buffer_format(out, "%zu.", fold->repeat + 1);
        buffer_format(out, "%zu</th>", fold->fold + 1);
        put_values(out, fold->given, fold->found, fold->tested);
        buffer_text(out, "<td class=\"text\"><code>");
        html_string(out, fold->options[0] == '\0' ? "as given" : fold->options);
        buffer_text(out, "</code></td></tr>\n");
    }
    buffer_text(out, "</tbody>\n<tfoot><tr><th scope=\"row\">all</th>");
    put_values(out, t->given, t->found, t->tested);
    buffer_text(out, "<td></td></tr></tfoot></table></div>\n</section>\n");
}

static void put_contents(struct buffer *out, const sikap_evaluation *e)
{
    buffer_text(out, "<nav aria-label=\"Contents\"><p>");
    for (size_t f = 0; f < e->data.n_fields; f++) {
        buffer_format(out, "<a href=\"#field-%zu\">", f + 1);
        html_name(out, e->data.fields[f].name);
        buffer_text(out, "</a>");
    }
    if (e->data.tuning.effort != NULL)
        buffer_text(out, "<a href=\"#tuning\">Options found</a>");
    buffer_text(out, "<a href=\"#provenance\">What was run</a></p></nav>\n");
}

int sikap_report_evaluation(const sikap_evaluation *e, const sikap_report_source *source,
                            sikap_write *write, void *context, sikap_error *err)
{
    struct buffer out = {0};
    struct error_texts *texts;
    int status = error_texts_new(&texts, e, source, err);
    if (status != 0)
        return status;
    html_begin(&out, source->title == NULL ? "Evaluation" : source->title);
    put_contents(&out, e);
    for (size_t f = 0; f < e->data.n_fields && status == 0; f++)
        status = put_field(&out, e, f, texts, err);
    put_tuning(&out, e);
    put_provenance(&out, e, source);
    html_end(&out);
    if (status == 0)
        status = buffer_hand_over(&out, "report", write, context, err);
    error_texts_free(texts);
    buffer_free(&out);
    return status;
}
