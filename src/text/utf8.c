/* SPDX-License-Identifier: Apache-2.0 */
#include "text/utf8.h"

#include <string.h>

#include "base/memory.h"

/* Length of the valid sequence at bytes[0..n); 0 when it is broken, and then *bad is the length of
 * its maximal subpart: what one U+FFFD stands for (Unicode Standard 3.9, table 3-7). */
static size_t sequence(const unsigned char *s, size_t n, size_t *bad)
{
    const unsigned char lead = s[0];
    *bad = 1;
    if (lead < 0x80)
        return 1;
    size_t length;
    unsigned char low = 0x80, high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        low = lead == 0xE0 ? 0xA0 : 0x80;
        high = lead == 0xED ? 0x9F : 0xBF;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        low = lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xF4 ? 0x8F : 0xBF;
    } else {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if (i >= n || s[i] < low || s[i] > high) {
            *bad = i;
            return 0;
        }
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

static size_t ascii_run(const unsigned char *s, size_t n)
{
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, s + i, sizeof w);
        if (((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    while (i < n && s[i] < 0x80)
        i++;
    return i;
}

int utf8_valid(const char *bytes, size_t n)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t i = 0, bad;
    while (i < n) {
        i += ascii_run(s + i, n - i);
        while (i < n && s[i] >= 0x80) {
            const size_t length = sequence(s + i, n - i, &bad);
            if (length == 0)
                return 0;
            i += length;
        }
    }
    return 1;
}

size_t utf8_repair(const char *bytes, size_t n, struct buffer *out)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t n_repaired = 0, copied = 0, i = 0;
    while (i < n) {
        size_t bad;
        const size_t length = sequence(s + i, n - i, &bad);
        if (length > 0) {
            i += length;
            continue;
        }
        buffer_bytes(out, bytes + copied, i - copied);
        buffer_bytes(out, "\xEF\xBF\xBD", 3);
        i += bad;
        copied = i;
        n_repaired++;
    }
    buffer_bytes(out, bytes + copied, n - copied);
    return n_repaired;
}

char *utf8_repaired(const char *text)
{
    const size_t n = strlen(text);
    struct buffer copy = {0};
    if (utf8_valid(text, n))
        return memory_text(text, n);
    utf8_repair(text, n, &copy);
    buffer_byte(&copy, '\0');
    if (copy.failed)
        buffer_free(&copy);
    return copy.bytes;
}

size_t utf8_decode(const char *bytes, size_t n, uint32_t *code_point)
{
    const unsigned char *s = (const unsigned char *)bytes;
    if (s[0] < 0x80 || n < 2) {
        *code_point = s[0];
        return 1;
    }
    if (s[0] < 0xE0 || n < 3) {
        *code_point = (uint32_t)(s[0] & 0x1F) << 6 | (uint32_t)(s[1] & 0x3F);
        return 2;
    }
    if (s[0] < 0xF0 || n < 4) {
        *code_point =
            (uint32_t)(s[0] & 0x0F) << 12 | (uint32_t)(s[1] & 0x3F) << 6 | (uint32_t)(s[2] & 0x3F);
        return 3;
    }
    *code_point = (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3F) << 12 |
                  (uint32_t)(s[2] & 0x3F) << 6 | (uint32_t)(s[3] & 0x3F);
    return 4;
}

size_t utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}
