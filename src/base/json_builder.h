/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_JSON_BUILDER_H
#define SIKAP_BASE_JSON_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* JSON written in order, commas included. `key` is NULL inside an array and for the outermost
 * value. Errors are sticky in the buffer. */
struct json_builder {
    struct buffer *out;
    int needs_comma;
};

/* bracket: '{' or '[', closed with its partner. */
void json_open(struct json_builder *b, const char *key, char bracket);
void json_close(struct json_builder *b, char bracket);
/* The shortest text that reads back the same; null where the number is not finite. */
void json_put_number(struct json_builder *b, const char *key, double v);
void json_put_count(struct json_builder *b, const char *key, uint64_t n);
/* text NULL: null. */
void json_put_text(struct json_builder *b, const char *key, const char *text);
void json_put_flag(struct json_builder *b, const char *key, int flag); /* true or false */

#endif
