/* SPDX-License-Identifier: Apache-2.0 */
/* What scores and probabilities tell beyond the labels that were given. Rankings of labels are
 * independent tasks that write by label, so the number of threads changes nothing. */
#include "model/evaluate_internal.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "measure/ranking.h"
#include "model/certainty.h"

/* ---- rankings ---- */

struct rank_job {
    struct field_figures *figures;
    const struct slice *rows;
    unsigned char *failed; /* [n_labels + 1] */
};

static int has_nan(const float *scores, size_t n, size_t stride)
{
    int found = 0;
    for (size_t i = 0; i < n; i++)
        found |= isnan(scores[i * stride]);
    return found;
}

/* Task l ranks label l; the one behind them ranks all cells together. */
static void rank_task(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct rank_job *job = context;
    const int is_micro = index == job->rows->n_labels;
    const size_t first = is_micro ? 0 : index, stride = is_micro ? 1 : job->rows->n_labels;
    const size_t n = is_micro ? job->rows->n * job->rows->n_labels : job->rows->n;
    const float *scores = job->rows->scores + first;
    double *out =
        is_micro ? &job->figures->micro_average_precision : &job->figures->average_precision[index];
    struct ranking *ranking = NULL;
    *out = NAN;
    if (has_nan(scores, n, stride))
        return;
    if (ranking_new(&ranking, scores, job->rows->gold + first, n, stride, NULL) != 0)
        job->failed[index] = 1;
    else if (ranking->n_positive > 0)
        *out = ranking_average_precision(ranking);
    ranking_free(ranking);
}

int evaluation_rank(struct field_figures *out, const struct slice *s, struct pool *pool,
                    sikap_error *err)
{
    const size_t n_labels = s->n_labels;
    out->average_precision = memory_alloc(n_labels, sizeof *out->average_precision);
    struct rank_job job = {.figures = out, .rows = s};
    job.failed = memory_zero(n_labels + 1, 1);
    int status = 0;
    if (out->average_precision == NULL || job.failed == NULL) {
        memory_free(job.failed);
        return error_memory(err, "evaluation");
    }
    /* In a single field all cells together would compare the scores of rival classes. */
    parallel_for(pool, n_labels + (s->is_multi != 0), rank_task, &job);
    double sum = 0, n = 0;
    for (size_t l = 0; l <= n_labels; l++) {
        if (job.failed[l])
            status = error_memory(err, "evaluation");
        if (l < n_labels && !isnan(out->average_precision[l])) {
            sum += out->average_precision[l];
            n++;
        }
    }
    out->mean_average_precision = n > 0 ? sum / n : NAN;
    memory_free(job.failed);
    return status;
}

/* ---- probabilities ---- */

/* What the probabilities promise: of the labels given Σ p are right, and Σ p over all cells are
 * there to be found. */
static void expect(struct field_figures *out, const struct slice *s, size_t n_cells,
                   const double *confidence)
{
    double sure = 0, right = 0, there = 0, given = 0;
    for (size_t i = 0; i < s->n; i++)
        sure += confidence[i];
    for (size_t c = 0; c < n_cells; c++) {
        there += s->probabilities[c];
        right += s->chosen[c] ? s->probabilities[c] : 0;
        given += s->chosen[c] != 0;
    }
    out->expected_accuracy = sure / (double)s->n;
    out->expected_f1 = there + given > 0 ? 2 * right / (there + given) : 0;
}

static void check_probabilities(struct field_figures *out, const struct slice *s,
                                const double *confidence, const uint8_t *right)
{
    const size_t n = s->n, n_cells = n * s->n_labels;
    if (s->is_multi) {
        reliability_curve(out->reliability, RELIABILITY_BINS, s->probabilities, s->gold, n_cells);
        out->brier_score = reliability_brier(s->probabilities, s->gold, n_cells);
    } else {
        reliability_curve(out->reliability, RELIABILITY_BINS, confidence, right, n);
        out->brier_score =
            reliability_brier_single(s->probabilities, s->gold_label, n, s->n_labels);
    }
    out->calibration_error = reliability_error(out->reliability, RELIABILITY_BINS);
    expect(out, s, n_cells, confidence);
}

/* The measures promise nothing for a probability outside [0, 1], NaN included. */
static int are_probabilities(const double *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(p[i] >= 0 && p[i] <= 1))
            return 0;
    return 1;
}

int evaluation_confidence(struct field_figures *out, const struct slice *s, sikap_error *err)
{
    const size_t n = s->n, n_labels = s->n_labels;
    out->has_probabilities =
        s->probabilities != NULL && are_probabilities(s->probabilities, n * n_labels);
    if (!out->has_probabilities && (s->is_multi || s->scores == NULL || n_labels < 2))
        return 0;
    double *confidence = memory_alloc(n, sizeof *confidence);
    uint8_t *right = memory_alloc(n, 1);
    int is_known = 1;
    int status = confidence == NULL || right == NULL ? error_memory(err, "evaluation") : 0;
    for (size_t i = 0; i < n && status == 0; i++) {
        const uint8_t *chosen = s->chosen + i * n_labels;
        confidence[i] =
            out->has_probabilities
                ? certainty_of(s->probabilities + i * n_labels, chosen, n_labels, s->is_multi)
                : certainty_lead(s->scores + i * n_labels, chosen, n_labels);
        right[i] = memcmp(s->gold + i * n_labels, s->chosen + i * n_labels, n_labels) == 0;
        is_known &= !isnan(confidence[i]);
    }
    if (status == 0 && out->has_probabilities)
        check_probabilities(out, s, confidence, right);
    if (status == 0 && is_known)
        status = reliability_coverage(out->coverage, &out->n_coverage, COVERAGE_STEPS, confidence,
                                      right, n, err);
    memory_free(confidence);
    memory_free(right);
    return status;
}
