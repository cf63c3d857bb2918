/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

struct parse {
    struct job *job;
    struct common_options *common;
    char **argv;
    size_t n, at; /* at: the next argument */
    const char **operands;
};

static int same_name(const char *name, const char *typed, size_t typed_n)
{
    return strlen(name) == typed_n && memcmp(name, typed, typed_n) == 0;
}

static int find_long(const struct command *command, const char *typed, size_t typed_n,
                     struct option_view *out)
{
    for (size_t i = 0; command_option(command, i, out); i++)
        if (same_name(out->shown->name, typed, typed_n))
            return 1;
    return 0;
}

static int find_short(const struct command *command, char letter, struct option_view *out)
{
    for (size_t i = 0; command_option(command, i, out); i++)
        if (out->letter == letter)
            return 1;
    return 0;
}

static int unknown(const struct command *command, const char *typed, size_t typed_n,
                   sikap_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", typed_n > 63 ? 63 : (int)typed_n, typed);
    const char *nearest = NULL;
    size_t least = 0;
    struct option_view option;
    for (size_t i = 0; command_option(command, i, &option); i++) {
        const size_t distance = option_suggests(name, option.shown->name);
        if (distance != 0 && (nearest == NULL || distance < least)) {
            least = distance;
            nearest = option.shown->name;
        }
    }
    if (nearest != NULL)
        return error_set(err, SIKAP_USAGE, NULL, 0, "unknown option '--%s'; did you mean '--%s'?",
                         name, nearest);
    return error_set(err, SIKAP_USAGE, NULL, 0, "unknown option '--%s'; see 'sikap %s --help'",
                     name, command->name);
}

static int store(struct parse *p, const struct option_view *option, const char *value,
                 sikap_error *err)
{
    const char *name = option->shown->name;
    if (option->is_common)
        return option_set(&common_option_table, p->common, name, value, err);
    if (option->row != NULL)
        return option_set(p->job->command->own, p->job->own, name, value, err);
    return sikap_options_set(p->job->options, name, value, err);
}

/* The value of an option that wants one: what is attached to it, else the next argument. */
static int store_with_value(struct parse *p, const struct option_view *option, const char *attached,
                            sikap_error *err)
{
    if (option->shown->argument == NULL || attached != NULL)
        return store(p, option, attached, err);
    if (p->at == p->n)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--%s needs a value (%s)", option->shown->name,
                         option->shown->argument);
    return store(p, option, p->argv[p->at++], err);
}

static int parse_long(struct parse *p, const char *typed, sikap_error *err)
{
    const size_t name_n = strcspn(typed, "=");
    const char *attached = typed[name_n] == '=' ? typed + name_n + 1 : NULL;
    struct option_view option;
    if (find_long(p->job->command, typed, name_n, &option))
        return store_with_value(p, &option, attached, err);
    if (name_n > 3 && memcmp(typed, "no-", 3) == 0 && attached == NULL &&
        find_long(p->job->command, typed + 3, name_n - 3, &option) &&
        option.shown->argument == NULL)
        return store(p, &option, "no", err);
    return unknown(p->job->command, typed, name_n, err);
}

static int parse_short(struct parse *p, const char *letters, sikap_error *err)
{
    for (; *letters != '\0'; letters++) {
        struct option_view option;
        if (!find_short(p->job->command, *letters, &option))
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "unknown option '-%c'; see 'sikap %s --help'", *letters,
                             p->job->command->name);
        const char *rest = letters[1] == '\0' ? NULL : letters + 1;
        if (option.shown->argument != NULL)
            return store_with_value(p, &option, rest, err);
        const int status = store(p, &option, NULL, err);
        if (status != 0)
            return status;
    }
    return 0;
}

static int check_operands(const struct job *job, sikap_error *err)
{
    const struct command *command = job->command;
    if (job->n_operands > command->max_operands)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "unexpected operand '%.100s'; see 'sikap %s --help'",
                         job->operands[command->max_operands], command->name);
    if (job->n_operands < command->min_operands)
        return error_set(err, SIKAP_USAGE, NULL, 0, "expected: sikap %s %s", command->name,
                         command->operands);
    return 0;
}

int options_parse(struct job *job, struct common_options *common, char **argv, size_t n,
                  const char **operands, sikap_error *err)
{
    struct parse p = {.job = job, .common = common, .argv = argv, .n = n, .operands = operands};
    int only_operands = 0;
    job->operands = operands;
    while (p.at < n) {
        const char *argument = argv[p.at++];
        int status = 0;
        if (only_operands || argument[0] != '-' || argument[1] == '\0')
            operands[job->n_operands++] = argument;
        else if (strcmp(argument, "--") == 0)
            only_operands = 1;
        else if (argument[1] == '-')
            status = parse_long(&p, argument + 2, err);
        else
            status = parse_short(&p, argument + 1, err);
        if (status != 0)
            return status;
    }
    return common->help ? 0 : check_operands(job, err);
}
