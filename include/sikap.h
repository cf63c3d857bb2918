/* SPDX-License-Identifier: Apache-2.0 */
/* sikap.h: use a model. Load it, label texts, explain the labels, evaluate them.
 *
 * Conventions. A function that can fail returns 0 or a sikap_status; results come back through the
 * first parameter, the error through the last (NULL: not wanted). On failure *out is NULL. `T
 * **out` belongs to the caller and is freed with the matching _free, which takes NULL. Every other
 * pointer is borrowed; its comment says until when. Text is UTF-8. The library never prints, never
 * exits, and never touches the locale. A model is read-only after loading and may be shared by
 * threads; a scorer may not. */
#ifndef SIKAP_H
#define SIKAP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SIKAP_API __attribute__((visibility("default")))
#else
#define SIKAP_API
#endif

/* The status codes are the program's exit codes. */
typedef enum sikap_status {
    SIKAP_OK = 0,
    SIKAP_GATE = 1,      /* a quality gate failed */
    SIKAP_USAGE = 2,     /* an option or argument is wrong */
    SIKAP_DATA = 3,      /* a corpus is wrong */
    SIKAP_MODEL = 4,     /* a model file is wrong */
    SIKAP_SYSTEM = 5,    /* I/O or memory */
    SIKAP_CANCELLED = 6, /* the caller's watch asked to stop */
} sikap_status;

typedef struct sikap_error {
    sikap_status code;
    char file[256];    /* "" where there is no file; the end of a longer path */
    size_t line;       /* 1-based; 0 where there is no line */
    char message[512]; /* one line, lower case, no full stop */
} sikap_error;

/* How a long operation talks to its caller. Any member may be NULL. Calls come one at a time, in
 * document order, but not always from the thread that called the operation. */
typedef struct sikap_watch {
    void *context;
    /* A record that was skipped or repaired; the operation goes on. */
    void (*problem)(void *context, const sikap_error *problem);
    /* `done` of `total` units of a named stage; total 0: not known. */
    void (*progress)(void *context, const char *stage, size_t done, size_t total);
    /* Non-zero asks the operation to stop with SIKAP_CANCELLED. */
    int (*stopped)(void *context);
} sikap_watch;

SIKAP_API const char *sikap_version(void);

/* ---- options: named values, as on the command line without the dashes --------------------------
 */

typedef struct sikap_options sikap_options;

/* One row of an option table: what --help, the man page and completion show. */
typedef struct sikap_option {
    const char *name;     /* "min-df" */
    const char *argument; /* "N"; NULL: a switch */
    const char *fallback; /* the default, as it would be typed; NULL: none */
    const char *help;     /* one or two lines, no full stop at the end */
    const char *group;    /* heading in --help */
} sikap_option;

SIKAP_API int sikap_options_new(sikap_options **out, sikap_error *err);
SIKAP_API void sikap_options_free(sikap_options *options);

/* Adds NAME=VALUE (copied; NULL value: a switch that is on). Names and values are checked by the
 * operation that uses them: SIKAP_USAGE there. A later value replaces an earlier one, except for
 * repeatable options (field, class-weight). */
SIKAP_API int sikap_options_set(sikap_options *options, const char *name, const char *value,
                                sikap_error *err);

/* Row i of an option table, NULL past its end. Options that say how a corpus is read: accepted by
 * every operation that reads one. */
SIKAP_API const sikap_option *sikap_corpus_option(size_t i);
/* Options of sikap_predict. */
SIKAP_API const sikap_option *sikap_predict_option(size_t i);

/* ---- models ------------------------------------------------------------------------------------
 */

typedef struct sikap_model sikap_model;

/* Loads a model file ("-" is not accepted). A damaged or foreign file is
 * SIKAP_MODEL; nothing in a file can make the library read or write out of bounds. */
SIKAP_API int sikap_model_load(sikap_model **out, const char *path, sikap_error *err);
SIKAP_API void sikap_model_free(sikap_model *model);

SIKAP_API size_t sikap_model_n_terms(const sikap_model *model);
SIKAP_API size_t sikap_model_n_fields(const sikap_model *model);
/* Borrowed until the model is freed. */
SIKAP_API const char *sikap_model_field(const sikap_model *model, size_t field);
/* 1: any number of labels; 0: exactly one. */
SIKAP_API int sikap_model_field_is_multi(const sikap_model *model, size_t field);
/* Labels are numbered through all fields: field f owns [first, first + n). */
SIKAP_API size_t sikap_model_first_label(const sikap_model *model, size_t field);
SIKAP_API size_t sikap_model_n_labels(const sikap_model *model, size_t field);
SIKAP_API size_t sikap_model_n_all_labels(const sikap_model *model);
SIKAP_API const char *sikap_model_label(const sikap_model *model, size_t label);
/* The label called `name`, or "field:label": SIKAP_USAGE where there is none. */
SIKAP_API int sikap_model_find_label(size_t *label, const sikap_model *model, const char *name,
                                     sikap_error *err);
