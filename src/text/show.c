/* SPDX-License-Identifier: Apache-2.0 */
/* Terminal columns are counted as utf8proc counts them: two for wide characters, none for marks. */
#include "text/show.h"

#include <math.h>
#include <string.h>

#include <utf8proc.h>

#include "base/number.h"
#include "text/utf8.h"

/* Columns a terminal gives to a code point; control characters and what would turn the direction of
 * the text are shown as '?', because names come from files. */
static size_t width_of(uint32_t code_point, int *is_shown)
{
    static const uint32_t NON_JOINER = 0x200C, JOINER = 0x200D; /* part of words and of emoji */
    const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code_point);
    *is_shown = category != UTF8PROC_CATEGORY_CC && category != UTF8PROC_CATEGORY_CF &&
                category != UTF8PROC_CATEGORY_ZL && category != UTF8PROC_CATEGORY_ZP;
    *is_shown |= code_point == NON_JOINER || code_point == JOINER;
    if (!*is_shown)
        return 1;
    const int width = utf8proc_charwidth((utf8proc_int32_t)code_point);
    return width < 0 ? 0 : (size_t)width;
}

/* Valid UTF-8 in at most `width` columns, a longer text cut with an ellipsis; returns the columns
 * taken. */
static size_t put_valid(struct buffer *out, const char *text, size_t n, size_t width)
{
    size_t taken = 0, cut = 0, cut_taken = 0;
    const size_t begin = out->n;
    for (size_t i = 0; i < n;) {
        uint32_t code_point;
        int is_shown;
        const size_t length = utf8_decode(text + i, n - i, &code_point);
        const size_t columns = width_of(code_point, &is_shown);
        if (taken + columns > width) {
            out->n = begin + cut;
            buffer_text(out, "…");
            return cut_taken + 1;
        }
        if (taken + columns + 1 <= width) {
            cut = out->n - begin + (is_shown ? length : 1);
            cut_taken = taken + columns;
        }
        buffer_bytes(out, is_shown ? text + i : "?", is_shown ? length : 1);
        taken += columns;
        i += length;
    }
    return taken;
}

size_t show_bytes(struct buffer *out, const char *text, size_t n, size_t width)
{
    if (utf8_valid(text, n))
        return put_valid(out, text, n, width);
    struct buffer repaired = {0};
    utf8_repair(text, n, &repaired);
    const size_t taken = put_valid(out, repaired.bytes, repaired.n, width);
    out->failed |= repaired.failed;
    buffer_free(&repaired);
    return taken;
}

size_t show_text(struct buffer *out, const char *text, size_t width)
{
    return show_bytes(out, text, strlen(text), width);
}

void show_blanks(struct buffer *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buffer_byte(out, ' ');
}

void show_cell(struct buffer *out, const char *text, size_t width)
{
    const size_t taken = show_text(out, text, width);
    show_blanks(out, width > taken ? width - taken : 0);
}

void show_right(struct buffer *out, struct buffer *text, size_t width)
{
    show_blanks(out, width > text->n ? width - text->n : 0);
    buffer_bytes(out, text->bytes, text->n);
    out->failed |= text->failed;
    buffer_free(text);
}

void show_number(struct buffer *out, double v, int decimals, size_t width)
{
    struct buffer text = {0};
    if (isnan(v))
        buffer_text(&text, "-");
    else
        number_print_fixed(&text, v, decimals);
    show_right(out, &text, width);
}

void show_count(struct buffer *out, uint64_t n, size_t width)
{
    struct buffer text = {0};
    buffer_format(&text, "%llu", (unsigned long long)n);
    show_right(out, &text, width);
}

size_t show_width(const char *text, size_t width)
{
    struct buffer unused = {0};
    const size_t columns = show_text(&unused, text, width);
    buffer_free(&unused);
    return columns;
}
