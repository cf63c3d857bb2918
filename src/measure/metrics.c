/* SPDX-License-Identifier: Apache-2.0 */
/* Every figure is a function of the sums of a tally (tally.h), computed in one place,
 * metrics_values, whether for a report or for one of two thousand resamples. Definitions are those
 * of scikit-learn's precision_recall_fscore_support, accuracy_score and hamming_loss. */
#include "measure/metrics.h"

#include "base/memory.h"

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static void rates_of(double tp, double fp, double fn, double *values)
{
    values[METRICS_PRECISION] = ratio(tp, tp + fp);
    values[METRICS_RECALL] = ratio(tp, tp + fn);
    values[METRICS_F1] = ratio(2 * tp, 2 * tp + fp + fn);
}

static void averages(const double *sums, size_t n_labels, double *values, double *errors)
{
    double tp = 0, fp = 0, fn = 0, n_supported = 0;
    double macro[METRICS_PER_LABEL] = {0}, weighted[METRICS_PER_LABEL] = {0};
    for (size_t l = 0; l < n_labels; l++) {
        const double *count = sums + tally_label_column(l, 0);
        const double support = count[TALLY_TP] + count[TALLY_FN];
        double *rate = values + metrics_label_value(l, 0);
        rates_of(count[TALLY_TP], count[TALLY_FP], count[TALLY_FN], rate);
        tp += count[TALLY_TP];
        fp += count[TALLY_FP];
        fn += count[TALLY_FN];
        n_supported += support > 0;
        for (size_t r = 0; r < METRICS_PER_LABEL; r++) {
            macro[r] += rate[r];
            weighted[r] += support * rate[r];
        }
    }
    rates_of(tp, fp, fn, values + METRICS_MICRO_PRECISION);
    /* A label without support has no tp: all its rates are 0, and both macro sums are the same. */
    for (size_t r = 0; r < METRICS_PER_LABEL; r++) {
        values[METRICS_MACRO_PRECISION + r] = ratio(macro[r], (double)n_labels);
        values[METRICS_WEIGHTED_PRECISION + r] = ratio(weighted[r], tp + fn);
        values[METRICS_SUPPORTED_PRECISION + r] = ratio(macro[r], n_supported);
    }
    *errors = fp + fn;
}

void metrics_values(const void *shape, const double *sums, double *values)
{
    const struct metrics_shape *s = shape;
    double errors;
    averages(sums, s->n_labels, values, &errors);
    const double n_exact = sums[tally_unit_column(s->n_labels, TALLY_EXACT)];
    const double n_documents = sums[tally_unit_column(s->n_labels, TALLY_DOCUMENTS)];
    values[METRICS_SUBSET_ACCURACY] = ratio(n_exact, n_documents);
    values[METRICS_HAMMING_LOSS] = s->single ? ratio(n_documents - n_exact, n_documents)
                                             : ratio(errors, n_documents * (double)s->n_labels);
}

static int metrics_new(struct metrics **out, size_t n_labels, int single, sikap_error *err)
{
    *out = NULL;
    struct metrics *m = memory_zero(1, sizeof *m);
    if (m == NULL)
        return error_memory(err, "metrics");
    m->n_labels = n_labels;
    m->labels = memory_zero(n_labels, sizeof *m->labels);
    int room = m->labels != NULL;
    if (room && single) {
        /* memory_zero checks one product; the square is checked here. */
        room = n_labels == 0 || n_labels <= SIZE_MAX / n_labels;
        m->confusion = room ? memory_zero(n_labels * n_labels, sizeof *m->confusion) : NULL;
        room = m->confusion != NULL;
    }
    if (!room) {
        metrics_free(m);
        return error_memory(err, "metrics");
    }
    *out = m;
    return 0;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    memory_free(metrics->labels);
    memory_free(metrics->confusion);
    memory_free(metrics);
}

static struct rates rates_at(const double *values)
{
    return (struct rates){.precision = values[METRICS_PRECISION],
                          .recall = values[METRICS_RECALL],
                          .f1 = values[METRICS_F1]};
}

