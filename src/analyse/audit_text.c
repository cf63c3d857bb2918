/* SPDX-License-Identifier: Apache-2.0 */
/* What an audit found, for people: the top of every list, and nothing of lists that are empty. */
#include <string.h>

#include "analyse/audit.h"
#include "base/memory.h"
#include "base/number.h"
#include "text/show.h"

enum { DOUBT_WIDTH = 7, ID_LEAST = 12, ID_MOST = 30, KIND_WIDTH = 9, INDENT = 2, COUNT_WIDTH = 9 };

struct page {
    const struct sikap_audit *a;
    struct buffer *out;
    size_t columns, limit, id_width;
};

static const char *id_of(const struct page *p, size_t row)
{
    return p->a->t.collection->ids.items[row];
}

static size_t field_of(const struct page *p, size_t task)
{
    size_t f = 0;
    while (task >= p->a->t.tasks->first[f + 1])
        f++;
    return f;
}

/* "field:label" in what is left of the line. */
static void put_label(const struct page *p, size_t task, size_t width)
{
    const size_t taken =
        show_text(p->out, p->a->t.collection->fields[field_of(p, task)].name, width / 2);
    buffer_byte(p->out, ':');
    show_text(p->out, p->a->t.tasks->labels[task], width - taken - 1);
}

static void put_share(const struct page *p, size_t n, size_t of)
{
    buffer_text(p->out, " (");
    number_print_fixed(p->out, of > 0 ? 100 * (double)n / (double)of : 0, 1);
    buffer_text(p->out, " %)");
}

static void put_more(const struct page *p, size_t n)
{
    if (n > p->limit)
        buffer_format(p->out, "  … and %zu more (--limit, --json)\n", n - p->limit);
}

/* ---- doubtful labels ---- */

static const char *kind_of(const struct label_doubt *d)
{
    return d->instead != LABEL_DOUBT_NONE ? "replace" : d->is_given ? "remove" : "add";
}

static void put_doubt(const struct page *p, const struct label_doubt *d)
{
    const size_t width = p->columns - DOUBT_WIDTH - INDENT - p->id_width - 2 - KIND_WIDTH;
    show_number(p->out, (double)d->doubt, 4, DOUBT_WIDTH);
    show_blanks(p->out, INDENT);
    show_cell(p->out, id_of(p, d->row), p->id_width);
    show_blanks(p->out, 2);
    show_cell(p->out, kind_of(d), KIND_WIDTH);
    if (d->instead == LABEL_DOUBT_NONE) {
        put_label(p, d->task, width);
    } else {
        put_label(p, d->task, width / 2 - 3);
        buffer_text(p->out, " by ");
        show_text(p->out, p->a->t.tasks->labels[d->instead], width / 2 - 3);
    }
    buffer_byte(p->out, '\n');
}

static int is_confident(const struct sikap_audit *a, const struct audit_document *d)
{
    for (size_t k = d->first; k < d->first + d->n; k++)
        if (a->doubts[k].is_confident)
            return 1;
    return 0;
}

/* Documents with a label that confident learning doubts, and of each those labels. */
static void put_doubts(const struct page *p)
{
    const struct sikap_audit *a = p->a;
    size_t n = 0;
    for (size_t i = 0; i < a->n_documents; i++)
        n += (size_t)is_confident(a, &a->documents[i]);
    buffer_format(p->out, "\nlabels to check: %zu documents", n);
    put_share(p, n, a->t.collection->n_labelled);
    buffer_text(p->out, n > 0 ? ", most doubtful first\n" : "\n");
    if (n == 0)
        return;
    show_blanks(p->out, DOUBT_WIDTH - 5);
    buffer_text(p->out, "doubt");
    show_blanks(p->out, INDENT);
    show_cell(p->out, "document", p->id_width);
    buffer_text(p->out, "  what to do\n");
    size_t shown = 0;
    for (size_t i = 0; i < a->n_documents && shown < p->limit; i++) {
        const struct audit_document *d = &a->documents[i];
        shown += (size_t)is_confident(a, d);
        for (size_t k = d->first; k < d->first + d->n; k++)
            if (a->doubts[k].is_confident)
                put_doubt(p, &a->doubts[k]);
    }
    put_more(p, n);
}

