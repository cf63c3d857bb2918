/* SPDX-License-Identifier: Apache-2.0 */
/* The program's frame: find the command, read its options, run it, turn its status into an exit
 * code. Everything a command is lies in its row (command.h). */
#include <string.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "base/memory.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"

static int show(struct terminal *terminal, const struct command *command, sikap_error *err)
{
    struct buffer text = {0};
    if (command == NULL)
        help_overview(&text);
    else
        help_command(command, &text);
    const int status = terminal_print(terminal, &text, err);
    buffer_free(&text);
    return status;
}

static int run(struct job *job, char **argv, size_t n, sikap_error *err)
{
    const struct command *command = job->command;
    job->arguments = (const char *const *)argv;
    job->n_arguments = n;
    struct common_options common = {0};
    int status = 0, has_defaults = 0;
    /* One more than needed, so that no operand and no own option is no special case. */
    const char **operands = memory_zero(n + 1, sizeof *operands);
    job->own = memory_zero(1, command->own_size + 1);
    if (operands == NULL || job->own == NULL) {
        status = error_memory(err, "arguments");
        goto done;
    }
    status = sikap_options_new(&job->options, err);
    if (status == 0 && command->own != NULL)
        status = option_defaults(command->own, job->own, err);
    if (status != 0)
        goto done;
    has_defaults = command->own != NULL;
    status = options_parse(job, &common, argv, n, operands, err);
    if (status != 0)
        goto done;
    terminal_start(job->terminal, command->name, common.quiet, common.verbose);
    status = common.help ? show(job->terminal, command, err) : command->run(job, err);

done:
    if (has_defaults)
        option_clear(command->own, job->own);
    sikap_options_free(job->options);
    memory_free(job->own);
    memory_free(operands);
    return status;
}

static int unknown_command(const char *name, sikap_error *err)
{
    const struct command *nearest = command_nearest(name);
    if (nearest != NULL)
        return error_set(err, SIKAP_USAGE, NULL, 0, "unknown command '%.100s'; did you mean '%s'?",
                         name, nearest->name);
    return error_set(err, SIKAP_USAGE, NULL, 0, "unknown command '%.100s'; see 'sikap help'", name);
}

static int dispatch(struct terminal *terminal, int argc, char **argv, sikap_error *err)
{
    const char *name = argc < 2 ? "" : argv[1];
    if (argc < 2)
        return error_set(err, SIKAP_USAGE, NULL, 0, "expected a command; see 'sikap help'");
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return show(terminal, NULL, err);
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        struct buffer text = {0};
        buffer_format(&text, "sikap %s\n", sikap_version());
        const int status = terminal_print(terminal, &text, err);
        buffer_free(&text);
        return status;
    }
    struct job job = {.command = command_find(name), .terminal = terminal};
    if (job.command == NULL)
        return unknown_command(name, err);
    terminal->command = name;
    return run(&job, argv + 2, (size_t)argc - 2, err);
}

/* The C library would raise this limit whenever a large piece is freed, and from then on keep large
 * pieces for later: a tenth of the peak of training, for nothing that is felt. */
static void keep_no_large_pieces(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

int main(int argc, char **argv)
{
    struct terminal terminal;
    sikap_error err = {0};
    keep_no_large_pieces();
    signals_start();
    terminal_start(&terminal, NULL, 0, 0);
    const int status = dispatch(&terminal, argc, argv, &err);
    return terminal_exit(&terminal, status, &err);
}
