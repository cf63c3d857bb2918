/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "base/number.h"
#include "cli/common.h"
#include "sikap_analyse.h"

struct drift_command {
    char *json;
    size_t limit;
    double fail_below;
};

#define AT(member) offsetof(struct drift_command, member)

static const struct option_row rows[] = {
    {{"json", "FILE", NULL,
      "write all figures there as JSON; '-': to standard output, in place of the table", "Report"},
     OPTION_TEXT,
     AT(json),
     0,
     0,
     NULL},
    {{"limit", "N", "10", "how many labels the table shows, and all that changed", "Report"},
     OPTION_COUNT,
     AT(limit),
     0,
     1e9,
     NULL},
    {{"fail-below", "P", "0",
      "exit with 1 when a change of at least a small effect has a corrected p below P", "Report"},
     OPTION_REAL,
     AT(fail_below),
     0,
     1,
     NULL},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int write_json(const void *drift, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_drift_json(drift, write, context, err);
}

static int check(struct job *job, const sikap_drift *drift)
{
    const struct drift_command *own = job->own;
    const double p = sikap_drift_p(drift);
    if (!(p < own->fail_below))
        return 0;
    struct buffer text = {0};
    number_print(&text, p);
    buffer_text(&text, " is below ");
    number_print(&text, own->fail_below);
    buffer_byte(&text, '\0');
    terminal_failure(job->terminal, "the smallest corrected p %s",
                     text.failed ? "is too small" : text.bytes);
    buffer_free(&text);
    return SIKAP_GATE;
}

static int run(struct job *job, sikap_error *err)
{
    const struct drift_command *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_model *model;
    sikap_drift *drift = NULL;
    int status = sikap_model_load(&model, job->operands[0], err);
    if (status == 0)
        status = sikap_drift_measure(&drift, model, job->operands + 1, job->n_operands - 1,
                                     job->options, &watch, err);
    terminal_finish(job->terminal);
    if (status == 0 && own->json != NULL)
        status = common_save(job, own->json, write_json, drift, err);
    if (status == 0 && (own->json == NULL || strcmp(own->json, "-") != 0))
        status = sikap_drift_text(drift, common_columns(), own->limit, terminal_write,
                                  job->terminal, err);
    if (status == 0)
        status = check(job, drift);
    sikap_drift_free(drift);
    sikap_model_free(model);
    return status;
}

static library_table *const library[] = {sikap_drift_option, sikap_corpus_option, NULL};

const struct command command_drift = {
    .name = "drift",
    .summary = "whether new texts still are what a model learnt from",
    .operands = "MODEL NEW... [options]",
    .description =
        "Holds new texts, which need no labels, against what the model keeps of its training "
        "texts, or against other texts: how much of a text is unknown, how long it is, how unsure "
        "the model is, how often each label is given. Says what changed and what to do. See "
        "docs/labelling.md.\n",
    .examples = "sikap drift news.sikap test.jsonl\n"
                "sikap drift news.sikap test.jsonl --against train.jsonl --json -\n",
    .own = &table,
    .own_size = sizeof(struct drift_command),
    .library = library,
    .min_operands = 2,
    .max_operands = SIZE_MAX,
    .run = run,
};
