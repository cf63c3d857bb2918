/* SPDX-License-Identifier: Apache-2.0 */
/* LIBLINEAR (Fan, Chang, Hsieh, Wang, Lin: LIBLINEAR, JMLR 9, 2008; version 2.3.0 of Debian). This
 * is the only file that sees its header; fence.h tells how it is kept in.
 *
 * Rows are written once as LIBLINEAR's 16-byte nodes, [columns + bias + end mark] a row, and shared
 * by all tasks; a task only has an array of pointers to its rows and one of targets. Under scales a
 * task has nodes of its own while it trains: 16 bytes a non-zero and thread. */
#include "learn/solver.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Both have a `struct problem`; LIBLINEAR's has another name in here. */
#define problem linear_problem
#define model linear_model
#include <linear.h>
#undef problem
#undef model

#include "base/memory.h"
#include "learn/fence.h"

/* What the private copy calls train() and set_print_string_function(). */
struct linear_model *liblinear_core_train(const struct linear_problem *prob,
                                          const struct parameter *param);
void liblinear_core_print(void (*print)(const char *));

static void print_nothing(const char *text)
{
    (void)text;
}

static void switch_printing_off(void)
{
    liblinear_core_print(print_nothing);
}

struct training {
    const struct problem *problem;
    const struct solver_settings *settings;
    struct solution *solution;
    const sikap_watch *watch; /* NULL: nothing to poll */
    struct feature_node *nodes;
    struct feature_node **rows; /* [n_rows] first node of each */
    int n_features;             /* columns and bias */
    atomic_int status;          /* the first failure: a sikap_status */
};

/* One call of LIBLINEAR; the model dies with the fence. */
struct call {
    struct linear_problem problem;
    struct parameter parameter;
    struct linear_model *model;
};

static void call_train(void *context)
{
    struct call *call = context;
    call->model = liblinear_core_train(&call->problem, &call->parameter);
}

/* The caller's functions are called on the caller's thread only: worker 0. */
static void open_fence(struct fence *fence, struct training *training, size_t worker)
{
    fence_open(fence, training->settings->seed, &training->status,
               worker == 0 ? training->watch : NULL);
}

static double default_epsilon(enum solver_kind kind)
{
    switch (kind) {
    case SOLVER_L2R_L2LOSS_SVC_DUAL:
    case SOLVER_L2R_L1LOSS_SVC_DUAL:
    case SOLVER_MCSVM_CS:
    case SOLVER_L2R_LR_DUAL:
        return 0.1;
    default:
        return 0.01;
    }
}

static int is_row_used(const struct problem *problem, size_t i)
{
    return problem->row_weight == NULL || problem->row_weight[i] > 0;
}

static void store_constant(const struct training *training, size_t task, float bias)
{
    const size_t n_tasks = training->problem->n_tasks;
    for (size_t c = 0; c < training->problem->x->n_columns; c++)
        training->solution->weights[c * n_tasks + task] = 0;
    training->solution->bias[task] = bias;
}

/* Column k of the model's `stride` belongs to the task; the sign turns it to the task's +1. */
static void store_weights(const struct training *training, const double *w, size_t stride,
                          double sign, size_t task)
{
    const size_t n_tasks = training->problem->n_tasks;
    const size_t n_columns = training->problem->x->n_columns;
    const double bias = training->settings->bias;
    float *weights = training->solution->weights + task;
    const float *scale = training->problem->scale;
    for (size_t c = 0; c < n_columns; c++)
        weights[c * n_tasks] = (float)(sign * w[c * stride] *
                                       (scale != NULL ? (double)scale[c * n_tasks + task] : 1.0));
    training->solution->bias[task] = bias >= 0 ? (float)(sign * w[n_columns * stride] * bias) : 0;
}

/* A task's rows and targets as LIBLINEAR takes them: what has target 0 or weight 0 is left out. */
static int gather(struct linear_problem *prob, const struct training *training, size_t task)
{
    const struct problem *problem = training->problem;
    prob->x = memory_alloc(problem->n_rows, sizeof *prob->x);
    prob->y = memory_alloc(problem->n_rows, sizeof *prob->y);
    if (prob->x == NULL || prob->y == NULL)
        return SIKAP_SYSTEM;
    size_t n = 0;
    for (size_t i = 0; i < problem->n_rows; i++) {
        const int8_t y = problem->targets[i * problem->n_tasks + task];
        if (y == 0 || !is_row_used(problem, i))
            continue;
        prob->x[n] = training->rows[i];
        prob->y[n] = y;
        n++;
    }
    prob->l = (int)n;
    prob->n = training->n_features;
    prob->bias = training->settings->bias;
    return 0;
}

