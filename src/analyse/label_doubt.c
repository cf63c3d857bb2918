/* SPDX-License-Identifier: Apache-2.0 */
/* Probabilities in two steps. The first model sees the text alone. The second sees, for one label,
 * what the first says about it and which other labels the document is given: labels go together,
 * and an annotator who gave sanctions-criticism hardly meant to leave out sanctions. */
#include "analyse/label_doubt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "learn/calibrate.h"
#include "learn/solver.h"

/* The second model's matrix: column 0 is the first model's log odds of the label at hand, column
 * 1 + t is 1 where label t is given. Only values change from label to label. */
struct context {
    const struct collection *c;
    const struct tasks *tasks;
    const struct folds *folds;
    int text_only;
    struct matrix x;
    size_t *field; /* [n_tasks] */
    float *scores; /* of the label at hand, side by side */
    uint8_t *gold;
    uint32_t *rows, *picked; /* annotated; of those, the rows that a fold learns from */
    int8_t *targets;
    float *weights;
    size_t n;
};

static void context_free(struct context *x)
{
    matrix_free(&x->x);
    memory_free(x->field);
    memory_free(x->scores);
    memory_free(x->gold);
    memory_free(x->rows);
    memory_free(x->picked);
    memory_free(x->targets);
    memory_free(x->weights);
}

static int fill_structure(struct context *x)
{
    const struct tasks *tasks = x->tasks;
    const size_t n_tasks = tasks->n_tasks, n_rows = tasks->n_rows;
    size_t n_given = 0;
    for (size_t i = 0; i < n_rows * n_tasks; i++)
        n_given += tasks->gold[i];
    struct matrix *m = &x->x;
    m->n_rows = n_rows;
    m->n_columns = n_tasks + 1;
    m->start = memory_alloc(n_rows + 1, sizeof *m->start);
    m->columns = memory_alloc(n_rows + n_given, sizeof *m->columns);
    m->values = memory_alloc(n_rows + n_given, sizeof *m->values);
    if (m->start == NULL || m->columns == NULL || m->values == NULL)
        return -1;
    size_t at = 0;
    for (size_t row = 0; row < n_rows; row++) {
        m->start[row] = at;
        m->columns[at++] = 0;
        for (size_t t = 0; t < n_tasks; t++)
            if (tasks->gold[row * n_tasks + t])
                m->columns[at++] = (uint32_t)(t + 1);
    }
    m->start[n_rows] = at;
    return 0;
}

static int context_init(struct context *x, const struct collection *c, const struct tasks *tasks,
                        const struct folds *folds, sikap_error *err)
{
    *x = (struct context){.c = c, .tasks = tasks, .folds = folds};
    const size_t n_rows = tasks->n_rows, n_tasks = tasks->n_tasks;
    x->field = memory_alloc(n_tasks, sizeof *x->field);
    x->scores = memory_alloc(n_rows, sizeof *x->scores);
    x->gold = memory_alloc(n_rows, sizeof *x->gold);
    x->rows = memory_alloc(n_rows, sizeof *x->rows);
    x->picked = memory_alloc(n_rows, sizeof *x->picked);
    x->targets = memory_alloc(n_rows, sizeof *x->targets);
    x->weights = memory_alloc(n_tasks + 1, sizeof *x->weights);
    if (x->field == NULL || x->scores == NULL || x->gold == NULL || x->rows == NULL ||
        x->picked == NULL || x->targets == NULL || x->weights == NULL || fill_structure(x) != 0)
        return error_memory(err, "label errors");
    for (size_t f = 0; f < tasks->n_fields; f++)
        for (size_t t = tasks->first[f]; t < tasks->first[f + 1]; t++)
            x->field[t] = f;
    return 0;
}

/* Does the second model for `task` see that label `other` is given? */
static int is_seen(const struct context *x, size_t task, size_t other)
{
    return !x->text_only && other != task &&
           (x->field[other] != x->field[task] || x->c->fields[x->field[task]].is_multi);
}

