/* SPDX-License-Identifier: Apache-2.0 */
/* How often `sikap compare` calls one of two equal systems better at 5 %, and how often it finds
 * one that is better, over many data sets. The systems err independently with the same rates
 * (tests/unit/measure/simulation.h); in the second part documents come in groups, and each group
 * suits one of the systems: over all groups they are equal. Not a test: it takes minutes and prints
 * a table to be read.
 *
 *   simulate_compare [N_RUNS [N_DOCUMENTS [N_RESAMPLES [SEED]]]]      default 1000 500 2000 2026 */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

#include "analyse/comparison.h"
#include "simulation.h"

enum { GROUP_SIZE = 20 };

struct claims {
    size_t n, n_micro, n_macro, n_all_right, n_any_label, n_wrong_side;
};

static void count(struct claims *r, const struct comparison_field *f)
{
    int any = 0;
    for (size_t l = 0; l < f->rows.labels.n; l++)
        any |= comparison_better(f, metrics_label_value(l, METRICS_F1)) >= 0;
    r->n++;
    r->n_micro += comparison_better(f, METRICS_MICRO_F1) >= 0;
    r->n_wrong_side += comparison_better(f, METRICS_MICRO_F1) == 0;
    r->n_macro += comparison_better(f, METRICS_MACRO_F1) >= 0;
    r->n_all_right += comparison_better(f, METRICS_SUBSET_ACCURACY) >= 0;
    r->n_any_label += (size_t)any;
}

static void show(const char *what, const struct claims *r)
{
    const size_t counts[] = {r->n_micro, r->n_macro, r->n_all_right, r->n_any_label};
    printf("%-44s", what);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        printf("%9.1f %%", 100 * (double)counts[i] / (double)r->n);
    printf("\n");
}

static int data_new(struct evaluation_data *d, size_t n, uint8_t *gold, uint8_t *chosen,
                    int has_groups)
{
    *d = (struct evaluation_data){.n_rows = n};
    d->ids = memory_zero(n, sizeof *d->ids);
    d->fields = memory_zero(1, sizeof *d->fields);
    d->group = has_groups ? memory_alloc(n, sizeof *d->group) : NULL;
    if (d->ids == NULL || d->fields == NULL || (has_groups && d->group == NULL))
        return -1;
    struct evaluation_field *f = &d->fields[d->n_fields++];
    *f = (struct evaluation_field){.name = memory_string("topic"),
                                   .is_multi = 1,
                                   .n_labels = POPULATION_LABELS,
                                   .labels = memory_zero(POPULATION_LABELS, sizeof *f->labels),
                                   .annotated = memory_alloc(n, 1),
                                   .gold = gold,
                                   .chosen = chosen};
    int failed = f->name == NULL || f->labels == NULL || f->annotated == NULL;
    for (size_t i = 0; i < n && !failed; i++) {
        char id[32];
        snprintf(id, sizeof id, "%zu", i);
        failed |= (d->ids[i] = memory_string(id)) == NULL;
        f->annotated[i] = 1;
        if (has_groups)
            d->group[i] = (uint32_t)(i / GROUP_SIZE);
    }
    for (size_t l = 0; l < POPULATION_LABELS && !failed; l++) {
        const char label[2] = {(char)('a' + l), '\0'};
        failed |= (f->labels[l] = memory_string(label)) == NULL;
    }
    return failed ? -1 : 0;
}

/* With probability `share` a wrong cell of the side that the document's group suits is put right:
 * in the group (suits[g] 0: a, 1: b), or everywhere for b where there are no groups. */
static void improve(struct random *random, const uint8_t *gold, uint8_t *const side[2], size_t n,
                    int has_groups, double share)
{
    int suits = 1;
    for (size_t i = 0; i < n; i++) {
        if (has_groups && i % GROUP_SIZE == 0)
            suits = random_unit(random) < 0.5;
        for (size_t l = i * POPULATION_LABELS; l < (i + 1) * POPULATION_LABELS; l++)
            if (random_unit(random) < share)
                side[suits][l] = gold[l];
    }
}

static int run_once(struct claims *r, uint64_t seed, uint64_t run, size_t n, size_t n_resamples,
                    double share, int in_groups, int knows_groups, struct pool *pool,
                    sikap_error *err)
{
    const size_t cells = n * POPULATION_LABELS;
    uint8_t *gold[2] = {memory_alloc(cells, 1), memory_alloc(cells, 1)};
    uint8_t *side[2] = {memory_alloc(cells, 1), memory_alloc(cells, 1)};
    struct evaluation_data d[2] = {0};
    sikap_comparison *c = NULL;
    struct random random;
    if (gold[0] == NULL || gold[1] == NULL || side[0] == NULL || side[1] == NULL)
        return error_memory(err, "simulation");
    random_seed(&random, seed, run);
    population_draw(&random, gold[0], side[0], side[1], n);
    improve(&random, gold[0], side, n, in_groups, share);
    for (size_t i = 0; i < cells; i++)
        gold[1][i] = gold[0][i];
    int status = 0;
    for (int s = 0; s < 2; s++)
        if (data_new(&d[s], n, gold[s], side[s], knows_groups) != 0)
            status = error_memory(err, "simulation");
    const struct evaluate_options options = {.bootstrap = n_resamples, .seed = run + 1};
    if (status == 0)
        status = comparison_new(&c, &d[0], &d[1], NULL, NULL, err);
    if (status == 0)
        status = comparison_test(c, &options, pool, NULL, err);
    if (status == 0)
        count(r, &c->fields[0]);
    sikap_comparison_free(c);
    evaluation_data_free(&d[0]);
    evaluation_data_free(&d[1]);
    return status;
}

int main(int argc, char **argv)
{
    const size_t n_runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    const size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 500;
    const size_t n_resamples = argc > 3 ? strtoul(argv[3], NULL, 10) : 2000;
    const uint64_t seed = argc > 4 ? strtoul(argv[4], NULL, 10) : 2026;
    static const struct {
        const char *what;
        double share; /* of wrong cells that are put right */
        int in_groups, knows_groups;
    } PARTS[] = {
        {"equal systems", 0, 0, 0},
        {"equal systems, documents in groups", 0.35, 1, 0},
        {"the same, --group", 0.35, 1, 1},
        {"B has 10 % fewer errors", 0.1, 0, 0},
        {"B has 30 % fewer errors", 0.3, 0, 0},
    };
    sikap_error err = {0};
    struct pool *pool;
    if (pool_new(&pool, 0, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%zu data sets of %zu documents, %zu resamples: a difference is claimed at 5 %%\n",
           n_runs, n, n_resamples);
    printf("%-44s%11s%11s%11s%11s\n", "", "micro F1", "macro F1", "all right", "any label");
    for (size_t k = 0; k < sizeof PARTS / sizeof *PARTS; k++) {
        struct claims rates = {0};
        for (uint64_t run = 0; run < n_runs; run++)
            if (run_once(&rates, seed, run, n, n_resamples, PARTS[k].share, PARTS[k].in_groups,
                         PARTS[k].knows_groups, pool, &err) != 0) {
                fprintf(stderr, "%s\n", err.message);
                return 1;
            }
        show(PARTS[k].what, &rates);
        if (PARTS[k].share > 0 && !PARTS[k].in_groups)
            printf("  the worse one is called better: %zu times\n", rates.n_wrong_side);
        fflush(stdout);
    }
    pool_free(pool);
    return 0;
}
