/* SPDX-License-Identifier: Apache-2.0 */
/* How far counting predictions is from the truth when a label becomes more or less common than it
 * was, and how far the corrected estimates are. A classifier is made up whose score is normal
 * around 0 for documents without the label and around 1.8 for those with it; its probabilities are
 * right where it was trained (20 % of the documents have the label), its threshold is 1/2. Errors
 * are known from N_KNOWN documents of that kind; cells of N_CELL documents have other shares. The
 * last part breaks the assumption: in the cells, scores of documents without the label are higher.
 * Not a test: it prints a table to be read.
 *
 *   simulate_aggregate [N_RUNS [N_KNOWN [N_CELL]]]      default 300 400 200 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "measure/quantify.h"

static const double TRAINED = 0.2, GAP = 1.8;
static const double SHARES[] = {0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7};
enum { N_SHARES = sizeof SHARES / sizeof *SHARES, N_ESTIMATES = 4 };

/* Box and Muller. */
static double normal(struct random *r)
{
    const double u = 1 - random_unit(r), v = random_unit(r);
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

struct documents {
    uint8_t *gold, *predicted;
    double *probability;
    size_t n;
};

static int documents_new(struct documents *d, size_t n)
{
    *d = (struct documents){memory_alloc(n, 1), memory_alloc(n, 1),
                            memory_alloc(n, sizeof *d->probability), n};
    return d->gold == NULL || d->predicted == NULL || d->probability == NULL ? -1 : 0;
}

static void documents_free(struct documents *d)
{
    memory_free(d->gold);
    memory_free(d->predicted);
    memory_free(d->probability);
}

static void draw(struct documents *d, struct random *r, double share, double shift)
{
    for (size_t i = 0; i < d->n; i++) {
        d->gold[i] = random_unit(r) < share;
        const double score = normal(r) + (d->gold[i] ? GAP : shift);
        /* log odds: of the share, and of the two normal densities */
        const double odds = log(TRAINED / (1 - TRAINED)) + GAP * score - GAP * GAP / 2;
        d->probability[i] = 1 / (1 + exp(-odds));
        d->predicted[i] = d->probability[i] >= 0.5;
    }
}

struct errors {
    double sum[N_ESTIMATES];
    size_t n, n_covered[N_ESTIMATES];
};

static void count(struct errors *e, const struct quantified *q, double truth)
{
    const struct quantity *estimates[N_ESTIMATES] = {
        &q->counted, &q->adjusted, &q->mean_probability, &q->adjusted_probability};
    e->n++;
    for (size_t k = 0; k < N_ESTIMATES; k++) {
        e->sum[k] += fabs(estimates[k]->share - truth);
        e->n_covered[k] +=
            estimates[k]->interval.low <= truth && truth <= estimates[k]->interval.high;
    }
}

static int run_once(struct errors *errors, uint64_t run, struct documents *known,
                    struct documents *cell, double shift, struct pool *pool, sikap_error *err)
{
    struct tally *known_tally = NULL, *cells[N_SHARES] = {NULL};
    struct quantified shares[N_SHARES];
    const struct bootstrap_settings settings = {.n_resamples = 500, .seed = run + 1};
    struct random random;
    random_seed(&random, 2026, run);
    draw(known, &random, TRAINED, 0);
    int status = quantify_known_multi(&known_tally, known->gold, known->predicted,
                                      known->probability, known->n, 1, err);
    for (size_t c = 0; c < N_SHARES && status == 0; c++) {
        draw(cell, &random, SHARES[c], shift);
        status =
            quantify_cell_multi(&cells[c], cell->predicted, cell->probability, cell->n, 1, err);
    }
    if (status == 0)
        status = quantify_run(shares, known_tally, (const struct tally *const *)cells, N_SHARES, 1,
                              0, &settings, pool, err);
    for (size_t c = 0; c < N_SHARES; c++) {
        if (status == 0)
            count(&errors[c], &shares[c], SHARES[c]);
        tally_free(cells[c]);
    }
    tally_free(known_tally);
    return status;
}

static void show(const char *name, const struct errors *e)
{
    printf("%-10s", name);
    for (size_t k = 0; k < N_ESTIMATES; k++)
        printf("  %6.3f %4.0f %%", e->sum[k] / (double)e->n,
               100 * (double)e->n_covered[k] / (double)e->n);
    printf("\n");
}

static int run_part(const char *title, double shift, size_t n_runs, struct documents *known,
                    struct documents *cell, struct pool *pool, sikap_error *err)
{
    struct errors errors[N_SHARES] = {{{0}, 0, {0}}}, all = {{0}, 0, {0}};
    for (uint64_t run = 0; run < n_runs; run++)
        if (run_once(errors, run, known, cell, shift, pool, err) != 0)
            return -1;
    printf("\n%s\n%-10s  %-13s  %-13s  %-13s  %-13s\n", title, "truth", "raw count", "adj. count",
           "mean prob.", "adj. prob.");
    for (size_t c = 0; c < N_SHARES; c++) {
        char name[16];
        snprintf(name, sizeof name, "%.2f", SHARES[c]);
        show(name, &errors[c]);
        all.n += errors[c].n;
        for (size_t k = 0; k < N_ESTIMATES; k++) {
            all.sum[k] += errors[c].sum[k];
            all.n_covered[k] += errors[c].n_covered[k];
        }
    }
    show("all", &all);
    return 0;
}

int main(int argc, char **argv)
{
    const size_t n_runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 300;
    const size_t n_known = argc > 2 ? strtoul(argv[2], NULL, 10) : 400;
    const size_t n_cell = argc > 3 ? strtoul(argv[3], NULL, 10) : 200;
    struct documents known, cell;
    struct pool *pool;
    sikap_error err = {0};
    if (documents_new(&known, n_known) != 0 || documents_new(&cell, n_cell) != 0 ||
        pool_new(&pool, 0, &err) != 0)
        return 1;
    printf("%zu runs, %zu known documents (share 0.20), cells of %zu: mean absolute error, and how "
           "often the 95 %% interval holds the truth\n",
           n_runs, n_known, n_cell);
    int status = run_part("errors as known", 0, n_runs, &known, &cell, pool, &err);
    if (status == 0)
        status = run_part("errors not as known: the cells' texts look more like the label", 0.5,
                          n_runs, &known, &cell, pool, &err);
    if (status != 0)
        fprintf(stderr, "%s\n", err.message);
    pool_free(pool);
    documents_free(&known);
    documents_free(&cell);
    return status == 0 ? 0 : 1;
}