/* The matrix for one label: its annotated rows, their log odds, the labels beside it. */
static int fill_values(struct context *x, size_t task, const float *scores, sikap_error *err)
{
    const size_t n_tasks = x->tasks->n_tasks;
    x->n = 0;
    for (size_t row = 0; row < x->tasks->n_rows; row++) {
        if (x->tasks->targets[row * n_tasks + task] == 0)
            continue;
        x->rows[x->n] = (uint32_t)row;
        x->scores[x->n] = scores[row * n_tasks + task];
        x->gold[x->n++] = x->tasks->gold[row * n_tasks + task];
    }
    double a, b;
    const int status = calibrate_platt(&a, &b, x->scores, 1, x->gold, 1, x->n, err);
    if (status != 0)
        return status;
    struct matrix *m = &x->x;
    for (size_t row = 0; row < m->n_rows; row++) {
        const double f = scores[row * n_tasks + task];
        m->values[m->start[row]] = (float)-(a * f + b);
        for (size_t j = m->start[row] + 1; j < m->start[row + 1]; j++)
            m->values[j] = is_seen(x, task, m->columns[j] - 1) ? 1 : 0;
    }
    return 0;
}

static double log_odds(const struct context *x, size_t row, double bias)
{
    double z = bias;
    for (size_t j = x->x.start[row]; j < x->x.start[row + 1]; j++)
        z += (double)x->weights[x->x.columns[j]] * (double)x->x.values[j];
    return z;
}

/* Learns on the rows of the other folds and judges those of this one. */
static int judge_fold(struct context *x, size_t task, size_t fold, float *probability,
                      struct pool *pool, const sikap_watch *watch, sikap_error *err)
{
    const size_t n_tasks = x->tasks->n_tasks;
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++) {
        if (!folds_trains(x->folds, fold, x->rows[i]))
            continue;
        x->targets[n] = x->gold[i] ? 1 : -1;
        x->picked[n++] = x->rows[i];
    }
    float bias;
    const struct problem problem = {
        .x = &x->x, .rows = x->picked, .n_rows = n, .n_tasks = 1, .targets = x->targets};
    const struct solver_settings settings = {
        .kind = SOLVER_L2R_LR, .cost = 1, .epsilon = 1e-3, .bias = 1, .seed = 1};
    struct solution solution = {.weights = x->weights, .bias = &bias};
    const int status = liblinear_train(&problem, &settings, pool, watch, &solution, err);
    for (size_t i = 0; i < x->n && status == 0; i++)
        if (folds_tests(x->folds, fold, x->rows[i]))
            probability[x->rows[i] * n_tasks + task] =
                (float)(1 / (1 + exp(-log_odds(x, x->rows[i], (double)bias))));
    return status;
}

/* Exactly one label of a single field holds. */
static void normalise_single(float *probability, const struct context *x)
{
    const struct tasks *tasks = x->tasks;
    for (size_t f = 0; f < tasks->n_fields; f++) {
        if (x->c->fields[f].is_multi)
            continue;
        for (size_t row = 0; row < tasks->n_rows; row++) {
            float *p = probability + row * tasks->n_tasks;
            double sum = 0;
            for (size_t t = tasks->first[f]; t < tasks->first[f + 1]; t++)
                sum += (double)p[t];
            for (size_t t = tasks->first[f]; sum > 0 && t < tasks->first[f + 1]; t++)
                p[t] = (float)((double)p[t] / sum);
        }
    }
}

int label_doubt_probabilities(float *probability, const struct collection *c,
                              const struct tasks *tasks, const struct folds *folds,
                              const float *scores, int text_only, struct pool *pool,
                              const sikap_watch *watch, sikap_error *err)
{
    struct context x;
    memset(probability, 0, tasks->n_rows * tasks->n_tasks * sizeof *probability);
    int status = context_init(&x, c, tasks, folds, err);
    x.text_only = text_only;
    for (size_t task = 0; task < tasks->n_tasks && status == 0; task++) {
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->context, "judging labels", task, tasks->n_tasks);
        status = fill_values(&x, task, scores, err);
        for (size_t fold = 0; fold < folds->n_folds && status == 0; fold++)
            status = judge_fold(&x, task, fold, probability, pool, watch, err);
    }
    if (status == 0)
        normalise_single(probability, &x);
    context_free(&x);
    return status;
}

/* ---- the list ---- */

struct doubts {
    struct label_doubt *items;
    size_t n, capacity;
};

static int add_doubt(struct doubts *d, const struct label_doubt *doubt)
{
    if (doubt->doubt < 0.5F)
        return 0;
    if (d->n == d->capacity &&
        memory_grow(&d->items, &d->capacity, d->n + 1, sizeof *d->items) != 0)
        return -1;
    d->items[d->n++] = *doubt;
    return 0;
}

