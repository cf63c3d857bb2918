/* SPDX-License-Identifier: Apache-2.0 */
/* Tests by drawing again. Approximate randomisation starts from both systems' sums and walks only
 * over the units on which their counts differ: swapping a unit moves its rows from one side's sums
 * to the other's. Each draw has a generator of its own and leaves its 0/1 "was as extreme" bytes at
 * its own place; they are counted at the end, so threads do not show. */
#include "measure/significance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "measure/probability.h"

/* Sums of the same terms in another order may differ in the last bits: ties must stay ties. */
static const double TIE = 1e-12;
/* Tells the generators of randomisation and permutation from those of the bootstrap. */
static const uint64_t SWAP_STREAM = UINT64_C(1) << 62;
static const uint64_t PERMUTATION_STREAM = UINT64_C(1) << 63;

/* A row's worth of working memory for each worker, carved out of one block. */
struct scratch {
    double *block;
    size_t n_each;
};

static int scratch_new(struct scratch *s, size_t n_workers, size_t n_each, sikap_error *err)
{
    s->n_each = n_each;
    s->block = memory_alloc(n_workers, n_each * sizeof *s->block);
    return s->block == NULL ? error_memory(err, "significance") : 0;
}

static double *scratch_of(const struct scratch *s, size_t worker)
{
    return s->block + worker * s->n_each;
}

/* hits[draw][v] -> (1 + Σ)/(1 + n). */
static double p_value(const uint8_t *hits, size_t n, size_t n_values, size_t v)
{
    size_t n_hits = 0;
    for (size_t i = 0; i < n; i++)
        n_hits += hits[i * n_values + v];
    return (1 + (double)n_hits) / (1 + (double)n);
}

/* ---- approximate randomisation -----------------------------------------------------------------
 */

struct swap {
    const struct tally *a, *b;
    const size_t *differing; /* [n_differing] units whose rows are not the same in a and b */
    size_t n_differing;
    const double *sums; /* [2 n_columns] of a, of b */
    statistic *statistic;
    const void *context;
    size_t n_values;
    uint64_t seed;
    const double *observed; /* [n_values] b - a */
    struct scratch scratch; /* each worker: sums[2 n_columns], values[2 n_values] */
    uint8_t *hits;          /* [draws][n_values] */
};

static int rows_equal(const struct tally *a, const struct tally *b, size_t u)
{
    const size_t n = a->start[u + 1] - a->start[u];
    if (n != b->start[u + 1] - b->start[u])
        return 0;
    for (size_t i = 0; i < n; i++)
        if (a->columns[a->start[u] + i] != b->columns[b->start[u] + i] ||
            a->values[a->start[u] + i] != b->values[b->start[u] + i])
            return 0;
    return 1;
}

static void move_row(const struct tally *t, size_t u, double *from, double *to)
{
    for (size_t e = t->start[u]; e < t->start[u + 1]; e++) {
        from[t->columns[e]] -= t->values[e];
        to[t->columns[e]] += t->values[e];
    }
}

static void swap_task(void *context, size_t index, size_t worker)
{
    const struct swap *s = context;
    const size_t n_columns = s->a->n_columns;
    double *sums = scratch_of(&s->scratch, worker);
    double *sums_b = sums + n_columns;
    double *values = sums + 2 * n_columns;
    double *values_b = values + s->n_values;
    struct random random;
    random_seed(&random, s->seed, SWAP_STREAM + index);
    memcpy(sums, s->sums, 2 * n_columns * sizeof *sums);
    uint64_t bits = 0;
    for (size_t i = 0; i < s->n_differing; i++) {
        bits = i % 64 == 0 ? random_next(&random) : bits >> 1;
        if ((bits & 1) == 0)
            continue;
        move_row(s->a, s->differing[i], sums, sums_b);
        move_row(s->b, s->differing[i], sums_b, sums);
    }
    s->statistic(s->context, sums, values);
    s->statistic(s->context, sums_b, values_b);
    uint8_t *hits = s->hits + index * s->n_values;
    for (size_t v = 0; v < s->n_values; v++)
        hits[v] = fabs(values_b[v] - values[v]) >= fabs(s->observed[v]) - TIE;
}

