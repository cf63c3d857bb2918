/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel of the block solver, a text that solver_block_pass.c includes once for every width and
 * instruction set. It expects LANES (4, 8, 16), TARGET (a function attribute, may be empty) and
 * KERNEL(name), which makes a name unlike the others'. Vectors run across tasks, so every lane adds
 * the same numbers in the same order whatever the width of the machine's registers, and no
 * operation is fused: all instances give the same bits. No include guard on purpose. */

typedef float KERNEL(floats) __attribute__((vector_size(LANES * 4), may_alias));
typedef int32_t KERNEL(ints) __attribute__((vector_size(LANES * 4), may_alias));
typedef int8_t KERNEL(bytes) __attribute__((vector_size(LANES), may_alias));

#define FLOATS KERNEL(floats)
#define INTS KERNEL(ints)
/* C has no ?: for vectors. */
#define WHERE(condition, a, b) ((FLOATS)(((INTS)(a) & (condition)) | ((INTS)(b) & ~(condition))))
#define AT_LEAST_ZERO(a) ((FLOATS)((INTS)(a) & ((a) > 0)))

/* What a lane needs to know of itself, and what it adds up over the rows. */
struct KERNEL(lanes) {
    FLOATS positive_cost, negative_cost, moves, bias;
    FLOATS gap, primal, dual, delta; /* sums since the last flush */
};

/* One row in all lanes. */
struct KERNEL(step) {
    FLOATS y, f, dual; /* target, decision, y alpha */
    FLOATS cost;
    FLOATS square, own_square; /* |x|^2, and its part in columns that no other row has */
};

/* Four sums run side by side: one would wait for each addition to finish. */
static inline TARGET void KERNEL(decide)(FLOATS *f, const struct matrix *x, size_t k, size_t end,
                                         const float *w)
{
    FLOATS a = {0}, b = {0}, c = {0}, d = {0};
    const uint32_t *columns = x->columns;
    const float *values = x->values;
    for (; k + 4 <= end; k += 4) {
        a += *(const FLOATS *)(w + (size_t)columns[k] * LANES) * values[k];
        b += *(const FLOATS *)(w + (size_t)columns[k + 1] * LANES) * values[k + 1];
        c += *(const FLOATS *)(w + (size_t)columns[k + 2] * LANES) * values[k + 2];
        d += *(const FLOATS *)(w + (size_t)columns[k + 3] * LANES) * values[k + 3];
    }
    for (; k < end; k++)
        a += *(const FLOATS *)(w + (size_t)columns[k] * LANES) * values[k];
    *f = (a + b) + (c + d);
}

/* Has the weights of a row fetched whose columns are here already. */
static inline TARGET void KERNEL(prefetch)(const float *w, const struct matrix *x, size_t k,
                                           size_t end)
{
    const uint32_t *columns = x->columns;
    for (; k < end; k++)
        __builtin_prefetch(w + (size_t)columns[k] * LANES, 1);
}

static inline TARGET void KERNEL(add)(float *w, const struct matrix *x, size_t k, size_t end,
                                      const FLOATS *delta)
{
    const FLOATS d = *delta;
    for (; k < end; k++)
        *(FLOATS *)(w + (size_t)x->columns[k] * LANES) += d * x->values[k];
}

/* The same where every lane has its own scale: a column moves by its square. */
static inline TARGET void KERNEL(add_scaled)(float *w, const float *scale_square,
                                             const struct matrix *x, size_t k, size_t end,
                                             const FLOATS *delta)
{
    const FLOATS d = *delta;
    for (; k < end; k++) {
        const size_t at = (size_t)x->columns[k] * LANES;
        *(FLOATS *)(w + at) += d * x->values[k] * *(const FLOATS *)(scale_square + at);
    }
}

static inline TARGET int KERNEL(is_any)(const INTS *lanes)
{
    uint64_t words[LANES / 2], any = 0;
    memcpy(words, lanes, sizeof words);
    for (size_t i = 0; i < LANES / 2; i++)
        any |= words[i];
    return any != 0;
}

