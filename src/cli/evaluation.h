/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CLI_EVALUATION_H
#define SIKAP_CLI_EVALUATION_H

#include "cli/command.h"

/* What eval and crossval do with an evaluation: a table on standard output, JSON, and the checks of
 * CI with their reports. */
struct evaluation_options {
    char *json, *html;
    struct option_list gates;
    char *baseline;
    struct option_list baseline_figures;
    double max_drop;
    int strict_drop;
    char *junit, *markdown;
};

#define EVALUATION_ROWS(noun, member)                                                              \
    {.shown = {"json", "FILE", NULL,                                                               \
               "write all figures there as JSON; '-': to standard output, "                        \
               "in place of the table",                                                            \
               "Report"},                                                                          \
     .kind = OPTION_TEXT,                                                                          \
     .offset = offsetof(noun, member.json)},                                                       \
        {.shown = {"html", "FILE", NULL,                                                           \
                   "write a report for people there: one HTML page that needs no network",         \
                   "Report"},                                                                      \
         .kind = OPTION_TEXT,                                                                      \
         .offset = offsetof(noun, member.html)},                                                   \
        {.shown = {"gate", "EXPR", NULL,                                                           \
                   "exit with 1 unless it holds, e.g. topic.macro.f1>=0.70; "                      \
                   "may be repeated",                                                              \
                   "Checks"},                                                                      \
         .kind = OPTION_LIST,                                                                      \
         .offset = offsetof(noun, member.gates)},                                                  \
        {.shown = {"baseline", "FILE", NULL,                                                       \
                   "exit with 1 when figures are significantly worse than before: --json of an "   \
                   "earlier run, or, for a sharper test, a label file or a model",                 \
                   "Checks"},                                                                      \
         .kind = OPTION_TEXT,                                                                      \
         .offset = offsetof(noun, member.baseline)},                                               \
        {.shown = {"baseline-figure", "PATH", NULL,                                                \
                   "what to hold against the baseline, e.g. topic.macro.f1; may be repeated; "     \
                   "default: micro and macro F1 of every field",                                   \
                   "Checks"},                                                                      \
         .kind = OPTION_LIST,                                                                      \
         .offset = offsetof(noun, member.baseline_figures)},                                       \
        {.shown = {"max-drop", "X", "0", "a drop up to this is no failure", "Checks"},             \
         .kind = OPTION_REAL,                                                                      \
         .offset = offsetof(noun, member.max_drop),                                                \
         .max = 1},                                                                                \
        {.shown = {"strict-drop", NULL, NULL, "any larger drop fails, significant or not",         \
                   "Checks"},                                                                      \
         .kind = OPTION_SWITCH,                                                                    \
         .offset = offsetof(noun, member.strict_drop)},                                            \
        {.shown = {"junit", "FILE", NULL, "write the checks there as JUnit XML", "Checks"},        \
         .kind = OPTION_TEXT,                                                                      \
         .offset = offsetof(noun, member.junit)},                                                  \
    {                                                                                              \
        .shown = {"markdown", "FILE", NULL,                                                        \
                  "write checks, figures and lowest labels there, for a job's summary", "Checks"}, \
        .kind = OPTION_TEXT, .offset = offsetof(noun, member.markdown)                             \
    }

/* What an evaluation was made of, for a baseline to be evaluated likewise and for the report. */
struct evaluation_source {
    const sikap_model *model; /* NULL: none */
    const char *name;         /* of what is evaluated: a file */
    const char *const *gold;  /* [n_gold] corpora */
    size_t n_gold;
    int is_crossval;
};

/* SIKAP_USAGE for options that do not go together: before the work begins. */
int evaluation_check_options(const struct evaluation_options *options, sikap_error *err);
/* SIKAP_GATE, with everything said, when a check failed. */
int evaluation_report(struct job *job, const struct evaluation_options *options,
                      const sikap_evaluation *evaluation, const struct evaluation_source *source,
                      sikap_error *err);

#endif
