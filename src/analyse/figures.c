/* SPDX-License-Identifier: Apache-2.0 */
/* A parsed JSON text that outlives its parser's next call by owning the parser. */
#include "analyse/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "measure/gate.h"

struct figures {
    struct json_parser *parser;
    const struct json_node *nodes;
};

int figures_parse(struct figures **out, const char *text, size_t n, const char *name,
                  sikap_error *err)
{
    *out = NULL;
    struct figures *f = memory_zero(1, sizeof *f);
    struct buffer padded = {0};
    int status = 0;
    buffer_bytes(&padded, text, n);
    for (size_t i = 0; i < JSON_PADDING; i++)
        buffer_byte(&padded, ' ');
    if (f == NULL || padded.failed)
        status = error_memory(err, "figures");
    if (status == 0)
        status = json_parser_new(&f->parser, err);
    if (status == 0)
        status = json_parse(f->parser, padded.bytes, n, &f->nodes, NULL, err);
    if (status == 0 && f->nodes[0].kind != JSON_OBJECT)
        status = error_set(err, SIKAP_DATA, NULL, 0, "expected a JSON object");
    if (status == SIKAP_DATA && err != NULL && name != NULL)
        snprintf(err->file, sizeof err->file, "%s", name);
    buffer_free(&padded);
    if (status != 0) {
        figures_free(f);
        return status;
    }
    *out = f;
    return 0;
}

static int collect_bytes(void *context, const char *bytes, size_t n)
{
    buffer_bytes(context, bytes, n);
    return 0;
}

int figures_of(struct figures **out, const sikap_evaluation *evaluation, sikap_error *err)
{
    struct buffer json = {0};
    *out = NULL;
    int status = sikap_evaluation_json(evaluation, collect_bytes, &json, err);
    if (status == 0)
        status = json.failed ? error_memory(err, "figures")
                             : figures_parse(out, json.bytes, json.n, NULL, err);
    buffer_free(&json);
    return status;
}

void figures_free(struct figures *f)
{
    if (f == NULL)
        return;
    json_parser_free(f->parser);
    memory_free(f);
}

static const struct json_node *find_from(const struct figures *f, const struct json_node *at,
                                         const char *const *parts, size_t n_parts)
{
    for (size_t i = 0; at != NULL && i < n_parts; i++)
        at = json_member(f->nodes, at, parts[i]);
    return at;
}

const struct json_node *figures_find(const struct figures *f, const char *const *parts,
                                     size_t n_parts)
{
    const struct json_node *fields = json_member(f->nodes, f->nodes, "fields");
    const struct json_node *found = n_parts == 0 ? NULL : find_from(f, fields, parts, n_parts);
    return found != NULL ? found : find_from(f, f->nodes, parts, n_parts);
}

int figures_resolve(void *figures, const char *const *parts, size_t n_parts, double *value)
{
    const struct json_node *node = figures_find(figures, parts, n_parts);
    if (node == NULL || (node->kind != JSON_NUMBER && node->kind != JSON_NULL))
        return 0;
    *value = node->kind == JSON_NUMBER ? node->number : NAN;
    return 1;
}

const struct json_node *figures_next(const struct figures *f, const char *const *parts,
                                     size_t n_parts, size_t *at)
{
    const struct json_node *object = figures_find(f, parts, n_parts);
    if (object == NULL || object->kind != JSON_OBJECT)
        return NULL;
    const size_t i = *at == 0 ? (size_t)(object - f->nodes) + 1 : *at;
    if (i >= object->next)
        return NULL;
    *at = f->nodes[i].next;
    return &f->nodes[i];
}

struct figure_spread figures_spread(const struct figures *f, const char *const *parts,
                                    size_t n_parts)
{
    struct figure_spread out = {.reason = "no interval"};
    char name[64] = "interval";
    const char *path[GATE_MAX_PARTS];
    if (n_parts == 0 || n_parts > GATE_MAX_PARTS)
        return out;
    if (strcmp(parts[n_parts - 1], "f1") != 0)
        snprintf(name, sizeof name, "%.50s_interval", parts[n_parts - 1]);
    memcpy(path, parts, n_parts * sizeof *path);
    path[n_parts - 1] = name;
    const struct json_node *interval = figures_find(f, path, n_parts);
    if (interval == NULL)
        return out;
    const struct json_node *low = json_member(f->nodes, interval, "low");
    const struct json_node *high = json_member(f->nodes, interval, "high");
    const struct json_node *none = json_member(f->nodes, interval, "none");
    if (none != NULL && none->kind == JSON_STRING)
        out.reason = none->text;
    out.is_given = low != NULL && high != NULL && low->kind == JSON_NUMBER &&
                   high->kind == JSON_NUMBER && low->number <= high->number;
    if (out.is_given) {
        out.low = low->number;
        out.high = high->number;
    }
    return out;
}
