/* SPDX-License-Identifier: Apache-2.0 */
/* What was not said is read off the first block: which key holds the labels, and whether a field is
 * multi (JSON arrays; cells with the label separator) or single. */
#include "corpus/corpus_internal.h"

#include <string.h>

#include "base/memory.h"

enum { HEAD_BYTES = 1 << 20, MAX_SEEN = 64, MAX_SHOWN = 300 };

struct seen_key {
    const char *name; /* in `names` */
    size_t n;
    int has_array, has_text, has_bar;
};

struct survey {
    struct seen_key keys[MAX_SEEN];
    size_t n_keys;
    struct arena names;
    int failed; /* out of memory */
};

static void see(struct survey *s, const char *key, size_t n, int is_array, int is_text, int has_bar)
{
    size_t i = 0;
    while (i < s->n_keys && (s->keys[i].n != n || memcmp(s->keys[i].name, key, n) != 0))
        i++;
    if (i == s->n_keys) {
        if (i == MAX_SEEN || n > 100)
            return;
        const char *name = arena_text(&s->names, key, n);
        if (name == NULL) {
            s->failed = 1;
            return;
        }
        s->keys[s->n_keys++] = (struct seen_key){name, n, 0, 0, 0};
    }
    s->keys[i].has_array |= is_array;
    s->keys[i].has_text |= is_text;
    s->keys[i].has_bar |= has_bar;
}

static void survey_jsonl(struct survey *s, struct corpus_parser *p, const char *bytes, size_t n)
{
    const struct json_node *nodes;
    size_t n_repaired;
    const int status = jsonl_nodes(p, bytes, n, &nodes, &n_repaired, NULL);
    s->failed |= status == SIKAP_SYSTEM;
    if (status != 0 || nodes[0].kind != JSON_OBJECT)
        return; /* bad records are reported when they are read */
    for (size_t i = 1; i < nodes[0].next; i = nodes[i].next)
        see(s, nodes[i].key, nodes[i].key_n, nodes[i].kind == JSON_ARRAY,
            nodes[i].kind == JSON_STRING, 0);
}

static void survey_csv(struct survey *s, struct corpus_parser *p, const struct corpus_file *file,
                       const char *bytes, size_t n)
{
    const char *what = NULL;
    buffer_clear(&p->repaired);
    if (buffer_reserve(&p->repaired, n + 1) != 0) {
        s->failed = 1;
        return;
    }
    const size_t n_cells = csv_split(p, file->separator, bytes, n, &what);
    s->failed |= n_cells == SIZE_MAX && what == NULL;
    for (size_t i = 0; n_cells != SIZE_MAX && i < n_cells && i < file->n_columns; i++)
        see(s, file->columns[i], strlen(file->columns[i]), 0, p->cells[i].n > 0,
            p->cells[i].n > 0 &&
                memchr(p->cells[i].bytes, p->corpus->label_separator, p->cells[i].n) != NULL);
}

static const struct seen_key *find_key(const struct survey *s, const char *name)
{
    for (size_t i = 0; i < s->n_keys; i++)
        if (strcmp(s->keys[i].name, name) == 0)
            return &s->keys[i];
    return NULL;
}

/* Keys that are neither text nor id: candidates for --field, as "topic, stance"; NUL-terminated. */
static void field_keys(const struct corpus *c, const struct survey *s, struct buffer *list)
{
    for (size_t i = 0; i < s->n_keys && list->n < MAX_SHOWN; i++) {
        int is_known = strcmp(s->keys[i].name, c->options.id_key) == 0;
        for (size_t k = 0; k < c->n_segments; k++)
            is_known |= strcmp(s->keys[i].name, c->segments[k]) == 0;
        if (is_known || (!s->keys[i].has_array && !s->keys[i].has_text))
            continue;
        if (list->n > 0)
            buffer_text(list, ", ");
        buffer_text(list, s->keys[i].name);
    }
    if (list->n == 0)
        buffer_text(list, "none");
    buffer_byte(list, '\0');
}

/* Which of the keys holds the labels is for the caller to say; a key that is not there is the
 * corpus's fault. */
static int no_field(const struct corpus *c, const struct survey *s, const char *wanted,
                    sikap_error *err)
{
    struct buffer keys = {0};
    field_keys(c, s, &keys);
    const int status =
        keys.failed ? error_memory(err, "fields")
        : wanted == NULL
            ? error_set(err, strcmp(keys.bytes, "none") == 0 ? SIKAP_DATA : SIKAP_USAGE,
                        c->files[0]->name, 0,
                        "no key 'label' or 'labels': name the labels with --field; keys seen: %s",
                        keys.bytes)
            : error_set(err, SIKAP_DATA, c->files[0]->name, 0,
                        "no document has the field '%s'; keys seen: %s", wanted, keys.bytes);
    buffer_free(&keys);
    return status;
}