/* Copies the task's rows with its scales in their values: *nodes is the caller's. */
static int scale_rows(struct feature_node **nodes, const struct linear_problem *prob,
                      const struct training *training, size_t task)
{
    const size_t n_columns = training->problem->x->n_columns, n_tasks = training->problem->n_tasks;
    const float *scale = training->problem->scale + task;
    size_t n = 0;
    for (int i = 0; i < prob->l; i++)
        for (const struct feature_node *from = prob->x[i]; n++, from->index != -1; from++)
            continue;
    struct feature_node *to = *nodes = memory_alloc(n, sizeof **nodes);
    if (to == NULL)
        return SIKAP_SYSTEM;
    for (int i = 0; i < prob->l; i++) {
        const struct feature_node *from = prob->x[i];
        prob->x[i] = to;
        for (; from->index != -1; from++, to++) {
            const size_t column = (size_t)from->index - 1;
            *to = *from;
            if (column < n_columns) /* not the bias */
                to->value *= (double)scale[column * n_tasks];
        }
        *to++ = *from;
    }
    return 0;
}

static struct parameter parameters(const struct solver_settings *settings)
{
    struct parameter p;
    memset(&p, 0, sizeof p);
    p.solver_type = (int)settings->kind;
    p.C = settings->cost;
    p.eps = settings->epsilon > 0 ? settings->epsilon : default_epsilon(settings->kind);
    return p;
}

static void train_task(void *context, size_t task, size_t worker)
{
    struct training *training = context;
    const struct problem *problem = training->problem;
    if (worker == 0 && training->watch != NULL &&
        training->watch->stopped(training->watch->context) != 0)
        atomic_store(&training->status, SIKAP_CANCELLED);
    if (atomic_load(&training->status) != 0)
        return;
    const int constant = solver_constant(problem, task);
    if (constant != 0) {
        store_constant(training, task, (float)constant);
        return;
    }
    int labels[2] = {1, -1};
    double weights[2] = {1, 1};
    if (problem->positive_weight != NULL)
        weights[0] = (double)problem->positive_weight[task];
    if (problem->negative_weight != NULL)
        weights[1] = (double)problem->negative_weight[task];
    struct call call = {.parameter = parameters(training->settings)};
    call.parameter.nr_weight = 2;
    call.parameter.weight_label = labels;
    call.parameter.weight = weights;
    struct fence fence;
    open_fence(&fence, training, worker);
    struct feature_node *scaled = NULL;
    int status = gather(&call.problem, training, task);
    if (status == 0 && problem->scale != NULL)
        status = scale_rows(&scaled, &call.problem, training, task);
    if (status == 0)
        status = fence_run(&fence, call_train, &call);
    if (status == 0)
        store_weights(training, call.model->w, 1, call.model->label[0] > 0 ? 1 : -1, task);
    else
        atomic_store(&training->status, status);
    fence_close(&fence);
    memory_free(scaled);
    memory_free(call.problem.x);
    memory_free(call.problem.y);
}

/* All tasks as the classes of one problem: every row has the number of its +1. */
static int gather_classes(struct linear_problem *prob, const struct training *training)
{
    const struct problem *problem = training->problem;
    const int status = gather(prob, training, 0);
    if (status != 0)
        return status;
    size_t n = 0;
    for (size_t i = 0; i < problem->n_rows; i++) {
        const int8_t *y = problem->targets + i * problem->n_tasks;
        size_t gold = 0;
        while (gold < problem->n_tasks && y[gold] <= 0)
            gold++;
        if (gold == problem->n_tasks || !is_row_used(problem, i))
            continue;
        prob->x[n] = training->rows[i];
        prob->y[n] = (double)gold;
        n++;
    }
    prob->l = (int)n;
    return 0;
}

/* Crammer-Singer: one call trains every task. A class of which no row was seen never wins
 * (LIBLINEAR's classes have scores that sum to 0), and a class that is alone always does. */
static int train_classes(struct training *training)
{
    const struct problem *problem = training->problem;
    struct call call = {.parameter = parameters(training->settings)};
    struct fence fence;
    open_fence(&fence, training, 0);
    int status = SIKAP_SYSTEM;
    int n_seen = 0;
    int *labels = memory_alloc(problem->n_tasks, sizeof *labels);
    double *weights = memory_alloc(problem->n_tasks, sizeof *weights);
    if (labels == NULL || weights == NULL || gather_classes(&call.problem, training) != 0)
        goto done;
    for (size_t task = 0; task < problem->n_tasks; task++) {
        const int constant = solver_constant(problem, task);
        store_constant(training, task, constant < 0 ? -1 : 1);
        if (constant < 0)
            continue;
        const float *weight = problem->positive_weight;
        labels[n_seen] = (int)task;
        weights[n_seen++] = weight != NULL ? (double)weight[task] : 1;
    }
    call.parameter.nr_weight = n_seen;
    call.parameter.weight_label = labels;
    call.parameter.weight = weights;
    status = n_seen > 1 ? fence_run(&fence, call_train, &call) : 0;
    for (int k = 0; status == 0 && n_seen > 1 && k < n_seen; k++)
        store_weights(training, call.model->w + k, (size_t)n_seen, 1, (size_t)call.model->label[k]);
done:
    fence_close(&fence);
    memory_free(labels);
    memory_free(weights);
    memory_free(call.problem.x);
    memory_free(call.problem.y);
    return status;
}

