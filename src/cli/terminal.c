/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SHOWN_PROBLEMS = 20, SIGNAL_BASE = 128, BROKEN_PIPE = SIGNAL_BASE + 13 };

int terminal_is_rich(int fd)
{
    const char *kind = getenv("TERM");
    return isatty(fd) && kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
}

void terminal_start(struct terminal *terminal, const char *command, int quiet, int verbose)
{
    *terminal = (struct terminal){.command = command, .quiet = quiet, .verbose = verbose};
    terminal->draws_progress = !quiet && terminal_is_rich(STDERR_FILENO);
}

static void wipe(struct terminal *terminal)
{
    if (terminal->has_line)
        fputs("\r\033[K", stderr);
    terminal->has_line = 0;
}

static void begin_line(struct terminal *terminal, const char *kind)
{
    wipe(terminal);
    fputs("sikap", stderr);
    if (terminal->command != NULL)
        fprintf(stderr, " %s", terminal->command);
    fprintf(stderr, ": %s", kind);
}

/* The length of the UTF-8 sequence at text[0..n), n > 0, as its first byte tells it; 1 where the
 * bytes behind do not follow. */
static size_t sequence(const unsigned char *text, size_t n)
{
    const size_t length = text[0] < 0xC2   ? 1
                          : text[0] < 0xE0 ? 2
                          : text[0] < 0xF0 ? 3
                          : text[0] < 0xF5 ? 4
                                           : 1;
    for (size_t i = 1; i < length; i++)
        if (i >= n || (text[i] & 0xC0) != 0x80)
            return 1;
    return length;
}

size_t terminal_safe(const char *text, size_t n, int *is_safe)
{
    const unsigned char *const b = (const unsigned char *)text;
    const size_t length = sequence(b, n);
    *is_safe = length > 1 || (b[0] >= 0x20 && b[0] < 0x7F);
    if (length == 2)
        *is_safe = !(b[0] == 0xC2 && b[1] < 0xA0) && !(b[0] == 0xD8 && b[1] == 0x9C);
    if (length == 3 && b[0] == 0xE2) /* U+200E, 200F, 2028 to 202E, 2066 to 2069 */
        *is_safe =
            !(b[1] == 0x80 && (b[2] == 0x8E || b[2] == 0x8F || (b[2] >= 0xA8 && b[2] <= 0xAE))) &&
            !(b[1] == 0x81 && b[2] >= 0xA6 && b[2] <= 0xA9);
    return length;
}

static void put_printable(const char *text)
{
    int is_safe;
    for (size_t n = strlen(text), length; n > 0; text += length, n -= length) {
        length = terminal_safe(text, n, &is_safe);
        fwrite(is_safe ? text : "?", 1, is_safe ? length : 1, stderr);
    }
}

static void put_error(const sikap_error *err)
{
    if (err->file[0] != '\0') {
        put_printable(err->file);
        if (err->line != 0)
            fprintf(stderr, ":%zu", err->line);
        fputs(": ", stderr);
    }
    put_printable(err->message);
    fputc('\n', stderr);
}

void terminal_problem(struct terminal *terminal, const sikap_error *problem)
{
    terminal->n_problems++;
    if (terminal->quiet || (terminal->n_problems > SHOWN_PROBLEMS && !terminal->verbose))
        return;
    begin_line(terminal, "warning: ");
    put_error(problem);
}

static void put_line(struct terminal *terminal, const char *format, va_list args)
{
    begin_line(terminal, "");
    char text[1024];
    vsnprintf(text, sizeof text, format, args);
    put_printable(text);
    fputc('\n', stderr);
}

void terminal_note(struct terminal *terminal, const char *format, ...)
{
    if (terminal->quiet)
        return;
    va_list args;
    va_start(args, format);
    put_line(terminal, format, args);
    va_end(args);
}

void terminal_failure(struct terminal *terminal, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_line(terminal, format, args);
    va_end(args);
}

void terminal_finish(struct terminal *terminal)
{
    wipe(terminal);
    if (terminal->n_problems > SHOWN_PROBLEMS && !terminal->quiet && !terminal->verbose) {
        begin_line(terminal, "warning: ");
        fprintf(stderr, "… and %zu more; --verbose shows all\n",
                terminal->n_problems - SHOWN_PROBLEMS);
    }
    terminal->n_problems = 0;
}

int terminal_exit(struct terminal *terminal, int status, const sikap_error *err)
{
    terminal_finish(terminal);
    if (status == 0)
        return 0;
    if (terminal->output_closed)
        return BROKEN_PIPE;
    if (signals_stopped() != 0)
        return SIGNAL_BASE + signals_stopped();
    if (err->message[0] != '\0') {
        begin_line(terminal, "");
        put_error(err);
    }
    return status == SIKAP_CANCELLED ? SIKAP_SYSTEM : status;
}

static void watch_problem(void *context, const sikap_error *problem)
{
    terminal_problem(context, problem);
}

static void watch_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct terminal *terminal = context;
    struct timespec t;
    char line[80];
    if (!terminal->draws_progress || clock_gettime(CLOCK_MONOTONIC, &t) != 0)
        return;
    const double now = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    if (!progress_line(&terminal->progress, stage, done, total, now, line, sizeof line))
        return;
    fprintf(stderr, "\r%s\033[K", line);
    terminal->has_line = 1;
}

static int watch_stopped(void *context)
{
    (void)context;
    return signals_stopped() != 0;
}

sikap_watch terminal_watch(struct terminal *terminal)
{
    return (sikap_watch){.context = terminal,
                         .problem = watch_problem,
                         .progress = watch_progress,
                         .stopped = watch_stopped};
}

int terminal_write(void *context, const char *bytes, size_t n)
{
    struct terminal *terminal = context;
    while (n > 0) {
        const ssize_t written = write(STDOUT_FILENO, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            terminal->output_closed = errno == EPIPE;
            return -1;
        }
        bytes += written;
        n -= (size_t)written;
    }
    return 0;
}

int terminal_print(struct terminal *terminal, const struct buffer *text, sikap_error *err)
{
    if (text->failed)
        return error_memory(err, "output");
    if (terminal_write(terminal, text->bytes, text->n) != 0)
        return error_errno(err, NULL, "write standard output");
    return 0;
}
