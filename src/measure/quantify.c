/* SPDX-License-Identifier: Apache-2.0 */
/* Counting with known error rates. Forman, "Quantifying counts and costs via classification"
 * (2008); Bella et al., "Quantification via probability estimators" (2010); for single fields the
 * system of Hopkins and King (2010), solved by expectation-maximisation, which stays among shares.
 *
 * Columns of the known tally: the number of documents; multi: per label PER_LABEL sums; single: per
 * class the documents, the predictions it got [n_labels], its probabilities [n_labels].
 * Columns of a cell: the number of documents, then per label predicted and probability. */
#include "measure/quantify.h"

#include <math.h>

#include "base/memory.h"

enum { POSITIVES, PREDICTED, TP, PROBABILITY, PROBABILITY_TP, PER_LABEL };
enum { CELL_PREDICTED, CELL_PROBABILITY, PER_CELL_LABEL };
enum { COUNTED, ADJUSTED, MEAN, ADJUSTED_MEAN, N_ESTIMATES };
enum { CELLS_AT_ONCE = 32, MAX_STEPS = 500 };

static const double STEP_TOLERANCE = 1e-8;
/* Rates nearer to each other than this tell nothing: the quotient would be noise. */
static const double LEAST_GAP = 1e-6;

struct shape {
    size_t n_labels, n_cells;
    int single;
};

static size_t known_columns(size_t n_labels, int single)
{
    return 1 + n_labels * (single ? 1 + 2 * n_labels : PER_LABEL);
}

static size_t cell_columns(size_t n_labels)
{
    return 1 + PER_CELL_LABEL * n_labels;
}

/* ---- tallies -----------------------------------------------------------------------------------
 */

/* Zeros are dropped; columns must come in ascending order. */
static void add(struct tally *t, size_t *e, size_t column, double value)
{
    if (value == 0)
        return;
    t->columns[*e] = (uint32_t)column;
    t->values[(*e)++] = value;
}

int quantify_known_multi(struct tally **out, const uint8_t *gold, const uint8_t *predicted,
                         const double *probabilities, size_t n_documents, size_t n_labels,
                         sikap_error *err)
{
    size_t n_cells = 0;
    for (size_t i = 0; i < n_documents * n_labels; i++)
        n_cells += gold[i] || predicted[i] || probabilities != NULL;
    const int status = tally_new(out, n_documents, known_columns(n_labels, 0),
                                 n_documents + PER_LABEL * n_cells, err);
    if (status != 0)
        return status;
    size_t e = 0;
    for (size_t i = 0; i < n_documents; i++) {
        add(*out, &e, 0, 1);
        for (size_t l = 0; l < n_labels; l++) {
            const int g = gold[i * n_labels + l] != 0, p = predicted[i * n_labels + l] != 0;
            const double probability = probabilities == NULL ? 0 : probabilities[i * n_labels + l];
            const size_t column = 1 + PER_LABEL * l;
            add(*out, &e, column + POSITIVES, g);
            add(*out, &e, column + PREDICTED, p);
            add(*out, &e, column + TP, g && p);
            add(*out, &e, column + PROBABILITY, probability);
            add(*out, &e, column + PROBABILITY_TP, g ? probability : 0);
        }
        (*out)->start[i + 1] = e;
    }
    return 0;
}

static int check_labels(const uint32_t *labels, size_t n, size_t n_labels, sikap_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (labels[i] >= n_labels)
            return error_set(err, SIKAP_DATA, NULL, 0, "document %zu: label %lu of %zu", i,
                             (unsigned long)labels[i], n_labels);
    return 0;
}

int quantify_known_single(struct tally **out, const uint32_t *gold, const uint32_t *predicted,
                          const double *probabilities, size_t n_documents, size_t n_labels,
                          sikap_error *err)
{
    *out = NULL;
    int status = check_labels(gold, n_documents, n_labels, err);
    if (status == 0)
        status = check_labels(predicted, n_documents, n_labels, err);
    if (status == 0)
        status = tally_new(out, n_documents, known_columns(n_labels, 1),
                           n_documents * (3 + (probabilities == NULL ? 0 : n_labels)), err);
    if (status != 0)
        return status;
    size_t e = 0;
    for (size_t i = 0; i < n_documents; i++) {
        const size_t row = 1 + gold[i] * (1 + 2 * n_labels);
        add(*out, &e, 0, 1);
        add(*out, &e, row, 1);
        add(*out, &e, row + 1 + predicted[i], 1);
        for (size_t l = 0; probabilities != NULL && l < n_labels; l++)
            add(*out, &e, row + 1 + n_labels + l, probabilities[i * n_labels + l]);
        (*out)->start[i + 1] = e;
    }
    return 0;
}