/* ---- labels ---- */

static void put_rare(const struct page *p)
{
    const struct tasks *t = p->a->t.tasks;
    size_t n = 0;
    for (size_t l = 0; l < t->n_tasks; l++) {
        if (p->a->support[l] >= p->a->settings.rare)
            continue;
        if (n++ == 0)
            buffer_format(p->out, "\nrare labels (fewer than %zu documents; not judged above)\n",
                          p->a->settings.rare);
        if (n > p->limit)
            continue;
        show_count(p->out, p->a->support[l], COUNT_WIDTH);
        show_blanks(p->out, INDENT);
        put_label(p, l, p->columns - COUNT_WIDTH - INDENT);
        buffer_byte(p->out, '\n');
    }
    put_more(p, n);
}

static void put_pair(const struct page *p, const struct audit_pair *pair, const char *between)
{
    const size_t width = (p->columns - COUNT_WIDTH - INDENT - strlen(between)) / 2;
    show_blanks(p->out, INDENT);
    put_label(p, pair->a, width);
    buffer_text(p->out, between);
    put_label(p, pair->b, width);
    buffer_byte(p->out, '\n');
}

static void put_never(const struct page *p)
{
    const struct audit_pairs *pairs = &p->a->never;
    if (pairs->n > 0)
        buffer_text(p->out, "\nnever together (and with how many documents chance would have)\n");
    for (size_t i = 0; i < pairs->n && i < p->limit; i++) {
        show_number(p->out, pairs->items[i].expected, 0, COUNT_WIDTH);
        put_pair(p, &pairs->items[i], " and ");
    }
    put_more(p, pairs->n);
}

static void put_always(const struct page *p)
{
    const struct audit_pairs *pairs = &p->a->always;
    if (pairs->n > 0)
        buffer_text(p->out, "\nalways together (in so many documents)\n");
    for (size_t i = 0; i < pairs->n && i < p->limit; i++) {
        show_count(p->out, pairs->items[i].together, COUNT_WIDTH);
        put_pair(p, &pairs->items[i], " implies ");
    }
    put_more(p, pairs->n);
}

static void put_names(const struct page *p)
{
    const struct audit_pairs *pairs = &p->a->names;
    if (pairs->n > 0)
        buffer_text(p->out, "\nnames of labels that hardly differ\n");
    for (size_t i = 0; i < pairs->n && i < p->limit; i++) {
        const struct audit_pair *pair = &pairs->items[i];
        show_cell(p->out, pair->together == 0 ? "  case" : "  letters", COUNT_WIDTH);
        put_pair(p, pair, " and ");
    }
    put_more(p, pairs->n);
}

static void put_supports(const struct page *p)
{
    const struct tasks *t = p->a->t.tasks;
    for (size_t f = 0; f < t->n_fields; f++) {
        const struct collection_field *field = &p->a->t.collection->fields[f];
        show_text(p->out, field->name, 40);
        buffer_format(p->out, ": %s, %zu labels; not annotated %zu, with no label %zu\n",
                      field->is_multi ? "multi" : "single", t->first[f + 1] - t->first[f],
                      p->a->not_annotated[f].n, p->a->no_label[f].n);
    }
}

/* ---- texts ---- */

