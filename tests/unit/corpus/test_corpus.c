/* SPDX-License-Identifier: Apache-2.0 */
/* Every record that goes in comes out, as a document or as a problem with its line. A table of
 * inputs; `expected` is one line per record: "id|text|labels" or "!LINE part of the message". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "corpus/corpus.h"

static const struct input_case {
    const char *name, *format, *field, *bytes;
    size_t n; /* 0: strlen */
    const char *expected;
} cases[] = {
    {"two documents", "jsonl", "l:multi",
     "{\"id\":\"a\",\"text\":\"x\",\"l\":[\"p\",\"q\"]}\n{\"id\":\"b\",\"text\":\"y\",\"l\":[]}", 0,
     "a|x|p,q\nb|y|\n"},
    {"null and absent are not annotated", "jsonl", "l:multi",
     "{\"id\":\"a\",\"text\":\"x\",\"l\":null}\n{\"id\":\"b\",\"text\":\"y\"}\n", 0,
     "a|x|-\nb|y|-\n"},
    {"a string is one label", "jsonl", "l:multi", "{\"id\":\"a\",\"text\":\"x\",\"l\":\"p\"}\n", 0,
     "a|x|p\n"},
    {"two labels in a single field", "jsonl", "l:single",
     "{\"id\":\"a\",\"text\":\"x\",\"l\":[\"p\",\"q\"]}\n", 0, "!1 2 labels in the single field\n"},
    {"broken JSON goes on", "jsonl", "l:multi", "{oops\n{\"id\":\"b\",\"text\":\"y\"}\n", 0,
     "!1 not JSON\nb|y|-\n"},
    {"no text", "jsonl", "l:multi", "{\"id\":\"a\"}\n", 0, "!1 no text\n"},
    {"text is a number", "jsonl", "l:multi", "{\"id\":\"a\",\"text\":5}\n", 0,
     "!1 'text' is not a string\n"},
    {"label is a number", "jsonl", "l:multi", "{\"id\":\"a\",\"text\":\"x\",\"l\":[1]}\n", 0,
     "!1 a label of field 'l' is not a string\n"},
    {"an array on a line", "jsonl", "l:multi", "\n{\"text\":\"x\"}\n7\n", 0,
     "F:2|x|-\n!3 a JSON object\n"},
    {"id is a number, keys twice: the last", "jsonl", "l:multi",
     "{\"id\":7,\"text\":\"x\",\"text\":\"y\"}\r\n", 0, "7|y|-\n"},
    {"nested too deep", "jsonl", "l:multi",
     "{\"id\":\"a\",\"text\":\"x\",\"m\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
     "[[[[[[[[1]]]]]]]]]]]"
     "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}\n",
     0, "!1 nested too deep\n"},
    {"byte order mark", "jsonl", "l:multi", "\xEF\xBB\xBF{\"id\":\"a\",\"text\":\"x\"}\n", 0,
     "a|x|-\n"},
    {"broken UTF-8 is repaired", "jsonl", "l:multi", "{\"id\":\"a\",\"text\":\"x\xC0\xAFy\"}\n", 0,
     "a|x\xEF\xBF\xBD\xEF\xBF\xBDy|-\n"},
    {"half a surrogate pair", "jsonl", "l:multi", "{\"id\":\"a\",\"text\":\"x\\ud800y\"}\n", 0,
     "a|x\xEF\xBF\xBDy|-\n"},
    {"a NUL in a label", "jsonl", "l:multi",
     "{\"id\":\"a\",\"text\":\"x\",\"l\":[\"p\\u0000q\"]}\n", 0, "!1 NUL\n"},
    {"quotes, separators and line ends in cells", "csv", "l:multi",
     "id,text,l\r\n1,\"a, \"\"b\"\"\nc\",p|q\r\n2,d,\r\n3,e,|\r\n", 0,
     "1|a, \"b\"\nc|p,q\n2|d|-\n3|e|\n"},
    {"columns are missing", "csv", "l:multi", "id,text,l\n1,a\n2,b,p\n", 0,
     "!2 2 columns, expected 3\n2|b|p\n"},
    {"a quote is never closed", "csv", "l:multi", "id,text,l\n1,a,p\n2,\"b,q\n", 0,
     "1|a|p\n!3 a quoted cell is not closed\n"},
    {"text behind a quote", "csv", "l:multi", "id,text,l\n1,\"a\"b,p\n", 0,
     "!2 behind a closing quote\n"},
    {"tabs", "tsv", "l:multi", "text\tid\tl\nx, y\t1\tp\n", 0, "1|x, y|p\n"},
    {"lines", "lines", "l:multi", "one\r\n\ntwo", 0, "F:1|one|-\nF:2||-\nF:3|two|-\n"},
    {"one text", "text", "l:multi", "one\ntwo\n", 0, "F|one\ntwo\n|-\n"},
    {"fastText", "fasttext", "l:multi", "__label__p __label__q some words\nno label\n", 0,
     "F:1|some words|p,q\nF:2|no label|\n"},
    {"NUL bytes stay", "lines", "l:multi", "a\0b\n", 4, "F:1|a\0b|-\n"},
    {"empty", "jsonl", "l:multi", "", 0, ""},
};

