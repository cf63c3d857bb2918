/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/calibrate_field.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "measure/probability.h"

/* One label's documents, and those of all folds but one side by side. */
struct label_fit {
    const struct threshold_input *input;
    size_t label;
    float *scores;
    uint8_t *gold;
};

static float score_of(const struct label_fit *fit, size_t i)
{
    return fit->input->scores[i * fit->input->stride + fit->label];
}

static int has_label(const struct label_fit *fit, size_t i)
{
    return fit->input->gold[i * fit->input->n_labels + fit->label] != 0;
}

static double log_loss(double p, int is_positive)
{
    return -log(is_positive ? p : 1 - p);
}

/* Adds what Platt's loss is above the isotonic curve's on one fold, both fitted on the others. */
static int compare_fold(struct label_fit *fit, size_t fold, double *sum, double *squares,
                        sikap_error *err)
{
    const struct threshold_input *in = fit->input;
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++)
        if (in->fold[i] != fold) {
            fit->scores[n] = score_of(fit, i);
            fit->gold[n++] = (uint8_t)has_label(fit, i);
        }
    if (n == 0 || n == in->n)
        return 0;
    double a, b;
    struct curve curve = {0, NULL, NULL};
    int status = calibrate_platt(&a, &b, fit->scores, 1, fit->gold, 1, n, err);
    if (status == 0)
        status = calibrate_isotonic(&curve, fit->scores, 1, fit->gold, 1, n, err);
    for (size_t i = 0; status == 0 && i < in->n; i++) {
        if (in->fold[i] != fold)
            continue;
        const double f = (double)score_of(fit, i);
        const int is_positive = has_label(fit, i);
        const double platt = fmin(fmax(1 / (1 + exp(a * f + b)), 1e-15), 1 - 1e-15);
        const double d = log_loss(platt, is_positive) - log_loss(curve_at(&curve, f), is_positive);
        *sum += d;
        *squares += d * d;
    }
    curve_free(&curve);
    return status;
}

static int is_isotonic_better(int *better, struct label_fit *fit, sikap_error *err)
{
    const struct threshold_input *in = fit->input;
    size_t n_positive = 0;
    *better = 0;
    for (size_t i = 0; i < in->n; i++)
        n_positive += (size_t)has_label(fit, i);
    if (n_positive < CALIBRATE_LEAST || in->n - n_positive < CALIBRATE_LEAST)
        return 0;
    double sum = 0, squares = 0;
    int status = 0;
    for (size_t fold = 0; fold < in->n_folds && status == 0; fold++)
        status = compare_fold(fit, fold, &sum, &squares, err);
    const double n = (double)in->n, mean = sum / n;
    const double variance = squares / n - mean * mean;
    *better = mean > 2 * sqrt(variance > 0 ? variance / n : 0);
    return status;
}

static int calibrate_label(sikap_model *m, size_t l, struct label_fit *fit, enum calibration kind,
                           sikap_error *err)
{
    const struct threshold_input *in = fit->input;
    const float *scores = in->scores + fit->label;
    const uint8_t *gold = in->gold + fit->label;
    curve_free(&m->curves[l]);
    int status = calibrate_platt(&m->platt_a[l], &m->platt_b[l], scores, in->stride, gold,
                                 in->n_labels, in->n, err);
    int isotonic = kind == CALIBRATE_ISOTONIC;
    if (status == 0 && kind == CALIBRATE_AUTO)
        status = is_isotonic_better(&isotonic, fit, err);
    if (status == 0 && isotonic)
        status =
            calibrate_isotonic(&m->curves[l], scores, in->stride, gold, in->n_labels, in->n, err);
    return status;
}

int calibrate_field(sikap_model *m, struct model_field *field, const struct threshold_input *input,
                    enum calibration kind, sikap_error *err)
{
    field->calibrated = 0;
    if (kind == CALIBRATE_NO)
        return 0;
    struct label_fit fit = {.input = input};
    fit.scores = memory_alloc(input->n, sizeof *fit.scores);
    fit.gold = memory_alloc(input->n, 1);
    int status = fit.scores == NULL || fit.gold == NULL ? error_memory(err, "calibration") : 0;
    for (; fit.label < field->n && status == 0; fit.label++)
        status = calibrate_label(m, field->first + fit.label, &fit, kind, err);
    field->calibrated = status == 0;
    memory_free(fit.scores);
    memory_free(fit.gold);
    return status;
}

int calibrate_certainty(sikap_model *m, struct model_field *field,
                        const struct threshold_input *input, sikap_error *err)
{
    memory_free(field->certainty);
    field->certainty = NULL;
    if (input->n == 0 || (field->is_multi && !field->calibrated) || input->n_labels < 2)
        return 0;
    double *all = memory_alloc(input->n, sizeof *all);
    float *scores = memory_zero(m->n_labels, sizeof *scores);
    field->certainty = memory_alloc(CERTAINTY_POINTS, sizeof *field->certainty);
    unsigned char *chosen = memory_alloc(m->n_labels, 1);
    double *probabilities = memory_alloc(m->n_labels, sizeof *probabilities);
    int status = all == NULL || scores == NULL || field->certainty == NULL || chosen == NULL ||
                         probabilities == NULL
                     ? error_memory(err, "calibration")
                     : 0;
    for (size_t i = 0; status == 0 && i < input->n; i++) {
        memcpy(scores + field->first, input->scores + i * input->stride, field->n * sizeof *scores);
        sikap_choose(m, scores, chosen);
        sikap_probabilities(m, scores, probabilities);
        all[i] = model_certainty(field, scores, probabilities, chosen);
    }
    if (status == 0) {
        probability_sort(all, input->n);
        for (size_t k = 0; k < CERTAINTY_POINTS; k++)
            field->certainty[k] =
                probability_quantile(all, input->n, (double)k / (double)(CERTAINTY_POINTS - 1));
    }
    memory_free(all);
    memory_free(scores);
    memory_free(chosen);
    memory_free(probabilities);
    return status;
}