static void put_ids(const struct page *p, const char *heading, const struct audit_rows *rows,
                    int shows_words, int shows_language)
{
    if (rows->n == 0)
        return;
    buffer_format(p->out, "\n%s: %zu\n", heading, rows->n);
    for (size_t i = 0; i < rows->n && i < p->limit; i++) {
        if (shows_words)
            show_count(p->out, audit_words(p->a, rows->rows[i]), COUNT_WIDTH);
        show_blanks(p->out, INDENT);
        if (shows_language)
            show_cell(p->out, language_name(audit_language(p->a, rows->rows[i])), COUNT_WIDTH);
        show_text(p->out, id_of(p, rows->rows[i]), p->columns - COUNT_WIDTH - INDENT);
        buffer_byte(p->out, '\n');
    }
    put_more(p, rows->n);
}

static void put_duplicates(const struct page *p)
{
    const struct sikap_audit *a = p->a;
    size_t n_differ = 0;
    for (size_t i = 0; i < a->n_clusters; i++)
        n_differ += a->clusters[i].labels_differ != 0;
    if (a->n_clusters == 0)
        return;
    buffer_format(p->out,
                  "\nthe same text, or nearly so: %zu clusters, %zu with labels that differ\n",
                  a->n_clusters, n_differ);
    for (size_t i = 0; i < a->n_clusters && i < p->limit; i++) {
        const size_t c = a->clusters[i].number, first = a->near->start[c];
        const size_t n = a->near->start[c + 1] - first;
        const size_t width = (p->columns - COUNT_WIDTH - 3 * INDENT - 4) / 2;
        show_count(p->out, n, COUNT_WIDTH);
        show_blanks(p->out, INDENT);
        buffer_text(p->out, a->clusters[i].labels_differ ? "! " : "  ");
        show_cell(p->out, id_of(p, a->near->members[first]), width);
        show_blanks(p->out, INDENT);
        show_text(p->out, id_of(p, a->near->members[first + 1]), width);
        buffer_text(p->out, n > 2 ? " …\n" : "\n");
    }
    put_more(p, a->n_clusters);
}

static void put_languages(const struct page *p)
{
    int any = 0;
    buffer_text(p->out, "languages:");
    for (int l = LANGUAGES - 1; l >= 0; l--) {
        const size_t n = p->a->n_languages[l];
        if (n == 0)
            continue;
        buffer_format(p->out, "%s %s %zu", any ? "," : "", language_name((enum language)l), n);
        put_share(p, n, p->a->t.collection->n_labelled);
        any = 1;
    }
    buffer_byte(p->out, '\n');
}

int sikap_audit_text(const sikap_audit *a, size_t columns, size_t limit, sikap_write *write,
                     void *context, sikap_error *err)
{
    struct buffer out = {0};
    struct page p = {a, &out, columns < 60 ? 60 : columns, limit, ID_LEAST};
    for (size_t i = 0; i < a->n_documents && i < limit; i++) {
        const size_t width = show_width(id_of(&p, a->documents[i].row), ID_MOST);
        p.id_width = width > p.id_width ? width : p.id_width;
    }
    buffer_format(&out, "%zu documents read, %llu skipped, %llu with broken UTF-8, median ",
                  a->t.collection->n_labelled, (unsigned long long)a->t.collection->read.n_skipped,
                  (unsigned long long)a->t.collection->read.n_repaired);
    number_print_fixed(&out, a->median_words, 0);
    buffer_text(&out, " words\n");
    put_supports(&p);
    put_languages(&p);
    put_doubts(&p);
    put_rare(&p);
    put_names(&p);
    put_never(&p);
    put_always(&p);
    put_duplicates(&p);
    put_ids(&p, "documents without words", &a->empty, 0, 0);
    put_ids(&p, "documents without any term that training keeps", &a->unknown, 1, 0);
    put_ids(&p, "unusually long documents (words)", &a->longest, 1, 0);
    put_ids(&p, "unusually short documents (words)", &a->shortest, 1, 0);
    put_ids(&p, "documents in a language of few", &a->stray, 0, 1);
    const int status = buffer_hand_over(&out, "audit", write, context, err);
    buffer_free(&out);
    return status;
}
