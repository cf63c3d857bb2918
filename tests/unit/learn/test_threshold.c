/* SPDX-License-Identifier: Apache-2.0 */
/* Small cases by trying every threshold there is; rules and forecasts against
 * reference_threshold.py, which follows the formulas label by label and cut by cut. */
#include "learn/threshold.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "learn/threshold_case.h"
#include "learn/threshold_cuts.h"
#include "learn/threshold_expected.h"
#include "learn/threshold_rules.h"

static void assert_near(double got, double expected)
{
    if (!(fabs(got - expected) <= 1e-9))
        fail_msg("%.17g, expected %.17g", got, expected);
}

struct pair {
    double micro, macro;
};

/* F1 of thresholds on all documents, counted cell by cell. */
static struct pair f1_of(const struct threshold_input *in, const float *threshold)
{
    double all_hits = 0, all_marked = 0, macro = 0;
    for (size_t l = 0; l < in->n_labels; l++) {
        double hits = 0, marked = 0;
        for (size_t i = 0; i < in->n; i++) {
            const int given = in->scores[i * in->stride + l] >= threshold[l];
            const int gold = in->gold[i * in->n_labels + l] != 0;
            hits += given && gold;
            marked += given + gold;
        }
        macro += marked > 0 ? 2 * hits / marked : 0;
        all_hits += hits;
        all_marked += marked;
    }
    return (struct pair){all_marked > 0 ? 2 * all_hits / all_marked : 0,
                         macro / (double)in->n_labels};
}

static double value_of(struct pair f1, enum threshold_objective objective)
{
    return (objective != OBJECTIVE_MACRO ? f1.micro : 0) +
           (objective != OBJECTIVE_MICRO ? f1.macro : 0);
}

static void global_is_the_best_of_all_thresholds(void **state)
{
    (void)state;
    struct threshold_case c;
    for (uint32_t seed = 1; seed <= 40; seed++)
        for (int objective = OBJECTIVE_BOTH; objective <= OBJECTIVE_MACRO; objective++) {
            const size_t n_labels = 1 + seed % 5;
            case_make(&c, seed, 10 + seed * 2, n_labels, 2 + seed % 3, 2 + seed);
            float threshold[10], same[10];
            assert_int_equal(threshold_learn(threshold, &c.input, THRESHOLD_GLOBAL,
                                             (enum threshold_objective)objective, NULL, NULL),
                             SIKAP_OK);
            double best = 0;
            for (size_t i = 0; i < c.input.n * n_labels; i++) {
                for (size_t l = 0; l < n_labels; l++)
                    same[l] = c.scores[i];
                best = fmax(best,
                            value_of(f1_of(&c.input, same), (enum threshold_objective)objective));
            }
            /* A label without positives is never given: that may even be better. */
            assert_true(value_of(f1_of(&c.input, threshold), (enum threshold_objective)objective) >=
                        best - 1e-9);
        }
}

/* More places than cuts are kept, so that the sweep over all of them has to find the best. */
static void global_is_exact_where_cuts_are_thinned(void **state)
{
    (void)state;
    enum { N = 3000 };
    float *scores = malloc(N * sizeof *scores);
    uint8_t *gold = malloc(N);
    uint32_t *fold = malloc(N * sizeof *fold);
    uint32_t draw = 6;
    for (size_t i = 0; i < N; i++) {
        gold[i] = case_draw(&draw, 2) == 0;
        scores[i] = (float)case_draw(&draw, 100000) / 1000 + (gold[i] != 0 ? 40 : 0);
        fold[i] = case_draw(&draw, 3);
    }
    const struct threshold_input in = {scores, 1, gold, fold, N, 1, 3};
    struct cuts *cuts;
    assert_int_equal(cuts_new(&cuts, &in, NULL), SIKAP_OK);
    assert_int_equal(cuts->n_cuts, CUTS_MOST + 1);
    float lowest = INFINITY;
    for (size_t i = 0; i < N; i++)
        lowest = gold[i] != 0 ? fminf(lowest, scores[i]) : lowest;
    for (size_t c = 0; c < cuts->n_cuts; c++) {
        uint32_t tp = 0, given = 0;
        for (size_t i = 0; i < N; i++)
            if (fold[i] == 1 && scores[i] >= cuts->cut[c]) {
                given++;
                tp += gold[i];
            }
        assert_int_equal(cuts->tp[cuts->n_cuts + c], tp);
        assert_int_equal(cuts->given[cuts->n_cuts + c], given);
        assert_true(c == 0 || cuts->cut[c] < cuts->cut[c - 1]);
    }
    assert_true(cuts->cut[CUTS_MOST] <= lowest);
    double kept = 0;
    for (size_t c = 0; c < cuts->n_cuts; c++)
        kept = fmax(kept, f1_of(&in, &cuts->cut[c]).micro);
    cuts_free(cuts);
    float threshold, at;
    assert_int_equal(
        threshold_learn(&threshold, &in, THRESHOLD_GLOBAL, OBJECTIVE_MICRO, NULL, NULL), SIKAP_OK);
    double best = 0;
    for (size_t i = 0; i < N; i++) {
        at = scores[i];
        best = fmax(best, f1_of(&in, &at).micro);
    }
    assert_true(kept < best - 1e-6);
    assert_near(f1_of(&in, &threshold).micro, best);
    free(scores);
    free(gold);
    free(fold);
}

