/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certainty.h"

#include <math.h>

#include "base/memory.h"
#include "measure/probability.h"

double curve_at(const struct curve *curve, double score)
{
    size_t low = 0, high = curve->n; /* the first point above the score is in [low, high] */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if ((double)curve->score[middle] > score)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == 0 || low == curve->n)
        return curve->probability[low == 0 ? 0 : low - 1];
    const double left = curve->score[low - 1], right = curve->score[low];
    const double share = (score - left) / (right - left);
    const double from = curve->probability[low - 1], to = curve->probability[low];
    return from + share * (to - from);
}

void curve_free(struct curve *curve)
{
    memory_free(curve->score);
    memory_free(curve->probability);
    *curve = (struct curve){0, NULL, NULL};
}

double certainty_quantile(const double *quantiles, double coverage)
{
    return probability_quantile(quantiles, CERTAINTY_POINTS, 1 - coverage);
}

double certainty_of(const double *probabilities, const unsigned char *chosen, size_t n_labels,
                    int is_multi)
{
    double product = 1;
    for (size_t l = 0; l < n_labels; l++)
        if (chosen[l])
            product *= probabilities[l];
        else if (is_multi)
            product *= 1 - probabilities[l];
    return product;
}

double certainty_lead(const float *scores, const unsigned char *chosen, size_t n_labels)
{
    double given = NAN, second = -INFINITY;
    for (size_t l = 0; l < n_labels; l++)
        if (chosen[l])
            given = (double)scores[l];
        else if ((double)scores[l] > second)
            second = (double)scores[l];
    return given - second;
}
