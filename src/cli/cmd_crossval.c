/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "cli/common.h"
#include "cli/evaluation.h"
#include "sikap_train.h"

struct crossval_options {
    struct evaluation_options shared;
    char *predictions;
};

static const struct option_row rows[] = {
    EVALUATION_ROWS(struct crossval_options, shared),
    {.shown = {"predictions", "FILE", NULL,
               "write the out-of-fold labels and scores there, as JSON Lines", "Report"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct crossval_options, predictions)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int run(struct job *job, sikap_error *err)
{
    const struct crossval_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_evaluation *evaluation = NULL;
    struct sink sink = {0};
    const struct evaluation_source source = {.name = job->operands[0],
                                             .gold = job->operands,
                                             .n_gold = job->n_operands,
                                             .is_crossval = 1};
    int status = evaluation_check_options(&own->shared, err);
    if (status == 0 && own->predictions != NULL)
        status = output_open(&sink.output, own->predictions, err);
    if (status != 0)
        return status;
    status = sikap_crossval(&evaluation, job->operands, job->n_operands, job->options, &watch,
                            sink.output == NULL ? NULL : common_write_file, &sink, err);
    if (status != 0)
        goto done;
    if (sink.output != NULL) {
        struct output *output = sink.output;
        sink.output = NULL;
        status = output_commit(output, err);
    }
    if (status == 0)
        status = evaluation_report(job, &own->shared, evaluation, &source, err);

done:
    if (sink.err.code != SIKAP_OK && status != 0)
        *err = sink.err;
    output_abandon(sink.output);
    sikap_evaluation_free(evaluation);
    return status;
}

static library_table *const library[] = {sikap_corpus_option, sikap_train_option,
                                         sikap_crossval_option, NULL};

const struct command command_crossval = {
    .name = "crossval",
    .summary = "how good a model of these texts would be",
    .operands = "CORPUS... [options]",
    .description =
        "Cuts the corpus into folds and labels each with a model that was trained on the others, "
        "with the options that 'sikap train' would get. Every choice that training makes, "
        "thresholds included, is made anew inside each fold. Documents of one group and texts that "
        "are nearly the same stay in one fold. With --tune the search for options, too, is made "
        "anew in each fold: the figures are those of 'sikap train --tune', the best of many "
        "trials without the flattery.\n",
    .examples = "sikap crossval train.jsonl\n"
                "sikap crossval train.jsonl --folds 3 --json -\n"
                "sikap crossval train.jsonl --repeats 5\n"
                "sikap crossval train.jsonl --time date\n"
                "sikap crossval train.jsonl --tune quick\n",
    .own = &table,
    .own_size = sizeof(struct crossval_options),
    .library = library,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
