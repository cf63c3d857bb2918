/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CORPUS_CORPUS_H
#define SIKAP_CORPUS_CORPUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/option.h"

/* Reading a corpus, in two halves so that all cores can take part: the corpus cuts its byte stream
 * into blocks of whole raw records (cheap, one thread at a time), and parsers, one per worker, turn
 * a raw record into a document. */

struct text {
    const char *bytes; /* NULL: absent */
    size_t n;
};

enum { CORPUS_MAX_LABEL = 65535 }; /* bytes of a label: what a model file can hold */

enum field_kind { FIELD_AUTO, FIELD_MULTI, FIELD_SINGLE };

/* How a corpus is read: the struct behind sikap_corpus_option_table. */
struct corpus_options {
    struct option_list fields; /* --field NAME[:multi|:single], repeatable */
    char *segments;            /* --segments title,text (weights behind '*' and ':apart' are the
                                * features' business; the corpus only takes the names) */
    int input;                 /* --input: enum corpus_format, CORPUS_AUTO by default */
    char *encoding;            /* --encoding NAME, for iconv; NULL: UTF-8 */
    char *separator;           /* --separator: CSV column separator, one byte; NULL: ',' or TAB */
    char *label_separator;     /* --label-separator: inside a multi cell, '|' */
    char *id_key;              /* --id: "id" */
    int folder_labels;         /* --folder-labels: of a directory, label = sub-folder */
    size_t max_line;           /* --max-line: bytes of one record, 64M */
    int strict;                /* --strict: a bad record is fatal, broken UTF-8 too */
};
extern const struct option_table corpus_option_table;

/* What the caller wants of each document. */
struct corpus_request {
    int wants_labels; /* 0: fields are not looked for (predict) */
    int wants_text;   /* 0: a record without text is fine (label files) */
    int wants_scores; /* numbers beside the labels: the `scores` of a prediction file */
    const char *const
        *fields; /* names the caller insists on, e.g. the model's; overrides options */
    const enum field_kind *kinds;
    size_t n_fields;             /* 0: from the options, else discovered */
    const char *const *segments; /* likewise; NULL: from the options, default title and text */
    size_t n_segments;
    const char *const *extras; /* further keys whose string (or number) value is wanted */
    size_t n_extras;
    size_t n_unlabelled; /* of the paths, the last so many: text alone, whatever labels they have */
};

struct corpus;

int corpus_open(struct corpus **out, const char *const *paths, size_t n_paths,
                const struct corpus_options *options, const struct corpus_request *request,
                sikap_error *err);
void corpus_free(struct corpus *corpus);

/* Known after corpus_open, which looks at the first block to discover what was not given. */
size_t corpus_n_fields(const struct corpus *corpus);
const char *corpus_field(const struct corpus *corpus, size_t field);
enum field_kind corpus_field_kind(const struct corpus *corpus, size_t field); /* never AUTO */
/* The keys of the first documents that could be fields, for error messages: "topic, stance", or
 * "none"; NUL-terminated. */
int corpus_field_keys(struct buffer *out, const char *const *paths, size_t n_paths,
                      const struct corpus_options *options, sikap_error *err);
size_t corpus_n_segments(const struct corpus *corpus);
const char *corpus_segment(const struct corpus *corpus, size_t segment);

struct corpus_block; /* opaque: raw records with their positions; reused round after round */
int corpus_block_new(struct corpus_block **out, sikap_error *err);
void corpus_block_free(struct corpus_block *block);

/* Fills `block` with the next whole records, about `target_bytes` of them (at least one record).
 * *n_records 0: the corpus is at its end, where it also is after a failure. One thread at a time.
 */
int corpus_next(struct corpus *corpus, struct corpus_block *block, size_t target_bytes,
                size_t *n_records, sikap_error *err);

struct document_labels {
    int annotated;   /* 0: the field is absent or null */
    size_t first, n; /* into document.labels */
};

struct document_score {
    size_t field;
    struct text label;
    double value;
};

struct document {
    struct text id;                 /* the record's, else FILE:LINE */
    const char *file;               /* borrowed from the corpus */
    size_t line;                    /* 1-based line where the record begins; 0: a whole file */
    struct text *segments;          /* [n_segments] valid UTF-8 */
    size_t n_segments;              /* corpus_n_segments */
    struct document_labels *fields; /* [corpus_n_fields] */
    struct text *labels;            /* of all fields */
    size_t n_labels;
    struct text *extras;           /* [n_extras] */
    struct document_score *scores; /* JSON Lines only; of the fields that are read */
    size_t n_scores;
    size_t n_repaired; /* broken UTF-8 sequences replaced */
    size_t n_bytes;    /* of all segments */
    int is_unlabelled; /* of corpus_request.n_unlabelled */
};

/* What can be read only once among the paths: "standard input" (also where there are no paths) or
 * "a pipe", with its number in *at; NULL: all can be read again. */
const char *corpus_read_once(const char *const *paths, size_t n_paths, size_t *at);
/* Says that so many documents were repaired, if any. */
void corpus_tell_repaired(const sikap_watch *watch, uint64_t n_repaired);

struct corpus_parser;
int corpus_parser_new(struct corpus_parser **out, const struct corpus *corpus, sikap_error *err);
void corpus_parser_free(struct corpus_parser *parser);
/* Parses record i of `block`. SIKAP_DATA when the record is bad: id, file and line of *doc are then
 * still filled, and the caller goes on. *doc is borrowed until the parser's next call (or the
 * block's refill). */
int corpus_parse(struct corpus_parser *parser, const struct corpus_block *block, size_t i,
                 struct document *doc, sikap_error *err);

/* Writes the records of `paths` for which `keeps` says yes, byte for byte, in order. Records are
 * numbered through all files, bad ones included; *n_seen: how many there were. SIKAP_USAGE when
 * they cannot stand in one file: plain texts, or files of several formats. */
typedef int corpus_keeps(const void *context, size_t record);
int corpus_copy(const char *const *paths, size_t n_paths, const struct corpus_options *options,
                corpus_keeps *keeps, const void *keeps_context, sikap_write *write, void *context,
                size_t *n_seen, sikap_error *err);

#endif
