/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_CSV_H
#define SIKAP_BASE_CSV_H

#include <stddef.h>

#include "base/buffer.h"

/* One cell of a CSV file (RFC 4180), in quotes where it needs them. A spreadsheet runs a cell that
 * begins like a formula: unless it is a number, a blank in front makes it text. */
void csv_write_cell(struct buffer *out, const char *text, size_t n);

#endif
