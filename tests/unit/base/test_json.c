/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in, as nodes, and strings out. */
#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct json_parser *parser;

static int set_up(void **state)
{
    (void)state;
    return json_parser_new(&parser, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    json_parser_free(parser);
    json_parser_free(NULL);
    return 0;
}

/* Writes the nodes back as JSON, to compare with what went in. */
static void show(struct buffer *out, const struct json_node *nodes, size_t i)
{
    const struct json_node *v = &nodes[i];
    if (v->key != NULL) {
        json_write_string(out, v->key, v->key_n);
        buffer_byte(out, ':');
    }
    switch (v->kind) {
    case JSON_NULL:
        buffer_text(out, "null");
        return;
    case JSON_FALSE:
    case JSON_TRUE:
        buffer_text(out, v->kind == JSON_TRUE ? "true" : "false");
        return;
    case JSON_NUMBER:
        json_print_number(out, v);
        return;
    case JSON_STRING:
        json_write_string(out, v->text, v->n);
        return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    buffer_byte(out, v->kind == JSON_ARRAY ? '[' : '{');
    size_t n = 0;
    for (size_t k = i + 1; k < v->next; k = nodes[k].next, n++) {
        buffer_text(out, n > 0 ? "," : "");
        show(out, nodes, k);
    }
    assert_int_equal(n, v->n);
    buffer_byte(out, v->kind == JSON_ARRAY ? ']' : '}');
}

static int parse(const char *text, size_t n, const struct json_node **nodes, int *bad_text,
                 sikap_error *err)
{
    static char *copy;
    copy = realloc(copy, n + JSON_PADDING); /* exactly what must be readable */
    memcpy(copy, text, n);
    memset(copy + n, '"', JSON_PADDING);
    return json_parse(parser, copy, n, nodes, bad_text, err);
}

static void parses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected; /* NULL: the same */
    } cases[] = {
        {"null", NULL},
        {"true", NULL},
        {" false ", "false"},
        {"\"\"", NULL},
        {"\"a\\u0000b\\n\\\"\\\\\\u001f\"", NULL},
        {"\"\\u00e9\\ud83d\\ude00\\/\"", "\"\xC3\xA9\xF0\x9F\x98\x80/\""},
        {"[]", NULL},
        {"{}", NULL},
        {"[[],[[]],{}]", NULL},
        {"{\"a\":1,\"b\":[true,null,{\"c\":\"d\"}],\"a\":2}", NULL},
        {"[0,-0,1,-1,1.5,-1e-3,1e22]", "[0,0,1,-1,1.5,-0.001,1e+22]"},
        {"[9007199254740993,-9223372036854775808,9223372036854775808,18446744073709551615]", NULL},
        {"[18446744073709551616]", "[\"18446744073709551616\"]"},
        {"[\"18446744073709551616\",-99999999999999999999 , 1]",
         "[\"18446744073709551616\",\"-99999999999999999999\",1]"},
        {"[99999999999999999999,1e5,\"\\\"\",\"12345678901234567890123\"]",
         "[\"99999999999999999999\",1e+05,\"\\\"\",\"12345678901234567890123\"]"},
        {"[99999999999999999999.5]", "[1e+20]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct json_node *nodes;
        sikap_error err = {0};
        int bad_text = 9;
        if (parse(cases[i].text, strlen(cases[i].text), &nodes, &bad_text, &err) != 0)
            fail_msg("%s: %s", cases[i].text, err.message);
        assert_int_equal(bad_text, 0);
        struct buffer out = {0};
        show(&out, nodes, 0);
        buffer_byte(&out, '\0');
        assert_string_equal(out.bytes,
                            cases[i].expected != NULL ? cases[i].expected : cases[i].text);
        buffer_free(&out);
    }
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
        int bad_text;
    } cases[] = {
        {"", "not JSON: empty", 0},
        {"  ", "not JSON: empty", 0},
        {"{", "not JSON: the structure is broken", 0},
        {"[1,]", "not JSON: the structure is broken", 0},
        {"[1 2]", "not JSON: the structure is broken", 0},
        {"{\"a\" 1}", "not JSON: the structure is broken", 0},
        {"{1:2}", "not JSON: the structure is broken", 0},
        {"[1]]", "not JSON: the structure is broken", 0},
        {"{\"a\":1}x", "not JSON: the structure is broken", 0},
        {"\"a", "not JSON: a string is not closed", 0},
        {"[\"a\nb\"]", "not JSON: a control character stands unescaped in a string", 0},
        {"[\"\\x\"]", "not JSON: a string is not closed or has a broken escape", 1},
        {"[\"\\ud800\"]", "not JSON: a string is not closed or has a broken escape", 1},
        {"[\"\xFF\"]", "not JSON: broken UTF-8", 1},
        {"[\"\xED\xA0\x80\"]", "not JSON: broken UTF-8", 1},
        {"[01]", "not JSON: a number is malformed or too large", 0},
        {"[1e999]", "not JSON: a number is malformed or too large", 0},
        {"[1.]", "not JSON: a number is malformed or too large", 0},
        {"[-]", "not JSON: a number is malformed or too large", 0},
        {"[01234567890123456789012]", "not JSON: a number is malformed or too large", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct json_node *nodes = (const struct json_node *)(uintptr_t)1;
        sikap_error err = {0};
        int bad_text = 9;
        const int status = parse(cases[i].text, strlen(cases[i].text), &nodes, &bad_text, &err);
        if (status != SIKAP_DATA)
            fail_msg("%s: taken", cases[i].text);
        assert_null(nodes);
        assert_string_equal(err.message, cases[i].message);
        assert_int_equal(bad_text, cases[i].bad_text);
    }
}

/* The limit on depth holds, whatever the parser has seen before. */
static void depth(void **state)
{
    (void)state;
    const struct json_node *nodes;
    for (size_t length = 1; length < 100000; length *= 10) {
        struct buffer wide = {0};
        buffer_text(&wide, "[0");
        for (size_t i = 0; i < length; i++)
            buffer_text(&wide, ",0");
        buffer_byte(&wide, ']');
        assert_int_equal(parse(wide.bytes, wide.n, &nodes, NULL, NULL), 0);
        assert_int_equal(nodes[0].n, length + 1);
        buffer_free(&wide);
        for (size_t d = 1; d < 200; d++) {
            struct buffer deep = {0};
            for (size_t i = 0; i < d; i++)
                buffer_byte(&deep, '[');
            for (size_t i = 0; i < d; i++)
                buffer_byte(&deep, ']');
            assert_int_equal(parse(deep.bytes, deep.n, &nodes, NULL, NULL),
                             d <= JSON_MAX_DEPTH ? 0 : SIKAP_DATA);
            buffer_free(&deep);
        }
    }
    /* 200,000 levels in one text. */
    struct buffer deep = {0};
    for (size_t i = 0; i < 100000; i++)
        buffer_text(&deep, "{\"a\":[");
    for (size_t i = 0; i < 100000; i++)
        buffer_text(&deep, "]}");
    sikap_error err = {0};
    assert_int_equal(parse(deep.bytes, deep.n, &nodes, NULL, &err), SIKAP_DATA);
    assert_string_equal(err.message, "not JSON: nested too deep");
    buffer_free(&deep);
}

static void members(void **state)
{
    (void)state;
    const struct json_node *nodes;
    static const char text[] = "{\"a\":{\"b\":1},\"b\":2,\"a\":3,\"\":4,\"n\\u0000\":5}";
    assert_int_equal(parse(text, sizeof text - 1, &nodes, NULL, NULL), 0);
    assert_true(json_member(nodes, nodes, "a")->number == 3);
    assert_true(json_member(nodes, nodes, "b")->number == 2);
    assert_true(json_member(nodes, nodes, "")->number == 4);
    assert_null(json_member(nodes, nodes, "n"));
    assert_null(json_member(nodes, nodes, "c"));
    assert_true(json_member(nodes, &nodes[1], "b")->number == 1);
    assert_null(json_member(nodes, &nodes[2], "b"));
}

static void writes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        const char *expected;
    } cases[] = {
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
        {"\n\r\t\b\f\x01\x1F\x7F", 8, "\"\\n\\r\\t\\u0008\\u000c\\u0001\\u001f\x7F\""},
        {"a\0b", 3, "\"a\\u0000b\""},
        {"\xC3\xA9\xE2\x80\xA8", 5, "\"\xC3\xA9\xE2\x80\xA8\""},
        {"0123456789abcdef0123456789abcdef\"", 33, "\"0123456789abcdef0123456789abcdef\\\"\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        json_write_string(&out, cases[i].text, cases[i].n);
        assert_int_equal(out.n, strlen(cases[i].expected));
        assert_memory_equal(out.bytes, cases[i].expected, out.n);
        const struct json_node *nodes;
        assert_int_equal(parse(out.bytes, out.n, &nodes, NULL, NULL), 0);
        assert_int_equal(nodes[0].n, cases[i].n); /* and comes back */
        assert_memory_equal(nodes[0].text, cases[i].text, cases[i].n);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parses), cmocka_unit_test(refuses),
                                       cmocka_unit_test(depth), cmocka_unit_test(members),
                                       cmocka_unit_test(writes)};
    return cmocka_run_group_tests_name("json", tests, set_up, tear_down);
}
