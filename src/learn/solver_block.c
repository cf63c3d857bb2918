/* SPDX-License-Identifier: Apache-2.0 */
/* Dual coordinate descent for all tasks in lockstep (Hsieh et al. 2008; Yu, Huang, Lin 2011).
 * Weights are [column][task] in float32, so one pass over a row's non-zeros gives the decisions of
 * up to 16 tasks at once, and one more moves them all: what LIBLINEAR reads once per label is read
 * once.
 *
 * Tasks sit in the lanes of units (solver_block_unit.h). The rows' order is drawn anew for every
 * pass, the same for all units, and a lane never looks at another: so units can run on any number
 * of threads, and tasks be regrouped when many are done, without a bit of the result changing.
 *
 * A lane is done when its relative duality gap (P - D) / P is at most epsilon. During a pass the
 * gap is added up row by row, each as it is visited; what that gives lags behind, so it only says
 * when to look: the lane then stands still for one pass, in which the same sum is exact. */
#include "learn/solver_block_unit.h"

#include <string.h>

#include "base/memory.h"
#include "base/random.h"

enum { COLUMNS_PER_CHUNK = 2048, ROWS_PER_CHUNK = 256, DEFAULT_PASSES = 1000 };
enum { COLUMNS_PER_STEP = 16 * COLUMNS_PER_CHUNK /* 2 MB of a unit of 16 lanes */ };

#define DEFAULT_EPSILON 1e-4
#define LEAST_EPSILON 1e-6 /* float32 weights cannot tell less */

/* Where the result of a task is read: its first numbers and how far apart they are; NULL for a
 * constant task. */
struct place {
    const float *w, *dual;
    size_t width;
    float bias;
};

struct block {
    const struct problem *problem;
    const struct solver_settings *settings;
    struct solution *solution;
    struct pool *pool;
    enum block_loss loss;
    double epsilon;
    size_t max_passes;
    struct block_rows rows;
    uint32_t *order; /* [rows.n] of the pass being made */
    size_t pass;
    struct block_unit *units;
    size_t n_units;
    struct block_unit **live; /* [n_live] units that have live lanes */
    size_t n_live;
    struct place *places; /* [n_tasks] */
    size_t first_column;  /* those before it are written */
    float *scratch;       /* [threads][2][n_tasks] */
};

static int choose_loss(enum block_loss *out, enum solver_kind kind, sikap_error *err)
{
    switch (kind) {
    case SOLVER_L2R_LR:
    case SOLVER_L2R_LR_DUAL:
        *out = BLOCK_LOGISTIC;
        return 0;
    case SOLVER_L2R_L2LOSS_SVC_DUAL:
    case SOLVER_L2R_L2LOSS_SVC:
        *out = BLOCK_SQUARED_HINGE;
        return 0;
    case SOLVER_L2R_L1LOSS_SVC_DUAL:
        *out = BLOCK_HINGE;
        return 0;
    default:
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "the block solver has no kind %d: use liblinear", (int)kind);
    }
}

/* Tasks that have something to learn, by falling number of positive rows: such need alike numbers
 * of passes, and rows that are easy for one rare label are easy for the next. */
static size_t sort_tasks(const struct block *b, size_t *tasks, size_t *n_positive)
{
    const struct problem *problem = b->problem;
    size_t n = 0;
    memset(n_positive, 0, problem->n_tasks * sizeof *n_positive);
    for (size_t i = 0; i < b->rows.n; i++) {
        const int8_t *y = problem->targets + b->rows.number[i] * problem->n_tasks;
        for (size_t l = 0; l < problem->n_tasks; l++)
            n_positive[l] += y[l] > 0;
    }
    for (size_t l = 0; l < problem->n_tasks; l++) {
        if (solver_constant(problem, l) != 0)
            continue;
        size_t at = n++;
        for (; at > 0 && n_positive[tasks[at - 1]] < n_positive[l]; at--)
            tasks[at] = tasks[at - 1];
        tasks[at] = l;
    }
    return n;
}

struct units_job {
    struct block *b;
    const size_t *tasks;
    size_t n_tasks, width;
    int *failed; /* [n_units] */
};

/* Unit by unit in parallel, since most of it is the first touch of memory. The tasks are dealt out
 * evenly, in their order. */
