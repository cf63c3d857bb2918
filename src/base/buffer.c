/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

int buffer_reserve(struct buffer *b, size_t more)
{
    if (b->failed)
        return -1;
    if (more > SIZE_MAX / 4 || b->n + more > SIZE_MAX / 4 ||
        memory_grow(&b->bytes, &b->capacity, b->n + more, 1) != 0) {
        b->failed = 1;
        return -1;
    }
    return 0;
}

void buffer_bytes(struct buffer *b, const void *bytes, size_t n)
{
    if (n == 0 || buffer_reserve(b, n) != 0)
        return;
    memcpy(b->bytes + b->n, bytes, n);
    b->n += n;
}

void buffer_text(struct buffer *b, const char *text)
{
    buffer_bytes(b, text, strlen(text));
}

void buffer_byte(struct buffer *b, char byte)
{
    if (b->n < b->capacity && !b->failed)
        b->bytes[b->n++] = byte;
    else
        buffer_bytes(b, &byte, 1);
}

void buffer_u32(struct buffer *b, uint32_t v)
{
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(v >> (8 * i));
    buffer_bytes(b, bytes, 4);
}

void buffer_u64(struct buffer *b, uint64_t v)
{
    buffer_u32(b, (uint32_t)v);
    buffer_u32(b, (uint32_t)(v >> 32));
}

void buffer_f32(struct buffer *b, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    buffer_u32(b, bits);
}

void buffer_format(struct buffer *b, const char *format, ...)
{
    char small[256];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n < sizeof small) {
        buffer_bytes(b, small, (size_t)n);
        return;
    }
    if (buffer_reserve(b, (size_t)n + 1) != 0)
        return;
    va_start(args, format);
    vsnprintf(b->bytes + b->n, (size_t)n + 1, format, args);
    va_end(args);
    b->n += (size_t)n;
}

void buffer_clear(struct buffer *b)
{
    b->n = 0;
    b->failed = 0;
}

void buffer_free(struct buffer *b)
{
    memory_free(b->bytes);
    memset(b, 0, sizeof *b);
}

int buffer_hand_over(struct buffer *b, const char *what, sikap_write *write, void *context,
                     sikap_error *err)
{
    int status = b->failed ? error_memory(err, what) : 0;
    if (status == 0 && b->n > 0 && write(context, b->bytes, b->n) != 0) {
        char doing[64];
        const int reason = errno;
        snprintf(doing, sizeof doing, "write the %s", what);
        errno = reason;
        status = error_errno(err, NULL, doing);
    }
    buffer_clear(b);
    return status;
}
