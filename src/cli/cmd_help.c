/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/help.h"

struct help_options {
    int man, completion;
};

static const struct option_row rows[] = {
    {.shown = {"man", NULL, NULL, "the manual page, for man", "Forms"},
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct help_options, man)},
    {.shown = {"completion", NULL, NULL, "the completion script, for bash", "Forms"},
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct help_options, completion)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int run(struct job *job, sikap_error *err)
{
    const struct help_options *own = job->own;
    struct buffer text = {0};
    if (own->man)
        help_man(&text);
    else if (own->completion)
        help_completion(&text);
    else if (job->n_operands == 0)
        help_overview(&text);
    else {
        const struct command *command = command_find(job->operands[0]);
        const struct command *nearest = command_nearest(job->operands[0]);
        if (command == NULL)
            return error_set(err, SIKAP_USAGE, NULL, 0, "no command '%.100s'%s%s%s",
                             job->operands[0], nearest == NULL ? "" : "; did you mean '",
                             nearest == NULL ? "" : nearest->name, nearest == NULL ? "" : "'?");
        help_command(command, &text);
    }
    const int status = terminal_print(job->terminal, &text, err);
    buffer_free(&text);
    return status;
}

const struct command command_help = {
    .name = "help",
    .summary = "what a command does, its options and examples",
    .operands = "[COMMAND] [--man|--completion]",
    .description = "Shows what a command does and takes, with examples. Everything shown is made "
                   "from the tables that the options are parsed with.\n",
    .examples = "sikap help predict\n"
                "sikap help --man | man -l -\n"
                "source <(sikap help --completion)\n",
    .own = &table,
    .own_size = sizeof(struct help_options),
    .max_operands = 1,
    .run = run,
};