/* Hinge and squared hinge: alpha in [0, C] and D = 0, or alpha >= 0 and D = 1 / 2C (Hsieh, Chang,
 * Lin, Keerthi, Sundararajan: A dual coordinate descent method for large-scale linear SVM, 2008).
 * A row's share of the gap is C loss + D alpha^2 / 2 - alpha (1 - y f), never negative. */
static inline TARGET void KERNEL(step_hinge)(FLOATS *dual, struct KERNEL(lanes) * lanes,
                                             const struct KERNEL(step) * step, int is_squared)
{
    const FLOATS y = step->y;
    const FLOATS alpha = y * step->dual;
    const FLOATS margin = y * y - y * step->f; /* 0 where y is 0 */
    const FLOATS over = AT_LEAST_ZERO(margin);
    FLOATS d = {0}, loss = step->cost * over;
    if (is_squared) {
        d = 0.5f / step->cost;
        loss *= over;
    }
    FLOATS moved = alpha + (margin - d * alpha) / (d + step->square);
    moved = AT_LEAST_ZERO(moved);
    if (!is_squared)
        moved = WHERE(moved > step->cost, step->cost, moved);
    lanes->gap += loss + alpha * alpha * d * 0.5f - alpha * margin;
    lanes->primal += loss + step->dual * step->f * 0.5f;
    *dual = y * moved;
}

/* e^-a for a >= 0: 2^n e^r with |r| <= ln 2 / 2, Taylor to the seventh power: 2 units in the last
 * place. Below 2^-125 it stays there. */
static inline TARGET void KERNEL(exp_minus)(FLOATS *out, const FLOATS *a)
{
    const FLOATS most = (FLOATS){0} + 86.0f;
    const FLOATS x = -WHERE(*a > most, most, *a);
    const FLOATS shifted = x * 1.44269504f - 0.5f;
    const INTS n = __builtin_convertvector(shifted, INTS); /* towards 0: rounds, as x <= 0 */
    const FLOATS whole = __builtin_convertvector(n, FLOATS);
    const FLOATS r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    FLOATS p = r * (1 / 5040.0f) + 1 / 720.0f;
    p = p * r + 1 / 120.0f;
    p = p * r + 1 / 24.0f;
    p = p * r + 1 / 6.0f;
    p = p * r + 0.5f;
    p = (p * r + 1.0f) * r + 1.0f;
    *out = p * (FLOATS)((n + 127) << 23);
}

/* sigma(t) = 1 / (1 + e^-t), and log(1 + e^t) when wanted: with e = e^-|t| it is max(t, 0) plus
 * log(1 + e) = 2 artanh(e / (2 + e)), whose argument is at most 1/3. */
static inline TARGET void KERNEL(sigmoid)(FLOATS *sigma, FLOATS *softplus, const FLOATS *t)
{
    const INTS is_positive = *t > 0;
    const FLOATS a = WHERE(is_positive, *t, -*t);
    FLOATS e;
    KERNEL(exp_minus)(&e, &a);
    const FLOATS one = (FLOATS){0} + 1.0f;
    *sigma = WHERE(is_positive, one, e) / (1.0f + e);
    if (softplus == NULL)
        return;
    const FLOATS s = e / (2.0f + e), q = s * s;
    FLOATS p = q * (2 / 13.0f) + 2 / 11.0f;
    p = p * q + 2 / 9.0f;
    p = p * q + 2 / 7.0f;
    p = p * q + 2 / 5.0f;
    p = p * q + 2 / 3.0f;
    p = p * q + 2.0f;
    *softplus = p * s + AT_LEAST_ZERO(*t);
}

