/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_AGREE_H
#define SIKAP_ANALYSE_AGREE_H

#include "measure/agreement.h"
#include "model/evaluate_internal.h"
#include "sikap_analyse.h"

/* What several coders (label files) gave the same documents, and how far they agree. A document
 * counts for a field where two or more have annotated it; figures over more than two coders go over
 * all pairs of them. */

struct agree_figure {
    double value; /* NaN: there is nothing to agree about */
    enum interval_state state;
    struct interval interval; /* where given */
};

struct agree_label {
    uint64_t both, one, neither; /* pairs of coders on a document */
    uint64_t only[2];            /* of two coders: given by the first, by the second alone */
    size_t n_units;              /* in which somebody gave it */
    double observed;             /* share of pairs that agree */
    double kappa;                /* Cohen's; of more than two coders the mean over pairs */
    struct agree_figure alpha, f1;
};

struct agree_pair {
    size_t coders[2];
    size_t n_documents;
    double alike, f1, kappa;
};

struct agree_confusion {
    size_t labels[2]; /* one coder's and, in its place, the other's */
    uint64_t n;
};
enum { AGREE_CONFUSIONS = 10 };

struct agree_field {
    char *name;
    int is_multi;
    size_t n_labels;
    char **labels;
    uint8_t *has;   /* [n_coders][n_rows] annotated */
    uint8_t *given; /* [n_coders][n_rows][n_labels] */
    size_t n_documents, n_units;
    struct agree_figure alike; /* pairs of coders that gave a document the same labels */
    struct agree_figure f1;    /* pooled over labels; of a single field the same as alike */
    struct agree_figure alpha; /* single: of all labels together; multi: mean over labels */
    double observed, kappa;
    struct agree_label *by_label; /* [n_labels] */
    struct agree_pair *pairs;     /* [n_pairs] */
    size_t n_pairs;
    struct agree_confusion confused[AGREE_CONFUSIONS]; /* most frequent first */
    size_t n_confused;
};

struct sikap_agreement {
    char **files; /* [n_coders] */
    size_t n_coders, n_rows;
    char **ids;      /* [n_rows] */
    uint32_t *group; /* [n_rows], or NULL */
    struct agree_field *fields;
    size_t n_fields;
    size_t n_resamples, seed;
};

/* Row i of coder c. */
static inline const uint8_t *agree_given(const struct sikap_agreement *a,
                                         const struct agree_field *f, size_t c, size_t i)
{
    return f->given + (c * a->n_rows + i) * f->n_labels;
}
/* How many coders annotated row i. */
size_t agree_coders(const struct sikap_agreement *a, const struct agree_field *f, size_t i);

/* All figures of a field whose labels are in place. */
int agree_measure(const struct sikap_agreement *a, struct agree_field *f, struct pool *pool,
                  sikap_error *err);

#endif
