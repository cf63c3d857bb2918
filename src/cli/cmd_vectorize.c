/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "cli/common.h"
#include "sikap_train.h"

struct vectorize_options {
    char *output;
    char *model;
};

static const struct option_row rows[] = {
    {.shown = {"output", "FILE", NULL, "file to write; without it standard output", "Matrix"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct vectorize_options, output)},
    {.shown = {"model", "MODEL", NULL,
               "use this model's vocabulary and idf, so that columns agree "
               "with a matrix made before",
               "Matrix"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct vectorize_options, model)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int run(struct job *job, sikap_error *err)
{
    const struct vectorize_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_model *model = NULL;
    struct sink sink = {0};
    int status = own->model == NULL ? 0 : sikap_model_load(&model, own->model, err);
    if (status == 0 && own->output != NULL)
        status = output_open(&sink.output, own->output, err);
    if (status != 0)
        goto done;
    const int to_file = own->output != NULL;
    status = sikap_vectorize(model, job->operands, job->n_operands, job->options, &watch,
                             to_file ? common_write_file : terminal_write,
                             to_file ? (void *)&sink : (void *)job->terminal, err);
    if (status != 0 && sink.err.code != SIKAP_OK)
        *err = sink.err;
    if (status == 0 && to_file) {
        struct output *output = sink.output;
        sink.output = NULL;
        status = output_commit(output, err);
    }

done:
    output_abandon(sink.output);
    sikap_model_free(model);
    return status;
}

static library_table *const library[] = {sikap_corpus_option, sikap_train_option, NULL};

const struct command command_vectorize = {
    .name = "vectorize",
    .summary = "the matrix that train learns from, in svmlight format",
    .operands = "CORPUS... [-o FILE] [options]",
    .description =
        "Writes the features and labels that 'sikap train' would learn from as svmlight, for "
        "LIBLINEAR's own tools and others. With -m the vocabulary and idf are the model's, so that "
        "held-out documents get the same columns.\n",
    .examples = "sikap vectorize train.jsonl -o train.svm --field topic\n"
                "sikap vectorize test.jsonl -m news.sikap -o test.svm --field topic\n",
    .own = &table,
    .own_size = sizeof(struct vectorize_options),
    .library = library,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
