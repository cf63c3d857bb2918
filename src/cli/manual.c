/* SPDX-License-Identifier: Apache-2.0 */
/* The man page and the completion of bash: the same tables as --help, in other clothes. */
#include "cli/help.h"

#include <string.h>

/* Text in roff: a hyphen that is typed must stay one, and no line may begin as a request. */
static void roff(struct buffer *out, const char *text)
{
    int at_start = 1;
    for (; *text != '\0'; text++) {
        if (at_start && (*text == '.' || *text == '\''))
            buffer_text(out, "\\&");
        if (*text == '\\')
            buffer_text(out, "\\e");
        else if (*text == '-')
            buffer_text(out, "\\-");
        else
            buffer_byte(out, *text);
        at_start = *text == '\n';
    }
}

static void roff_option(const struct option_view *option, struct buffer *out)
{
    buffer_text(out, ".TP\n.B ");
    if (option->letter != '\0')
        buffer_format(out, "\\-%c, ", option->letter);
    buffer_text(out, "\\-\\-");
    roff(out, option->shown->name);
    if (option->shown->argument != NULL) {
        buffer_byte(out, ' ');
        roff(out, option->shown->argument);
    }
    buffer_byte(out, '\n');
    roff(out, option->shown->help);
    if (option->shown->argument != NULL && option->shown->fallback != NULL) {
        buffer_text(out, " (default: ");
        roff(out, option->shown->fallback);
        buffer_byte(out, ')');
    }
    buffer_byte(out, '\n');
}

static void roff_command(const struct command *command, struct buffer *out)
{
    buffer_text(out, ".SS sikap ");
    roff(out, command->name);
    buffer_byte(out, ' ');
    roff(out, command->operands);
    buffer_byte(out, '\n');
    roff(out, command->description);
    buffer_text(out, ".PP\n.nf\n");
    roff(out, command->examples);
    buffer_text(out, ".fi\n");
    struct option_view option;
    for (size_t i = 0; command_option(command, i, &option); i++)
        if (!option.is_common)
            roff_option(&option, out);
}

static void roff_end(struct buffer *out)
{
    buffer_text(out,
                ".SH ENVIRONMENT\n"
                ".TP\n.B SIKAP_MODEL\nthe model file that predict and explain use without "
                "\\-m\n"
                ".TP\n.B NO_COLOR\nwhen set and not empty, no colours\n"
                ".SH EXIT STATUS\n"
                ".TP\n0\ndone\n.TP\n1\na quality gate failed\n.TP\n2\nwrong usage\n"
                ".TP\n3\nbad input data\n.TP\n4\nbad model file\n"
                ".TP\n5\na system error: input or output, memory\n.TP\n130\nstopped by Ctrl\\-C\n");
}

void help_man(struct buffer *out)
{
    buffer_format(out, ".TH SIKAP 1 \"\" \"sikap %s\"\n", sikap_version());
    buffer_text(out, ".SH NAME\nsikap \\- learn topic and stance labels and put them on texts\n"
                     ".SH SYNOPSIS\n.B sikap\n.I command\n[options]\n.SH COMMANDS\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        roff_command(commands[i], out);
    buffer_text(out, ".SH COMMON OPTIONS\n");
    struct option_view option;
    for (size_t i = 0; command_option(commands[0], i, &option); i++)
        if (option.is_common)
            roff_option(&option, out);
    roff_end(out);
}

/* "smooth|plain|none" lists what may be typed; "LABEL=W" or "N" does not. */
static int lists_choices(const char *argument)
{
    return argument != NULL && strchr(argument, '|') != NULL &&
           strspn(argument, "abcdefghijklmnopqrstuvwxyz0123456789-_|") == strlen(argument);
}

static void complete_values(const struct command *command, struct buffer *out)
{
    struct option_view option;
    for (size_t i = 0; command_option(command, i, &option); i++) {
        if (!lists_choices(option.shown->argument))
            continue;
        buffer_format(out, "    '%s --%s') words='", command->name, option.shown->name);
        for (const char *c = option.shown->argument; *c != '\0'; c++)
            buffer_byte(out, *c == '|' ? ' ' : *c);
        buffer_text(out, "' ;;\n");
    }
}

void help_completion(struct buffer *out)
{
    buffer_text(out,
                "# bash completion for sikap, made by 'sikap help --completion'\n"
                "_sikap() {\n"
                "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                "  local words=\n"
                "  COMPREPLY=()\n"
                "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                "    words='");
    for (size_t i = 0; commands[i] != NULL; i++)
        buffer_format(out, "%s%s", i == 0 ? "" : " ", commands[i]->name);
    buffer_text(out, " --help --version'\n"
                     "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                     "    return\n"
                     "  fi\n"
                     "  case \"${COMP_WORDS[1]} $before\" in\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        complete_values(commands[i], out);
    buffer_text(out, "  esac\n"
                     "  if [ -n \"$words\" ]; then\n"
                     "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                     "    return\n"
                     "  fi\n"
                     "  [[ $current == -* ]] || return\n"
                     "  case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        struct option_view option;
        buffer_format(out, "    %s) words='", commands[i]->name);
        for (size_t o = 0; command_option(commands[i], o, &option); o++)
            buffer_format(out, "%s--%s", o == 0 ? "" : " ", option.shown->name);
        buffer_text(out, "' ;;\n");
    }
    buffer_text(out, "  esac\n"
                     "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                     "}\n"
                     "complete -o default -F _sikap sikap\n");
}
