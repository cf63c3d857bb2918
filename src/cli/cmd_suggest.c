/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "cli/common.h"
#include "sikap_analyse.h"

struct suggest_command {
    char *model;
};

static const struct option_row rows[] = {
    {.shown = {"model", "MODEL", NULL,
               "model file; without it $SIKAP_MODEL, else the shipped model", "Model"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct suggest_command, model)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int run(struct job *job, sikap_error *err)
{
    const struct suggest_command *own = job->own;
    sikap_model *model;
    int status = common_model(&model, own->model, err);
    if (status != 0)
        return status;
    common_hint_stdin(job);
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_suggested counts;
    status = sikap_suggest(model, job->operands, job->n_operands, job->options, &watch,
                           terminal_write, job->terminal, &counts, err);
    terminal_finish(job->terminal);
    if (status == 0)
        terminal_note(job->terminal, "%zu of %llu documents; %zu that are labelled were left out",
                      counts.n_chosen, (unsigned long long)counts.read.n_documents,
                      counts.n_labelled);
    sikap_model_free(model);
    return status;
}

static library_table *const library[] = {sikap_suggest_option, sikap_corpus_option, NULL};

const struct command command_suggest = {
    .name = "suggest",
    .summary = "which documents to label next",
    .operands = "[-m MODEL] POOL... [options]",
    .description =
        "Picks the documents of the pool that the model would learn most from: those whose labels "
        "it is least sure of, and that say most of the others in the pool. Documents that are "
        "annotated for "
        "all fields of the model are left out. What comes out is a corpus that waits for labels: "
        "text, the model's fields, empty, and why the document was chosen. See "
        "docs/labelling.md.\n",
    .examples = "sikap suggest -m news.sikap test.jsonl -n 20\n"
                "sikap suggest -m news.sikap test.jsonl --train train.jsonl --format csv\n",
    .own = &table,
    .own_size = sizeof(struct suggest_command),
    .library = library,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
