/* SPDX-License-Identifier: Apache-2.0 */
#include "analyse/label_table.h"

#include <string.h>

#include "base/memory.h"

enum { BLOCK_BYTES = 1 << 20 };

static void field_free(struct label_field *f)
{
    memory_free(f->name);
    names_free(&f->labels);
    memory_free(f->annotated);
    memory_free(f->start);
    memory_free(f->given);
    memory_free(f->score_start);
    memory_free(f->scores);
}

void label_table_free(struct label_table *t)
{
    if (t == NULL)
        return;
    names_free(&t->ids);
    for (size_t f = 0; f < t->n_fields; f++)
        field_free(&t->fields[f]);
    memory_free(t->fields);
    for (size_t k = 0; k < t->n_keys; k++) {
        names_free(&t->keys[k].values);
        memory_free(t->keys[k].value);
    }
    memory_free(t->keys);
    memory_free(t);
}

size_t label_table_row(const struct label_table *t, const char *id)
{
    const uint32_t row = names_find(&t->ids, id, strlen(id));
    return row == NAMES_FULL ? SIZE_MAX : row;
}

/* ---- one document ------------------------------------------------------------------------------
 */

static int add_labels(struct label_field *f, const struct document *doc, size_t field, size_t row)
{
    const struct document_labels *given = &doc->fields[field];
    if (memory_grow(&f->annotated, &f->annotated_capacity, row + 1, 1) != 0 ||
        memory_grow(&f->start, &f->start_capacity, row + 2, sizeof *f->start) != 0 ||
        memory_grow(&f->given, &f->given_capacity, f->n_given + given->n, sizeof *f->given) != 0)
        return -1;
    f->annotated[row] = given->annotated != 0;
    for (size_t i = given->first; i < given->first + given->n; i++) {
        const uint32_t label = names_add(&f->labels, doc->labels[i].bytes, doc->labels[i].n, NULL);
        if (label == NAMES_FULL)
            return -1;
        int seen = 0; /* a label given twice counts once */
        for (size_t k = f->start[row]; k < f->n_given; k++)
            seen |= f->given[k] == label;
        if (!seen)
            f->given[f->n_given++] = label;
    }
    f->start[row + 1] = f->n_given;
    return 0;
}

static int add_scores(struct label_field *f, const struct document *doc, size_t field, size_t row)
{
    if (memory_grow(&f->score_start, &f->score_start_capacity, row + 2, sizeof *f->score_start) !=
            0 ||
        memory_grow(&f->scores, &f->scores_capacity, f->n_scores + doc->n_scores,
                    sizeof *f->scores) != 0)
        return -1;
    for (size_t i = 0; i < doc->n_scores; i++) {
        const struct document_score *s = &doc->scores[i];
        if (s->field != field)
            continue;
        const uint32_t label = names_add(&f->labels, s->label.bytes, s->label.n, NULL);
        if (label == NAMES_FULL)
            return -1;
        f->scores[f->n_scores++] = (struct label_score){label, s->value};
    }
    f->score_start[row + 1] = f->n_scores;
    return 0;
}

static int add_row(struct label_table *t, const struct document *doc)
{
    const size_t row = t->n_rows;
    for (size_t f = 0; f < t->n_fields; f++)
        if (add_labels(&t->fields[f], doc, f, row) != 0 ||
            add_scores(&t->fields[f], doc, f, row) != 0)
            return -1;
    for (size_t k = 0; k < t->n_keys; k++) {
        struct label_key *key = &t->keys[k];
        const struct text *value = &doc->extras[k];
        if (memory_grow(&key->value, &key->value_capacity, row + 1, sizeof *key->value) != 0)
            return -1;
        key->value[row] = NAMES_FULL;
        if (value->bytes != NULL &&
            (key->value[row] = names_add(&key->values, value->bytes, value->n, NULL)) == NAMES_FULL)
            return -1;
    }
    t->n_rows++;
    return 0;
}

/* A record that cannot be used: fatal with --strict, else told. */
static int refuse(const sikap_error *problem, int strict, const sikap_watch *watch,
                  sikap_error *err)
{
    if (problem->code != SIKAP_DATA || strict)
        return error_set(err, problem->code, problem->file, problem->line, "%s", problem->message);
    if (watch != NULL && watch->problem != NULL)
        watch->problem(watch->context, problem);
    return 0;
}

