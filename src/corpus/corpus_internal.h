/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CORPUS_CORPUS_INTERNAL_H
#define SIKAP_CORPUS_CORPUS_INTERNAL_H

/* What the formats share: see README.md in this folder for how to add one. */

#include "base/buffer.h"
#include "base/input.h"
#include "base/json.h"
#include "corpus/corpus.h"

enum corpus_format {
    CORPUS_AUTO,
    CORPUS_JSONL,
    CORPUS_CSV,
    CORPUS_TSV,
    CORPUS_TEXT,
    CORPUS_LINES,
    CORPUS_DIR,
    CORPUS_FASTTEXT,
};

/* One file of the corpus. Kept until the corpus is freed: documents borrow `name` and `id`. */
struct corpus_file {
    char *path;
    char *name;                /* shown in messages: the path or <stdin> */
    char *id;                  /* of a file that is one document */
    char *label;               /* its sub-folder, with --folder-labels; NULL */
    enum corpus_format format; /* known when the file is opened */
    char separator;            /* of CSV and TSV */
    char **columns;            /* names from the header of CSV and TSV */
    size_t n_columns;
};

struct corpus_record {
    size_t begin, n; /* in the block's bytes */
    size_t file, line;
    int too_long;
};

struct corpus_block {
    struct buffer bytes; /* with JSON_PADDING readable bytes behind */
    struct corpus_record *records;
    size_t n, capacity;
};

struct corpus_field {
    char *name;
    enum field_kind kind;
};

struct corpus {
    struct corpus_options options; /* borrowed texts */
    char separator, label_separator;
    int wants_labels, wants_text, wants_scores;
    struct corpus_field *fields;
    size_t n_fields;
    char **segments, **extras;
    size_t n_segments, n_extras;
    struct corpus_file **files;
    size_t n_files, files_capacity;
    size_t first_unlabelled; /* file; SIZE_MAX: none */
    size_t at_file;          /* the one being read, or to be opened next */
    struct input *input;     /* NULL: open at_file */
    int at_end;              /* of the input: only `carry` is left */
    size_t line;             /* number of the next record's first line */
    int skipping;            /* inside a record that was too long */
    struct buffer carry;     /* what is read and not yet cut, from carry_at on */
    size_t carry_at;
    size_t searched; /* bytes there without a record's end */
    struct buffer decoded;
    void *iconv;               /* iconv_t of --encoding; NULL: UTF-8 */
    struct corpus_block *head; /* looked at by discovery, handed out first */
    size_t head_n;
};

struct corpus_parser {
    const struct corpus *corpus;
    struct json_parser *json;
    struct buffer repaired; /* texts that had to be changed; grown before, never during, a record */
    struct text *segments;
    struct document_labels *fields;
    struct text *extras;
    struct text *labels;
    size_t labels_capacity;
    struct document_score *scores;
    size_t scores_capacity;
    struct text *cells;
    size_t cells_capacity;
    const struct json_node **members; /* of a JSON object: id, segments, fields, extras */
    size_t n_members;
    struct buffer id;
};

/* The formats' table: where the record that begins at bytes[0], n > 0, ends (0: its end is not in
 * bytes[0..n), which can only be while not at_end: nothing follows), and how it becomes a document.
 * `parse` fills what the record has, labels through parser_add_label, and returns SIKAP_DATA for a
 * bad record. */
struct format {
    const char *name;
    size_t (*cut)(const struct corpus_file *file, const char *bytes, size_t n, size_t searched,
                  int at_end);
    int (*parse)(struct corpus_parser *p, const struct corpus_file *file, const char *bytes,
                 size_t n, struct document *doc, sikap_error *err);
};
extern const struct format *const corpus_formats[];

int parser_add_label(struct corpus_parser *p, struct document *doc, size_t field, const char *text,
                     size_t n);
/* Splits bytes[0..n) at RFC 4180 columns into p->cells, quotes taken away in place of a copy.
 * Returns the number of cells or SIZE_MAX (out of memory, or *what says what is wrong). */
size_t csv_split(struct corpus_parser *p, char separator, const char *bytes, size_t n,
                 const char **what);
size_t line_cut(const struct corpus_file *file, const char *bytes, size_t n, size_t searched,
                int at_end);
/* The nodes of a JSON line, broken text in it repaired and counted. */
int jsonl_nodes(struct corpus_parser *p, const char *bytes, size_t n,
                const struct json_node **nodes, size_t *n_repaired, sikap_error *err);

/* corpus_files.c: paths to files (directories are walked, in byte order). */
int corpus_add_path(struct corpus *c, const char *path, sikap_error *err);
/* corpus_discover.c: fields and segments that were not given, from the first block. */
int corpus_discover(struct corpus *c, sikap_error *err);
/* corpus_tell.c: what the first bytes of a file, in `carry`, say of a format that is not given; and
 * SIKAP_DATA where they cannot be of the one that is. */
int corpus_tell_format(const struct corpus *c, struct corpus_file *file, sikap_error *err);
/* The header of a CSV or TSV file. */
int corpus_set_header(const struct corpus *c, struct corpus_file *file, const char *bytes, size_t n,
                      sikap_error *err);

extern const struct format format_jsonl, format_csv, format_tsv, format_text, format_lines,
    format_fasttext;

#endif
