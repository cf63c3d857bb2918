/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_OUTPUT_H
#define SIKAP_BASE_OUTPUT_H

#include <stddef.h>

#include "base/error.h"

/* A file being written. To a regular path it is written beside its place under a temporary name
 * and renamed over it by output_commit, after fsync of file and folder: readers see the old bytes
 * or the new ones, never a part. "-" is standard output; devices and FIFOs are written directly.
 * The error is sticky. */
struct output;

int output_open(struct output **out, const char *path, sikap_error *err);
int output_write(struct output *out, const void *bytes, size_t n, sikap_error *err);
/* Flushes, syncs, renames, frees. After a failure the old file is as it was, no temporary is left.
 */
int output_commit(struct output *out, sikap_error *err);
/* Frees and throws away what was written. NULL is fine. */
void output_abandon(struct output *out);
/* The whole of a file at once, atomically. */
int output_file(const char *path, const void *bytes, size_t n, sikap_error *err);

#endif
