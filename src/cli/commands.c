/* SPDX-License-Identifier: Apache-2.0 */
/* The list of commands, in the order in which help shows them, and the options of a command seen as
 * one sequence whichever table they come from. */
#include "cli/command.h"

#include <string.h>

/* One command a line, so that two changes that add one seldom meet. */
#define COMMANDS(X)                                                                                \
    X(train)                                                                                       \
    X(eval)                                                                                        \
    X(predict)                                                                                     \
    X(explain)                                                                                     \
    X(crossval)                                                                                    \
    X(compare)                                                                                     \
    X(agree)                                                                                       \
    X(aggregate)                                                                                   \
    X(inspect)                                                                                     \
    X(audit)                                                                                       \
    X(suggest)                                                                                     \
    X(drift)                                                                                       \
    X(dedupe)                                                                                      \
    X(bench)                                                                                       \
    X(vectorize)                                                                                   \
    X(help)

#define DECLARE(name) extern const struct command command_##name;
#define LIST(name) &command_##name,
COMMANDS(DECLARE)
const struct command *const commands[] = {COMMANDS(LIST) NULL};

static const struct option_row common_rows[] = {
    {.shown = {"help", NULL, NULL, "show this text", "General"},
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct common_options, help)},
    {.shown = {"quiet", NULL, NULL, "no progress, no warnings; errors are always told", "General"},
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct common_options, quiet)},
    {.shown = {"verbose", NULL, NULL, "every warning, not only the first twenty", "General"},
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct common_options, verbose)},
};
const struct option_table common_option_table = {common_rows,
                                                 sizeof common_rows / sizeof *common_rows};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

const struct command *command_nearest(const char *name)
{
    const struct command *nearest = NULL;
    size_t least = 0;
    for (size_t i = 0; commands[i] != NULL; i++) {
        const size_t distance = option_suggests(name, commands[i]->name);
        if (distance != 0 && (nearest == NULL || distance < least)) {
            least = distance;
            nearest = commands[i];
        }
    }
    return nearest;
}

/* Short forms: one letter means the same in every command that has the option. */
static char letter_of(const char *name)
{
    static const struct {
        char letter;
        const char *name;
    } letters[] = {{'o', "output"}, {'m', "model"}, {'n', "count"},
                   {'h', "help"},   {'q', "quiet"}, {'v', "verbose"}};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (strcmp(letters[i].name, name) == 0)
            return letters[i].letter;
    return '\0';
}

int command_option(const struct command *command, size_t i, struct option_view *out)
{
    memset(out, 0, sizeof *out);
    const size_t n_own = command->own == NULL ? 0 : command->own->n;
    if (i < n_own) {
        out->row = &command->own->rows[i];
        out->shown = &out->row->shown;
    }
    i -= n_own;
    for (size_t t = 0;
         out->shown == NULL && command->library != NULL && command->library[t] != NULL; t++) {
        out->shown = command->library[t](i);
        if (out->shown == NULL)
            for (size_t k = 0; command->library[t](k) != NULL; k++)
                i--;
    }
    if (out->shown == NULL && i < common_option_table.n) {
        out->row = &common_option_table.rows[i];
        out->shown = &out->row->shown;
        out->is_common = 1;
    }
    if (out->shown == NULL)
        return 0;
    out->letter = letter_of(out->shown->name);
    return 1;
}
