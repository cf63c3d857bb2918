/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a unit and its lanes. Its three arrays are [row or column][lane], so a lane is a
 * strided column, and moving lanes is one sweep over both units. */
#include "learn/solver_block_unit.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

#define WILD_BIAS 1e4f /* no start at all */

/* The scales of the lanes' tasks, and the rows' squares under them; the lanes without a task have
 * zeros. */
static int init_scales(struct block_unit *unit, const struct block_rows *rows, const size_t *tasks,
                       size_t n_tasks)
{
    const struct problem *problem = rows->problem;
    const struct matrix *x = rows->x;
    const size_t width = unit->width;
    unit->scale_square = memory_aligned_zero(rows->n_shared, width * sizeof *unit->scale_square);
    unit->square = memory_aligned_zero(rows->n, width * sizeof *unit->square);
    unit->own_square = memory_aligned_zero(rows->n, width * sizeof *unit->own_square);
    if (unit->scale_square == NULL || unit->square == NULL || unit->own_square == NULL)
        return -1;
    for (size_t c = 0; c < rows->n_shared; c++)
        for (size_t j = 0; j < n_tasks; j++) {
            const float scale = problem->scale[c * problem->n_tasks + tasks[j]];
            unit->scale_square[c * width + j] = scale * scale;
        }
    for (size_t i = 0; i < rows->n; i++) {
        double shared[BLOCK_LANES] = {0}, own[BLOCK_LANES] = {0};
        for (size_t k = rows->begin[i]; k < rows->last[i]; k++) {
            const float *scale = problem->scale + (size_t)x->columns[k] * problem->n_tasks;
            double *sum = k < rows->end[i] ? shared : own;
            for (size_t j = 0; j < n_tasks; j++) {
                const double value = (double)x->values[k] * (double)scale[tasks[j]];
                sum[j] += value * value;
            }
        }
        for (size_t j = 0; j < n_tasks; j++) {
            unit->own_square[i * width + j] = (float)own[j];
            unit->square[i * width + j] = (float)(shared[j] + own[j]) + rows->near_square;
        }
    }
    return 0;
}

int block_unit_init(struct block_unit *unit, const struct block_rows *rows, const size_t *tasks,
                    size_t n_tasks, size_t width, const struct solver_settings *settings)
{
    const struct problem *problem = rows->problem;
    memset(unit, 0, sizeof *unit);
    unit->width = width;
    unit->w = memory_aligned_zero(rows->n_shared, width * sizeof *unit->w);
    unit->dual = memory_aligned_zero(rows->n, width * sizeof *unit->dual);
    unit->y = memory_aligned_zero(rows->n, width * sizeof *unit->y);
    if (unit->w == NULL || unit->dual == NULL || unit->y == NULL)
        return -1;
    for (size_t j = 0; j < BLOCK_LANES; j++) {
        struct block_lane *lane = &unit->lanes[j];
        lane->state = j < n_tasks ? LANE_ACTIVE : LANE_DONE;
        lane->positive_cost = lane->negative_cost = (float)settings->cost;
        if (j >= n_tasks)
            continue;
        lane->task = tasks[j];
        if (problem->positive_weight != NULL)
            lane->positive_cost *= problem->positive_weight[lane->task];
        if (problem->negative_weight != NULL)
            lane->negative_cost *= problem->negative_weight[lane->task];
    }
    for (size_t i = 0; i < rows->n; i++) {
        const int8_t *y = problem->targets + rows->number[i] * problem->n_tasks;
        for (size_t j = 0; j < n_tasks; j++)
            unit->y[i * width + j] = y[tasks[j]];
    }
    return problem->scale == NULL ? 0 : init_scales(unit, rows, tasks, n_tasks);
}

void block_unit_clear(struct block_unit *unit)
{
    memory_free(unit->w);
    memory_free(unit->dual);
    memory_free(unit->y);
    memory_free(unit->scale_square);
    memory_free(unit->square);
    memory_free(unit->own_square);
    memset(unit, 0, sizeof *unit);
}

