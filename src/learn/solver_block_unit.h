/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_SOLVER_BLOCK_UNIT_H
#define SIKAP_LEARN_SOLVER_BLOCK_UNIT_H

#include <stddef.h>
#include <stdint.h>

#include "learn/solver_block_rows.h"

enum { BLOCK_LANES = 16 }; /* the most tasks a unit can hold: a cache line of float32 */

enum block_loss { BLOCK_HINGE, BLOCK_SQUARED_HINGE, BLOCK_LOGISTIC };

enum lane_state {
    LANE_ACTIVE, /* being trained */
    LANE_HELD,   /* looks done: stands still for one pass, which measures its gap exactly */
    LANE_DONE,   /* is done, or holds no task */
};

struct block_lane {
    enum lane_state state;
    size_t task;
    float positive_cost, negative_cost;
    float bias; /* weight of the bias feature */
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
    struct block_lane lanes[BLOCK_LANES];
};

/* Asks the system for large pages behind bytes[0..n), which nobody has touched yet. */
void block_advise(void *bytes, size_t n);

/* Lanes without a task are done from the start. */
int block_unit_init(struct block_unit *unit, const struct block_rows *rows, const size_t *tasks,
                    size_t n_tasks, size_t width, const struct solver_settings *settings);
void block_unit_clear(struct block_unit *unit);

/* Starts from the caller's dual[n_rows][n_tasks], moved into its bounds. */
void block_unit_warm(struct block_unit *unit, const struct block_rows *rows, enum block_loss loss,
                     double bias, const float *dual);

size_t block_unit_n_live(const struct block_unit *unit);

/* Exchanges the live lanes of `from` for lanes of `into` that are done, as many as there are. */
void block_unit_move(struct block_unit *from, struct block_unit *into,
                     const struct block_rows *rows);

/* One pass over the rows in the given order: every active lane takes one step of dual coordinate
 * descent per row. */
void block_pass(struct block_unit *unit, const struct block_rows *rows, const uint32_t *order,
                enum block_loss loss, double bias);

#endif
