/* SPDX-License-Identifier: Apache-2.0 */
/* sikap_analyse.h: study corpora, label files and models: what is in them, how they differ, what to
 * label next. It belongs to the static library inside the program; the conventions are sikap.h's.
 *
 * Every analysis is an opaque result with the same two views: a table of at most `columns` columns
 * for people, and JSON for programs. One section per analysis, in alphabetical order. */
#ifndef SIKAP_ANALYSE_H
#define SIKAP_ANALYSE_H

#include "sikap.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- agreement of annotators -------------------------------------------------------------------
 */

typedef struct sikap_agreement sikap_agreement;

/* Options of sikap_agree beside those of the corpus. */
const sikap_option *sikap_agree_option(size_t i);

/* How far two or more label files (people, or people and machines) agree on the same documents,
 * joined by id. Fields are those that the options name or the first file has; a document counts for
 * a field where two files or more annotated it. Per field and label: Krippendorff's alpha for
 * nominal data (2011), Cohen's kappa (1960; of more than two files the mean over pairs, Light
 * 1971), F1 of one against the other, share of agreement. alpha, F1 and the share of documents
 * labelled alike have 95 % intervals by bootstrap over documents, or over groups with the option
 * `group` (keys of the first file), where they are honest. Ids that a file lacks are told to
 * `watch`. SIKAP_USAGE for fewer than two files; SIKAP_DATA when no document is in two of them, or
 * one has not exactly one label in a single field. */
int sikap_agree(sikap_agreement **out, const char *const *files, size_t n_files,
                const sikap_options *options, const sikap_watch *watch, sikap_error *err);
void sikap_agreement_free(sikap_agreement *agreement);
int sikap_agreement_json(const sikap_agreement *agreement, sikap_write *write, void *context,
                         sikap_error *err);
int sikap_agreement_text(const sikap_agreement *agreement, size_t columns, sikap_write *write,
                         void *context, sikap_error *err);
/* One line of JSON for each document and field on which two files disagree:
 * {"id":…,"field":…,"given":[[labels of the first file],…]}, null where one has not annotated. */
int sikap_agreement_disagreements(const sikap_agreement *agreement, sikap_write *write,
                                  void *context, sikap_error *err);

/* ---- audit: what is wrong with a corpus ---------------------------------------------------------
 */

typedef struct sikap_audit sikap_audit;

typedef struct sikap_audit_settings {
    size_t rare;   /* labels with fewer documents are listed, not judged */
    int text_only; /* judge a label by the text alone, not also by the document's other labels */
} sikap_audit_settings;

/* Reads the labelled documents of `paths` with the options of sikap_train and looks for labels that
 * are probably wrong (confident learning on out-of-fold probabilities: Northcutt, Jiang and Chuang,
 * JAIR 70, 2021; each label of a multi field judged on its own, given the document's other labels),
 * for labels that are rare, go together oddly or are spelt alike, and for texts that are empty,
 * alike, unusually long or short, or in a stray language. watch may be NULL. */
int sikap_audit_run(sikap_audit **out, const char *const *paths, size_t n_paths,
                    const sikap_options *options, const sikap_audit_settings *settings,
                    const sikap_watch *watch, sikap_error *err);
void sikap_audit_free(sikap_audit *audit);
/* All findings as one JSON object (docs/labelling.md), or the first `limit` of every kind as a
 * table of at most `columns` columns (60 or more). */
int sikap_audit_json(const sikap_audit *audit, sikap_write *write, void *context, sikap_error *err);
int sikap_audit_text(const sikap_audit *audit, size_t columns, size_t limit, sikap_write *write,
                     void *context, sikap_error *err);
/* The probability of every label of every document, judged by models that have not seen it, as JSON
 * Lines: {"id":…,"scores":{FIELD:{LABEL:p}}}. */
int sikap_audit_scores(const sikap_audit *audit, sikap_write *write, void *context,
                       sikap_error *err);

/* ---- bench: how fast, and how good -------------------------------------------------------------
 */

typedef struct sikap_bench sikap_bench;

typedef struct sikap_bench_settings {
    const char *model;       /* a model file to measure; NULL: one is trained on the corpus */
    const char *const *test; /* [n_test] corpora to judge the model on; none: a trained model is
                              * cross-validated, a given one judged on the corpus itself */
    size_t n_test;
    size_t n_runs;       /* of every stage, 1 to 1000; the median counts */
    int throughput_only; /* the model is not judged */
} sikap_bench_settings;