/* Mean self-confidence of the documents that have a label, and of those that do not: the thresholds
 * of confident learning. */
struct confidence {
    double given, absent;
    size_t support;
};

static struct confidence confidence_of(const float *probability, const struct tasks *tasks,
                                       size_t task)
{
    double sum[2] = {0, 0};
    size_t n[2] = {0, 0};
    for (size_t row = 0; row < tasks->n_rows; row++) {
        const size_t cell = row * tasks->n_tasks + task;
        if (tasks->targets[cell] == 0)
            continue;
        const int given = tasks->gold[cell] != 0;
        sum[given] += given ? (double)probability[cell] : 1 - (double)probability[cell];
        n[given]++;
    }
    return (struct confidence){n[1] > 0 ? sum[1] / (double)n[1] : 1,
                               n[0] > 0 ? sum[0] / (double)n[0] : 1, n[1]};
}

static int add_multi(struct doubts *d, const float *probability, const struct tasks *tasks,
                     size_t task, const struct confidence *t)
{
    for (size_t row = 0; row < tasks->n_rows; row++) {
        const size_t cell = row * tasks->n_tasks + task;
        if (tasks->targets[cell] == 0)
            continue;
        const double p = (double)probability[cell];
        const int given = tasks->gold[cell] != 0;
        const double doubt = given ? 1 - p : p;
        const struct label_doubt item = {
            (uint32_t)row, (uint32_t)task,       LABEL_DOUBT_NONE,
            (float)doubt,  (unsigned char)given, doubt >= (given ? t->absent : t->given)};
        if (add_doubt(d, &item) != 0)
            return -1;
    }
    return 0;
}

/* The likeliest other label against the one that is given. */
static int add_single(struct doubts *d, const float *probability, const struct tasks *tasks,
                      size_t f, const struct confidence *t, size_t rare)
{
    for (size_t row = 0; row < tasks->n_rows; row++) {
        const float *p = probability + row * tasks->n_tasks;
        size_t given = SIZE_MAX, other = SIZE_MAX;
        for (size_t k = tasks->first[f]; k < tasks->first[f + 1]; k++) {
            if (tasks->gold[row * tasks->n_tasks + k])
                given = k;
            else if (t[k].support >= rare && (other == SIZE_MAX || p[k] > p[other]))
                other = k;
        }
        if (given == SIZE_MAX || other == SIZE_MAX || t[given].support < rare)
            continue;
        const double sum = (double)p[given] + (double)p[other];
        const struct label_doubt item = {(uint32_t)row,
                                         (uint32_t)given,
                                         (uint32_t)other,
                                         (float)(sum > 0 ? (double)p[other] / sum : 0),
                                         1,
                                         (double)p[other] >= t[other].given};
        if (add_doubt(d, &item) != 0)
            return -1;
    }
    return 0;
}

static int by_doubt(const void *a, const void *b)
{
    const struct label_doubt *x = a, *y = b;
    if (x->doubt != y->doubt)
        return x->doubt > y->doubt ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->task < y->task ? -1 : x->task > y->task;
}

int label_doubt_list(struct label_doubt **out, size_t *n, const float *probability,
                     const struct collection *c, const struct tasks *tasks, size_t rare,
                     sikap_error *err)
{
    *out = NULL;
    *n = 0;
    struct doubts d = {0};
    struct confidence *t = memory_alloc(tasks->n_tasks, sizeof *t);
    int failed = t == NULL;
    for (size_t task = 0; task < tasks->n_tasks && !failed; task++)
        t[task] = confidence_of(probability, tasks, task);
    for (size_t f = 0; f < tasks->n_fields && !failed; f++) {
        if (!c->fields[f].is_multi) {
            failed = add_single(&d, probability, tasks, f, t, rare) != 0;
            continue;
        }
        for (size_t task = tasks->first[f]; task < tasks->first[f + 1] && !failed; task++)
            if (t[task].support >= rare)
                failed = add_multi(&d, probability, tasks, task, &t[task]) != 0;
    }
    memory_free(t);
    if (failed) {
        memory_free(d.items);
        return error_memory(err, "label errors");
    }
    if (d.n > 0)
        qsort(d.items, d.n, sizeof *d.items, by_doubt);
    *out = d.items;
    *n = d.n;
    return 0;
}
