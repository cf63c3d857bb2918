/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_REPORT_EXPLAIN_PAGE_H
#define SIKAP_REPORT_EXPLAIN_PAGE_H

#include "base/buffer.h"
#include "report/explanation.h"

/* The text (or passage) that a label was read from, its words marked; of one with more than `most`
 * bytes the sentences that weigh most. */
int explain_put_text(struct buffer *out, const struct label_explanation *x, size_t most,
                     sikap_error *err);

#endif
