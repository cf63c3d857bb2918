/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/two_sample.h"

#include <math.h>

#include "base/memory.h"

int two_sample_design_effect(double *out, const double *values, const uint32_t *group, size_t n,
                             size_t n_groups, sikap_error *err)
{
    double *sum = memory_zero(n_groups, sizeof *sum);
    double mean = 0, documents = 0, groups = 0;
    *out = 1;
    if (sum == NULL)
        return error_memory(err, "groups of documents");
    for (size_t i = 0; i < n; i++)
        mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double off = values[i] - mean;
        documents += off * off;
        sum[group[i]] += off;
    }
    for (size_t g = 0; g < n_groups; g++)
        groups += sum[g] * sum[g];
    memory_free(sum);
    if (n_groups < 2)
        *out = n > 1 ? (double)n : 1;
    else if (n_groups < n && documents > 0)
        *out = fmax(1, groups / documents * (double)n_groups / (double)(n_groups - 1) *
                           (double)(n - 1) / (double)n);
    return 0;
}

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* Fisher's exact test, two-sided. */
static double exact_p(const uint64_t k[2], const uint64_t n[2])
{
    static const double SAME = 1 + 1e-7; /* probabilities that rounding alone tells apart */
    const double all = (double)(n[0] + n[1]), has = (double)(k[0] + k[1]);
    const uint64_t lowest = k[0] + k[1] > n[0] ? k[0] + k[1] - n[0] : 0;
    const uint64_t highest = k[0] + k[1] < n[1] ? k[0] + k[1] : n[1];
    const double scale = log_choose(all, has);
    const double observed =
        log_choose((double)n[0], (double)k[0]) + log_choose((double)n[1], (double)k[1]) - scale;
    double p = 0;
    for (uint64_t i = lowest; i <= highest; i++) {
        const double x =
            log_choose((double)n[0], has - (double)i) + log_choose((double)n[1], (double)i) - scale;
        if (x <= observed + log(SAME))
            p += exp(x);
    }
    return p < 1 ? p : 1;
}

struct two_sample two_sample_rates(const uint64_t k[2], const uint64_t n[2], double design_effect)
{
    if (n[0] == 0 || n[1] == 0)
        return (struct two_sample){0, 1};
    uint64_t few_k[2], few_n[2];
    for (int i = 0; i < 2; i++) { /* the shares of fewer documents, as near as whole ones come */
        few_n[i] = (uint64_t)fmax(1, round((double)n[i] / design_effect));
        few_k[i] = (uint64_t)round((double)k[i] * (double)few_n[i] / (double)n[i]);
    }
    const double h =
        2 * asin(sqrt((double)k[1] / (double)n[1])) - 2 * asin(sqrt((double)k[0] / (double)n[0]));
    return (struct two_sample){h, exact_p(few_k, few_n)};
}

/* Φ⁻¹ by bisection on erfc: it is asked for a few dozen times. */
static double normal_quantile(double p)
{
    double low = -40, high = 40;
    if (p == 0.5)
        return 0;
    for (int i = 0; i < 80; i++) {
        const double middle = (low + high) / 2;
        if (erfc(-middle / sqrt(2)) / 2 < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

struct two_sample two_sample_bins(const uint32_t *first, const uint32_t *second, size_t n_bins,
                                  double design_effect)
{
    double n = 0, m = 0, wins = 0, ties = 0;
    for (size_t k = 0; k < n_bins; k++) {
        wins += (double)second[k] * (n + (double)first[k] / 2);
        n += (double)first[k];
        m += (double)second[k];
        const double t = (double)first[k] + (double)second[k];
        ties += t * t * t - t;
    }
    if (n < 1 || m < 1)
        return (struct two_sample){0, 1};
    const double all = n + m;
    const double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
    const double z = variance > 0 ? (wins - n * m / 2) / sqrt(variance) : 0;
    /* P(second > first) is kept off 0 and 1 by half a pair: d stays finite. */
    const double share = fmin(fmax(wins / (n * m), 0.5 / (n * m)), 1 - 0.5 / (n * m));
    return (struct two_sample){sqrt(2) * normal_quantile(share),
                               erfc(fabs(z) / sqrt(2 * design_effect))};
}
