/* SPDX-License-Identifier: Apache-2.0 */
/* All that an audit found, as one JSON object: docs/labelling.md names its members. */
#include "analyse/audit.h"
#include "base/json_builder.h"

static const char *id_of(const struct sikap_audit *a, size_t row)
{
    return a->t.collection->ids.items[row];
}

static const char *field_name(const struct sikap_audit *a, size_t task)
{
    size_t f = 0;
    while (task >= a->t.tasks->first[f + 1])
        f++;
    return a->t.collection->fields[f].name;
}

static void put_rows(struct json_builder *o, const char *key, const struct sikap_audit *a,
                     const struct audit_rows *rows)
{
    json_open(o, key, '[');
    for (size_t i = 0; i < rows->n; i++)
        json_put_text(o, NULL, id_of(a, rows->rows[i]));
    json_close(o, ']');
}

static void put_lengths(struct json_builder *o, const char *key, const struct sikap_audit *a,
                        const struct audit_rows *rows)
{
    json_open(o, key, '[');
    for (size_t i = 0; i < rows->n; i++) {
        json_open(o, NULL, '{');
        json_put_text(o, "id", id_of(a, rows->rows[i]));
        json_put_count(o, "words", audit_words(a, rows->rows[i]));
        json_close(o, '}');
    }
    json_close(o, ']');
}

static void put_doubt(struct json_builder *o, const struct sikap_audit *a,
                      const struct label_doubt *d)
{
    const int is_replaced = d->instead != LABEL_DOUBT_NONE;
    json_open(o, NULL, '{');
    json_put_text(o, "field", field_name(a, d->task));
    json_put_text(o, "label", a->t.tasks->labels[d->task]);
    json_put_text(o, "kind", is_replaced ? "replace" : d->is_given ? "remove" : "add");
    if (is_replaced)
        json_put_text(o, "by", a->t.tasks->labels[d->instead]);
    json_put_number(o, "doubt", (double)d->doubt);
    json_put_flag(o, "confident", d->is_confident);
    json_close(o, '}');
}

static void put_documents(struct json_builder *o, const struct sikap_audit *a)
{
    json_open(o, "label_errors", '[');
    for (size_t i = 0; i < a->n_documents; i++) {
        const struct audit_document *d = &a->documents[i];
        json_open(o, NULL, '{');
        json_put_text(o, "id", id_of(a, d->row));
        json_put_number(o, "doubt", (double)a->doubts[d->first].doubt);
        json_open(o, "labels", '[');
        for (size_t k = d->first; k < d->first + d->n; k++)
            put_doubt(o, a, &a->doubts[k]);
        json_close(o, ']');
        json_close(o, '}');
    }
    json_close(o, ']');
}

static void put_fields(struct json_builder *o, const struct sikap_audit *a)
{
    const struct tasks *t = a->t.tasks;
    json_open(o, "fields", '{');
    for (size_t f = 0; f < t->n_fields; f++) {
        json_open(o, a->t.collection->fields[f].name, '{');
        json_put_flag(o, "multi", a->t.collection->fields[f].is_multi);
        put_rows(o, "not_annotated", a, &a->not_annotated[f]);
        put_rows(o, "no_label", a, &a->no_label[f]);
        json_open(o, "labels", '{');
        for (size_t l = t->first[f]; l < t->first[f + 1]; l++) {
            json_open(o, t->labels[l], '{');
            json_put_count(o, "support", a->support[l]);
            json_put_flag(o, "rare", a->support[l] < a->settings.rare);
            json_close(o, '}');
        }
        json_close(o, '}');
        json_close(o, '}');
    }
    json_close(o, '}');
}

static void put_pairs(struct json_builder *o, const char *key, const struct sikap_audit *a,
                      const struct audit_pairs *pairs, const char *count)
{
    json_open(o, key, '[');
    for (size_t i = 0; i < pairs->n; i++) {
        const struct audit_pair *p = &pairs->items[i];
        json_open(o, NULL, '{');
        json_put_text(o, "field", field_name(a, p->a));
        json_put_text(o, "label", a->t.tasks->labels[p->a]);
        json_put_text(o, "other_field", field_name(a, p->b));
        json_put_text(o, "other", a->t.tasks->labels[p->b]);
        json_put_count(o, count, p->together);
        if (p->expected > 0)
            json_put_number(o, "expected", p->expected);
        json_close(o, '}');
    }
    json_close(o, ']');
}

