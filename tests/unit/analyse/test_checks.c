/* SPDX-License-Identifier: Apache-2.0 */
/* Gates and baselines: what fails, what passes, what cannot be told, and how it is said. */
#include "checks_fixture.h"

#include "analyse/figures.h"

static char baseline_path[] = "/tmp/sikap-baseline-XXXXXX";
static char gold_path[] = "/tmp/sikap-gold-XXXXXX";

static int make_files(void **state)
{
    (void)state;
    const int baseline = mkstemp(baseline_path), gold = mkstemp(gold_path);
    if (baseline < 0 || gold < 0)
        return -1;
    close(baseline);
    close(gold);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    remove(baseline_path);
    remove(gold_path);
    return 0;
}

/* The one check of `figure` (NULL: of all) against the JSON or label file `text`. */
static int compare(sikap_checks **checks, const sikap_evaluation *e, const char *text,
                   const char *figure, double max_drop, int strict, sikap_error *err)
{
    const char *const gold[] = {gold_path};
    const sikap_baseline baseline = {.path = baseline_path,
                                     .figures = &figure,
                                     .n_figures = figure != NULL,
                                     .max_drop = max_drop,
                                     .strict = strict};
    fixture_write(baseline_path, text);
    memset(err, 0, sizeof *err);
    assert_int_equal(sikap_checks_new(checks, e, NULL), 0);
    sikap_options *options;
    assert_int_equal(sikap_options_new(&options, NULL), 0);
    sikap_options_set(options, "threads", "1", NULL);
    sikap_options_set(options, "input", "jsonl", NULL);
    const int status = sikap_checks_baseline(*checks, &baseline, gold, 1, options, NULL, err);
    sikap_options_free(options);
    assert_int_equal(status, err->code);
    return status;
}

static void against_figures(void **state)
{
    (void)state;
    /* Accuracy now: 70 of 100. */
    static const struct {
        const char *before;
        double max_drop;
        int strict, passed;
        const char *message;
    } CASES[] = {
        {"{\"fields\":{\"s\":{\"accuracy\":0.7}}}", 0, 0, 1, "0.7000, was 0.7000: +0.0000"},
        {"{\"fields\":{\"s\":{\"accuracy\":0.6}}}", 0, 1, 1, "0.7000, was 0.6000: +0.1000"},
        /* A drop of exactly what is allowed, whatever the last bit says. */
        {"{\"fields\":{\"s\":{\"accuracy\":0.71}}}", 0.01, 1, 1, "0.7000, was 0.7100: -0.0100"},
        {"{\"fields\":{\"s\":{\"accuracy\":0.72}}}", 0.01, 1, 0,
         "0.7000, was 0.7200: -0.0200, worse by more than 0.01; not tested (no interval)"},
        {"{\"fields\":{\"s\":{\"accuracy\":0.9}}}", 0.01, 0, 1, "not tested (no interval)"},
        {"{\"fields\":{\"s\":{\"accuracy\":0.9,\"accuracy_interval\":{\"none\":\"few-units\"}}}}",
         0.01, 0, 1, "not tested (few-units): a label file as the baseline would be"},
        {"{\"fields\":{\"s\":{\"accuracy\":0.75,\"accuracy_interval\":{\"low\":0.7,\"high\":0.8}}}"
         "}",
         0.01, 0, 1, "; not significant, p 0."},
        {"{\"fields\":{\"s\":{\"accuracy\":0.99,\"accuracy_interval\":{\"low\":0.9,\"high\":1}}}}",
         0.01, 0, 0, "; significant, p < 0.0001 from the two intervals"},
        /* Large enough, but allowed. */
        {"{\"fields\":{\"s\":{\"accuracy\":0.99,\"accuracy_interval\":{\"low\":0.9,\"high\":1}}}}",
         0.3, 0, 1, "0.7000, was 0.9900: -0.2900"},
    };
    sikap_evaluation *e = fixture_single(100, 70, 2000);
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        sikap_checks *checks;
        sikap_error err;
        if (compare(&checks, e, CASES[c].before, "s.accuracy", CASES[c].max_drop, CASES[c].strict,
                    &err) != 0)
            fail_msg("%s: %s", CASES[c].before, err.message);
        const sikap_check *check = sikap_checks_at(checks, 0);
        assert_non_null(check);
        assert_null(sikap_checks_at(checks, 1));
        assert_string_equal(check->kind, "baseline");
        assert_string_equal(check->name, "s.accuracy");
        assert_has(check->message, CASES[c].message);
        if (check->passed != CASES[c].passed)
            fail_msg("%s: passed is %d", CASES[c].before, check->passed);
        sikap_checks_free(checks);
    }
    sikap_evaluation_free(e);
}

