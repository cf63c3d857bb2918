/* SPDX-License-Identifier: Apache-2.0 */
/* CSV and TSV after RFC 4180: a header names the columns; cells in double quotes may hold
 * separators, line ends and doubled quotes; in TSV, which needs no quotes, one that does not close
 * is part of the text. An empty label cell is not annotated; one that is just the label separator
 * ("|") says that no label applies. */
#include "corpus/corpus_internal.h"

#include <string.h>

#include "base/memory.h"

/* The end of the quoted cell whose text begins at `at`: behind its closing quote, or SIZE_MAX when
 * that is not in bytes[0..n), or may be doubled by a quote that follows. */
static size_t close_quote(const char *bytes, size_t n, size_t at, int at_end)
{
    for (;;) {
        const char *quote = at < n ? memchr(bytes + at, '"', n - at) : NULL;
        if (quote == NULL)
            return SIZE_MAX;
        at = (size_t)(quote - bytes) + 1;
        if (at == n)
            return at_end ? at : SIZE_MAX;
        if (bytes[at] != '"')
            return at;
        at++;
    }
}

/* A record some of whose cells are quoted. What is wrong with the quotes is wrong with one line: a
 * quote that is never closed, or has text behind it, must not swallow the records that follow. */
static size_t cut_quoted(char separator, const char *bytes, size_t n, size_t first_line, int at_end)
{
    size_t at = 0, line_end = 0;
    for (;;) {
        if (at < n && bytes[at] == '"') {
            at = close_quote(bytes, n, at + 1, at_end);
            if (at == SIZE_MAX)
                return at_end ? first_line : 0;
            if (at == n || bytes[at] == '\n')
                return at == n ? n : at + 1;
            if (bytes[at] == '\r' && at + 1 == n)
                return at_end ? n : 0;
            if (bytes[at] == '\r' && bytes[at + 1] == '\n')
                return at + 2;
            if (bytes[at] != separator)
                return first_line;
            at++;
            continue;
        }
        if (line_end <= at) {
            const char *end = at < n ? memchr(bytes + at, '\n', n - at) : NULL;
            line_end = end == NULL ? n : (size_t)(end - bytes) + 1;
        }
        const char *next = at < n ? memchr(bytes + at, separator, line_end - at) : NULL;
        if (next == NULL)
            return line_end < n || at_end || (n > 0 && bytes[n - 1] == '\n') ? line_end : 0;
        at = (size_t)(next - bytes) + 1;
    }
}

static size_t csv_cut(const struct corpus_file *file, const char *bytes, size_t n, size_t searched,
                      int at_end)
{
    (void)searched;
    const size_t line = line_cut(file, bytes, n, 0, at_end);
    if (memchr(bytes, '"', line == 0 ? n : line) == NULL)
        return line;
    return cut_quoted(file->separator, bytes, n, line, at_end);
}

/* The text of a quoted cell without the quotes that double others, copied behind p->repaired, where
 * room was made for the whole record, so that nothing moves. */
static struct text without_doubled(struct corpus_parser *p, const char *bytes, size_t n)
{
    char *const to = p->repaired.bytes + p->repaired.n;
    size_t copied = 0;
    for (size_t at = 0; at < n;) {
        const char *quote = memchr(bytes + at, '"', n - at);
        const size_t end = quote == NULL ? n : (size_t)(quote - bytes) + 1;
        memcpy(to + copied, bytes + at, end - at);
        copied += end - at;
        at = end + (quote != NULL);
    }
    p->repaired.n += copied;
    return (struct text){to, copied};
}

