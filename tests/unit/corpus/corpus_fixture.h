/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TESTS_CORPUS_FIXTURE_H
#define SIKAP_TESTS_CORPUS_FIXTURE_H

/* Tables of inputs for the readers. `expected` has one line for every record that must come out, in
 * order: "ID|SEGMENT|…|LABELS…" ("-": not annotated, F: the file's name, "~N" behind it: N broken
 * sequences were repaired), "!LINE PART" for a problem whose message has PART, "!!CODE LINE PART"
 * for what ends the corpus. Every case is read record by record and in one block, and the number of
 * records is the number of lines: nothing is dropped. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "corpus/corpus.h"

struct corpus_case {
    const char *name;
    const char *options; /* "input=csv field=l:multi", separated by spaces */
    const char *bytes;
    size_t n; /* 0: strlen */
    const char *expected;
};

/* The bytes and their number, for those that hold a NUL. */
#define WITH_NUL(text) text, sizeof text - 1

static void set_options(struct corpus_options *options, const char *text)
{
    sikap_error err = {0};
    assert_int_equal(option_defaults(&corpus_option_table, options, &err), 0);
    while (*text != '\0') {
        char pair[128];
        const size_t n = strcspn(text, " ");
        assert_true(n < sizeof pair);
        memcpy(pair, text, n);
        pair[n] = '\0';
        char *value = strchr(pair, '=');
        assert_non_null(value);
        *value++ = '\0';
        if (option_set(&corpus_option_table, options, pair, value, &err) != 0)
            fail_msg("--%s=%s: %s", pair, value, err.message);
        text += n + (text[n] == ' ');
    }
}

/* The file's own name is shown as F. */
static void show(struct buffer *out, const char *bytes, size_t n, const char *path)
{
    const size_t m = strlen(path);
    if (n >= m && m > 0 && memcmp(bytes, path, m) == 0) {
        buffer_byte(out, 'F');
        bytes += m;
        n -= m;
    }
    buffer_bytes(out, bytes, n);
}

static void show_document(struct buffer *out, const struct corpus *corpus,
                          const struct document *doc, const char *path)
{
    show(out, doc->id.bytes, doc->id.n, path);
    for (size_t i = 0; i < corpus_n_segments(corpus); i++) {
        buffer_byte(out, '|');
        if (doc->segments[i].bytes == NULL)
            buffer_byte(out, '-');
        buffer_bytes(out, doc->segments[i].bytes, doc->segments[i].n);
    }
    for (size_t f = 0; f < corpus_n_fields(corpus); f++) {
        buffer_text(out, doc->fields[f].annotated ? "|" : "|-");
        for (size_t i = 0; i < doc->fields[f].n; i++) {
            const struct text *label = &doc->labels[doc->fields[f].first + i];
            buffer_text(out, i > 0 ? "," : "");
            buffer_bytes(out, label->bytes, label->n);
        }
    }
    if (doc->n_repaired > 0)
        buffer_format(out, "~%zu", doc->n_repaired);
    buffer_byte(out, '\n');
}

/* A problem is shown as it is expected when it is: line and a part of the message. */
static void show_problem(struct buffer *out, int status, const sikap_error *problem, int is_fatal,
                         const char *expected)
{
    char head[64];
    if (is_fatal)
        snprintf(head, sizeof head, "!!%d %zu ", status, problem->line);
    else
        snprintf(head, sizeof head, "!%zu ", problem->line);
    const size_t n = strlen(head);
    if (strncmp(expected, head, n) == 0) {
        char part[200];
        snprintf(part, sizeof part, "%.*s", (int)strcspn(expected + n, "\n"), expected + n);
        if (strstr(problem->message, part) != NULL) {
            buffer_format(out, "%s%s\n", head, part);
            return;
        }
    }
    buffer_format(out, "%s%s\n", head, problem->message);
}

