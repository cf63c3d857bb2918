/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Lines: one object a line. Also Doccano's export, which is JSON Lines with `label`. Of a key
 * given twice the last one counts: which member serves what is settled before any is looked at. */
#include "corpus/corpus_internal.h"

#include <string.h>

#include "base/memory.h"
#include "text/utf8.h"

/* \uD8xx to \uDBxx at text[0..n): -1 when it is no \u escape, else which half of a pair (0: none).
 */
static int surrogate(const char *text, size_t n)
{
    if (n < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    if ((text[2] | 0x20) != 'd')
        return 0;
    const char c = (char)(text[3] | 0x20);
    return c == '8' || c == '9' || c == 'a' || c == 'b' ? 1 : c >= 'c' && c <= 'f' ? 2 : 0;
}

/* A \u escape of a surrogate without its partner names no character: it becomes \ufffd in place. */
static size_t repair_surrogates(char *text, size_t n)
{
    size_t n_repaired = 0;
    for (size_t i = 0; i < n;) {
        const char *backslash = memchr(text + i, '\\', n - i);
        if (backslash == NULL)
            break;
        i = (size_t)(backslash - text);
        const int half = surrogate(text + i, n - i);
        if (half < 0) {
            i += 2; /* an escaped backslash does not begin an escape */
        } else if (half == 1 && surrogate(text + i + 6, n - i - 6) == 2) {
            i += 12;
        } else {
            if (half > 0) {
                memcpy(text + i + 2, "fffd", 4);
                n_repaired++;
            }
            i += 6;
        }
    }
    return n_repaired;
}

int jsonl_nodes(struct corpus_parser *p, const char *bytes, size_t n,
                const struct json_node **nodes, size_t *n_repaired, sikap_error *err)
{
    int bad_text;
    *n_repaired = 0;
    if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { /* files that were put together */
        bytes += 3;
        n -= 3;
    }
    int status = json_parse(p->json, bytes, n, nodes, &bad_text, err);
    if (status != SIKAP_DATA || !bad_text)
        return status;
    buffer_clear(&p->repaired);
    *n_repaired = utf8_repair(bytes, n, &p->repaired);
    if (buffer_reserve(&p->repaired, JSON_PADDING) != 0)
        return error_memory(err, "corpus");
    memset(p->repaired.bytes + p->repaired.n, 0, JSON_PADDING);
    *n_repaired += repair_surrogates(p->repaired.bytes, p->repaired.n);
    return json_parse(p->json, p->repaired.bytes, p->repaired.n, nodes, &bad_text, err);
}

/* ---- what serves what ---- */

/* Members in the order id, segments, fields, extras; NULL where the record has none. */
static const struct json_node **choose(struct corpus_parser *p, const struct json_node *nodes)
{
    const struct corpus *c = p->corpus;
    const struct json_node **of = p->members;
    memset(of, 0, p->n_members * sizeof *of);
    for (size_t i = 1; i < nodes[0].next; i = nodes[i].next) {
        const struct json_node *m = &nodes[i];
        size_t k = 0;
        const char *name = c->options.id_key;
        while (k < p->n_members) {
            if (strlen(name) == m->key_n && memcmp(name, m->key, m->key_n) == 0)
                of[k] = m;
            if (++k == p->n_members)
                break;
            name = k <= c->n_segments ? c->segments[k - 1]
                   : k <= c->n_segments + c->n_fields
                       ? c->fields[k - 1 - c->n_segments].name
                       : c->extras[k - 1 - c->n_segments - c->n_fields];
        }
    }
    return of;
}

static const char *kind_of(const struct json_node *value)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",       [JSON_FALSE] = "true or false", [JSON_TRUE] = "true or false",
        [JSON_NUMBER] = "a number", [JSON_STRING] = "a string",     [JSON_ARRAY] = "an array",
        [JSON_OBJECT] = "an object"};
    return names[value->kind];
}

/* A string as it is, a number printed; nothing for null. SIKAP_DATA for the rest. */
static int text_of(struct corpus_parser *p, const struct json_node *value, const char *key,
                   struct text *out, sikap_error *err)
{
    if (value == NULL || value->kind == JSON_NULL)
        return 0;
    if (value->kind == JSON_STRING) {
        *out = (struct text){value->text, value->n};
        return 0;
    }
    if (value->kind != JSON_NUMBER)
        return error_set(err, SIKAP_DATA, NULL, 0, "'%.100s' is %s, not a string or a number", key,
                         kind_of(value));
    /* Behind the ids' buffer, which lives as long as the document and has room for every key. */
    const size_t from = p->id.n;
    json_print_number(&p->id, value);
    *out = (struct text){p->id.bytes + from, p->id.n - from};
    return p->id.failed ? error_memory(err, "corpus") : 0;
}

