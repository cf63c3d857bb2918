/* SPDX-License-Identifier: Apache-2.0 */
/* The sequential part of reading a corpus: which documents become rows, and their labels. */
#include "features/collect_internal.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

int collect_new_output(struct collect *c, sikap_error *err)
{
    struct collection *out = memory_zero(1, sizeof *out);
    c->out = out;
    if (out == NULL)
        return error_memory(err, "collection");
    const size_t n_fields = corpus_n_fields(c->corpus), n_extras = c->request->n_extras;
    out->fields = memory_zero(n_fields, sizeof *out->fields);
    out->extras = memory_zero(n_extras, sizeof *out->extras);
    if (out->fields == NULL || out->extras == NULL)
        return error_memory(err, "collection");
    for (size_t f = 0; f < n_fields; f++) {
        struct collection_field *field = &out->fields[f];
        const char *name = corpus_field(c->corpus, f);
        field->name = memory_string(name);
        field->is_multi = corpus_field_kind(c->corpus, f) == FIELD_MULTI;
        out->n_fields++;
        if (field->name == NULL ||
            memory_grow(&field->start, &field->start_capacity, 1, sizeof *field->start) != 0)
            return error_memory(err, "collection");
        field->start[0] = 0;
    }
    for (size_t x = 0; x < n_extras; x++)
        out->extras[x].name = c->request->extras[x];
    out->n_extras = n_extras;
    return 0;
}

static void report(const struct collect *c, const sikap_error *problem)
{
    if (c->watch != NULL && c->watch->problem != NULL)
        c->watch->problem(c->watch->context, problem);
}

static int add_labels(struct collection_field *field, const struct collect_record *r, size_t f,
                      size_t row)
{
    const struct document_labels *given = &r->fields[f];
    if (memory_grow(&field->annotated, &field->annotated_capacity, row + 1, 1) != 0 ||
        memory_grow(&field->start, &field->start_capacity, row + 2, sizeof *field->start) != 0 ||
        memory_grow(&field->labels, &field->labels_capacity, field->n_labels + given->n,
                    sizeof *field->labels) != 0)
        return -1;
    field->annotated[row] = given->annotated != 0;
    for (size_t i = 0; i < given->n; i++) {
        const struct text *label = &r->labels[given->first + i];
        const uint32_t number = names_add(&field->names, label->bytes, label->n, NULL);
        if (number == NAMES_FULL)
            return -1;
        int seen = 0; /* a label given twice counts once */
        for (size_t k = field->start[row]; k < field->n_labels; k++)
            seen |= field->labels[k] == number;
        if (!seen)
            field->labels[field->n_labels++] = number;
    }
    field->start[row + 1] = field->n_labels;
    return 0;
}

static int add_extras(struct collection *out, const struct collect_record *r, size_t row)
{
    for (size_t x = 0; x < out->n_extras; x++) {
        struct collection_extra *extra = &out->extras[x];
        if (memory_grow(&extra->value, &extra->value_capacity, row + 1, sizeof *extra->value) != 0)
            return -1;
        extra->value[row] = NAMES_FULL;
        if (r->extras[x].bytes == NULL)
            continue;
        extra->value[row] = names_add(&extra->names, r->extras[x].bytes, r->extras[x].n, NULL);
        if (extra->value[row] == NAMES_FULL)
            return -1;
    }
    return 0;
}

static int add_visited(struct collect *c, const struct collect_record *r, size_t row)
{
    const size_t n = c->request->n_visited;
    if (n == 0)
        return 0;
    if (memory_grow(&c->out->visited, &c->rows_visited_capacity, (row + 1) * n,
                    sizeof *c->out->visited) != 0)
        return -1;
    const size_t record = (size_t)(r - c->records);
    memcpy(c->out->visited + row * n, c->visited + record * n, n * sizeof *c->visited);
    return 0;
}

static int add_place(struct collect *c, const struct collect_record *r, size_t row)
{
    struct collection_places *places = &c->out->places;
    if (!c->request->wants_places)
        return 0;
    if (memory_grow(&places->file, &places->capacity[0], row + 1, sizeof *places->file) != 0 ||
        memory_grow(&places->line, &places->capacity[1], row + 1, sizeof *places->line) != 0 ||
        memory_grow(&places->record, &places->capacity[2], row + 1, sizeof *places->record) != 0)
        return -1;
    places->file[row] = names_add(&places->files, r->file, strlen(r->file), NULL);
    places->line[row] = r->line;
    places->record[row] = (size_t)c->out->read.n_documents - 1;
    return places->file[row] == NAMES_FULL ? -1 : 0;
}

