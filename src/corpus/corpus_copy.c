/* SPDX-License-Identifier: Apache-2.0 */
/* A copy keeps the bytes of the records as they are read: not a key, not a blank of a document that
 * stays is changed. The header of CSV and TSV is written anew from its names, once. */
#include <string.h>

#include "base/memory.h"
#include "corpus/corpus_internal.h"

static void put_header(struct buffer *out, const struct corpus_file *file)
{
    for (size_t i = 0; i < file->n_columns; i++) {
        if (i > 0)
            buffer_byte(out, file->separator);
        buffer_byte(out, '"');
        for (const char *at = file->columns[i]; *at != '\0'; at++) {
            if (*at == '"')
                buffer_byte(out, '"');
            buffer_byte(out, *at);
        }
        buffer_byte(out, '"');
    }
    buffer_byte(out, '\n');
}

/* Files whose records may stand one behind the other in one file. */
static int same_shape(const struct corpus_file *a, const struct corpus_file *b)
{
    if (a->format != b->format || a->separator != b->separator || a->n_columns != b->n_columns)
        return 0;
    for (size_t i = 0; i < a->n_columns; i++)
        if (strcmp(a->columns[i], b->columns[i]) != 0)
            return 0;
    return 1;
}

static int check_file(const struct corpus_file *file, const struct corpus_file *first,
                      sikap_error *err)
{
    if (file->format == CORPUS_TEXT || file->format == CORPUS_DIR)
        return error_set(err, SIKAP_USAGE, file->name, 0,
                         "a file that is one document cannot be copied as a record");
    if (!same_shape(file, first))
        return error_set(err, SIKAP_USAGE, file->name, 0,
                         "not of the format (and columns) of %.200s: copy them one by one",
                         first->name);
    return 0;
}

struct copy {
    struct corpus *corpus;
    struct corpus_block *block;
    const struct corpus_file *first;
    size_t n_seen;
    struct buffer out; /* of the block at hand */
};

static int copy_block(struct copy *c, size_t n, corpus_keeps *keeps, const void *context,
                      sikap_error *err)
{
    buffer_clear(&c->out);
    for (size_t i = 0; i < n; i++) {
        const struct corpus_record *r = &c->block->records[i];
        const struct corpus_file *file = c->corpus->files[r->file];
        if (c->first == NULL) {
            c->first = file;
            if (file->n_columns > 0)
                put_header(&c->out, file);
        }
        const int status = check_file(file, c->first, err);
        if (status != 0)
            return status;
        if (!keeps(context, c->n_seen++))
            continue;
        const char *bytes = c->block->bytes.bytes + r->begin;
        buffer_bytes(&c->out, bytes, r->n);
        if (r->n > 0 && bytes[r->n - 1] != '\n')
            buffer_byte(&c->out, '\n');
    }
    return c->out.failed ? error_memory(err, "copy") : 0;
}

int corpus_copy(const char *const *paths, size_t n_paths, const struct corpus_options *options,
                corpus_keeps *keeps, const void *keeps_context, sikap_write *write, void *context,
                size_t *n_seen, sikap_error *err)
{
    enum { BLOCK_BYTES = 4 << 20 };
    const struct corpus_request request = {.wants_labels = 0};
    struct copy c = {.first = NULL};
    int status = corpus_open(&c.corpus, paths, n_paths, options, &request, err);
    if (status == 0)
        status = corpus_block_new(&c.block, err);
    for (size_t n = 1; status == 0 && n > 0;) {
        status = corpus_next(c.corpus, c.block, BLOCK_BYTES, &n, err);
        if (status == 0 && n > 0)
            status = copy_block(&c, n, keeps, keeps_context, err);
        if (status == 0 && n > 0 && c.out.n > 0 && write(context, c.out.bytes, c.out.n) != 0)
            status = error_errno(err, NULL, "write the copy");
    }
    *n_seen = c.n_seen;
    buffer_free(&c.out);
    corpus_block_free(c.block);
    corpus_free(c.corpus);
    return status;
}
