/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "base/number.h"
#include "cli/common.h"
#include "sikap_analyse.h"
#include "sikap_train.h"

struct bench_options {
    char *model, *json;
    struct option_list test, gates;
    size_t runs;
    int throughput_only;
};

static const struct option_row rows[] = {
    {.shown = {"model", "MODEL", NULL, "measure this model, in place of one trained on the corpus",
               "Bench"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct bench_options, model)},
    {.shown = {"runs", "N", "3", "times each stage is run; the median counts", "Bench"},
     .kind = OPTION_COUNT,
     .offset = offsetof(struct bench_options, runs),
     .min = 1,
     .max = 1000},
    {.shown = {"test", "CORPUS", NULL,
               "judge the model on these texts; may be repeated; without it a trained model is "
               "cross-validated, a given one judged on the corpus",
               "Bench"},
     .kind = OPTION_LIST,
     .offset = offsetof(struct bench_options, test)},
    {.shown = {"throughput-only", NULL, NULL, "measure no quality", "Bench"},
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct bench_options, throughput_only)},
    {.shown = {"json", "FILE", NULL,
               "write all figures there as JSON; '-': to standard output, in place of the table",
               "Report"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct bench_options, json)},
    {.shown = {"gate", "EXPR", NULL,
               "exit with 1 unless it holds, e.g. throughput.predict.mb_per_second>=20 or "
               "topic.macro.f1>=0.70; may be repeated",
               "Checks"},
     .kind = OPTION_LIST,
     .offset = offsetof(struct bench_options, gates)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int put_json(const void *bench, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_bench_json(bench, write, context, err);
}

static int put_table(const void *bench, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_bench_text(bench, common_columns(), write, context, err);
}

/* One line for each gate on standard error; SIKAP_GATE when one failed. */
static int check_gates(struct job *job, const struct option_list *gates, const sikap_bench *bench,
                       sikap_error *err)
{
    int result = 0;
    for (size_t i = 0; i < gates->n; i++) {
        int passed;
        double value;
        const int status = sikap_bench_gate(bench, gates->items[i], &passed, &value, err);
        if (status != 0)
            return status;
        common_gate(job, gates->items[i], passed, value);
        if (!passed)
            result = SIKAP_GATE;
    }
    return result;
}

static int run(struct job *job, sikap_error *err)
{
    const struct bench_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    const sikap_bench_settings settings = {.model = own->model,
                                           .test = (const char *const *)own->test.items,
                                           .n_test = own->test.n,
                                           .n_runs = own->runs,
                                           .throughput_only = own->throughput_only};
    const int to_stdout = own->json != NULL && own->json[0] == '-' && own->json[1] == '\0';
    sikap_bench *bench;
    int status = sikap_bench_new(&bench, job->operands, job->n_operands, &settings, job->options,
                                 &watch, err);
    terminal_finish(job->terminal);
    if (status == 0 && own->json != NULL)
        status = common_save(job, own->json, put_json, bench, err);
    if (status == 0 && !to_stdout)
        status = common_save(job, "-", put_table, bench, err);
    if (status == 0)
        status = check_gates(job, &own->gates, bench, err);
    sikap_bench_free(bench);
    return status;
}

static library_table *const library[] = {sikap_corpus_option, sikap_train_option, NULL};

const struct command command_bench = {
    .name = "bench",
    .summary = "how fast, and how good, on your texts and machine",
    .operands = "CORPUS... [options]",
    .description =
        "Times reading, extracting terms, training and labelling, each from the files to its "
        "result, with the options that 'sikap train' would get; then judges the model. The JSON "
        "is that of 'sikap eval' with a member \"throughput\".\n",
    .examples = "sikap bench train.jsonl --test test.jsonl\n"
                "sikap bench train.jsonl --throughput-only --runs 1 --json -\n"
                "sikap bench test.jsonl -m news.sikap --gate 'throughput.load.seconds<5'\n",
    .own = &table,
    .own_size = sizeof(struct bench_options),
    .library = library,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