/* Logistic loss (Yu, Huang, Lin: Dual coordinate descent methods for logistic regression and
 * maximum entropy models, 2011), 0 < alpha < C. The best alpha of one row alone solves log(alpha /
 * (C - alpha)) + |x|^2 (alpha - alpha_0) + y f = 0. We look for t = log(alpha / (C - alpha))
 * instead: t + |x|^2 C sigma(t) rises with a slope of at least 1, has its root in a known bracket,
 * and needs no care near 0 and C. Newton starts at -y f, where the root is at the optimum. The
 * row's share of the gap is C times the divergence of alpha / C from q = sigma(-y f), which we
 * bound from above without logarithms of alpha: by its chi-square, and by leaving the entropy out.
 */
static inline TARGET void KERNEL(step_logistic)(FLOATS *dual, struct KERNEL(lanes) * lanes,
                                                const struct KERNEL(step) * step)
{
    const FLOATS y = step->y, cost = step->cost;
    const FLOATS is_task = y * y;
    const FLOATS alpha = y * step->dual;
    const FLOATS slope = cost * step->square;
    FLOATS t = -(y * step->f), sigma, softplus;
    const FLOATS goal = alpha * step->square + t;
    FLOATS low = goal - slope, high = goal;
    KERNEL(sigmoid)(&sigma, &softplus, &t);
    const FLOATS loss = cost * softplus * is_task;
    const FLOATS off = alpha - cost * sigma;
    const FLOATS chi = off * off / (cost * sigma * (1.0f - sigma) + 1e-30f);
    const FLOATS loose = cost * softplus - alpha * t;
    lanes->gap += WHERE(chi < loose, chi, loose) * is_task;
    lanes->primal += loss + step->dual * step->f * 0.5f;
    /* A hundredth of the first residue is near enough, and so is what float32 cannot tell from 0. A
     * lane that is there stands still, so that how long others take does not change it. */
    FLOATS rest = t + slope * sigma - goal;
    const FLOATS least = (slope + WHERE(goal > 0, goal, -goal)) * 4e-7f;
    const FLOATS enough = rest * rest * 1e-4f + least * least;
    for (int i = 0; i < NEWTON_STEPS; i++) {
        const INTS goes_on = rest * rest > enough;
        if (!KERNEL(is_any)(&goes_on))
            break;
        low = WHERE(rest > 0, low, t);
        high = WHERE(rest > 0, t, high);
        const FLOATS newton = t - rest / (1.0f + slope * sigma * (1.0f - sigma));
        const FLOATS next = WHERE((newton <= low) | (newton >= high), (low + high) * 0.5f, newton);
        t = WHERE(goes_on, next, t);
        KERNEL(sigmoid)(&sigma, NULL, &t);
        rest = t + slope * sigma - goal;
    }
    *dual = y * cost * sigma;
}

static TARGET void KERNEL(load)(struct KERNEL(lanes) * lanes, const struct block_unit *unit)
{
    memset(lanes, 0, sizeof *lanes);
    for (size_t j = 0; j < LANES; j++) {
        lanes->positive_cost[j] = unit->lanes[j].positive_cost;
        lanes->negative_cost[j] = unit->lanes[j].negative_cost;
        lanes->moves[j] = unit->lanes[j].state == LANE_ACTIVE ? 1.0f : 0.0f;
        lanes->bias[j] = unit->lanes[j].bias;
    }
}

/* Moves what was added up in float32 over a few hundred rows to float64, and the centre of the bias
 * to where the bias is. */
static TARGET void KERNEL(flush)(struct KERNEL(lanes) * lanes, struct block_unit *unit,
                                 const struct block_rows *rows, double *dual_sum)
{
    for (size_t j = 0; j < LANES; j++) {
        struct block_lane *lane = &unit->lanes[j];
        lane->gap += (double)lanes->gap[j];
        lane->primal += (double)lanes->primal[j];
        lane->dual_sum += (double)lanes->delta[j];
        dual_sum[j] += (double)lanes->dual[j];
        if (lane->state == LANE_ACTIVE)
            lanes->bias[j] += (float)block_recentre(rows, lane, (double)lanes->bias[j]);
    }
    lanes->gap = lanes->primal = lanes->dual = lanes->delta = (FLOATS){0};
}