/* Times the stages on this machine, each from the files `paths` to its result, after a reading that
 * is not timed: load (of a given model), read (records parsed), extract (terms counted and their
 * vocabulary locked), train, predict (lines of JSON thrown away). MB are 10^6 bytes of text,
 * whatever the files hold besides. `options` are those of sikap_train; of a given model those of
 * sikap_evaluate. SIKAP_USAGE: n_runs out of range, standard input among the paths. */
int sikap_bench_new(sikap_bench **out, const char *const *paths, size_t n_paths,
                    const sikap_bench_settings *settings, const sikap_options *options,
                    const sikap_watch *watch, sikap_error *err);
void sikap_bench_free(sikap_bench *bench);
/* The JSON of the evaluation (docs/evaluation.md) with a member "throughput"; or a table. */
int sikap_bench_json(const sikap_bench *bench, sikap_write *write, void *context, sikap_error *err);
int sikap_bench_text(const sikap_bench *bench, size_t columns, sikap_write *write, void *context,
                     sikap_error *err);
/* As sikap_evaluation_gate: `throughput.predict.mb_per_second>=20`, `topic.micro.f1>=0.7`. */
int sikap_bench_gate(const sikap_bench *bench, const char *expression, int *passed, double *value,
                     sikap_error *err);

/* ---- checks: what must hold of an evaluation ---------------------------------------------------
 */

/* A list of conditions with what became of them, for exit codes and reports of CI. */
typedef struct sikap_checks sikap_checks;

typedef struct sikap_check {
    const char *kind;    /* "gate" or "baseline" */
    const char *name;    /* the condition: "topic.macro.f1>=0.70"; a baseline's: "topic.macro.f1" */
    const char *message; /* the figure, and what it was held against; one line */
    int passed;
} sikap_check;

/* An empty list; `evaluation` is borrowed until the checks are freed. */
int sikap_checks_new(sikap_checks **out, const sikap_evaluation *evaluation, sikap_error *err);
void sikap_checks_free(sikap_checks *checks);
/* Check i, in the order in which they were added; NULL past the end. Borrowed until the checks are
 * freed. */
const sikap_check *sikap_checks_at(const sikap_checks *checks, size_t i);
size_t sikap_checks_n_failed(const sikap_checks *checks);

/* Adds the gate `expression`, as sikap_evaluation_gate reads it. */
int sikap_checks_gate(sikap_checks *checks, const char *expression, sikap_error *err);

/* What a baseline is and what must not happen to its figures. */
typedef struct sikap_baseline {
    const char *path; /* JSON of an evaluation, a label file or a model: told by its content */
    const char *const *figures; /* [n_figures] paths such as "topic.macro.f1"; none: micro and macro
                                 * F1 of every field */
    size_t n_figures;
    double max_drop; /* a drop up to this is no failure; figures where less is better may rise so */
    int strict;      /* a larger drop fails, significant or not */
    int refuse_model; /* for cross-validation: a model would have been trained on these texts */
} sikap_baseline;

/* Adds one check for each figure: it fails when the figure is worse than the baseline's by more
 * than max_drop, and significantly so (two-sided p below 0.05). `gold` and `options` are those that
 * the evaluation was made with. A label file or a model is evaluated on the same documents:
 * approximate randomisation over documents (groups, where the evaluation has them), 2,000 draws or
 * as many as the evaluation has resamples (Noreen 1989). JSON holds no documents: the two 95 %
 * intervals give standard errors, and the difference is taken for that of independent normal
 * figures, which on the same documents overstates its spread: the test then misses small drops
 * rather than inventing some. A drop that cannot be tested (no interval) passes, and its message
 * says so. A field that only the baseline has is a check that fails. SIKAP_USAGE: a figure that the
 * evaluation does not have, a model where one is refused; SIKAP_DATA: a figure that the baseline
 * does not have, a file that is none of the three. */
int sikap_checks_baseline(sikap_checks *checks, const sikap_baseline *baseline,
                          const char *const *gold, size_t n_gold, const sikap_options *options,
                          const sikap_watch *watch, sikap_error *err);

/* JUnit XML, one test case per check, in a suite called `suite`. */
int sikap_checks_junit(const sikap_checks *checks, const char *suite, sikap_write *write,
                       void *context, sikap_error *err);
/* Markdown for a job's summary: what was checked, the figures of every field with their intervals,
 * its worst labels. */
int sikap_checks_markdown(const sikap_checks *checks, sikap_write *write, void *context,
                          sikap_error *err);

/* ---- comparing two systems ---------------------------------------------------------------------
 */

typedef struct sikap_comparison sikap_comparison;

/* Options of sikap_compare beside those of the corpus. */
const sikap_option *sikap_compare_option(size_t i);