/* A rule's thresholds by all folds. */
static void fit_rule(float *threshold, const struct threshold_input *in,
                     const struct threshold_rule *rule, double micro, double macro)
{
    struct cuts *cuts;
    struct fitting *fitting;
    uint32_t chosen[10];
    assert_int_equal(cuts_new(&cuts, in, NULL), SIKAP_OK);
    assert_int_equal(fitting_new(&fitting, cuts, micro, macro, NULL), SIKAP_OK);
    fitting_load(fitting, (1U << cuts->n_folds) - 1);
    fitting_fit(fitting, rule, chosen);
    for (size_t l = 0; l < in->n_labels; l++)
        threshold[l] = cuts->cut[chosen[l]];
    fitting_free(fitting);
    cuts_free(cuts);
}

static void fit_plain(float *threshold, const struct threshold_input *in, double micro,
                      double macro)
{
    static const struct threshold_rule PLAIN = {"", RULE_SHRUNK, 0};
    fit_rule(threshold, in, &PLAIN, micro, macro);
}

static void per_label_macro_is_each_labels_best(void **state)
{
    (void)state;
    struct threshold_case c;
    for (uint32_t seed = 100; seed < 130; seed++) {
        case_make(&c, seed, 30 + seed, 6, 2, 5 + seed % 40);
        float threshold[10], tried[10];
        fit_plain(threshold, &c.input, 0, 1);
        for (size_t l = 0; l < 6; l++)
            tried[l] = INFINITY;
        double sum = 0;
        for (size_t l = 0; l < 6; l++) {
            double best = 0;
            for (size_t i = 0; i < c.input.n; i++) {
                tried[l] = c.scores[i * 6 + l];
                best = fmax(best, f1_of(&c.input, tried).macro);
            }
            tried[l] = INFINITY;
            sum += best;
        }
        assert_near(f1_of(&c.input, threshold).macro, sum);
    }
}

/* All combinations of three labels' thresholds: cyclic search could stop short, we must not. */
static void per_label_micro_is_the_best_of_all_combinations(void **state)
{
    (void)state;
    struct threshold_case c;
    for (uint32_t seed = 200; seed < 230; seed++) {
        case_make(&c, seed, 12, 3, 2, 2 + seed % 9);
        float threshold[10], tried[3];
        fit_plain(threshold, &c.input, 1, 0);
        double best = 0;
        for (size_t i = 0; i < 13; i++)
            for (size_t j = 0; j < 13; j++)
                for (size_t k = 0; k < 13; k++) {
                    tried[0] = i < 12 ? c.scores[i * 3] : INFINITY;
                    tried[1] = j < 12 ? c.scores[j * 3 + 1] : INFINITY;
                    tried[2] = k < 12 ? c.scores[k * 3 + 2] : INFINITY;
                    best = fmax(best, f1_of(&c.input, tried).micro);
                }
        assert_near(f1_of(&c.input, threshold).micro, best);
    }
}

static void learning_agrees(const struct threshold_case *c, const struct expected *expected)
{
    float threshold[10];
    struct threshold_result result;
    assert_int_equal(
        threshold_learn(threshold, &c->input, THRESHOLD_AUTO, expected->objective, &result, NULL),
        SIKAP_OK);
    assert_int_equal(result.n_trials, N_THRESHOLD_RULES);
    for (size_t r = 0; r < result.n_trials; r++) {
        assert_string_equal(result.trials[r].rule, THRESHOLD_RULES[r].name);
        assert_near(result.trials[r].micro_f1, expected->trials[r][0]);
        assert_near(result.trials[r].macro_f1, expected->trials[r][1]);
    }
    assert_string_equal(result.rule, THRESHOLD_RULES[expected->winner].name);
    assert_int_equal(result.chosen, expected->winner == 1 ? THRESHOLD_GLOBAL : THRESHOLD_PER_LABEL);
    assert_near(result.micro_f1, expected->micro);
    assert_near(result.macro_f1, expected->macro);
    for (size_t l = 0; l < c->input.n_labels; l++)
        if (threshold[l] != expected->threshold[l])
            fail_msg("threshold of label %zu is %.9g, expected %.9g", l, (double)threshold[l],
                     (double)expected->threshold[l]);
}

