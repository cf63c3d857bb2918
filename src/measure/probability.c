/* SPDX-License-Identifier: Apache-2.0 */
/* The few distributions that intervals and tests need, by erfc and by Loader's saddle-point form of
 * the binomial ("Fast and accurate computation of binomial probabilities", 2000), which keeps its
 * relative accuracy where differences of log-factorials lose theirs. */
#include "measure/probability.h"

#include <math.h>
#include <stdlib.h>

static const double SQRT_HALF = 0.70710678118654752440;
static const double SQRT_TWO_PI = 2.50662827463100050242;

double probability_normal(double z)
{
    return 0.5 * erfc(-z * SQRT_HALF);
}

/* A rational start for p in (0, 1/2] (Abramowitz and Stegun 26.2.23, error below 4.5e-4). */
static double quantile_start(double p)
{
    const double t = sqrt(-2 * log(p));
    const double above = 2.515517 + t * (0.802853 + t * 0.010328);
    const double below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    return above / below - t;
}

double probability_normal_quantile(double p)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    /* Work in the lower tail, where Φ keeps its relative accuracy. 1 - p is exact for p > 1/2. */
    const int upper = p > 0.5;
    const double q = fmax(upper ? 1 - p : p, 1e-300);
    double z = quantile_start(q);
    /* Halley's method triples the correct digits: 4e-4, 1e-10, full precision. */
    for (int i = 0; i < 3; i++) {
        const double step = (probability_normal(z) - q) * SQRT_TWO_PI * exp(z * z / 2);
        z -= step / (1 + z * step / 2);
    }
    return upper ? -z : z;
}

double probability_chi2_tail(double x)
{
    return x <= 0 ? 1 : erfc(sqrt(x / 2));
}

/* log(n!) - log(sqrt(2πn) (n/e)^n), the error of Stirling's formula, n >= 1. */
static double stirling_error(double n)
{
    if (n < 16) {
        double log_factorial = 0;
        for (double i = 2; i <= n; i++)
            log_factorial += log(i);
        return log_factorial - ((n + 0.5) * log(n) - n + log(SQRT_TWO_PI));
    }
    const double s = n * n;
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / s) / s) / s) / s) / n;
}

/* x log(x/m) + m - x without cancellation when x is near m. */
static double deviance(double x, double m)
{
    const double d = (x - m) / (x + m);
    if (fabs(d) > 0.1)
        return x * log(x / m) + m - x;
    /* log(x/m) = 2 atanh(d) as a series: the leading terms cancel on paper, not in the machine. */
    double sum = (x - m) * d, power = 2 * x * d;
    for (int j = 1; j < 1000; j++) {
        power *= d * d;
        const double next = sum + power / (2 * j + 1);
        if (next == sum)
            break;
        sum = next;
    }
    return sum;
}

/* P(X = k) for n fair coins. */
static double fair_binomial_mass(double k, double n)
{
    if (k == 0 || k == n)
        return exp2(-n);
    const double log_error = stirling_error(n) - stirling_error(k) - stirling_error(n - k) -
                             deviance(k, n / 2) - deviance(n - k, n / 2);
    return exp(log_error) / SQRT_TWO_PI * sqrt(n / (k * (n - k)));
}

double probability_fair_binomial(uint64_t k, uint64_t n)
{
    if (k >= n)
        return 1;
    /* Sum the shorter side, from its largest mass outwards; the masses shrink at least as fast as a
     * geometric series once past the middle, so the tail ends where it no longer counts. */
    const int upper = k >= n - k;
    const double total = (double)n;
    double i = (double)(upper ? n - k - 1 : k);
    double mass = fair_binomial_mass(i, total), sum = mass;
    while (i > 0 && mass > sum * 1e-18) {
        mass *= i / (total - i + 1);
        sum += mass;
        i--;
    }
    return upper ? 1 - sum : sum;
}

double probability_quantile(const double *values, size_t n, double q)
{
    const double at = q * (double)(n - 1);
    if (!(at > 0))
        return values[0];
    const size_t below = (size_t)at;
    if (below >= n - 1)
        return values[n - 1];
    return values[below] + (at - (double)below) * (values[below + 1] - values[below]);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void probability_sort(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending);
}
