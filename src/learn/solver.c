/* SPDX-License-Identifier: Apache-2.0 */
/* What the solvers share: the checks of a problem, and the primal objective by which they are
 * compared. The objective is summed in float64 over the rows in order, whatever made the weights.
 */
#include "learn/solver.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

static int all_positive(const float *weight, size_t n)
{
    if (weight == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        if (!(weight[i] > 0) || !isfinite(weight[i]))
            return 0;
    return 1;
}

int solver_check(const struct problem *problem, const struct solver_settings *settings,
                 sikap_error *err)
{
    if (!(settings->cost > 0) || !isfinite(settings->cost))
        return error_set(err, SIKAP_USAGE, NULL, 0, "the cost must be a positive number");
    if (!(settings->epsilon >= 0) || !isfinite(settings->epsilon))
        return error_set(err, SIKAP_USAGE, NULL, 0, "the stopping tolerance must not be negative");
    if (!all_positive(problem->positive_weight, problem->n_tasks) ||
        !all_positive(problem->negative_weight, problem->n_tasks))
        return error_set(err, SIKAP_USAGE, NULL, 0, "a class weight must be a positive number");
    for (size_t i = 0; problem->row_weight != NULL && i < problem->n_rows; i++)
        if (!(problem->row_weight[i] >= 0) || !isfinite(problem->row_weight[i]))
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "the weight of a document must not be negative");
    return 0;
}

static int is_used(const struct problem *problem, size_t i)
{
    return problem->row_weight == NULL || problem->row_weight[i] > 0;
}

int solver_constant(const struct problem *problem, size_t task)
{
    int has_positive = 0, has_negative = 0;
    for (size_t i = 0; i < problem->n_rows && !(has_positive && has_negative); i++) {
        const int y = problem->targets[i * problem->n_tasks + task];
        if (y != 0 && is_used(problem, i)) {
            has_positive |= y > 0;
            has_negative |= y < 0;
        }
    }
    if (has_positive)
        return has_negative ? 0 : 1;
    return -1;
}

/* f[task] = w·x_i + b */
static void decide(const struct problem *problem, size_t i, const float *weights, const float *bias,
                   double *f)
{
    const struct matrix *x = problem->x;
    const size_t n_tasks = problem->n_tasks;
    const size_t row = problem->rows != NULL ? problem->rows[i] : i;
    for (size_t l = 0; l < n_tasks; l++)
        f[l] = (double)bias[l];
    for (size_t k = x->start[row]; k < x->start[row + 1]; k++) {
        const double value = (double)x->values[k];
        const float *w = weights + (size_t)x->columns[k] * n_tasks;
        for (size_t l = 0; l < n_tasks; l++)
            f[l] += value * (double)w[l];
    }
}

static double loss(enum solver_kind kind, double yf)
{
    switch (kind) {
    case SOLVER_L2R_LR:
    case SOLVER_L1R_LR:
    case SOLVER_L2R_LR_DUAL:
        return yf > 0 ? log1p(exp(-yf)) : -yf + log1p(exp(yf));
    case SOLVER_L2R_L1LOSS_SVC_DUAL:
        return yf < 1 ? 1 - yf : 0;
    default:
        return yf < 1 ? (1 - yf) * (1 - yf) : 0;
    }
}

static double task_cost(const struct problem *problem, const struct solver_settings *settings,
                        size_t i, size_t task, int y)
{
    const float *weight = y > 0 ? problem->positive_weight : problem->negative_weight;
    return settings->cost * (weight != NULL ? (double)weight[task] : 1.0) *
           (problem->row_weight != NULL ? (double)problem->row_weight[i] : 1.0);
}

/* The loss of a row that Crammer and Singer give to its gold label: how far the best other label
 * comes within a margin of 1. */
static void add_multiclass_loss(const struct problem *problem,
                                const struct solver_settings *settings, size_t i, const double *f,
                                double *objective)
{
    const size_t n_tasks = problem->n_tasks;
    const int8_t *y = problem->targets + i * n_tasks;
    size_t gold = n_tasks;
    for (size_t l = 0; l < n_tasks; l++)
        if (y[l] > 0)
            gold = l;
    if (gold == n_tasks)
        return;
    double worst = 0;
    for (size_t l = 0; l < n_tasks; l++)
        if (l != gold && 1 + f[l] - f[gold] > worst)
            worst = 1 + f[l] - f[gold];
    objective[gold] += task_cost(problem, settings, i, gold, 1) * worst;
}

static void add_norm(const struct problem *problem, const struct solver_settings *settings,
                     const float *weights, const float *bias, double *objective)
{
    const size_t n_tasks = problem->n_tasks;
    const int is_l1 = settings->kind == SOLVER_L1R_L2LOSS_SVC || settings->kind == SOLVER_L1R_LR;
    for (size_t c = 0; c < problem->x->n_columns; c++) {
        const float *w = weights + c * n_tasks;
        for (size_t l = 0; l < n_tasks; l++) {
            const double scale =
                problem->scale != NULL ? (double)problem->scale[c * n_tasks + l] : 1.0;
            const double v = w[l] != 0 ? (double)w[l] / scale : 0;
            objective[l] += is_l1 ? fabs(v) : 0.5 * v * v;
        }
    }
    for (size_t l = 0; settings->bias > 0 && l < n_tasks; l++) {
        const double w = (double)bias[l] / settings->bias;
        objective[l] += is_l1 ? fabs(w) : 0.5 * w * w;
    }
}

int solver_objective(const struct problem *problem, const struct solver_settings *settings,
                     const float *weights, const float *bias, double *objective, sikap_error *err)
{
    const size_t n_tasks = problem->n_tasks;
    double *f = memory_zero(n_tasks, sizeof *f);
    if (f == NULL)
        return error_memory(err, "objective");
    for (size_t l = 0; l < n_tasks; l++)
        objective[l] = 0;
    add_norm(problem, settings, weights, bias, objective);
    for (size_t i = 0; i < problem->n_rows; i++) {
        if (!is_used(problem, i))
            continue;
        decide(problem, i, weights, bias, f);
        if (settings->kind == SOLVER_MCSVM_CS) {
            add_multiclass_loss(problem, settings, i, f, objective);
            continue;
        }
        for (size_t l = 0; l < n_tasks; l++) {
            const int y = problem->targets[i * n_tasks + l];
            if (y != 0)
                objective[l] +=
                    task_cost(problem, settings, i, l, y) * loss(settings->kind, y * f[l]);
        }
    }
    memory_free(f);
    return 0;
}
