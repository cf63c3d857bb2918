/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values: scikit-learn 1.2.1 through reference.py; small cases by hand. */
#include "measure/metrics.h"

#include <string.h>

#include "cases.h"

static void check_rates(struct rates got, double precision, double recall, double f1)
{
    assert_near(got.precision, precision);
    assert_near(got.recall, recall);
    assert_near(got.f1, f1);
}

static void multi_agrees_with_scikit_learn(void **state)
{
    (void)state;
    uint8_t gold[MULTI_N * MULTI_LABELS], predicted[MULTI_N * MULTI_LABELS];
    float scores[MULTI_N * MULTI_LABELS];
    multi_case(gold, predicted, scores);
    struct metrics *m;
    assert_int_equal(metrics_multi(&m, gold, predicted, MULTI_N, MULTI_LABELS, NULL), 0);
    assert_int_equal(m->n_documents, MULTI_N);
    check_rates(m->micro, 0.5168539325842697, 0.8214285714285714, 0.63448275862068959);
    check_rates(m->macro, 0.30965909090909088, 0.48846013501185914, 0.36047038515481716);
    check_rates(m->weighted, 0.65269886363636354, 0.8214285714285714, 0.71790684771049407);
    check_rates(m->macro_supported, 0.46448863636363635, 0.73269020251778871, 0.54070557773222572);
    assert_int_equal(m->n_supported, 4);
    assert_near(m->subset_accuracy, 0.35);
    assert_near(m->hamming_loss, 0.14722222222222223);
    static const struct {
        double precision, recall, f1;
        uint64_t support;
    } LABELS[MULTI_LABELS] = {
        {0.72727272727272729, 0.82758620689655171, 0.77419354838709675, 29},
        {0.72727272727272729, 0.88888888888888884, 0.8, 18},
        {0.3125, 0.7142857142857143, 0.43478260869565216, 7},
        {0.090909090909090912, 0.5, 0.15384615384615385, 2},
        {0, 0, 0, 0}, /* predicted, never gold */
        {0, 0, 0, 0}, /* neither: 0/0 is 0 */
    };
    for (size_t l = 0; l < MULTI_LABELS; l++) {
        check_rates(m->labels[l].rates, LABELS[l].precision, LABELS[l].recall, LABELS[l].f1);
        assert_int_equal(m->labels[l].support, LABELS[l].support);
    }
    assert_true(m->labels[4].predicted > 0);
    assert_int_equal(m->labels[5].predicted, 0);
    assert_null(m->confusion);
    metrics_free(m);
}

static void single_agrees_with_scikit_learn(void **state)
{
    (void)state;
    uint32_t gold[SINGLE_N], predicted[SINGLE_N];
    single_case(gold, predicted);
    struct metrics *m;
    assert_int_equal(metrics_single(&m, gold, predicted, SINGLE_N, SINGLE_LABELS, NULL), 0);
    check_rates(m->micro, 0.7625, 0.7625, 0.7625);
    check_rates(m->macro, 0.60306677018633548, 0.57785204991087347, 0.58255919854280502);
    check_rates(m->weighted, 0.84050854037267086, 0.7625, 0.79205601092896161);
    check_rates(m->labels[0].rates, 0.60869565217391308, 0.82352941176470584, 0.7);
    check_rates(m->labels[2].rates, 0.9285714285714286, 0.78787878787878785, 0.85245901639344257);
    check_rates(m->labels[3].rates, 0, 0, 0);
    assert_near(m->subset_accuracy, 0.7625);
    assert_near(m->hamming_loss, 0.2375);
    static const uint64_t CONFUSION[] = {14, 3, 0, 0, 6, 21, 2, 1, 3, 0, 26, 4, 0, 0, 0, 0};
    assert_memory_equal(m->confusion, CONFUSION, sizeof CONFUSION);
    metrics_free(m);
}

static void nothing_is_zero_not_nan(void **state)
{
    (void)state;
    struct metrics *m;
    const uint8_t none = 0;
    assert_int_equal(metrics_multi(&m, &none, &none, 0, 0, NULL), 0);
    check_rates(m->micro, 0, 0, 0);
    check_rates(m->macro, 0, 0, 0);
    assert_near(m->subset_accuracy, 0);
    assert_near(m->hamming_loss, 0);
    assert_false(metrics_macro_interval_is_honest(m));
    metrics_free(m);
    /* One document, no labels in gold, none given: right, though nothing was found. */
    const uint8_t zeros[3] = {0};
    assert_int_equal(metrics_multi(&m, zeros, zeros, 1, 3, NULL), 0);
    assert_near(m->subset_accuracy, 1);
    assert_near(m->micro.f1, 0);
    metrics_free(m);
}

