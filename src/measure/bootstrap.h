/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MEASURE_BOOTSTRAP_H
#define SIKAP_MEASURE_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/parallel.h"
#include "measure/tally.h"

/* A set of figures as a function of a tally's sums: values[n_values] from sums[n_columns]. Called
 * from several threads at once; must be finite for the sums of every resample. metrics_values is
 * one; its context is a struct metrics_shape. */
typedef void statistic(const void *context, const double *sums, double *values);

/* What is resampled. With more than one tally the samples are independent (say, documents the
 * errors were measured on, and documents that are counted): each is resampled by itself, and the
 * statistic sees their sums one behind the other. */
struct bootstrap_sample {
    const struct tally *const *tallies; /* [n_tallies] */
    size_t n_tallies;
    statistic *statistic;
    const void *context;
    size_t n_values;
    /* Non-zero: one tally, from tally_join; each half of its columns goes to the statistic and the
     * values are those of the second half minus those of the first. */
    int paired;
};

enum bootstrap_method { BOOTSTRAP_PERCENTILE, BOOTSTRAP_BCA };

struct bootstrap_settings {
    size_t n_resamples; /* 0: BOOTSTRAP_RESAMPLES */
    double level;       /* 0: 0.95; else in (0, 1) */
    enum bootstrap_method method;
    uint64_t seed;
};
enum { BOOTSTRAP_RESAMPLES = 2000, BOOTSTRAP_MAX_RESAMPLES = 1000000 };

struct interval {
    double low, high;
};

struct bootstrap {
    size_t n_values, n_resamples;
    double *estimates;          /* [n_values] of the sample itself */
    double *replicates;         /* [n_values][n_resamples], each row ascending */
    double *acceleration;       /* [n_values] BCa's a-hat; 0 with BOOTSTRAP_PERCENTILE */
    struct interval *intervals; /* [n_values] */
};

/* Resamples units with replacement n_resamples times. Resample r draws from its own generator
 * (seed, r): the result depends on the seed alone, not on the pool. Percentile intervals take the
 * replicates' quantiles (linear between order statistics); BCa (Efron 1987; Efron and Tibshirani
 * 1993, ch. 14) corrects their bias and skew, with the acceleration from the jackknife over units.
 * A figure that no resample changes has an interval of width 0: nothing was learnt about its
 * spread. SIKAP_USAGE for settings out of range, SIKAP_DATA for a tally without units. Free with
 * bootstrap_free. */
int bootstrap_run(struct bootstrap **out, const struct bootstrap_sample *sample,
                  const struct bootstrap_settings *settings, struct pool *pool, sikap_error *err);
void bootstrap_free(struct bootstrap *bootstrap);

/* The parts, for other resampling schemes. Replicates ascending, n >= 1. */
struct interval bootstrap_percentile(const double *replicates, size_t n, double level);
struct interval bootstrap_bca(const double *replicates, size_t n, double estimate,
                              double acceleration, double level);
/* Two-sided p-value of "value v is 0" by shifting the replicates to be centred there:
 * (1 + #{|replicate - estimate| >= |estimate|}) / (1 + n). */
double bootstrap_p(const double *replicates, size_t n, double estimate);

#endif