size_t csv_split(struct corpus_parser *p, char separator, const char *bytes, size_t n,
                 const char **what)
{
    *what = NULL;
    while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
        n--;
    size_t n_cells = 0;
    for (size_t at = 0;; at++) {
        if (memory_grow(&p->cells, &p->cells_capacity, n_cells + 1, sizeof *p->cells) != 0)
            return SIZE_MAX;
        struct text *cell = &p->cells[n_cells++];
        const int is_quoted = at < n && bytes[at] == '"';
        const size_t closed = is_quoted ? close_quote(bytes, n, at + 1, 1) : SIZE_MAX;
        if (closed != SIZE_MAX && (closed == n || bytes[closed] == separator)) {
            *cell = (struct text){bytes + at + 1, closed - at - 2};
            if (cell->n > 0 && memchr(cell->bytes, '"', cell->n) != NULL)
                *cell = without_doubled(p, cell->bytes, cell->n);
            at = closed;
        } else if (is_quoted && separator != '\t') {
            *what = closed == SIZE_MAX ? "a quoted cell is not closed"
                                       : "text stands behind a closing quote";
            return SIZE_MAX;
        } else { /* between tabs a quote that quotes nothing is a quote */
            const char *end = at < n ? memchr(bytes + at, separator, n - at) : NULL;
            *cell = (struct text){bytes + at, (end == NULL ? n : (size_t)(end - bytes)) - at};
            at += cell->n;
        }
        if (at >= n)
            return n_cells;
    }
}

static int set_columns(struct corpus_file *file, const struct text *cells, size_t n,
                       sikap_error *err)
{
    file->columns = memory_zero(n, sizeof *file->columns);
    if (file->columns == NULL)
        return error_memory(err, "corpus");
    for (size_t i = 0; i < n; i++) {
        struct text cell = cells[i];
        while (cell.n > 0 && cell.bytes[0] == ' ')
            cell.bytes++, cell.n--;
        while (cell.n > 0 && cell.bytes[cell.n - 1] == ' ')
            cell.n--;
        file->columns[i] = memory_text(cell.bytes, cell.n);
        file->n_columns = i + 1;
        if (file->columns[i] == NULL)
            return error_memory(err, "corpus");
    }
    return 0;
}

static int is_among(const char *name, char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, names[i]) == 0)
            return 1;
    return 0;
}

/* Whether a column of that name is read. */
static int is_wanted(const struct corpus *c, const char *name)
{
    int wanted = strcmp(name, c->options.id_key) == 0 ||
                 is_among(name, c->segments, c->n_segments) ||
                 is_among(name, c->extras, c->n_extras);
    for (size_t f = 0; f < c->n_fields; f++)
        wanted |= strcmp(name, c->fields[f].name) == 0;
    return wanted || (c->wants_labels && c->n_fields == 0 &&
                      (strcmp(name, "label") == 0 || strcmp(name, "labels") == 0));
}

/* Of two columns of one name nobody knows which is meant. */
static int check_twice(const struct corpus *c, const struct corpus_file *file, sikap_error *err)
{
    for (size_t i = 1; i < file->n_columns; i++)
        if (is_wanted(c, file->columns[i]) && is_among(file->columns[i], file->columns, i))
            return error_set(err, SIKAP_DATA, file->name, 1,
                             "header: two columns are called '%.100s'", file->columns[i]);
    return 0;
}

/* Without a column of text every row would be bad: said once, with what there is. */
static int check_columns(const struct corpus *c, const struct corpus_file *file, sikap_error *err)
{
    enum { MAX_SHOWN = 300 };
    for (size_t i = 0; i < file->n_columns; i++)
        if (is_among(file->columns[i], c->segments, c->n_segments))
            return 0;
    if (!c->wants_text || c->n_segments == 0)
        return 0;
    struct buffer list = {0};
    for (size_t i = 0; i < file->n_columns && list.n < MAX_SHOWN; i++)
        buffer_format(&list, "%s%.100s", i > 0 ? ", " : "", file->columns[i]);
    buffer_byte(&list, '\0');
    const int status = list.failed ? error_memory(err, "corpus")
                                   : error_set(err, SIKAP_DATA, file->name, 1,
                                               "no column '%.100s': name the text with --segments; "
                                               "columns: %s",
                                               c->segments[c->n_segments - 1], list.bytes);
    buffer_free(&list);
    return status;
}

