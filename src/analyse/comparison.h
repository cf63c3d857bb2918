/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_COMPARISON_H
#define SIKAP_ANALYSE_COMPARISON_H

#include "analyse/pairing.h"
#include "measure/significance.h"
#include "model/evaluate_internal.h"
#include "sikap_analyse.h"

/* Two systems beside gold: the rows of one field that both have an answer for, and the figures that
 * come of them. */
struct comparison_field {
    char *name;
    int is_multi;
    struct paired_rows rows; /* their pairs are numbers among all ids */

    size_t n_units;                 /* what is resampled */
    size_t *n_with;                 /* [labels] units that have the label in gold */
    struct difference *differences; /* [metrics_n_values] */
    enum interval_state *states;    /* [metrics_n_values] whether there is an honest interval */
    double
        *p_holm; /* [metrics_n_values]: labels corrected over the field, the others over fields */
    uint64_t only[2];           /* documents that only this side has all right */
    struct mcnemar mcnemar;     /* of those; single fields, without groups */
    size_t n_nearer[2], n_even; /* documents they differ on: nearer to gold, neither */
};

struct sikap_comparison {
    char *names[2]; /* the files */
    size_t n_rows;
    char **ids;
    struct comparison_field *fields;
    size_t n_fields;
    size_t n_resamples, seed;
    int has_groups;
};

/* The figures that are compared, besides those of the labels. */
enum { COMPARED_MICRO, COMPARED_MACRO, COMPARED_ALL_RIGHT, N_COMPARED };
extern const size_t compared_value[N_COMPARED];

/* A significant difference is one that chance gives at most this often. */
#define COMPARISON_LEVEL 0.05

/* Pairs two evaluations of the same gold: fields and labels by name, documents by id. `wanted`: the
 * fields, NULL for all. What only one side has is told to the watch. */
int comparison_new(sikap_comparison **out, const struct evaluation_data *a,
                   const struct evaluation_data *b, const struct option_list *wanted,
                   const sikap_watch *watch, sikap_error *err);
/* Runs the tests on fields that comparison_new has filled. */
int comparison_test(sikap_comparison *c, const struct evaluate_options *options, struct pool *pool,
                    const sikap_watch *watch, sikap_error *err);
/* How many labels of document i (of the field's n) this side has wrong. */
size_t comparison_errors(const struct comparison_field *f, int side, size_t i);
/* Which side is better in a value beyond chance: 0, 1, or -1. */
int comparison_better(const struct comparison_field *f, size_t value);

#endif
