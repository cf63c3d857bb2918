/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/common.h"
#include "sikap_train.h"

struct train_options {
    char *output;
    char *tune;
};

static const struct option_row rows[] = {
    {.shown = {"output", "MODEL", NULL,
               "model file to write; an old one is replaced when the new "
               "one is complete",
               "Model"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct train_options, output)},
    {.shown =
         {"tune", "EFFORT", NULL,
          "search the options that are not given by cross-validation: quick, full, or a number "
          "of seconds; what was tried goes to standard output",
          "Learning"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct train_options, tune)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int run(struct job *job, sikap_error *err)
{
    const struct train_options *own = job->own;
    if (own->output == NULL || own->output[0] == '\0')
        return error_set(err, SIKAP_USAGE, NULL, 0, "name the model file to write with -o MODEL");
    if (strcmp(own->output, "-") == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "a model is written to a file, not to standard output");
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_counts counts;
    sikap_model *model;
    int status = 0;
    if (own->tune != NULL)
        status = sikap_tune(job->options, own->tune, job->operands, job->n_operands, &watch,
                            terminal_write, job->terminal, err);
    if (status == 0)
        status =
            sikap_train(&model, job->operands, job->n_operands, job->options, &watch, &counts, err);
    if (status != 0)
        return status;
    const size_t n_labels = sikap_model_n_all_labels(model);
    const size_t n_terms = sikap_model_n_terms(model);
    status = sikap_model_save(model, own->output, err);
    sikap_model_free(model);
    if (status != 0)
        return status;
    terminal_finish(job->terminal);
    const unsigned long long n_unlabelled = counts.n_unlabelled;
    const unsigned long long n_read = counts.n_documents - counts.n_skipped;
    char more[64] = "";
    if (n_unlabelled > 0)
        snprintf(more, sizeof more, " and %llu unlabelled ones", n_unlabelled);
    terminal_note(job->terminal, "%s: %zu labels over %zu terms, learnt from %llu documents%s%s",
                  own->output, n_labels, n_terms, n_read - n_unlabelled, more,
                  counts.n_skipped == 0 ? "" : " (some were skipped)");
    return 0;
}

static library_table *const library[] = {sikap_corpus_option, sikap_train_option, NULL};

const struct command command_train = {
    .name = "train",
    .summary = "learn a model from labelled texts",
    .operands = "CORPUS... -o MODEL [options]",
    .description =
        "Reads labelled documents (JSON Lines, CSV, TSV, a directory of .txt files, fastText, "
        "Doccano; .gz too; '-' is standard input), learns every label of every field, chooses "
        "thresholds by cross-validation and writes one model file. The same corpus and options "
        "give the same file, whatever the number of threads.\n",
    .examples = "sikap train train.jsonl -o news.sikap\n"
                "sikap train train.jsonl -o news.sikap --field topic:multi --ngrams 1-2\n",
    .own = &table,
    .own_size = sizeof(struct train_options),
    .library = library,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