static void any_non_zero_byte_is_a_label(void **state)
{
    (void)state;
    const uint8_t gold[] = {255, 0}, predicted[] = {1, 2};
    struct metrics *m;
    assert_int_equal(metrics_multi(&m, gold, predicted, 1, 2, NULL), 0);
    assert_int_equal(m->labels[0].tp, 1);
    assert_int_equal(m->labels[1].fp, 1);
    metrics_free(m);
}

static void unknown_label_is_refused(void **state)
{
    (void)state;
    const uint32_t gold[] = {0, 1}, predicted[] = {0, 7};
    struct metrics *m = (void *)1;
    sikap_error err;
    assert_int_equal(metrics_single(&m, gold, predicted, 2, 2, &err), SIKAP_DATA);
    assert_null(m);
    assert_string_equal(err.message, "document 1: label 7 of 2");
}

static void rare_labels_have_no_honest_interval(void **state)
{
    (void)state;
    enum { N = 40 };
    uint8_t gold[N * 3] = {0}, predicted[N * 3];
    for (size_t i = 0; i < N; i++) {
        gold[i * 3] = 1;
        gold[i * 3 + 1] = i < 19;
    }
    memcpy(predicted, gold, sizeof gold);
    predicted[0] = predicted[1] = 0;
    struct metrics *m;
    assert_int_equal(metrics_multi(&m, gold, predicted, N, 3, NULL), 0);
    assert_true(metrics_label_interval_is_honest(m, 0));
    assert_false(metrics_label_interval_is_honest(m, 1));
    assert_false(metrics_macro_interval_is_honest(m));
    assert_false(metrics_supported_interval_is_honest(m));
    metrics_free(m);
    gold[19 * 3 + 1] = 1; /* the twentieth; label 2 has none and does not count */
    assert_int_equal(metrics_multi(&m, gold, predicted, N, 3, NULL), 0);
    assert_true(metrics_label_interval_is_honest(m, 1));
    assert_true(metrics_supported_interval_is_honest(m));
    assert_false(metrics_macro_interval_is_honest(m));
    metrics_free(m);
    /* All right, or all wrong: no width, no interval; the average of labels may still have one. */
    assert_int_equal(metrics_multi(&m, gold, gold, N, 3, NULL), 0);
    assert_false(metrics_label_interval_is_honest(m, 0));
    assert_true(metrics_supported_interval_is_honest(m));
    metrics_free(m);
    memset(predicted, 0, sizeof predicted);
    assert_int_equal(metrics_multi(&m, gold, predicted, N, 3, NULL), 0);
    assert_false(metrics_label_interval_is_honest(m, 0));
    metrics_free(m);
}

static void groups_and_pairs_keep_the_sums(void **state)
{
    (void)state;
    const double table[] = {1, 0, 2, 4, 0, 0, 0, 5, 0, 1, -1, 0};
    const uint32_t group[] = {2, 0, 2, 0};
    struct tally *t, *grouped, *joined;
    double sums[6];
    assert_int_equal(tally_dense(&t, table, 4, 3, NULL), 0);
    assert_int_equal(tally_by_group(&grouped, t, group, 3, NULL), 0);
    assert_int_equal(grouped->n_units, 3);
    assert_int_equal(grouped->start[1] - grouped->start[0], 2); /* (5, -1, 0) */
    assert_int_equal(grouped->start[2] - grouped->start[1], 0); /* nobody */
    assert_int_equal(grouped->start[3] - grouped->start[2], 3); /* (1, 5, 2) */
    tally_sums(grouped, sums);
    assert_near(sums[0], 6);
    assert_near(sums[1], 4);
    assert_near(sums[2], 2);
    assert_near(grouped->values[0], 5);
    assert_near(grouped->values[1], -1);
    assert_int_equal(tally_join(&joined, t, t, NULL), 0);
    tally_sums(joined, sums);
    assert_near(sums[3], 6);
    assert_near(sums[4], 4);
    assert_int_equal(tally_join(&(struct tally *){NULL}, t, grouped, NULL), SIKAP_USAGE);
    struct tally *bad;
    sikap_error err;
    assert_int_equal(tally_by_group(&bad, t, group, 2, &err), SIKAP_DATA);
    assert_string_equal(err.message, "unit 0: group 2 of 2");
    tally_free(t);
    tally_free(grouped);
    tally_free(joined);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multi_agrees_with_scikit_learn),
        cmocka_unit_test(single_agrees_with_scikit_learn),
        cmocka_unit_test(nothing_is_zero_not_nan),
        cmocka_unit_test(any_non_zero_byte_is_a_label),
        cmocka_unit_test(unknown_label_is_refused),
        cmocka_unit_test(rare_labels_have_no_honest_interval),
        cmocka_unit_test(groups_and_pairs_keep_the_sums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