static const char *rest_of(const char *expected, const struct buffer *out)
{
    size_t lines = 0;
    for (size_t i = 0; i < out->n; i++)
        lines += out->bytes[i] == '\n';
    /* Cells may hold line ends: where the texts are the same so far, so is the place. */
    if (out->n <= strlen(expected) && (out->n == 0 || memcmp(expected, out->bytes, out->n) == 0))
        return expected + out->n;
    for (; lines > 0 && *expected != '\0'; lines--)
        expected += strcspn(expected, "\n") + (expected[strcspn(expected, "\n")] == '\n');
    return expected;
}

/* Reads `paths` to the end and shows what came of it. */
static void read_corpus(struct buffer *out, const char *const *paths, size_t n_paths,
                        const struct corpus_options *options, const struct corpus_request *request,
                        size_t target, const char *expected)
{
    struct corpus *corpus;
    struct corpus_block *block;
    struct corpus_parser *parser;
    sikap_error err = {0};
    int status = corpus_open(&corpus, paths, n_paths, options, request, &err);
    if (status != 0) {
        assert_null(corpus);
        show_problem(out, status, &err, 1, rest_of(expected, out));
        return;
    }
    assert_int_equal(corpus_block_new(&block, &err), 0);
    assert_int_equal(corpus_parser_new(&parser, corpus, &err), 0);
    for (size_t n = 1; n > 0 && status == 0;) {
        status = corpus_next(corpus, block, target, &n, &err);
        if (status != 0) {
            size_t more = 1; /* another thread may ask again */
            assert_int_equal(corpus_next(corpus, block, target, &more, NULL), 0);
            assert_int_equal(more, 0);
            show_problem(out, status, &err, 1, rest_of(expected, out));
        }
        for (size_t i = 0; i < n && status == 0; i++) {
            struct document doc;
            const int code = corpus_parse(parser, block, i, &doc, &err);
            if (code == 0) {
                show_document(out, corpus, &doc, paths[0]);
                continue;
            }
            assert_int_equal(code, SIKAP_DATA);
            assert_string_equal(err.file, doc.file);
            assert_true(doc.id.n > 0);
            show_problem(out, code, &err, 0, rest_of(expected, out));
        }
    }
    corpus_parser_free(parser);
    corpus_block_free(block);
    corpus_free(corpus);
}

static void write_bytes(const char *path, const char *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* One case of a table whose segments are `text` alone, or what the request says. */
static void run_case(const struct corpus_case *t, const struct corpus_request *request)
{
    char path[] = "/tmp/sikap-corpus-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_bytes(path, t->bytes, t->n > 0 ? t->n : strlen(t->bytes));
    const char *const paths[] = {path};
    struct corpus_options options;
    set_options(&options, t->options);
    for (size_t target = 1; target <= 1 << 20; target <<= 20) {
        struct buffer out = {0};
        read_corpus(&out, paths, 1, &options, request, target, t->expected);
        buffer_byte(&out, '\0');
        /* A NUL in the text ends the comparison of C strings; the table says so with \0 in `n`. */
        if (strcmp(out.bytes, t->expected) != 0)
            fail_msg("%s (blocks of %zu):\n%s", t->name, target, out.bytes);
        buffer_free(&out);
    }
    option_clear(&corpus_option_table, &options);
    unlink(path);
}

static inline void test_case(void **state)
{
    static const char *const segments[] = {"text"};
    const struct corpus_request request = {
        .wants_labels = 1, .wants_text = 1, .segments = segments, .n_segments = 1};
    run_case(*state, &request);
}

/* cmocka's list of one test per row. */
static inline int run_table(const char *group, const struct corpus_case *cases, size_t n)
{
    struct CMUnitTest *tests = calloc(n, sizeof *tests);
    if (tests == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        tests[i] =
            (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    const int failed = _cmocka_run_group_tests(group, tests, n, NULL, NULL);
    free(tests);
    return failed;
}

#endif
