/* SPDX-License-Identifier: Apache-2.0 */
/* Plain text: one document per file (text, dir) or per line (lines), and fastText's lines, which
 * begin with __label__x words. The text goes to the segment `text`, else to the last one. */
#include "corpus/corpus_internal.h"

#include <string.h>

#include "base/memory.h"

static void set_text(struct corpus_parser *p, struct document *doc, const char *bytes, size_t n)
{
    const struct corpus *c = p->corpus;
    if (c->n_segments == 0)
        return;
    size_t at = c->n_segments - 1;
    for (size_t i = 0; i < c->n_segments; i++)
        if (strcmp(c->segments[i], "text") == 0)
            at = i;
    doc->segments[at] = (struct text){bytes, n};
}

static size_t whole_cut(const struct corpus_file *file, const char *bytes, size_t n,
                        size_t searched, int at_end)
{
    (void)file;
    (void)bytes;
    (void)searched;
    return at_end ? n : 0;
}

static int text_parse(struct corpus_parser *p, const struct corpus_file *file, const char *bytes,
                      size_t n, struct document *doc, sikap_error *err)
{
    set_text(p, doc, bytes, n);
    if (file->label != NULL && p->corpus->n_fields > 0) {
        doc->fields[0].annotated = 1;
        if (parser_add_label(p, doc, 0, file->label, strlen(file->label)) != 0)
            return error_memory(err, "corpus");
    }
    return 0;
}

static size_t trim_line(const char *bytes, size_t n)
{
    while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
        n--;
    return n;
}

static int lines_parse(struct corpus_parser *p, const struct corpus_file *file, const char *bytes,
                       size_t n, struct document *doc, sikap_error *err)
{
    (void)file;
    (void)err;
    set_text(p, doc, bytes, trim_line(bytes, n));
    return 0;
}

static int fasttext_parse(struct corpus_parser *p, const struct corpus_file *file,
                          const char *bytes, size_t n, struct document *doc, sikap_error *err)
{
    static const char prefix[] = "__label__";
    (void)file;
    n = trim_line(bytes, n);
    size_t at = 0;
    for (size_t f = 0; f < p->corpus->n_fields; f++)
        doc->fields[f].annotated = f == 0;
    while (n - at >= sizeof prefix - 1 && memcmp(bytes + at, prefix, sizeof prefix - 1) == 0) {
        const size_t begin = at + sizeof prefix - 1;
        size_t end = begin;
        while (end < n && bytes[end] != ' ' && bytes[end] != '\t')
            end++;
        if (p->corpus->n_fields > 0 && parser_add_label(p, doc, 0, bytes + begin, end - begin) != 0)
            return error_memory(err, "corpus");
        at = end;
        while (at < n && (bytes[at] == ' ' || bytes[at] == '\t'))
            at++;
    }
    set_text(p, doc, bytes + at, n - at);
    return 0;
}

const struct format format_text = {"text", whole_cut, text_parse};
const struct format format_lines = {"lines", line_cut, lines_parse};
const struct format format_fasttext = {"fasttext", line_cut, fasttext_parse};