int quantify_cell_multi(struct tally **out, const uint8_t *predicted, const double *probabilities,
                        size_t n_documents, size_t n_labels, sikap_error *err)
{
    size_t n_cells = 0;
    for (size_t i = 0; i < n_documents * n_labels; i++)
        n_cells += predicted[i] || probabilities != NULL;
    const int status = tally_new(out, n_documents, cell_columns(n_labels),
                                 n_documents + PER_CELL_LABEL * n_cells, err);
    if (status != 0)
        return status;
    size_t e = 0;
    for (size_t i = 0; i < n_documents; i++) {
        add(*out, &e, 0, 1);
        for (size_t l = 0; l < n_labels; l++) {
            const size_t column = 1 + PER_CELL_LABEL * l;
            add(*out, &e, column + CELL_PREDICTED, predicted[i * n_labels + l] != 0);
            add(*out, &e, column + CELL_PROBABILITY,
                probabilities == NULL ? 0 : probabilities[i * n_labels + l]);
        }
        (*out)->start[i + 1] = e;
    }
    return 0;
}

int quantify_cell_single(struct tally **out, const uint32_t *predicted, const double *probabilities,
                         size_t n_documents, size_t n_labels, sikap_error *err)
{
    *out = NULL;
    int status = check_labels(predicted, n_documents, n_labels, err);
    if (status == 0)
        status = tally_new(out, n_documents, cell_columns(n_labels),
                           n_documents * (2 + (probabilities == NULL ? 0 : n_labels)), err);
    if (status != 0)
        return status;
    size_t e = 0;
    for (size_t i = 0; i < n_documents; i++) {
        add(*out, &e, 0, 1);
        for (size_t l = 0; l < n_labels; l++) {
            const size_t column = 1 + PER_CELL_LABEL * l;
            add(*out, &e, column + CELL_PREDICTED, predicted[i] == l);
            add(*out, &e, column + CELL_PROBABILITY,
                probabilities == NULL ? 0 : probabilities[i * n_labels + l]);
        }
        (*out)->start[i + 1] = e;
    }
    return 0;
}

/* ---- estimates ---------------------------------------------------------------------------------
 */

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

/* Solves plain = with p + without (1 - p) for p. A rate that no document speaks of is NaN: no gap.
 */
static double adjust(double plain, double with, double without)
{
    if (!(fabs(with - without) > LEAST_GAP))
        return plain;
    return fmin(1, fmax(0, (plain - without) / (with - without)));
}

static void plain_estimates(const double *cell, size_t l, double *values)
{
    values[COUNTED] = ratio(cell[1 + PER_CELL_LABEL * l + CELL_PREDICTED], cell[0]);
    values[MEAN] = ratio(cell[1 + PER_CELL_LABEL * l + CELL_PROBABILITY], cell[0]);
}

static void multi_cell(const double *known, const double *cell, size_t n_labels, double *values)
{
    for (size_t l = 0; l < n_labels; l++, values += N_ESTIMATES) {
        const double *k = known + 1 + PER_LABEL * l;
        const double yes = k[POSITIVES], no = known[0] - yes;
        plain_estimates(cell, l, values);
        values[ADJUSTED] = adjust(values[COUNTED], k[TP] / yes, (k[PREDICTED] - k[TP]) / no);
        values[ADJUSTED_MEAN] = adjust(values[MEAN], k[PROBABILITY_TP] / yes,
                                       (k[PROBABILITY] - k[PROBABILITY_TP]) / no);
    }
}

/* One step of EM: p_c becomes p_c Σ_l q_l m_cl / Σ_b p_b m_bl, with m_cl = sums[c][l] / documents
 * of c, the share of label l among the predictions for class c. `offset` tells predictions from
 * probabilities in the known rows; p and q stand N_ESTIMATES apart; next[n_labels] is scratch.
 * Gives the largest change, or -1 where no class explains anything that was counted. */
static double mixture_step(const double *known, size_t n_labels, size_t offset, const double *q,
                           double *p, double *next)
{
    const size_t stride = 1 + 2 * n_labels;
    double total = 0, moved = 0;
    for (size_t c = 0; c < n_labels; c++)
        next[c] = 0;
    for (size_t l = 0; l < n_labels; l++) {
        double explained = 0;
        for (size_t c = 0; c < n_labels; c++) {
            const double *row = known + 1 + c * stride;
            explained += p[c * N_ESTIMATES] * ratio(row[offset + l], row[0]);
        }
        if (q[l * N_ESTIMATES] == 0 || explained == 0)
            continue;
        for (size_t c = 0; c < n_labels; c++) {
            const double *row = known + 1 + c * stride;
            next[c] += q[l * N_ESTIMATES] / explained * ratio(row[offset + l], row[0]);
        }
    }
    for (size_t c = 0; c < n_labels; c++) {
        next[c] *= p[c * N_ESTIMATES];
        total += next[c];
    }
    if (!(total > 0))
        return -1;
    /* Labels that no class explains are left out, hence the division. */
    for (size_t c = 0; c < n_labels; c++) {
        moved = fmax(moved, fabs(next[c] / total - p[c * N_ESTIMATES]));
        p[c * N_ESTIMATES] = next[c] / total;
    }
    return moved;
}

