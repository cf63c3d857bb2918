/* SPDX-License-Identifier: Apache-2.0 */
/* Calibration measured by squared error, by bins, and by what is left when the unsure are set aside
 * (risk and coverage: El-Yaniv and Wiener 2010). */
#include "measure/reliability.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

double reliability_brier(const double *probabilities, const uint8_t *outcomes, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double d = probabilities[i] - (outcomes[i] != 0);
        sum += d * d;
    }
    return n > 0 ? sum / (double)n : 0;
}

double reliability_brier_single(const double *probabilities, const uint32_t *gold, size_t n,
                                size_t n_classes)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < n_classes; c++) {
            const double d = probabilities[i * n_classes + c] - (gold[i] == c);
            sum += d * d;
        }
    return n > 0 ? sum / (double)n : 0;
}

/* The bin b with edge(b) < p <= edge(b + 1), edges being b / n_bins. The product may round across
 * an edge, so the guess is checked against the edges themselves. */
static size_t bin_of(double p, size_t n_bins)
{
    const double n = (double)n_bins;
    if (!(p > 0))
        return 0;
    size_t b = p >= 1 ? n_bins - 1 : (size_t)(p * n);
    while (b > 0 && p <= (double)b / n)
        b--;
    while (b + 1 < n_bins && p > (double)(b + 1) / n)
        b++;
    return b;
}

void reliability_curve(struct reliability_bin *bins, size_t n_bins, const double *probabilities,
                       const uint8_t *outcomes, size_t n)
{
    for (size_t b = 0; b < n_bins; b++)
        bins[b] = (struct reliability_bin){.low = (double)b / (double)n_bins,
                                           .high = (double)(b + 1) / (double)n_bins};
    for (size_t i = 0; i < n; i++) {
        struct reliability_bin *bin = &bins[bin_of(probabilities[i], n_bins)];
        bin->n++;
        bin->mean_probability += probabilities[i];
        bin->share_true += outcomes[i] != 0;
    }
    for (size_t b = 0; b < n_bins; b++)
        if (bins[b].n > 0) {
            bins[b].mean_probability /= (double)bins[b].n;
            bins[b].share_true /= (double)bins[b].n;
        }
}

double reliability_error(const struct reliability_bin *bins, size_t n_bins)
{
    double sum = 0, n = 0;
    for (size_t b = 0; b < n_bins; b++) {
        sum += (double)bins[b].n * fabs(bins[b].mean_probability - bins[b].share_true);
        n += (double)bins[b].n;
    }
    return n > 0 ? sum / n : 0;
}

struct judged {
    double confidence;
    int correct;
};

static int falling(const void *a, const void *b)
{
    const double x = ((const struct judged *)a)->confidence;
    const double y = ((const struct judged *)b)->confidence;
    return (x < y) - (x > y);
}

int reliability_coverage(struct coverage *points, size_t *n_points, size_t n_steps,
                         const double *confidence, const uint8_t *correct, size_t n,
                         sikap_error *err)
{
    *n_points = 0;
    struct judged *judged = memory_alloc(n, sizeof *judged);
    if (judged == NULL)
        return error_memory(err, "coverage");
    for (size_t i = 0; i < n; i++) {
        if (isnan(confidence[i])) {
            memory_free(judged);
            return error_set(err, SIKAP_DATA, NULL, 0,
                             "document %zu: the confidence is not a number", i);
        }
        judged[i] = (struct judged){.confidence = confidence[i], .correct = correct[i] != 0};
    }
    qsort(judged, n, sizeof *judged, falling);
    uint64_t n_correct = 0;
    size_t step = 1;
    for (size_t i = 0; i < n; i++) {
        n_correct += (uint64_t)judged[i].correct;
        if (i + 1 < n && judged[i + 1].confidence == judged[i].confidence)
            continue;
        /* kept / n >= step / n_steps, in whole numbers. */
        if ((i + 1) * n_steps < step * n)
            continue;
        points[(*n_points)++] = (struct coverage){.coverage = (double)(i + 1) / (double)n,
                                                  .confidence = judged[i].confidence,
                                                  .accuracy = (double)n_correct / (double)(i + 1),
                                                  .n = i + 1};
        step = (i + 1) * n_steps / n + 1;
    }
    memory_free(judged);
    return 0;
}
