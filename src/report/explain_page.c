/* SPDX-License-Identifier: Apache-2.0 */
/* An explanation as a page: what was given, then one section for every label with its sum and the
 * text in which its words are marked. A text that is too long to be repeated is shown by the
 * sentences that carried the label. */
#include "report/explain.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "report/explain_page.h"
#include "report/html.h"

enum { TEXT_MOST = 30000, EXCERPT_SENTENCES = 40 };

static void put_signed(struct buffer *out, double v)
{
    buffer_text(out, "<data value=\"");
    number_print(out, v);
    buffer_text(out, "\">");
    explain_signed(out, v, 3);
    buffer_text(out, "</data>");
}

/* ---- the text with its words marked ---- */

static void put_stretches(struct buffer *out, const struct label_explanation *x, size_t segment,
                          size_t begin, size_t end)
{
    static const char *const LEVELS[] = {"a2", "a1", "", "f1", "f2"};
    const char *text = x->of->segments[segment].bytes;
    while (begin < end) {
        const struct stretch s = label_stretch(x, segment, begin, end);
        if (s.level != 0) {
            buffer_format(out, "<mark class=\"%s\" title=\"", LEVELS[s.level + 2]);
            explain_signed(out, s.sum, 3);
            buffer_text(out, "\">");
        }
        html_text(out, text + begin, s.end - begin);
        buffer_text(out, s.level != 0 ? "</mark>" : "");
        begin = s.end;
    }
}

/* The sentences that weigh most, in the order of the text, as far as `most` bytes go. */
static int put_excerpt(struct buffer *out, const struct label_explanation *x, size_t most,
                       sikap_error *err)
{
    unsigned char *kept = memory_zero(x->n_sentences, 1);
    if (kept == NULL)
        return error_memory(err, "report");
    for (size_t i = 0; i < EXCERPT_SENTENCES; i++) {
        size_t best = x->n_sentences;
        for (size_t s = 0; s < x->n_sentences; s++)
            if (!kept[s] && (best == x->n_sentences ||
                             fabs(x->sentences[s].sum) > fabs(x->sentences[best].sum)))
                best = s;
        if (best == x->n_sentences)
            break;
        const size_t n = x->sentences[best].end - x->sentences[best].begin;
        if (n > most)
            break;
        most -= n;
        kept[best] = 1;
    }
    buffer_text(out, "<p class=\"pieces\" dir=\"auto\">");
    for (size_t s = 0; s < x->n_sentences; s++) {
        const struct sentence *one = &x->sentences[s];
        if (kept[s])
            put_stretches(out, x, one->segment, one->begin, one->end);
        if (kept[s] || s == 0 || kept[s - 1])
            buffer_text(out, kept[s] ? " " : "… ");
    }
    buffer_text(out, "</p>\n");
    memory_free(kept);
    return 0;
}

int explain_put_text(struct buffer *out, const struct label_explanation *x, size_t most,
                     sikap_error *err)
{
    size_t n = 0;
    const struct segment_plan *plan = &x->of->model->plan;
    for (size_t k = 0; k < plan->n; k++)
        n += x->weight[k] == NULL ? 0
             : x->place.end > 0   ? x->place.end - x->place.begin
                                  : x->of->segments[k].n;
    if (n > most)
        return put_excerpt(out, x, most, err);
    for (size_t k = 0; k < plan->n; k++) {
        if (x->weight[k] == NULL)
            continue;
        buffer_text(out, "<p class=\"pieces\" dir=\"auto\">");
        put_stretches(out, x, k, x->place.end > 0 ? x->place.begin : 0,
                      x->place.end > 0 ? x->place.end : x->of->segments[k].n);
        buffer_text(out, "</p>\n");
    }
    return 0;
}

/* ---- the sum ---- */

static void put_term_row(struct buffer *out, const struct label_explanation *x,
                         const sikap_contribution *c, double largest)
{
    struct buffer term = {0};
    explain_term(&term, x->of->model, c->term);
    buffer_byte(&term, '\0');
    buffer_text(out, "<tr><th scope=\"row\">");
    html_name(out, term.failed ? "" : term.bytes);
    buffer_format(out, "</th><td>%u</td><td class=\"bar %s\" style=\"--w:", c->count,
                  c->contribution > 0 ? "for" : "against");
    number_print_fixed(out, 100 * fabs((double)c->contribution) / largest, 1);
    buffer_text(out, "%\">");
    put_signed(out, (double)c->contribution);
    buffer_text(out, "</td></tr>\n");
    out->failed |= term.failed;
    buffer_free(&term);
}

static void put_sum_row(struct buffer *out, const char *name, double v, const char *element)
{
    buffer_format(out, "<tr><%s scope=\"row\">%s</%s><td></td><td>", element, name, element);
    put_signed(out, v);
    buffer_text(out, "</td></tr>\n");
}

