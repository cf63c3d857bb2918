/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CLI_TERMINAL_H
#define SIKAP_CLI_TERMINAL_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/progress.h"

/* How the program talks: data to standard output; progress, warnings and errors to standard error.
 * A progress line is drawn only on a terminal, and wiped before anything else is written. */
struct terminal {
    const char *command; /* "train"; NULL before it is known */
    int quiet, verbose;
    int draws_progress, has_line;
    int output_closed; /* whoever read our standard output is gone */
    size_t n_problems;
    struct progress progress;
};

void terminal_start(struct terminal *terminal, const char *command, int quiet, int verbose);
/* The watch that reports to this terminal and stops at Ctrl-C. */
sikap_watch terminal_watch(struct terminal *terminal);
/* One warning, counted: past the twentieth only --verbose shows it. */
void terminal_problem(struct terminal *terminal, const sikap_error *problem);
/* A line for the person, not shown with --quiet. */
void terminal_note(struct terminal *terminal, const char *format, ...) ERROR_PRINTF(2, 3);
/* The same, shown even so. */
void terminal_failure(struct terminal *terminal, const char *format, ...) ERROR_PRINTF(2, 3);
/* Wipes the progress line and sums up the warnings that were not shown. */
void terminal_finish(struct terminal *terminal);
/* Shows the error and returns the program's exit code for `status`. */
int terminal_exit(struct terminal *terminal, int status, const sikap_error *err);

/* Writes data to standard output: a sikap_write whose context is the terminal. */
int terminal_write(void *terminal, const char *bytes, size_t n);
/* The same for a command's own text, as a status. */
int terminal_print(struct terminal *terminal, const struct buffer *text, sikap_error *err);

/* The length of the character at text[0..n), n > 0. Text may be what strangers wrote: not safe to
 * be shown is what moves the cursor, commands a terminal, turns the direction of what follows, or
 * is not UTF-8. */
size_t terminal_safe(const char *text, size_t n, int *is_safe);

/* Is file descriptor `fd` a terminal that takes colours and cursor movements? */
int terminal_is_rich(int fd);

/* Ctrl-C (and SIGTERM, SIGHUP): the first asks the running operation to stop, and ends the process
 * itself when that has not happened within half a second; the second ends it at once. */
void signals_start(void);
int signals_stopped(void); /* the signal that came, or 0 */

#endif
