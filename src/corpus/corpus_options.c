/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus/corpus_internal.h"

static const char *const formats[] = {"auto",  "jsonl", "csv",      "tsv", "text",
                                      "lines", "dir",   "fasttext", NULL};

#define AT(member) offsetof(struct corpus_options, member)
#define GROUP "Reading"

static const struct option_row rows[] = {
    {{"field", "NAME[:KIND]", NULL,
      "labels to read (repeatable); KIND multi or single, told by the data when not given", GROUP},
     OPTION_LIST,
     AT(fields),
     0,
     0,
     NULL},
    {{"input", "FORMAT", "auto",
      "jsonl, csv, tsv, text (one document), lines, dir or fasttext; auto: by name, then content",
      GROUP},
     OPTION_CHOICE,
     AT(input),
     0,
     0,
     formats},
    {{"encoding", "NAME", NULL, "character encoding of the input, if it is not UTF-8", GROUP},
     OPTION_TEXT,
     AT(encoding),
     0,
     0,
     NULL},
    {{"separator", "C", NULL, "column separator of CSV; default ',' (tsv: TAB)", GROUP},
     OPTION_TEXT,
     AT(separator),
     0,
     0,
     NULL},
    {{"label-separator", "C", "|", "between the labels in a cell of CSV or TSV", GROUP},
     OPTION_TEXT,
     AT(label_separator),
     0,
     0,
     NULL},
    {{"id", "KEY", "id", "key of the document id; FILE:LINE where it is missing", GROUP},
     OPTION_TEXT,
     AT(id_key),
     0,
     0,
     NULL},
    {{"folder-labels", NULL, NULL, "of a directory: the sub-folder's name is the label", GROUP},
     OPTION_SWITCH,
     AT(folder_labels),
     0,
     0,
     NULL},
    {{"max-line", "BYTES", "64M", "a longer record is refused", GROUP},
     OPTION_COUNT,
     AT(max_line),
     1024,
     1073741824.0,
     NULL},
    {{"strict", NULL, NULL, "a bad record or broken UTF-8 is fatal", GROUP},
     OPTION_SWITCH,
     AT(strict),
     0,
     0,
     NULL},
};
const struct option_table corpus_option_table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_corpus_option(size_t i)
{
    return option_shown(&corpus_option_table, i);
}
