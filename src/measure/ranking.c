/* SPDX-License-Identifier: Apache-2.0 */
/* One sort by score, then running counts of right and wrong at every distinct score: curve, sweep,
 * average precision and area are walks over that list. */
#include "measure/ranking.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

struct scored {
    float score;
    int gold;
};

static int falling(const void *a, const void *b)
{
    const float x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;
    return (x < y) - (x > y);
}

static int ranking_room(struct ranking **out, size_t n_points, sikap_error *err)
{
    *out = NULL;
    struct ranking *r = memory_zero(1, sizeof *r);
    if (r == NULL)
        return error_memory(err, "ranking");
    r->threshold = memory_alloc(n_points, sizeof *r->threshold);
    r->tp = memory_alloc(n_points, sizeof *r->tp);
    r->fp = memory_alloc(n_points, sizeof *r->fp);
    if (r->threshold == NULL || r->tp == NULL || r->fp == NULL) {
        ranking_free(r);
        return error_memory(err, "ranking");
    }
    *out = r;
    return 0;
}

/* Running counts over documents sorted by falling score. */
static void count(struct ranking *r, const struct scored *documents, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (documents[i].gold)
            r->n_positive++;
        else
            r->n_negative++;
        if (i + 1 < n && documents[i + 1].score == documents[i].score)
            continue;
        r->threshold[r->n_points] = documents[i].score;
        r->tp[r->n_points] = r->n_positive;
        r->fp[r->n_points] = r->n_negative;
        r->n_points++;
    }
}

int ranking_new(struct ranking **out, const float *scores, const uint8_t *gold, size_t n,
                size_t stride, sikap_error *err)
{
    *out = NULL;
    struct scored *documents = memory_alloc(n, sizeof *documents);
    if (documents == NULL)
        return error_memory(err, "ranking");
    size_t n_points = 0;
    int status = 0;
    for (size_t i = 0; i < n && status == 0; i++) {
        documents[i] = (struct scored){.score = scores[i * stride], .gold = gold[i * stride] != 0};
        if (isnan(documents[i].score))
            status =
                error_set(err, SIKAP_DATA, NULL, 0, "document %zu: the score is not a number", i);
    }
    if (status == 0) {
        qsort(documents, n, sizeof *documents, falling);
        for (size_t i = 0; i < n; i++)
            n_points += i == 0 || documents[i].score != documents[i - 1].score;
        status = ranking_room(out, n_points, err);
    }
    if (status == 0)
        count(*out, documents, n);
    memory_free(documents);
    return status;
}

void ranking_free(struct ranking *ranking)
{
    if (ranking == NULL)
        return;
    memory_free(ranking->threshold);
    memory_free(ranking->tp);
    memory_free(ranking->fp);
    memory_free(ranking);
}

double ranking_average_precision(const struct ranking *ranking)
{
    double sum = 0;
    uint64_t before = 0;
    for (size_t k = 0; k < ranking->n_points; k++) {
        const double precision = (double)ranking->tp[k] / (double)(ranking->tp[k] + ranking->fp[k]);
        sum += (double)(ranking->tp[k] - before) * precision;
        before = ranking->tp[k];
    }
    return ranking->n_positive > 0 ? sum / (double)ranking->n_positive : 0;
}

double ranking_roc_auc(const struct ranking *ranking)
{
    double area = 0;
    uint64_t tp = 0, fp = 0;
    for (size_t k = 0; k < ranking->n_points; k++) {
        area += (double)(ranking->fp[k] - fp) * ((double)ranking->tp[k] + (double)tp) / 2;
        tp = ranking->tp[k];
        fp = ranking->fp[k];
    }
    return area / ((double)ranking->n_positive * (double)ranking->n_negative);
}

/* What the documents up to point k would give; k = n_points: nothing is given a label. */
static struct ranking_point point_at(const struct ranking *r, size_t k, double threshold)
{
    struct ranking_point p = {.threshold = threshold};
    if (k < r->n_points) {
        p.tp = r->tp[k];
        p.fp = r->fp[k];
    }
    p.fn = r->n_positive - p.tp;
    const double tp = (double)p.tp, fp = (double)p.fp, fn = (double)p.fn;
    p.precision = tp + fp > 0 ? tp / (tp + fp) : 0;
    p.recall = tp + fn > 0 ? tp / (tp + fn) : 0;
    p.f1 = tp > 0 ? 2 * tp / (2 * tp + fp + fn) : 0;
    return p;
}

void ranking_curve(struct ranking_point *points, size_t *n_points, size_t max_points,
                   const struct ranking *ranking)
{
    const size_t n = ranking->n_points < max_points ? ranking->n_points : max_points;
    for (size_t i = 0; i < n; i++) {
        /* Rounded to the nearest; the first is 0 and the last n_points - 1. */
        const size_t k = n < 2 ? 0 : (i * (ranking->n_points - 1) + (n - 1) / 2) / (n - 1);
        points[i] = point_at(ranking, k, ranking->threshold[k]);
    }
    *n_points = n;
}

void ranking_sweep(struct ranking_point *points, const double *thresholds, size_t n,
                   const struct ranking *ranking)
{
    for (size_t i = 0; i < n; i++) {
        /* The last point at or above the threshold; thresholds fall along the points. */
        size_t low = 0, high = ranking->n_points;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if ((double)ranking->threshold[middle] >= thresholds[i])
                low = middle + 1;
            else
                high = middle;
        }
        points[i] = point_at(ranking, low == 0 ? ranking->n_points : low - 1, thresholds[i]);
    }
}

struct ranking_point ranking_best_f1(const struct ranking *ranking)
{
    struct ranking_point best = point_at(ranking, 0, ranking->threshold[0]);
    for (size_t k = 1; k < ranking->n_points; k++) {
        const struct ranking_point p = point_at(ranking, k, ranking->threshold[k]);
        if (p.f1 > best.f1)
            best = p;
    }
    return best;
}
