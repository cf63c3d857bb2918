/* SPDX-License-Identifier: Apache-2.0 */
/* A resample is a vector of multiplicities, drawn unit by unit; one sweep over the tally's sparse
 * rows turns it into sums, and the statistic turns sums into figures. Resamples are independent
 * tasks with a generator each, and the jackknife is cut into a fixed number of parts whose moments
 * are added in order, so the bits of the result do not depend on the number of threads. */
#include "measure/bootstrap.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "measure/probability.h"

enum { JACKKNIFE_PARTS = 64, N_MOMENTS = 3 };

struct workspace {
    uint32_t *multiplicity; /* [most units of a tally] */
    double *sums;           /* [n_columns] of all tallies */
    double *values;         /* [n_values], and as many again for the other half of a pair */
};

struct run {
    const struct bootstrap_sample *sample;
    const struct bootstrap_settings *settings;
    struct bootstrap *result;
    size_t n_columns; /* of all tallies */
    double *totals;   /* [n_columns] the sample's own sums */
    size_t n_workers;
    struct workspace *workers; /* [n_workers] */
    double *moments;           /* [n_tallies][JACKKNIFE_PARTS][N_MOMENTS][n_values] */
};

/* values[n_values] at these sums. values has room for twice as many when the sample is paired. */
static void evaluate(const struct bootstrap_sample *sample, const double *sums, double *values)
{
    sample->statistic(sample->context, sums, values);
    if (!sample->paired)
        return;
    double *other = values + sample->n_values;
    sample->statistic(sample->context, sums + sample->tallies[0]->n_columns / 2, other);
    for (size_t v = 0; v < sample->n_values; v++)
        values[v] = other[v] - values[v];
}

static void resample_sums(const struct tally *t, struct random *random, uint32_t *multiplicity,
                          double *sums)
{
    memset(multiplicity, 0, t->n_units * sizeof *multiplicity);
    for (size_t i = 0; i < t->n_units; i++)
        multiplicity[random_below(random, t->n_units)]++;
    memset(sums, 0, t->n_columns * sizeof *sums);
    for (size_t u = 0; u < t->n_units; u++) {
        const double m = multiplicity[u];
        if (m == 0)
            continue;
        for (size_t e = t->start[u]; e < t->start[u + 1]; e++)
            sums[t->columns[e]] += m * t->values[e];
    }
}

static void resample_task(void *context, size_t index, size_t worker)
{
    const struct run *run = context;
    const struct workspace *w = &run->workers[worker];
    struct random random;
    random_seed(&random, run->settings->seed, index);
    double *sums = w->sums;
    for (size_t t = 0; t < run->sample->n_tallies; t++) {
        resample_sums(run->sample->tallies[t], &random, w->multiplicity, sums);
        sums += run->sample->tallies[t]->n_columns;
    }
    evaluate(run->sample, w->sums, w->values);
    const size_t n_resamples = run->result->n_resamples;
    for (size_t v = 0; v < run->sample->n_values; v++)
        run->result->replicates[v * n_resamples + index] = w->values[v];
}

/* Moments of (estimate - leave-one-out value) over one part of a tally's units. */
static void jackknife_task(void *context, size_t index, size_t worker)
{
    const struct run *run = context;
    const struct workspace *w = &run->workers[worker];
    const size_t n_values = run->sample->n_values;
    const size_t which = index / JACKKNIFE_PARTS, part = index % JACKKNIFE_PARTS;
    const struct tally *t = run->sample->tallies[which];
    size_t offset = 0;
    for (size_t before = 0; before < which; before++)
        offset += run->sample->tallies[before]->n_columns;
    const double *totals = run->totals + offset;
    double *sums = w->sums + offset;
    double *moments = run->moments + index * N_MOMENTS * n_values;
    memcpy(w->sums, run->totals, run->n_columns * sizeof *w->sums);
    /* Units part, part + PARTS, … : the parts cover every unit whatever their number. */
    for (size_t u = part; u < t->n_units; u += JACKKNIFE_PARTS) {
        for (size_t e = t->start[u]; e < t->start[u + 1]; e++)
            sums[t->columns[e]] -= t->values[e];
        evaluate(run->sample, w->sums, w->values);
        for (size_t e = t->start[u]; e < t->start[u + 1]; e++)
            sums[t->columns[e]] = totals[t->columns[e]];
        for (size_t v = 0; v < n_values; v++) {
            const double d = run->result->estimates[v] - w->values[v];
            moments[v] += d;
            moments[n_values + v] += d * d;
            moments[2 * n_values + v] += d * d * d;
        }
    }
}

