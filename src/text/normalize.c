/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisation in one pass with three gears: ASCII in strides of 32 bytes (lowered on the fly);
 * code points that NFKC-casefold leaves alone (a table look-up) copied; everything else, with the
 * code point before it that it may compose with, through utf8proc. */
#include "text/normalize.h"

#include <string.h>

#include <utf8proc.h>

#include "base/memory.h"
#include "text/unicode.h"
#include "text/utf8.h"

enum { STRIDE = 32, RUN = 256 };

static void note_span(struct normal_map *map, size_t to, size_t from, int verbatim)
{
    if (map == NULL || map->failed)
        return;
    if (map->n > 0 && map->spans[map->n - 1].to == to)
        map->n--; /* the span before it is empty */
    if (memory_grow(&map->spans, &map->capacity, map->n + 1, sizeof *map->spans) != 0) {
        map->failed = 1;
        return;
    }
    map->spans[map->n++] = (struct normal_span){to, from, verbatim};
}

static inline char lower_ascii(char c)
{
    return (char)(c + ((unsigned char)(c - 'A') < 26 ? 'a' - 'A' : 0));
}

/* Lowers the ASCII prefix of text[0..n) into out; returns its length. */
static size_t copy_ascii(const char *text, size_t n, char *restrict out, int lower)
{
    size_t i = 0;
    for (; i + STRIDE <= n; i += STRIDE) {
        uint64_t w[STRIDE / 8];
        memcpy(w, text + i, STRIDE);
        if (((w[0] | w[1] | w[2] | w[3]) & UINT64_C(0x8080808080808080)) != 0)
            break;
        if (lower)
            for (size_t k = 0; k < STRIDE; k++)
                out[i + k] = lower_ascii(text[i + k]);
        else
            memcpy(out + i, text + i, STRIDE);
    }
    for (; i < n && (unsigned char)text[i] < 0x80; i++)
        out[i] = lower ? lower_ascii(text[i]) : text[i];
    return i;
}

/* Everything up to the next stable code point. */
static size_t unstable_run(const char *text, size_t n)
{
    size_t i = 0;
    while (i < n) {
        uint32_t c;
        const size_t m = utf8_decode(text + i, n - i, &c);
        if (i > 0 && (c < 0x80 || (unicode_property(c) & UNICODE_STABLE) != 0))
            break;
        if (i + m >
            RUN) /* a run of marks without end: cut it, as Unicode's stream-safe format does */
            break;
        i += m;
    }
    return i;
}

static void fold_run(const char *text, size_t n, struct buffer *out)
{
    enum { ROOM = RUN * 20 }; /* the longest compatibility decomposition has 18 code points */
    utf8proc_int32_t code[ROOM];
    const utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    utf8proc_ssize_t k = utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n,
                                            code, ROOM, options);
    if (k >= 0 && k <= ROOM)
        k = utf8proc_normalize_utf32(code, k, options);
    if (k < 0 || k > ROOM) { /* not reachable with valid UTF-8; keep the text rather than lose it */
        buffer_bytes(out, text, n);
        return;
    }
    for (utf8proc_ssize_t i = 0; i < k; i++) {
        char utf8[4];
        buffer_bytes(out, utf8, utf8_encode((uint32_t)code[i], utf8));
    }
}

/* Length of the code point that ends before text[i]; i > 0. */
static size_t previous_length(const char *text, size_t i)
{
    size_t m = 1;
    while (m < i && m < 4 && ((unsigned char)text[i - m] & 0xC0) == 0x80)
        m++;
    return m;
}

static int is_cased(uint32_t c)
{
    const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
           category == UTF8PROC_CATEGORY_LT;
}

/* Unicode's Final_Sigma: a capital sigma behind a cased letter and not before one, marks apart. */
static int is_final_sigma(const char *text, size_t n, size_t i)
{
    uint32_t c = 0;
    size_t at = i, m;
    do {
        if (at == 0)
            return 0;
        at -= previous_length(text, at);
        utf8_decode(text + at, n - at, &c);
    } while (unicode_class(c) == UNICODE_MARK);
    if (!is_cased(c))
        return 0;
    for (at = i + 2; at < n; at += m) {
        m = utf8_decode(text + at, n - at, &c);
        if (unicode_class(c) != UNICODE_MARK)
            return !is_cased(c);
    }
    return 1;
}

