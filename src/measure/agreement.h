/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_AGREEMENT_H
#define SIKAP_MEASURE_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* How far people (or a person and a machine) agree beyond chance. 1 is full agreement, 0 what
 * chance would give. NaN where there is no variation to agree about (both gave everything the same
 * code): the figure does not exist then. */

/* One label, two coders. */
struct label_agreement {
    uint64_t both, only_a, only_b, neither; /* documents that both coders annotated */
    double observed;                        /* share on which they agree */
    double kappa;                           /* Cohen's */
    double alpha;                           /* Krippendorff's, nominal */
    double f1;                              /* one against the other: the same either way round */
};
/* Labels of a multi field: a and b are [n_documents][n_labels] bytes; agreements[n_labels] is the
 * caller's. has_a[n_documents] and has_b are 0 where the coder did not annotate the document (NULL:
 * annotated all); such documents are left out. */
void agreement_labels(struct label_agreement *agreements, const uint8_t *a, const uint8_t *b,
                      const uint8_t *has_a, const uint8_t *has_b, size_t n_documents,
                      size_t n_labels);

#define AGREEMENT_MISSING UINT32_MAX

/* Cohen's kappa (1960) of two coders of a single field: codes a[n], b[n] below n_codes (else
 * SIKAP_DATA) or AGREEMENT_MISSING; only units both coded count. */
int agreement_kappa(double *out, const uint32_t *a, const uint32_t *b, size_t n, size_t n_codes,
                    sikap_error *err);

/* Krippendorff's alpha for nominal codes and any number of coders, with missing values
 * (Krippendorff, "Computing Krippendorff's alpha-reliability", 2011): codes[n_coders][n_units]
 * below n_codes (else SIKAP_DATA) or AGREEMENT_MISSING. Units with fewer than two codes do not
 * count. */
int agreement_alpha(double *out, const uint32_t *codes, size_t n_coders, size_t n_units,
                    size_t n_codes, sikap_error *err);

#endif
