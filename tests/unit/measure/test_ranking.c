/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: scikit-learn 1.2.1 through reference.py; small cases by hand. */
#include "measure/ranking.h"

#include "cases.h"

static uint8_t gold[MULTI_N * MULTI_LABELS], predicted[MULTI_N * MULTI_LABELS];
static float scores[MULTI_N * MULTI_LABELS];

static int load(void **state)
{
    (void)state;
    multi_case(gold, predicted, scores);
    return 0;
}

static void average_precision_agrees_with_scikit_learn(void **state)
{
    (void)state;
    static const double AP[] = {0.62792698114793477, 0.50638673751008856, 0.60301570122998693,
                                0.07179487179487179};
    static const double AUC[] = {0.56785317018909898, 0.64219576719576721, 0.87870619946091644,
                                 0.73275862068965514};
    struct ranking *r;
    for (size_t l = 0; l < 4; l++) {
        assert_int_equal(ranking_new(&r, scores + l, gold + l, MULTI_N, MULTI_LABELS, NULL), 0);
        assert_near(ranking_average_precision(r), AP[l]);
        assert_near(ranking_roc_auc(r), AUC[l]);
        ranking_free(r);
    }
    assert_int_equal(ranking_new(&r, scores, gold, MULTI_N * MULTI_LABELS, 1, NULL), 0);
    assert_near(ranking_average_precision(r), 0.41537713983101743);
    ranking_free(r);
}

static void curve_agrees_with_scikit_learn(void **state)
{
    (void)state;
    static const double CURVE[][3] = {{15, 1, 0.1111111111111111},
                                      {14, 1, 0.16666666666666666},
                                      {13, 1, 0.22222222222222221},
                                      {11, 0.66666666666666663, 0.22222222222222221},
                                      {10, 0.38461538461538464, 0.27777777777777779},
                                      {9, 0.31578947368421051, 0.33333333333333331},
                                      {8, 0.29629629629629628, 0.44444444444444442},
                                      {7, 0.375, 0.66666666666666663},
                                      {6, 0.3888888888888889, 0.77777777777777779},
                                      {5, 0.37209302325581395, 0.88888888888888884},
                                      {4, 0.40000000000000002, 1},
                                      {3, 0.375, 1},
                                      {2, 0.36734693877551022, 1},
                                      {1, 0.32142857142857145, 1},
                                      {0, 0.29999999999999999, 1}};
    enum { N = sizeof CURVE / sizeof *CURVE };
    struct ranking *r;
    struct ranking_point points[20];
    size_t n;
    assert_int_equal(ranking_new(&r, scores + 1, gold + 1, MULTI_N, MULTI_LABELS, NULL), 0);
    ranking_curve(points, &n, 20, r);
    assert_int_equal(n, N);
    for (size_t i = 0; i < N; i++) {
        assert_near(points[i].threshold, CURVE[i][0]);
        assert_near(points[i].precision, CURVE[i][1]);
        assert_near(points[i].recall, CURVE[i][2]);
    }
    ranking_curve(points, &n, 3, r); /* both ends and the middle */
    assert_int_equal(n, 3);
    assert_near(points[0].threshold, 15);
    assert_near(points[1].threshold, 7);
    assert_near(points[2].threshold, 0);
    ranking_free(r);
}

static void sweep_counts_by_hand(void **state)
{
    (void)state;
    const float score[] = {0.5F, -1, 0.5F, 2, -1};
    const uint8_t has[] = {1, 0, 0, 1, 1};
    const double thresholds[] = {3, 2, 0.5, 0, -1, -INFINITY};
    static const uint64_t EXPECTED[][3] = {{0, 0, 3}, {1, 0, 2}, {2, 1, 1},
                                           {2, 1, 1}, {3, 2, 0}, {3, 2, 0}};
    struct ranking *r;
    struct ranking_point points[6];
    assert_int_equal(ranking_new(&r, score, has, 5, 1, NULL), 0);
    assert_int_equal(r->n_points, 3);
    ranking_sweep(points, thresholds, 6, r);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(points[i].tp, EXPECTED[i][0]);
        assert_int_equal(points[i].fp, EXPECTED[i][1]);
        assert_int_equal(points[i].fn, EXPECTED[i][2]);
    }
    assert_near(points[0].precision, 0);
    assert_near(points[2].f1, 2.0 / 3);
    const struct ranking_point best = ranking_best_f1(r);
    assert_near(best.threshold, -1); /* F1 0.5, 0.667, 0.75 */
    assert_near(best.f1, 0.75);
    ranking_free(r);
}

static void edges(void **state)
{
    (void)state;
    struct ranking *r;
    sikap_error err;
    const float score[] = {1, NAN};
    const uint8_t has[] = {0, 0};
    assert_int_equal(ranking_new(&r, score, has, 2, 1, &err), SIKAP_DATA);
    assert_null(r);
    assert_string_equal(err.message, "document 1: the score is not a number");
    assert_int_equal(ranking_new(&r, score, has, 1, 1, NULL), 0);
    assert_near(ranking_average_precision(r), 0); /* no positive */
    assert_true(isnan(ranking_roc_auc(r)));
    ranking_free(r);
    assert_int_equal(ranking_new(&r, score, has, 0, 1, NULL), 0);
    assert_int_equal(r->n_points, 0);
    ranking_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(average_precision_agrees_with_scikit_learn),
        cmocka_unit_test(curve_agrees_with_scikit_learn),
        cmocka_unit_test(sweep_counts_by_hand),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
