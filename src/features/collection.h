/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_COLLECTION_H
#define SIKAP_FEATURES_COLLECTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/parallel.h"
#include "corpus/corpus.h"
#include "features/feature_options.h"
#include "features/matrix.h"
#include "features/names.h"
#include "features/shingles.h"
#include "features/vocabulary.h"

/* The annotations of one field: labels of row i are labels[start[i] .. start[i+1]). */
struct collection_field {
    char *name;
    int is_multi;
    struct names names;       /* labels, in order of first appearance */
    unsigned char *annotated; /* [n_rows] */
    size_t annotated_capacity;
    size_t *start; /* [n_rows + 1] */
    size_t start_capacity;
    uint32_t *labels;
    size_t n_labels, labels_capacity;
};

/* A key other than text and labels (group, target …): value[i] is a number in `names`, or
 * NAMES_FULL where the document has none. */
struct collection_extra {
    const char *name; /* borrowed from the caller of collect */
    struct names names;
    uint32_t *value; /* [n_rows] */
    size_t value_capacity;
};

/* Where the rows come from. */
struct collection_places {
    struct names files;
    uint32_t *file; /* [n_rows] number in `files` */
    size_t *line;   /* [n_rows] where the record begins; 0: a whole file */
    size_t *record; /* [n_rows] how many records were read before it, bad ones included */
    size_t capacity[3];
};

/* Counts of a row's terms, those that were dropped included. */
struct collection_total {
    float all, longer; /* longer: of those, word n-grams of two tokens and more */
};

/* A corpus read once and tokenised: what all of training works on. counts holds raw term counts;
 * cross-validation, tuning and the final model weigh the same counts. */
struct collection {
    size_t n_rows;
    size_t n_labelled;    /* the rows before it: those behind are unlabelled text */
    struct matrix counts; /* [n_rows][vocabulary->n_terms] */
    struct vocabulary *vocabulary;
    struct names ids; /* row i has id ids.items[i] */
    struct collection_field *fields;
    size_t n_fields;
    struct collection_extra *extras;
    size_t n_extras;
    sikap_counts read;
    struct collection_total *totals; /* [n_rows] */
    float *visited;       /* [n_rows][n_visited] what collect_request.visit made of the documents */
    uint64_t fingerprint; /* of ids, texts and labels, in order */
    double average_length[NGRAM_KINDS]; /* counts per row, for bm25 */
    struct shingles shingles;           /* of the rows, where wanted */
    struct collection_places places;    /* likewise */
    uint32_t raised_df; /* the least df that a memory limit made of --min-df, or 0 */
};

/* What a caller does with a document while its text is at hand: numbers[n_visited] of it go to its
 * row. Called by several workers at once, for documents that do
 * not become rows too. */
typedef int collect_visit(void *context, size_t worker, const struct document *doc, float *numbers,
                          sikap_error *err);

/* Memory that reading and all that follows may take, and what follows takes: bytes for each term,
 * label, non-zero and row. The corpus is then read twice (not from standard input), and terms that
 * are too rare take no room; where that is not enough, the least df is raised. */
struct collect_limit {
    size_t max_memory;
    double per_term, per_term_label, per_nonzero, per_row, per_row_label;
};

struct collect_request {
    const struct collect_limit *limit; /* NULL: none */
    const struct corpus_options *corpus;
    const struct feature_options *features;
    const char *stop_words;               /* the words; NULL: none */
    const struct corpus_request *request; /* NULL: labels and text as the options say */
    const char *const *extras;
    size_t n_extras;
    size_t n_unlabelled; /* of the paths, the last: corpus_request.n_unlabelled */
    const struct vocabulary *vocabulary;
    collect_visit *visit; /* in place of counting terms */
    void *visit_context;
    size_t n_visited;
    int counts_too; /* with visit: terms are counted as well */
    int wants_shingles, wants_places;
    int ids_may_repeat; /* a document with an id met before is a row too */
};
/* Reads `paths`. The vocabulary holds the terms that --min-df and --max-df keep; when
 * request->vocabulary is given it is used instead, and *out has none (held-out documents cannot add
 * to it). A bad record or a duplicate id is reported to watch and skipped, or fatal with --strict.
 */
int collect(struct collection **out, const char *const *paths, size_t n_paths,
            const struct collect_request *request, struct pool *pool, const sikap_watch *watch,
            sikap_error *err);
void collection_free(struct collection *c);
/* A visit for those who want no terms. */
collect_visit collect_no_terms;

/* Groups numbered without gaps into *out [n_rows] (the caller's), a document without a value being
 * a group of its own. Returns how many groups there are; *out is NULL when memory is out. */
size_t collection_groups(const struct collection_extra *extra, size_t n_rows, uint32_t **out);

/* Keeps only the terms with keep[t] != 0, renumbered in order; counts and vocabulary shrink. */
int collection_select(struct collection *c, const unsigned char *keep, sikap_error *err);

/* average_length, from the sums of all counts of each kind of term: part of locking and selecting.
 */
void collection_set_lengths(struct collection *c, const double sum[NGRAM_KINDS]);

/* Bytes of a duplicate-free document frequency: df[t] over the rows (NULL: all). */
void collection_df(const struct collection *c, const uint32_t *rows, size_t n_rows, uint32_t *df);

#endif
