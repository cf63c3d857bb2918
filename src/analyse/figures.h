/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_FIGURES_H
#define SIKAP_ANALYSE_FIGURES_H

#include <stddef.h>

#include "base/error.h"
#include "base/json.h"

/* The JSON of an evaluation (docs/evaluation.md) or of a bench, for looking figures up by the paths
 * that gates use. */
struct figures;

/* Parses text[0..n), copied. SIKAP_DATA, with `name` as the file, for what is no JSON object. */
int figures_parse(struct figures **out, const char *text, size_t n, const char *name,
                  sikap_error *err);
int figures_of(struct figures **out, const sikap_evaluation *evaluation, sikap_error *err);
void figures_free(struct figures *figures);

/* The value that a path names, NULL where there is none. A path is looked for inside "fields"
 * first, then from the top. Borrowed until the figures are freed. */
const struct json_node *figures_find(const struct figures *figures, const char *const *parts,
                                     size_t n_parts);
/* A gate_resolve over figures (its context): null is a figure that is not a number. */
int figures_resolve(void *figures, const char *const *parts, size_t n_parts, double *value);
/* All members of the object that a path names (n_parts 0: the object itself), one by one: *at 0 to
 * begin with. NULL behind the last, or where there is no such object. */
const struct json_node *figures_next(const struct figures *figures, const char *const *parts,
                                     size_t n_parts, size_t *at);

/* The interval of a figure: SIKAP's own names ("f1" has "interval", all others NAME_interval). Why
 * there is none comes back as borrowed text ("rare-labels"). */
struct figure_spread {
    int is_given;
    double low, high;
    const char *reason;
};
struct figure_spread figures_spread(const struct figures *figures, const char *const *parts,
                                    size_t n_parts);

#endif
