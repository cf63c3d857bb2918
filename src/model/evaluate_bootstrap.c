/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals of all figures of a field from one bootstrap run: its replicates give the percentile
 * and the BCa interval. Where an interval would not mean what it says it is withheld, with the
 * reason; metrics.h says when that is for documents, and the same is asked here of groups. */
#include "model/evaluate_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* The bootstrap keeps every replicate of every figure: 1 GiB of them at most. */
enum { MAX_REPLICATES = 1 << 27 };

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Groups of the annotated documents, numbered anew without gaps. */
int evaluation_group(struct tally **out, const struct tally *tally, const uint32_t *group, size_t n,
                     sikap_error *err)
{
    *out = NULL;
    uint32_t *sorted = memory_alloc(2 * n, sizeof *sorted);
    if (sorted == NULL)
        return error_memory(err, "evaluation");
    uint32_t *number = sorted + n;
    memcpy(sorted, group, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_number);
    size_t n_groups = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || sorted[i] != sorted[n_groups - 1])
            sorted[n_groups++] = sorted[i];
    for (size_t i = 0; i < n; i++) {
        const uint32_t *at = bsearch(&group[i], sorted, n_groups, sizeof *sorted, by_number);
        number[i] = (uint32_t)(at - sorted);
    }
    const int status = tally_by_group(out, tally, number, n_groups, err);
    memory_free(sorted);
    return status;
}

const char *interval_state_name(enum interval_state state)
{
    static const char *const NAMES[] = {
        [INTERVAL_GIVEN] = "given",
        [INTERVAL_OFF] = "off",
        [INTERVAL_FEW_UNITS] = "few-units",
        [INTERVAL_RARE_LABEL] = "rare-label",
        [INTERVAL_RARE_LABELS] = "rare-labels",
        [INTERVAL_NO_VARIATION] = "no-variation",
        [INTERVAL_TOO_LARGE] = "too-large",
    };
    return NAMES[state];
}

/* n_with[label]: units that have the label in gold. */
static void count_units(const struct tally *units, size_t n_labels, size_t *n_with)
{
    memset(n_with, 0, n_labels * sizeof *n_with);
    for (size_t u = 0; u < units->n_units; u++) {
        size_t last = SIZE_MAX;
        for (size_t e = units->start[u]; e < units->start[u + 1]; e++) {
            const size_t label = units->columns[e] / TALLY_PER_LABEL;
            const size_t which = units->columns[e] % TALLY_PER_LABEL;
            if (label >= n_labels || which == TALLY_FP || label == last || !(units->values[e] > 0))
                continue;
            n_with[label]++;
            last = label;
        }
    }
}

static void judge_averages(struct field_figures *f, const size_t *n_with)
{
    const struct metrics *m = f->metrics;
    int macro = metrics_macro_interval_is_honest(m);
    int supported = metrics_supported_interval_is_honest(m);
    for (size_t l = 0; l < m->n_labels; l++) {
        const int is_rare = n_with[l] < EVALUATE_MIN_UNITS;
        macro &= !is_rare;
        supported &= !is_rare || m->labels[l].support == 0;
    }
    for (size_t r = 0; r < METRICS_PER_LABEL; r++) {
        if (!macro)
            f->interval[METRICS_MACRO_PRECISION + r].state = INTERVAL_RARE_LABELS;
        if (!supported)
            f->interval[METRICS_SUPPORTED_PRECISION + r].state = INTERVAL_RARE_LABELS;
    }
}

static void judge_labels(struct field_figures *f, const size_t *n_with)
{
    const struct metrics *m = f->metrics;
    for (size_t l = 0; l < m->n_labels; l++) {
        struct figure_interval *of_label = f->interval + metrics_label_value(l, 0);
        of_label[METRICS_PRECISION].state = of_label[METRICS_RECALL].state = INTERVAL_OFF;
        if (m->labels[l].support < METRICS_MIN_SUPPORT || n_with[l] < EVALUATE_MIN_UNITS)
            of_label[METRICS_F1].state = INTERVAL_RARE_LABEL;
        else if (!metrics_label_interval_is_honest(m, l))
            of_label[METRICS_F1].state = INTERVAL_NO_VARIATION;
    }
}

static void take(struct field_figures *f, const struct bootstrap *b)
{
    for (size_t v = 0; v < b->n_values; v++) {
        const double *replicates = b->replicates + v * b->n_resamples;
        struct figure_interval *interval = &f->interval[v];
        if (interval->state == INTERVAL_GIVEN && replicates[0] == replicates[b->n_resamples - 1])
            interval->state = INTERVAL_NO_VARIATION;
        if (interval->state != INTERVAL_GIVEN)
            continue;
        interval->bca = b->intervals[v];
        interval->percentile = bootstrap_percentile(replicates, b->n_resamples, EVALUATE_LEVEL);
    }
}

int evaluation_bootstrap(struct field_figures *f, const struct tally *units, int single,
                         const struct evaluate_options *options, struct pool *pool,
                         sikap_error *err)
{
    const size_t n_labels = f->metrics->n_labels, n_values = metrics_n_values(n_labels);
    const struct metrics_shape shape = {n_labels, single};
    const struct tally *const tallies[] = {units};
    const struct bootstrap_sample sample = {.tallies = tallies,
                                            .n_tallies = 1,
                                            .statistic = metrics_values,
                                            .context = &shape,
                                            .n_values = n_values};
    const struct bootstrap_settings settings = {.n_resamples = options->bootstrap,
                                                .level = EVALUATE_LEVEL,
                                                .method = BOOTSTRAP_BCA,
                                                .seed = options->seed};
    f->n_units = units->n_units;
    f->interval = memory_zero(n_values, sizeof *f->interval); /* INTERVAL_GIVEN */
    size_t *n_with = memory_alloc(n_labels, sizeof *n_with);
    struct bootstrap *b = NULL;
    int status = 0;
    if (f->interval == NULL || n_with == NULL) {
        status = error_memory(err, "intervals");
        goto done;
    }
    const int is_large = n_values > MAX_REPLICATES / options->bootstrap;
    if (is_large || units->n_units < EVALUATE_MIN_UNITS) {
        for (size_t v = 0; v < n_values; v++)
            f->interval[v].state = is_large ? INTERVAL_TOO_LARGE : INTERVAL_FEW_UNITS;
        goto done;
    }
    status = bootstrap_run(&b, &sample, &settings, pool, err);
    if (status != 0)
        goto done;
    count_units(units, n_labels, n_with);
    judge_averages(f, n_with);
    judge_labels(f, n_with);
    take(f, b);
done:
    bootstrap_free(b);
    memory_free(n_with);
    return status;
}
