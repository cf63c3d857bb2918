/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CLI_HELP_H
#define SIKAP_CLI_HELP_H

#include "base/buffer.h"
#include "cli/command.h"

/* Everything the program says about itself, made from the command and option tables. */
void help_overview(struct buffer *out);
void help_command(const struct command *command, struct buffer *out);
void help_man(struct buffer *out);        /* sikap.1 */
void help_completion(struct buffer *out); /* for bash */

/* Calls visit for every heading of a command's options, in order of first appearance, the common
 * ones last. */
const char *help_group(const struct command *command, size_t i);

#endif
