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
                          sikap_model **model, sikap_error *err)
{
    if (job->n_operands < 2)
        return error_set(err, SIKAP_USAGE, NULL, 0, "expected: sikap eval MODEL CORPUS...");
    const int status = sikap_model_load(model, job->operands[0], err);
    return status != 0 ? status
                       : sikap_evaluate(out, *model, job->operands + 1, job->n_operands - 1,
                                        job->options, watch, err);
}

/* The gold corpora are those of --gold, then the operands. */
static int gold_of_file(const struct job *job, const char ***out, size_t *n, sikap_error *err)
{
    const struct eval_options *own = job->own;
    *n = own->gold.n + job->n_operands;
    *out = NULL;
    if (*n == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--predictions needs --gold CORPUS to compare with");
    const char **gold = memory_alloc(*n, sizeof *gold);
    if (gold == NULL)
        return error_memory(err, "arguments");
    for (size_t i = 0; i < *n; i++)
        gold[i] = i < own->gold.n ? own->gold.items[i] : job->operands[i - own->gold.n];
    *out = gold;
    return 0;
}

static int run(struct job *job, sikap_error *err)
{
    const struct eval_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_evaluation *evaluation = NULL;
    sikap_model *model = NULL;
    struct evaluation_source source = {0};
    const char **gold = NULL;
    if (own->predictions == NULL && own->gold.n > 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--gold goes with --predictions FILE");
    int status = evaluation_check_options(&own->shared, err);
    if (status == 0 && own->predictions == NULL) {
        status = evaluate_model(job, &watch, &evaluation, &model, err);
        source.model = model;
        source.name = job->operands[0];
        source.gold = job->operands + 1;
        source.n_gold = status == 0 ? job->n_operands - 1 : 0;
    } else if (status == 0) {
        status = gold_of_file(job, &gold, &source.n_gold, err);
        source.gold = gold;
        source.name = own->predictions;
        if (status == 0)
            status = sikap_evaluate_predictions(&evaluation, own->predictions, gold, source.n_gold,
                                                job->options, &watch, err);
    }
    if (status == 0)
        status = evaluation_report(job, &own->shared, evaluation, &source, err);
    sikap_evaluation_free(evaluation);
    sikap_model_free(model);
    memory_free(gold);
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
        "CORPUS it takes labels that somebody else has given. Gates, and a baseline that must not "
        "be missed, turn figures into an exit code.\n",
    .examples = "sikap eval news.sikap test.jsonl\n"
                "sikap eval news.sikap test.jsonl --json report.json --gate 'topic.micro.f1>=0.1'\n"
                "sikap eval news.sikap test.jsonl --html report.html\n"
                "sikap eval news.sikap test.jsonl --baseline old.sikap --max-drop 0.01\n"
                "sikap eval --predictions labels.jsonl --gold test.jsonl\n",
    .own = &table,
    .own_size = sizeof(struct eval_options),
    .library = library,
    .max_operands = SIZE_MAX,
    .run = run,
};
