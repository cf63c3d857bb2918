/* SPDX-License-Identifier: Apache-2.0 */
/* Shares by hand: a classifier that finds 4 of 5 and gives the label wrongly to 1 of 5 reports
 * 0.2 + 0.6 p, so p = (raw - 0.2) / 0.6, cut to [0, 1]. */
#include "analyse/files_fixture.h"

#include "analyse/aggregate.h"
#include "base/error.h"

enum { COUNTED, CALIBRATION, GOLD, CORPUS };

static void note_problem(void *context, const sikap_error *problem)
{
    buffer_text(context, problem->message);
    buffer_byte(context, '\n');
}

/* NAME=VALUE options in pairs, NULL at the end. */
static sikap_aggregation *aggregate(const char *const *pairs, struct buffer *notes,
                                    sikap_error *err)
{
    const sikap_watch watch = {.context = notes, .problem = note_problem};
    const char *const counted[] = {paths[COUNTED]};
    sikap_options *options;
    sikap_aggregation *a;
    assert_int_equal(sikap_options_new(&options, NULL), 0);
    sikap_options_set(options, "input", "jsonl", NULL);
    sikap_options_set(options, "bootstrap", "200", NULL);
    for (; *pairs != NULL; pairs += 2)
        sikap_options_set(options, pairs[0], pairs[1], NULL);
    memset(err, 0, sizeof *err);
    const int status = sikap_aggregate(&a, counted, 1, options, &watch, err);
    assert_int_equal(status, err->code);
    assert_true((status == 0) == (a != NULL));
    sikap_options_free(options);
    return a;
}

static char *csv(const sikap_aggregation *a)
{
    struct buffer b = {0};
    assert_int_equal(sikap_aggregation_csv(a, fixture_append, &b, NULL), 0);
    buffer_byte(&b, '\0');
    return b.bytes;
}

static void put_label(struct buffer *b, int is_multi, int has)
{
    buffer_text(b, is_multi ? has ? "[\"x\"]" : "[]" : has ? "\"x\"" : "\"y\"");
}

/* `copies` times ten known documents; probabilities: 0.8 where given, 0.3 elsewhere. */
static void write_known(int is_multi, int copies)
{
    struct buffer gold = {0}, given = {0};
    for (int i = 0; i < 10 * copies; i++) {
        const int has = i % 10 < 5, gets = i % 10 < 4 || i % 10 == 5;
        buffer_format(&gold, "{\"id\":\"k%d\",\"t\":", i);
        put_label(&gold, is_multi, has);
        buffer_text(&gold, "}\n");
        buffer_format(&given, "{\"id\":\"k%d\",\"t\":", i);
        put_label(&given, is_multi, gets);
        buffer_format(&given, ",\"scores\":{\"t\":{\"x\":%s%s}}}\n", gets ? "0.8" : "0.3",
                      is_multi ? ""
                      : gets   ? ",\"y\":0.2"
                               : ",\"y\":0.7");
    }
    write_file(GOLD, &gold);
    write_file(CALIBRATION, &given);
}

/* In 2024-01 5 of 10 are given x, in 2024-02 9 of 10, in 2024-03 3 of 10. */
static void write_counted(int is_multi, int copies)
{
    static const int GIVEN[] = {5, 9, 3};
    struct buffer given = {0};
    for (int m = 0; m < 3; m++)
        for (int i = 0; i < 10 * copies; i++) {
            const int gets = i % 10 < GIVEN[m];
            buffer_format(&given, "{\"id\":\"c%d-%d\",\"date\":\"2024-0%d-%02d\",\"t\":", m, i,
                          m + 1, 1 + i % 28);
            put_label(&given, is_multi, gets);
            buffer_format(&given, ",\"scores\":{\"t\":{\"x\":%s%s}}}\n", gets ? "0.8" : "0.3",
                          is_multi ? ""
                          : gets   ? ",\"y\":0.2"
                                   : ",\"y\":0.7");
        }
    write_file(COUNTED, &given);
}