/* Decision value at and above which a label of a multi field is given. */
SIKAP_API double sikap_model_threshold(const sikap_model *model, size_t label);
/* Probability of a label at a decision value, by the model's calibration; NaN where the model has
 * none. For a single field pass every label through sikap_probabilities instead. */
SIKAP_API int sikap_model_has_probabilities(const sikap_model *model, size_t field);
/* Provenance: "version", "corpus", "options", "documents" …; NULL where not known. Borrowed. */
SIKAP_API const char *sikap_model_note(const sikap_model *model, const char *name);
SIKAP_API const char *sikap_model_note_name(const sikap_model *model,
                                            size_t i); /* NULL past the end */

/* Reads the text of the terms, which stays compressed in a loaded model until someone asks; any
 * number of threads may. SIKAP_MODEL or SIKAP_SYSTEM when that fails. sikap_model_term does it by
 * itself, but can only give empty texts then: call this first to be told. */
SIKAP_API int sikap_model_read_terms(const sikap_model *model, sikap_error *err);
/* The text of a term ("dewan keamanan"), n bytes without a NUL, borrowed until the model is freed;
 * whether it is a character n-gram (its spaces are part of it); the segment whose terms are kept
 * apart that it belongs to, or NULL. */
SIKAP_API const char *sikap_model_term(const sikap_model *model, size_t term, size_t *n);
SIKAP_API int sikap_model_term_is_chars(const sikap_model *model, size_t term);
SIKAP_API const char *sikap_model_term_segment(const sikap_model *model, size_t term);
/* Its document frequency in training, and its weight for a label. */
SIKAP_API uint64_t sikap_model_term_df(const sikap_model *model, size_t term);
SIKAP_API double sikap_model_weight(const sikap_model *model, size_t term, size_t label);
SIKAP_API double sikap_model_bias(const sikap_model *model, size_t label);

/* ---- scoring one document ----------------------------------------------------------------------
 */

typedef struct sikap_scorer sikap_scorer;

typedef struct sikap_segment {
    const char *name; /* "title", "text"; NULL: "text" */
    const char *text; /* UTF-8, need not end in NUL; broken bytes count as U+FFFD */
    size_t n;         /* bytes */
} sikap_segment;

/* Working memory for scoring with `model`, which must outlive it. */
SIKAP_API int sikap_scorer_new(sikap_scorer **out, const sikap_model *model, sikap_error *err);
SIKAP_API void sikap_scorer_free(sikap_scorer *scorer);

/* The text is scored as a whole, also by a model that reads long articles in passages.
 * Decision values f(x) = b + Σ w_t x_t of all labels of all fields into scores[n_all_labels]. */
SIKAP_API int sikap_score(sikap_scorer *scorer, const sikap_segment *segments, size_t n_segments,
                          float *scores, sikap_error *err);

/* Where the score of a label comes from: bytes [begin, end) of a segment; end 0: the whole text. */
typedef struct sikap_passage {
    uint32_t segment; /* index into the segments that were scored */
    size_t begin, end;
} sikap_passage;

/* As sikap_predict scores: where the model reads long articles in passages and this is one, of each
 * label the highest score of the whole and of its passages, and into passages[n_all_labels] (NULL:
 * not wanted) where that is; else as sikap_score. Score that passage alone (a segment with the same
 * name) for sikap_explain to show its sum. The text must be valid UTF-8, SIKAP_DATA otherwise: in a
 * repaired one the places would be others. */
SIKAP_API int sikap_score_passages(sikap_scorer *scorer, const sikap_segment *segments,
                                   size_t n_segments, float *scores, sikap_passage *passages,
                                   sikap_error *err);
/* 1 when the model reads long articles in passages. */
SIKAP_API int sikap_model_has_passages(const sikap_model *model);

/* The labels the model gives at these scores: chosen[label] = 1 or 0, for all labels. */
SIKAP_API void sikap_choose(const sikap_model *model, const float *scores, unsigned char *chosen);

/* Calibrated probabilities of all labels at these scores; NaN for labels without calibration. */
SIKAP_API void sikap_probabilities(const sikap_model *model, const float *scores,
                                   double *probabilities);

