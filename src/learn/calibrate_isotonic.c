/* SPDX-License-Identifier: Apache-2.0 */
/* Pool adjacent violators on the sorted scores: blocks lie on a stack, and a block whose mean does
 * not rise above the one below is joined to it. Equal scores are one block from the start. */
#include "learn/calibrate.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

struct block {
    float low, high; /* its scores */
    double sum, n;   /* of its targets */
};

struct scored {
    float score;
    int is_positive;
};

static int by_score(const void *a, const void *b)
{
    const float x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;
    return (x > y) - (x < y);
}

static int sort_scores(struct scored *sorted, size_t *n_positive, const float *scores,
                       size_t stride, const uint8_t *gold, size_t gold_stride, size_t n,
                       sikap_error *err)
{
    *n_positive = 0;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (struct scored){scores[i * stride], gold[i * gold_stride] != 0};
        *n_positive += (size_t)sorted[i].is_positive;
        if (!isfinite(sorted[i].score))
            return error_set(err, SIKAP_DATA, NULL, 0,
                             "the score of document %zu is not a finite number", i);
    }
    qsort(sorted, n, sizeof *sorted, by_score);
    return 0;
}

static size_t pool_violators(struct block *blocks, const struct scored *sorted, size_t n,
                             double positive, double negative)
{
    size_t n_blocks = 0;
    for (size_t i = 0; i < n;) {
        struct block next = {sorted[i].score, sorted[i].score, 0, 0};
        for (; i < n && sorted[i].score == next.high; i++) {
            next.sum += sorted[i].is_positive ? positive : negative;
            next.n++;
        }
        while (n_blocks > 0 &&
               blocks[n_blocks - 1].sum * next.n >= next.sum * blocks[n_blocks - 1].n) {
            const struct block *last = &blocks[--n_blocks];
            next = (struct block){last->low, next.high, last->sum + next.sum, last->n + next.n};
        }
        blocks[n_blocks++] = next;
    }
    return n_blocks;
}

/* A block has a point at each end, or one where they are the same. */
static int make_curve(struct curve *out, const struct block *blocks, size_t n_blocks)
{
    out->score = memory_alloc(2 * n_blocks, sizeof *out->score);
    out->probability = memory_alloc(2 * n_blocks, sizeof *out->probability);
    if (out->score == NULL || out->probability == NULL)
        return -1;
    for (size_t b = 0; b < n_blocks; b++) {
        const double mean = blocks[b].sum / blocks[b].n;
        const float ends[2] = {blocks[b].low, blocks[b].high};
        for (size_t e = ends[0] < ends[1] ? 0 : 1; e < 2; e++) {
            out->score[out->n] = ends[e];
            out->probability[out->n++] = mean;
        }
    }
    return 0;
}

int calibrate_isotonic(struct curve *out, const float *scores, size_t stride, const uint8_t *gold,
                       size_t gold_stride, size_t n, sikap_error *err)
{
    *out = (struct curve){0, NULL, NULL};
    if (n == 0)
        return error_set(err, SIKAP_DATA, NULL, 0, "no document to learn probabilities from");
    struct scored *sorted = memory_alloc(n, sizeof *sorted);
    struct block *blocks = memory_alloc(n, sizeof *blocks);
    size_t n_positive = 0;
    int status = sorted == NULL || blocks == NULL
                     ? error_memory(err, "calibration")
                     : sort_scores(sorted, &n_positive, scores, stride, gold, gold_stride, n, err);
    if (status == 0) {
        const double positives = (double)n_positive, negatives = (double)(n - n_positive);
        const size_t n_blocks = pool_violators(blocks, sorted, n, (positives + 1) / (positives + 2),
                                               1 / (negatives + 2));
        if (make_curve(out, blocks, n_blocks) != 0)
            status = error_memory(err, "calibration");
    }
    if (status != 0)
        curve_free(out);
    memory_free(sorted);
    memory_free(blocks);
    return status;
}
