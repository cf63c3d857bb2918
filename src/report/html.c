/* SPDX-License-Identifier: Apache-2.0 */
/* A page is a head with all style in it, then the content. The policy in the head forbids scripts
 * and everything from elsewhere: were text ever to get through as markup, it could do nothing. */
#include "report/html.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "report/svg.h"
#include "sikap.h"
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

void html_number(struct buffer *out, double v, int decimals)
{
    if (!isfinite(v)) {
        buffer_text(out, "–");
        return;
    }
    buffer_text(out, "<data value=\"");
    number_print(out, v);
    buffer_text(out, "\">");
    number_print_fixed(out, v, decimals);
    buffer_text(out, "</data>");
}

void html_count(struct buffer *out, uint64_t n)
{
    buffer_format(out, "<data value=\"%llu\">%llu</data>", (unsigned long long)n,
                  (unsigned long long)n);
}

void html_begin(struct buffer *out, const char *title)
{
    buffer_text(out, "<!DOCTYPE html>\n"
                     "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"><head>"
                     "<meta charset=\"utf-8\"/>"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\"/>"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
                     "<meta name=\"color-scheme\" content=\"light dark\"/><title>");
    html_string(out, title);
    buffer_text(out, "</title>\n<style>");
    for (size_t i = 0; html_style[i] != NULL; i++)
        buffer_text(out, html_style[i]);
    buffer_text(out, svg_style());
    buffer_text(out, "</style></head>\n<body><main>\n<h1>");
    html_name(out, title);
    buffer_text(out, "</h1>\n");
}

void html_end(struct buffer *out)
{
    buffer_text(out, "<footer>Made by sikap ");
    html_string(out, sikap_version());
    buffer_text(out, "; one file that loads nothing.</footer>\n</main></body></html>\n");
}
