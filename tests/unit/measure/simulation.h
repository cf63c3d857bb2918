/* SPDX-License-Identifier: Apache-2.0 */
/* A made-up population whose true figures are known exactly: documents are easy or hard, a hard one
 * is labelled worse on every label at once, so errors hang together within a document as they do in
 * life. Used by the tests here and, at length, by tests/simulate. */
#ifndef TEST_MEASURE_SIMULATION_H
#define TEST_MEASURE_SIMULATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "measure/tally.h"

enum { POPULATION_LABELS = 6 };
static const double POPULATION_RATE[POPULATION_LABELS] = {0.4, 0.25, 0.12, 0.08, 0.06, 0.01};
static const double POPULATION_HARD = 0.3;
/* P(label given | gold), P(label given | not gold), easy and hard. */
static const double POPULATION_HIT[2] = {0.9, 0.55};
static const double POPULATION_SLIP[2] = {0.02, 0.08};

static inline void population_draw(struct random *random, uint8_t *gold, uint8_t *a, uint8_t *b,
                                   size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int hard = random_unit(random) < POPULATION_HARD;
        for (size_t l = 0; l < POPULATION_LABELS; l++, gold++, a++, b++) {
            *gold = random_unit(random) < POPULATION_RATE[l];
            const double p = *gold ? POPULATION_HIT[hard] : POPULATION_SLIP[hard];
            *a = random_unit(random) < p;
            *b = random_unit(random) < p;
        }
    }
}

/* Expected tp, fp, fn per document of a label. */
static inline void population_counts(size_t l, double *tp, double *fp, double *fn)
{
    const double h = POPULATION_HARD, rate = POPULATION_RATE[l];
    const double hit = (1 - h) * POPULATION_HIT[0] + h * POPULATION_HIT[1];
    const double slip = (1 - h) * POPULATION_SLIP[0] + h * POPULATION_SLIP[1];
    *tp = rate * hit;
    *fp = (1 - rate) * slip;
    *fn = rate * (1 - hit);
}

static inline double population_label_f1(size_t l)
{
    double tp, fp, fn;
    population_counts(l, &tp, &fp, &fn);
    return 2 * tp / (2 * tp + fp + fn);
}

static inline double population_micro_f1(void)
{
    double sum[3] = {0};
    for (size_t l = 0; l < POPULATION_LABELS; l++) {
        double tp, fp, fn;
        population_counts(l, &tp, &fp, &fn);
        sum[0] += tp;
        sum[1] += fp;
        sum[2] += fn;
    }
    return 2 * sum[0] / (2 * sum[0] + sum[1] + sum[2]);
}

static inline double population_macro_f1(void)
{
    double sum = 0;
    for (size_t l = 0; l < POPULATION_LABELS; l++)
        sum += population_label_f1(l);
    return sum / POPULATION_LABELS;
}

/* Micro-F1 alone, from the sums of a tally_multi: a statistic. */
static inline void population_statistic(const void *context, const double *sums, double *values)
{
    (void)context;
    double tp = 0, errors = 0;
    for (size_t l = 0; l < POPULATION_LABELS; l++) {
        tp += sums[tally_label_column(l, TALLY_TP)];
        errors += sums[tally_label_column(l, TALLY_FP)] + sums[tally_label_column(l, TALLY_FN)];
    }
    values[0] = tp > 0 ? 2 * tp / (2 * tp + errors) : 0;
}

#endif
