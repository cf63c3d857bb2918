/* SPDX-License-Identifier: Apache-2.0 */
/* How often a 95 % interval holds the truth, and how often two equal systems are told apart at 5 %,
 * over many data sets of a population whose true figures are known
 * (tests/unit/measure/simulation.h). Not a test: it takes a minute and prints a table to be read.
 *
 *   simulate_intervals [N_RUNS [N_DOCUMENTS [N_RESAMPLES]]]      default 1000 500 2000 */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"
#include "measure/bootstrap.h"
#include "measure/metrics.h"
#include "measure/significance.h"

#include "simulation.h"

enum { N_VALUES = METRICS_N_HEADLINE + METRICS_PER_LABEL * POPULATION_LABELS, N_METHODS = 2 };

struct rate {
    size_t n, hits;
};

struct tables {
    struct rate micro[N_METHODS], macro[N_METHODS];
    struct rate label[N_METHODS][POPULATION_LABELS]; /* only where support >= METRICS_MIN_SUPPORT */
    struct rate supported[N_METHODS];                /* the same, all labels together */
    struct rate bootstrap[2], randomisation[2];      /* A/A rejections: micro-F1, macro-F1 */
    struct rate label_bootstrap, label_randomisation; /* of labels with enough support */
    struct rate mcnemar_exact, mcnemar_chi2;
};

static void count(struct rate *rate, int hit)
{
    rate->n++;
    rate->hits += hit != 0;
}

static void show(const char *name, struct rate rate)
{
    if (rate.n == 0)
        printf("%-46s no case\n", name);
    else
        printf("%-46s %6.2f %% of %zu\n", name, 100 * (double)rate.hits / (double)rate.n, rate.n);
}

static int holds(struct interval interval, double truth)
{
    return interval.low <= truth && truth <= interval.high;
}

static void count_coverage(struct tables *t, int method, const struct bootstrap *b,
                           const struct metrics *m)
{
    count(&t->micro[method], holds(b->intervals[METRICS_MICRO_F1], population_micro_f1()));
    count(&t->macro[method], holds(b->intervals[METRICS_MACRO_F1], population_macro_f1()));
    for (size_t l = 0; l < POPULATION_LABELS; l++) {
        if (!metrics_label_interval_is_honest(m, l))
            continue;
        const int hit =
            holds(b->intervals[metrics_label_value(l, METRICS_F1)], population_label_f1(l));
        count(&t->label[method][l], hit);
        count(&t->supported[method], hit);
    }
}

static void count_rejections(struct tables *t, const struct difference *d, const struct metrics *m)
{
    static const size_t FIGURES[] = {METRICS_MICRO_F1, METRICS_MACRO_F1};
    for (size_t i = 0; i < 2; i++) {
        count(&t->bootstrap[i], d[FIGURES[i]].p_bootstrap <= 0.05);
        count(&t->randomisation[i], d[FIGURES[i]].p_randomisation <= 0.05);
    }
    for (size_t l = 0; l < POPULATION_LABELS; l++)
        if (metrics_label_interval_is_honest(m, l)) {
            const size_t v = metrics_label_value(l, METRICS_F1);
            count(&t->label_bootstrap, d[v].p_bootstrap <= 0.05);
            count(&t->label_randomisation, d[v].p_randomisation <= 0.05);
        }
}

static void count_mcnemar(struct tables *t, const uint8_t *gold, const uint8_t *a, const uint8_t *b,
                          size_t n)
{
    /* All labels of the document right. */
    uint64_t only_a = 0, only_b = 0;
    for (size_t i = 0; i < n;
         i++, gold += POPULATION_LABELS, a += POPULATION_LABELS, b += POPULATION_LABELS) {
        int right_a = 1, right_b = 1;
        for (size_t l = 0; l < POPULATION_LABELS; l++) {
            right_a &= a[l] == gold[l];
            right_b &= b[l] == gold[l];
        }
        only_a += right_a && !right_b;
        only_b += right_b && !right_a;
    }
    const struct mcnemar m = significance_mcnemar(only_a, only_b);
    count(&t->mcnemar_exact, m.exact <= 0.05);
    count(&t->mcnemar_chi2, m.p_chi2 <= 0.05);
}

