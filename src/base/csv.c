/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <string.h>

#include "base/number.h"

static int holds_any(const char *text, size_t n, const char *bytes)
{
    for (; *bytes != '\0'; bytes++)
        if (memchr(text, *bytes, n) != NULL)
            return 1;
    return 0;
}

static int is_formula(const char *text, size_t n)
{
    double number;
    return memchr("=+-@\t\r", text[0], 6) != NULL && number_parse(&number, text, n) != 0;
}

void csv_write_cell(struct buffer *out, const char *text, size_t n)
{
    if (n == 0)
        return;
    const int is_risky = is_formula(text, n);
    const int needs_quotes =
        is_risky || text[0] == ' ' || text[n - 1] == ' ' || holds_any(text, n, ",;\"\t\r\n");
    if (!needs_quotes) {
        buffer_bytes(out, text, n);
        return;
    }
    buffer_text(out, is_risky ? "\" " : "\"");
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            buffer_byte(out, '"');
        buffer_byte(out, text[i]);
    }
    buffer_byte(out, '"');
}