static int add_shingles(struct collect *c, const struct collect_record *r)
{
    const struct shingler *from = c->workers[r->worker].shingler;
    const uint32_t *items =
        from == NULL || r->n_shingles == 0 ? NULL : from->items + r->first_shingle;
    return from == NULL ? 0 : shingles_append(&c->out->shingles, items, r->n_shingles);
}

/* An id that is met again gets a number behind a NUL, which readers do not see. */
static int repeat_id(struct names *ids, const struct text *id)
{
    struct buffer alias = {0};
    int is_new = 0;
    buffer_bytes(&alias, id->bytes, id->n);
    buffer_byte(&alias, '\0');
    buffer_u64(&alias, ids->n);
    if (!alias.failed && names_add(ids, alias.bytes, alias.n, &is_new) == NAMES_FULL)
        is_new = 0;
    buffer_free(&alias);
    return is_new ? 0 : -1;
}

static int add_row(struct collect *c, struct collect_record *r)
{
    struct collection *out = c->out;
    const size_t row = out->n_rows;
    for (size_t f = 0; f < out->n_fields; f++)
        if (add_labels(&out->fields[f], r, f, row) != 0)
            return -1;
    if (add_extras(out, r, row) != 0 || add_visited(c, r, row) != 0 || add_place(c, r, row) != 0 ||
        add_shingles(c, r) != 0 ||
        memory_grow(&out->totals, &c->totals_capacity, row + 1, sizeof *out->totals) != 0 ||
        memory_grow(&c->stored, &c->stored_capacity, row + 1, sizeof *c->stored) != 0 ||
        memory_grow(&c->row_worker, &c->row_worker_capacity, row + 1, 1) != 0)
        return -1;
    out->totals[row] = r->total;
    c->stored[row] = r->terms;
    c->row_worker[row] = (unsigned char)r->worker;
    r->row = row;
    out->n_rows++;
    out->n_labelled += !r->is_unlabelled;
    out->read.n_unlabelled += r->is_unlabelled != 0;
    out->read.n_bytes += r->n_bytes;
    out->fingerprint = hash_chain(out->fingerprint, r->fingerprint);
    return 0;
}

/* The verdict on one record: 0 with r->row set or not, or the fatal error. */
static int accept(struct collect *c, struct collect_record *r, sikap_error *err)
{
    struct collection *out = c->out;
    const int strict = c->request->corpus->strict;
    sikap_error problem;
    r->row = SIZE_MAX;
    out->read.n_documents++;
    if (r->problem != NULL) {
        if (r->problem->code != SIKAP_DATA || strict)
            return error_set(err, r->problem->code, r->problem->file, r->problem->line, "%s",
                             r->problem->message);
        report(c, r->problem);
        out->read.n_skipped++;
        return 0;
    }
    if (r->n_repaired > 0) {
        if (strict)
            return error_set(err, SIKAP_DATA, r->file, r->line, "%zu broken UTF-8 sequences",
                             r->n_repaired);
        out->read.n_repaired++;
    }
    int is_new;
    if (names_add(&out->ids, r->id.bytes, r->id.n, &is_new) == NAMES_FULL)
        return error_memory(err, "document ids");
    if (!is_new && c->request->ids_may_repeat) {
        if (repeat_id(&out->ids, &r->id) != 0)
            return error_memory(err, "document ids");
    } else if (!is_new) {
        error_set(&problem, SIKAP_DATA, r->file, r->line, "duplicate id '%.200s'", r->id.bytes);
        if (strict)
            return error_set(err, SIKAP_DATA, r->file, r->line, "%s", problem.message);
        report(c, &problem);
        out->read.n_skipped++;
        return 0;
    }
    return add_row(c, r) != 0 ? error_memory(err, "documents") : 0;
}

/* Remembers the terms of a document that is no row after all: they were counted. */
static int reject(struct collect_worker *w, const struct stored_row *row)
{
    const size_t n = stored_row_n(row);
    if (memory_grow(&w->rejected, &w->rejected_capacity, w->n_rejected + n, sizeof *w->rejected) !=
        0)
        return -1;
    if (n > 0)
        memcpy(w->rejected + w->n_rejected, row->cells, n * sizeof *row->cells);
    w->n_rejected += n;
    return 0;
}

int collect_accept(struct collect *c, sikap_error *err)
{
    for (size_t i = 0; i < c->n_records; i++) {
        struct collect_record *r = &c->records[i];
        const int status = accept(c, r, err);
        if (status != 0)
            return status;
        if (r->row == SIZE_MAX && reject(&c->workers[r->worker], &r->terms) != 0)
            return error_memory(err, "documents");
    }
    return 0;
}
