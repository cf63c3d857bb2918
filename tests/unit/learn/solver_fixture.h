/* SPDX-License-Identifier: Apache-2.0 */
/* Problems for the solver tests: given ones, and random ones that look like text: columns by
 * falling frequency, many of them in one row only, rows of length 1. */
#ifndef TEST_SOLVER_FIXTURE_H
#define TEST_SOLVER_FIXTURE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "learn/solver.h"

/* In float64, and never true of NaN. The macros of cmocka must be known where it is used. */
#define assert_near(a, b, tolerance) assert_true(fabs((double)(a) - (double)(b)) <= (tolerance))

struct fixture {
    struct matrix x;
    int8_t *targets;
    struct problem problem;
    struct solution solution;
    double *objective;
};

static inline uint32_t fixture_draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static inline void *fixture_zero(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);
    if (p == NULL)
        abort();
    return p;
}

static inline void fixture_results(struct fixture *f)
{
    const size_t n_tasks = f->problem.n_tasks;
    f->solution.weights = fixture_zero(f->x.n_columns * n_tasks, sizeof(float));
    f->solution.bias = fixture_zero(n_tasks, sizeof(float));
    f->solution.objective = fixture_zero(n_tasks, sizeof(double));
    f->solution.iterations = fixture_zero(n_tasks, sizeof(size_t));
    f->solution.dual = fixture_zero(f->problem.n_rows * n_tasks, sizeof(float));
    memset(f->solution.weights, 0x7f, f->x.n_columns * n_tasks * sizeof(float));
}

/* From dense rows; zeros are left out. */
static inline void fixture_dense(struct fixture *f, const float *rows, const int8_t *targets,
                                 size_t n_rows, size_t n_columns, size_t n_tasks)
{
    memset(f, 0, sizeof *f);
    f->x.n_rows = n_rows;
    f->x.n_columns = n_columns;
    f->x.start = fixture_zero(n_rows + 1, sizeof(size_t));
    f->x.columns = fixture_zero(n_rows * n_columns, sizeof(uint32_t));
    f->x.values = fixture_zero(n_rows * n_columns, sizeof(float));
    size_t n = 0;
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t c = 0; c < n_columns; c++) {
            if (rows[i * n_columns + c] != 0) {
                f->x.columns[n] = (uint32_t)c;
                f->x.values[n++] = rows[i * n_columns + c];
            }
        }
        f->x.start[i + 1] = n;
    }
    f->targets = fixture_zero(n_rows * n_tasks, 1);
    memcpy(f->targets, targets, n_rows * n_tasks);
    f->problem =
        (struct problem){.x = &f->x, .n_rows = n_rows, .n_tasks = n_tasks, .targets = f->targets};
    fixture_results(f);
}

/* One row in `gaps` is not annotated for a task (0: all are). Task l is positive in about one row
 * of l + 3, by the columns the row has. */
static inline void fixture_random(struct fixture *f, size_t n_rows, size_t n_columns,
                                  size_t n_tasks, unsigned gaps, uint64_t seed)
{
    float *rows = fixture_zero(n_rows * n_columns, sizeof(float));
    int8_t *targets = fixture_zero(n_rows * n_tasks, 1);
    uint64_t state = seed;
    for (size_t i = 0; i < n_rows; i++) {
        float *row = rows + i * n_columns;
        double square = 0;
        for (size_t k = 0; k < 12; k++) {
            const double u = fixture_draw(&state) / 2147483648.0;
            row[(size_t)(u * u * u * (double)n_columns)] =
                (float)(0.5 + fixture_draw(&state) / 2147483648.0);
        }
        for (size_t c = 0; c < n_columns; c++)
            square += (double)row[c] * (double)row[c];
        uint64_t mark = 0;
        for (size_t c = 0; c < n_columns; c++) {
            row[c] = (float)((double)row[c] / sqrt(square));
            mark += row[c] > 0 ? c * c + 1 : 0;
        }
        for (size_t l = 0; l < n_tasks; l++) {
            const int noise = fixture_draw(&state) % 8 == 0;
            targets[i * n_tasks + l] = (mark % (l + 3) == 0) != noise ? 1 : -1;
            if (gaps > 0 && fixture_draw(&state) % gaps == 0)
                targets[i * n_tasks + l] = 0;
        }
    }
    fixture_dense(f, rows, targets, n_rows, n_columns, n_tasks);
    free(rows);
    free(targets);
}

static inline void fixture_free(struct fixture *f)
{
    free(f->x.start);
    free(f->x.columns);
    free(f->x.values);
    free(f->targets);
    free(f->solution.weights);
    free(f->solution.bias);
    free(f->solution.objective);
    free(f->solution.iterations);
    free(f->solution.dual);
    memset(f, 0, sizeof *f);
}

#endif
