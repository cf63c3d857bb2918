/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CLI_EVALUATION_H
#define SIKAP_CLI_EVALUATION_H

#include "cli/command.h"

/* What eval and crossval do with an evaluation: a table on standard output, JSON, gates. */
struct evaluation_options {
    char *json;
    struct option_list gates;
};

#define EVALUATION_ROWS(noun, member)                                                              \
    {.shown = {"json", "FILE", NULL,                                                               \
               "write all figures there as JSON; '-': to standard output, "                        \
               "in place of the table",                                                            \
               "Report"},                                                                          \
     .kind = OPTION_TEXT,                                                                          \
     .offset = offsetof(noun, member) + offsetof(struct evaluation_options, json)},                \
    {                                                                                              \
        .shown = {"gate", "EXPR", NULL,                                                            \
                  "exit with 1 unless it holds, e.g. topic.macro.f1>=0.70; "                       \
                  "may be repeated",                                                               \
                  "Report"},                                                                       \
        .kind = OPTION_LIST,                                                                       \
        .offset = offsetof(noun, member) + offsetof(struct evaluation_options, gates)              \
    }

/* SIKAP_GATE, with everything said, when a gate failed. */
int evaluation_report(struct job *job, const struct evaluation_options *options,
                      const sikap_evaluation *evaluation, sikap_error *err);

#endif
