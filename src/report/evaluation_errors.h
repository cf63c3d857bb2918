/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_REPORT_EVALUATION_ERRORS_H
#define SIKAP_REPORT_EVALUATION_ERRORS_H

#include "base/memory.h"
#include "report/evaluation_page.h"
#include "report/explanation.h"
#include "sikap_report.h"

/* The errors of all fields that were surest, with the texts of their documents. */
struct error_case {
    size_t row, label; /* of the evaluation, of the field */
    double confidence; /* higher is surer; probabilities where there are any */
};

enum { ERRORS_SHOWN = 30 };

struct error_texts {
    struct explanation *explanation; /* NULL: no model, words are not marked */
    size_t n_segments, n;
    size_t *rows;          /* [n] of the evaluation, rising */
    struct text *segments; /* [n][n_segments] */
    size_t *targets;       /* [n] */
    unsigned char *found;  /* [n] */
    struct arena arena;
};

/* Errors of one kind: of a multi field labels given wrongly (given) or missed, of a single field
 * the label given in place of gold's (given). Into cases[most], surest first; returns how many. */
size_t errors_choose(struct error_case *cases, size_t most, const struct evaluation_field *field,
                     size_t n_rows, int given);

/* Reads the corpora again for the texts of all errors that will be shown. */
int error_texts_new(struct error_texts **out, const sikap_evaluation *e,
                    const sikap_report_source *source, sikap_error *err);
void error_texts_free(struct error_texts *texts);

int page_errors(struct buffer *out, const struct field_page *page, const struct error_texts *texts,
                sikap_error *err);

#endif