static void auto_agrees_with_the_formulas(void **state)
{
    (void)state;
    struct threshold_case c;
    case_make(&c, 1, 120, 5, 4, 8);
    for (size_t i = 0; i < 3; i++)
        learning_agrees(&c, &FOUR_FOLDS[i]);
    case_make(&c, 7, 300, 8, 3, 40);
    for (size_t i = 0; i < 3; i++)
        learning_agrees(&c, &THREE_FOLDS[i]);
}

static void schemes_keep_to_their_rules(void **state)
{
    (void)state;
    struct threshold_case c;
    struct threshold_result result;
    float threshold[10];
    case_make(&c, 1, 120, 5, 4, 8);
    assert_int_equal(
        threshold_learn(threshold, &c.input, THRESHOLD_GLOBAL, OBJECTIVE_BOTH, &result, NULL),
        SIKAP_OK);
    assert_int_equal(result.chosen, THRESHOLD_GLOBAL);
    assert_int_equal(result.n_trials, 1);
    assert_near(result.micro_f1, FOUR_FOLDS[0].trials[1][0]); /* no choice: trial and forecast */
    assert_near(result.macro_f1, FOUR_FOLDS[0].trials[1][1]);
    for (size_t l = 1; l < 5; l++)
        assert_true(threshold[l] == threshold[0]);
    assert_int_equal(
        threshold_learn(threshold, &c.input, THRESHOLD_PER_LABEL, OBJECTIVE_BOTH, &result, NULL),
        SIKAP_OK);
    assert_int_equal(result.chosen, THRESHOLD_PER_LABEL);
    assert_int_equal(result.n_trials, N_THRESHOLD_RULES - 1);
    assert_near(result.trials[0].micro_f1, FOUR_FOLDS[0].trials[0][0]);
    assert_near(result.trials[1].micro_f1, FOUR_FOLDS[0].trials[2][0]);
}

static void equally_good_rules_give_way_to_the_first(void **state)
{
    (void)state;
    /* Two labels, each told apart at 0: all rules are perfect. */
    const float scores[] = {1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, 1, -1, -1};
    uint8_t gold[16];
    for (size_t i = 0; i < 16; i++)
        gold[i] = scores[i] > 0;
    const uint32_t fold[] = {0, 0, 1, 1, 0, 0, 1, 1};
    const struct threshold_input in = {scores, 2, gold, fold, 8, 2, 2};
    struct threshold_result result;
    float threshold[2];
    assert_int_equal(threshold_learn(threshold, &in, THRESHOLD_AUTO, OBJECTIVE_BOTH, &result, NULL),
                     SIKAP_OK);
    assert_string_equal(result.rule, "per label, shrunk by 256");
    assert_near(result.micro_f1, 1);
    assert_near(result.macro_f1, 1);
    assert_true(threshold[0] == 1 && threshold[1] == 1); /* nothing below that is kept */
}

static void noise_promises_nothing(void **state)
{
    (void)state;
    struct threshold_case c;
    case_make(&c, 11, 400, 10, 5, 1000);
    uint32_t draw = 6;
    for (size_t i = 0; i < 4000; i++) /* scores that know nothing of gold */
        c.scores[i] = (float)case_draw(&draw, 100000);
    for (size_t i = 0; i < 4000; i++)
        c.gold[i] = case_draw(&draw, 50) == 0;
    struct threshold_result result;
    float threshold[10];
    assert_int_equal(
        threshold_learn(threshold, &c.input, THRESHOLD_AUTO, OBJECTIVE_MACRO, &result, NULL),
        SIKAP_OK);
    /* Giving every label to all is worth 2 * 0.02 / 1.02 = 0.04; what fits the noise looks better.
     */
    assert_true(result.macro_f1 < 0.06);
    fit_plain(threshold, &c.input, 0, 1);
    assert_true(f1_of(&c.input, threshold).macro > 0.07);
}