static void fill(struct metrics *m, const double *sums, const double *values)
{
    m->n_documents = (size_t)sums[tally_unit_column(m->n_labels, TALLY_DOCUMENTS)];
    for (size_t l = 0; l < m->n_labels; l++) {
        const double *count = sums + tally_label_column(l, 0);
        struct label_metrics *label = &m->labels[l];
        label->tp = (uint64_t)count[TALLY_TP];
        label->fp = (uint64_t)count[TALLY_FP];
        label->fn = (uint64_t)count[TALLY_FN];
        label->support = label->tp + label->fn;
        label->predicted = label->tp + label->fp;
        label->rates = rates_at(values + metrics_label_value(l, 0));
        m->n_supported += label->support > 0;
    }
    m->micro = rates_at(values + METRICS_MICRO_PRECISION);
    m->macro = rates_at(values + METRICS_MACRO_PRECISION);
    m->weighted = rates_at(values + METRICS_WEIGHTED_PRECISION);
    m->macro_supported = rates_at(values + METRICS_SUPPORTED_PRECISION);
    m->subset_accuracy = values[METRICS_SUBSET_ACCURACY];
    m->hamming_loss = values[METRICS_HAMMING_LOSS];
}

static int from_tally(struct metrics **out, const struct tally *tally, size_t n_labels, int single,
                      sikap_error *err)
{
    const struct metrics_shape shape = {.n_labels = n_labels, .single = single};
    int status = metrics_new(out, n_labels, single, err);
    if (status != 0)
        return status;
    double *sums = memory_alloc(tally->n_columns, sizeof *sums);
    double *values = memory_alloc(metrics_n_values(n_labels), sizeof *values);
    if (sums == NULL || values == NULL) {
        metrics_free(*out);
        *out = NULL;
        status = error_memory(err, "metrics");
    } else {
        tally_sums(tally, sums);
        metrics_values(&shape, sums, values);
        fill(*out, sums, values);
    }
    memory_free(sums);
    memory_free(values);
    return status;
}

int metrics_multi(struct metrics **out, const uint8_t *gold, const uint8_t *predicted,
                  size_t n_documents, size_t n_labels, sikap_error *err)
{
    *out = NULL;
    struct tally *tally;
    int status = tally_multi(&tally, gold, predicted, n_documents, n_labels, err);
    if (status == 0)
        status = from_tally(out, tally, n_labels, 0, err);
    tally_free(tally);
    return status;
}

int metrics_single(struct metrics **out, const uint32_t *gold, const uint32_t *predicted,
                   size_t n_documents, size_t n_labels, sikap_error *err)
{
    *out = NULL;
    struct tally *tally;
    int status = tally_single(&tally, gold, predicted, n_documents, n_labels, err);
    if (status == 0)
        status = from_tally(out, tally, n_labels, 1, err);
    for (size_t i = 0; status == 0 && i < n_documents; i++)
        (*out)->confusion[(size_t)gold[i] * n_labels + predicted[i]]++;
    tally_free(tally);
    return status;
}

static int is_rare(const struct label_metrics *label)
{
    return label->support < METRICS_MIN_SUPPORT;
}

int metrics_label_interval_is_honest(const struct metrics *metrics, size_t label)
{
    const struct label_metrics *m = &metrics->labels[label];
    return !is_rare(m) && m->tp > 0 && m->fp + m->fn > 0;
}

int metrics_macro_interval_is_honest(const struct metrics *metrics)
{
    for (size_t l = 0; l < metrics->n_labels; l++)
        if (is_rare(&metrics->labels[l]))
            return 0;
    return metrics->n_labels > 0;
}

int metrics_supported_interval_is_honest(const struct metrics *metrics)
{
    for (size_t l = 0; l < metrics->n_labels; l++)
        if (metrics->labels[l].support > 0 && is_rare(&metrics->labels[l]))
            return 0;
    return metrics->n_supported > 0;
}
