/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a corpus and cutting its byte stream into blocks of whole records. */
#include "corpus/corpus_internal.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/memory.h"

enum { READ_SIZE = 1 << 18 };

const struct format *const corpus_formats[] = {
    [CORPUS_AUTO] = NULL,         [CORPUS_JSONL] = &format_jsonl,
    [CORPUS_CSV] = &format_csv,   [CORPUS_TSV] = &format_tsv,
    [CORPUS_TEXT] = &format_text, [CORPUS_LINES] = &format_lines,
    [CORPUS_DIR] = &format_text,  [CORPUS_FASTTEXT] = &format_fasttext,
};

size_t line_cut(const struct corpus_file *file, const char *bytes, size_t n, size_t searched,
                int at_end)
{
    (void)file;
    const char *end = memchr(bytes + searched, '\n', n - searched);
    return end != NULL ? (size_t)(end - bytes) + 1 : at_end ? n : 0;
}

/* ---- copies of what the caller asked for ---- */

static char **copy_texts(const char *const *from, size_t n)
{
    char **to = memory_zero(n, sizeof *to);
    for (size_t i = 0; to != NULL && i < n; i++) {
        to[i] = memory_string(from[i]);
        if (to[i] == NULL) {
            memory_free_texts(to, n);
            to = NULL;
        }
    }
    return to;
}

static int add_field(struct corpus *c, const char *name, size_t n, enum field_kind kind)
{
    c->fields[c->n_fields] = (struct corpus_field){memory_text(name, n), kind};
    return c->fields[c->n_fields++].name == NULL ? -1 : 0;
}

static int set_fields(struct corpus *c, const struct corpus_request *r, sikap_error *err)
{
    const struct option_list *given = &c->options.fields;
    c->fields = memory_zero(r->n_fields + given->n + 2, sizeof *c->fields);
    if (c->fields == NULL)
        return error_memory(err, "fields");
    int failed = 0;
    for (size_t i = 0; i < r->n_fields; i++)
        failed |= add_field(c, r->fields[i], strlen(r->fields[i]), r->kinds[i]);
    for (size_t i = 0; r->n_fields == 0 && i < given->n; i++) {
        const char *name = given->items[i], *colon = strrchr(name, ':');
        enum field_kind kind = FIELD_AUTO;
        size_t n = strlen(name);
        if (colon != NULL && strcmp(colon, ":multi") == 0)
            kind = FIELD_MULTI;
        else if (colon != NULL && strcmp(colon, ":single") == 0)
            kind = FIELD_SINGLE;
        if (kind != FIELD_AUTO)
            n = (size_t)(colon - name);
        if (n == 0 || (colon != NULL && kind == FIELD_AUTO))
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "--field: '%s' is not NAME, NAME:multi or NAME:single", name);
        failed |= add_field(c, name, n, kind);
    }
    return failed ? error_memory(err, "fields") : 0;
}

static int set_separators(struct corpus *c, sikap_error *err)
{
    const char *separator = c->options.separator, *labels = c->options.label_separator;
    if (separator != NULL && strcmp(separator, "\\t") == 0)
        separator = "\t";
    if (separator != NULL && (strlen(separator) != 1 || strchr("\"\r\n", *separator) != NULL))
        return error_set(err, SIKAP_USAGE, NULL, 0, "--separator: '%s' is not one character",
                         separator);
    if (labels == NULL || strlen(labels) != 1)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--label-separator is not one character");
    c->separator = separator == NULL ? '\0' : *separator;
    c->label_separator = *labels;
    if (c->options.encoding == NULL)
        return 0;
    c->iconv = iconv_open("UTF-8", c->options.encoding);
    if (c->iconv == (void *)-1) {
        c->iconv = NULL;
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--encoding: '%s' is not known (iconv -l lists)", c->options.encoding);
    }
    return 0;
}

