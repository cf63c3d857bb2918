/* SPDX-License-Identifier: Apache-2.0 */
/* Figures against scikit-learn 1.2.1 (precision_recall_fscore_support, accuracy_score,
 * hamming_loss, average_precision_score, confusion_matrix on the data of measure/cases.h), against
 * scipy 1.10's bootstrap, and against sums done by hand. */
#include "evaluation_fixture.h"

static sikap_evaluation *multi(size_t bootstrap, size_t threads)
{
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "topic", 1, MULTI_N, MULTI_LABELS);
    f->scores = memory_alloc(MULTI_N * MULTI_LABELS, sizeof *f->scores);
    multi_case(f->gold, f->chosen, f->scores);
    return fixture_evaluate(&d, bootstrap, threads);
}

static sikap_evaluation *single(size_t bootstrap)
{
    struct evaluation_data d;
    uint32_t gold[SINGLE_N], chosen[SINGLE_N];
    single_case(gold, chosen);
    struct evaluation_field *f = fixture_field(&d, "tone", 0, SINGLE_N, SINGLE_LABELS);
    for (size_t i = 0; i < SINGLE_N; i++) {
        f->gold[i * SINGLE_LABELS + gold[i]] = 1;
        f->chosen[i * SINGLE_LABELS + chosen[i]] = 1;
    }
    return fixture_evaluate(&d, bootstrap, 1);
}

struct expected {
    const char *path;
    double value;
};

static void check(const sikap_evaluation *e, const struct expected *expected, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double value = fixture_figure(e, expected[i].path);
        if (!is_near(value, expected[i].value, 1e-9))
            fail_msg("%s is %.17g, expected %.17g", expected[i].path, value, expected[i].value);
    }
}

static void multi_figures(void **state)
{
    (void)state;
    static const struct expected EXPECTED[] = {
        {"n_documents", 60},
        {"topic.n_documents", 60},
        {"topic.micro.precision", 0.5168539325842697},
        {"topic.micro.recall", 0.8214285714285714},
        {"topic.micro.f1", 0.6344827586206896},
        {"topic.macro.precision", 0.3096590909090909},
        {"topic.macro.recall", 0.48846013501185914},
        {"topic.macro.f1", 0.36047038515481716},
        {"topic.weighted.precision", 0.6526988636363635},
        {"topic.weighted.recall", 0.8214285714285714},
        {"topic.weighted.f1", 0.7179068477104941},
        {"topic.macro_supported.precision", 0.46448863636363635},
        {"topic.macro_supported.recall", 0.7326902025177887},
        {"topic.macro_supported.f1", 0.5407055777322257},
        {"topic.subset_accuracy", 0.35},
        {"topic.hamming_loss", 0.14722222222222223},
        {"topic.labels.a.f1", 0.7741935483870968},
        {"topic.labels.c.f1", 0.43478260869565216},
        {"topic.labels[\"f\"].f1", 0},
        {"topic.labels.a.support", 29},
        {"topic.labels.e.predicted", 7},
        {"topic.labels.a.average_precision", 0.6279269811479348},
        {"topic.labels.b.average_precision", 0.5063867375100886},
        {"topic.labels.c.average_precision", 0.6030157012299869},
        {"topic.labels.d.average_precision", 0.07179487179487179},
        {"topic.labels.e.average_precision", NAN}, /* nobody has it */
        {"topic.average_precision.macro", 0.45228107292072056},
        {"topic.average_precision.micro", 0.41537713983101743},
        {"fields.topic.micro.f1", 0.6344827586206896},
    };
    sikap_evaluation *e = multi(0, 1);
    check(e, EXPECTED, sizeof EXPECTED / sizeof *EXPECTED);
    sikap_evaluation_free(e);
}

static void single_figures(void **state)
{
    (void)state;
    static const struct expected EXPECTED[] = {
        {"tone.accuracy", 0.7625},
        {"tone.micro.f1", 0.7625},
        {"tone.subset_accuracy", 0.7625},
        {"tone.hamming_loss", 0.2375},
        {"tone.macro.precision", 0.6030667701863355},
        {"tone.macro.recall", 0.5778520499108735},
        {"tone.macro.f1", 0.582559198542805},
        {"tone.weighted.f1", 0.7920560109289616},
    };
    sikap_evaluation *e = single(0);
    check(e, EXPECTED, sizeof EXPECTED / sizeof *EXPECTED);
    char *json = fixture_json(e);
    assert_has(json, "\"confusion\":{\"labels\":[\"a\",\"b\",\"c\",\"d\"],"
                     "\"counts\":[[14,3,0,0],[6,21,2,1],[3,0,26,4],[0,0,0,0]]}");
    assert_has_not(json, "interval");
    memory_free(json);
    sikap_evaluation_free(e);
}