static void lower_code_point(uint32_t c, const char *text, size_t m, struct buffer *out)
{
    if (c == 0x130) { /* the one whose lower case is two code points */
        buffer_bytes(out, "i\xCC\x87", 3);
    } else if ((unicode_property(c) & UNICODE_LOWER) != 0) {
        buffer_bytes(out, text, m);
    } else {
        char utf8[4];
        buffer_bytes(out, utf8, utf8_encode((uint32_t)utf8proc_tolower((utf8proc_int32_t)c), utf8));
    }
}

/* Everything that is not ASCII, beginning at text[i]; returns where it ended. `verbatim` is the
 * source position up to which output bytes mirror source bytes. */
static size_t normalize_wide(enum normalization form, const char *text, size_t n, size_t i,
                             struct buffer *out, struct normal_map *map)
{
    size_t folded = i > 0 ? i - 1 : 0; /* output before this source position may differ in length */
    while (i < n && (unsigned char)text[i] >= 0x80) {
        uint32_t c;
        const size_t m = utf8_decode(text + i, n - i, &c);
        if (form == NORMALIZE_LOWER) {
            const size_t before = out->n;
            if (c == 0x3A3 && is_final_sigma(text, n, i))
                buffer_bytes(out, "\xCF\x82", 2);
            else
                lower_code_point(c, text + i, m, out);
            if (out->n - before != m) {
                note_span(map, before, i, 0);
                note_span(map, out->n, i + m, 1);
            }
            i += m;
            continue;
        }
        if ((unicode_property(c) & UNICODE_STABLE) != 0) {
            buffer_bytes(out, text + i, m);
            i += m;
            continue;
        }
        /* It may compose with the code point before it, whose output is as long as its source. */
        size_t back = 0;
        if (i > folded && (unicode_class(c) == UNICODE_MARK || (c >= 0x1160 && c <= 0x11FF)))
            back = previous_length(text, i);
        if (out->failed)
            return i + m;
        const size_t run = back + unstable_run(text + i, n - i);
        out->n -= back;
        note_span(map, out->n, i - back, 0);
        fold_run(text + i - back, run, out);
        i += run - back;
        folded = i;
        note_span(map, out->n, i, 1);
    }
    return i;
}

void normalize(enum normalization form, const char *text, size_t n, struct buffer *out,
               struct normal_map *map)
{
    /* Folding can lengthen text, so room is only a first guess; the appends check. */
    if (buffer_reserve(out, n + STRIDE) != 0)
        return;
    note_span(map, out->n, 0, 1);
    if (form == NORMALIZE_NONE) {
        buffer_bytes(out, text, n);
        return;
    }
    size_t i = 0;
    while (i < n && !out->failed) {
        if (buffer_reserve(out, n - i) != 0)
            return;
        const size_t m = copy_ascii(text + i, n - i, out->bytes + out->n, 1);
        out->n += m;
        i += m;
        i = normalize_wide(form, text, n, i, out, map);
    }
}

void normal_map_find(const struct normal_map *map, size_t begin, size_t end, size_t source_size,
                     size_t *source_begin, size_t *source_end)
{
    size_t low = 0, high = map->n;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (map->spans[middle].to <= begin)
            low = middle;
        else
            high = middle;
    }
    const struct normal_span *span = &map->spans[low];
    *source_begin = span->verbatim ? span->from + (begin - span->to) : span->from;
    while (low + 1 < map->n && map->spans[low + 1].to < end)
        low++;
    span = &map->spans[low];
    if (span->verbatim)
        *source_end = span->from + (end - span->to);
    else
        *source_end = low + 1 < map->n ? map->spans[low + 1].from : source_size;
    if (*source_end > source_size)
        *source_end = source_size;
    if (*source_begin > *source_end)
        *source_begin = *source_end;
}
