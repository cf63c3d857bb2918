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

/* Over-relaxation: a step is a quarter longer than the one that is best for its row alone
 * (Mangasarian and Musicant: Successive overrelaxation for support vector machines, 1999). On text
 * it saves a sixth of the passes; from 1.5 on it costs some. */
#define RELAXATION 1.25f

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
                           const uint32_t *order, enum block_loss loss, double bias);

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

void block_pass(struct block_unit *unit, const struct block_rows *rows, const uint32_t *order,
                enum block_loss loss, double bias)
{
    for (size_t j = 0; j < unit->width; j++) {
        unit->lanes[j].last_gap = unit->lanes[j].gap;
        unit->lanes[j].gap = unit->lanes[j].primal = 0;
    }
    choose(unit->width)(unit, rows, order, loss, bias);
}