/* a = 1/6 Σ_t (Σ_i U_ti³)/n_t³ / (Σ_t (Σ_i U_ti²)/n_t²)^(3/2), with U_ti = (n_t - 1)(mean of the
 * leave-one-out values - value without unit i): Efron and Tibshirani's (14.15), for more than one
 * sample as Davison and Hinkley (1997), sec. 5.3. */
static double acceleration(const struct run *run, size_t v)
{
    const size_t n_values = run->sample->n_values;
    double above = 0, below = 0;
    for (size_t t = 0; t < run->sample->n_tallies; t++) {
        const double n = (double)run->sample->tallies[t]->n_units;
        double s[N_MOMENTS] = {0};
        for (size_t part = 0; part < JACKKNIFE_PARTS; part++)
            for (size_t m = 0; m < N_MOMENTS; m++)
                s[m] += run->moments[((t * JACKKNIFE_PARTS + part) * N_MOMENTS + m) * n_values + v];
        const double mean = s[0] / n;
        const double scale = (n - 1) / n;
        above += scale * scale * scale * (s[2] - 3 * mean * s[1] + 2 * n * mean * mean * mean);
        below += scale * scale * (s[1] - n * mean * mean);
    }
    /* Rounding may leave a variance of 0 a little below it. */
    return below > 0 ? above / (6 * pow(below, 1.5)) : 0;
}

struct interval bootstrap_percentile(const double *replicates, size_t n, double level)
{
    return (struct interval){.low = probability_quantile(replicates, n, (1 - level) / 2),
                             .high = probability_quantile(replicates, n, (1 + level) / 2)};
}

/* How many ascending values lie below x, or at or below it. */
static size_t count_below(const double *values, size_t n, double x, int or_equal)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (values[middle] < x || (or_equal && values[middle] == x))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static double bca_quantile(const double *replicates, size_t n, double bias, double a, double z)
{
    const double below = 1 - a * (bias + z);
    const double p = below > 0 ? probability_normal(bias + (bias + z) / below) : bias + z > 0;
    return probability_quantile(replicates, n, p);
}

struct interval bootstrap_bca(const double *replicates, size_t n, double estimate, double a,
                              double level)
{
    /* Replicates equal to the estimate, common with counts, are split between both sides. An
     * estimate outside all replicates is taken as half a replicate from their end. */
    const size_t twice =
        count_below(replicates, n, estimate, 0) + count_below(replicates, n, estimate, 1);
    const double edge = 0.5 / (double)n;
    const double share = fmin(fmax((double)twice / (2 * (double)n), edge), 1 - edge);
    const double bias = probability_normal_quantile(share);
    const double z = probability_normal_quantile((1 + level) / 2);
    return (struct interval){.low = bca_quantile(replicates, n, bias, a, -z),
                             .high = bca_quantile(replicates, n, bias, a, z)};
}

double bootstrap_p(const double *replicates, size_t n, double estimate)
{
    /* The tolerance keeps ties ties: sums of the same terms may differ in the last bits. */
    const double bound = fabs(estimate) - 1e-12;
    size_t n_extreme = 0;
    for (size_t i = 0; i < n; i++)
        n_extreme += fabs(replicates[i] - estimate) >= bound;
    return (1 + (double)n_extreme) / (1 + (double)n);
}

static void interval_task(void *context, size_t v, size_t worker)
{
    (void)worker;
    const struct run *run = context;
    struct bootstrap *result = run->result;
    const size_t n = result->n_resamples;
    double *replicates = result->replicates + v * n;
    const double level = run->settings->level;
    probability_sort(replicates, n);
    if (run->settings->method == BOOTSTRAP_BCA) {
        result->acceleration[v] = acceleration(run, v);
        result->intervals[v] =
            bootstrap_bca(replicates, n, result->estimates[v], result->acceleration[v], level);
    } else {
        result->intervals[v] = bootstrap_percentile(replicates, n, level);
    }
}

static int check(const struct bootstrap_sample *sample, const struct bootstrap_settings *settings,
                 sikap_error *err)
{
    if (settings->n_resamples > BOOTSTRAP_MAX_RESAMPLES)
        return error_set(err, SIKAP_USAGE, NULL, 0, "%zu resamples, at most %d are possible",
                         settings->n_resamples, (int)BOOTSTRAP_MAX_RESAMPLES);
    if (!(settings->level > 0 && settings->level < 1))
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "the level of an interval must be between "
                         "0 and 1");
    for (size_t t = 0; t < sample->n_tallies; t++)
        if (sample->tallies[t]->n_units == 0)
            return error_set(err, SIKAP_DATA, NULL, 0, "nothing to resample: no documents");
    if (sample->paired && (sample->n_tallies != 1 || sample->tallies[0]->n_columns % 2 != 0))
        return error_set(err, SIKAP_USAGE, NULL, 0, "a paired sample is one joined tally");
    return 0;
}

