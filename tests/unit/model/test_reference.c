/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/reference.h"

/* 40 values 0 to 39: bins of two, cut behind the odd ones. */
static void even_bins(void **state)
{
    (void)state;
    float values[40];
    for (int i = 0; i < 40; i++)
        values[i] = (float)((i * 7) % 40); /* any order */
    struct reference_quantity q;
    reference_fit(&q, values, 40);
    for (int k = 0; k < REFERENCE_EDGES; k++)
        assert_true(q.edges[k] == (float)(2 * k + 1));
    for (int k = 0; k < REFERENCE_BINS; k++)
        assert_int_equal(q.counts[k], 2);
    assert_int_equal(reference_bin(&q, -1e30F), 0);
    assert_int_equal(reference_bin(&q, 1), 0);
    assert_int_equal(reference_bin(&q, 1.5F), 1);
    assert_int_equal(reference_bin(&q, 1e30F), REFERENCE_BINS - 1);
}

/* Values that are mostly alike fill one bin; fewer values than bins still have all their counts. */
static void odd_bins(void **state)
{
    (void)state;
    float same[30], few[3] = {3, 1, 2};
    for (int i = 0; i < 30; i++)
        same[i] = i < 27 ? 0 : 5;
    struct reference_quantity q;
    reference_fit(&q, same, 30);
    assert_int_equal(q.counts[0], 27);
    assert_int_equal(reference_bin(&q, 5), REFERENCE_EDGES - 1);
    reference_fit(&q, few, 3);
    uint32_t sum = 0;
    for (int k = 0; k < REFERENCE_BINS; k++)
        sum += q.counts[k];
    assert_int_equal(sum, 3);
    for (int k = 1; k < REFERENCE_EDGES; k++)
        assert_true(q.edges[k] >= q.edges[k - 1]);
    reference_fit(&q, NULL, 0);
    assert_int_equal(q.counts[0], 0);
}

/* Probabilities by hand: 1/2 has a bit; 1/4 has 2 - 3/4 log2 3. Platt: 1 / (1 + e^(a f + b)). */
static void uncertainty(void **state)
{
    (void)state;
    float thresholds[] = {0.25F, -1, 0, 0, 0};
    double a[] = {-2, -1, -1, -1, -1}, b[] = {0.5, -1, 0, 0, 0};
    struct model_field fields[] = {{.is_multi = 1, .first = 0, .n = 2, .calibrated = 1},
                                   {.is_multi = 0, .first = 2, .n = 3, .calibrated = 1}};
    const sikap_model m = {.fields = fields,
                           .n_fields = 2,
                           .n_labels = 5,
                           .threshold = thresholds,
                           .platt_a = a,
                           .platt_b = b};
    const double quarter = 2 - 0.75 * log2(3);
    /* At 1/2, and with log odds -ln 3 at 1/4. */
    const float scores[] = {0.25F, (float)(-1 - log(3)), 0, 0, (float)-log(3)};
    assert_true(fabs(reference_uncertainty(&m, 0, scores) - (1 + quarter)) < 1e-6);
    /* 1/2, 1/2, 1/4 made to add up to 1: 0.4, 0.4, 0.2. */
    const double single = -0.8 * log2(0.4) - 0.2 * log2(0.2);
    assert_true(fabs(reference_uncertainty(&m, 1, scores) - single) < 1e-6);
    /* Sure of everything: nothing is undecided, and nothing is not a number. */
    const float sure[] = {1e6F, -1e6F, 1e6F, -1e6F, -1e6F};
    assert_true(reference_uncertainty(&m, 0, sure) == 0);
    assert_true(fabs(reference_uncertainty(&m, 1, sure)) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(even_bins), cmocka_unit_test(odd_bins),
                                       cmocka_unit_test(uncertainty)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
