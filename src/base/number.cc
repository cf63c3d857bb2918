/* SPDX-License-Identifier: Apache-2.0 */
/* A thin C face on C++17's <charconv>, the one standard facility that is locale-free, exact and
 * shortest. Nothing here allocates by itself or throws. */
#include "base/number.h"

#include <charconv>

extern "C" {
#include "base/buffer.h"
}

int number_parse(double *out, const char *text, size_t n)
{
    double v = 0;
    const std::from_chars_result r = std::from_chars(text, text + n, v);
    if (n == 0 || r.ec != std::errc() || r.ptr != text + n)
        return -1;
    *out = v;
    return 0;
}

template <typename real> static void print(struct buffer *out, real v)
{
    char digits[64];
    const std::to_chars_result r = std::to_chars(digits, digits + sizeof digits, v);
    if (r.ec == std::errc())
        buffer_bytes(out, digits, (size_t)(r.ptr - digits));
    else
        out->failed = 1;
}

void number_print(struct buffer *out, double v)
{
    print(out, v);
}

void number_print_float(struct buffer *out, float v)
{
    print(out, v);
}

void number_print_fixed(struct buffer *out, double v, int decimals)
{
    char digits[400]; /* the largest double has 309 digits before the point */
    const std::to_chars_result r =
        std::to_chars(digits, digits + sizeof digits, v, std::chars_format::fixed, decimals);
    if (r.ec == std::errc())
        buffer_bytes(out, digits, (size_t)(r.ptr - digits));
    else
        out->failed = 1;
}