static void labels_without_positives_are_never_given(void **state)
{
    (void)state;
    /* Column 1 has no positive; column 2 only gold, column 3 scores that say nothing. */
    static const float SCORES[6][4] = {{2, 9, 1, 0},      {-1, -5, 2, 0}, {3, 3e38f, 3, 0},
                                       {-2, -0.5f, 4, 0}, {4, 8, 5, 0},   {-3, 7, 6, 0}};
    static const uint8_t GOLD[6][4] = {{1, 0, 1, 1}, {0, 0, 1, 0}, {1, 0, 1, 0},
                                       {0, 0, 1, 1}, {1, 0, 1, 0}, {0, 0, 1, 0}};
    static const uint32_t FOLD[] = {0, 0, 1, 1, 2, 2};
    const struct threshold_input in = {SCORES[0], 4, GOLD[0], FOLD, 6, 4, 3};
    for (int scheme = THRESHOLD_AUTO; scheme <= THRESHOLD_PER_LABEL; scheme++)
        for (int objective = OBJECTIVE_BOTH; objective <= OBJECTIVE_MACRO; objective++) {
            float threshold[4];
            assert_int_equal(threshold_learn(threshold, &in, (enum threshold_scheme)scheme,
                                             (enum threshold_objective)objective, NULL, NULL),
                             SIKAP_OK);
            assert_true(threshold[1] > 3e38f);
        }
    /* A constant decision value of -1 stays a unit away. */
    const float constant[] = {-1, 1, -1, 2, -1, -2};
    const uint8_t gold[] = {0, 1, 0, 1, 0, 0};
    const struct threshold_input two = {constant, 2, gold, FOLD, 3, 2, 3};
    float threshold[2];
    assert_int_equal(threshold_learn(threshold, &two, THRESHOLD_AUTO, OBJECTIVE_MICRO, NULL, NULL),
                     SIKAP_OK);
    assert_true(threshold[0] == 0);
    const uint8_t nothing[6] = {0};
    const struct threshold_input none = {constant, 2, nothing, FOLD, 3, 2, 3};
    struct threshold_result result;
    assert_int_equal(
        threshold_learn(threshold, &none, THRESHOLD_AUTO, OBJECTIVE_BOTH, &result, NULL), SIKAP_OK);
    assert_true(threshold[0] == 0 && threshold[1] == 3);
    assert_near(result.micro_f1, 0);
}

