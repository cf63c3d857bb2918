/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_BUFFER_H
#define SIKAP_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that grow. All zero is an empty buffer. The error is sticky: after a failed allocation
 * every append does nothing, and the caller checks `failed` once at the end. */
struct buffer {
    char *bytes;
    size_t n;
    size_t capacity;
    int failed;
};

void buffer_bytes(struct buffer *b, const void *bytes, size_t n);
void buffer_text(struct buffer *b, const char *text);
void buffer_byte(struct buffer *b, char byte);
void buffer_u32(struct buffer *b, uint32_t v); /* little-endian */
void buffer_u64(struct buffer *b, uint64_t v);
void buffer_f32(struct buffer *b, float v);        /* its IEEE bits, little-endian */
int buffer_reserve(struct buffer *b, size_t more); /* room for `more` bytes behind n; 0 or -1 */
void buffer_format(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* no floating-point conversions: see number.h */
void buffer_clear(struct buffer *b);
void buffer_free(struct buffer *b);
/* Writes what is in it and leaves it empty, for the next piece or to be freed. `what` goes into the
 * message of an error: "write the WHAT". Nothing is written of a buffer that failed. */
int buffer_hand_over(struct buffer *b, const char *what, sikap_write *write, void *context,
                     sikap_error *err);

#ifdef __cplusplus
}
#endif

#endif