static void shares_by_hand(void **state)
{
    (void)state;
    static const double RAW[] = {0.5, 0.9, 0.3}, ADJUSTED[] = {0.5, 1, 1.0 / 6};
    for (int is_multi = 0; is_multi < 2; is_multi++) {
        struct buffer notes = {0};
        sikap_error err;
        write_known(is_multi, 4);
        write_counted(is_multi, 2);
        const char *const options[] = {"field",       is_multi ? "t:multi" : "t:single",
                                       "by",          "month",
                                       "gold",        paths[GOLD],
                                       "calibration", paths[CALIBRATION],
                                       NULL};
        sikap_aggregation *a = aggregate(options, &notes, &err);
        if (a == NULL)
            fail_msg("%s", err.message);
        assert_int_equal(notes.n, 0);
        assert_int_equal(a->n_cells, 3);
        assert_string_equal(a->values[1], "2024-02");
        const struct aggregate_field *f = &a->fields[0];
        assert_int_equal(f->n_known, 40);
        assert_int_equal(f->n_with[0], 20);
        assert_true(f->has_probabilities);
        for (size_t c = 0; c < 3; c++) {
            const struct quantified *q = &f->share[c * f->n_labels];
            assert_int_equal(f->n[c], 20);
            assert_near(q->counted.share, RAW[c]);
            assert_within(q->adjusted.share, ADJUSTED[c], is_multi ? 1e-9 : 2e-5); /* EM stops */
            assert_near(q->mean_probability.share, 0.3 + 0.5 * RAW[c]);
            /* The same rates, since probabilities go with what is given. */
            assert_within(q->adjusted_probability.share, ADJUSTED[c], is_multi ? 1e-9 : 2e-4);
            assert_true(aggregate_has_interval(f, c, 0));
            assert_true(q->adjusted.interval.low <= q->adjusted.share &&
                        q->adjusted.share <= q->adjusted.interval.high);
        }
        char *text = csv(a);
        assert_has(text,
                   "month,field,label,n,raw,adjusted,low,high\n2024-01,t,x,20,0.5000,0.5000,");
        memory_free(text);
        sikap_aggregation_free(a);
        buffer_free(&notes);
    }
}

static void few_documents_have_no_interval(void **state)
{
    (void)state;
    static const struct {
        int known, counted; /* tens */
        int has_interval;
    } CASES[] = {{4, 2, 1}, {3, 2, 0}, {4, 1, 0}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct buffer notes = {0};
        sikap_error err;
        write_known(1, CASES[i].known);
        write_counted(1, CASES[i].counted);
        const char *const options[] = {"field", "t:multi",   "by",          "year",
                                       "gold",  paths[GOLD], "calibration", paths[CALIBRATION],
                                       NULL};
        const char *const monthly[] = {"field", "t:multi",   "by",          "month",
                                       "gold",  paths[GOLD], "calibration", paths[CALIBRATION],
                                       NULL};
        sikap_aggregation *a = aggregate(CASES[i].counted > 1 ? options : monthly, &notes, &err);
        assert_non_null(a);
        assert_int_equal(aggregate_has_interval(&a->fields[0], 0, 0), CASES[i].has_interval);
        char *text = csv(a);
        if (!CASES[i].has_interval)
            assert_has(text, ",,\n");
        memory_free(text);
        sikap_aggregation_free(a);
        buffer_free(&notes);
    }
}

