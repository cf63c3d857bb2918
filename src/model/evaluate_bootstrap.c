/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals of all figures of a field from one bootstrap run: its replicates give the percentile
 * and the BCa interval. Where an interval would not mean what it says it is withheld, with the
 * reason; metrics.h says when that is for documents, and the same is asked here of groups. */
#include "model/evaluate_internal.h"

#include "base/memory.h"

/* The bootstrap keeps every replicate of every figure: 1 GiB of them at most. */
enum { MAX_REPLICATES = 1 << 27 };

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
    tally_units_with(units, n_labels, n_with);
    judge_averages(f, n_with);
    judge_labels(f, n_with);
    take(f, b);
done:
    bootstrap_free(b);
    memory_free(n_with);
    return status;
}
