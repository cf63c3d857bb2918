/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/out_of_fold.h"

#include <string.h>

#include "base/memory.h"
#include "learn/nb_ratio.h"
#include "learn/prune.h"
#include "learn/term_merit.h"

int out_of_fold_folds(struct folds **out, const struct tasks *tasks,
                      const struct fold_groups *groups, size_t n_folds, uint64_t seed,
                      uint64_t repeat, sikap_error *err)
{
    *out = NULL;
    const struct folds_request request = {tasks->n_labelled, n_folds, seed, repeat};
    if (tasks->n_labelled < n_folds)
        return error_set(err, SIKAP_DATA, NULL, 0, "%zu documents are too few for %zu folds",
                         tasks->n_labelled, n_folds);
    return groups->group == NULL ? folds_iterative(out, tasks->gold, tasks->n_tasks, &request, err)
                                 : folds_grouped(out, tasks->gold, tasks->n_tasks, groups->group,
                                                 groups->n, &request, err);
}

int out_of_fold_part(struct folds **out, const struct tasks *tasks,
                     const struct fold_groups *groups, const uint32_t *rows, size_t n_rows,
                     size_t n_folds, uint64_t seed, sikap_error *err)
{
    *out = NULL;
    const size_t n_tasks = tasks->n_tasks;
    struct tasks part = {.n_rows = n_rows, .n_labelled = n_rows, .n_tasks = n_tasks};
    struct fold_groups whole = {NULL, n_rows};
    uint32_t *number = NULL; /* of a group in the part */
    part.gold = memory_alloc(n_rows * n_tasks, 1);
    int failed = part.gold == NULL;
    for (size_t k = 0; !failed && k < n_rows; k++)
        memcpy(part.gold + k * n_tasks, tasks->gold + rows[k] * n_tasks, n_tasks);
    if (groups->group != NULL) {
        number = memory_alloc(groups->n, sizeof *number);
        whole.group = memory_alloc(n_rows, sizeof *whole.group);
        failed |= number == NULL || whole.group == NULL;
    }
    if (!failed && groups->group != NULL) {
        memset(number, 0xFF, groups->n * sizeof *number);
        whole.n = 0;
        for (size_t k = 0; k < n_rows; k++) {
            uint32_t *of = &number[groups->group[rows[k]]];
            if (*of == UINT32_MAX)
                *of = (uint32_t)whole.n++;
            whole.group[k] = *of;
        }
    }
    const int status = failed ? error_memory(err, "folds")
                              : out_of_fold_folds(out, &part, &whole, n_folds, seed, 0, err);
    memory_free(part.gold);
    memory_free(number);
    fold_groups_free(&whole);
    return status;
}

struct design_request design_request_of(const struct train_settings *settings)
{
    return (struct design_request){.options = &settings->features,
                                   .narrows = settings->narrows,
                                   .n_latent = settings->train.lsa,
                                   .latent_weight = (float)settings->train.lsa_weight,
                                   .seed = settings->train.seed};
}

int train_design(struct design **out, struct collection *c, const struct tasks *tasks,
                 const uint32_t *rows, size_t n_rows, const struct train_settings *settings,
                 struct pool *pool, sikap_error *err)
{
    *out = NULL;
    struct design_request request = design_request_of(settings);
    request.rows = rows;
    request.n_rows = n_rows;
    double *merit = NULL;
    int status = 0;
    if (settings->merit != MERIT_NONE) {
        merit = memory_alloc(c->vocabulary->n_terms, sizeof *merit);
        status = merit == NULL ? error_memory(err, "term selection")
                               : term_merit(merit, settings->merit, c, tasks, rows, n_rows, err);
        request.merit = merit;
        request.n_best = settings->n_best;
    }
    if (status == 0)
        status = design_new(out, c, &request, pool, err);
    memory_free(merit);
    return status;
}

