/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: scikit-learn 1.2.1's IsotonicRegression(out_of_bounds="clip") on Platt's
 * targets (N+ + 1) / (N+ + 2) and 1 / (N- + 2). */
#include "learn/calibrate_field.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%.12g, expected %.12g", got, expected);
}

static void agrees_with_scikit_learn(void **state)
{
    (void)state;
    static const float scores[] = {1.8f,  0.4f,  0.1f,  -1.9f, -0.3f, -0.4f, -0.1f, -0.6f,
                                   -0.0f, -0.5f, -1.3f, 0.9f,  0.9f,  1.7f,  0.1f,  -0.4f,
                                   -0.5f, -1.5f, 1.0f,  -1.1f, -1.2f, -0.2f, 1.5f,  0.2f};
    static const uint8_t gold[] = {1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1,
                                   1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 1};
    static const struct {
        double score, probability;
    } EXPECTED[] = {{-9, 0.076923076923},   {-1.25, 0.076923076923}, {-1, 0.076923076923},
                    {-0.5, 0.248205128205}, {-0.3, 0.248205158833},  {0, 0.933333333333},
                    {0.45, 0.933333333333}, {2.05, 0.933333333333},  {9, 0.933333333333}};
    struct curve curve;
    assert_int_equal(calibrate_isotonic(&curve, scores, 1, gold, 1, 24, NULL), 0);
    for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++)
        assert_near(curve_at(&curve, EXPECTED[i].score), EXPECTED[i].probability, 1e-6);
    for (size_t i = 1; i < curve.n; i++)
        assert_true(curve.score[i] > curve.score[i - 1] &&
                    curve.probability[i] >= curve.probability[i - 1]);
    curve_free(&curve);
}

static void what_says_nothing_is_flat(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        float scores[4];
        uint8_t gold[4];
        double rate;
    } CASES[] = {
        {"all positive", {1, 2, 3, 4}, {1, 1, 1, 1}, 5 / 6.0},
        {"all negative", {1, 2, 3, 4}, {0, 0, 0, 0}, 1 / 6.0},
        {"one score", {5, 5, 5, 5}, {1, 0, 1, 0}, (3 / 4.0 + 1 / 4.0) / 2},
        {"upside down", {4, 3, 2, 1}, {0, 0, 1, 1}, (3 / 4.0 + 1 / 4.0) / 2},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct curve curve;
        assert_int_equal(calibrate_isotonic(&curve, CASES[i].scores, 1, CASES[i].gold, 1, 4, NULL),
                         0);
        for (double f = -10; f < 10; f++)
            assert_near(curve_at(&curve, f), CASES[i].rate, 1e-12);
        curve_free(&curve);
    }
}

static void bad_scores_are_refused(void **state)
{
    (void)state;
    const float scores[] = {1, NAN, 2};
    const uint8_t gold[] = {1, 0, 1};
    struct curve curve;
    sikap_error err = {0};
    assert_int_equal(calibrate_isotonic(&curve, scores, 1, gold, 1, 3, &err), SIKAP_DATA);
    assert_string_equal(err.message, "the score of document 1 is not a finite number");
    assert_int_equal(curve.n, 0);
    assert_int_equal(calibrate_isotonic(&curve, scores, 1, gold, 1, 0, &err), SIKAP_DATA);
}

/* ---- the choice, and certainties ---- */

enum { N = 3000 };

struct sample {
    float scores[N];
    uint8_t gold[N];
    uint32_t fold[N];
};

static double draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* Scores even over [-3, 3]; their probability a sigmoid, or 0.15 and 0.85 about a step, on which no
 * sigmoid can lie. */
static void make_sample(struct sample *s, int is_step)
{
    uint64_t state = 9;
    for (size_t i = 0; i < N; i++) {
        const double f = 6 * draw(&state) - 3;
        const double p = is_step ? (f > 0 ? 0.85 : 0.15) : 1 / (1 + exp(-1.5 * f));
        s->scores[i] = (float)f;
        s->gold[i] = draw(&state) < p;
        s->fold[i] = (uint32_t)(i % 5);
    }
}

