/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Lines: one object a line. Also Doccano's export, which is JSON Lines with `label`. Of a key
 * given twice the last one counts. */
#include "corpus/corpus_internal.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "text/utf8.h"

/* A \u escape of a surrogate without its partner names no character: it becomes \ufffd in place. */
static size_t repair_surrogates(char *text, size_t n)
{
    size_t n_repaired = 0;
    for (size_t i = 0; i + 5 < n; i++) {
        if (text[i] != '\\')
            continue;
        if (text[i + 1] != 'u' || (text[i + 2] | 0x20) != 'd' ||
            strchr("89abAB", text[i + 3]) == NULL || text[i + 3] == '\0') {
            const int low = text[i + 1] == 'u' && (text[i + 2] | 0x20) == 'd' &&
                            strchr("cdefCDEF", text[i + 3]) != NULL && text[i + 3] != '\0';
            if (low) {
                memcpy(text + i + 2, "fffd", 4);
                n_repaired++;
            }
            i++; /* an escaped backslash does not begin an escape */
            continue;
        }
        const int paired = i + 11 < n && text[i + 6] == '\\' && text[i + 7] == 'u' &&
                           (text[i + 8] | 0x20) == 'd' && strchr("cdefCDEF", text[i + 9]) != NULL &&
                           text[i + 9] != '\0';
        if (paired) {
            i += 11;
            continue;
        }
        memcpy(text + i + 2, "fffd", 4);
        n_repaired++;
        i += 5;
    }
    return n_repaired;
}

static int parse_line(struct corpus_parser *p, const char *bytes, size_t n, struct document *doc,
                      const struct json_node **nodes, sikap_error *err)
{
    int bad_text;
    int status = json_parse(p->json, bytes, n, nodes, &bad_text, err);
    if (status != SIKAP_DATA || !bad_text)
        return status;
    doc->n_repaired = utf8_repair(bytes, n, &p->repaired);
    if (buffer_reserve(&p->repaired, JSON_PADDING) != 0)
        return error_memory(err, "corpus");
    memset(p->repaired.bytes + p->repaired.n, 0, JSON_PADDING);
    doc->n_repaired += repair_surrogates(p->repaired.bytes, p->repaired.n);
    return json_parse(p->json, p->repaired.bytes, p->repaired.n, nodes, &bad_text, err);
}

/* A string as it is, a number printed; nothing for null. SIKAP_DATA for the rest. */
static int text_of(struct corpus_parser *p, const struct json_node *value, const char *key,
                   struct text *out, sikap_error *err)
{
    if (value->kind == JSON_STRING) {
        *out = (struct text){value->text, value->n};
        return 0;
    }
    if (value->kind == JSON_NULL)
        return 0;
    if (value->kind != JSON_NUMBER)
        return error_set(err, SIKAP_DATA, NULL, 0, "'%s' is not a string", key);
    enum { ROOM = 64 };
    struct buffer digits = {0};
    number_print(&digits, value->number);
    char *copy = NULL;
    /* Small and rare: kept behind the ids' buffer, which lives as long as the document. */
    if (!digits.failed && digits.n < ROOM && buffer_reserve(&p->id, ROOM) == 0) {
        copy = p->id.bytes + p->id.n;
        memcpy(copy, digits.bytes, digits.n);
        p->id.n += digits.n;
        *out = (struct text){copy, digits.n};
    }
    buffer_free(&digits);
    return copy == NULL ? error_memory(err, "corpus") : 0;
}

static int labels_of(struct corpus_parser *p, const struct json_node *nodes,
                     const struct json_node *value, size_t field, struct document *doc,
                     sikap_error *err)
{
    const char *name = p->corpus->fields[field].name;
    struct document_labels *labels = &doc->fields[field];
    *labels = (struct document_labels){value->kind != JSON_NULL, doc->n_labels, 0};
    if (value->kind == JSON_NULL)
        return 0;
    if (value->kind == JSON_STRING)
        return parser_add_label(p, doc, field, value->text, value->n) != 0
                   ? error_memory(err, "corpus")
                   : 0;
    if (value->kind != JSON_ARRAY)
        return error_set(err, SIKAP_DATA, NULL, 0,
                         "field '%s' is neither a string nor an array of strings", name);
    for (size_t i = (size_t)(value - nodes) + 1; i < value->next; i = nodes[i].next) {
        if (nodes[i].kind != JSON_STRING)
            return error_set(err, SIKAP_DATA, NULL, 0, "a label of field '%s' is not a string",
                             name);
        if (parser_add_label(p, doc, field, nodes[i].text, nodes[i].n) != 0)
            return error_memory(err, "corpus");
    }
    return 0;
}

static int is_key(const struct json_node *member, const char *name)
{
    return strlen(name) == member->key_n && memcmp(member->key, name, member->key_n) == 0;
}

static int take_member(struct corpus_parser *p, const struct json_node *nodes,
                       const struct json_node *m, struct document *doc, sikap_error *err)
{
    const struct corpus *c = p->corpus;
    int status = 0;
    if (is_key(m, c->options.id_key))
        status = text_of(p, m, c->options.id_key, &doc->id, err);
    for (size_t i = 0; i < c->n_segments && status == 0; i++)
        if (is_key(m, c->segments[i])) {
            if (m->kind != JSON_STRING && m->kind != JSON_NULL)
                return error_set(err, SIKAP_DATA, NULL, 0, "'%s' is not a string", c->segments[i]);
            doc->segments[i] = (struct text){m->text, m->n};
        }
    for (size_t i = 0; i < c->n_fields && status == 0; i++)
        if (is_key(m, c->fields[i].name))
            status = labels_of(p, nodes, m, i, doc, err);
    for (size_t i = 0; i < c->n_extras && status == 0; i++)
        if (is_key(m, c->extras[i]))
            status = text_of(p, m, c->extras[i], &doc->extras[i], err);
    return status;
}

static int jsonl_parse(struct corpus_parser *p, const struct corpus_file *file, const char *bytes,
                       size_t n, struct document *doc, sikap_error *err)
{
    (void)file;
    const struct json_node *nodes;
    int status = parse_line(p, bytes, n, doc, &nodes, err);
    if (status != 0)
        return status;
    if (nodes[0].kind != JSON_OBJECT)
        return error_set(err, SIKAP_DATA, NULL, 0, "a JSON object is expected on every line");
    for (size_t i = 1; i < nodes[0].next; i = nodes[i].next) {
        const int bad = take_member(p, nodes, &nodes[i], doc, err);
        if (bad != 0 && status == 0)
            status = bad; /* go on: the id may still come */
        if (bad == SIKAP_SYSTEM)
            return bad;
    }
    return status;
}

const struct format format_jsonl = {"jsonl", line_cut, jsonl_parse};
