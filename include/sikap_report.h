/* SPDX-License-Identifier: Apache-2.0 */
/* sikap_report.h: results as pages for people: one HTML file each, which needs no script and no
 * network. It belongs to the static library inside the program; the conventions are sikap.h's. */
#ifndef SIKAP_REPORT_H
#define SIKAP_REPORT_H

#include "sikap.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- evaluations -------------------------------------------------------------------------------
 */

/* Where an evaluation comes from. Any member may be NULL; all are borrowed for the call. */
typedef struct sikap_report_source {
    const char *title;         /* heading of the page */
    const char *command;       /* what was run, as it would be typed */
    const sikap_model *model;  /* that was evaluated */
    const char *const *corpus; /* [n_corpus] paths of the texts with their gold labels */
    size_t n_corpus;
    const sikap_options *options; /* that the corpus was read with; NULL: no texts are shown */
} sikap_report_source;

/* An evaluation as a page: headline figures with their intervals (or why there is none), figures of
 * every label, confusions, curves, the errors that were surest, with their texts where the corpus
 * can be read again (standard input cannot), and provenance. Every figure stands in the page a
 * second time with all its digits, as the value of a <data> element: those of
 * sikap_evaluation_json. */
int sikap_report_evaluation(const sikap_evaluation *evaluation, const sikap_report_source *source,
                            sikap_write *write, void *context, sikap_error *err);

/* ---- why a text has its labels -----------------------------------------------------------------
 */

typedef struct sikap_explanation sikap_explanation;

/* Options of sikap_explanation_new: label, top … */
const sikap_option *sikap_explain_option(size_t i);

/* Labels text[0..n) as sikap_predict does (broken UTF-8 is repaired) and keeps what explains the
 * labels that are given, those that came near, or those that the options name. `model` is borrowed
 * until the explanation is freed. */
int sikap_explanation_new(sikap_explanation **out, const sikap_model *model, const char *text,
                          size_t n, const sikap_options *options, sikap_error *err);
void sikap_explanation_free(sikap_explanation *explanation);
/* For a terminal of `columns` columns: of every label its score as a sum (words for and against,
 * everything else together, bias), and the sentences that carried it. has_colour: words in green
 * (for) and red (against). */
int sikap_explanation_text(const sikap_explanation *explanation, size_t columns, int has_colour,
                           sikap_write *write, void *context, sikap_error *err);
/* As a page, with the text of every label, its words marked. `name`: of the text, or NULL. */
int sikap_explanation_html(const sikap_explanation *explanation, const char *name,
                           sikap_write *write, void *context, sikap_error *err);

#ifdef __cplusplus
}
#endif

#endif
