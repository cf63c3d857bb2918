/* SPDX-License-Identifier: Apache-2.0 */
/* Labels are taken 16 at a time, so that the counts are one cache line a term: [term][16]. A row is
 * walked only where it has one of the 16. */
#include "learn/term_merit.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "learn/tasks.h"

enum { CHUNK = 16 };

struct merit_count {
    const struct collection *c;
    const struct tasks *tasks;
    const uint32_t *rows;
    size_t n_rows;
    uint32_t *df;       /* [n_terms] of the rows annotated for the field at hand */
    uint32_t *positive; /* [n_terms][CHUNK] */
    size_t n_annotated;
    double *n_log_n; /* [n_rows + 1] */
};

/* A 2 x 2 table: documents with and without the term, with and without the label. */
struct merit_table {
    double both, term, label, all; /* term, label: margins */
};

static double chi2(const struct merit_table *t)
{
    const double with = t->term * (t->label / t->all), without = t->term - with;
    const double d = t->both - with;
    return with > 0 && without > 0 ? d * d / with + d * d / without : 0;
}

/* N I = sum of n ln n over the cells, less that over the margins, plus N ln N: every n is a count,
 * so n ln n comes from a table. */
static double mutual_information(const struct merit_table *t, const double *n_log_n)
{
    const size_t both = (size_t)t->both, term = (size_t)t->term, label = (size_t)t->label,
                 all = (size_t)t->all;
    const double cells = n_log_n[both] + n_log_n[term - both] + n_log_n[label - both] +
                         n_log_n[all - term - label + both];
    const double margins =
        n_log_n[term] + n_log_n[all - term] + n_log_n[label] + n_log_n[all - label];
    const double sum = cells - margins + n_log_n[all];
    return sum > 0 ? sum / t->all : 0;
}

static size_t row_at(const struct merit_count *m, size_t k)
{
    return m->rows == NULL ? k : m->rows[k];
}

static void count_field(struct merit_count *m, size_t field)
{
    const struct matrix *x = &m->c->counts;
    const struct tasks *tasks = m->tasks;
    memset(m->df, 0, x->n_columns * sizeof *m->df);
    m->n_annotated = 0;
    for (size_t k = 0; k < m->n_rows; k++) {
        const size_t row = row_at(m, k);
        if (tasks->targets[row * tasks->n_tasks + tasks->first[field]] == 0)
            continue;
        m->n_annotated++;
        for (size_t j = x->start[row]; j < x->start[row + 1]; j++)
            m->df[x->columns[j]]++;
    }
}

/* Counts of the labels [first, first + n). */
static void count_labels(struct merit_count *m, size_t first, size_t n, double *n_positive)
{
    const struct matrix *x = &m->c->counts;
    memset(m->positive, 0, x->n_columns * CHUNK * sizeof *m->positive);
    memset(n_positive, 0, CHUNK * sizeof *n_positive);
    for (size_t k = 0; k < m->n_rows; k++) {
        const size_t row = row_at(m, k);
        const int8_t *y = m->tasks->targets + row * m->tasks->n_tasks + first;
        for (size_t l = 0; l < n; l++) {
            if (y[l] <= 0)
                continue;
            n_positive[l]++;
            for (size_t j = x->start[row]; j < x->start[row + 1]; j++)
                m->positive[(size_t)x->columns[j] * CHUNK + l]++;
        }
    }
}

static void raise_merit(const struct merit_count *m, double *merit, enum merit_kind kind, size_t n,
                        const double *n_positive)
{
    for (size_t t = 0; t < m->c->vocabulary->n_terms; t++)
        for (size_t l = 0; m->df[t] > 0 && l < n; l++) {
            const struct merit_table table = {(double)m->positive[t * CHUNK + l], (double)m->df[t],
                                              n_positive[l], (double)m->n_annotated};
            const double value =
                kind == MERIT_CHI2 ? chi2(&table) : mutual_information(&table, m->n_log_n);
            merit[t] = value > merit[t] ? value : merit[t];
        }
}

int term_merit(double *merit, enum merit_kind kind, const struct collection *c,
               const struct tasks *tasks, const uint32_t *rows, size_t n_rows, sikap_error *err)
{
    const size_t n_terms = c->vocabulary->n_terms;
    struct merit_count m = {
        .c = c, .tasks = tasks, .rows = rows, .n_rows = rows == NULL ? c->n_rows : n_rows};
    m.df = memory_alloc(n_terms, sizeof *m.df);
    m.positive = memory_alloc(n_terms, CHUNK * sizeof *m.positive);
    m.n_log_n = memory_zero(m.n_rows + 1, sizeof *m.n_log_n);
    const int failed = m.df == NULL || m.positive == NULL || m.n_log_n == NULL;
    for (size_t n = 1; !failed && n <= m.n_rows; n++)
        m.n_log_n[n] = (double)n * log((double)n);
    for (size_t t = 0; t < n_terms; t++)
        merit[t] = 0;
    for (size_t f = 0; !failed && f < tasks->n_fields; f++) {
        count_field(&m, f);
        for (size_t first = tasks->first[f]; first < tasks->first[f + 1]; first += CHUNK) {
            const size_t left = tasks->first[f + 1] - first, n = left < CHUNK ? left : CHUNK;
            double n_positive[CHUNK];
            count_labels(&m, first, n, n_positive);
            raise_merit(&m, merit, kind, n, n_positive);
        }
    }
    memory_free(m.df);
    memory_free(m.positive);
    memory_free(m.n_log_n);
    return failed ? error_memory(err, "term selection") : 0;
}