/* Only annotated rows count, whatever stands in the others. */
static void not_annotated(void **state)
{
    (void)state;
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 1, 4, 2);
    f->gold[0] = f->chosen[0] = 1;
    f->gold[2] = 1; /* missed */
    f->chosen[4] = f->chosen[5] = f->gold[6] = 1;
    f->annotated[2] = f->annotated[3] = 0;
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    static const struct expected EXPECTED[] = {
        {"n_documents", 4},      {"t.n_documents", 2},      {"t.micro.precision", 1},
        {"t.micro.recall", 0.5}, {"t.labels.a.support", 2}, {"t.labels.b.predicted", 0}};
    check(e, EXPECTED, sizeof EXPECTED / sizeof *EXPECTED);
    sikap_evaluation_free(e);
}

/* Two documents, two labels, by hand. */
static void probabilities_multi(void **state)
{
    (void)state;
    static const double P[] = {0.9, 0.2, 0.4, 0.7};
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 1, 2, 2);
    f->probabilities = memory_alloc(4, sizeof *f->probabilities);
    memcpy(f->probabilities, P, sizeof P);
    f->gold[0] = f->chosen[0] = 1; /* right: given a, 0.9 × 0.8 sure */
    f->gold[2] = f->chosen[3] = 1; /* wrong: given b for a, 0.6 × 0.7 sure */
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    static const struct expected EXPECTED[] = {
        {"t.brier", (0.01 + 0.04 + 0.36 + 0.49) / 4},
        {"t.calibration_error", (0.1 + 0.2 + 0.6 + 0.7) / 4}, /* each in a bin of its own */
        {"t.expected.subset_accuracy", (0.72 + 0.42) / 2},
        {"t.expected.f1", 2 * (0.9 + 0.7) / (0.9 + 0.2 + 0.4 + 0.7 + 2)},
    };
    check(e, EXPECTED, sizeof EXPECTED / sizeof *EXPECTED);
    char *json = fixture_json(e);
    assert_has(json, "\"coverage\":[{\"coverage\":0.5,\"confidence\":0.72");
    assert_has(json, "\"accuracy\":1,\"n_documents\":1},{\"coverage\":1,\"confidence\":0.42");
    assert_has(json, "\"accuracy\":0.5,\"n_documents\":2}]");
    memory_free(json);
    sikap_evaluation_free(e);
}

/* Confidence is that of the class that was given, the most probable or not. */
static void probabilities_single(void **state)
{
    (void)state;
    static const double P[] = {0.7, 0.2, 0.1, 0.5, 0.3, 0.2};
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 0, 2, 3);
    f->probabilities = memory_alloc(6, sizeof *f->probabilities);
    memcpy(f->probabilities, P, sizeof P);
    f->gold[0] = f->chosen[0] = 1;
    f->gold[3] = f->chosen[4] = 1;
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    static const struct expected EXPECTED[] = {
        {"t.brier", ((0.09 + 0.04 + 0.01) + (0.25 + 0.09 + 0.04)) / 2},
        {"t.calibration_error", (0.3 + 0.3) / 2},
        {"t.expected.accuracy", (0.7 + 0.3) / 2},
    };
    check(e, EXPECTED, sizeof EXPECTED / sizeof *EXPECTED);
    sikap_evaluation_free(e);
}

/* Without probabilities a single field is sorted by the lead of the best score. */
static void coverage_by_scores(void **state)
{
    (void)state;
    static const float SCORES[] = {1, 0.9F, -2, 3, -1, -1};
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 0, 2, 3);
    f->scores = memory_alloc(6, sizeof *f->scores);
    memcpy(f->scores, SCORES, sizeof SCORES);
    f->gold[1] = f->chosen[0] = 1; /* wrong, ahead by 0.1 */
    f->gold[3] = f->chosen[3] = 1; /* right, ahead by 4 */
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    char *json = fixture_json(e);
    assert_has(json, "\"coverage\":[{\"coverage\":0.5,\"confidence\":4,\"accuracy\":1,");
    assert_has_not(json, "brier");
    memory_free(json);
    sikap_evaluation_free(e);
}

/* What is not a number, or not a probability, gives no figure. */
static void no_numbers(void **state)
{
    (void)state;
    static const double BAD[] = {NAN, 1.5, -0.1};
    for (size_t b = 0; b < 3; b++) {
        struct evaluation_data d;
        struct evaluation_field *f = fixture_field(&d, "t", 1, 2, 2);
        f->scores = memory_zero(4, sizeof *f->scores);
        f->probabilities = memory_zero(4, sizeof *f->probabilities);
        f->gold[0] = f->gold[3] = 1;
        f->scores[2] = NAN;
        f->scores[3] = 1;
        f->probabilities[1] = BAD[b];
        sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
        char *json = fixture_json(e);
        assert_has_not(json, "brier");
        assert_has_not(json, "coverage");
        assert_has_not(json, "nan");
        assert_true(isnan(fixture_figure(e, "t.labels.a.average_precision")));
        assert_near(fixture_figure(e, "t.labels.b.average_precision"), 1);
        assert_has(json, "\"average_precision\":null");
        memory_free(json);
        sikap_evaluation_free(e);
    }
}

