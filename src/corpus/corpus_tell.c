/* SPDX-License-Identifier: Apache-2.0 */
/* What the first bytes of a file say: its format, where none was named, and what cannot be read as
 * the format that was. Such a file is refused with what to do about it; read as a text, it would be
 * labelled without a word. */
#include "corpus/corpus_internal.h"

#include <string.h>

static int refuse(const struct corpus_file *file, const char *what, sikap_error *err)
{
    return error_set(err, SIKAP_DATA, file->name, 1, "%s", what);
}

/* What is no text, by the four bytes that it begins with; of bzip2 the fourth is a digit. */
static const char *looks_binary(const char *b, size_t n)
{
    static const struct {
        const char *begin, *what;
    } kinds[] = {
        {"\x1F\x8B", "is gzipped twice: gunzip it once"},
        {"PK\x03\x04", "looks like a zip archive or an office document (docx, xlsx, odt); save it "
                       "as text or CSV"},
        {"\xD0\xCF\x11\xE0", "looks like an office document (doc, xls); save it as text or CSV"},
        {"{\\rt", "looks like RTF; save it as text"},
        {"%PDF", "looks like PDF; make it text (pdftotext FILE)"},
        {"\xFD"
         "7zX",
         "looks compressed with xz; decompress it (xzcat FILE | sikap …)"},
        {"\x28\xB5\x2F\xFD", "looks compressed with zstd; decompress it (zstdcat FILE | sikap …)"},
        {"BZh", "looks compressed with bzip2; decompress it (bzcat FILE | sikap …)"},
        {"7z\xBC\xAF", "looks like a 7z archive; unpack it"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const size_t length = strlen(kinds[i].begin);
        if (n >= length && memcmp(b, kinds[i].begin, length) == 0 &&
            (length != 3 || (n > 3 && b[3] >= '1' && b[3] <= '9')))
            return kinds[i].what;
    }
    return NULL;
}

static int looks_utf16(const char *b, size_t n)
{
    return n >= 2 &&
           ((b[0] == '\xFF' && b[1] == '\xFE') || (b[0] == '\xFE' && b[1] == '\xFF') ||
            (n >= 4 && ((b[0] == '\0' && b[2] == '\0') || (b[1] == '\0' && b[3] == '\0'))));
}

/* Lines that end in a carriage return alone are one record to us. JSON may have such a byte between
 * two tokens: there an object has to follow. */
static int ends_lines_in_cr(const char *b, size_t n, enum corpus_format format)
{
    const char *cr = memchr(b, '\r', n);
    const size_t behind = cr == NULL ? n : (size_t)(cr - b) + 1;
    return behind < n && memchr(b, '\n', n) == NULL &&
           (format == CORPUS_CSV || format == CORPUS_TSV ||
            (format == CORPUS_JSONL && b[behind] == '{'));
}

static size_t skip_blanks(const char *b, size_t n, size_t at)
{
    while (at < n && (b[at] == ' ' || b[at] == '\t' || b[at] == '\r'))
        at++;
    return at;
}

int corpus_tell_format(const struct corpus *c, struct corpus_file *file, sikap_error *err)
{
    const char *const b = c->carry.bytes + c->carry_at;
    const size_t n = c->carry.n - c->carry_at;
    if (c->iconv == NULL && looks_utf16(b, n))
        return refuse(file, "looks like UTF-16; read it with --encoding UTF-16", err);
    if (looks_binary(b, n) != NULL)
        return refuse(file, looks_binary(b, n), err);
    size_t i = 0;
    while (i < n && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n'))
        i++;
    const char first = i < n ? b[i] : '\0';
    if (file->format == CORPUS_AUTO)
        file->format = first == '{' ? CORPUS_JSONL : CORPUS_TEXT;
    if (ends_lines_in_cr(b, n, file->format))
        return refuse(file,
                      "the lines end in a carriage return alone; make it a line feed (tr "
                      "'\\r' '\\n' <FILE)",
                      err);
    if ((file->format == CORPUS_JSONL || file->format == CORPUS_TEXT) && first == '[' &&
        n > i + 1 && strchr("{ \r\n\t\"", b[i + 1]) != NULL && c->options.input != CORPUS_TEXT)
        return refuse(file,
                      "looks like a JSON array; one object per line is expected (jq -c '.[]' "
                      "FILE makes it so)",
                      err);
    const size_t end = skip_blanks(b, n, i + 1);
    if (file->format == CORPUS_JSONL && first == '{' && end < n && b[end] == '\n')
        return refuse(file,
                      "looks like a JSON object over several lines; one object per line is "
                      "expected (jq -c . FILE makes it so)",
                      err);
    return 0;
}