/* p of the normal test, from the interval that the evaluation itself reports. */
static void p_of_two_intervals(void **state)
{
    (void)state;
    sikap_evaluation *e = fixture_single(100, 70, 2000);
    const double low = fixture_figure(e, "s.accuracy_interval.low");
    const double high = fixture_figure(e, "s.accuracy_interval.high");
    const double z95 = 1.959963984540054, se = (high - low) / 2 / z95, se_before = 0.1 / 2 / z95;
    const double p = erfc(0.08 / sqrt(se * se + se_before * se_before) / sqrt(2));
    char expected[64];
    snprintf(expected, sizeof expected, "p %.4f from the two intervals", p);
    sikap_checks *checks;
    sikap_error err;
    assert_int_equal(
        compare(&checks, e,
                "{\"fields\":{\"s\":{\"accuracy\":0.78,\"accuracy_interval\":{\"low\":0.73,"
                "\"high\":0.83}}}}",
                "s.accuracy", 0, 0, &err),
        0);
    assert_has(sikap_checks_at(checks, 0)->message, expected);
    sikap_checks_free(checks);
    sikap_evaluation_free(e);
}

static void less_is_better(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        int passed;
    } CASES[] = {{"{\"fields\":{\"s\":{\"hamming_loss\":0.2}}}", 0}, /* 0.3 now */
                 {"{\"fields\":{\"s\":{\"hamming_loss\":0.5}}}", 1}};
    sikap_evaluation *e = fixture_single(100, 70, 0);
    for (size_t c = 0; c < 2; c++) {
        sikap_checks *checks;
        sikap_error err;
        assert_int_equal(compare(&checks, e, CASES[c].before, "s.hamming_loss", 0.01, 1, &err), 0);
        assert_int_equal(sikap_checks_at(checks, 0)->passed, CASES[c].passed);
        sikap_checks_free(checks);
    }
    sikap_evaluation_free(e);
}

/* Of n documents the first n_right are labelled rightly. */
static void label_file(struct buffer *out, size_t n, size_t n_right)
{
    for (size_t i = 0; i < n; i++)
        buffer_format(out, "{\"id\":\"d%zu\",\"s\":\"%s\"}\n", i, i < n_right ? "a" : "b");
    buffer_byte(out, '\0');
}

/* k documents are wrong now that were right: the exact randomisation p is 2/2^k. */
static void paired(void **state)
{
    (void)state;
    static const struct {
        size_t k;
        int passed;
        double p;
    } CASES[] = {{4, 1, 0.125}, {5, 1, 0.0625}, {7, 0, 0.015625}, {9, 0, 0.00390625}};
    struct buffer gold = {0}, before = {0};
    label_file(&gold, 100, 100);
    fixture_write(gold_path, gold.bytes);
    label_file(&before, 100, 90);
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        sikap_evaluation *e = fixture_single(100, 90 - CASES[c].k, 0);
        sikap_checks *checks;
        sikap_error err;
        if (compare(&checks, e, before.bytes, "s.accuracy", 0.01, 0, &err) != 0)
            fail_msg("%s", err.message);
        const sikap_check *check = sikap_checks_at(checks, 0);
        assert_has(check->message, "paired over 100 documents");
        assert_int_equal(check->passed, CASES[c].passed);
        const char *p = strstr(check->message, "p 0.");
        assert_non_null(p);
        /* 2,000 draws: three standard deviations, and what four decimals cut. */
        const double spread = 3 * sqrt(CASES[c].p / 2000) + 0.0006;
        assert_within(strtod(p + 2, NULL), CASES[c].p, spread);
        sikap_checks_free(checks);
        sikap_evaluation_free(e);
    }
    buffer_free(&gold);
    buffer_free(&before);
}