void block_unit_warm(struct block_unit *unit, const struct block_rows *rows, enum block_loss loss,
                     const float *dual, const float *bias)
{
    const struct matrix *x = rows->x;
    const size_t n_tasks = rows->problem->n_tasks;
    double sum[BLOCK_LANES] = {0};
    for (size_t i = 0; i < rows->n; i++) {
        float *mine = unit->dual + i * unit->width;
        for (size_t j = 0; j < unit->width; j++) {
            const int8_t y = unit->y[i * unit->width + j];
            if (y == 0)
                continue;
            const struct block_lane *lane = &unit->lanes[j];
            const float cost = y > 0 ? lane->positive_cost : lane->negative_cost;
            const float most = loss == BLOCK_SQUARED_HINGE ? INFINITY : cost * rows->weight[i];
            const float given = dual[rows->number[i] * n_tasks + lane->task] * (float)y;
            mine[j] = (float)y * (given > most ? most : given > 0 ? given : 0);
            sum[j] += (double)mine[j];
        }
        for (size_t k = rows->begin[i]; k < rows->end[i]; k++) {
            const size_t at = (size_t)x->columns[k] * unit->width;
            const float *scale_square = unit->scale_square == NULL ? NULL : unit->scale_square + at;
            for (size_t j = 0; j < unit->width; j++)
                unit->w[at + j] +=
                    mine[j] * x->values[k] * (scale_square == NULL ? 1 : scale_square[j]);
        }
    }
    for (size_t j = 0; j < unit->width; j++) {
        struct block_lane *lane = &unit->lanes[j];
        lane->dual_sum = sum[j];
        lane->bias = (float)(sum[j] * rows->bias_square);
        const float given = bias[lane->task];
        if (rows->bias_square > 0 && fabsf(given) < WILD_BIAS)
            lane->bias = given;
    }
}

size_t block_unit_n_live(const struct block_unit *unit)
{
    size_t n = 0;
    for (size_t j = 0; j < unit->width; j++)
        n += unit->lanes[j].state != LANE_DONE;
    return n;
}

/* Exchanges lanes a[m] of `a_rows` and b[m] of `b_rows`, arrays of n x width. */
#define EXCHANGE(type, a_rows, b_rows, n, width, a, b, n_moves)                                    \
    for (size_t i = 0; i < (n); i++) {                                                             \
        for (size_t m = 0; m < (n_moves); m++) {                                                   \
            type *one = (a_rows) + i * (width) + (a)[m];                                           \
            type *other = (b_rows) + i * (width) + (b)[m];                                         \
            const type held = *one;                                                                \
            *one = *other;                                                                         \
            *other = held;                                                                         \
        }                                                                                          \
    }

void block_unit_move(struct block_unit *from, struct block_unit *into,
                     const struct block_rows *rows)
{
    const size_t width = from->width;
    size_t a[BLOCK_LANES], b[BLOCK_LANES];
    size_t n_live = 0, n_free = 0;
    for (size_t j = 0; j < width; j++) {
        if (from->lanes[j].state != LANE_DONE)
            a[n_live++] = j;
        if (into->lanes[j].state == LANE_DONE)
            b[n_free++] = j;
    }
    const size_t n_moves = n_live < n_free ? n_live : n_free;
    EXCHANGE(float, from->w, into->w, rows->n_shared, width, a, b, n_moves)
    EXCHANGE(float, from->dual, into->dual, rows->n, width, a, b, n_moves)
    EXCHANGE(int8_t, from->y, into->y, rows->n, width, a, b, n_moves)
    if (from->scale_square != NULL) {
        EXCHANGE(float, from->scale_square, into->scale_square, rows->n_shared, width, a, b,
                 n_moves)
        EXCHANGE(float, from->square, into->square, rows->n, width, a, b, n_moves)
        EXCHANGE(float, from->own_square, into->own_square, rows->n, width, a, b, n_moves)
    }
    EXCHANGE(struct block_lane, from->lanes, into->lanes, 1, width, a, b, n_moves)
}