/* Fills a, b, difference and p_randomisation. */
static int randomise(struct difference *differences, struct swap *s, size_t n_draws,
                     struct pool *pool, sikap_error *err)
{
    const size_t n_columns = s->a->n_columns, n_values = s->n_values;
    size_t *differing = memory_alloc(s->a->n_units, sizeof *differing);
    double *sums = memory_alloc(n_columns, 2 * sizeof *sums);
    double *observed = memory_alloc(n_values, 3 * sizeof *observed);
    s->hits = memory_alloc(n_draws, n_values);
    int status = scratch_new(&s->scratch, pool_n_threads(pool), 2 * (n_columns + n_values), err);
    if (status == 0 && (differing == NULL || sums == NULL || observed == NULL || s->hits == NULL))
        status = error_memory(err, "significance");
    if (status != 0)
        goto done;
    for (size_t u = 0; u < s->a->n_units; u++)
        if (!rows_equal(s->a, s->b, u))
            differing[s->n_differing++] = u;
    tally_sums(s->a, sums);
    tally_sums(s->b, sums + n_columns);
    double *value_a = observed + n_values, *value_b = observed + 2 * n_values;
    s->statistic(s->context, sums, value_a);
    s->statistic(s->context, sums + n_columns, value_b);
    for (size_t v = 0; v < n_values; v++)
        observed[v] = value_b[v] - value_a[v];
    s->differing = differing;
    s->sums = sums;
    s->observed = observed;
    parallel_for(pool, n_draws, swap_task, s);
    for (size_t v = 0; v < n_values; v++) {
        differences[v].a = value_a[v];
        differences[v].b = value_b[v];
        differences[v].difference = observed[v];
        differences[v].p_randomisation = p_value(s->hits, n_draws, n_values, v);
    }
done:
    memory_free(differing);
    memory_free(sums);
    memory_free(observed);
    memory_free(s->hits);
    memory_free(s->scratch.block);
    return status;
}

int significance_compare(struct difference *differences, const struct tally *a,
                         const struct tally *b, statistic *statistic, const void *context,
                         size_t n_values, const struct bootstrap_settings *settings,
                         struct pool *pool, sikap_error *err)
{
    if (a->n_columns != b->n_columns)
        return error_set(err, SIKAP_USAGE, NULL, 0, "cannot compare %zu figures with %zu",
                         a->n_columns, b->n_columns);
    struct tally *joined;
    int status = tally_join(&joined, a, b, err);
    if (status != 0)
        return status;
    struct bootstrap *bootstrap = NULL;
    const struct tally *const tallies[] = {joined};
    const struct bootstrap_sample sample = {.tallies = tallies,
                                            .n_tallies = 1,
                                            .statistic = statistic,
                                            .context = context,
                                            .n_values = n_values,
                                            .paired = 1};
    status = bootstrap_run(&bootstrap, &sample, settings, pool, err);
    if (status != 0)
        goto done;
    struct swap swap = {.a = a,
                        .b = b,
                        .statistic = statistic,
                        .context = context,
                        .n_values = n_values,
                        .seed = settings->seed};
    status = randomise(differences, &swap, bootstrap->n_resamples, pool, err);
    if (status != 0)
        goto done;
    for (size_t v = 0; v < n_values; v++) {
        differences[v].interval = bootstrap->intervals[v];
        differences[v].p_bootstrap = bootstrap_p(bootstrap->replicates + v * bootstrap->n_resamples,
                                                 bootstrap->n_resamples, bootstrap->estimates[v]);
    }
done:
    bootstrap_free(bootstrap);
    tally_free(joined);
    return status;
}

/* ---- tests on counts ---------------------------------------------------------------------------
 */

struct mcnemar significance_mcnemar(uint64_t only_a, uint64_t only_b)
{
    const uint64_t n = only_a + only_b;
    const uint64_t fewer = only_a < only_b ? only_a : only_b;
    struct mcnemar m = {.exact = 1, .chi2 = 0, .p_chi2 = 1};
    if (n == 0 || only_a == only_b)
        return m;
    m.exact = fmin(1, 2 * probability_fair_binomial(fewer, n));
    const double gap = (double)(n - 2 * fewer) - 1;
    m.chi2 = gap * gap / (double)n;
    m.p_chi2 = probability_chi2_tail(m.chi2);
    return m;
}

