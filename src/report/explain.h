/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_REPORT_EXPLAIN_H
#define SIKAP_REPORT_EXPLAIN_H

#include "base/option.h"
#include "report/explanation.h"
#include "sikap_report.h"

struct explain_options {
    size_t top, near, passages;
    struct option_list labels;
};

struct sikap_explanation {
    struct explain_options options;
    const sikap_model *model;
    char *text; /* valid UTF-8 */
    size_t n;
    struct text *segments; /* [plan.n] */
    struct explanation *core;
    unsigned char *wanted; /* [n_labels] */
};

/* Calls `visit` for every label that is shown: field by field, those given first. *is_first: the
 * first of its field. */
typedef int explain_visit(void *context, const sikap_explanation *e,
                          const struct label_explanation *x, size_t field, int is_first,
                          sikap_error *err);
int explain_each(const sikap_explanation *e, explain_visit *visit, void *context, sikap_error *err);

/* A term as people read it: dewan keamanan, title:sanksi, and "ngs " for characters. */
void explain_term(struct buffer *out, const sikap_model *model, size_t term);
/* "+0.312" */
void explain_signed(struct buffer *out, double v, int decimals);

#endif
