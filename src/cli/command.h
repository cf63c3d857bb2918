/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CLI_COMMAND_H
#define SIKAP_CLI_COMMAND_H

#include <stddef.h>

#include "base/option.h"
#include "cli/terminal.h"

/* A command is one row: everything that parsing, --help, the man page and completion need, and a
 * function. To add one: write src/cli/cmd_NAME.c, add its row to the list in commands.c. */

struct job {
    const struct command *command;
    void *own;              /* the command's own options: a struct of own_size bytes */
    sikap_options *options; /* what the library's tables accepted, unchecked */
    const char *const *operands;
    size_t n_operands;
    const char *const *arguments; /* all of them, as typed behind the command's name */
    size_t n_arguments;
    struct terminal *terminal;
};

typedef const sikap_option *library_table(size_t i);

struct command {
    const char *name;
    const char *summary;     /* one line, no full stop */
    const char *operands;    /* "CORPUS... -o MODEL" */
    const char *description; /* paragraphs, each ending in a newline */
    const char *examples;    /* command lines, each ending in a newline */
    const struct option_table *own;
    size_t own_size;
    library_table *const *library; /* NULL-terminated; NULL: none */
    size_t min_operands, max_operands;
    /* 0 or a status, with err filled; an empty message means that all has been said. */
    int (*run)(struct job *job, sikap_error *err);
};

extern const struct command *const commands[]; /* NULL-terminated */
const struct command *command_find(const char *name);
/* The command nearest to a mistyped name, or NULL. */
const struct command *command_nearest(const char *name);

/* The options of every command. */
struct common_options {
    int help, quiet, verbose;
};
extern const struct option_table common_option_table;

/* Option i of a command: own, then the library's, then the common ones; 0 past the end. `row` is
 * NULL for an option of the library. */
struct option_view {
    const sikap_option *shown;
    const struct option_row *row;
    int is_common;
    char letter; /* its short form, or 0 */
};
int command_option(const struct command *command, size_t i, struct option_view *out);

#endif
