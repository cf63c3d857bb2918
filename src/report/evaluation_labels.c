/* SPDX-License-Identifier: Apache-2.0 */
/* The labels of a field in a table, and what is taken for what. In a field with any number of
 * labels nothing is taken for one other label: counted is how often one label was missed in a
 * document that wrongly got the other. */
#include "report/evaluation_page.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "report/html.h"

enum {
    MATRIX_MOST = 25,
    CONFUSIONS_MOST = 3000,
    ROWS_MOST = 1000,
    PAIRS_SHOWN = 30,
    HEAT_LEVELS = 5
};

static void put_label_row(struct buffer *out, const struct field_page *page, size_t l)
{
    const struct field_figures *f = page->figures;
    const struct label_metrics *m = &f->metrics->labels[l];
    buffer_text(out, "<tr><th scope=\"row\">");
    html_name(out, page->field->labels[l]);
    buffer_text(out, "</th><td class=\"bar\" style=\"--w:");
    number_print_fixed(out, 100 * m->rates.f1, 1);
    buffer_text(out, "%\">");
    html_number(out, m->rates.f1, 3);
    buffer_text(out, "</td><td>");
    html_number(out, m->rates.precision, 3);
    buffer_text(out, "</td><td>");
    html_number(out, m->rates.recall, 3);
    buffer_text(out, "</td>");
    if (f->interval != NULL) {
        const struct figure_interval *interval = &f->interval[metrics_label_value(l, METRICS_F1)];
        buffer_text(out, "<td class=\"more\">");
        if (interval->state == INTERVAL_GIVEN) {
            html_number(out, interval->bca.low, 3);
            buffer_text(out, " to ");
            html_number(out, interval->bca.high, 3);
        } else {
            buffer_text(out, interval->state == INTERVAL_RARE_LABEL ? "rare" : "none");
        }
        buffer_text(out, "</td>");
    }
    buffer_text(out, "<td>");
    html_count(out, m->support);
    buffer_text(out, "</td><td class=\"more\">");
    html_count(out, m->predicted);
    buffer_text(out, "</td>");
    if (f->average_precision != NULL) {
        buffer_text(out, "<td class=\"more\">");
        html_number(out, f->average_precision[l], 3);
        buffer_text(out, "</td>");
    }
    buffer_text(out, "</tr>\n");
}

void page_labels(struct buffer *out, const struct field_page *page)
{
    const struct field_figures *f = page->figures;
    buffer_text(out, "<h3>Labels</h3>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" "
                     "aria-label=\"Figures of every label\"><table class=\"labels\"><caption><span>"
                     "Most frequent first. Support: documents that have the label in gold; given: "
                     "documents that got it.");
    if (f->interval != NULL)
        buffer_text(out,
                    " A label in fewer than 20 documents, or groups, is too rare for an honest "
                    "interval.");
    buffer_text(out, "</span></caption>\n<thead><tr><th scope=\"col\" class=\"text\">label</th>"
                     "<th scope=\"col\">F1</th><th scope=\"col\">precision</th>"
                     "<th scope=\"col\">recall</th>");
    if (f->interval != NULL)
        buffer_text(out, "<th scope=\"col\" class=\"more\">95 % interval of F1</th>");
    buffer_text(out, "<th scope=\"col\">support</th><th scope=\"col\" class=\"more\">given</th>");
    if (f->average_precision != NULL)
        buffer_text(out, "<th scope=\"col\" class=\"more\">average precision</th>");
    buffer_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < page->n_labels && i < ROWS_MOST; i++)
        put_label_row(out, page, page->order[i]);
    buffer_text(out, "</tbody></table></div>\n");
    if (page->n_labels > ROWS_MOST)
        buffer_format(out, "<p>%zu rarer labels are left out here.</p>\n",
                      page->n_labels - ROWS_MOST);
}

/* ---- confusions ---- */

/* counts[gold][given] of a multi field: missed beside wrongly given; on the diagonal: rightly
 * given.
 */
static void count_together(uint64_t *counts, const struct field_page *page)
{
    const size_t n = page->n_labels;
    for (size_t i = 0; i < page->n; i++) {
        const unsigned char *gold = page->gold + i * n;
        const unsigned char *chosen = page->field->chosen + page->rows[i] * n;
        for (size_t g = 0; g < n; g++) {
            if (!gold[g])
                continue;
            if (chosen[g]) {
                counts[g * n + g]++;
                continue;
            }
            for (size_t p = 0; p < n; p++)
                counts[g * n + p] += chosen[p] && !gold[p];
        }
    }
}