static void thresholds_lie_between_scores(void **state)
{
    (void)state;
    static const struct {
        float above, below;
    } CASES[] = {
        {1, -1},
        {1.5f, 0.25f},
        {1, 0x1.fffffep-1f}, /* neighbours: nothing is between */
        {0x1p-149f, 0},
        {0x1p-149f, -0.0f},
        {-0.0f, -0x1p-149f},
        {-1, -0x1.000002p0f},
        {3e38f, -3e38f},
        {3.4028235e38f, 3.4028233e38f},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        /* A positive below everything keeps both scores of interest among the cells. */
        const float a = CASES[i].above, b = CASES[i].below;
        const float scores[] = {a, a, a, a, b, b, b, b, b, b, b, b, -3.4028235e38f};
        const uint8_t gold[] = {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        const uint32_t fold[] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
        const struct threshold_input in = {scores, 1, gold, fold, 13, 1, 2};
        float threshold;
        assert_int_equal(
            threshold_learn(&threshold, &in, THRESHOLD_AUTO, OBJECTIVE_BOTH, NULL, NULL), SIKAP_OK);
        assert_true(threshold <= a);
        assert_true(threshold > b);
        if (i < 2)
            assert_true(threshold == (a + b) / 2);
    }
}

static void both_zeros_are_one_score(void **state)
{
    (void)state;
    /* Between 0 and -0 no threshold can stand: 3 of 5 (F1 3/4) beats 2 of 4, not the 2 of 2 there
     * is not. */
    const float scores[] = {0, -0.0f, 0, -0.0f, -1, -2, -2};
    const uint8_t gold[] = {1, 0, 1, 0, 1, 0, 0};
    const uint32_t fold[] = {0, 1, 0, 1, 0, 1, 0};
    const struct threshold_input in = {scores, 1, gold, fold, 7, 1, 2};
    float threshold;
    assert_int_equal(
        threshold_learn(&threshold, &in, THRESHOLD_GLOBAL, OBJECTIVE_MICRO, NULL, NULL), SIKAP_OK);
    assert_true(threshold <= -1 && threshold > -2);
    fit_plain(&threshold, &in, 0, 1);
    assert_true(threshold <= -1 && threshold > -2);
}

static void an_empty_fold_changes_no_rule(void **state)
{
    (void)state;
    struct threshold_case c;
    for (size_t r = 0; r < N_THRESHOLD_RULES; r++) {
        float without[6], with[6];
        case_make(&c, 31, 150, 6, 3, 20);
        fit_rule(without, &c.input, &THRESHOLD_RULES[r], 1, 1);
        c.input.n_folds = 4;
        fit_rule(with, &c.input, &THRESHOLD_RULES[r], 1, 1);
        assert_memory_equal(without, with, sizeof with);
    }
}

static void order_stride_and_further_columns_do_not_matter(void **state)
{
    (void)state;
    struct threshold_case c;
    case_make(&c, 21, 200, 6, 5, 30);
    enum { STRIDE = 9, N = 200 };
    float *scores = malloc(N * STRIDE * sizeof *scores);
    uint8_t *gold = malloc(N * 6);
    uint32_t fold[N];
    for (size_t i = 0; i < N; i++) {
        const size_t from = i * 77 % N; /* a permutation: 77 and 200 have no common factor */
        for (size_t l = 0; l < STRIDE; l++)
            scores[i * STRIDE + l] = l < 6 ? c.scores[from * 6 + l] : NAN; /* not our field's */
        for (size_t l = 0; l < 6; l++)
            gold[i * 6 + l] = c.gold[from * 6 + l] != 0 ? (uint8_t)(1 + i % 255) : 0;
        fold[i] = c.fold[from] + (i % 2 != 0 ? 5 : 0); /* ten folds, joined to the five */
    }
    const struct threshold_input in = {scores, STRIDE, gold, fold, N, 6, 10};
    float a[6], b[6];
    struct threshold_result x, y;
    assert_int_equal(threshold_learn(a, &c.input, THRESHOLD_AUTO, OBJECTIVE_BOTH, &x, NULL),
                     SIKAP_OK);
    assert_int_equal(threshold_learn(b, &in, THRESHOLD_AUTO, OBJECTIVE_BOTH, &y, NULL), SIKAP_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_true(x.micro_f1 == y.micro_f1 && x.macro_f1 == y.macro_f1);
    free(scores);
    free(gold);
}

static void wrong_input_is_refused(void **state)
{
    (void)state;
    const float scores[] = {1, 2, -1, 0.5f}, nan_scores[] = {1, 2, NAN, 0.5f},
                infinite_scores[] = {1, 2, -1, -INFINITY};
    const uint8_t gold[] = {1, 0, 0, 1};
    const uint32_t fold[] = {0, 1}, far_fold[] = {0, 2};
    const struct {
        struct threshold_input input;
        int code;
        const char *message;
    } CASES[] = {
        {{nan_scores, 2, gold, fold, 2, 2, 2},
         SIKAP_DATA,
         "the score of document 1 for label 0 is not a finite number"},
        {{infinite_scores, 2, gold, fold, 2, 2, 2},
         SIKAP_DATA,
         "the score of document 1 for label 1 is not a finite number"},
        {{scores, 2, gold, far_fold, 2, 2, 2}, SIKAP_DATA, "document 1 is of fold 2 of 2"},
        {{scores, 2, gold, fold, 0, 2, 2}, SIKAP_DATA, "no document to learn thresholds from"},
        {{scores, 2, gold, fold, 2, 0, 2},
         SIKAP_USAGE,
         "thresholds of 0 labels, expected 1 to 67108864"},
        {{scores, 2, gold, fold, 2, 2, 1},
         SIKAP_USAGE,
         "thresholds need scores of at least 2 folds, not 1"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        float threshold[2];
        sikap_error err = {0};
        assert_int_equal(
            threshold_learn(threshold, &CASES[i].input, THRESHOLD_AUTO, OBJECTIVE_BOTH, NULL, &err),
            CASES[i].code);
        assert_int_equal(err.code, CASES[i].code);
        assert_string_equal(err.message, CASES[i].message);
        assert_int_equal(
            threshold_learn(threshold, &CASES[i].input, THRESHOLD_AUTO, OBJECTIVE_BOTH, NULL, NULL),
            CASES[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(global_is_the_best_of_all_thresholds),
        cmocka_unit_test(global_is_exact_where_cuts_are_thinned),
        cmocka_unit_test(per_label_macro_is_each_labels_best),
        cmocka_unit_test(per_label_micro_is_the_best_of_all_combinations),
        cmocka_unit_test(auto_agrees_with_the_formulas),
        cmocka_unit_test(schemes_keep_to_their_rules),
        cmocka_unit_test(equally_good_rules_give_way_to_the_first),
        cmocka_unit_test(noise_promises_nothing),
        cmocka_unit_test(labels_without_positives_are_never_given),
        cmocka_unit_test(thresholds_lie_between_scores),
        cmocka_unit_test(both_zeros_are_one_score),
        cmocka_unit_test(an_empty_fold_changes_no_rule),
        cmocka_unit_test(order_stride_and_further_columns_do_not_matter),
        cmocka_unit_test(wrong_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