/* How sure the model is that the labels it gives at these scores are exactly right, for each field,
 * into certainty[n_fields]: in a single field the probability of the label given, in a multi field
 * the product over labels of the probability that each is as given. Without probabilities a single
 * field has the lead of its best score, a multi field NaN. */
SIKAP_API int sikap_certainty(const sikap_model *model, const float *scores, double *certainty,
                              sikap_error *err);
/* What certainty to ask for, so that the labels of a share `coverage` (0 to 1) of documents like the
 * training documents are kept: learnt from them out of fold. NaN where the model does not know. */
SIKAP_API double sikap_model_certainty(const sikap_model *model, size_t field, double coverage);

/* ---- explaining one document -------------------------------------------------------------------
 */

/* Why a label has its score: contributions that add up to the decision value, exactly, when added
 * to the bias in the order given. `label` counts through all fields. */
typedef struct sikap_contribution {
    uint32_t term;
    uint32_t count;     /* times the term stands in the document, segment weights included */
    float contribution; /* its share of the decision value */
} sikap_contribution;

/* The contributions of the document last scored by `scorer`, in the order in which sikap_score
 * added them; *out is borrowed until the scorer's next call. */
SIKAP_API int sikap_explain(sikap_scorer *scorer, size_t label, const sikap_contribution **out,
                            size_t *n, sikap_error *err);

/* Where the terms of the document last scored stand: one entry per occurrence, in text order. */
typedef struct sikap_occurrence {
    uint32_t term;
    uint32_t segment;  /* index into the segments that were scored */
    size_t begin, end; /* byte range in that segment's text */
} sikap_occurrence;
SIKAP_API int sikap_occurrences(sikap_scorer *scorer, const sikap_segment *segments,
                                size_t n_segments, const sikap_occurrence **out, size_t *n,
                                sikap_error *err);

/* ---- labelling a corpus ------------------------------------------------------------------------
 */

typedef int sikap_write(void *context, const char *bytes, size_t n); /* 0, or -1 with errno set */

typedef struct sikap_counts {
    uint64_t n_documents;  /* in, whatever became of them */
    uint64_t n_skipped;    /* could not be read: reported, and a line with `error` in predictions */
    uint64_t n_repaired;   /* documents with broken UTF-8 */
    uint64_t n_bytes;      /* of text */
    uint64_t n_unlabelled; /* read only for their text, by training */
} sikap_counts;

/* Labels every document of `paths` ("-": standard input; n_paths 0: standard input) and writes one
 * line per document, in order. counts and watch may be NULL. */
SIKAP_API int sikap_predict(const sikap_model *model, const char *const *paths, size_t n_paths,
                            const sikap_options *options, const sikap_watch *watch,
                            sikap_write *write, void *context, sikap_counts *counts,
                            sikap_error *err);

/* ---- evaluating --------------------------------------------------------------------------------
 */

typedef struct sikap_evaluation sikap_evaluation;

/* Options of sikap_evaluate and sikap_evaluate_predictions: bootstrap, seed, group … */
SIKAP_API const sikap_option *sikap_evaluate_option(size_t i);

/* Labels the documents of `paths` and compares with the labels they carry, for each field of the
 * model that the corpus has. Documents that are not annotated for a field do not count for it. */
SIKAP_API int sikap_evaluate(sikap_evaluation **out, const sikap_model *model,
                             const char *const *paths, size_t n_paths, const sikap_options *options,
                             const sikap_watch *watch, sikap_error *err);
/* The same for a label file (sikap_predict's output, or anybody's), joined to `gold` by id. A gold
 * document that the file does not have is SIKAP_DATA. */
SIKAP_API int sikap_evaluate_predictions(sikap_evaluation **out, const char *predictions,
                                         const char *const *gold, size_t n_gold,
                                         const sikap_options *options, const sikap_watch *watch,
                                         sikap_error *err);
SIKAP_API void sikap_evaluation_free(sikap_evaluation *evaluation);
/* The figures as one JSON object (docs/evaluation.md) or as a table of at most `columns` columns.
 */
SIKAP_API int sikap_evaluation_json(const sikap_evaluation *evaluation, sikap_write *write,
                                    void *context, sikap_error *err);
SIKAP_API int sikap_evaluation_text(const sikap_evaluation *evaluation, size_t columns,
                                    sikap_write *write, void *context, sikap_error *err);
/* Checks a gate such as `topic.macro.f1>=0.70`: *passed is 1 or 0, *value what stands there.
 * SIKAP_USAGE when the expression is wrong or names nothing. */
SIKAP_API int sikap_evaluation_gate(const sikap_evaluation *evaluation, const char *expression,
                                    int *passed, double *value, sikap_error *err);

#ifdef __cplusplus
}
#endif

#endif