static int default_field(struct corpus *c, const char *name)
{
    c->fields[0] = (struct corpus_field){memory_string(name), FIELD_AUTO};
    c->n_fields = 1;
    return c->fields[0].name == NULL ? -1 : 0;
}

static int settle(struct corpus *c, const struct survey *s, enum corpus_format format,
                  sikap_error *err)
{
    const int has_keys = format == CORPUS_JSONL || format == CORPUS_CSV || format == CORPUS_TSV;
    if (c->n_fields == 0) {
        const char *name = find_key(s, "labels") != NULL ? "labels" : "label";
        if (has_keys && find_key(s, name) == NULL)
            return no_field(c, s, NULL, err);
        if (default_field(c, name) != 0)
            return error_memory(err, "fields");
    }
    for (size_t f = 0; f < c->n_fields; f++) {
        const struct seen_key *key = find_key(s, c->fields[f].name);
        if (c->fields[f].kind != FIELD_AUTO)
            continue;
        if (has_keys && key == NULL)
            return no_field(c, s, c->fields[f].name, err);
        const int multi = key != NULL ? key->has_array || key->has_bar : format == CORPUS_FASTTEXT;
        c->fields[f].kind = multi ? FIELD_MULTI : FIELD_SINGLE;
    }
    return 0;
}

/* What is at the head of a corpus. */
struct head {
    struct survey *survey;
    struct corpus_block *block;
    size_t n; /* records in it */
    enum corpus_format format;
};

static void head_free(struct head *head)
{
    if (head->survey != NULL)
        arena_free(&head->survey->names);
    memory_free(head->survey);
    corpus_block_free(head->block);
}

static int head_read(struct head *head, struct corpus *c, sikap_error *err)
{
    struct corpus_parser *p = NULL;
    *head = (struct head){.survey = memory_zero(1, sizeof *head->survey), .format = CORPUS_TEXT};
    int status = head->survey == NULL ? error_memory(err, "fields") : corpus_parser_new(&p, c, err);
    if (status == 0)
        status = corpus_block_new(&head->block, err);
    if (status == 0)
        status = corpus_next(c, head->block, HEAD_BYTES, &head->n, err);
    for (size_t i = 0; status == 0 && i < head->n; i++) {
        const struct corpus_record *r = &head->block->records[i];
        const struct corpus_file *file = c->files[r->file];
        const char *bytes = head->block->bytes.bytes + r->begin;
        head->format = file->format;
        if (file->format == CORPUS_JSONL)
            survey_jsonl(head->survey, p, bytes, r->n);
        else if (file->format == CORPUS_CSV || file->format == CORPUS_TSV)
            survey_csv(head->survey, p, file, bytes, r->n);
    }
    if (status == 0 && head->survey->failed)
        status = error_memory(err, "fields");
    corpus_parser_free(p);
    return status;
}

int corpus_discover(struct corpus *c, sikap_error *err)
{
    int known = c->n_fields > 0;
    for (size_t f = 0; f < c->n_fields; f++)
        known &= c->fields[f].kind != FIELD_AUTO;
    if (known)
        return 0;
    struct head head;
    int status = head_read(&head, c, err);
    if (status == 0 && head.n == 0)
        status = error_set(err, SIKAP_DATA, c->files[0]->name, 0, "no documents");
    if (status == 0)
        status = settle(c, head.survey, head.format, err);
    if (status == 0) {
        c->head = head.block;
        head.block = NULL;
    }
    head_free(&head);
    return status;
}

int corpus_field_keys(struct buffer *out, const char *const *paths, size_t n_paths,
                      const struct corpus_options *options, sikap_error *err)
{
    static const char *const text[] = {"title", "text"};
    const struct corpus_request request = {.segments = text, .n_segments = 2};
    struct corpus *c = NULL;
    struct head head = {0};
    int status = corpus_open(&c, paths, n_paths, options, &request, err);
    if (status == 0)
        status = head_read(&head, c, err);
    if (status == 0)
        field_keys(c, head.survey, out);
    if (status == 0 && out->failed)
        status = error_memory(err, "fields");
    head_free(&head);
    corpus_free(c);
    return status;
}