int corpus_open(struct corpus **out, const char *const *paths, size_t n_paths,
                const struct corpus_options *options, const struct corpus_request *request,
                sikap_error *err)
{
    static const char *const standard_input[] = {"-"};
    *out = NULL;
    struct corpus *c = memory_zero(1, sizeof *c);
    if (c == NULL)
        return error_memory(err, "corpus");
    c->options = *options;
    c->wants_labels = request->wants_labels;
    c->wants_text = request->wants_text;
    c->wants_scores = request->wants_scores;
    c->segments = copy_texts(request->segments, request->n_segments);
    c->n_segments = request->n_segments;
    c->extras = copy_texts(request->extras, request->n_extras);
    c->n_extras = request->n_extras;
    int status = c->segments == NULL || c->extras == NULL ? error_memory(err, "corpus") : 0;
    if (status == 0 && c->wants_labels)
        status = set_fields(c, request, err);
    if (status == 0)
        status = set_separators(c, err);
    if (n_paths == 0) {
        paths = standard_input;
        n_paths = 1;
    }
    c->first_unlabelled = SIZE_MAX;
    for (size_t i = 0; i < n_paths && status == 0; i++) {
        if (request->n_unlabelled > 0 && i == n_paths - request->n_unlabelled)
            c->first_unlabelled = c->n_files;
        status = corpus_add_path(c, paths[i], err);
    }
    if (status == 0 && c->n_files == 0)
        status = error_set(err, SIKAP_DATA, paths[0], 0, "no .txt files in the directory");
    if (status == 0 && c->wants_labels)
        status = corpus_discover(c, err);
    if (status != 0) {
        corpus_free(c);
        return status;
    }
    *out = c;
    return 0;
}

void corpus_free(struct corpus *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->n_fields; i++)
        memory_free(c->fields[i].name);
    memory_free(c->fields);
    memory_free_texts(c->segments, c->n_segments);
    memory_free_texts(c->extras, c->n_extras);
    for (size_t i = 0; i < c->n_files; i++) {
        struct corpus_file *f = c->files[i];
        memory_free_texts(f->columns, f->n_columns);
        memory_free(f->path);
        memory_free(f->name);
        memory_free(f->id);
        memory_free(f->label);
        memory_free(f);
    }
    memory_free(c->files);
    input_free(c->input);
    buffer_free(&c->carry);
    buffer_free(&c->decoded);
    if (c->iconv != NULL)
        iconv_close(c->iconv);
    corpus_block_free(c->head);
    memory_free(c);
}

size_t corpus_n_fields(const struct corpus *c)
{
    return c->n_fields;
}

const char *corpus_field(const struct corpus *c, size_t field)
{
    return c->fields[field].name;
}

enum field_kind corpus_field_kind(const struct corpus *c, size_t field)
{
    return c->fields[field].kind;
}

size_t corpus_n_segments(const struct corpus *c)
{
    return c->n_segments;
}

const char *corpus_segment(const struct corpus *c, size_t segment)
{
    return c->segments[segment];
}

int corpus_block_new(struct corpus_block **out, sikap_error *err)
{
    *out = memory_zero(1, sizeof **out);
    return *out == NULL ? error_memory(err, "corpus") : 0;
}

void corpus_block_free(struct corpus_block *b)
{
    if (b == NULL)
        return;
    buffer_free(&b->bytes);
    memory_free(b->records);
    memory_free(b);
}

/* ---- cutting ---- */

/* Converts what was just read with --encoding; a sequence that is cut stays in `decoded`. Bytes
 * that the encoding does not have become one that UTF-8 does not have either: repaired and counted
 * with the record they are in. */
static int read_decoded(struct corpus *c, sikap_error *err)
{
    size_t got;
    if (buffer_reserve(&c->decoded, READ_SIZE) != 0)
        return error_memory(err, "corpus");
    int status = input_read(c->input, c->decoded.bytes + c->decoded.n, READ_SIZE, &got, err);
    if (status != 0)
        return status;
    c->decoded.n += got;
    c->at_end = got == 0;
    char *from = c->decoded.bytes;
    size_t left = c->decoded.n;
    while (left > 0) {
        if (buffer_reserve(&c->carry, left * 2 + 64) != 0)
            return error_memory(err, "corpus");
        char *to = c->carry.bytes + c->carry.n;
        size_t room = c->carry.capacity - c->carry.n;
        const size_t code = iconv(c->iconv, &from, &left, &to, &room);
        c->carry.n = (size_t)(to - c->carry.bytes);
        if (code != (size_t)-1 || errno == E2BIG)
            continue;
        if (errno == EINVAL && !c->at_end)
            break;
        buffer_byte(&c->carry, '\xFF');
        from++;
        left--;
    }
    memmove(c->decoded.bytes, from, left);
    c->decoded.n = left;
    return c->carry.failed ? error_memory(err, "corpus") : 0;
}

