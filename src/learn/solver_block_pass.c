/* SPDX-License-Identifier: Apache-2.0 */
/* One pass of a unit: the instances of the kernel (solver_block_kernel.h), and the choice among
 * them by the CPU that runs us. */
#include "learn/solver_block_unit.h"

#include <string.h>

enum {
    AHEAD = 2,         /* rows between asking memory for one and using it */
    FLUSH_EVERY = 256, /* rows */
    NEWTON_STEPS = 40, /* at most: bisection from a bracket of any width ends there */
};

/* Rows are visited in random order, so no hardware sees the next one coming. */
static inline void prefetch_row(const struct block_unit *unit, const struct block_rows *rows,
                                size_t i)
{
    const size_t end = rows->end[i];
    for (size_t k = rows->begin[i]; k < end; k += 16) {
        __builtin_prefetch(&rows->x->columns[k]);
        __builtin_prefetch(&rows->x->values[k]);
    }
    __builtin_prefetch(&unit->dual[i * unit->width]);
    __builtin_prefetch(&unit->y[i * unit->width]);
}

/* How far the bias b moves when its centre c comes to where it is (solver_block_unit.h). */
static inline double block_recentre(const struct block_rows *rows, const struct block_lane *lane,
                                    double b)
{
    if (rows->bias_square == 0)
        return 0;
    return rows->near_square * (lane->dual_sum - b / rows->bias_square);
}

#define PASTE2(a, b, c) a##_##b##c
#define PASTE(a, b, c) PASTE2(a, b, c)
#define KERNEL(name) PASTE(name, LANES, SUFFIX)

#define TARGET
#define SUFFIX
#define LANES 4
#include "learn/solver_block_kernel.h"
#undef LANES
#define LANES 8
#include "learn/solver_block_kernel.h"
#undef LANES
#define LANES 16
#include "learn/solver_block_kernel.h"
#undef LANES
#undef SUFFIX
#undef TARGET

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2")))
#define SUFFIX _avx2
#define LANES 4
#include "learn/solver_block_kernel.h"
#undef LANES
#define LANES 8
#include "learn/solver_block_kernel.h"
#undef LANES
#define LANES 16
#include "learn/solver_block_kernel.h"
#undef LANES
#undef SUFFIX
#undef TARGET

#define TARGET __attribute__((target("avx512f")))
#define SUFFIX _avx512
#define LANES 16
#include "learn/solver_block_kernel.h"
#undef LANES
#undef SUFFIX
#undef TARGET
#endif

typedef void pass_instance(struct block_unit *unit, const struct block_rows *rows,
                           const uint32_t *order, enum block_loss loss);

static pass_instance *choose(size_t width)
{
#if defined(__x86_64__)
    if (width == 16 && __builtin_cpu_supports("avx512f"))
        return pass_16_avx512;
    if (__builtin_cpu_supports("avx2"))
        return width == 16 ? pass_16_avx2 : width == 8 ? pass_8_avx2 : pass_4_avx2;
#endif
    return width == 16 ? pass_16 : width == 8 ? pass_8 : pass_4;
}

/* What the rows do not see of gap and primal objective: with S = sum of y alpha, the bias has
 * b^2 / 2B^2 in the one and -B^2 S^2 / 2 in the other; the rows have counted b S. */
static void add_bias(const struct block_rows *rows, struct block_lane *lane)
{
    if (rows->bias_square == 0)
        return;
    const double b = (double)lane->bias;
    const double off = b - rows->bias_square * lane->dual_sum;
    lane->gap += 0.5 * off * off / rows->bias_square;
    lane->primal += 0.5 * b * (b / rows->bias_square - lane->dual_sum);
}

void block_pass(struct block_unit *unit, const struct block_rows *rows, const uint32_t *order,
                enum block_loss loss)
{
    for (size_t j = 0; j < unit->width; j++) {
        unit->lanes[j].last_gap = unit->lanes[j].gap;
        unit->lanes[j].gap = unit->lanes[j].primal = 0;
    }
    choose(unit->width)(unit, rows, order, loss);
    for (size_t j = 0; j < unit->width; j++)
        add_bias(rows, &unit->lanes[j]);
}
