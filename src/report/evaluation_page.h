/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_REPORT_EVALUATION_PAGE_H
#define SIKAP_REPORT_EVALUATION_PAGE_H

/* The parts of the page on an evaluation, one file each. */

#include "base/buffer.h"
#include "model/evaluate_internal.h"

/* One field: its annotated rows side by side, and its labels in the order in which they are shown.
 */
struct field_page {
    const sikap_evaluation *evaluation;
    const struct evaluation_field *field;
    const struct field_figures *figures;
    size_t n, n_labels;
    size_t *rows;   /* [n] of the evaluation */
    uint8_t *gold;  /* [n][n_labels] */
    float *scores;  /* [n][n_labels]; NULL: not known */
    float *margins; /* [n][n_labels] score above the threshold; NULL: not known */
    size_t *order;  /* [n_labels] by falling support, then the model's order */
};
int field_page_new(struct field_page *out, const sikap_evaluation *e, size_t field,
                   sikap_error *err);
void field_page_free(struct field_page *page);

/* The figure's interval in words, or why it has none. */
void page_interval(struct buffer *out, const sikap_evaluation *e,
                   const struct figure_interval *interval);

void page_headlines(struct buffer *out, const struct field_page *page);
void page_labels(struct buffer *out, const struct field_page *page);
int page_confusions(struct buffer *out, const struct field_page *page, sikap_error *err);
int page_curves(struct buffer *out, const struct field_page *page, sikap_error *err);

#endif