static void put_duplicates(struct json_builder *o, const struct sikap_audit *a)
{
    json_open(o, "duplicates", '[');
    for (size_t i = 0; i < a->n_clusters; i++) {
        const struct near_duplicates *d = a->near;
        const size_t c = a->clusters[i].number;
        json_open(o, NULL, '{');
        json_put_flag(o, "labels_differ", a->clusters[i].labels_differ);
        json_open(o, "ids", '[');
        for (size_t k = d->start[c]; k < d->start[c + 1]; k++)
            if (d->members[k] < a->t.collection->n_labelled)
                json_put_text(o, NULL, id_of(a, d->members[k]));
        json_close(o, ']');
        json_close(o, '}');
    }
    json_close(o, ']');
}

static void put_languages(struct json_builder *o, const struct sikap_audit *a)
{
    json_open(o, "languages", '{');
    for (int l = 0; l < LANGUAGES; l++)
        json_put_count(o, language_name((enum language)l), a->n_languages[l]);
    json_close(o, '}');
    json_open(o, "stray_language", '[');
    for (size_t i = 0; i < a->stray.n; i++) {
        json_open(o, NULL, '{');
        json_put_text(o, "id", id_of(a, a->stray.rows[i]));
        json_put_text(o, "language", language_name(audit_language(a, a->stray.rows[i])));
        json_close(o, '}');
    }
    json_close(o, ']');
}

int sikap_audit_json(const sikap_audit *a, sikap_write *write, void *context, sikap_error *err)
{
    struct buffer text = {0};
    struct json_builder o = {.out = &text};
    const sikap_counts *read = &a->t.collection->read;
    json_open(&o, NULL, '{');
    json_put_count(&o, "n_documents", a->t.collection->n_labelled);
    json_put_count(&o, "n_skipped", read->n_skipped);
    json_put_count(&o, "n_repaired", read->n_repaired);
    put_documents(&o, a);
    put_fields(&o, a);
    put_pairs(&o, "never_together", a, &a->never, "together");
    put_pairs(&o, "always_together", a, &a->always, "together");
    put_pairs(&o, "similar_names", a, &a->names, "edits");
    put_duplicates(&o, a);
    put_rows(&o, "empty", a, &a->empty);
    put_rows(&o, "no_known_term", a, &a->unknown);
    put_lengths(&o, "shortest", a, &a->shortest);
    put_lengths(&o, "longest", a, &a->longest);
    put_languages(&o, a);
    json_close(&o, '}');
    buffer_byte(&text, '\n');
    const int status = buffer_hand_over(&text, "audit", write, context, err);
    buffer_free(&text);
    return status;
}

/* ---- the probabilities ---- */

static int write_row(const struct sikap_audit *a, size_t row, struct json_builder *o)
{
    const struct tasks *t = a->t.tasks;
    buffer_clear(o->out);
    o->needs_comma = 0;
    json_open(o, NULL, '{');
    json_put_text(o, "id", id_of(a, row));
    json_open(o, "scores", '{');
    for (size_t f = 0; f < t->n_fields; f++) {
        if (!a->t.collection->fields[f].annotated[row])
            continue;
        json_open(o, a->t.collection->fields[f].name, '{');
        for (size_t l = t->first[f]; l < t->first[f + 1]; l++)
            json_put_number(o, t->labels[l], (double)a->probability[row * t->n_tasks + l]);
        json_close(o, '}');
    }
    json_close(o, '}');
    json_close(o, '}');
    buffer_byte(o->out, '\n');
    return o->out->failed ? -1 : 0;
}

int sikap_audit_scores(const sikap_audit *a, sikap_write *write, void *context, sikap_error *err)
{
    struct buffer text = {0};
    struct json_builder o = {.out = &text};
    int status = 0;
    for (size_t row = 0; row < a->t.collection->n_labelled && status == 0; row++) {
        if (write_row(a, row, &o) != 0)
            status = error_memory(err, "audit");
        else if (write(context, text.bytes, text.n) != 0)
            status = error_errno(err, NULL, "write the probabilities");
    }
    buffer_free(&text);
    return status;
}