static void counted_as_they_are(void **state)
{
    (void)state;
    struct buffer counted = {0}, corpus = {0}, notes = {0};
    sikap_error err;
    buffer_text(&counted, "{\"id\":\"1\",\"t\":[\"a, \\\"b\\\"\"],\"when\":\"2024-01-01\"}\n"
                          "{\"id\":\"2\",\"t\":[\"c\"],\"when\":\"soon\"}\n"
                          "{\"id\":\"3\",\"error\":\"not read\",\"when\":\"2024-01-01\"}\n"
                          "{\"id\":\"4\",\"t\":[],\"when\":\"2023-12-31\"}\n");
    buffer_text(&corpus, "{\"id\":\"4\",\"outlet\":\"B\",\"text\":\"x\"}\n"
                         "{\"id\":\"1\",\"outlet\":7,\"text\":\"x\"}\n"
                         "{\"id\":\"2\",\"outlet\":\"A\",\"text\":\"x\"}\n");
    write_file(COUNTED, &counted);
    write_file(CORPUS, &corpus);
    const char *const options[] = {"field",  "t",           "by", "month,outlet", "date", "when",
                                   "corpus", paths[CORPUS], NULL};
    sikap_aggregation *a = aggregate(options, &notes, &err);
    if (a == NULL)
        fail_msg("%s", err.message);
    char *text = csv(a);
    assert_string_equal(text, "month,outlet,field,label,n,raw,adjusted,low,high\n"
                              ",A,t,\"a, \"\"b\"\"\",1,0.0000,,,\n"
                              ",A,t,c,1,1.0000,,,\n"
                              "2023-12,B,t,\"a, \"\"b\"\"\",1,0.0000,,,\n"
                              "2023-12,B,t,c,1,0.0000,,,\n"
                              "2024-01,7,t,\"a, \"\"b\"\"\",1,1.0000,,,\n"
                              "2024-01,7,t,c,1,0.0000,,,\n");
    buffer_byte(&notes, '\0');
    assert_has(notes.bytes, "1 documents have a 'when' that cannot be cut to month");
    assert_has(notes.bytes, "1 of 4 documents are not in the corpus that has their keys: '3'\n");
    assert_has(notes.bytes, "1 of 4 documents say nothing about 't': not counted: '3'\n");
    assert_has(notes.bytes, "with --gold they would be corrected");
    memory_free(text);
    sikap_aggregation_free(a);
    buffer_free(&notes);
}

static void what_does_not_fit(void **state)
{
    (void)state;
    write_known(1, 1);
    write_counted(1, 1);
    static const struct {
        const char *options[9];
        sikap_status code;
        const char *message;
    } CASES[] = {
        {{"field", "t", NULL}, SIKAP_USAGE, "--by is missing"},
        {{"field", "t", "by", "outlet", NULL}, SIKAP_USAGE, "no document has the key 'outlet'"},
        {{"field", "t", "by", "date:decade", NULL}, SIKAP_USAGE, "'date:decade' is not KEY"},
        {{"field", "t", "by", "month,", NULL}, SIKAP_USAGE, "expected keys such as month,outlet"},
        {{"field", "t", "by", "month", "calibration", paths[CALIBRATION], NULL},
         SIKAP_USAGE,
         "--calibration needs --gold"},
        {{"field", "t", "by", "month", "gold", paths[GOLD], NULL},
         SIKAP_DATA,
         "no gold document has a prediction of the field 't'"},
        {{"field", "t", "by", "month", "bootstrap", "0", NULL}, SIKAP_USAGE, "--bootstrap"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct buffer notes = {0};
        sikap_error err;
        assert_null(aggregate(CASES[i].options, &notes, &err));
        assert_int_equal(err.code, CASES[i].code);
        assert_has(err.message, CASES[i].message);
        buffer_free(&notes);
    }
}

/* predict without --scores has the scores of the labels given only: no probabilities of all. */
static void scores_of_some_labels(void **state)
{
    (void)state;
    struct buffer counted = {0}, notes = {0};
    sikap_error err;
    write_known(1, 1);
    for (int i = 0; i < 4; i++)
        buffer_format(&counted,
                      "{\"id\":\"%d\",\"date\":\"2024\",\"t\":[%s],\"scores\":{\"t\":{%s}}}\n", i,
                      i < 2 ? "\"x\"" : "", i < 2 ? "\"x\":0.9" : "");
    write_file(COUNTED, &counted);
    const char *const options[] = {"field",  "t:multi",     "by",          "year",
                                   "gold",   paths[GOLD],   "calibration", paths[CALIBRATION],
                                   "method", "probability", NULL};
    assert_null(aggregate(options, &notes, &err));
    assert_int_equal(err.code, SIKAP_DATA);
    assert_has(err.message, "predict with --scores");
    const char *const count[] = {"field", "t:multi",   "by",          "year",
                                 "gold",  paths[GOLD], "calibration", paths[CALIBRATION],
                                 NULL};
    sikap_aggregation *a = aggregate(count, &notes, &err);
    assert_non_null(a);
    assert_false(a->fields[0].has_probabilities);
    assert_near(a->fields[0].share[0].adjusted.share, 0.5);
    sikap_aggregation_free(a);
    buffer_free(&notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_by_hand),        cmocka_unit_test(few_documents_have_no_interval),
        cmocka_unit_test(counted_as_they_are),   cmocka_unit_test(what_does_not_fit),
        cmocka_unit_test(scores_of_some_labels),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
