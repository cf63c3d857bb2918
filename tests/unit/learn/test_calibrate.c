/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: scipy's minimiser on the same objective (reference_threshold.py). */
#include "learn/calibrate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "learn/threshold_case.h"

static void assert_near(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-7 * fmax(fabs(expected), 1e-30)))
        fail_msg("%.17g, expected %.17g", got, expected);
}

static void agrees_with_scipy(void **state)
{
    (void)state;
    static const struct {
        uint32_t seed;
        size_t n, label;
        double factor, offset, a, b;
    } CASES[] = {
        {1, 400, 0, 1, 0, -1.43737286812, -0.482623356408},            /* 169 positives */
        {1, 400, 3, 1, 0, -1.64893228096, 1.77186146358},              /* 30 positives */
        {1, 400, 5, 1, 0, -2.02816990144, 3.26207158497},              /* 8 positives */
        {2, 40, 1, 1e+06, -5e+06, -2.06998118482e-06, -9.68868234138}, /* 10 positives */
        {2, 40, 1, 1e-06, 3e-06, -2069981.24029, 6.87116722988},       /* 10 positives */
    };
    struct threshold_case c;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        case_make(&c, CASES[i].seed, CASES[i].n, 6, 5, 50);
        for (size_t k = 0; k < CASES[i].n * 6; k++)
            c.scores[k] = (float)((double)c.scores[k] * CASES[i].factor + CASES[i].offset);
        double a, b;
        assert_int_equal(calibrate_platt(&a, &b, c.scores + CASES[i].label, 6,
                                         c.gold + CASES[i].label, 6, CASES[i].n, NULL),
                         SIKAP_OK);
        assert_near(a, CASES[i].a);
        assert_near(b, CASES[i].b);
    }
}

static double probability(double a, double b, double f)
{
    return 1 / (1 + exp(a * f + b));
}

static void two_scores_get_their_target_rates(void **state)
{
    (void)state;
    /* Two points have a curve through both. 4 of 5 at +1, 1 of 5 at -1: targets 6/7 and 1/7, so the
     * rates are (4 * 6/7 + 1/7) / 5 = 5/7 and 2/7. */
    const float scores[] = {1, 1, 1, 1, 1, -1, -1, -1, -1, -1};
    const uint8_t gold[] = {1, 1, 9, 1, 0, 0, 0, 1, 0, 0};
    double a, b;
    assert_int_equal(calibrate_platt(&a, &b, scores, 1, gold, 1, 10, NULL), SIKAP_OK);
    assert_near(a, -log(5.0 / 2.0));
    assert_true(fabs(b) < 1e-10);
    assert_near(probability(a, b, 1), 5.0 / 7);
}

static void what_says_nothing_is_flat(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        float scores[6];
        uint8_t gold[6];
        double rate;
    } CASES[] = {
        {"all positive", {1, 2, 3, -1, -2, -3}, {1, 1, 1, 1, 1, 1}, 7.0 / 8},
        {"all negative", {1, 2, 3, -1, -2, -3}, {0, 0, 0, 0, 0, 0}, 1.0 / 8},
        {"one score", {5, 5, 5, 5, 5, 5}, {1, 0, 0, 0, 0, 1}, (2 * 3.0 / 4 + 4 / 6.0) / 6},
        {"one score, not a round one",
         {0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f},
         {1, 0, 0, 0, 0, 1},
         (2 * 3.0 / 4 + 4 / 6.0) / 6},
        {"upside down", {-3, 3, 2, 1, 2, -2}, {1, 0, 0, 0, 0, 1}, (2 * 3.0 / 4 + 4 / 6.0) / 6},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        double a, b;
        assert_int_equal(calibrate_platt(&a, &b, CASES[i].scores, 1, CASES[i].gold, 1, 6, NULL),
                         SIKAP_OK);
        if (a != 0)
            fail_msg("%s: a is %g", CASES[i].what, a);
        assert_near(probability(a, b, 1e6), CASES[i].rate);
    }
}

static void clean_separation_stays_finite(void **state)
{
    (void)state;
    /* The targets 3/4 and 1/4 hold the curve back: it goes through them. */
    const float near[] = {1, 1, -1, -1}, far[] = {3e38f, 3e38f, -3e38f, -3e38f},
                tiny[] = {1e-40f, 1e-40f, -1e-40f, -1e-40f};
    const uint8_t gold[] = {1, 1, 0, 0};
    const float *const cases[] = {near, far, tiny};
    for (size_t i = 0; i < 3; i++) {
        double a, b;
        assert_int_equal(calibrate_platt(&a, &b, cases[i], 1, gold, 1, 4, NULL), SIKAP_OK);
        assert_true(isfinite(a) && isfinite(b) && a < 0);
        assert_near(probability(a, b, (double)cases[i][0]), 3.0 / 4);
        assert_near(probability(a, b, (double)cases[i][2]), 1.0 / 4);
    }
}

static void newton_steps_that_go_too_far_are_halved(void **state)
{
    (void)state;
    /* Seen from the rate of 2 in 1002, the curve is so flat that the first step overshoots. */
    static float scores[1002];
    static uint8_t gold[1002];
    for (size_t i = 0; i < 2; i++) {
        gold[i * 500] = 1;
        scores[i * 500] = 1;
    }
    double a, b;
    assert_int_equal(calibrate_platt(&a, &b, scores, 1, gold, 1, 1002, NULL), SIKAP_OK);
    assert_near(probability(a, b, 1), 3.0 / 4);
    assert_near(probability(a, b, 0), 1.0 / 1002);
}

static void one_far_score_does_not_break_it(void **state)
{
    (void)state;
    float scores[100];
    uint8_t gold[100];
    for (size_t i = 0; i < 100; i++) {
        gold[i] = i % 4 == 0;
        scores[i] = gold[i] != 0 ? 1 : -1;
    }
    scores[0] = 1e30f;
    double a, b;
    assert_int_equal(calibrate_platt(&a, &b, scores, 1, gold, 1, 100, NULL), SIKAP_OK);
    assert_true(isfinite(a) && isfinite(b) && a <= 0);
    assert_true(probability(a, b, 1) >= probability(a, b, -1));
}

static void wrong_input_is_refused(void **state)
{
    (void)state;
    const float scores[] = {1, NAN, INFINITY};
    const uint8_t gold[] = {1, 0, 0};
    double a = 5, b = 5;
    sikap_error err = {0};
    assert_int_equal(calibrate_platt(&a, &b, scores, 1, gold, 1, 2, &err), SIKAP_DATA);
    assert_string_equal(err.message, "the score of document 1 is not a finite number");
    assert_true(a == 0 && b == 0);
    assert_int_equal(calibrate_platt(&a, &b, scores, 2, gold, 1, 2, &err), SIKAP_DATA);
    assert_int_equal(calibrate_platt(&a, &b, scores, 1, gold, 1, 0, &err), SIKAP_DATA);
    assert_string_equal(err.message, "no document to learn probabilities from");
    assert_int_equal(calibrate_platt(&a, &b, scores, 1, gold, 1, 0, NULL), SIKAP_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scipy),
        cmocka_unit_test(two_scores_get_their_target_rates),
        cmocka_unit_test(what_says_nothing_is_flat),
        cmocka_unit_test(clean_separation_stays_finite),
        cmocka_unit_test(newton_steps_that_go_too_far_are_halved),
        cmocka_unit_test(one_far_score_does_not_break_it),
        cmocka_unit_test(wrong_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