static int make_room(struct run *run, size_t n_workers, sikap_error *err)
{
    const struct bootstrap_sample *sample = run->sample;
    const size_t n_values = sample->n_values;
    struct bootstrap *result = run->result;
    size_t most_units = 0;
    for (size_t t = 0; t < sample->n_tallies; t++) {
        run->n_columns += sample->tallies[t]->n_columns;
        if (sample->tallies[t]->n_units > most_units)
            most_units = sample->tallies[t]->n_units;
    }
    result->estimates = memory_alloc(n_values, 2 * sizeof(double));
    result->replicates = memory_alloc(n_values, result->n_resamples * sizeof(double));
    result->acceleration = memory_zero(n_values, sizeof(double));
    result->intervals = memory_zero(n_values, sizeof *result->intervals);
    run->totals = memory_alloc(run->n_columns, sizeof *run->totals);
    run->workers = memory_zero(n_workers, sizeof *run->workers);
    if (run->settings->method == BOOTSTRAP_BCA)
        run->moments =
            memory_zero(n_values, sample->n_tallies * JACKKNIFE_PARTS * N_MOMENTS * sizeof(double));
    if (result->estimates == NULL || result->replicates == NULL || result->acceleration == NULL ||
        result->intervals == NULL || run->totals == NULL || run->workers == NULL ||
        (run->settings->method == BOOTSTRAP_BCA && run->moments == NULL))
        return error_memory(err, "bootstrap");
    run->n_workers = n_workers;
    for (size_t i = 0; i < n_workers; i++) {
        struct workspace *w = &run->workers[i];
        w->multiplicity = memory_alloc(most_units, sizeof *w->multiplicity);
        w->sums = memory_alloc(run->n_columns, sizeof *w->sums);
        w->values = memory_alloc(n_values, 2 * sizeof *w->values);
        if (w->multiplicity == NULL || w->sums == NULL || w->values == NULL)
            return error_memory(err, "bootstrap");
    }
    return 0;
}

static void run_clear(struct run *run)
{
    for (size_t i = 0; i < run->n_workers; i++) {
        memory_free(run->workers[i].multiplicity);
        memory_free(run->workers[i].sums);
        memory_free(run->workers[i].values);
    }
    memory_free(run->workers);
    memory_free(run->totals);
    memory_free(run->moments);
}

int bootstrap_run(struct bootstrap **out, const struct bootstrap_sample *sample,
                  const struct bootstrap_settings *settings, struct pool *pool, sikap_error *err)
{
    *out = NULL;
    struct bootstrap_settings s = *settings;
    s.n_resamples = s.n_resamples == 0 ? BOOTSTRAP_RESAMPLES : s.n_resamples;
    s.level = s.level == 0 ? 0.95 : s.level;
    int status = check(sample, &s, err);
    if (status != 0)
        return status;
    struct bootstrap *result = memory_zero(1, sizeof *result);
    if (result == NULL)
        return error_memory(err, "bootstrap");
    result->n_values = sample->n_values;
    result->n_resamples = s.n_resamples;
    struct run run = {.sample = sample, .settings = &s, .result = result};
    status = make_room(&run, pool_n_threads(pool), err);
    if (status != 0)
        goto done;
    double *totals = run.totals;
    for (size_t t = 0; t < sample->n_tallies; t++) {
        tally_sums(sample->tallies[t], totals);
        totals += sample->tallies[t]->n_columns;
    }
    evaluate(sample, run.totals, result->estimates);
    parallel_for(pool, s.n_resamples, resample_task, &run);
    if (s.method == BOOTSTRAP_BCA)
        parallel_for(pool, sample->n_tallies * JACKKNIFE_PARTS, jackknife_task, &run);
    parallel_for(pool, sample->n_values, interval_task, &run);
    *out = result;
    result = NULL;
done:
    run_clear(&run);
    bootstrap_free(result);
    return status;
}

void bootstrap_free(struct bootstrap *bootstrap)
{
    if (bootstrap == NULL)
        return;
    memory_free(bootstrap->estimates);
    memory_free(bootstrap->replicates);
    memory_free(bootstrap->acceleration);
    memory_free(bootstrap->intervals);
    memory_free(bootstrap);
}
