/* SPDX-License-Identifier: Apache-2.0 */
/* Weights as they are rounded to 8 bits, against C's own rounding, one by one. */
#include "model/model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"

enum { MOST = 45, ROUNDS = 200 };

static void check_row(const float *weights, size_t n)
{
    sikap_model m = {.n_outputs = n, .stride = (n + MODEL_LANES - 1) / MODEL_LANES * MODEL_LANES};
    assert_int_equal(model_new_weights(&m, 1, 8, NULL), 0);
    memset(m.rows, 0x55, m.stride);
    model_set_row(&m, 0, weights);
    float largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fabsf(weights[i]) > largest ? fabsf(weights[i]) : largest;
    const float scale = largest / 127;
    assert_true(m.scale[0] == scale);
    for (size_t i = 0; i < m.stride; i++)
        assert_int_equal(m.rows[i], i < n && largest > 0 ? lrintf(weights[i] / scale) : 0);
    memory_free(m.rows);
    memory_free(m.scale);
    memory_free(m.bias);
}

static void rows_are_rounded_to_the_nearest(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 11, 0);
    for (size_t n = 1; n <= MOST; n++)
        for (size_t round = 0; round < ROUNDS; round++) {
            float weights[MOST];
            for (size_t i = 0; i < n; i++)
                weights[i] = (float)random_below(&random, 200001) / 1e5F - 1;
            if (round % 10 == 3)
                weights[n / 2] = round % 20 == 3 ? -4e30F : 1e-38F;
            check_row(weights, n);
        }
}

/* What lies half way between two numbers goes to the even one. */
static void halves_go_to_even(void **state)
{
    (void)state;
    float weights[MOST] = {127};
    for (size_t i = 1; i < MOST; i++)
        weights[i] = (float)i - 20.5F;
    check_row(weights, MOST);
}

static void zeros_have_no_scale(void **state)
{
    (void)state;
    const float weights[MOST] = {0};
    check_row(weights, MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_rounded_to_the_nearest),
        cmocka_unit_test(halves_go_to_even),
        cmocka_unit_test(zeros_have_no_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
