/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_DRIFT_H
#define SIKAP_ANALYSE_DRIFT_H

/* What a drift measurement finds: filled by drift.c, shown by drift_show.c. */

#include "model/reference.h"
#include "sikap_analyse.h"

enum drift_kind { DRIFT_UNKNOWN, DRIFT_WORDS, DRIFT_UNCERTAINTY, DRIFT_LABEL };

struct drift_change {
    enum drift_kind kind;
    size_t index;         /* of the field or the label */
    double before, after; /* medians; of a label, the share of documents that are given it */
    double effect, p;     /* see measure/two_sample.h; p after Holm's correction over all */
    int is_notable;
};

struct sikap_drift {
    const sikap_model *model; /* borrowed */
    int against_texts;        /* 0: against what the model keeps of its training */
    size_t n_before, n_after;
    size_t n_groups;              /* of the new documents: n_after where none belong together */
    struct drift_change *changes; /* quantities, then labels by effect, largest first */
    size_t n_changes, n_quantities;
    sikap_counts read;
};

/* A change is told of when chance hardly makes it and when it is not too small to matter. */
#define DRIFT_LEVEL 0.05
#define DRIFT_LEAST_EFFECT 0.2

#endif
