/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_builder.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"

static void begin(struct json_builder *b, const char *key)
{
    buffer_text(b->out, b->needs_comma ? "," : "");
    if (key != NULL) {
        json_write_string(b->out, key, strlen(key));
        buffer_byte(b->out, ':');
    }
    b->needs_comma = 1;
}

void json_open(struct json_builder *b, const char *key, char bracket)
{
    begin(b, key);
    buffer_byte(b->out, bracket);
    b->needs_comma = 0;
}

void json_close(struct json_builder *b, char bracket)
{
    buffer_byte(b->out, bracket);
    b->needs_comma = 1;
}

void json_put_number(struct json_builder *b, const char *key, double v)
{
    begin(b, key);
    if (isfinite(v))
        number_print(b->out, v);
    else
        buffer_text(b->out, "null");
}

void json_put_count(struct json_builder *b, const char *key, uint64_t n)
{
    begin(b, key);
    buffer_format(b->out, "%llu", (unsigned long long)n);
}

void json_put_text(struct json_builder *b, const char *key, const char *text)
{
    begin(b, key);
    if (text != NULL)
        json_write_string(b->out, text, strlen(text));
    else
        buffer_text(b->out, "null");
}

void json_put_flag(struct json_builder *b, const char *key, int flag)
{
    begin(b, key);
    buffer_text(b->out, flag ? "true" : "false");
}
