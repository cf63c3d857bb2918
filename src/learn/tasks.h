/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_TASKS_H
#define SIKAP_LEARN_TASKS_H

#include "features/collection.h"
#include "learn/train_options.h"

/* The binary tasks of a collection: one per label of every field, labels of a field sorted by
 * bytes. Task t of field f is `first[f] + rank of the label`. */
struct tasks {
    size_t n_rows, n_tasks, n_fields;
    size_t n_labelled;      /* rows from it on are unlabelled text: targets 0 */
    size_t *first;          /* [n_fields + 1] */
    const char **labels;    /* [n_tasks] borrowed from the collection */
    int8_t *targets;        /* [n_rows][n_tasks] +1, -1, 0: not annotated */
    uint8_t *gold;          /* [n_rows][n_tasks] 1 where the label is given */
    float *positive_weight; /* [n_tasks] or NULL */
};

/* SIKAP_DATA when a field has no annotated document or no label. */
int tasks_new(struct tasks **out, const struct collection *c, const struct train_options *options,
              sikap_error *err);
void tasks_free(struct tasks *t);

#endif
