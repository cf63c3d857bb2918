/* SPDX-License-Identifier: Apache-2.0 */
/* A page is a head with all style in it, then the content. The policy in the head forbids scripts
 * and everything from elsewhere: were text ever to get through as markup, it could do nothing. */
#include "report/html.h"

#include <string.h>

#include "report/svg.h"
#include "text/utf8.h"

enum { NAME_MOST = 60 };

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

/* What XML 1.0 lets stand in text. */
static int is_character(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F) ||
           (c >= 0xA0 && c != 0xFFFE && c != 0xFFFF) || c == 0x85;
}

static void put_character(struct buffer *out, const char *bytes, size_t n, uint32_t c)
{
    switch (c) {
    case '<':
        buffer_text(out, "&lt;");
        break;
    case '>':
        buffer_text(out, "&gt;");
        break;
    case '&':
        buffer_text(out, "&amp;");
        break;
    case '"':
        buffer_text(out, "&quot;");
        break;
    case '\'':
        buffer_text(out, "&#39;");
        break;
    default:
        buffer_text(out, is_character(c) ? "" : REPLACEMENT);
        buffer_bytes(out, bytes, is_character(c) ? n : 0);
    }
}

/* Valid UTF-8; at most `most` code points. */
static void put_valid(struct buffer *out, const char *text, size_t n, size_t most)
{
    size_t at = 0;
    for (; at < n && most > 0; most--) {
        uint32_t c;
        const size_t length = utf8_decode(text + at, n - at, &c);
        put_character(out, text + at, length, c);
        at += length;
    }
    buffer_text(out, at < n ? "…" : "");
}

static void put_text(struct buffer *out, const char *text, size_t n, size_t most)
{
    if (utf8_valid(text, n)) {
        put_valid(out, text, n, most);
        return;
    }
    struct buffer repaired = {0};
    utf8_repair(text, n, &repaired);
    put_valid(out, repaired.bytes, repaired.n, most);
    out->failed |= repaired.failed;
    buffer_free(&repaired);
}

void html_text(struct buffer *out, const char *text, size_t n)
{
    put_text(out, text, n, SIZE_MAX);
}

void html_string(struct buffer *out, const char *text)
{
    html_text(out, text, strlen(text));
}

void html_short(struct buffer *out, const char *text, size_t most)
{
    put_text(out, text, strlen(text), most);
}

void html_name(struct buffer *out, const char *text)
{
    buffer_text(out, "<bdi>");
    html_short(out, text, NAME_MOST);
    buffer_text(out, "</bdi>");
}
