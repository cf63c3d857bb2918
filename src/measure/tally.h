/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_TALLY_H
#define SIKAP_MEASURE_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What each unit (a document, or a group of documents) adds to a set of sums. Every measure here is
 * a function of those sums, so resampling units only re-weights rows: no document is looked at
 * twice. Rows are sparse: unit u adds values[e] to sum columns[e] for e in [start[u], start[u+1]),
 * columns ascending within a unit. */
struct tally {
    size_t n_units;
    size_t n_columns;
    size_t *start;     /* [n_units + 1] */
    uint32_t *columns; /* [start[n_units]] */
    double *values;    /* [start[n_units]] */
};

/* The columns of a tally of predicted against gold labels: three per label, then two of the unit.
 */
enum { TALLY_TP, TALLY_FP, TALLY_FN, TALLY_PER_LABEL };
enum { TALLY_EXACT, TALLY_DOCUMENTS, TALLY_PER_UNIT };

/* Column of count `which` (TALLY_TP …) of a label. */
static inline size_t tally_label_column(size_t label, size_t which)
{
    return TALLY_PER_LABEL * label + which;
}
/* Column of TALLY_EXACT (documents with all labels right) or TALLY_DOCUMENTS. */
static inline size_t tally_unit_column(size_t n_labels, size_t which)
{
    return TALLY_PER_LABEL * n_labels + which;
}

/* A multi field, one unit per document: gold and predicted are [n_documents][n_labels], non-zero
 * where the label is given. Documents that are not annotated are left out by the caller. */
int tally_multi(struct tally **out, const uint8_t *gold, const uint8_t *predicted,
                size_t n_documents, size_t n_labels, sikap_error *err);

/* A single field: gold and predicted are [n_documents] label numbers below n_labels (else
 * SIKAP_DATA). A right document is one tp; a wrong one is one fp and one fn. */
int tally_single(struct tally **out, const uint32_t *gold, const uint32_t *predicted,
                 size_t n_documents, size_t n_labels, sikap_error *err);

/* Any table of numbers, [n_units][n_columns]; zeros are not stored. */
int tally_dense(struct tally **out, const double *table, size_t n_units, size_t n_columns,
                sikap_error *err);

/* Units of one group become one unit: group[u] in [0, n_groups) (else SIKAP_DATA). A group nobody
 * belongs to is a unit that adds nothing; number groups without gaps. */
int tally_by_group(struct tally **out, const struct tally *tally, const uint32_t *group,
                   size_t n_groups, sikap_error *err);

/* The same with groups that may have gaps in their numbers: only those that occur become units. */
int tally_by_any_group(struct tally **out, const struct tally *tally, const uint32_t *group,
                       sikap_error *err);

/* tally_multi by groups; group[n_documents] NULL: each document for itself. It serves single fields
 * too: rows that hold exactly one label each give the counts of tally_single. */
int tally_multi_by(struct tally **out, const uint8_t *gold, const uint8_t *predicted,
                   size_t n_documents, size_t n_labels, const uint32_t *group, sikap_error *err);

/* Two tallies of the same units side by side: the columns of a, then those of b. What a paired
 * comparison resamples. */
int tally_join(struct tally **out, const struct tally *a, const struct tally *b, sikap_error *err);

/* Room for n_entries, to be filled by the caller: columns, values and start[1 … n_units]; start is
 * all 0 so far. n_columns fits 32 bits, else SIKAP_USAGE. */
int tally_new(struct tally **out, size_t n_units, size_t n_columns, size_t n_entries,
              sikap_error *err);

/* sums[n_columns] over all units. */
void tally_sums(const struct tally *tally, double *sums);

/* Of tally_multi or tally_single: n_with[label] becomes the number of units that have the label in
 * gold. */
void tally_units_with(const struct tally *tally, size_t n_labels, size_t *n_with);

void tally_free(struct tally *tally);

#endif