static int run_once(struct tables *t, uint64_t run, size_t n, size_t n_resamples, uint8_t *cells,
                    struct pool *pool, sikap_error *err)
{
    uint8_t *gold = cells, *a = gold + n * POPULATION_LABELS, *b = a + n * POPULATION_LABELS;
    struct random random;
    random_seed(&random, 2026, run);
    population_draw(&random, gold, a, b, n);
    const struct metrics_shape shape = {.n_labels = POPULATION_LABELS};
    struct tally *ta = NULL, *tb = NULL;
    struct metrics *m = NULL;
    int status = metrics_multi(&m, gold, a, n, POPULATION_LABELS, err);
    if (status == 0)
        status = tally_multi(&ta, gold, a, n, POPULATION_LABELS, err);
    if (status == 0)
        status = tally_multi(&tb, gold, b, n, POPULATION_LABELS, err);
    const struct bootstrap_sample sample = {.tallies = (const struct tally *const[]){ta},
                                            .n_tallies = 1,
                                            .statistic = metrics_values,
                                            .context = &shape,
                                            .n_values = N_VALUES};
    struct bootstrap_settings settings = {.n_resamples = n_resamples, .seed = run};
    for (int method = 0; method < N_METHODS && status == 0; method++) {
        struct bootstrap *boot;
        settings.method = (enum bootstrap_method)method;
        status = bootstrap_run(&boot, &sample, &settings, pool, err);
        if (status == 0)
            count_coverage(t, method, boot, m);
        bootstrap_free(boot);
    }
    struct difference d[N_VALUES];
    if (status == 0)
        status =
            significance_compare(d, ta, tb, metrics_values, &shape, N_VALUES, &settings, pool, err);
    if (status == 0) {
        count_rejections(t, d, m);
        count_mcnemar(t, gold, a, b, n);
    }
    tally_free(ta);
    tally_free(tb);
    metrics_free(m);
    return status;
}

static void print(const struct tables *t)
{
    static const char *const METHODS[] = {"percentile", "BCa"};
    for (size_t method = 0; method < N_METHODS; method++) {
        printf("coverage of 95 %% intervals, %s\n", METHODS[method]);
        show("  micro-F1", t->micro[method]);
        show("  F1 of labels with support >= 20", t->supported[method]);
        for (size_t l = 0; l < POPULATION_LABELS; l++) {
            char name[64];
            snprintf(name, sizeof name, "    label at a rate of %d %%",
                     (int)(100 * POPULATION_RATE[l] + 0.5));
            show(name, t->label[method][l]);
        }
        show("  macro-F1, rare labels and all", t->macro[method]);
    }
    printf("rejections at 5 %%, two equal systems\n");
    show("  paired bootstrap, micro-F1", t->bootstrap[0]);
    show("  paired bootstrap, macro-F1", t->bootstrap[1]);
    show("  paired bootstrap, labels with support >= 20", t->label_bootstrap);
    show("  randomisation, micro-F1", t->randomisation[0]);
    show("  randomisation, macro-F1", t->randomisation[1]);
    show("  randomisation, labels with support >= 20", t->label_randomisation);
    show("  McNemar exact, subset accuracy", t->mcnemar_exact);
    show("  McNemar chi2 corrected, subset accuracy", t->mcnemar_chi2);
}

int main(int argc, char **argv)
{
    size_t arguments[] = {1000, 500, 2000};
    for (int i = 1; i < argc && i <= 3; i++) {
        char *end;
        arguments[i - 1] = (size_t)strtoul(argv[i], &end, 10);
        if (*end != '\0' || arguments[i - 1] == 0) {
            fprintf(stderr, "usage: simulate_intervals [N_RUNS [N_DOCUMENTS [N_RESAMPLES]]]\n");
            return SIKAP_USAGE;
        }
    }
    const size_t n = arguments[1];
    sikap_error err = {0};
    struct pool *pool = NULL;
    struct tables tables = {0};
    uint8_t *cells = memory_alloc(n, 3 * POPULATION_LABELS);
    int status = cells == NULL ? error_memory(&err, "simulation") : pool_new(&pool, 0, &err);
    for (uint64_t run = 0; run < arguments[0] && status == 0; run++)
        status = run_once(&tables, run, n, arguments[2], cells, pool, &err);
    if (status == 0)
        print(&tables);
    else
        fprintf(stderr, "%s\n", err.message);
    pool_free(pool);
    memory_free(cells);
    return status;
}
