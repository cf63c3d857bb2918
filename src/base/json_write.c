/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

/* Bytes that JSON wants escaped; DEL and everything above stand as they are. */
static int is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

void json_write_string(struct buffer *out, const char *text, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    buffer_byte(out, '"');
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && is_plain((unsigned char)text[end]))
            end++;
        buffer_bytes(out, text + i, end - i);
        if (end == n)
            break;
        const unsigned char c = (unsigned char)text[end];
        buffer_byte(out, '\\');
        if (c == '"' || c == '\\') {
            buffer_byte(out, (char)c);
        } else if (c == '\n' || c == '\r' || c == '\t') {
            buffer_byte(out, c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        } else {
            buffer_text(out, "u00");
            buffer_byte(out, hex[c >> 4]);
            buffer_byte(out, hex[c & 15]);
        }
        i = end + 1;
    }
    buffer_byte(out, '"');
}