static int take(struct label_table *t, const struct document *doc, int strict,
                const sikap_watch *watch, sikap_error *err)
{
    int is_new;
    if (names_add(&t->ids, doc->id.bytes, doc->id.n, &is_new) == NAMES_FULL)
        return error_memory(err, "labels");
    if (!is_new) {
        sikap_error problem;
        error_set(&problem, SIKAP_DATA, doc->file, doc->line, "duplicate id '%.*s'",
                  (int)(doc->id.n < 200 ? doc->id.n : 200), doc->id.bytes);
        return refuse(&problem, strict, watch, err);
    }
    return add_row(t, doc) != 0 ? error_memory(err, "labels") : 0;
}

/* ---- a file ------------------------------------------------------------------------------------
 */

static int start(struct label_table *t, const struct corpus *corpus, size_t n_keys,
                 sikap_error *err)
{
    const size_t n_fields = corpus_n_fields(corpus);
    t->fields = memory_zero(n_fields, sizeof *t->fields);
    t->keys = memory_zero(n_keys, sizeof *t->keys);
    if (t->fields == NULL || t->keys == NULL)
        return error_memory(err, "labels");
    t->n_keys = n_keys;
    for (size_t f = 0; f < n_fields; f++) {
        struct label_field *field = &t->fields[t->n_fields++];
        field->name = memory_string(corpus_field(corpus, f));
        field->is_multi = corpus_field_kind(corpus, f) == FIELD_MULTI;
        if (field->name == NULL ||
            memory_grow(&field->start, &field->start_capacity, 1, sizeof *field->start) != 0 ||
            memory_grow(&field->score_start, &field->score_start_capacity, 1,
                        sizeof *field->score_start) != 0)
            return error_memory(err, "labels");
        field->start[0] = field->score_start[0] = 0;
    }
    return 0;
}

static int read_all(struct label_table *t, struct corpus *corpus, int strict,
                    const sikap_watch *watch, sikap_error *err)
{
    struct corpus_block *block = NULL;
    struct corpus_parser *parser = NULL;
    size_t n = 0;
    int status = corpus_block_new(&block, err);
    if (status == 0)
        status = corpus_parser_new(&parser, corpus, err);
    do {
        if (status == 0 && watch != NULL && watch->stopped != NULL &&
            watch->stopped(watch->context))
            status = error_set(err, SIKAP_CANCELLED, NULL, 0, "stopped");
        if (status == 0)
            status = corpus_next(corpus, block, BLOCK_BYTES, &n, err);
        for (size_t i = 0; status == 0 && i < n; i++) {
            struct document doc;
            sikap_error problem = {0};
            status = corpus_parse(parser, block, i, &doc, &problem) == 0
                         ? take(t, &doc, strict, watch, err)
                         : refuse(&problem, strict, watch, err);
        }
        if (status == 0 && watch != NULL && watch->progress != NULL)
            watch->progress(watch->context, "reading", t->n_rows, 0);
    } while (status == 0 && n > 0);
    corpus_parser_free(parser);
    corpus_block_free(block);
    return status;
}

int label_table_read(struct label_table **out, const char *const *paths, size_t n_paths,
                     const struct label_request *request, const sikap_watch *watch,
                     sikap_error *err)
{
    *out = NULL;
    const struct label_table *like = request->like;
    const size_t n_fields = like == NULL ? 0 : like->n_fields;
    struct label_table *t = memory_zero(1, sizeof *t);
    const char **names = memory_alloc(n_fields, sizeof *names);
    enum field_kind *kinds = memory_alloc(n_fields, sizeof *kinds);
    struct corpus *corpus = NULL;
    int status = t == NULL || names == NULL || kinds == NULL ? error_memory(err, "labels") : 0;
    for (size_t f = 0; status == 0 && f < n_fields; f++) {
        names[f] = like->fields[f].name;
        kinds[f] = FIELD_MULTI;
    }
    const struct corpus_request wanted = {.wants_labels = request->wants_labels,
                                          .wants_scores = request->wants_labels,
                                          .fields = names,
                                          .kinds = kinds,
                                          .n_fields = n_fields,
                                          .extras = request->keys,
                                          .n_extras = request->n_keys};
    if (status == 0)
        status = corpus_open(&corpus, paths, n_paths, request->corpus, &wanted, err);
    if (status == 0)
        status = start(t, corpus, request->n_keys, err);
    if (status == 0)
        status = read_all(t, corpus, request->corpus->strict, watch, err);
    corpus_free(corpus);
    memory_free(names);
    memory_free(kinds);
    if (status == 0)
        *out = t;
    else
        label_table_free(t);
    return status;
}