static void make_unit(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct units_job *job = context;
    struct block *b = job->b;
    const size_t first = index * job->n_tasks / b->n_units;
    const size_t end = (index + 1) * job->n_tasks / b->n_units;
    job->failed[index] = block_unit_init(&b->units[index], &b->rows, job->tasks + first,
                                         end - first, job->width, b->settings) != 0;
}

/* As few units as hold the tasks, but one for each thread while every unit keeps four lanes. */
static int make_units(struct block *b, const size_t *tasks, size_t n_tasks)
{
    const size_t n_threads = pool_n_threads(b->pool);
    size_t n = (n_tasks + BLOCK_LANES - 1) / BLOCK_LANES;
    const size_t most = (n_tasks + 3) / 4;
    if (n < n_threads)
        n = most < n_threads ? most : n_threads;
    b->units = memory_zero(n, sizeof *b->units);
    b->live = memory_zero(n, sizeof *b->live);
    if (b->units == NULL || b->live == NULL)
        return -1;
    const size_t fullest = n == 0 ? 0 : (n_tasks + n - 1) / n;
    const size_t width = fullest <= 4 ? 4 : fullest <= 8 ? 8 : 16;
    struct units_job job = {b, tasks, n_tasks, width, memory_zero(n, sizeof *job.failed)};
    if (job.failed == NULL)
        return -1;
    b->n_units = n;
    parallel_for(b->pool, n, make_unit, &job);
    int failed = 0;
    for (size_t u = 0; u < n; u++)
        failed |= job.failed[u];
    memory_free(job.failed);
    return failed ? -1 : 0;
}

static int prepare(struct block *b, sikap_error *err)
{
    const size_t n_tasks = b->problem->n_tasks;
    int status = block_rows_init(&b->rows, b->problem, b->settings, b->loss, b->pool, err);
    if (status != 0)
        return status;
    size_t *tasks = memory_alloc(n_tasks, sizeof *tasks);
    size_t *n_positive = memory_alloc(n_tasks, sizeof *n_positive);
    b->order = memory_alloc(b->rows.n, sizeof *b->order);
    b->places = memory_zero(n_tasks, sizeof *b->places);
    b->scratch = memory_alloc(pool_n_threads(b->pool), 2 * n_tasks * sizeof *b->scratch);
    if (tasks == NULL || n_positive == NULL || b->order == NULL || b->places == NULL ||
        b->scratch == NULL || make_units(b, tasks, sort_tasks(b, tasks, n_positive)) != 0)
        status = error_memory(err, "the weights of the block solver");
    memory_free(tasks);
    memory_free(n_positive);
    return status;
}

static void warm_task(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct block *b = context;
    block_unit_warm(&b->units[index], &b->rows, b->loss, b->solution->dual, b->solution->bias);
}

static void pass_task(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct block *b = context;
    block_pass(b->live[index], &b->rows, b->order, b->loss);
}

/* After a pass: is the lane done, or does it look so? The gap shrinks by a nearly constant factor a
 * pass, and what was added up is about one pass old. */
static void settle(struct block_lane *lane, const struct block *b)
{
    if (lane->state == LANE_DONE)
        return;
    lane->passes++;
    const double wanted = b->epsilon * lane->primal;
    if (lane->state == LANE_HELD) {
        lane->state = lane->gap <= wanted ? LANE_DONE : LANE_ACTIVE;
    } else {
        const double factor = lane->last_gap > lane->gap ? lane->gap / lane->last_gap : 1;
        if (lane->gap * factor <= wanted)
            lane->state = LANE_HELD;
    }
    if (lane->passes >= b->max_passes)
        lane->state = LANE_DONE;
}

static void list_live(struct block *b)
{
    b->n_live = 0;
    for (size_t u = 0; u < b->n_units; u++)
        if (block_unit_n_live(&b->units[u]) > 0)
            b->live[b->n_live++] = &b->units[u];
}

/* While the live lanes would fit into fewer units, empties the unit that has the fewest; but not
 * below one unit for each thread. */