static void what_is_compared(void **state)
{
    (void)state;
    sikap_evaluation *e = fixture_single(100, 70, 0);
    sikap_checks *checks;
    sikap_error err;
    /* Micro and macro F1 of the fields of both; a field that is gone fails. */
    assert_int_equal(compare(&checks, e,
                             "{\"fields\":{\"s\":{\"kind\":\"single\",\"micro\":{\"f1\":0.7},"
                             "\"macro\":{\"f1\":0.1}},\"gone\":{}}}",
                             NULL, 0, 0, &err),
                     0);
    static const char *const names[] = {"s.micro.f1", "s.macro.f1", "gone"};
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(sikap_checks_at(checks, i)->name, names[i]);
        assert_int_equal(sikap_checks_at(checks, i)->passed, i < 2);
    }
    assert_null(sikap_checks_at(checks, 3));
    assert_int_equal(sikap_checks_n_failed(checks), 1);
    sikap_checks_free(checks);
    sikap_evaluation_free(e);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *before, *figure;
        int code;
        const char *message;
    } CASES[] = {
        {"", NULL, SIKAP_DATA, "an empty baseline"},
        {"{\"fields\":{}}", NULL, SIKAP_DATA, "no field of this evaluation"},
        {"{\"fields\":{\"s\":{\"micro\":{}}}}", NULL, SIKAP_DATA, "no figure 's.micro.f1'"},
        {"{\"fields\":{\"s\":{\"micro\":{\"f1\":null}}}}", NULL, SIKAP_DATA, "no figure"},
        {"{\"fields\":{\"s\":{\"kind\":\"multi\"}}}", NULL, SIKAP_DATA,
         "'s' is multi in the baseline, single here"},
        {"{\"fields\":{\"s\":{}}}", "s.micro.f2", SIKAP_USAGE, "there is no figure 's.micro.f2'"},
        {"{\"fields\":{\"s\":{}}}", "s..f1", SIKAP_USAGE, "expected a name"},
        {"{\"fields\":{\"s\":{}}}", "s.micro.f1>=0", SIKAP_USAGE, "nothing behind the path"},
        /* Neither JSON nor a label file of these documents. */
        {"{\"fields\":", NULL, SIKAP_DATA, "are missing"},
    };
    sikap_evaluation *e = fixture_single(100, 70, 0);
    struct buffer gold = {0};
    label_file(&gold, 100, 100);
    fixture_write(gold_path, gold.bytes);
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        sikap_checks *checks;
        sikap_error err;
        assert_int_equal(compare(&checks, e, CASES[c].before, CASES[c].figure, 0, 0, &err),
                         CASES[c].code);
        assert_has(err.message, CASES[c].message);
        sikap_checks_free(checks);
    }
    buffer_free(&gold);
    sikap_evaluation_free(e);
}

static void gates(void **state)
{
    (void)state;
    sikap_evaluation *e = fixture_single(100, 70, 0);
    sikap_checks *checks;
    sikap_error err = {0};
    assert_int_equal(sikap_checks_new(&checks, e, &err), 0);
    assert_int_equal(sikap_checks_gate(checks, "s.accuracy>=0.7", &err), 0);
    assert_int_equal(sikap_checks_gate(checks, "s.accuracy>0.7", &err), 0);
    assert_int_equal(sikap_checks_gate(checks, "s.nothing>0.7", &err), SIKAP_USAGE);
    assert_int_equal(sikap_checks_at(checks, 0)->passed, 1);
    assert_string_equal(sikap_checks_at(checks, 0)->message, "0.7000");
    assert_int_equal(sikap_checks_at(checks, 1)->passed, 0);
    assert_null(sikap_checks_at(checks, 2));
    sikap_checks_free(checks);
    sikap_evaluation_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_figures),
        cmocka_unit_test(p_of_two_intervals),
        cmocka_unit_test(less_is_better),
        cmocka_unit_test(paired),
        cmocka_unit_test(what_is_compared),
        cmocka_unit_test(refused),
        cmocka_unit_test(gates),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
