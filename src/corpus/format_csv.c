/* SPDX-License-Identifier: Apache-2.0 */
/* CSV and TSV after RFC 4180: a header names the columns; cells in double quotes may hold
 * separators, line ends and doubled quotes. An empty label cell is not annotated; one that is just
 * the label separator ("|") says that no label applies. */
#include "corpus/corpus_internal.h"

#include <string.h>

#include "base/memory.h"

static size_t csv_cut(const struct corpus_file *file, const char *bytes, size_t n, size_t searched)
{
    (void)file;
    (void)searched;
    int quoted = 0;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '"')
            quoted = !quoted;
        else if (bytes[i] == '\n' && !quoted)
            return i + 1;
    }
    return 0;
}

size_t csv_split(struct corpus_parser *p, char separator, const char *bytes, size_t n,
                 const char **what)
{
    *what = NULL;
    while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
        n--;
    size_t n_cells = 0, i = 0;
    for (;;) {
        if (memory_grow(&p->cells, &p->cells_capacity, n_cells + 1, sizeof *p->cells) != 0)
            return SIZE_MAX;
        if (i < n && bytes[i] == '"') {
            size_t end = ++i, doubled = 0;
            while (end < n && (bytes[end] != '"' || (end + 1 < n && bytes[end + 1] == '"'))) {
                doubled += bytes[end] == '"';
                end += bytes[end] == '"' ? 2 : 1;
            }
            if (end >= n) {
                *what = "a quoted cell is not closed";
                return SIZE_MAX;
            }
            p->cells[n_cells] = (struct text){bytes + i, end - i};
            if (doubled > 0) { /* room was made for the whole record, so nothing moves */
                char *to = p->repaired.bytes + p->repaired.n;
                size_t k = 0;
                for (size_t at = i; at < end; at++) {
                    to[k++] = bytes[at];
                    at += bytes[at] == '"';
                }
                p->repaired.n += k;
                p->cells[n_cells] = (struct text){to, k};
            }
            i = end + 1;
            if (i < n && bytes[i] != separator) {
                *what = "text stands behind a closing quote";
                return SIZE_MAX;
            }
        } else {
            size_t end = i;
            while (end < n && bytes[end] != separator)
                end++;
            p->cells[n_cells] = (struct text){bytes + i, end - i};
            i = end;
        }
        n_cells++;
        if (i >= n)
            return n_cells;
        i++; /* the separator */
    }
}

int corpus_set_header(struct corpus_file *file, const char *bytes, size_t n, sikap_error *err)
{
    struct corpus_parser p = {0};
    if (file->separator == '\0')
        file->separator = file->format == CORPUS_TSV ? '\t' : ',';
    const char *what;
    int status = buffer_reserve(&p.repaired, n + 1) != 0 ? error_memory(err, "corpus") : 0;
    size_t n_cells = status == 0 ? csv_split(&p, file->separator, bytes, n, &what) : 0;
    if (status == 0 && n_cells == SIZE_MAX)
        status = what == NULL ? error_memory(err, "corpus")
                              : error_set(err, SIKAP_DATA, file->name, 1, "header: %s", what);
    if (status == 0 && n_cells == 1 && memchr(bytes, ';', n) != NULL && file->separator != ';')
        status = error_set(err, SIKAP_DATA, file->name, 1,
                           "the header has one column; it looks separated by ';': read it with "
                           "--separator ';'");
    if (status == 0) {
        file->columns = memory_zero(n_cells, sizeof *file->columns);
        if (file->columns == NULL)
            status = error_memory(err, "corpus");
    }
    for (size_t i = 0; status == 0 && i < n_cells; i++) {
        struct text cell = p.cells[i];
        while (cell.n > 0 && cell.bytes[0] == ' ')
            cell.bytes++, cell.n--;
        while (cell.n > 0 && cell.bytes[cell.n - 1] == ' ')
            cell.n--;
        file->columns[i] = memory_text(cell.bytes, cell.n);
        file->n_columns = i + 1;
        if (file->columns[i] == NULL)
            status = error_memory(err, "corpus");
    }
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