/* Learns the weights of all columns of x. */
static int train_columns(const struct design *d, const struct tasks *tasks, const uint32_t *rows,
                         size_t n_rows, const struct train_options *options, int for_folds,
                         struct pool *pool, const sikap_watch *watch, struct solution *solution,
                         sikap_error *err)
{
    const size_t n_tasks = tasks->n_tasks;
    int8_t *picked = NULL;
    if (rows != NULL) { /* the targets of the rows that are learnt from, side by side */
        picked = memory_alloc(n_rows * n_tasks, sizeof *picked);
        if (picked == NULL)
            return error_memory(err, "training");
        for (size_t k = 0; k < n_rows; k++)
            memcpy(picked + k * n_tasks, tasks->targets + rows[k] * n_tasks, n_tasks);
    }
    struct solver_settings settings;
    solver_train *train = train_solver(options, for_folds, &settings);
    struct problem problem = {
        .x = &d->x,
        .rows = rows,
        .n_rows = rows == NULL ? tasks->n_rows : n_rows,
        .n_tasks = n_tasks,
        .targets = rows == NULL ? tasks->targets : picked,
        .positive_weight = tasks->positive_weight,
    };
    float *ratios = NULL;
    int status = 0;
    if (options->nb_svm)
        status = nb_ratio_new(&ratios, &d->x, tasks, rows, n_rows, options->nb_alpha, pool, err);
    problem.scale = ratios;
    if (status == 0)
        status = train(&problem, &settings, pool, watch, solution, err);
    if (status == 0 && options->nb_svm)
        nb_ratio_interpolate(solution->weights, ratios, d->x.n_columns, n_tasks, options->nb_beta,
                             pool);
    memory_free(ratios);
    memory_free(picked);
    return status;
}

/* The first n_labelled rows, where there are others. */
static int labelled_rows(uint32_t **out, const struct tasks *tasks)
{
    *out = NULL;
    if (tasks->n_labelled == tasks->n_rows)
        return 0;
    *out = memory_alloc(tasks->n_labelled, sizeof **out);
    if (*out == NULL)
        return -1;
    for (size_t i = 0; i < tasks->n_labelled; i++)
        (*out)[i] = (uint32_t)i;
    return 0;
}

int train_rows(const struct design *d, const struct tasks *tasks, const uint32_t *rows,
               size_t n_rows, const struct train_options *options, int for_folds, struct pool *pool,
               const sikap_watch *watch, struct solution *solution, sikap_error *err)
{
    const size_t n_tasks = tasks->n_tasks;
    uint32_t *labelled = NULL;
    struct solution wide = *solution;
    int status = 0;
    if (rows == NULL && labelled_rows(&labelled, tasks) != 0)
        return error_memory(err, "training");
    if (labelled != NULL) {
        rows = labelled;
        n_rows = tasks->n_labelled;
    }
    while (rows != NULL && n_rows > 0 && rows[n_rows - 1] >= tasks->n_labelled)
        n_rows--;
    if (d->latent != NULL) {
        wide.weights = memory_aligned(d->x.n_columns * n_tasks, sizeof *wide.weights);
        status = wide.weights == NULL ? error_memory(err, "training") : 0;
    }
    if (status == 0)
        status = train_columns(d, tasks, rows, n_rows, options, for_folds, pool, watch, &wide, err);
    if (status == 0 && d->latent != NULL)
        design_fold(d, wide.weights, n_tasks, solution->weights, pool);
    if (wide.weights != solution->weights)
        memory_free(wide.weights);
    memory_free(labelled);
    return status;
}

int train_hands_over(const struct design *d, const struct train_options *options)
{
    struct solver_settings settings;
    return train_solver(options, 0, &settings) == block_train && d->latent == NULL &&
           d->n_domains == 0 && !options->nb_svm;
}

struct score_job {
    const struct design *design;
    const uint32_t *rows;
    const float *weights, *bias;
    size_t n_tasks, n_latent;
    float *scores;
};

static void score_row(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct score_job *job = context;
    const struct matrix *x = &job->design->x;
    const size_t row = job->rows[index], n = job->n_tasks;
    float *restrict scores = job->scores + row * n;
    memcpy(scores, job->bias, n * sizeof *scores);
    const size_t end = x->start[row + 1] - job->n_latent; /* they are folded into the terms */
    for (size_t j = x->start[row]; j < end; j++) {
        const float *restrict w = job->weights + (size_t)x->columns[j] * n;
        const float v = x->values[j];
        for (size_t t = 0; t < n; t++)
            scores[t] += v * w[t];
    }
}

