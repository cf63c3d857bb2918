/* SPDX-License-Identifier: Apache-2.0 */
/* sikap_report.h: results as pages for people: one HTML file each, which needs no script and no
 * network. It belongs to the static library inside the program; the conventions are sikap.h's. */
#ifndef SIKAP_REPORT_H
#define SIKAP_REPORT_H

#include "sikap.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where an evaluation comes from. Any member may be NULL; all are borrowed for the call. */
typedef struct sikap_report_source {
    const char *title;         /* heading of the page */
    const char *command;       /* what was run, as it would be typed */
    const sikap_model *model;  /* that was evaluated */
    const char *const *corpus; /* [n_corpus] paths of the texts with their gold labels */
    size_t n_corpus;
} sikap_report_source;

/* An evaluation as a page: headline figures with their intervals (or why there is none), figures of
 * every label, confusions, curves, and provenance. Every figure stands in the page a second time
 * with all its digits, as the value of a <data> element: those of sikap_evaluation_json. */
int sikap_report_evaluation(const sikap_evaluation *evaluation, const sikap_report_source *source,
                            sikap_write *write, void *context, sikap_error *err);

#ifdef __cplusplus
}
#endif

#endif
