/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_SOLVER_H
#define SIKAP_LEARN_SOLVER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/option.h"
#include "base/parallel.h"
#include "features/matrix.h"

/* The contract of a linear solver. A problem is a matrix, the rows of it to learn from, and L
 * binary tasks (one per label, one-vs-rest), task l having target +1 or -1 for each row, or 0 when
 * the row is not annotated for the task's field and must be left out of that task.
 *
 *   min_w  1/2 |w|^2 + sum_i  C_l(i) loss(y_il, w·x_i + b_l)      (b regularised, as LIBLINEAR's
 * -B)
 *
 * C_l(i) = cost * (y > 0 ? positive_weight[l] : negative_weight[l]) * row_weight[i]. Kinds 5 and 6
 * have |w|_1 in place of 1/2 |w|^2. A row of weight 0 is left out.
 *
 * A task that has no positive row gets weights 0 and bias -1, one that has no negative row weights
 * 0 and bias +1: the constant decision, with or without a bias feature. */
struct problem {
    const struct matrix *x;
    const uint32_t *rows; /* [n_rows] ascending row numbers of x to use; NULL: all */
    size_t n_rows;        /* rows NULL: x->n_rows */
    size_t n_tasks;
    const int8_t *targets;        /* [n_rows][n_tasks] +1, -1, 0 */
    const float *row_weight;      /* [n_rows] >= 0, or NULL: all 1. LIBLINEAR takes only 0 and 1 */
    const float *positive_weight; /* [n_tasks] > 0, or NULL: all 1 */
    const float *negative_weight; /* [n_tasks] > 0, or NULL: all 1 */
    /* [n_columns][n_tasks], finite, or NULL: all 1. Task l sees the values of column c times
     * scale[c][l]; its weights come back for the values as they stand in x. So what is penalised is
     * w / scale, and where the scale is 0 so is the weight. Not for kind 4. */
    const float *scale;
};

/* Loss and penalty: LIBLINEAR's numbers, which users know. */
enum solver_kind {
    SOLVER_L2R_LR = 0,
    SOLVER_L2R_L2LOSS_SVC_DUAL = 1,
    SOLVER_L2R_L2LOSS_SVC = 2,
    SOLVER_L2R_L1LOSS_SVC_DUAL = 3,
    SOLVER_MCSVM_CS = 4, /* Crammer-Singer: one task per label, exactly one +1 a row, or all 0 */
    SOLVER_L1R_L2LOSS_SVC = 5,
    SOLVER_L1R_LR = 6,
    SOLVER_L2R_LR_DUAL = 7,
};

struct solver_settings {
    enum solver_kind kind;
    double cost;           /* > 0 */
    double epsilon;        /* stopping tolerance; 0: the solver's default. LIBLINEAR: its -e;
                            * block: relative duality gap (P - D) / P, default 1e-4 */
    double bias;           /* value of the bias feature; < 0: none */
    uint64_t seed;         /* LIBLINEAR, seed 1: the very numbers liblinear-train draws */
    size_t max_iterations; /* passes over the rows; 0: the solver's default. LIBLINEAR: not used */
};

/* Takes the weights of one column: row[n_tasks], valid for the call. Once for every column, in no
 * order, from several threads at once. */
typedef void solver_take(void *context, size_t column, const float *row);

/* What comes back: weights[column][task] (row-major, stride n_tasks) and bias[task] = the bias
 * feature's weight times its value. All arrays are the caller's; every element is written. In place
 * of weights (NULL), `take` gets them column by column (block only, and without an objective): so
 * they need not all be there at once.
 *
 * dual (block only; LIBLINEAR leaves it alone) receives y_il alpha_il of every row and task. With
 * warm set, dual and bias hold such numbers on entry, from an earlier solution of the same rows and
 * tasks at another cost or other weights: training starts there, and needs fewer passes. */
struct solution {
    float *weights;    /* [n_columns][n_tasks], or NULL */
    solver_take *take; /* NULL: weights are wanted */
    void *take_context;
    float *bias;        /* [n_tasks] */
    double *objective;  /* [n_tasks] primal objective reached, or NULL */
    size_t *iterations; /* [n_tasks] passes over the rows (0: not known), or NULL */
    float *dual;        /* [n_rows][n_tasks], or NULL */
    int warm;
};

/* Deterministic: the same bytes for every pool size. Tasks run in parallel on the pool.
 * watch may be NULL; its `stopped` is polled. SIKAP_USAGE for settings or weights a solver cannot
 * take, SIKAP_SYSTEM when memory is out, SIKAP_CANCELLED; what the solution holds then is not
 * defined. */
typedef int solver_train(const struct problem *problem, const struct solver_settings *settings,
                         struct pool *pool, const sikap_watch *watch, struct solution *solution,
                         sikap_error *err);

solver_train liblinear_train; /* solver_liblinear.c: LIBLINEAR, all kinds */
solver_train
    block_train; /* solver_block.c: kinds 0, 1, 3 (and 2, 7, which have the same optimum) */

/* Primal objective of given weights, in float64, per task: what both are compared by. For kind 4 a
 * task has the norm of its own weights and the loss of the rows that are its own: their sum is the
 * objective. SIKAP_SYSTEM when memory is out. */
int solver_objective(const struct problem *problem, const struct solver_settings *settings,
                     const float *weights, const float *bias, double *objective, sikap_error *err);

/* What both solvers refuse: costs and weights that are not positive and finite (SIKAP_USAGE). */
int solver_check(const struct problem *problem, const struct solver_settings *settings,
                 sikap_error *err);

/* The constant decision of a task without positive or without negative rows: -1 or +1; 0 for a task
 * that has both. */
int solver_constant(const struct problem *problem, size_t task);

#endif
