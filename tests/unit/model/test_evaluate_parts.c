/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of a part of the rows: without leaked documents, and repeat by repeat. */
#include "evaluation_fixture.h"
#include "model/evaluate_leaks.h"

#include <math.h>

static void set(struct evaluation_field *f, size_t row, size_t gold, size_t chosen)
{
    f->gold[row * f->n_labels + gold] = 1;
    f->chosen[row * f->n_labels + chosen] = 1;
}

static void check(const sikap_evaluation *e, const char *path, double expected)
{
    const double value = fixture_figure(e, path);
    if (!is_near(value, expected, 1e-12))
        fail_msg("%s is %.17g, expected %.17g", path, value, expected);
}

/* Six documents, a or b; right on four. The two leaked ones are right: 2 of 4 without them. */
static void without_leaked_documents(void **state)
{
    (void)state;
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "tone", 0, 6, 2);
    const size_t gold[] = {0, 0, 0, 1, 1, 1}, chosen[] = {0, 0, 1, 0, 1, 1};
    for (size_t i = 0; i < 6; i++)
        set(f, i, gold[i], chosen[i]);
    assert_int_equal(evaluation_start_leaks(&d, 0.8), 0);
    d.leaks.n_train = 10;
    assert_int_equal(evaluation_add_leak(&d, 1, "t7", 0.9), 0);
    assert_int_equal(evaluation_add_leak(&d, 4, "t\"8\"", 1), 0);
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    check(e, "tone.accuracy", 4.0 / 6);
    check(e, "tone.without_leaked.n_documents", 4);
    check(e, "tone.without_leaked.accuracy", 0.5);
    check(e, "tone.without_leaked.macro.f1", 0.5); /* both labels: 1 right, 1 wrong each way */
    check(e, "leakage.n_leaked", 2);
    check(e, "leakage.n_train_documents", 10);
    char *json = fixture_json(e), *table = fixture_table(e, 80);
    assert_has(json, "{\"id\":\"d4\",\"train_id\":\"t\\\"8\\\"\",\"similarity\":1}");
    assert_has(table, "without leaked documents (4 left)");
    assert_has(table, "leakage: 2 of 6 documents");
    assert_has(table, "0.90  d1 like t7");
    memory_free(json);
    memory_free(table);
    sikap_evaluation_free(e);
}

static void all_or_none_leaked(void **state)
{
    (void)state;
    for (size_t n_leaked = 0; n_leaked <= 3; n_leaked += 3) {
        struct evaluation_data d;
        struct evaluation_field *f = fixture_field(&d, "tone", 0, 3, 2);
        for (size_t i = 0; i < 3; i++)
            set(f, i, i % 2, i % 2);
        assert_int_equal(evaluation_start_leaks(&d, 0.8), 0);
        d.leaks.n_train = 1;
        for (size_t i = 0; i < n_leaked; i++)
            assert_int_equal(evaluation_add_leak(&d, i, "t", 1), 0);
        sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
        check(e, "leakage.n_leaked", (double)n_leaked);
        char *json = fixture_json(e), *table = fixture_table(e, 80);
        assert_has_not(json, "without_leaked");
        assert_has(table, n_leaked == 0 ? "leakage: 0 of 3" : "leakage: 3 of 3");
        memory_free(json);
        memory_free(table);
        sikap_evaluation_free(e);
    }
}

/* Three repeats of four documents: right on 4, 3 and 2 of them. */
static void repeats_are_told_apart(void **state)
{
    (void)state;
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "tone", 0, 12, 2);
    d.n_repeats = 3;
    for (size_t row = 0; row < 12; row++) {
        const size_t gold = row % 2, is_wrong = row % 4 < row / 4;
        set(f, row, gold, is_wrong ? 1 - gold : gold);
    }
    /* Leaked in two of three repeats: one document. */
    assert_int_equal(evaluation_start_leaks(&d, 0.8), 0);
    assert_int_equal(evaluation_add_leak(&d, 3, "t", 0.9), 0);
    assert_int_equal(evaluation_add_leak(&d, 11, "u", 0.8), 0);
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    check(e, "n_documents", 4);
    check(e, "tone.n_documents", 4);
    check(e, "tone.labels.a.support", 2);
    check(e, "tone.accuracy", 9.0 / 12);
    check(e, "tone.repeats.accuracy.mean", 0.75);
    check(e, "tone.repeats.accuracy.sd", 0.25);
    check(e, "tone.repeats.accuracy.low", 0.5);
    check(e, "tone.repeats.accuracy.high", 1);
    check(e, "leakage.n_leaked", 1);
    check(e, "tone.without_leaked.accuracy", 7.0 / 10);
    char *json = fixture_json(e), *table = fixture_table(e, 80);
    assert_has(json, "\"n_repeats\":3");
    assert_has(table, "over 3 repeats");
    memory_free(json);
    memory_free(table);
    sikap_evaluation_free(e);
}

/* Labels given five times over are no more evidence than once: document by document, the interval
 * of five equal repeats is that of one. */
static void repeats_do_not_narrow_the_interval(void **state)
{
    (void)state;
    enum { N = 60, REPEATS = 5 };
    double low[2], high[2];
    for (int repeated = 0; repeated < 2; repeated++) {
        struct evaluation_data d;
        const size_t n_rows = repeated ? N * REPEATS : N;
        struct evaluation_field *f = fixture_field(&d, "tone", 0, n_rows, 2);
        d.group = memory_alloc(n_rows, sizeof *d.group);
        d.n_groups = N;
        d.n_repeats = repeated ? REPEATS : 1;
        for (size_t row = 0; row < n_rows; row++) {
            const size_t i = row % N;
            d.group[row] = (uint32_t)i;
            set(f, row, i % 2, i % 7 < 2 ? 1 - i % 2 : i % 2);
        }
        sikap_evaluation *e = fixture_evaluate(&d, 500, 2);
        low[repeated] = fixture_figure(e, "tone.micro.interval.low");
        high[repeated] = fixture_figure(e, "tone.micro.interval.high");
        char *json = fixture_json(e);
        assert_has(json, "\"unit\":\"document\"");
        memory_free(json);
        sikap_evaluation_free(e);
    }
    assert_true(high[0] - low[0] > 0.1);
    assert_true(is_near(low[0], low[1], 1e-12) && is_near(high[0], high[1], 1e-12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_leaked_documents),
        cmocka_unit_test(all_or_none_leaked),
        cmocka_unit_test(repeats_are_told_apart),
        cmocka_unit_test(repeats_do_not_narrow_the_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
