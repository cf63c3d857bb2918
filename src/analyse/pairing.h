/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_PAIRING_H
#define SIKAP_ANALYSE_PAIRING_H

#include "features/names.h"
#include "model/evaluate.h"

/* The documents that two evaluations have both, joined by id, in the order of the first. */
struct pairing {
    const struct evaluation_data *data[2]; /* borrowed */
    size_t *row[2];                        /* [n] of each side */
    size_t n;
};
/* pairing_clear is due also when it fails. */
int pairing_new(struct pairing *out, const struct evaluation_data *first,
                const struct evaluation_data *second, sikap_error *err);
void pairing_clear(struct pairing *pairing);

/* One field of them as both sides labelled it, where the first, which has the gold, is annotated.
 * Labels are matched by name, so it does not matter that one side knows more of them. */
struct paired_rows {
    size_t n;
    struct names labels; /* the first side's, then what only the second has */
    size_t *pair;        /* [n] number in the pairing */
    uint8_t *gold;       /* [n][labels.n] */
    uint8_t *side[2];    /* [n][labels.n] labels given */
    uint32_t *group;     /* [n] the first side's; without groups the number in the pairing */
};
/* paired_rows_clear is due also when it fails. */
int paired_rows_new(struct paired_rows *out, const struct pairing *pairing,
                    const struct evaluation_field *const sides[2], sikap_error *err);
void paired_rows_clear(struct paired_rows *rows);

#endif
