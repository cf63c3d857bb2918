/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "cli/common.h"
#include "sikap_analyse.h"

struct aggregate_command {
    char *json, *svg;
    struct option_list labels;
};

static const struct option_row rows[] = {
    {.shown = {"json", "FILE", NULL,
               "write all estimates there as JSON; '-': to standard output, in place of the CSV",
               "Report"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct aggregate_command, json)},
    {.shown = {"svg", "FILE", NULL, "draw the shares over time there", "Report"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct aggregate_command, svg)},
    {.shown = {"label", "LABEL", NULL,
               "draw this label (or FIELD:LABEL); may be repeated; without it the four most common",
               "Report"},
     .kind = OPTION_LIST,
     .offset = offsetof(struct aggregate_command, labels)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int write_json(const void *aggregation, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_aggregation_json(aggregation, write, context, err);
}

struct chart {
    const sikap_aggregation *aggregation;
    const struct option_list *labels;
};

static int write_svg(const void *thing, sikap_write *write, void *context, sikap_error *err)
{
    const struct chart *chart = thing;
    return sikap_aggregation_svg(chart->aggregation, (const char *const *)chart->labels->items,
                                 chart->labels->n, write, context, err);
}

static int run(struct job *job, sikap_error *err)
{
    const struct aggregate_command *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_aggregation *aggregation = NULL;
    common_hint_stdin(job);
    int status =
        sikap_aggregate(&aggregation, job->operands, job->n_operands, job->options, &watch, err);
    terminal_finish(job->terminal);
    if (status == 0 && own->svg != NULL) {
        const struct chart chart = {aggregation, &own->labels};
        status = common_save(job, own->svg, write_svg, &chart, err);
    }
    if (status == 0 && own->json != NULL)
        status = common_save(job, own->json, write_json, aggregation, err);
    if (status == 0 && (own->json == NULL || strcmp(own->json, "-") != 0))
        status = sikap_aggregation_csv(aggregation, terminal_write, job->terminal, err);
    sikap_aggregation_free(aggregation);
    return status;
}

static library_table *const library[] = {sikap_aggregate_option, sikap_corpus_option, NULL};

const struct command command_aggregate = {
    .name = "aggregate",
    .summary = "how common each label is over time and source, corrected for errors",
    .operands = "[PREDICTIONS...] --by KEYS [options]",
    .description =
        "Counts the labels that predict has given, in cells such as months and outlets, and "
        "corrects the shares for the classifier's errors, which it learns from documents whose "
        "true labels are known. Writes CSV: the keys, field, label, n, raw (share as counted), "
        "adjusted, and the 95 % interval low to high. docs/aggregate.md says what that assumes.\n",
    .examples =
        "sikap predict -m news.sikap 2024.jsonl | sikap aggregate --by month --corpus 2024.jsonl "
        "--field topic\n"
        "sikap aggregate labels.jsonl --by month,outlet --corpus 2024.jsonl --gold checked.jsonl\n"
        "sikap aggregate labels.jsonl --by week --corpus 2024.jsonl --gold train.jsonl "
        "--calibration out-of-fold.jsonl\n",
    .own = &table,
    .own_size = sizeof(struct aggregate_command),
    .library = library,
    .max_operands = SIZE_MAX,
    .run = run,
};