static int new_fails(struct evaluation_data *d, sikap_error *err)
{
    const struct evaluate_options options = {.bootstrap = 0, .seed = 1};
    struct pool *pool;
    sikap_evaluation *e = (sikap_evaluation *)d;
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    const int status = evaluation_new(&e, d, &options, pool, NULL, err);
    assert_null(e);
    assert_null(d->ids); /* it was taken over and freed */
    pool_free(pool);
    return status;
}

static void bad_data(void **state)
{
    (void)state;
    static const struct {
        unsigned char gold[2], chosen[2];
        const char *message;
    } CASES[] = {
        {{1, 1}, {1, 0}, "document 'd1' has not exactly one gold label in the single field 't'"},
        {{0, 0}, {1, 0}, "document 'd1' has not exactly one gold label in the single field 't'"},
        {{1, 0}, {1, 1}, "document 'd1' has not exactly one predicted label in the single field"},
        {{1, 0}, {0, 0}, "document 'd1' has not exactly one predicted label in the single field"},
    };
    struct evaluation_data d;
    sikap_error err;
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct evaluation_field *f = fixture_field(&d, "t", 0, 2, 2);
        f->gold[0] = f->chosen[0] = 1;
        memcpy(f->gold + 2, CASES[c].gold, 2);
        memcpy(f->chosen + 2, CASES[c].chosen, 2);
        assert_int_equal(new_fails(&d, &err), SIKAP_DATA);
        assert_has(err.message, CASES[c].message);
    }
    fixture_field(&d, "t", 1, 1, 1)->annotated[0] = 0;
    assert_int_equal(new_fails(&d, &err), SIKAP_DATA);
    assert_string_equal(err.message, "no document is annotated for the field 't'");
}

static int stop(void *context)
{
    (void)context;
    return 1;
}

static void stopped(void **state)
{
    (void)state;
    const struct evaluate_options options = {.bootstrap = 0, .seed = 1};
    const sikap_watch watch = {.stopped = stop};
    struct evaluation_data d;
    struct pool *pool;
    sikap_evaluation *e;
    fixture_field(&d, "t", 1, 1, 1);
    assert_int_equal(pool_new(&pool, 1, NULL), 0);
    assert_int_equal(evaluation_new(&e, &d, &options, pool, &watch, NULL), SIKAP_CANCELLED);
    pool_free(pool);
}

static void gates(void **state)
{
    (void)state;
    static const struct {
        const char *gate;
        int status, passed;
    } CASES[] = {
        {"topic.macro.f1>=0.36", 0, 1},
        {"topic.macro.f1>=0.37", 0, 0},
        {"topic.labels[\"a\"].f1 > 0.7", 0, 1},
        {"topic.labels.e.average_precision != 0", 0, 0}, /* not a number: no gate passes */
        {"topic.micro.interval.low>=0.5", 0, 1},
        {"topic.micro.interval.percentile.high<0.8", 0, 1},
        {"topic.macro.interval.low>=0", 0, 0}, /* withheld */
        {"topic.macro.nonsense>=0", SIKAP_USAGE, 0},
        {"topic.macro>=0", SIKAP_USAGE, 0}, /* not a figure but a group of them */
        {"topic.macro.f1.f1>=0", SIKAP_USAGE, 0},
        {"macro.f1>=0", SIKAP_USAGE, 0},
        {"topic.labels.z.f1>=0", SIKAP_USAGE, 0},
        {"topic.macro.f1", SIKAP_USAGE, 0},
    };
    sikap_evaluation *e = multi(500, 1);
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        int passed = -1;
        double value;
        const int status = sikap_evaluation_gate(e, CASES[c].gate, &passed, &value, NULL);
        if (status != CASES[c].status || passed != CASES[c].passed)
            fail_msg("%s: status %d, passed %d, value %g", CASES[c].gate, status, passed, value);
    }
    sikap_evaluation_free(e);
}

static int fail_to_write(void *context, const char *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return -1;
}

static void unwritable(void **state)
{
    (void)state;
    sikap_evaluation *e = multi(0, 1);
    sikap_error err = {0};
    assert_int_equal(sikap_evaluation_json(e, fail_to_write, NULL, &err), SIKAP_SYSTEM);
    assert_has(err.message, "cannot write the evaluation");
    assert_int_equal(sikap_evaluation_text(e, 80, fail_to_write, NULL, NULL), SIKAP_SYSTEM);
    sikap_evaluation_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multi_figures),
        cmocka_unit_test(single_figures),
        cmocka_unit_test(not_annotated),
        cmocka_unit_test(probabilities_multi),
        cmocka_unit_test(probabilities_single),
        cmocka_unit_test(coverage_by_scores),
        cmocka_unit_test(no_numbers),
        cmocka_unit_test(bad_data),
        cmocka_unit_test(stopped),
        cmocka_unit_test(gates),
        cmocka_unit_test(unwritable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