static void regroup(struct block *b)
{
    const size_t n_threads = pool_n_threads(b->pool);
    for (;;) {
        size_t fewest = 0, n_free = 0;
        for (size_t u = 0; u < b->n_live; u++) {
            const size_t n = block_unit_n_live(b->live[u]);
            n_free += b->live[u]->width - n;
            if (n < block_unit_n_live(b->live[fewest]))
                fewest = u;
        }
        if (b->n_live <= 1 || b->n_live <= n_threads)
            return;
        struct block_unit *from = b->live[fewest];
        const size_t n_from = block_unit_n_live(from);
        if (n_free - (from->width - n_from) < n_from)
            return;
        for (size_t u = 0; u < b->n_live; u++)
            if (u != fewest && block_unit_n_live(from) > 0)
                block_unit_move(from, b->live[u], &b->rows);
        list_live(b);
    }
}

static int iterate(struct block *b, const sikap_watch *watch, sikap_error *err)
{
    list_live(b);
    for (b->pass = 0; b->n_live > 0; b->pass++) {
        if (watch != NULL && watch->stopped != NULL && watch->stopped(watch->context) != 0)
            return error_set(err, SIKAP_CANCELLED, NULL, 0, "training was stopped");
        struct random random;
        random_seed(&random, b->settings->seed, b->pass);
        for (size_t i = 0; i < b->rows.n; i++)
            b->order[i] = (uint32_t)i;
        random_shuffle(&random, b->order, b->rows.n);
        parallel_for(b->pool, b->n_live, pass_task, b);
        for (size_t u = 0; u < b->n_live; u++)
            for (size_t j = 0; j < b->live[u]->width; j++)
                settle(&b->live[u]->lanes[j], b);
        list_live(b);
        regroup(b);
    }
    return 0;
}

/* ---- the result --------------------------------------------------------------------------------
 */

static void find_places(struct block *b)
{
    for (size_t l = 0; l < b->problem->n_tasks; l++)
        b->places[l].bias = (float)solver_constant(b->problem, l);
    for (size_t u = 0; u < b->n_units; u++) {
        const struct block_unit *unit = &b->units[u];
        for (size_t j = 0; j < unit->width; j++) {
            const struct block_lane *lane = &unit->lanes[j];
            if (lane->passes == 0)
                continue;
            struct place *place = &b->places[lane->task];
            place->w = unit->w + j;
            place->dual = unit->dual + j;
            place->width = unit->width;
            place->bias = lane->bias;
            if (b->solution->iterations != NULL)
                b->solution->iterations[lane->task] = lane->passes;
        }
    }
}

/* Where a column's weights are put together, and where they go when they are. */
static float *open_column(const struct block *b, size_t column, size_t worker)
{
    const size_t n_tasks = b->problem->n_tasks;
    return b->solution->weights != NULL ? b->solution->weights + column * n_tasks
                                        : b->scratch + (2 * worker + 1) * n_tasks;
}

static void close_column(const struct block *b, size_t column, const float *weights)
{
    if (b->solution->weights == NULL)
        b->solution->take(b->solution->take_context, column, weights);
}

/* Weights of shared columns, and zeros for columns that no row has. */
static void write_columns(void *context, size_t index, size_t worker)
{
    const struct block *b = context;
    const size_t n_tasks = b->problem->n_tasks;
    const size_t first = b->first_column + index * COLUMNS_PER_CHUNK;
    const size_t n_columns = b->rows.x->n_columns;
    const size_t end =
        n_columns - first > COLUMNS_PER_CHUNK ? first + COLUMNS_PER_CHUNK : n_columns;
    for (size_t c = first; c < end; c++) {
        const int is_shared = c < b->rows.n_shared;
        if (!is_shared && b->rows.seen[c] != 0)
            continue; /* a row's own */
        float *out = open_column(b, c, worker);
        for (size_t l = 0; l < n_tasks; l++) {
            const struct place *place = &b->places[l];
            out[l] = is_shared && place->w != NULL ? place->w[c * place->width] : 0;
        }
        close_column(b, c, out);
    }
}