int corpus_set_header(const struct corpus *c, struct corpus_file *file, const char *bytes, size_t n,
                      sikap_error *err)
{
    struct corpus_parser p = {0};
    const char *what;
    size_t n_cells = 0;
    int status = buffer_reserve(&p.repaired, n + 1) != 0 ? error_memory(err, "corpus") : 0;
    if (status == 0) {
        n_cells = csv_split(&p, file->separator, bytes, n, &what);
        if (n_cells == SIZE_MAX)
            status = what == NULL ? error_memory(err, "corpus")
                                  : error_set(err, SIKAP_DATA, file->name, 1, "header: %s", what);
    }
    if (status == 0 && n_cells == 1 && memchr(bytes, ';', n) != NULL && file->separator != ';')
        status = error_set(err, SIKAP_DATA, file->name, 1,
                           "the header has one column; it looks separated by ';': read it with "
                           "--separator ';'");
    if (status == 0)
        status = set_columns(file, p.cells, n_cells, err);
    if (status == 0)
        status = check_twice(c, file, err);
    if (status == 0)
        status = check_columns(c, file, err);
    buffer_free(&p.repaired);
    memory_free(p.cells);
    return status;
}

static int take_cell(struct corpus_parser *p, const char *column, struct text cell,
                     struct document *doc)
{
    const struct corpus *c = p->corpus;
    if (strcmp(column, c->options.id_key) == 0)
        doc->id = cell;
    for (size_t i = 0; i < c->n_segments; i++)
        if (strcmp(column, c->segments[i]) == 0)
            doc->segments[i] = cell;
    for (size_t i = 0; i < c->n_extras; i++)
        if (strcmp(column, c->extras[i]) == 0 && cell.n > 0)
            doc->extras[i] = cell;
    for (size_t f = 0; f < c->n_fields; f++) {
        if (strcmp(column, c->fields[f].name) != 0 || cell.n == 0)
            continue;
        doc->fields[f] = (struct document_labels){1, doc->n_labels, 0};
        const int multi = c->fields[f].kind == FIELD_MULTI;
        for (size_t begin = 0; begin <= cell.n;) {
            const char *bar = multi && begin < cell.n
                                  ? memchr(cell.bytes + begin, c->label_separator, cell.n - begin)
                                  : NULL;
            const size_t end = bar == NULL ? cell.n : (size_t)(bar - cell.bytes);
            if (parser_add_label(p, doc, f, cell.bytes + begin, end - begin) != 0)
                return -1;
            begin = end + 1;
        }
    }
    return 0;
}

static int csv_parse(struct corpus_parser *p, const struct corpus_file *file, const char *bytes,
                     size_t n, struct document *doc, sikap_error *err)
{
    if (doc->n_repaired == 0 && buffer_reserve(&p->repaired, n + 1) != 0)
        return error_memory(err, "corpus");
    if (doc->n_repaired > 0) { /* `bytes` lies in that buffer: keep it where it is */
        const size_t at = (size_t)(bytes - p->repaired.bytes);
        if (buffer_reserve(&p->repaired, n + 1) != 0)
            return error_memory(err, "corpus");
        bytes = p->repaired.bytes + at;
    }
    const char *what;
    const size_t n_cells = csv_split(p, file->separator, bytes, n, &what);
    if (n_cells == SIZE_MAX)
        return what == NULL ? error_memory(err, "corpus")
                            : error_set(err, SIKAP_DATA, NULL, 0, "%s", what);
    for (size_t i = 0; i < n_cells && i < file->n_columns; i++)
        if (take_cell(p, file->columns[i], p->cells[i], doc) != 0)
            return error_memory(err, "corpus");
    if (n_cells != file->n_columns)
        return error_set(err, SIKAP_DATA, NULL, 0, "%zu columns, expected %zu", n_cells,
                         file->n_columns);
    return 0;
}

const struct format format_csv = {"csv", csv_cut, csv_parse};
const struct format format_tsv = {"tsv", csv_cut, csv_parse};
