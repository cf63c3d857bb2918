/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loop of prediction: sums of weight rows. One body, compiled for three instruction sets
 * and chosen at run time. Without fused multiply-add each lane rounds alike everywhere. */
#include "model/score.h"

#include <string.h>

enum { AHEAD = 12 };

#define ROWS_8(NAME, TARGET)                                                                       \
    TARGET static void NAME(const int8_t *restrict rows, const float *restrict scale,              \
                            size_t stride, const uint32_t *restrict terms,                         \
                            const float *restrict values, size_t n, float *restrict acc)           \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            if (i + AHEAD < n)                                                                     \
                score_prefetch_row(rows + (size_t)terms[i + AHEAD] * stride, stride);              \
            const int8_t *restrict row = rows + (size_t)terms[i] * stride;                         \
            const float x = values[i] * scale[terms[i]];                                           \
            for (size_t base = 0; base < stride; base += MODEL_LANES)                              \
                for (size_t l = 0; l < MODEL_LANES; l++)                                           \
                    acc[base + l] += x * (float)row[base + l];                                     \
        }                                                                                          \
    }

#define ROWS_32(NAME, TARGET)                                                                      \
    TARGET static void NAME(const float *restrict rows, size_t stride,                             \
                            const uint32_t *restrict terms, const float *restrict values,          \
                            size_t n, float *restrict acc)                                         \
    {                                                                                              \
        for (size_t i = 0; i < n; i++) {                                                           \
            if (i + AHEAD < n)                                                                     \
                score_prefetch_row(rows + (size_t)terms[i + AHEAD] * stride,                       \
                                   stride * sizeof *rows);                                         \
            const float *restrict row = rows + (size_t)terms[i] * stride;                          \
            const float x = values[i];                                                             \
            for (size_t base = 0; base < stride; base += MODEL_LANES)                              \
                for (size_t l = 0; l < MODEL_LANES; l++)                                           \
                    acc[base + l] += x * row[base + l];                                            \
        }                                                                                          \
    }

ROWS_8(rows_8_portable, )
ROWS_32(rows_32_portable, )
#if defined(__x86_64__)
#if defined(__clang__)
#define WIDE "avx512f,avx512bw,avx512vl"
#else
#define WIDE "avx512f,avx512bw,avx512vl,prefer-vector-width=512"
#endif
ROWS_8(rows_8_avx2, __attribute__((target("avx2"))))
ROWS_32(rows_32_avx2, __attribute__((target("avx2"))))
ROWS_8(rows_8_avx512, __attribute__((target(WIDE))))
ROWS_32(rows_32_avx512, __attribute__((target(WIDE))))
#endif

score_rows_8 *score_kernel_8(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return rows_8_avx512;
    if (__builtin_cpu_supports("avx2"))
        return rows_8_avx2;
#endif
    return rows_8_portable;
}

score_rows_32 *score_kernel_32(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return rows_32_avx512;
    if (__builtin_cpu_supports("avx2"))
        return rows_32_avx2;
#endif
    return rows_32_portable;
}
