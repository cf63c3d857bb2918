/* SPDX-License-Identifier: Apache-2.0 */
/* Raw records to documents: what is the same for all formats. */
#include "corpus/corpus_internal.h"

#include <string.h>

#include "base/memory.h"
#include "text/utf8.h"

int corpus_parser_new(struct corpus_parser **out, const struct corpus *c, sikap_error *err)
{
    *out = NULL;
    struct corpus_parser *p = memory_zero(1, sizeof *p);
    if (p == NULL)
        return error_memory(err, "corpus");
    p->corpus = c;
    p->segments = memory_zero(c->n_segments, sizeof *p->segments);
    p->fields = memory_zero(c->n_fields, sizeof *p->fields);
    p->extras = memory_zero(c->n_extras, sizeof *p->extras);
    p->n_members = 1 + c->n_segments + c->n_fields + c->n_extras;
    p->members = memory_zero(p->n_members, sizeof *p->members);
    int status = json_parser_new(&p->json, err);
    if (status == 0 &&
        (p->segments == NULL || p->fields == NULL || p->extras == NULL || p->members == NULL))
        status = error_memory(err, "corpus");
    if (status != 0) {
        corpus_parser_free(p);
        return status;
    }
    *out = p;
    return 0;
}

void corpus_parser_free(struct corpus_parser *p)
{
    if (p == NULL)
        return;
    json_parser_free(p->json);
    buffer_free(&p->repaired);
    memory_free(p->segments);
    memory_free(p->fields);
    memory_free(p->extras);
    memory_free(p->labels);
    memory_free(p->scores);
    memory_free(p->cells);
    memory_free(p->members);
    buffer_free(&p->id);
    memory_free(p);
}

int parser_add_label(struct corpus_parser *p, struct document *doc, size_t field, const char *text,
                     size_t n)
{
    while (n > 0 && (text[0] == ' ' || text[0] == '\t'))
        text++, n--;
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    if (n == 0)
        return 0;
    if (memory_grow(&p->labels, &p->labels_capacity, doc->n_labels + 1, sizeof *p->labels) != 0)
        return -1;
    doc->labels = p->labels;
    p->labels[doc->n_labels++] = (struct text){text, n};
    doc->fields[field].n++;
    return 0;
}

/* FILE:LINE for a record without an id; the path's own id for a file that is one document. */
static int make_id(struct corpus_parser *p, const struct corpus_file *file, struct document *doc)
{
    if (doc->id.bytes != NULL && doc->id.n > 0)
        return 0;
    const size_t from = p->id.n; /* numbers that were printed stand before it, and must not move */
    if (doc->line == 0)
        buffer_text(&p->id, file->id);
    else
        buffer_format(&p->id, "%s:%zu", file->name, doc->line);
    doc->id = (struct text){p->id.bytes + from, p->id.n - from};
    return p->id.failed ? -1 : 0;
}

static int no_text(const struct corpus *c, const struct document *doc, sikap_error *err)
{
    enum { MAX_SHOWN = 200 };
    struct buffer names = {0};
    for (size_t i = 0; i < c->n_segments && names.n < MAX_SHOWN; i++)
        buffer_format(&names, "%s'%.100s'", i > 0 ? " or " : "", c->segments[i]);
    buffer_byte(&names, '\0');
    const int status = names.failed ? error_memory(err, "corpus")
                                    : error_set(err, SIKAP_DATA, doc->file, doc->line,
                                                "no text: expected %s (--segments)", names.bytes);
    buffer_free(&names);
    return status;
}

static int check_document(const struct corpus_parser *p, struct document *doc, sikap_error *err)
{
    const struct corpus *c = p->corpus;
    doc->n_bytes = 0;
    int has_text = 0;
    for (size_t i = 0; i < c->n_segments; i++) {
        doc->n_bytes += doc->segments[i].n;
        has_text |= doc->segments[i].bytes != NULL;
    }
    if (!has_text && c->wants_text && c->n_segments > 0)
        return no_text(c, doc, err);
    for (size_t f = 0; f < c->n_fields; f++) {
        const struct document_labels *l = &doc->fields[f];
        if (c->fields[f].kind == FIELD_SINGLE && l->annotated && l->n != 1)
            return error_set(err, SIKAP_DATA, doc->file, doc->line,
                             "%zu labels in the single field '%s', expected 1", l->n,
                             c->fields[f].name);
    }
    for (size_t i = 0; i < doc->n_labels; i++) {
        if (doc->labels[i].n > CORPUS_MAX_LABEL)
            return error_set(err, SIKAP_DATA, doc->file, doc->line,
                             "a label of %zu bytes, expected at most %d", doc->labels[i].n,
                             CORPUS_MAX_LABEL);
        if (memchr(doc->labels[i].bytes, '\0', doc->labels[i].n) != NULL)
            return error_set(err, SIKAP_DATA, doc->file, doc->line, "a label holds a NUL byte");
    }
    return 0;
}

int corpus_parse(struct corpus_parser *p, const struct corpus_block *block, size_t i,
                 struct document *doc, sikap_error *err)
{
    const struct corpus *c = p->corpus;
    const struct corpus_record *r = &block->records[i];
    const struct corpus_file *file = c->files[r->file];
    const int is_whole = file->format == CORPUS_TEXT || file->format == CORPUS_DIR;
    memset(doc, 0, sizeof *doc);
    doc->file = file->name;
    doc->line = is_whole ? 0 : r->line;
    doc->segments = p->segments;
    doc->n_segments = c->n_segments;
    doc->fields = p->fields;
    doc->extras = p->extras;
    memset(p->segments, 0, c->n_segments * sizeof *p->segments);
    memset(p->fields, 0, c->n_fields * sizeof *p->fields);
    memset(p->extras, 0, c->n_extras * sizeof *p->extras);
    const char *bytes = block->bytes.bytes + r->begin;
    size_t n = r->n;
    int status = 0;
    if (r->too_long)
        status = error_set(err, SIKAP_DATA, file->name, doc->line,
                           "a record of more than %zu bytes (--max-line)", c->options.max_line);
    buffer_clear(&p->repaired);
    buffer_clear(&p->id);
    if (buffer_reserve(&p->id, 64 * (c->n_extras + 2) + strlen(file->name) + strlen(file->id)) != 0)
        return error_memory(err, "corpus");
    if (status == 0 && file->format != CORPUS_JSONL && !utf8_valid(bytes, n)) {
        doc->n_repaired = utf8_repair(bytes, n, &p->repaired);
        if (p->repaired.failed)
            return error_memory(err, "corpus");
        bytes = p->repaired.bytes;
        n = p->repaired.n;
    }
    if (status == 0)
        status = corpus_formats[file->format]->parse(p, file, bytes, n, doc, err);
    doc->is_unlabelled = r->file >= c->first_unlabelled;
    if (doc->is_unlabelled) {
        doc->n_labels = 0;
        memset(p->fields, 0, c->n_fields * sizeof *p->fields);
    }
    if (status == SIKAP_DATA && err != NULL && err->file[0] == '\0')
        error_set(err, SIKAP_DATA, file->name, doc->line, "%s", err->message);
    if (make_id(p, file, doc) != 0)
        return error_memory(err, "corpus");
    return status != 0 ? status : check_document(p, doc, err);
}

void corpus_tell_repaired(const sikap_watch *watch, uint64_t n_repaired)
{
    if (n_repaired > 0)
        error_tell(watch, NULL,
                   "documents with broken UTF-8: %llu; what could not be read counts as U+FFFD "
                   "(--encoding names another encoding)",
                   (unsigned long long)n_repaired);
}
