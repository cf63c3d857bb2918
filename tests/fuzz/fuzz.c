/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "text/utf8.h"

enum { N_SLOTS = 4 };

void fuzz_check(int holds, const char *what, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

unsigned fuzz_byte(struct fuzz_bytes *bytes)
{
    if (bytes->n == 0)
        return 0;
    bytes->n--;
    return *bytes->at++;
}

const char *fuzz_file(int slot, const void *bytes, size_t n)
{
    static int files[N_SLOTS] = {-1, -1, -1, -1};
    static char paths[N_SLOTS][32];
    if (files[slot] >= 0)
        close(files[slot]);
    const int fd = files[slot] = memfd_create("fuzz", 0);
    FUZZ_CHECK(fd >= 0);
    for (size_t done = 0; done < n;) {
        const ssize_t k = write(fd, (const char *)bytes + done, n - done);
        FUZZ_CHECK(k > 0);
        done += (size_t)k;
    }
    snprintf(paths[slot], sizeof paths[slot], "/proc/self/fd/%d", fd);
    return paths[slot];
}

/* ---- a corpus ---- */

static void add_text(uint64_t *hash, const struct text *text)
{
    *hash = hash_chain(*hash, text->bytes == NULL ? 1 : hash_bytes(text->bytes, text->n, 1));
    FUZZ_CHECK(text->bytes == NULL || utf8_valid(text->bytes, text->n));
}

static void add_document(struct fuzz_corpus *read, const struct corpus *corpus,
                         const struct corpus_request *request, const struct document *doc)
{
    read->n_repaired += doc->n_repaired;
    for (size_t i = 0; i < corpus_n_segments(corpus); i++)
        add_text(&read->hash, &doc->segments[i]);
    for (size_t i = 0; i < request->n_extras; i++)
        add_text(&read->hash, &doc->extras[i]);
    for (size_t f = 0; f < corpus_n_fields(corpus); f++) {
        const struct document_labels *field = &doc->fields[f];
        FUZZ_CHECK(field->first <= doc->n_labels && field->n <= doc->n_labels - field->first);
        FUZZ_CHECK(corpus_field_kind(corpus, f) == FIELD_MULTI || !field->annotated ||
                   field->n == 1);
        read->hash = hash_chain(read->hash, (uint64_t)field->annotated + 2 * field->n);
    }
    for (size_t l = 0; l < doc->n_labels; l++) {
        FUZZ_CHECK(doc->labels[l].n > 0 &&
                   memchr(doc->labels[l].bytes, '\0', doc->labels[l].n) == NULL);
        add_text(&read->hash, &doc->labels[l]);
    }
}

static void read_block(struct fuzz_corpus *read, const struct corpus *corpus,
                       const struct corpus_request *request, struct corpus_parser *parser,
                       const struct corpus_block *block, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct document doc;
        sikap_error err = {0};
        const int status = corpus_parse(parser, block, i, &doc, &err);
        FUZZ_CHECK(status == 0 || status == SIKAP_DATA);
        FUZZ_CHECK(doc.file != NULL && doc.id.bytes != NULL && doc.id.n > 0);
        read->n_records++;
        add_text(&read->hash, &doc.id);
        read->hash = hash_chain(read->hash, doc.line);
        if (status == 0) {
            add_document(read, corpus, request, &doc);
        } else {
            read->n_bad++;
            FUZZ_CHECK(err.message[0] != '\0' && err.line == doc.line);
            read->hash = hash_chain(read->hash, hash_bytes(err.message, strlen(err.message), 1));
        }
    }
}

struct fuzz_corpus fuzz_read(const char *path, const struct corpus_options *options,
                             const struct corpus_request *request, size_t target)
{
    struct fuzz_corpus read = {0};
    struct corpus *corpus;
    struct corpus_block *block;
    struct corpus_parser *parser;
    sikap_error err = {0};
    read.status = corpus_open(&corpus, &path, 1, options, request, &err);
    if (read.status != 0) {
        FUZZ_CHECK(corpus == NULL && err.message[0] != '\0');
        return read;
    }
    FUZZ_CHECK(corpus_block_new(&block, &err) == 0);
    FUZZ_CHECK(corpus_parser_new(&parser, corpus, &err) == 0);
    for (size_t n = 1; n > 0 && read.status == 0;) {
        read.status = corpus_next(corpus, block, target, &n, &err);
        if (read.status == 0)
            read_block(&read, corpus, request, parser, block, n);
    }
    FUZZ_CHECK(read.status == 0 || err.message[0] != '\0');
    size_t more = 1; /* another thread may ask again */
    FUZZ_CHECK(corpus_next(corpus, block, target, &more, NULL) == 0 && more == 0);
    corpus_parser_free(parser);
    corpus_block_free(block);
    corpus_free(corpus);
    return read;
}

/* ---- what is written ---- */

int fuzz_collect(void *buffer, const char *bytes, size_t n)
{
    buffer_bytes(buffer, bytes, n);
    return 0;
}

size_t fuzz_json_lines(const struct buffer *lines)
{
    static struct json_parser *parser;
    FUZZ_CHECK(parser != NULL || json_parser_new(&parser, NULL) == 0);
    size_t n_lines = 0;
    for (size_t at = 0; at < lines->n; n_lines++) {
        const char *end = memchr(lines->bytes + at, '\n', lines->n - at);
        FUZZ_CHECK(end != NULL);
        const size_t n = (size_t)(end - lines->bytes) - at;
        struct buffer line = {0};
        buffer_bytes(&line, lines->bytes + at, n);
        FUZZ_CHECK(buffer_reserve(&line, JSON_PADDING) == 0);
        const struct json_node *nodes;
        FUZZ_CHECK(utf8_valid(line.bytes, n));
        FUZZ_CHECK(json_parse(parser, line.bytes, n, &nodes, NULL, NULL) == 0);
        buffer_free(&line);
        at += n + 1;
    }
    return n_lines;
}
