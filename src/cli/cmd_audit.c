/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "cli/common.h"
#include "sikap_analyse.h"
#include "sikap_train.h"

struct audit_options {
    char *json, *scores;
    size_t limit, rare;
    int text_only;
};

#define AT(member) offsetof(struct audit_options, member)

static const struct option_row rows[] = {
    {{"json", "FILE", NULL,
      "write all findings there as JSON; '-': to standard output, in place of the table", "Report"},
     OPTION_TEXT,
     AT(json),
     0,
     0,
     NULL},
    {{"limit", "N", "10", "how many of each kind the table shows", "Report"},
     OPTION_COUNT,
     AT(limit),
     1,
     1e9,
     NULL},
    {{"rare", "N", "10", "labels with fewer documents are listed, not judged", "Report"},
     OPTION_COUNT,
     AT(rare),
     1,
     1e9,
     NULL},
    {{"text-only", NULL, NULL,
      "judge a label by the text alone, not also by the document's other labels", "Report"},
     OPTION_SWITCH,
     AT(text_only),
     0,
     0,
     NULL},
    {{"scores", "FILE", NULL,
      "write the probability of every label of every document there, as JSON Lines", "Report"},
     OPTION_TEXT,
     AT(scores),
     0,
     0,
     NULL},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int write_json(const void *audit, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_audit_json(audit, write, context, err);
}

static int write_scores(const void *audit, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_audit_scores(audit, write, context, err);
}

static int run(struct job *job, sikap_error *err)
{
    const struct audit_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    sikap_audit *audit = NULL;
    const sikap_audit_settings settings = {own->rare, own->text_only};
    int status = sikap_audit_run(&audit, job->operands, job->n_operands, job->options, &settings,
                                 &watch, err);
    terminal_finish(job->terminal);
    if (status == 0 && own->scores != NULL)
        status = common_save(job, own->scores, write_scores, audit, err);
    if (status == 0 && own->json != NULL)
        status = common_save(job, own->json, write_json, audit, err);
    if (status == 0 && (own->json == NULL || strcmp(own->json, "-") != 0))
        status = sikap_audit_text(audit, common_columns(), own->limit, terminal_write,
                                  job->terminal, err);
    sikap_audit_free(audit);
    return status;
}

static library_table *const library[] = {sikap_corpus_option, sikap_train_option, NULL};

const struct command command_audit = {
    .name = "audit",
    .summary = "what is wrong with a labelled corpus",
    .operands = "CORPUS... [options]",
    .description =
        "Ranks the documents by how doubtful their labels are: labels that should perhaps go, and "
        "labels that are perhaps missing, judged by models of the other documents, learnt with the "
        "options that 'sikap train' would get. Then lists rare labels, labels that never or always "
        "come together, names that hardly differ, and texts that are there twice, are empty, very "
        "long or very short, or in a stray language (English, Indonesian or other). Doubt is a "
        "reason to look, not a verdict: see docs/labelling.md.\n",
    .examples = "sikap audit train.jsonl\n"
                "sikap audit train.jsonl --limit 3 --json findings.json\n",
    .own = &table,
    .own_size = sizeof(struct audit_options),
    .library = library,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
