/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/common.h"
#include "sikap_analyse.h"

struct compare_options {
    struct option_list gold;
    char *json, *differences;
};

static const struct option_row rows[] = {
    {.shown = {"gold", "CORPUS", NULL, "the true labels, joined by id; may be repeated",
               "Comparing"},
     .kind = OPTION_LIST,
     .offset = offsetof(struct compare_options, gold)},
    {.shown = {"json", "FILE", NULL,
               "write all figures there as JSON; '-': to standard output, in place of the table",
               "Report"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct compare_options, json)},
    {.shown = {"differences", "FILE", NULL,
               "write the documents on which they differ there, as JSON Lines", "Report"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct compare_options, differences)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int write_json(const void *comparison, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_comparison_json(comparison, write, context, err);
}

static int write_differences(const void *comparison, sikap_write *write, void *context,
                             sikap_error *err)
{
    return sikap_comparison_differences(comparison, write, context, err);
}

static int run(struct job *job, sikap_error *err)
{
    const struct compare_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_comparison *comparison = NULL;
    if (own->gold.n == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--gold CORPUS is missing: the true labels");
    int status =
        sikap_compare(&comparison, job->operands[0], job->operands[1],
                      (const char *const *)own->gold.items, own->gold.n, job->options, &watch, err);
    terminal_finish(job->terminal);
    if (status == 0 && own->json != NULL)
        status = common_save(job, own->json, write_json, comparison, err);
    if (status == 0 && (own->json == NULL || strcmp(own->json, "-") != 0))
        status =
            sikap_comparison_text(comparison, common_columns(), terminal_write, job->terminal, err);
    if (status == 0 && own->differences != NULL)
        status = common_save(job, own->differences, write_differences, comparison, err);
    sikap_comparison_free(comparison);
    return status;
}

static library_table *const library[] = {sikap_compare_option, sikap_corpus_option, NULL};

const struct command command_compare = {
    .name = "compare",
    .summary = "which of two models, or label files, is better, and how sure that is",
    .operands = "A B --gold CORPUS [options]",
    .description =
        "A and B are each a model or a label file (what predict writes, or anybody's labels), told "
        "by content. Both are measured on the same gold documents: the difference of every figure "
        "with its 95 % interval by paired bootstrap, and the p-value of approximate "
        "randomisation, corrected by Holm for the number of labels, or of fields. Take texts that "
        "neither was trained on.\n",
    .examples = "sikap compare old.sikap new.sikap --gold test.jsonl\n"
                "sikap compare old.jsonl new.sikap --gold test.jsonl --differences differ.jsonl\n"
                "sikap compare a.sikap b.sikap --gold test.jsonl --group outlet --json -\n",
    .own = &table,
    .own_size = sizeof(struct compare_options),
    .library = library,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
