/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "cli/common.h"

struct predict_options {
    char *model;
};

static const struct option_row rows[] = {
    {.shown = {"model", "MODEL", NULL,
               "model file; without it $SIKAP_MODEL, else the shipped model", "Model"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct predict_options, model)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int run(struct job *job, sikap_error *err)
{
    const struct predict_options *own = job->own;
    sikap_model *model;
    const int status = common_model(&model, own->model, err);
    if (status != 0)
        return status;
    common_hint_stdin(job);
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_counts counts;
    const int predicted = sikap_predict(model, job->operands, job->n_operands, job->options, &watch,
                                        terminal_write, job->terminal, &counts, err);
    sikap_model_free(model);
    return predicted;
}

static library_table *const library[] = {sikap_predict_option, sikap_corpus_option, NULL};

const struct command command_predict = {
    .name = "predict",
    .summary = "put labels on texts",
    .operands = "[-m MODEL] [FILE...] [options]",
    .description =
        "Labels every document of the files, or of standard input, and writes one line for each, "
        "in order: its id, the labels of every field, and with --scores how sure each is. A file "
        "is one plain text unless it says otherwise by its name or first byte; '-' is standard "
        "input.\n",
    .examples = "sikap predict article.txt\n"
                "sikap predict -m news.sikap test.jsonl --scores\n"
                "sikap predict --format tsv < article.txt\n",
    .own = &table,
    .own_size = sizeof(struct predict_options),
    .library = library,
    .max_operands = SIZE_MAX,
    .run = run,
};