static TARGET void KERNEL(store)(const struct KERNEL(lanes) * lanes, struct block_unit *unit,
                                 const double *dual_sum)
{
    for (size_t j = 0; j < LANES; j++) {
        if (unit->lanes[j].state != LANE_ACTIVE)
            continue;
        unit->lanes[j].bias = lanes->bias[j];
        /* Better than what many small additions have made of it. */
        unit->lanes[j].dual_sum = dual_sum[j];
    }
}

static inline TARGET void KERNEL(squares)(struct KERNEL(step) * step, const struct block_unit *unit,
                                          const struct block_rows *rows, size_t i)
{
    if (unit->scale_square == NULL) {
        step->square = (FLOATS){0} + rows->square[i];
        step->own_square = (FLOATS){0} + rows->own_square[i];
    } else {
        step->square = *(const FLOATS *)(unit->square + i * LANES);
        step->own_square = *(const FLOATS *)(unit->own_square + i * LANES);
    }
}

static inline TARGET void KERNEL(visit)(struct KERNEL(lanes) * lanes, struct block_unit *unit,
                                        const struct block_rows *rows, size_t i,
                                        enum block_loss loss)
{
    struct KERNEL(step) step;
    KERNEL(squares)(&step, unit, rows, i);
    KERNEL(bytes) y;
    memcpy(&y, unit->y + i * LANES, sizeof y);
    FLOATS *dual = (FLOATS *)(unit->dual + i * LANES);
    step.y = __builtin_convertvector(y, FLOATS);
    step.dual = *dual;
    step.cost = WHERE(step.y > 0, lanes->positive_cost, lanes->negative_cost) * rows->weight[i];
    KERNEL(decide)(&step.f, rows->x, rows->begin[i], rows->end[i], unit->w);
    step.f += lanes->bias + step.dual * step.own_square;
    FLOATS moved;
    if (loss == BLOCK_LOGISTIC)
        KERNEL(step_logistic)(&moved, lanes, &step);
    else
        KERNEL(step_hinge)(&moved, lanes, &step, loss == BLOCK_SQUARED_HINGE);
    const FLOATS delta = (moved - step.dual) * lanes->moves;
    const INTS changed = delta != 0;
    if (KERNEL(is_any)(&changed)) {
        *dual = step.dual + delta;
        lanes->bias += delta * rows->near_square;
        lanes->delta += delta;
        if (unit->scale_square == NULL)
            KERNEL(add)(unit->w, rows->x, rows->begin[i], rows->end[i], &delta);
        else
            KERNEL(add_scaled)
        (unit->w, unit->scale_square, rows->x, rows->begin[i], rows->end[i], &delta);
    }
    lanes->dual += *dual;
}

static TARGET void KERNEL(pass)(struct block_unit *unit, const struct block_rows *rows,
                                const uint32_t *order, enum block_loss loss)
{
    struct KERNEL(lanes) lanes;
    double dual_sum[LANES] = {0};
    KERNEL(load)(&lanes, unit);
    for (size_t q = 0; q < rows->n; q++) {
        if (q + AHEAD < rows->n)
            prefetch_row(unit, rows, order[q + AHEAD]);
        if (q + 1 < rows->n)
            KERNEL(prefetch)(unit->w, rows->x, rows->begin[order[q + 1]], rows->end[order[q + 1]]);
        KERNEL(visit)(&lanes, unit, rows, order[q], loss);
        if (q % FLUSH_EVERY == FLUSH_EVERY - 1)
            KERNEL(flush)(&lanes, unit, rows, dual_sum);
    }
    KERNEL(flush)(&lanes, unit, rows, dual_sum);
    KERNEL(store)(&lanes, unit, dual_sum);
}

#undef FLOATS
#undef INTS
#undef WHERE
#undef AT_LEAST_ZERO
