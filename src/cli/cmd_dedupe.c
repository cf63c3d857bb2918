/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "cli/common.h"
#include "sikap_analyse.h"

struct dedupe_options {
    char *keep;
};

static const struct option_row rows[] = {
    {.shown = {"keep", "FILE", NULL,
               "write the corpus without its duplicates there; '-': to standard output, in place "
               "of the clusters",
               "Output"},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct dedupe_options, keep)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static int write_clusters(const void *duplicates, sikap_write *write, void *context,
                          sikap_error *err)
{
    return sikap_duplicates_json(duplicates, write, context, err);
}

static int write_kept(const void *duplicates, sikap_write *write, void *context, sikap_error *err)
{
    return sikap_duplicates_keep(duplicates, write, context, err);
}

/* The summary is for the person: line by line to standard error. */
static int note_lines(void *terminal, const char *bytes, size_t n)
{
    for (const char *end = bytes + n; bytes < end;) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        const size_t length = newline == NULL ? (size_t)(end - bytes) : (size_t)(newline - bytes);
        terminal_note(terminal, "%.*s", (int)length, bytes);
        bytes += length + (newline != NULL);
    }
    return 0;
}

static int run(struct job *job, sikap_error *err)
{
    const struct dedupe_options *own = job->own;
    const sikap_watch watch = terminal_watch(job->terminal);
    const int only_kept = own->keep != NULL && strcmp(own->keep, "-") == 0;
    sikap_duplicates *duplicates;
    int status = sikap_duplicates_find(&duplicates, job->operands, job->n_operands, job->options,
                                       &watch, err);
    if (status != 0)
        return status;
    terminal_finish(job->terminal);
    if (own->keep != NULL)
        status = common_save(job, own->keep, write_kept, duplicates, err);
    if (status == 0 && !only_kept)
        status = common_save(job, "-", write_clusters, duplicates, err);
    if (status == 0)
        status =
            sikap_duplicates_text(duplicates, common_columns(), note_lines, job->terminal, err);
    sikap_duplicates_free(duplicates);
    return status;
}

static library_table *const library[] = {sikap_duplicates_option, sikap_corpus_option, NULL};

const struct command command_dedupe = {
    .name = "dedupe",
    .summary = "texts that are the same, or nearly",
    .operands = "CORPUS... [options]",
    .description =
        "Finds near-duplicates, within a file and across files, and writes one line of JSON for "
        "each cluster: first the document that would be kept, the earliest, then those similar to "
        "it. Similarity is the share of word pairs that two texts have in common, exact, whatever "
        "letter case and punctuation; a headline inside an article is no duplicate of it. A "
        "summary goes to standard error. With --field, clusters whose documents carry different "
        "labels are reported.\n",
    .examples = "sikap dedupe train.jsonl test.jsonl\n"
                "sikap dedupe news.jsonl.gz --keep - > clean.jsonl\n"
                "sikap dedupe train.jsonl --field topic | jq 'select(.conflicts)'\n",
    .own = &table,
    .own_size = sizeof(struct dedupe_options),
    .library = library,
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
