/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_SHOW_H
#define SIKAP_TEXT_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Columns of a table for people: names, which come from strangers, and numbers. What is not UTF-8
 * is repaired; control characters and what would turn the direction of the text become '?'. */

/* `text` in at most `width` terminal columns, cut with an ellipsis; returns the columns taken. */
size_t show_text(struct buffer *out, const char *text, size_t width);
size_t show_bytes(struct buffer *out, const char *text, size_t n, size_t width);
/* The columns that show_text would take. */
size_t show_width(const char *text, size_t width);
/* The same, padded with blanks to `width`. */
void show_cell(struct buffer *out, const char *text, size_t width);
void show_blanks(struct buffer *out, size_t n);
/* What is in *text, ASCII, at the right end of `width` columns; *text is freed. */
void show_right(struct buffer *out, struct buffer *text, size_t width);
/* A number with `decimals` decimals, NaN as '-', at the right end of `width` columns; and a count.
 */
void show_number(struct buffer *out, double v, int decimals, size_t width);
void show_count(struct buffer *out, uint64_t n, size_t width);

#endif