static int read_piece(struct corpus *c, sikap_error *err)
{
    if (c->iconv != NULL)
        return read_decoded(c, err);
    if (buffer_reserve(&c->carry, READ_SIZE + JSON_PADDING) != 0)
        return error_memory(err, "corpus");
    size_t got;
    const int status = input_read(c->input, c->carry.bytes + c->carry.n, READ_SIZE, &got, err);
    c->carry.n += got;
    c->at_end = status == 0 && got == 0;
    return status;
}

/* Reads more behind the part of a record that is left. A long part at least doubles, since the end
 * of a record may be looked for from its beginning again: the cost stays linear. */
static int read_more(struct corpus *c, sikap_error *err)
{
    const size_t left = c->carry.n - c->carry_at;
    if (c->carry_at > 0 && left > 0)
        memmove(c->carry.bytes, c->carry.bytes + c->carry_at, left);
    c->carry.n = left;
    c->carry_at = 0;
    const size_t wanted = left > READ_SIZE && left <= c->options.max_line ? left : 1;
    int status = 0;
    do
        status = read_piece(c, err);
    while (status == 0 && !c->at_end && c->carry.n - left < wanted &&
           c->carry.n <= c->options.max_line);
    return status;
}

static int open_next_file(struct corpus *c, sikap_error *err)
{
    struct corpus_file *file = c->files[c->at_file];
    if (buffer_reserve(&c->carry, READ_SIZE + JSON_PADDING) != 0)
        return error_memory(err, "corpus");
    int status = input_open(&c->input, file->path, err);
    buffer_clear(&c->carry);
    buffer_clear(&c->decoded);
    if (c->iconv != NULL)
        iconv(c->iconv, NULL, NULL, NULL, NULL); /* every file may begin with its own BOM */
    c->carry_at = 0;
    c->at_end = 0;
    c->line = 1;
    c->searched = 0;
    c->skipping = 0;
    while (status == 0 && !c->at_end && c->carry.n < 4)
        status = read_more(c, err);
    if (status == 0 && c->carry.n >= 3 && memcmp(c->carry.bytes, "\xEF\xBB\xBF", 3) == 0)
        c->carry_at = 3;
    if (status == 0)
        status = corpus_tell_format(c, file, err);
    file->separator = c->separator != '\0' ? c->separator : file->format == CORPUS_TSV ? '\t' : ',';
    return status;
}

static int add_record(struct corpus *c, struct corpus_block *b, const char *bytes, size_t n,
                      int too_long)
{
    if (memory_grow(&b->records, &b->capacity, b->n + 1, sizeof *b->records) != 0)
        return -1;
    b->records[b->n++] = (struct corpus_record){b->bytes.n, n, c->at_file, c->line, too_long};
    buffer_bytes(&b->bytes, bytes, n);
    return b->bytes.failed ? -1 : 0;
}

static size_t count_lines(const char *bytes, size_t n)
{
    size_t lines = 0;
    for (const char *at = bytes, *end = bytes + n; at < end; lines++) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (at == NULL)
            break;
        at++;
    }
    return lines;
}

static int is_blank(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r' && bytes[i] != '\n')
            return 0;
    return 1;
}

/* One whole record of n bytes: into the block, unless it is the header or an empty line. */
static int take_record(struct corpus *c, struct corpus_block *b, const char *bytes, size_t n,
                       sikap_error *err)
{
    struct corpus_file *file = c->files[c->at_file];
    const int is_table = file->format == CORPUS_CSV || file->format == CORPUS_TSV;
    int status = 0;
    if (c->skipping) {
        c->skipping = 0;
    } else if (n > c->options.max_line) {
        if (add_record(c, b, bytes, 0, 1) != 0)
            status = error_memory(err, "corpus");
    } else if (is_table && file->columns == NULL && !is_blank(bytes, n)) {
        status = corpus_set_header(c, file, bytes, n, err);
    } else if (file->format == CORPUS_TEXT || file->format == CORPUS_DIR ||
               file->format == CORPUS_LINES || !is_blank(bytes, n)) {
        if (add_record(c, b, bytes, n, 0) != 0)
            status = error_memory(err, "corpus");
    }
    c->line += count_lines(bytes, n);
    return status;
}