/* The design that is left by --prune, ranked by what was learnt on the fold's rows. */
static int prune_design(struct design **d, struct collection *c, const uint32_t *rows,
                        size_t n_rows, const struct train_settings *settings, struct pool *pool,
                        const float *weights, size_t n_tasks, sikap_error *err)
{
    const size_t n_terms = c->vocabulary->n_terms;
    double *merit = memory_alloc(n_terms, sizeof *merit);
    int status = merit == NULL
                     ? error_memory(err, "pruning")
                     : prune_merit(merit, *d, rows, n_rows, weights, n_terms, n_tasks, err);
    design_free(*d);
    *d = NULL;
    struct design_request kept = design_request_of(settings);
    kept.rows = rows;
    kept.n_rows = n_rows;
    kept.merit = merit;
    kept.n_best = settings->prune;
    if (status == 0)
        status = design_new(d, c, &kept, pool, err);
    memory_free(merit);
    return status;
}

/* One fold: learn on the rows it does not test, score those it tests. */
static int run_fold(float *scores, struct collection *c, const struct tasks *tasks,
                    const struct folds *folds, size_t fold, const struct train_settings *settings,
                    struct pool *pool, const sikap_watch *watch, float *weights, float *bias,
                    sikap_error *err)
{
    uint32_t *rows = memory_alloc(2 * c->n_rows, sizeof *rows);
    if (rows == NULL)
        return error_memory(err, "folds");
    uint32_t *tested = rows + c->n_rows;
    size_t n_rows = 0, n_tested = 0;
    for (size_t i = 0; i < c->n_rows; i++) {
        /* A row of no fold belongs to an outer cross-validation's test part: it is not there. */
        const int is_unlabelled = i >= c->n_labelled; /* serves every fold, is tested in none */
        const int is_absent = !is_unlabelled && !folds->forward && folds->of[i] == FOLDS_NEVER;
        if (is_unlabelled || (!is_absent && folds_trains(folds, fold, i)))
            rows[n_rows++] = (uint32_t)i;
        if (!is_unlabelled && folds_tests(folds, fold, i))
            tested[n_tested++] = (uint32_t)i;
    }
    struct design *d = NULL;
    struct solution solution = {.weights = weights, .bias = bias};
    int status = train_design(&d, c, tasks, rows, n_rows, settings, pool, err);
    if (status == 0)
        status =
            train_rows(d, tasks, rows, n_rows, &settings->train, 1, pool, watch, &solution, err);
    if (status == 0 && settings->prune > 0 && settings->prune < c->vocabulary->n_terms) {
        status = prune_design(&d, c, rows, n_rows, settings, pool, weights, tasks->n_tasks, err);
        if (status == 0)
            status = train_rows(d, tasks, rows, n_rows, &settings->train, 1, pool, watch, &solution,
                                err);
    }
    if (status == 0) {
        const size_t n_latent = d->latent == NULL ? 0 : d->latent->n_dims;
        struct score_job job = {d, tested, weights, bias, tasks->n_tasks, n_latent, scores};
        parallel_for(pool, n_tested, score_row, &job);
    }
    design_free(d);
    memory_free(rows);
    return status;
}

/* Folds `first` to `end` - 1. */
static int run_folds(float *scores, struct collection *c, const struct tasks *tasks,
                     const struct folds *folds, size_t first, size_t end,
                     const struct train_settings *settings, struct pool *pool,
                     const sikap_watch *watch, sikap_error *err)
{
    float *weights = NULL;
    const size_t n_columns = design_columns(c);
    if (tasks->n_tasks < SIZE_MAX / 8 / (n_columns + 1))
        weights = memory_aligned(n_columns * tasks->n_tasks, sizeof *weights);
    float *bias = memory_alloc(tasks->n_tasks, sizeof *bias);
    int status = weights == NULL || bias == NULL ? error_memory(err, "cross-validation") : 0;
    for (size_t fold = first; fold < end && status == 0; fold++) {
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->context, "cross-validating", fold - first, end - first);
        status = run_fold(scores, c, tasks, folds, fold, settings, pool, watch, weights, bias, err);
    }
    memory_free(weights);
    memory_free(bias);
    return status;
}

int out_of_fold_scores(float *scores, struct collection *c, const struct tasks *tasks,
                       const struct folds *folds, const struct train_settings *settings,
                       struct pool *pool, const sikap_watch *watch, sikap_error *err)
{
    return run_folds(scores, c, tasks, folds, 0, folds->n_folds, settings, pool, watch, err);
}

int out_of_fold_score_one(float *scores, struct collection *c, const struct tasks *tasks,
                          const struct folds *folds, size_t fold,
                          const struct train_settings *settings, struct pool *pool,
                          const sikap_watch *watch, sikap_error *err)
{
    return run_folds(scores, c, tasks, folds, fold, fold + 1, settings, pool, watch, err);
}