static void put_count_cell(struct buffer *out, uint64_t count, uint64_t most, int is_hit)
{
    const size_t level =
        most == 0 ? 0 : (size_t)((count * HEAT_LEVELS + most - 1) / most); /* 0 only for 0 */
    buffer_text(out, "<td class=\"");
    if (count == 0)
        buffer_text(out, "zero");
    else
        buffer_format(out, "h%zu", level);
    buffer_text(out, is_hit ? " hit\">" : "\">");
    html_count(out, count);
    buffer_text(out, "</td>");
}

static void put_matrix(struct buffer *out, const struct field_page *page, const uint64_t *counts)
{
    const size_t n = page->n_labels;
    uint64_t most_right = 0, most_wrong = 0;
    for (size_t g = 0; g < n; g++)
        for (size_t p = 0; p < n; p++) {
            uint64_t *most = g == p ? &most_right : &most_wrong;
            *most = counts[g * n + p] > *most ? counts[g * n + p] : *most;
        }
    buffer_text(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Confusions\">"
                     "<table class=\"matrix\"><caption><span>");
    buffer_text(out, page->field->is_multi
                         ? "Row: a label that gold has. Framed: how often it was given. Other "
                           "columns: how often it was missed in a document that wrongly got the "
                           "column's label."
                         : "Row: the label in gold. Column: the label given. Framed: right.");
    buffer_text(out, "</span></caption>\n<thead><tr><th scope=\"col\" class=\"text\">gold</th>");
    for (size_t p = 0; p < n; p++) {
        buffer_text(out, "<th scope=\"col\"><span>");
        html_name(out, page->field->labels[page->order[p]]);
        buffer_text(out, "</span></th>");
    }
    buffer_text(out, "</tr></thead><tbody>\n");
    for (size_t g = 0; g < n; g++) {
        buffer_text(out, "<tr><th scope=\"row\">");
        html_name(out, page->field->labels[page->order[g]]);
        buffer_text(out, "</th>");
        for (size_t p = 0; p < n; p++)
            put_count_cell(out, counts[page->order[g] * n + page->order[p]],
                           g == p ? most_right : most_wrong, g == p);
        buffer_text(out, "</tr>\n");
    }
    buffer_text(out, "</tbody></table></div>\n");
}

static void put_pairs(struct buffer *out, const struct field_page *page, const uint64_t *counts)
{
    struct confusion kept[PAIRS_SHOWN];
    const size_t n_kept = evaluation_confusions(kept, PAIRS_SHOWN, counts, page->n_labels);
    if (n_kept == 0) {
        buffer_text(out, "<p>No label was taken for another.</p>\n");
        return;
    }
    buffer_text(out, "<table><caption><span>");
    buffer_text(out, page->field->is_multi
                         ? "How often a label was missed in a document that wrongly got another."
                         : "How often one label was taken for another.");
    buffer_format(out,
                  " The %zu most frequent.</span></caption>\n<thead><tr>"
                  "<th scope=\"col\" class=\"text\">in gold</th>"
                  "<th scope=\"col\" class=\"text\">given</th>"
                  "<th scope=\"col\">documents</th></tr></thead><tbody>\n",
                  n_kept);
    for (size_t i = 0; i < n_kept; i++) {
        buffer_text(out, "<tr><th scope=\"row\">");
        html_name(out, page->field->labels[kept[i].gold]);
        buffer_text(out, "</th><td class=\"text\">");
        html_name(out, page->field->labels[kept[i].predicted]);
        buffer_text(out, "</td><td>");
        html_count(out, kept[i].n);
        buffer_text(out, "</td></tr>\n");
    }
    buffer_text(out, "</tbody></table>\n");
}

int page_confusions(struct buffer *out, const struct field_page *page, sikap_error *err)
{
    const size_t n = page->n_labels;
    uint64_t *together = NULL;
    const uint64_t *counts = page->figures->metrics->confusion;
    if (n < 2 || n > CONFUSIONS_MOST)
        return 0;
    if (counts == NULL) {
        together = memory_zero(n * n, sizeof *together);
        if (together == NULL)
            return error_memory(err, "report");
        count_together(together, page);
        counts = together;
    }
    buffer_text(out, "<h3>Confusions</h3>\n");
    if (n <= MATRIX_MOST)
        put_matrix(out, page, counts);
    else
        put_pairs(out, page, counts);
    memory_free(together);
    return 0;
}
