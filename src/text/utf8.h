/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_UTF8_H
#define SIKAP_TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* 1 when the bytes are valid UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF). */
int utf8_valid(const char *bytes, size_t n);
/* Appends the bytes to `out` with every broken sequence replaced by U+FFFD (one for each maximal
 * subpart, as the Unicode Standard 3.9 and WHATWG do); returns the number of replacements. */
size_t utf8_repair(const char *bytes, size_t n, struct buffer *out);
/* A copy of text in which broken sequences are replaced so, with a NUL behind it: the caller's
 * (memory_free); NULL when memory is out. */
char *utf8_repaired(const char *text);
/* Decodes one code point of VALID UTF-8 at bytes[0..n), n > 0, into *code_point; returns its
 * length. */
size_t utf8_decode(const char *bytes, size_t n, uint32_t *code_point);
/* Encodes into out[4]; returns the length. */
size_t utf8_encode(uint32_t code_point, char out[4]);

#endif