/* The shares most likely to give q, from those among the known documents: a fair guess, and
 * positive for every class that has a profile. */
static void solve_mixture(const double *known, size_t n_labels, size_t offset, const double *q,
                          double *p, double *scratch)
{
    for (size_t c = 0; c < n_labels; c++)
        p[c * N_ESTIMATES] = ratio(known[1 + c * (1 + 2 * n_labels)], known[0]);
    double moved = 1;
    for (int step = 0; step < MAX_STEPS && moved > STEP_TOLERANCE; step++)
        moved = mixture_step(known, n_labels, offset, q, p, scratch);
    if (moved < 0)
        for (size_t c = 0; c < n_labels; c++)
            p[c * N_ESTIMATES] = q[c * N_ESTIMATES];
}

static void single_cell(const double *known, const double *cell, size_t n_labels, double *values,
                        double *scratch)
{
    for (size_t l = 0; l < n_labels; l++)
        plain_estimates(cell, l, values + l * N_ESTIMATES);
    solve_mixture(known, n_labels, 1, values + COUNTED, values + ADJUSTED, scratch);
    solve_mixture(known, n_labels, 1 + n_labels, values + MEAN, values + ADJUSTED_MEAN, scratch);
}

/* values[n_cells][n_labels][N_ESTIMATES], then scratch[n_labels]: a statistic must not allocate. */
static void estimates(const void *context, const double *sums, double *values)
{
    const struct shape *s = context;
    double *scratch = values + s->n_cells * s->n_labels * N_ESTIMATES;
    const double *cell = sums + known_columns(s->n_labels, s->single);
    for (size_t i = 0; i < s->n_cells; i++) {
        if (s->single)
            single_cell(sums, cell, s->n_labels, values, scratch);
        else
            multi_cell(sums, cell, s->n_labels, values);
        cell += cell_columns(s->n_labels);
        values += s->n_labels * N_ESTIMATES;
    }
    for (size_t l = 0; l < s->n_labels; l++)
        scratch[l] = 0;
}

static struct quantity quantity_of(const struct bootstrap *b, size_t v)
{
    return (struct quantity){.share = b->estimates[v], .interval = b->intervals[v]};
}

/* Cells are taken some at a time, which bounds the memory for replicates; the known documents'
 * resamples come first from each generator, so they are the same in every batch. */
static int run_batch(struct quantified *shares, const struct tally *known,
                     const struct tally *const *cells, const struct shape *shape,
                     const struct bootstrap_settings *settings, struct pool *pool, sikap_error *err)
{
    const struct tally *tallies[1 + CELLS_AT_ONCE] = {known};
    for (size_t i = 0; i < shape->n_cells; i++)
        tallies[1 + i] = cells[i];
    const size_t n_shares = shape->n_cells * shape->n_labels;
    const struct bootstrap_sample sample = {.tallies = tallies,
                                            .n_tallies = 1 + shape->n_cells,
                                            .statistic = estimates,
                                            .context = shape,
                                            .n_values = n_shares * N_ESTIMATES + shape->n_labels};
    struct bootstrap *b;
    const int status = bootstrap_run(&b, &sample, settings, pool, err);
    if (status != 0)
        return status;
    for (size_t i = 0; i < n_shares; i++)
        shares[i] = (struct quantified){.counted = quantity_of(b, i * N_ESTIMATES + COUNTED),
                                        .adjusted = quantity_of(b, i * N_ESTIMATES + ADJUSTED),
                                        .mean_probability = quantity_of(b, i * N_ESTIMATES + MEAN),
                                        .adjusted_probability =
                                            quantity_of(b, i * N_ESTIMATES + ADJUSTED_MEAN)};
    bootstrap_free(b);
    return 0;
}

int quantify_run(struct quantified *shares, const struct tally *known,
                 const struct tally *const *cells, size_t n_cells, size_t n_labels, int single,
                 const struct bootstrap_settings *settings, struct pool *pool, sikap_error *err)
{
    int fits = known->n_columns == known_columns(n_labels, single);
    for (size_t i = 0; i < n_cells; i++)
        fits &= cells[i]->n_columns == cell_columns(n_labels);
    if (!fits)
        return error_set(err, SIKAP_USAGE, NULL, 0, "the counts are not of %zu labels", n_labels);
    int status = 0;
    for (size_t first = 0; first < n_cells && status == 0; first += CELLS_AT_ONCE) {
        const size_t n = n_cells - first < CELLS_AT_ONCE ? n_cells - first : CELLS_AT_ONCE;
        const struct shape shape = {.n_labels = n_labels, .n_cells = n, .single = single};
        status =
            run_batch(shares + first * n_labels, known, cells + first, &shape, settings, pool, err);
    }
    return status;
}