/* Compares two systems on the same gold documents: a and b are each a model file or a label file
 * (told by content), joined to `gold` by id. Per field: micro and macro F1, documents with all
 * labels right, F1 of every label; for each the difference B - A with a 95 % interval by paired
 * bootstrap (BCa), and two-sided p-values by approximate randomisation (Noreen 1989) and by the
 * bootstrap; for single fields McNemar's exact test. p-values are also given with Holm's (1979)
 * correction: of labels over the field, of the others over the fields. With the option `group`,
 * groups of documents are resampled and swapped in place of documents, and McNemar's test, which
 * knows no groups, is left out. Fields that only one side has are told to `watch` and left out.
 * gold is read once for each side, so it cannot be a pipe (SIKAP_USAGE); a label file can.
 * watch and err may be NULL. */
int sikap_compare(sikap_comparison **out, const char *a, const char *b, const char *const *gold,
                  size_t n_gold, const sikap_options *options, const sikap_watch *watch,
                  sikap_error *err);
void sikap_comparison_free(sikap_comparison *comparison);
int sikap_comparison_json(const sikap_comparison *comparison, sikap_write *write, void *context,
                          sikap_error *err);
int sikap_comparison_text(const sikap_comparison *comparison, size_t columns, sikap_write *write,
                          void *context, sikap_error *err);
/* One line of JSON for each document and field on which the two differ, in gold's order:
 * {"id":…,"field":…,"gold":[…],"a":[…],"b":[…],"nearer":"a"|"b"|null}. */
int sikap_comparison_differences(const sikap_comparison *comparison, sikap_write *write,
                                 void *context, sikap_error *err);

/* ---- shares of labels over time and source -----------------------------------------------------
 */

typedef struct sikap_aggregation sikap_aggregation;

/* Options of sikap_aggregate beside those of the corpus. */
const sikap_option *sikap_aggregate_option(size_t i);

/* How common each label is in cells of documents (option `by`: keys of the documents, and periods
 * that `date` is cut to), counted from the label files `paths` (none: standard input). With `gold`
 * the shares are corrected for the classifier's errors, which are measured on the gold documents
 * that `paths`, or the label file `calibration`, has labels for: adjusted count (Forman 2008) and,
 * where every document has the scores of all labels as probabilities, its probabilistic form (Bella
 * et al. 2010); single fields all classes together (Hopkins and King 2010). 95 % percentile
 * intervals by bootstrap over the known and the counted documents, withheld where either are fewer
 * than 20. The correction assumes that the classifier errs on the counted documents as often as on
 * the gold ones that it has not learnt from; what may differ is how common the labels are. Keys
 * that the label files do not have are joined by id from `corpus`. SIKAP_USAGE: no document has a
 * key of `by`; SIKAP_DATA: no gold document has a prediction, no document is labelled. */
int sikap_aggregate(sikap_aggregation **out, const char *const *paths, size_t n_paths,
                    const sikap_options *options, const sikap_watch *watch, sikap_error *err);
void sikap_aggregation_free(sikap_aggregation *aggregation);
/* CSV: one row for each cell, field and label; columns: the keys, field, label, n (documents), raw
 * (share as counted), adjusted, low, high (of adjusted); empty where there is none. */
int sikap_aggregation_csv(const sikap_aggregation *aggregation, sikap_write *write, void *context,
                          sikap_error *err);
/* The same with every estimate. */
int sikap_aggregation_json(const sikap_aggregation *aggregation, sikap_write *write, void *context,
                           sikap_error *err);

/* A chart of the first period in `by`, as an SVG file: the four most common labels (or labels and
 * values of the other keys), or of those that are named ("security", "topic:security") the six most
 * common. SIKAP_USAGE without a period or such a label. */
int sikap_aggregation_svg(const sikap_aggregation *aggregation, const char *const *labels,
                          size_t n_labels, sikap_write *write, void *context, sikap_error *err);
/* ---- duplicates: texts that say the same -------------------------------------------------------
 *
 * Similarity of two texts is the Jaccard similarity of their sets of word pairs (single words where
 * a text has no pair), letter case and punctuation aside: pairs in both / pairs in either, exact.
 * Pairs above a bound are found by prefix filtering (Bayardo, Ma, Srikant, "Scaling up all pairs
 * similarity search", WWW 2007): none is missed, unless hundreds of texts share one template.
 *
 * A cluster is one text that is kept, the first in the order of the files, and later ones that are
 * similar enough to IT, so what goes always has a likeness that stays. A short text inside a long
 * one is no duplicate of it: most of the long one is not in the short one. */