static sikap_model *one_label(int is_multi)
{
    sikap_model *m;
    assert_int_equal(model_new(&m, NULL), 0);
    m->fields = memory_zero(1, sizeof *m->fields);
    m->labels = memory_zero(2, sizeof *m->labels);
    m->threshold = memory_zero(2, sizeof *m->threshold);
    m->platt_a = memory_zero(2, sizeof *m->platt_a);
    m->platt_b = memory_zero(2, sizeof *m->platt_b);
    m->curves = memory_zero(2, sizeof *m->curves);
    m->n_fields = 1;
    m->n_labels = is_multi ? 1 : 2;
    m->fields[0].n = m->n_labels;
    m->fields[0].is_multi = is_multi;
    return m;
}

static void auto_takes_what_fits(void **state)
{
    (void)state;
    static const struct {
        enum calibration kind;
        int is_step;
        size_t n;
        int isotonic;
    } CASES[] = {
        {CALIBRATE_AUTO, 1, N, 1},   {CALIBRATE_AUTO, 0, N, 0},
        {CALIBRATE_AUTO, 1, 150, 0}, /* fewer than CALIBRATE_LEAST of a kind */
        {CALIBRATE_PLATT, 1, N, 0},  {CALIBRATE_ISOTONIC, 0, 40, 1},
    };
    struct sample *s = malloc(sizeof *s);
    assert_non_null(s);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        make_sample(s, CASES[i].is_step);
        const struct threshold_input input = {s->scores, 1, s->gold, s->fold, CASES[i].n, 1, 5};
        sikap_model *m = one_label(1);
        assert_int_equal(calibrate_field(m, &m->fields[0], &input, CASES[i].kind, NULL), 0);
        if ((m->curves[0].n > 0) != CASES[i].isotonic)
            fail_msg("case %zu: %zu points", i, m->curves[0].n);
        const float f = 1.5f;
        double p;
        sikap_probabilities(m, &f, &p);
        if (CASES[i].n == N && CASES[i].isotonic)
            assert_near(p, 0.85, 0.05);
        sikap_model_free(m);
    }
    free(s);
}

static void certainties_are_quantiles(void **state)
{
    (void)state;
    /* A single field of two labels without probabilities: the lead is |f0 - f1| = 0, 1 … 100. */
    float scores[101 * 2];
    uint8_t gold[101 * 2] = {0};
    uint32_t fold[101] = {0};
    for (size_t i = 0; i < 101; i++) {
        scores[2 * i] = (float)((i * 37) % 101);
        scores[2 * i + 1] = 0;
    }
    const struct threshold_input input = {scores, 2, gold, fold, 101, 2, 2};
    sikap_model *m = one_label(0);
    assert_int_equal(calibrate_certainty(m, &m->fields[0], &input, NULL), 0);
    assert_near(sikap_model_certainty(m, 0, 1), 0, 1e-12);
    assert_near(sikap_model_certainty(m, 0, 0.9), 10, 1e-9);
    assert_near(sikap_model_certainty(m, 0, 0.555), 44.5, 1e-9);
    assert_near(sikap_model_certainty(m, 0, 0), 100, 1e-12);
    assert_true(isnan(sikap_model_certainty(m, 0, 1.1)));
    const float one[] = {-3, 4};
    double certainty;
    assert_int_equal(sikap_certainty(m, one, &certainty, NULL), 0);
    assert_near(certainty, 7, 1e-12);
    sikap_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_scikit_learn), cmocka_unit_test(what_says_nothing_is_flat),
        cmocka_unit_test(bad_scores_are_refused), cmocka_unit_test(auto_takes_what_fits),
        cmocka_unit_test(certainties_are_quantiles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
