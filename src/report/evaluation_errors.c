/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong although the model was sure. */
#include "report/evaluation_errors.h"

#include <string.h>

#include "base/memory.h"
#include "report/explain_page.h"
#include "report/html.h"

enum { TEXT_MOST = 1200, HALF = ERRORS_SHOWN / 2 };

static void put_names(struct buffer *out, const struct evaluation_field *f,
                      const unsigned char *cells)
{
    size_t n = 0;
    for (size_t l = 0; l < f->n_labels; l++) {
        if (!cells[l])
            continue;
        buffer_text(out, n++ > 0 ? ", " : "");
        html_name(out, f->labels[l]);
    }
    buffer_text(out, n == 0 ? "none" : "");
}

/* The beginning of a text, cut between code points. */
static void put_plain(struct buffer *out, const struct error_texts *t, size_t at)
{
    size_t room = TEXT_MOST;
    for (size_t k = 0; k < t->n_segments; k++) {
        const struct text *text = &t->segments[at * t->n_segments + k];
        if (text->bytes == NULL || room == 0)
            continue;
        size_t n = text->n;
        if (n > room)
            for (n = room; n > 0 && ((unsigned char)text->bytes[n] & 0xC0) == 0x80;)
                n--;
        buffer_text(out, "<p dir=\"auto\">");
        html_text(out, text->bytes, n);
        buffer_text(out, n < text->n ? "…</p>\n" : "</p>\n");
        room -= n;
    }
}

/* The model's label of a name; its number of labels where it has none. */
static size_t model_label(const sikap_model *m, const struct evaluation_field *f, size_t label)
{
    for (size_t k = 0; k < m->n_fields; k++)
        for (size_t l = m->fields[k].first;
             strcmp(m->fields[k].name, f->name) == 0 && l < m->fields[k].first + m->fields[k].n;
             l++)
            if (strcmp(m->labels[l], f->labels[label]) == 0)
                return l;
    return m->n_labels;
}

static int put_marked(struct buffer *out, const struct error_texts *t, size_t at,
                      const struct evaluation_field *f, size_t label, sikap_error *err)
{
    struct explanation *e = t->explanation;
    const size_t l = model_label(e->model, f, label);
    struct label_explanation *x;
    if (l == e->model->n_labels)
        return 0;
    int status = explanation_score(e, t->segments + at * t->n_segments, t->targets[at], err);
    if (status == 0)
        status = label_explanation_new(&x, e, l, err);
    if (status != 0)
        return status;
    status = explain_put_text(out, x, TEXT_MOST, err);
    label_explanation_free(x);
    return status;
}

static size_t find_text(const struct error_texts *t, size_t row)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->rows[i] == row && t->found[i])
            return i;
    return t->n;
}

static int put_case(struct buffer *out, const struct field_page *page,
                    const struct error_texts *texts, const struct error_case *one, int given,
                    sikap_error *err)
{
    const struct evaluation_field *f = page->field;
    const size_t cells = one->row * f->n_labels, at = find_text(texts, one->row);
    buffer_text(out, "<div class=\"doc\"><p><strong>");
    html_name(out, f->labels[one->label]);
    buffer_text(out, given ? "</strong> given" : "</strong> missed");
    buffer_text(out, f->probabilities != NULL ? ", probability " : ", score ");
    html_number(out,
                f->probabilities != NULL ? f->probabilities[cells + one->label]
                                         : (double)f->scores[cells + one->label],
                3);
    buffer_text(out, " <span class=\"soft\">in </span>");
    html_name(out, page->evaluation->data.ids[one->row]);
    buffer_text(out, "</p>\n<p class=\"soft\">In gold: ");
    put_names(out, f, f->gold + cells);
    buffer_text(out, "; given: ");
    put_names(out, f, f->chosen + cells);
    buffer_text(out, ".</p>\n");
    int status = 0;
    if (at < texts->n && texts->explanation != NULL)
        status = put_marked(out, texts, at, f, one->label, err);
    else if (at < texts->n)
        put_plain(out, texts, at);
    buffer_text(out, "</div>\n");
    return status;
}

static int put_cases(struct buffer *out, const struct field_page *page,
                     const struct error_texts *texts, const char *heading, int given, size_t most,
                     sikap_error *err)
{
    struct error_case cases[ERRORS_SHOWN];
    const size_t n = errors_choose(cases, most, page->field, page->evaluation->data.n_rows, given);
    int status = 0;
    if (n > 0)
        buffer_format(out, "<details><summary>%s: the %zu surest</summary>\n", heading, n);
    for (size_t i = 0; i < n && status == 0; i++)
        status = put_case(out, page, texts, &cases[i], given, err);
    buffer_text(out, n > 0 ? "</details>\n" : "");
    return status;
}

int page_errors(struct buffer *out, const struct field_page *page, const struct error_texts *texts,
                sikap_error *err)
{
    if (page->scores == NULL)
        return 0;
    const int is_multi = page->field->is_multi;
    buffer_text(out, "<h3>The surest errors</h3>\n<p class=\"soft\">Where the model was surest and "
                     "gold says otherwise. Look here for mistakes in gold, too.");
    if (texts->explanation != NULL)
        buffer_text(out, " Words marked green spoke for the label, words marked red against it.");
    if (texts->n > 0 && texts->segments == NULL)
        buffer_text(out, " The texts are not shown: what they came from cannot be read twice.");
    buffer_text(out, "</p>\n");
    if (!is_multi)
        return put_cases(out, page, texts, "Given in place of the label in gold", 1, ERRORS_SHOWN,
                         err);
    const int status = put_cases(out, page, texts, "Given, but not in gold", 1, HALF, err);
    return status != 0 ? status : put_cases(out, page, texts, "In gold, but missed", 0, HALF, err);
}
