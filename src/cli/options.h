/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CLI_OPTIONS_H
#define SIKAP_CLI_OPTIONS_H

#include "cli/command.h"

/* Reads argv[0..n) (what follows the command's name) into job->own (which holds the defaults),
 * job->options and `common`; operands are collected in order into operands[n], from anywhere among
 * the options. Understands --name value, --name=value, --no-name for a switch, -o value, -ovalue,
 * -qv and --. Errors are SIKAP_USAGE. */
int options_parse(struct job *job, struct common_options *common, char **argv, size_t n,
                  const char **operands, sikap_error *err);

#endif