/* Weights of the columns that are a row's own: y alpha x. */
static void write_own_columns(void *context, size_t index, size_t worker)
{
    const struct block *b = context;
    const struct block_rows *rows = &b->rows;
    const size_t n_tasks = b->problem->n_tasks;
    const size_t first = index * ROWS_PER_CHUNK;
    const size_t end = rows->n - first > ROWS_PER_CHUNK ? first + ROWS_PER_CHUNK : rows->n;
    float *dual = b->scratch + 2 * worker * n_tasks;
    for (size_t i = first; i < end; i++) {
        for (size_t l = 0; l < n_tasks; l++) {
            const struct place *place = &b->places[l];
            dual[l] = place->dual != NULL ? place->dual[i * place->width] : 0;
        }
        for (size_t k = rows->end[i]; k < rows->last[i]; k++) {
            const size_t column = rows->x->columns[k];
            float *out = open_column(b, column, worker);
            const float value = rows->x->values[k];
            for (size_t l = 0; l < n_tasks; l++)
                out[l] = dual[l] * value;
            const float *scale =
                b->problem->scale == NULL ? NULL : b->problem->scale + column * n_tasks;
            for (size_t l = 0; scale != NULL && l < n_tasks; l++)
                out[l] *= scale[l] * scale[l];
            close_column(b, column, out);
        }
    }
}

static void write_dual(const struct block *b)
{
    const size_t n_tasks = b->problem->n_tasks;
    float *out = b->solution->dual;
    memset(out, 0, b->problem->n_rows * n_tasks * sizeof *out);
    for (size_t i = 0; i < b->rows.n; i++)
        for (size_t l = 0; l < n_tasks; l++)
            if (b->places[l].dual != NULL)
                out[b->rows.number[i] * n_tasks + l] = b->places[l].dual[i * b->places[l].width];
}

/* Step by step, so that what takes the weights fills while the units' are given back. */
static void write_shared(struct block *b)
{
    const size_t n_columns = b->rows.x->n_columns;
    while (b->first_column < n_columns) {
        const size_t left = n_columns - b->first_column;
        const size_t n = left < COLUMNS_PER_STEP ? left : (size_t)COLUMNS_PER_STEP;
        parallel_for(b->pool, (n + COLUMNS_PER_CHUNK - 1) / COLUMNS_PER_CHUNK, write_columns, b);
        b->first_column += n;
        const size_t written =
            b->first_column < b->rows.n_shared ? b->first_column : b->rows.n_shared;
        for (size_t u = 0; u < b->n_units; u++)
            memory_forget(b->units[u].w, written * b->units[u].width, sizeof *b->units[u].w);
    }
}

static void write_solution(struct block *b)
{
    if (b->solution->iterations != NULL)
        memset(b->solution->iterations, 0, b->problem->n_tasks * sizeof *b->solution->iterations);
    find_places(b);
    write_shared(b);
    parallel_for(b->pool, (b->rows.n + ROWS_PER_CHUNK - 1) / ROWS_PER_CHUNK, write_own_columns, b);
    for (size_t l = 0; l < b->problem->n_tasks; l++)
        b->solution->bias[l] = b->places[l].bias;
    if (b->solution->dual != NULL)
        write_dual(b);
}

static void clear(struct block *b)
{
    for (size_t u = 0; u < b->n_units; u++)
        block_unit_clear(&b->units[u]);
    memory_free(b->units);
    memory_free(b->live);
    memory_free(b->order);
    memory_free(b->places);
    memory_free(b->scratch);
    block_rows_clear(&b->rows);
}

int block_train(const struct problem *problem, const struct solver_settings *settings,
                struct pool *pool, const sikap_watch *watch, struct solution *solution,
                sikap_error *err)
{
    struct block b = {.problem = problem,
                      .settings = settings,
                      .solution = solution,
                      .pool = pool,
                      .epsilon = settings->epsilon > 0 ? settings->epsilon : DEFAULT_EPSILON,
                      .max_passes = settings->max_iterations > 0 ? settings->max_iterations
                                                                 : (size_t)DEFAULT_PASSES};
    if (b.epsilon < LEAST_EPSILON)
        b.epsilon = LEAST_EPSILON;
    int status = solver_check(problem, settings, err);
    if (status == 0)
        status = choose_loss(&b.loss, settings->kind, err);
    if (status == 0)
        status = prepare(&b, err);
    if (status == 0) {
        if (solution->dual != NULL && solution->warm)
            parallel_for(pool, b.n_units, warm_task, &b);
        status = iterate(&b, watch, err);
    }
    if (status == 0) {
        write_solution(&b);
        if (solution->objective != NULL)
            status = solver_objective(problem, settings, solution->weights, solution->bias,
                                      solution->objective, err);
    }
    clear(&b);
    return status;
}