static int labels_of(struct corpus_parser *p, const struct json_node *nodes,
                     const struct json_node *value, size_t field, struct document *doc,
                     sikap_error *err)
{
    const char *name = p->corpus->fields[field].name;
    if (value == NULL || value->kind == JSON_NULL)
        return 0;
    doc->fields[field] = (struct document_labels){1, doc->n_labels, 0};
    if (value->kind == JSON_STRING)
        return parser_add_label(p, doc, field, value->text, value->n) != 0
                   ? error_memory(err, "corpus")
                   : 0;
    if (value->kind != JSON_ARRAY)
        return error_set(err, SIKAP_DATA, NULL, 0,
                         "field '%.100s' is %s, neither a string nor an array of strings", name,
                         kind_of(value));
    for (size_t i = (size_t)(value - nodes) + 1; i < value->next; i = nodes[i].next) {
        if (nodes[i].kind != JSON_STRING)
            return error_set(err, SIKAP_DATA, NULL, 0,
                             "a label of field '%.100s' is %s, not a string", name,
                             kind_of(&nodes[i]));
        if (parser_add_label(p, doc, field, nodes[i].text, nodes[i].n) != 0)
            return error_memory(err, "corpus");
    }
    return 0;
}

static size_t find_field(const struct corpus *c, const struct json_node *member)
{
    size_t f = 0;
    while (f < c->n_fields && (strlen(c->fields[f].name) != member->key_n ||
                               memcmp(c->fields[f].name, member->key, member->key_n) != 0))
        f++;
    return f;
}

/* {"scores":{"topic":{"security":0.93,…},…}}. Other shapes under that name are somebody else's. */
static int scores_of(struct corpus_parser *p, const struct json_node *nodes, struct document *doc,
                     sikap_error *err)
{
    const struct json_node *scores = json_member(nodes, &nodes[0], "scores");
    if (scores == NULL || scores->kind != JSON_OBJECT)
        return 0;
    for (size_t i = (size_t)(scores - nodes) + 1; i < scores->next; i = nodes[i].next) {
        const size_t f = find_field(p->corpus, &nodes[i]);
        if (f == p->corpus->n_fields || nodes[i].kind != JSON_OBJECT)
            continue;
        for (size_t k = i + 1; k < nodes[i].next; k = nodes[k].next) {
            if (nodes[k].kind != JSON_NUMBER)
                continue;
            if (memory_grow(&p->scores, &p->scores_capacity, doc->n_scores + 1,
                            sizeof *p->scores) != 0)
                return error_memory(err, "corpus");
            p->scores[doc->n_scores++] =
                (struct document_score){f, {nodes[k].key, nodes[k].key_n}, nodes[k].number};
        }
    }
    doc->scores = p->scores;
    return 0;
}

static int take_members(struct corpus_parser *p, const struct json_node *nodes,
                        struct document *doc, sikap_error *err)
{
    const struct corpus *c = p->corpus;
    const struct json_node **of = choose(p, nodes);
    int status = text_of(p, of[0], c->options.id_key, &doc->id, err);
    of++;
    for (size_t i = 0; i < c->n_segments && status == 0; i++) {
        if (of[i] == NULL || of[i]->kind == JSON_NULL)
            continue;
        if (of[i]->kind != JSON_STRING)
            return error_set(err, SIKAP_DATA, NULL, 0, "'%.100s' is %s, not a string",
                             c->segments[i], kind_of(of[i]));
        doc->segments[i] = (struct text){of[i]->text, of[i]->n};
    }
    of += c->n_segments;
    for (size_t i = 0; i < c->n_fields && status == 0; i++)
        status = labels_of(p, nodes, of[i], i, doc, err);
    of += c->n_fields;
    for (size_t i = 0; i < c->n_extras && status == 0; i++)
        status = text_of(p, of[i], c->extras[i], &doc->extras[i], err);
    return status == 0 && c->wants_scores ? scores_of(p, nodes, doc, err) : status;
}

static int jsonl_parse(struct corpus_parser *p, const struct corpus_file *file, const char *bytes,
                       size_t n, struct document *doc, sikap_error *err)
{
    (void)file;
    const struct json_node *nodes;
    const int status = jsonl_nodes(p, bytes, n, &nodes, &doc->n_repaired, err);
    if (status != 0)
        return status;
    if (nodes[0].kind != JSON_OBJECT)
        return error_set(err, SIKAP_DATA, NULL, 0, "%s where a JSON object is expected",
                         kind_of(&nodes[0]));
    return take_members(p, nodes, doc, err);
}

const struct format format_jsonl = {"jsonl", line_cut, jsonl_parse};
