/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/number.h"

/* "…/build/sikap" stands beside "…/models". */
static int beside_build_tree(char *path, size_t room)
{
    const ssize_t n = readlink("/proc/self/exe", path, room - 1);
    if (n <= 0)
        return -1;
    path[n] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return -1;
        *slash = '\0';
    }
    static const char tail[] = "/models/ir.sikap";
    const size_t used = strlen(path);
    if (used + sizeof tail > room)
        return -1;
    memcpy(path + used, tail, sizeof tail);
    return access(path, F_OK);
}

int common_model(sikap_model **out, const char *path, sikap_error *err)
{
    static const char installed[] = SIKAP_MODEL_DIR "/ir.sikap";
    char beside[4096];
    *out = NULL;
    if (path == NULL) {
        path = getenv("SIKAP_MODEL");
        if (path != NULL && path[0] == '\0')
            path = NULL;
    }
    if (path == NULL && access(installed, F_OK) == 0)
        path = installed;
    if (path == NULL && beside_build_tree(beside, sizeof beside) == 0)
        path = beside;
    if (path == NULL)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "no model: name one with -m or in SIKAP_MODEL (there is none at %s)",
                         installed);
    return sikap_model_load(out, path, err);
}

void common_hint_stdin(const struct job *job)
{
    if (job->n_operands == 0 && isatty(STDIN_FILENO))
        terminal_note(job->terminal, "reading from the keyboard; end with Ctrl-D");
}

int common_write_file(void *context, const char *bytes, size_t n)
{
    struct sink *sink = context;
    return output_write(sink->output, bytes, n, &sink->err) == 0 ? 0 : -1;
}

int common_save(struct job *job, const char *path, common_writer *writer, const void *thing,
                sikap_error *err)
{
    if (strcmp(path, "-") == 0)
        return writer(thing, terminal_write, job->terminal, err);
    struct sink sink = {0};
    int status = output_open(&sink.output, path, err);
    if (status != 0)
        return status;
    status = writer(thing, common_write_file, &sink, err);
    if (status == 0)
        return output_commit(sink.output, err);
    if (sink.err.code != SIKAP_OK && err != NULL)
        *err = sink.err;
    output_abandon(sink.output);
    return status;
}

void common_gate(struct job *job, const char *expression, int passed, double value)
{
    struct buffer number = {0};
    number_print_fixed(&number, value, 4);
    buffer_byte(&number, '\0');
    const char *shown = number.failed ? "?" : number.bytes;
    if (passed)
        terminal_note(job->terminal, "gate passed: %s (%s)", expression, shown);
    else
        terminal_failure(job->terminal, "gate failed: %s (%s)", expression, shown);
    buffer_free(&number);
}

void common_signed(struct buffer *out, double v, int decimals)
{
    if (v >= 0)
        buffer_byte(out, '+');
    number_print_fixed(out, v, decimals);
}

void common_printable(struct buffer *out, const char *text, size_t n)
{
    int is_safe;
    for (size_t i = 0, length; i < n; i += length) {
        length = terminal_safe(text + i, n - i, &is_safe);
        buffer_bytes(out, is_safe ? text + i : " ", is_safe ? length : 1);
    }
}

void common_term(struct buffer *out, const sikap_model *model, size_t term)
{
    size_t n;
    const char *text = sikap_model_term(model, term, &n);
    const char *segment = sikap_model_term_segment(model, term);
    const int is_chars = sikap_model_term_is_chars(model, term);
    if (segment != NULL) {
        common_printable(out, segment, strlen(segment));
        buffer_byte(out, ':');
    }
    buffer_text(out, is_chars ? "\"" : "");
    common_printable(out, text, n);
    buffer_text(out, is_chars ? "\"" : "");
}

/* A word for a shell: in single quotes where it has to be. */
static void put_word(struct buffer *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=,+@%^";
    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        buffer_text(out, word);
        return;
    }
    buffer_byte(out, '\'');
    for (; *word != '\0'; word++)
        if (*word == '\'')
            buffer_text(out, "'\\''");
        else
            buffer_byte(out, *word);
    buffer_byte(out, '\'');
}

void common_command_line(struct buffer *out, const struct job *job)
{
    buffer_text(out, "sikap ");
    buffer_text(out, job->command->name);
    for (size_t i = 0; i < job->n_arguments; i++) {
        buffer_byte(out, ' ');
        put_word(out, job->arguments[i]);
    }
    buffer_byte(out, '\0');
}

size_t common_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        return size.ws_col;
    return 80;
}
