/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_SOLVER_BLOCK_UNIT_H
#define SIKAP_LEARN_SOLVER_BLOCK_UNIT_H

#include <stddef.h>
#include <stdint.h>

#include "learn/solver_block_rows.h"

enum { BLOCK_LANES = 16 }; /* the most tasks a unit can hold: a cache line of float32 */

enum lane_state {
    LANE_ACTIVE, /* being trained */
    LANE_HELD,   /* looks done: stands still for one pass, which measures its gap exactly */
    LANE_DONE,   /* is done, or holds no task */
};

/* One task.
 *
 * Its bias b is the weight of a feature that all rows have, with the value B. Treated as such, its
 * B^2 would stand beside |x|^2 in every row's step and make it half as long: a third of all passes,
 * at B = 3 four fifths of them. But b hardly feels its penalty b^2 / 2B^2, it is the rows that hold
 * it; so it is let go in small steps by the proximal point method (Rockafellar: Monotone operators
 * and the proximal point algorithm, 1976): the penalty is (b - c)^2 / 2N^2 with a small N, which
 * gives rows long steps and b = c + N^2 S, S = sum of y alpha; every few hundred rows the centre c
 * follows, c = b (1 - N^2 / B^2), so that the penalty's pull at b is the true one. Both come to
 * rest where b = B^2 S, the optimum of the problem as it was given, and only that is taken for the
 * end: the gap counts (b - B^2 S)^2 / 2B^2. */
struct block_lane {
    enum lane_state state;
    size_t task;
    float positive_cost, negative_cost;
    float bias;      /* b, its feature's value included */
    double dual_sum; /* S, of y alpha over all rows */
    /* Of the pass that was just made: the duality gap P - D and the primal objective P, each row's
     * share taken when it was visited. Exact when the lane did not move. */
    double gap, primal;
    double last_gap; /* of the pass before */
    size_t passes;
};

/* Up to 16 tasks that are trained in lockstep, one to a lane. What a lane computes depends on no
 * other lane, so tasks may be put into any lane of any unit, and moved between passes. */
struct block_unit {
    size_t width; /* 4, 8 or 16 lanes */
    float *w;     /* [n_shared][width] */
    float *dual;  /* [n][width] y alpha */
    int8_t *y;    /* [n][width] targets; 0 in a lane without a task */
    /* Of a problem with scales, else NULL. A lane's values of x are never multiplied: with w
     * standing for the weights of x as it is, decisions stay as they are, and a step moves a column
     * by the square of its scale. So all lanes still read one matrix. */
    float *scale_square;        /* [n_shared][width] */
    float *square, *own_square; /* [n][width] those of the rows, under each lane's scales */
    struct block_lane lanes[BLOCK_LANES];
};

/* Lanes without a task are done from the start. */
int block_unit_init(struct block_unit *unit, const struct block_rows *rows, const size_t *tasks,
                    size_t n_tasks, size_t width, const struct solver_settings *settings);
void block_unit_clear(struct block_unit *unit);

/* Starts from the caller's dual[n_rows][n_tasks], moved into its bounds, and bias[n_tasks]. */
void block_unit_warm(struct block_unit *unit, const struct block_rows *rows, enum block_loss loss,
                     const float *dual, const float *bias);

size_t block_unit_n_live(const struct block_unit *unit);

/* Exchanges the live lanes of `from` for lanes of `into` that are done, as many as there are. */
void block_unit_move(struct block_unit *from, struct block_unit *into,
                     const struct block_rows *rows);

/* One pass over the rows in the given order: every active lane takes one step of dual coordinate
 * descent per row. */
void block_pass(struct block_unit *unit, const struct block_rows *rows, const uint32_t *order,
                enum block_loss loss);

#endif
