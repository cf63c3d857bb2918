/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/memory.h"
#include "cli/common.h"
#include "cli/evaluation.h"

struct eval_options {
    struct evaluation_options shared;
    char *predictions;
    struct option_list gold;
};

static const struct option_row rows[] = {
    EVALUATION_ROWS(struct eval_options, shared),
    {.shown = {"predictions", "FILE", NULL, "evaluate this label file in place of a model",
               "Label files"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct eval_options, predictions)},
    {.shown = {"gold", "CORPUS", NULL, "the true labels, joined by id; may be repeated",
               "Label files"},
     .kind = OPTION_LIST,
     .offset = offsetof(struct eval_options, gold)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int evaluate_model(struct job *job, const sikap_watch *watch, sikap_evaluation **out,
                          sikap_error *err)
{
    if (job->n_operands < 2)
        return error_set(err, SIKAP_USAGE, NULL, 0, "expected: sikap eval MODEL CORPUS...");
    sikap_model *model;
    int status = sikap_model_load(&model, job->operands[0], err);
    if (status == 0)
        status = sikap_evaluate(out, model, job->operands + 1, job->n_operands - 1, job->options,
                                watch, err);
    sikap_model_free(model);
    return status;
}

/* The gold corpora are those of --gold, then the operands. */
static int evaluate_file(struct job *job, const sikap_watch *watch, sikap_evaluation **out,
                         sikap_error *err)
{
    const struct eval_options *own = job->own;
    const size_t n = own->gold.n + job->n_operands;
    if (n == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--predictions needs --gold CORPUS to compare with");
    const char **gold = memory_alloc(n, sizeof *gold);
    if (gold == NULL)
        return error_memory(err, "arguments");
    for (size_t i = 0; i < n; i++)
        gold[i] = i < own->gold.n ? own->gold.items[i] : job->operands[i - own->gold.n];
    const int status =
        sikap_evaluate_predictions(out, own->predictions, gold, n, job->options, watch, err);
    memory_free(gold);
    return status;
}

static int run(struct job *job, sikap_error *err)
{
    const struct eval_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_evaluation *evaluation = NULL;
    if (own->predictions == NULL && own->gold.n > 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--gold goes with --predictions FILE");
    int status = own->predictions != NULL ? evaluate_file(job, &watch, &evaluation, err)
                                          : evaluate_model(job, &watch, &evaluation, err);
    if (status == 0)
        status = evaluation_report(job, &own->shared, evaluation, err);
    sikap_evaluation_free(evaluation);
    return status;
}

static library_table *const library[] = {sikap_evaluate_option, sikap_corpus_option, NULL};

const struct command command_eval = {
    .name = "eval",
    .summary = "how good a model, or a label file, is",
    .operands = "MODEL CORPUS... [options]",
    .description =
        "Labels the documents of the corpus and compares with the labels they carry: precision, "
        "recall and F1 of every label, micro, macro and weighted. With --predictions FILE --gold "
        "CORPUS it takes labels that somebody else has given. Gates turn a figure into an exit "
        "code.\n",
    .examples = "sikap eval news.sikap test.jsonl\n"
                "sikap eval news.sikap test.jsonl --json report.json --gate 'topic.micro.f1>=0.1'\n"
                "sikap eval --predictions labels.jsonl --gold test.jsonl\n",
    .own = &table,
    .own_size = sizeof(struct eval_options),
    .library = library,
    .max_operands = SIZE_MAX,
    .run = run,
};
