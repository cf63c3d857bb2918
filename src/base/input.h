/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_INPUT_H
#define SIKAP_BASE_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* A byte stream from a file, "-" (standard input) or either of them gzipped (told by the first two
 * bytes, not by the name; concatenated members are one stream, garbage behind the last is an
 * error). For larger inputs a thread of its own reads and inflates ahead, so parsing overlaps with
 * it. */
struct input;

int input_open(struct input **out, const char *path, sikap_error *err);
/* Up to n bytes into `into`: *got 0 at the end of the stream. EINTR is retried. */
int input_read(struct input *in, char *into, size_t n, size_t *got, sikap_error *err);
const char *input_name(const struct input *in); /* the path, or "<stdin>" */
void input_free(struct input *in);

/* All of a file behind what `out` holds; SIKAP_DATA when it is longer than `most` bytes, `what`
 * then says what was expected ("an article"). */
int input_whole(struct buffer *out, const char *path, size_t most, const char *what,
                sikap_error *err);

#endif
