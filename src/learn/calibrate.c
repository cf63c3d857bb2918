/* SPDX-License-Identifier: Apache-2.0 */
/* Newton's method with backtracking on the two numbers of the sigmoid, after Lin, Lin and Weng
 * (2007), whose formulas for large and small arguments we follow too. Scores are standardised first
 * (z = (f - mean) / deviation): the objective does not change by that, and its curvature is then
 * about the same in both directions whatever unit the scores have. */
#include "learn/calibrate.h"

#include <math.h>

enum { MOST_STEPS = 100, MOST_HALVINGS = 40 };

struct sigmoid_problem {
    const float *scores;
    const uint8_t *gold;
    size_t stride, gold_stride, n;
    double mean, deviation;
    double target_positive, target_negative;
};

/* Value, gradient and second derivatives of the cross-entropy, divided by n. */
struct slope {
    double value, da, db, daa, dab, dbb;
};

/* Adds a document with z, target t and u = a z + b; p = 1 / (1 + e^u). */
static void add_document(struct slope *s, double z, double t, double u)
{
    const double e = exp(-fabs(u));
    const double p = u >= 0 ? e / (1 + e) : 1 / (1 + e);
    const double curve = e / ((1 + e) * (1 + e));
    s->value += (u >= 0 ? t * u : (t - 1) * u) + log1p(e);
    s->da += z * (t - p);
    s->db += t - p;
    s->daa += z * z * curve;
    s->dab += z * curve;
    s->dbb += curve;
}

static struct slope slope_at(const struct sigmoid_problem *problem, double a, double b)
{
    struct slope s = {0};
    for (size_t i = 0; i < problem->n; i++) {
        const double z =
            ((double)problem->scores[i * problem->stride] - problem->mean) / problem->deviation;
        const int is_positive = problem->gold[i * problem->gold_stride] != 0;
        add_document(&s, z, is_positive ? problem->target_positive : problem->target_negative,
                     a * z + b);
    }
    const double n = (double)problem->n;
    return (struct slope){s.value / n, s.da / n, s.db / n, s.daa / n, s.dab / n, s.dbb / n};
}

/* From (a, b) = (0, *b) to the minimum. Rounding ends it where the slope cannot be told from 0. */
static void minimise(const struct sigmoid_problem *problem, double *a, double *b)
{
    static const double RIDGE = 1e-12, FLAT = 1e-13, ENOUGH = 1e-4;
    struct slope s = slope_at(problem, *a, *b);
    for (int step = 0; step < MOST_STEPS; step++) {
        if (fabs(s.da) < FLAT && fabs(s.db) < FLAT)
            return;
        const double aa = s.daa + RIDGE, bb = s.dbb + RIDGE;
        const double determinant = aa * bb - s.dab * s.dab;
        const double to_a = -(bb * s.da - s.dab * s.db) / determinant;
        const double to_b = -(aa * s.db - s.dab * s.da) / determinant;
        const double descent = s.da * to_a + s.db * to_b;
        double length = 1;
        struct slope next;
        int halvings = 0;
        for (; halvings < MOST_HALVINGS; halvings++, length /= 2) {
            next = slope_at(problem, *a + length * to_a, *b + length * to_b);
            if (next.value < s.value + ENOUGH * length * descent)
                break;
        }
        if (halvings == MOST_HALVINGS)
            return;
        *a += length * to_a;
        *b += length * to_b;
        s = next;
    }
}

/* Mean and deviation of the scores, or SIKAP_DATA. */
static int standardise(struct sigmoid_problem *problem, sikap_error *err)
{
    double sum = 0, squares = 0;
    const double n = (double)problem->n;
    for (size_t i = 0; i < problem->n; i++) {
        const double f = problem->scores[i * problem->stride];
        if (!isfinite(f))
            return error_set(err, SIKAP_DATA, NULL, 0,
                             "the score of document %zu is not a finite number", i);
        sum += f;
    }
    problem->mean = sum / n;
    for (size_t i = 0; i < problem->n; i++) {
        const double d = problem->scores[i * problem->stride] - problem->mean;
        squares += d * d;
    }
    problem->deviation = sqrt(squares / n);
    return SIKAP_OK;
}

int calibrate_platt(double *a, double *b, const float *scores, size_t stride, const uint8_t *gold,
                    size_t gold_stride, size_t n, sikap_error *err)
{
    *a = *b = 0;
    if (n == 0)
        return error_set(err, SIKAP_DATA, NULL, 0, "no document to learn probabilities from");
    struct sigmoid_problem problem = {scores, gold, stride, gold_stride, n, 0, 0, 0, 0};
    const int code = standardise(&problem, err);
    if (code != SIKAP_OK)
        return code;
    size_t n_positive = 0;
    for (size_t i = 0; i < n; i++)
        n_positive += gold[i * gold_stride] != 0;
    const double positives = (double)n_positive, negatives = (double)(n - n_positive);
    problem.target_positive = (positives + 1) / (positives + 2);
    problem.target_negative = 1 / (negatives + 2);
    const double rate =
        (positives * problem.target_positive + negatives * problem.target_negative) / (double)n;
    const double flat = log((1 - rate) / rate);
    double slope = 0, offset = flat;
    if (n_positive > 0 && n_positive < n && problem.deviation > 0)
        minimise(&problem, &slope, &offset);
    if (slope >= 0) {
        *b = flat;
        return SIKAP_OK;
    }
    *a = slope / problem.deviation;
    *b = offset - *a * problem.mean;
    return SIKAP_OK;
}
