/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_JSON_H
#define SIKAP_BASE_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* JSON values as a flat array in document order: a container is followed by its children; `next` is
 * the index behind the whole value, so siblings are found by hopping. */
enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json_node {
    enum json_kind kind;
    const char *key; /* of a member of an object; NULL elsewhere */
    size_t key_n;
    const char *text; /* of a string */
    size_t n;         /* its bytes; of a container: its children */
    double number;    /* the nearest one, where it is an integer above 2^53 */
    uint64_t integer; /* of a whole number: its magnitude */
    char sign;        /* of a whole number: '+' or '-'; 0 of any other value */
    size_t next;
};

struct json_parser;

/* Thin shim over simdjson (measured against yajl and jansson: docs/BENCHMARKS.md). */
int json_parser_new(struct json_parser **out, sikap_error *err);
void json_parser_free(struct json_parser *parser);

enum { JSON_PADDING = 64, JSON_MAX_DEPTH = 64 };

/* Parses text[0..n), behind which JSON_PADDING bytes must be readable. *nodes is borrowed until the
 * parser's next call. A whole number too long for 64 bits is handed over as the string of its
 * digits. SIKAP_DATA: not JSON, with what is wrong as the message; *bad_text (may be NULL) is then
 * 1 when broken UTF-8 or a broken escape is in the way: what else is wrong is not known yet. */
int json_parse(struct json_parser *parser, const char *text, size_t n,
               const struct json_node **nodes, int *bad_text, sikap_error *err);

/* The member `key` of the object node `object`: the last one where the key is repeated; NULL. */
const struct json_node *json_member(const struct json_node *nodes, const struct json_node *object,
                                    const char *key);

/* Appends a number node as text: a whole number with all its digits, any other the shortest text
 * that is read back as the same value. */
void json_print_number(struct buffer *out, const struct json_node *number);

/* Appends "text" with quotes and escapes. */
void json_write_string(struct buffer *out, const char *text, size_t n);

#ifdef __cplusplus
}
#endif

#endif
