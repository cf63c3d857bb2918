/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_RANKING_H
#define SIKAP_MEASURE_RANKING_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* How well scores put the documents of one label before the others, whatever the threshold. */

/* One label, documents by falling score. Counts of ties belong together: only the last document of
 * a run of equal scores is a point. Feed columns of [n_documents][n_labels] arrays with
 * stride = n_labels, or a whole array at once (n = all cells, stride 1) for the micro average. */
struct ranking {
    size_t n_points;   /* distinct scores */
    float *threshold;  /* [n_points] falling; "score >= threshold" gives the counts beside it */
    uint64_t *tp, *fp; /* [n_points] */
    uint64_t n_positive, n_negative;
};

/* scores[i * stride], gold[i * stride] (non-zero: has the label) for i in [0, n). SIKAP_DATA for a
 * score that is NaN. Free with ranking_free. */
int ranking_new(struct ranking **out, const float *scores, const uint8_t *gold, size_t n,
                size_t stride, sikap_error *err);
void ranking_free(struct ranking *ranking);

/* Σ (R_k - R_{k-1}) P_k over the points, as scikit-learn's average_precision_score. Without a
 * positive document the figure does not exist: 0, as there; look at n_positive. */
double ranking_average_precision(const struct ranking *ranking);
/* Area under the ROC curve, ties counting half; NaN without positives or without negatives. */
double ranking_roc_auc(const struct ranking *ranking);

struct ranking_point {
    double threshold; /* give the label at and above this score */
    uint64_t tp, fp, fn;
    double precision, recall, f1; /* a quotient without denominator is 0 */
};
/* The precision-recall curve: points[0 .. *n_points) by falling threshold, recall rising, at most
 * max_points (at least 2) of the ranking's n_points, evenly spaced by rank with both ends kept. */
void ranking_curve(struct ranking_point *points, size_t *n_points, size_t max_points,
                   const struct ranking *ranking);
/* A threshold sweep: points[i] is what thresholds[i] (in any order) would give. */
void ranking_sweep(struct ranking_point *points, const double *thresholds, size_t n,
                   const struct ranking *ranking);
/* The point with the highest F1; of equals the highest threshold. n_points must be at least 1. */
struct ranking_point ranking_best_f1(const struct ranking *ranking);

#endif
