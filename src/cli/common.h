/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CLI_COMMON_H
#define SIKAP_CLI_COMMON_H

#include "base/buffer.h"
#include "base/output.h"
#include "cli/command.h"

/* What several commands need. */

/* Loads the model that -m names, or (path NULL) the default: $SIKAP_MODEL, the installed one, the
 * one beside the build tree of this executable. SIKAP_USAGE when there is none. */
int common_model(sikap_model **out, const char *path, sikap_error *err);

/* Says on standard error that we wait for the keyboard, when no file is named and it is one. */
void common_hint_stdin(const struct job *job);

/* A file for a sikap_write: context of common_write_file. */
struct sink {
    struct output *output;
    sikap_error err;
};
int common_write_file(void *sink, const char *bytes, size_t n);

/* Has `writer` write `thing` to the file at `path`, or to standard output ("-"). A file is there
 * whole or not at all. */
typedef int common_writer(const void *thing, sikap_write *write, void *context, sikap_error *err);
int common_save(struct job *job, const char *path, common_writer *writer, const void *thing,
                sikap_error *err);

/* Tells on standard error what became of a gate: a note, or a failure that --quiet does not hide.
 */
void common_gate(struct job *job, const char *expression, int passed, double value);
/* "+0.312": a signed number with `decimals` decimals. */
void common_signed(struct buffer *out, double v, int decimals);
/* Text from outside for a terminal: what is not safe there (terminal_safe) becomes a space. */
void common_printable(struct buffer *out, const char *text, size_t n);
/* A term as people read it: dewan keamanan, title:sanksi, and "ngs " for characters. */
void common_term(struct buffer *out, const sikap_model *model, size_t term);
/* The command as it could be typed into a shell again, with a NUL. */
void common_command_line(struct buffer *out, const struct job *job);
/* Columns of the terminal that standard output is, or 80. */
size_t common_columns(void);

#endif
