/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks are independent and write to their own column of the ratios, which first hold the counts of
 * positive rows: so any number of threads gives the same bytes. Counts are whole numbers, exact in
 * float32 up to 2^24 rows. Document frequencies, which labels of a field share, are counted once a
 * field; and as every count is at most the number of rows, logarithms come from a table. */
#include "learn/nb_ratio.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

struct ratio_job {
    const struct matrix *x;
    const struct tasks *tasks;
    const uint32_t *rows;
    size_t n_rows;
    double alpha;
    uint32_t *df;       /* [n_fields][n_columns] of the rows annotated for the field */
    double *logarithms; /* [n_rows + 1] ln(alpha + count) */
    float *ratios;
};

static size_t row_at(const struct ratio_job *job, size_t k)
{
    return job->rows == NULL ? k : job->rows[k];
}

static void count_field(void *context, size_t f, size_t worker)
{
    (void)worker;
    const struct ratio_job *job = context;
    const struct matrix *x = job->x;
    const struct tasks *tasks = job->tasks;
    uint32_t *df = job->df + f * x->n_columns;
    for (size_t k = 0; k < job->n_rows; k++) {
        const size_t row = row_at(job, k);
        if (tasks->targets[row * tasks->n_tasks + tasks->first[f]] == 0)
            continue;
        for (size_t j = x->start[row]; j < x->start[row + 1]; j++)
            df[x->columns[j]] += x->values[j] != 0;
    }
}

static size_t field_of(const struct tasks *tasks, size_t task)
{
    size_t f = 0;
    while (task >= tasks->first[f + 1])
        f++;
    return f;
}

/* Positive rows of each column, into the ratios. Whether the task has both kinds of row. */
static int count_positive(const struct ratio_job *job, size_t task)
{
    const struct matrix *x = job->x;
    const size_t n_tasks = job->tasks->n_tasks;
    size_t n_positive = 0, n_negative = 0;
    for (size_t k = 0; k < job->n_rows; k++) {
        const size_t row = row_at(job, k);
        const int8_t y = job->tasks->targets[row * n_tasks + task];
        n_positive += y > 0;
        n_negative += y < 0;
        for (size_t j = x->start[row]; y > 0 && j < x->start[row + 1]; j++)
            job->ratios[(size_t)x->columns[j] * n_tasks + task] += x->values[j] != 0;
    }
    return n_positive > 0 && n_negative > 0;
}

static void take_ratios(void *context, size_t task, size_t worker)
{
    (void)worker;
    const struct ratio_job *job = context;
    const size_t n_tasks = job->tasks->n_tasks, n_columns = job->x->n_columns;
    const uint32_t *df = job->df + field_of(job->tasks, task) * n_columns;
    float *ratios = job->ratios + task;
    const int has_both = count_positive(job, task);
    double p_sum = 0, q_sum = 0;
    for (size_t c = 0; c < n_columns; c++) {
        if (df[c] == 0)
            continue;
        const double positive = (double)ratios[c * n_tasks];
        p_sum += job->alpha + positive;
        q_sum += job->alpha + (double)df[c] - positive;
    }
    const double offset = has_both ? log(q_sum) - log(p_sum) : 0;
    for (size_t c = 0; c < n_columns; c++) {
        const size_t positive = (size_t)ratios[c * n_tasks];
        ratios[c * n_tasks] = 0;
        if (has_both && df[c] > 0)
            ratios[c * n_tasks] =
                (float)(job->logarithms[positive] - job->logarithms[df[c] - positive] + offset);
    }
}

int nb_ratio_new(float **out, const struct matrix *x, const struct tasks *tasks,
                 const uint32_t *rows, size_t n_rows, double alpha, struct pool *pool,
                 sikap_error *err)
{
    *out = NULL;
    struct ratio_job job = {x, tasks, rows, rows == NULL ? x->n_rows : n_rows, alpha, 0, 0, 0};
    if (tasks->n_tasks < SIZE_MAX / sizeof(float) / (x->n_columns + 1))
        job.ratios = memory_zero(x->n_columns * tasks->n_tasks, sizeof *job.ratios);
    job.df = memory_zero(tasks->n_fields * x->n_columns, sizeof *job.df);
    job.logarithms = memory_alloc(job.n_rows + 1, sizeof *job.logarithms);
    const int failed = job.ratios == NULL || job.df == NULL || job.logarithms == NULL;
    for (size_t k = 0; !failed && k <= job.n_rows; k++)
        job.logarithms[k] = log(alpha + (double)k);
    if (!failed) {
        parallel_for(pool, tasks->n_fields, count_field, &job);
        parallel_for(pool, tasks->n_tasks, take_ratios, &job);
        *out = job.ratios;
    } else {
        memory_free(job.ratios);
    }
    memory_free(job.df);
    memory_free(job.logarithms);
    return failed ? error_memory(err, "log-count ratios") : 0;
}

struct interpolate_job {
    float *weights;
    const float *ratios;
    size_t n_columns, n_tasks;
    double beta;
};

static void interpolate_task(void *context, size_t task, size_t worker)
{
    (void)worker;
    const struct interpolate_job *job = context;
    double sum = 0, n = 0;
    for (size_t c = 0; c < job->n_columns; c++) {
        const double r = (double)job->ratios[c * job->n_tasks + task];
        if (r == 0)
            continue;
        sum += fabs((double)job->weights[c * job->n_tasks + task] / r);
        n++;
    }
    const double mean = n > 0 ? sum / n : 0;
    for (size_t c = 0; c < job->n_columns; c++) {
        const size_t at = c * job->n_tasks + task;
        job->weights[at] = (float)(job->beta * (double)job->weights[at] +
                                   (1 - job->beta) * mean * (double)job->ratios[at]);
    }
}

void nb_ratio_interpolate(float *weights, const float *ratios, size_t n_columns, size_t n_tasks,
                          double beta, struct pool *pool)
{
    struct interpolate_job job = {weights, ratios, n_columns, n_tasks, beta};
    parallel_for(pool, n_tasks, interpolate_task, &job);
}