static void put_sum(struct buffer *out, const struct label_explanation *x, size_t top)
{
    const size_t n_for = label_side(x, 1, top);
    const size_t n_against = label_side(x, 0, x->n - n_for < top ? x->n - n_for : top);
    const size_t n_rest = x->n - n_for - n_against;
    double largest = n_for > 0 ? (double)x->sorted[0].contribution : 0;
    if (n_against > 0)
        largest = fmax(largest, -(double)x->sorted[x->n - 1].contribution);
    buffer_text(out,
                "<table class=\"sum\"><caption><span>What the score is the sum of</span>"
                "</caption>\n<thead><tr><th scope=\"col\" class=\"text\">term</th>"
                "<th scope=\"col\">times</th><th scope=\"col\">adds</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < n_for; i++)
        put_term_row(out, x, &x->sorted[i], largest);
    if (n_rest > 0) {
        struct buffer name = {0};
        buffer_format(&name, "%zu other term%s", n_rest, n_rest == 1 ? "" : "s");
        buffer_byte(&name, '\0');
        put_sum_row(out, name.failed ? "" : name.bytes, label_rest(x, n_for, n_against), "th");
        buffer_free(&name);
    }
    for (size_t i = n_against; i > 0; i--)
        put_term_row(out, x, &x->sorted[x->n - i], largest);
    const size_t output = x->of->target * x->of->model->n_labels + x->label;
    put_sum_row(out, "bias", (double)x->of->model->bias[output], "th");
    buffer_text(out, "</tbody><tfoot>");
    put_sum_row(out, "score", (double)x->of->scores[x->label], "th");
    buffer_text(out, "</tfoot></table>\n");
}

/* ---- the page ---- */

static void put_decision(struct buffer *out, const sikap_explanation *e, size_t label, size_t field)
{
    const struct explanation *core = e->core;
    const int is_multi = e->model->fields[field].is_multi, given = core->chosen[label];
    buffer_text(out, given ? "<p><strong>Given</strong>: the score " : "<p>Not given: the score ");
    put_signed(out, (double)core->scores[label]);
    if (is_multi) {
        buffer_text(out, given ? " reaches the threshold " : " does not reach the threshold ");
        put_signed(out, (double)e->model->threshold[label]);
    } else {
        buffer_text(out, given ? " is the highest of all labels" : " is not the highest");
    }
    if (!isnan(core->probabilities[label])) {
        buffer_text(out, "; probability ");
        html_number(out, core->probabilities[label], 3);
    }
    buffer_text(out, ".</p>\n");
}

static int put_label(void *context, const sikap_explanation *e, const struct label_explanation *x,
                     size_t field, int is_first, sikap_error *err)
{
    struct buffer *out = context;
    if (is_first) {
        buffer_text(out, "<h2>");
        html_name(out, e->model->fields[field].name);
        buffer_text(out, "</h2>\n");
    }
    buffer_format(out, "<section id=\"label-%zu\"><h3>", x->label + 1);
    html_name(out, e->model->labels[x->label]);
    buffer_text(out, "</h3>\n");
    put_decision(out, e, x->label, field);
    if (x->place.end > 0)
        buffer_text(out, "<p>Read passage by passage, the text gets this score from the passage "
                         "below.</p>\n");
    buffer_text(out, "<div class=\"why\"><div class=\"doc\">\n");
    const int status = explain_put_text(out, x, TEXT_MOST, err);
    buffer_text(out, "</div>\n");
    put_sum(out, x, e->options.top);
    buffer_text(out, "</div></section>\n");
    return status;
}

static void put_contents(struct buffer *out, const sikap_explanation *e)
{
    buffer_text(out, "<nav aria-label=\"Contents\">\n");
    for (size_t f = 0; f < e->model->n_fields; f++) {
        const struct model_field *field = &e->model->fields[f];
        buffer_text(out, "<p>");
        html_name(out, field->name);
        buffer_text(out, ": ");
        size_t n = 0;
        for (int given = 1; given >= 0; given--)
            for (size_t l = field->first; l < field->first + field->n; l++) {
                if (!e->wanted[l] || e->core->chosen[l] != given)
                    continue;
                buffer_format(out, "<a href=\"#label-%zu\">", l + 1);
                html_name(out, e->model->labels[l]);
                buffer_text(out, given ? "</a>" : "</a><span class=\"soft\">(not given)</span> ");
                n++;
            }
        buffer_text(out, n == 0 ? "none</p>\n" : "</p>\n");
    }
    buffer_text(out, "</nav>\n<p class=\"soft\">Words marked green speak for a label, words marked "
                     "red against it, strongly where underlined (for) or dark (against).</p>\n");
}

int sikap_explanation_html(const sikap_explanation *e, const char *name, sikap_write *write,
                           void *context, sikap_error *err)
{
    struct buffer out = {0};
    struct buffer heading = {0};
    buffer_text(&heading, "Why ");
    buffer_text(&heading, name == NULL ? "this text" : name);
    buffer_text(&heading, " has its labels");
    buffer_byte(&heading, '\0');
    html_begin(&out, heading.failed ? "" : heading.bytes);
    buffer_free(&heading);
    put_contents(&out, e);
    int status = explain_each(e, put_label, &out, err);
    html_end(&out);
    if (status == 0)
        status = buffer_hand_over(&out, "explanation", write, context, err);
    buffer_free(&out);
    return status;
}