typedef struct sikap_duplicates sikap_duplicates;

/* Options beside those of the corpus: similarity, threads. */
const sikap_option *sikap_duplicates_option(size_t i);

/* Reads `paths`. Ids may repeat. With the option `field` labels are read too, and clusters whose
 * annotated members carry different labels are told apart. SIKAP_DATA: no usable document. */
int sikap_duplicates_find(sikap_duplicates **out, const char *const *paths, size_t n_paths,
                          const sikap_options *options, const sikap_watch *watch, sikap_error *err);
void sikap_duplicates_free(sikap_duplicates *duplicates);

/* Documents that an earlier one makes superfluous. */
size_t sikap_duplicates_n(const sikap_duplicates *duplicates);
/* One line per cluster of two or more, in the order of the kept documents, which stand first:
 * {"size":2,"documents":[{"id":"a","file":"train.jsonl","line":1,"similarity":1},…]}, similarity to
 * the kept one; with fields the labels of each, and "conflicts" with the fields in which they
 * differ. */
int sikap_duplicates_json(const sikap_duplicates *duplicates, sikap_write *write, void *context,
                          sikap_error *err);
/* A summary: documents and duplicates of each file, label conflicts. */
int sikap_duplicates_text(const sikap_duplicates *duplicates, size_t columns, sikap_write *write,
                          void *context, sikap_error *err);
/* The records of the files without the superfluous ones, byte for byte; records that could not be
 * read stay. Reads the files again: SIKAP_USAGE for standard input, for plain texts and for files
 * of several formats. */
int sikap_duplicates_keep(const sikap_duplicates *duplicates, sikap_write *write, void *context,
                          sikap_error *err);
/* ---- drift: whether new texts still are what a model learnt from -------------------------------
 */

typedef struct sikap_drift sikap_drift;

/* Options of sikap_drift_measure beside those of the corpus. */
const sikap_option *sikap_drift_option(size_t i);

/* Scores the texts of `paths`, which need no labels, and holds them against what the model keeps of
 * its training texts (how they looked to models that had not seen them), or against the texts that
 * the option `against` names: unknown share of a text, words, uncertainty of every field, share of
 * documents given each label. Distributions are compared by Wilcoxon's rank sum over 20 bins,
 * shares by Fisher's exact test: both are permutation tests of which counts are enough, which is
 * all that a model keeps. New documents with the same value of the option `group` count for as many
 * as they are worth (design effect: Rao and Scott 1992). p-values are corrected for their number
 * (Holm 1979). SIKAP_USAGE: the model keeps
 * nothing, and `against` names nothing. `model` is borrowed until the drift is freed. */
int sikap_drift_measure(sikap_drift **out, const sikap_model *model, const char *const *paths,
                        size_t n_paths, const sikap_options *options, const sikap_watch *watch,
                        sikap_error *err);
void sikap_drift_free(sikap_drift *drift);
/* The smallest corrected p of a change of at least a small effect (Cohen 1988: 0.2); 1: none. A
 * fall of uncertainty is no such change. */
double sikap_drift_p(const sikap_drift *drift);
/* All figures as one JSON object (docs/labelling.md), or a table of at most `columns` columns (70
 * or more) with the `limit` labels that changed most and all that changed notably. */
int sikap_drift_json(const sikap_drift *drift, sikap_write *write, void *context, sikap_error *err);
int sikap_drift_text(const sikap_drift *drift, size_t columns, size_t limit, sikap_write *write,
                     void *context, sikap_error *err);

/* ---- suggest: what to label next ---------------------------------------------------------------
 */

/* Options of sikap_suggest beside those of the corpus. */
const sikap_option *sikap_suggest_option(size_t i);

typedef struct sikap_suggested {
    sikap_counts read; /* of the pool */
    size_t n_labelled; /* left out because they have labels */
    size_t n_chosen;
} sikap_suggested;

/* Picks documents of the pool `paths` to label next: those whose labels the model is least sure of
 * (entropy of all labels of all fields) and that say most of the rest of the pool that no other
 * choice says (facility location: Wei, Iyer and Bilmes, ICML 2015).
 * Documents that are annotated for all fields of the model are left out, and those of the corpora
 * that the option `train` names. Writes them, first choice first, in the format asked for, with the
 * model's fields empty and the reasons beside them. counts and watch may be NULL. */
int sikap_suggest(const sikap_model *model, const char *const *paths, size_t n_paths,
                  const sikap_options *options, const sikap_watch *watch, sikap_write *write,
                  void *context, sikap_suggested *counts, sikap_error *err);

#ifdef __cplusplus
}
#endif

#endif