/* A record that outgrows the limit is reported once, and its bytes are forgotten as they come. */
static int forget_carry(struct corpus *c, struct corpus_block *b, sikap_error *err)
{
    const char *bytes = c->carry.bytes + c->carry_at;
    const size_t n = c->carry.n - c->carry_at;
    if (!c->skipping && add_record(c, b, bytes, 0, 1) != 0)
        return error_memory(err, "corpus");
    c->skipping = 1;
    c->line += count_lines(bytes, n);
    c->carry_at = c->carry.n;
    c->searched = 0;
    return 0;
}

/* Cuts records off the carry until the block is full or the next record's end is not there yet. */
static int cut_carry(struct corpus *c, struct corpus_block *b, size_t target, sikap_error *err)
{
    const struct corpus_file *file = c->files[c->at_file];
    const struct format *format = corpus_formats[file->format];
    while (c->carry_at < c->carry.n && b->bytes.n < target) {
        const char *bytes = c->carry.bytes + c->carry_at;
        const size_t left = c->carry.n - c->carry_at;
        size_t n = format->cut(file, bytes, left, c->searched, c->at_end);
        if (n == 0 && left <= c->options.max_line) {
            c->searched = left;
            return 0;
        }
        if (n == 0) { /* too long; but with a quote that is never closed, one line is a record */
            n = format->cut(file, bytes, left, c->searched, 1);
            if (n == left)
                return forget_carry(c, b, err);
        }
        const int status = take_record(c, b, bytes, n, err);
        if (status != 0)
            return status;
        c->carry_at += n;
        c->searched = 0;
    }
    return 0;
}

static int fill_block(struct corpus *c, struct corpus_block *b, size_t target, sikap_error *err)
{
    int status = 0;
    while (status == 0 && b->bytes.n < target && c->at_file < c->n_files) {
        if (c->input == NULL) {
            status = open_next_file(c, err);
            if (status == 0 && c->carry.n == c->carry_at && c->at_end &&
                (c->files[c->at_file]->format == CORPUS_TEXT ||
                 c->files[c->at_file]->format == CORPUS_DIR))
                status = take_record(c, b, "", 0, err); /* an empty file is an empty document */
        } else if (!c->at_end && c->searched == c->carry.n - c->carry_at) {
            status = read_more(c, err); /* no record ends in what is there */
        }
        if (status == 0)
            status = cut_carry(c, b, target, err);
        if (status == 0 && c->at_end && c->carry_at == c->carry.n) {
            input_free(c->input);
            c->input = NULL;
            c->at_file++;
        }
    }
    return status;
}

int corpus_next(struct corpus *c, struct corpus_block *block, size_t target_bytes,
                size_t *n_records, sikap_error *err)
{
    *n_records = 0;
    if (c->head != NULL) { /* what discovery looked at comes first */
        struct corpus_block old = *block;
        *block = *c->head;
        *c->head = old;
        corpus_block_free(c->head);
        c->head = NULL;
        *n_records = block->n;
        if (block->n > 0)
            return 0;
    }
    block->n = 0;
    buffer_clear(&block->bytes);
    if (buffer_reserve(&block->bytes, target_bytes + READ_SIZE + JSON_PADDING) != 0)
        return error_memory(err, "corpus");
    int status = 0;
    do
        status = fill_block(c, block, target_bytes, err);
    while (status == 0 && block->n == 0 && c->at_file < c->n_files);
    if (status == 0 && buffer_reserve(&block->bytes, JSON_PADDING) != 0)
        status = error_memory(err, "corpus");
    if (status == 0) {
        memset(block->bytes.bytes + block->bytes.n, 0, JSON_PADDING);
    } else { /* other threads still ask for blocks: there are none behind what ended the corpus */
        input_free(c->input);
        c->input = NULL;
        c->at_file = c->n_files;
    }
    *n_records = status == 0 ? block->n : 0;
    return status;
}