struct ranked {
    double p;
    size_t place;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

int significance_holm(double *p, size_t n, sikap_error *err)
{
    struct ranked *order = memory_alloc(n, sizeof *order);
    if (order == NULL)
        return error_memory(err, "correction for many tests");
    for (size_t i = 0; i < n; i++)
        order[i] = (struct ranked){.p = p[i], .place = i};
    qsort(order, n, sizeof *order, by_p);
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fmin(1, (double)(n - i) * order[i].p));
        p[order[i].place] = largest;
    }
    memory_free(order);
    return 0;
}

/* ---- permutation -------------------------------------------------------------------------------
 */

struct permutation {
    const struct tally *units;
    size_t n_first;
    statistic *statistic;
    const void *context;
    size_t n_values;
    uint64_t seed;
    const double *observed; /* [n_values] */
    struct scratch scratch; /* each worker: sums[2 n_columns], values[n_values] */
    uint32_t *orders;       /* [workers][n_units] */
    uint8_t *hits;          /* [draws][n_values] */
};

/* Sums of the units in order[0, n_first), then of the others. */
static void split_sums(const struct permutation *p, const uint32_t *order, double *sums)
{
    const struct tally *t = p->units;
    const size_t n_columns = t->n_columns;
    memset(sums, 0, 2 * n_columns * sizeof *sums);
    for (size_t i = 0; i < t->n_units; i++) {
        double *side = i < p->n_first ? sums : sums + n_columns;
        for (size_t e = t->start[order[i]]; e < t->start[order[i] + 1]; e++)
            side[t->columns[e]] += t->values[e];
    }
}

static void permutation_task(void *context, size_t index, size_t worker)
{
    const struct permutation *p = context;
    const size_t n = p->units->n_units;
    uint32_t *order = p->orders + worker * n;
    double *sums = scratch_of(&p->scratch, worker);
    double *values = sums + 2 * p->units->n_columns;
    struct random random;
    random_seed(&random, p->seed, PERMUTATION_STREAM + index);
    /* From the identity each time: what a worker did before must not show. */
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    random_shuffle(&random, order, n);
    split_sums(p, order, sums);
    p->statistic(p->context, sums, values);
    for (size_t v = 0; v < p->n_values; v++)
        p->hits[index * p->n_values + v] = values[v] >= p->observed[v] - TIE;
}

int significance_permutation(double *distances, double *p, const struct tally *units,
                             size_t n_first, statistic *statistic, const void *context,
                             size_t n_values, size_t n_permutations, uint64_t seed,
                             struct pool *pool, sikap_error *err)
{
    const size_t n = units->n_units;
    if (n_first == 0 || n_first >= n || n > UINT32_MAX)
        return error_set(err, SIKAP_DATA, NULL, 0, "cannot compare %zu units with %zu", n_first,
                         n_first >= n ? 0 : n - n_first);
    struct permutation run = {.units = units,
                              .n_first = n_first,
                              .statistic = statistic,
                              .context = context,
                              .n_values = n_values,
                              .seed = seed,
                              .observed = distances};
    const size_t n_workers = pool_n_threads(pool);
    int status = scratch_new(&run.scratch, n_workers, 2 * units->n_columns + n_values, err);
    run.orders = memory_alloc(n, n_workers * sizeof *run.orders);
    run.hits = memory_alloc(n_permutations, n_values);
    if (status == 0 && (run.orders == NULL || run.hits == NULL))
        status = error_memory(err, "significance");
    if (status == 0) {
        for (size_t i = 0; i < n; i++)
            run.orders[i] = (uint32_t)i;
        split_sums(&run, run.orders, run.scratch.block);
        statistic(context, run.scratch.block, distances);
        parallel_for(pool, n_permutations, permutation_task, &run);
        for (size_t v = 0; v < n_values; v++)
            p[v] = p_value(run.hits, n_permutations, n_values, v);
    }
    memory_free(run.scratch.block);
    memory_free(run.orders);
    memory_free(run.hits);
    return status;
}