struct result {
    char bytes[4096];
    size_t n;
};

static void put(struct result *r, const char *bytes, size_t n, const char *path)
{
    /* The file's own name is shown as F. */
    const size_t m = strlen(path);
    if (n >= m && memcmp(bytes, path, m) == 0) {
        put(r, "F", 1, "?");
        bytes += m;
        n -= m;
    }
    assert_true(r->n + n < sizeof r->bytes);
    memcpy(r->bytes + r->n, bytes, n);
    r->n += n;
}

static void put_document(struct result *r, const struct document *doc, const char *path)
{
    put(r, doc->id.bytes, doc->id.n, path);
    put(r, "|", 1, path);
    put(r, doc->segments[0].bytes == NULL ? "" : doc->segments[0].bytes, doc->segments[0].n, path);
    put(r, "|", 1, path);
    if (!doc->fields[0].annotated)
        put(r, "-", 1, path);
    for (size_t i = 0; i < doc->fields[0].n; i++) {
        const struct text *label = &doc->labels[doc->fields[0].first + i];
        put(r, ",", i > 0, path);
        put(r, label->bytes, label->n, path);
    }
    put(r, "\n", 1, path);
}

/* Compares line by line with `expected`, a problem by line number and part of its message. */
static const char *check_problem(const char *expected, const sikap_error *problem, const char *name)
{
    char part[200];
    const size_t n = strcspn(expected, "\n");
    const char *space = memchr(expected, ' ', n);
    if (expected[0] != '!' || space == NULL)
        fail_msg("%s: unexpected problem, line %zu: %s", name, problem->line, problem->message);
    assert_int_equal(strtoul(expected + 1, NULL, 10), problem->line);
    snprintf(part, sizeof part, "%.*s", (int)(n - (size_t)(space + 1 - expected)), space + 1);
    if (strstr(problem->message, part) == NULL)
        fail_msg("%s: '%s' says nothing of '%s'", name, problem->message, part);
    return expected + n + 1;
}

static void test_case(void **state)
{
    const struct input_case *t = *state;
    char path[] = "/tmp/sikap-corpus-XXXXXX";
    const int fd = mkstemp(path);
    const size_t n_bytes = t->n > 0 ? t->n : strlen(t->bytes);
    assert_int_equal(write(fd, t->bytes, n_bytes), n_bytes);
    close(fd);
    struct corpus_options options = {0};
    sikap_error err = {0};
    assert_int_equal(option_defaults(&corpus_option_table, &options, &err), 0);
    assert_int_equal(option_set(&corpus_option_table, &options, "input", t->format, &err), 0);
    assert_int_equal(option_set(&corpus_option_table, &options, "field", t->field, &err), 0);
    const char *const segment = "text", *name = path;
    const struct corpus_request request = {
        .wants_labels = 1, .wants_text = 1, .segments = &segment, .n_segments = 1};
    struct corpus *corpus;
    struct corpus_block *block;
    struct corpus_parser *parser;
    assert_int_equal(corpus_open(&corpus, &name, 1, &options, &request, &err), 0);
    assert_int_equal(corpus_block_new(&block, &err), 0);
    assert_int_equal(corpus_parser_new(&parser, corpus, &err), 0);
    const char *expected = t->expected;
    size_t n = 1;
    while (n > 0) {
        assert_int_equal(corpus_next(corpus, block, 1, &n, &err), 0); /* record by record */
        for (size_t i = 0; i < n; i++) {
            struct document doc;
            if (corpus_parse(parser, block, i, &doc, &err) != 0) {
                assert_string_equal(err.file, path);
                expected = check_problem(expected, &err, t->name);
                continue;
            }
            struct result r = {.n = 0};
            put_document(&r, &doc, path);
            if (memcmp(expected, r.bytes, r.n) != 0)
                fail_msg("%s: got '%.*s'", t->name, (int)r.n, r.bytes);
            expected += r.n;
        }
    }
    if (*expected != '\0')
        fail_msg("%s: missing '%s'", t->name, expected);
    corpus_parser_free(parser);
    corpus_block_free(block);
    corpus_free(corpus);
    option_clear(&corpus_option_table, &options);
    unlink(path);
}

int main(void)
{
    enum { N = sizeof cases / sizeof *cases };
    struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++)
        tests[i] =
            (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    return _cmocka_run_group_tests("corpus", tests, N, NULL, NULL);
}
