/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/common.h"
#include "sikap_analyse.h"

struct agree_options {
    char *json, *disagreements;
};

static const struct option_row rows[] = {
    {.shown = {"json", "FILE", NULL,
               "write all figures there as JSON; '-': to standard output, in place of the table",
               "Report"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct agree_options, json)},
    {.shown = {"disagreements", "FILE", NULL,
               "write the documents on which they disagree there, as JSON Lines", "Report"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct agree_options, disagreements)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int write_json(const void *agreement, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_agreement_json(agreement, write, context, err);
}

static int write_disagreements(const void *agreement, sikap_write *write, void *context,
                               sikap_error *err)
{
    return sikap_agreement_disagreements(agreement, write, context, err);
}

static int run(struct job *job, sikap_error *err)
{
    const struct agree_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_agreement *agreement = NULL;
    int status = sikap_agree(&agreement, job->operands, job->n_operands, job->options, &watch, err);
    terminal_finish(job->terminal);
    if (status == 0 && own->json != NULL)
        status = common_save(job, own->json, write_json, agreement, err);
    if (status == 0 && (own->json == NULL || strcmp(own->json, "-") != 0))
        status =
            sikap_agreement_text(agreement, common_columns(), terminal_write, job->terminal, err);
    if (status == 0 && own->disagreements != NULL)
        status = common_save(job, own->disagreements, write_disagreements, agreement, err);
    sikap_agreement_free(agreement);
    return status;
}

static library_table *const library[] = {sikap_agree_option, sikap_corpus_option, NULL};

const struct command command_agree = {
    .name = "agree",
    .summary = "how far annotators, or label files, agree",
    .operands = "A B... [options]",
    .description =
        "Label files of the same documents, joined by id: Krippendorff's alpha, Cohen's kappa, F1 "
        "of one against the other and the plain share of agreement, for every field and label, and "
        "which labels are given in place of each other. Documents that a file lacks, or has not "
        "annotated, count where two others have them.\n",
    .examples = "sikap agree anna.jsonl budi.jsonl --field topic\n"
                "sikap agree anna.csv budi.csv citra.csv --field stance:single --json -\n"
                "sikap agree anna.jsonl budi.jsonl --disagreements discuss.jsonl\n",
    .own = &table,
    .own_size = sizeof(struct agree_options),
    .library = library,
    .min_operands = 2,
    .max_operands = 100,
    .run = run,
};