/* Writes the rows of the problem as nodes. LIBLINEAR counts columns from 1. */
static int write_nodes(struct training *training)
{
    const struct problem *problem = training->problem;
    const struct matrix *x = problem->x;
    const int has_bias = training->settings->bias >= 0;
    size_t n_nodes = 0;
    for (size_t i = 0; i < problem->n_rows; i++) {
        const size_t row = problem->rows != NULL ? problem->rows[i] : i;
        n_nodes += x->start[row + 1] - x->start[row] + 2;
    }
    training->nodes = memory_alloc(n_nodes, sizeof *training->nodes);
    training->rows = memory_alloc(problem->n_rows, sizeof *training->rows);
    if (training->nodes == NULL || training->rows == NULL)
        return -1;
    struct feature_node *node = training->nodes;
    for (size_t i = 0; i < problem->n_rows; i++) {
        const size_t row = problem->rows != NULL ? problem->rows[i] : i;
        training->rows[i] = node;
        for (size_t k = x->start[row]; k < x->start[row + 1]; k++) {
            node->index = (int)x->columns[k] + 1;
            (node++)->value = (double)x->values[k];
        }
        if (has_bias) {
            node->index = (int)x->n_columns + 1;
            (node++)->value = training->settings->bias;
        }
        (node++)->index = -1;
    }
    training->n_features = (int)x->n_columns + has_bias;
    return 0;
}

/* LIBLINEAR knows the classes that it finds among the rows' numbers: a label that no row has for
 * its only one would not be among them. */
static int check_classes(const struct problem *problem, sikap_error *err)
{
    for (size_t i = 0; i < problem->n_rows; i++) {
        int n = 0;
        for (size_t task = 0; task < problem->n_tasks; task++)
            n += problem->targets[i * problem->n_tasks + task] > 0;
        if (n > 1)
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "crammer-singer learns which one label a document has: document %zu "
                             "has %d",
                             i + 1, n);
    }
    return 0;
}

static int check(const struct problem *problem, const struct solver_settings *settings,
                 sikap_error *err)
{
    const size_t n_columns = problem->x->n_columns;
    const size_t n_classes = settings->kind == SOLVER_MCSVM_CS ? problem->n_tasks : 1;
    if ((int)settings->kind < SOLVER_L2R_LR || (int)settings->kind > SOLVER_L2R_LR_DUAL)
        return error_set(err, SIKAP_USAGE, NULL, 0, "liblinear has no classifier number %d",
                         (int)settings->kind);
    if (settings->kind == SOLVER_MCSVM_CS && problem->scale != NULL)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "crammer-singer trains all labels at once, which cannot each have their "
                         "own ratios: take another solver");
    /* LIBLINEAR counts in int, products included. */
    if (problem->n_rows > INT_MAX / 2 || n_columns > INT_MAX - 2 ||
        (n_classes > 0 && n_columns + 1 > INT_MAX / n_classes))
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "liblinear cannot count %zu documents of %zu terms: use the block solver",
                         problem->n_rows, n_columns);
    for (size_t i = 0; problem->row_weight != NULL && i < problem->n_rows; i++)
        if (problem->row_weight[i] != 0 && problem->row_weight[i] != 1)
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "liblinear takes no document weights: use the block solver");
    const int status = solver_check(problem, settings, err);
    return status == 0 && settings->kind == SOLVER_MCSVM_CS ? check_classes(problem, err) : status;
}

static int report(int status, sikap_error *err)
{
    if (status == SIKAP_CANCELLED)
        return error_set(err, SIKAP_CANCELLED, NULL, 0, "training was stopped");
    return status == 0 ? 0 : error_memory(err, "training with liblinear");
}

int liblinear_train(const struct problem *problem, const struct solver_settings *settings,
                    struct pool *pool, const sikap_watch *watch, struct solution *solution,
                    sikap_error *err)
{
    static pthread_once_t printing = PTHREAD_ONCE_INIT;
    struct training training = {.problem = problem, .settings = settings, .solution = solution};
    int status = check(problem, settings, err);
    if (status != 0)
        return status;
    training.watch = watch != NULL && watch->stopped != NULL ? watch : NULL;
    pthread_once(&printing, switch_printing_off);
    if (write_nodes(&training) != 0) {
        status = error_memory(err, "the rows of liblinear");
        goto done;
    }
    if (settings->kind == SOLVER_MCSVM_CS)
        atomic_store(&training.status, train_classes(&training));
    else
        parallel_for(pool, problem->n_tasks, train_task, &training);
    status = report(atomic_load(&training.status), err);
    if (status == 0 && solution->iterations != NULL)
        memset(solution->iterations, 0, problem->n_tasks * sizeof *solution->iterations);
    if (status == 0 && solution->objective != NULL)
        status = solver_objective(problem, settings, solution->weights, solution->bias,
                                  solution->objective, err);
done:
    memory_free(training.nodes);
    memory_free(training.rows);
    return status;
}
