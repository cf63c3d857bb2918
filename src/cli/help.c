/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

enum { WIDTH = 80, OPTION_COLUMN = 28 };

static size_t columns_of(const char *text, size_t n)
{
    size_t columns = 0;
    for (size_t i = 0; i < n; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

static void spaces(struct buffer *out, size_t n)
{
    while (n-- > 0)
        buffer_byte(out, ' ');
}

/* Appends words of `text` from column `at`, breaking lines before WIDTH and going on at `indent`. A
 * newline in the text is a break. Returns the column reached. */
static size_t wrap(struct buffer *out, const char *text, size_t indent, size_t at)
{
    int is_first = at <= indent;
    while (*text != '\0') {
        if (*text == '\n') {
            buffer_byte(out, '\n');
            text++;
            if (*text != '\0' && *text != '\n')
                spaces(out, indent);
            at = indent;
            is_first = 1;
            continue;
        }
        if (*text == ' ') {
            text++;
            continue;
        }
        const size_t n = strcspn(text, " \n");
        const size_t columns = columns_of(text, n);
        if (!is_first && at + 1 + columns > WIDTH) {
            buffer_byte(out, '\n');
            spaces(out, indent);
            at = indent;
            is_first = 1;
        }
        if (!is_first) {
            buffer_byte(out, ' ');
            at++;
        }
        buffer_bytes(out, text, n);
        at += columns;
        is_first = 0;
        text += n;
    }
    return at;
}

void help_overview(struct buffer *out)
{
    buffer_text(out, "usage: sikap COMMAND [options]\n\n");
    wrap(out,
         "Learns topic and stance labels from a labelled corpus and puts them on new texts, in any "
         "language: n-grams, TF-IDF, linear models. Text in, JSON Lines out.\n",
         0, 0);
    buffer_text(out, "\nCommands:\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        buffer_format(out, "  %-11s", commands[i]->name);
        wrap(out, commands[i]->summary, 13, 13);
        buffer_byte(out, '\n');
    }
    buffer_text(out, "\n'sikap help COMMAND' tells more of one. 'sikap --version' tells which "
                     "sikap this is.\n");
}

const char *help_group(const struct command *command, size_t i)
{
    struct option_view option, before;
    for (size_t o = 0; command_option(command, o, &option); o++) {
        int is_new = 1;
        for (size_t b = 0; b < o && is_new; b++)
            is_new = command_option(command, b, &before) &&
                     strcmp(before.shown->group, option.shown->group) != 0;
        if (is_new && i-- == 0)
            return option.shown->group;
    }
    return NULL;
}

static void option_line(const sikap_option *shown, char letter, struct buffer *out)
{
    const size_t start = out->n;
    if (letter != '\0')
        buffer_format(out, "  -%c, --%s", letter, shown->name);
    else
        buffer_format(out, "      --%s", shown->name);
    if (shown->argument != NULL)
        buffer_format(out, " %s", shown->argument);
    size_t at = out->failed ? 0 : columns_of(out->bytes + start, out->n - start);
    if (at + 2 > OPTION_COLUMN) {
        buffer_byte(out, '\n');
        at = 0;
    }
    spaces(out, OPTION_COLUMN - at);
    at = wrap(out, shown->help, OPTION_COLUMN, OPTION_COLUMN);
    if (shown->argument != NULL && shown->fallback != NULL && shown->fallback[0] != '\0') {
        struct buffer note = {0};
        buffer_format(&note, "(default: %s)", shown->fallback);
        buffer_byte(&note, '\0');
        if (note.failed)
            out->failed = 1;
        else
            wrap(out, note.bytes, OPTION_COLUMN, at);
        buffer_free(&note);
    }
    buffer_byte(out, '\n');
}

void help_command(const struct command *command, struct buffer *out)
{
    buffer_text(out, "usage: sikap ");
    buffer_text(out, command->name);
    buffer_byte(out, ' ');
    wrap(out, command->operands, 13 + strlen(command->name) + 1, 13 + strlen(command->name) + 1);
    buffer_text(out, "\n\n");
    wrap(out, command->description, 0, 0);
    buffer_text(out, "\nExamples:\n");
    for (const char *line = command->examples; *line != '\0';) {
        const size_t n = strcspn(line, "\n") + 1;
        buffer_text(out, "  ");
        buffer_bytes(out, line, n);
        line += n;
    }
    const char *group;
    for (size_t g = 0; (group = help_group(command, g)) != NULL; g++) {
        buffer_format(out, "\n%s:\n", group);
        struct option_view option;
        for (size_t i = 0; command_option(command, i, &option); i++)
            if (strcmp(option.shown->group, group) == 0)
                option_line(option.shown, option.letter, out);
    }
}
