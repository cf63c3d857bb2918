/* SPDX-License-Identifier: Apache-2.0 */
/* Label files beside gold: joined by id in any order, and nothing that does not fit goes by
 * unnoticed. */
#include <stdlib.h>
#include <unistd.h>

#include "evaluation_fixture.h"

static char gold_path[] = "/tmp/sikap-gold-XXXXXX";
static char given_path[] = "/tmp/sikap-given-XXXXXX";

static int make_files(void **state)
{
    (void)state;
    const int gold = mkstemp(gold_path), given = mkstemp(given_path);
    if (gold < 0 || given < 0)
        return -1;
    close(gold);
    close(given);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    remove(gold_path);
    remove(given_path);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static void note_problem(void *context, const sikap_error *problem)
{
    struct buffer *notes = context;
    buffer_text(notes, problem->message);
    buffer_byte(notes, '\n');
}

/* NULL and *err filled, or the evaluation; warnings line by line in `notes`. */
static sikap_evaluation *evaluate(const char *gold, const char *given, const char *field,
                                  struct buffer *notes, sikap_error *err)
{
    const sikap_watch watch = {.context = notes, .problem = note_problem};
    const char *paths[] = {gold_path};
    sikap_options *options;
    sikap_evaluation *e;
    write_file(gold_path, gold);
    write_file(given_path, given);
    assert_int_equal(sikap_options_new(&options, NULL), 0);
    sikap_options_set(options, "input", "jsonl", NULL);
    sikap_options_set(options, "bootstrap", "0", NULL);
    sikap_options_set(options, "threads", "1", NULL);
    if (field != NULL)
        sikap_options_set(options, "field", field, NULL);
    memset(err, 0, sizeof *err);
    const int status = sikap_evaluate_predictions(&e, given_path, paths, 1, options, &watch, err);
    assert_int_equal(status, err->code);
    assert_true((status == 0) == (e != NULL));
    sikap_options_free(options);
    return e;
}

static void joined(void **state)
{
    (void)state;
    struct buffer notes = {0};
    sikap_error err;
    sikap_evaluation *e =
        evaluate("{\"id\":\"1\",\"text\":\"x\",\"t\":[\"a\"]}\n"
                 "{\"id\":\"2\",\"text\":\"x\",\"t\":[\"a\",\"b\"]}\n"
                 "{\"id\":\"3\",\"text\":\"x\"}\n"           /* not annotated */
                 "{\"id\":\"4\",\"text\":\"x\",\"t\":[]}\n", /* none of the labels */
                 "{\"id\":\"4\",\"t\":[\"c\"]}\n"
                 "{\"id\":\"3\",\"t\":[\"a\"]}\n"
                 "{\"id\":\"2\",\"t\":[\"b\"]}\n"
                 "{\"id\":\"1\",\"t\":[\"a\"],\"scores\":{\"t\":{\"a\":0.9}}}\n",
                 "t:multi", &notes, &err);
    if (e == NULL)
        fail_msg("%s", err.message);
    assert_near(fixture_figure(e, "n_documents"), 4);
    assert_near(fixture_figure(e, "t.n_documents"), 3);
    assert_near(fixture_figure(e, "t.micro.precision"), 2.0 / 3);
    assert_near(fixture_figure(e, "t.micro.recall"), 2.0 / 3);
    assert_near(fixture_figure(e, "t.labels.a.recall"), 0.5);
    assert_near(fixture_figure(e, "t.labels.b.f1"), 1);
    assert_near(fixture_figure(e, "t.labels.c.predicted"), 1);
    assert_near(fixture_figure(e, "t.subset_accuracy"), 1.0 / 3);
    assert_int_equal(notes.n, 0);
    sikap_evaluation_free(e);
    buffer_free(&notes);
}

static void warned(void **state)
{
    (void)state;
    struct buffer notes = {0};
    sikap_error err;
    sikap_evaluation *e = evaluate("{\"id\":\"1\",\"text\":\"x\",\"t\":[\"a\"]}\n"
                                   "{\"id\":\"2\",\"text\":\"x\",\"t\":[\"a\"]}\n",
                                   "{\"id\":\"1\",\"t\":[\"a\"]}\n"
                                   "{\"id\":\"2\",\"error\":\"cannot read it\"}\n"
                                   "{\"id\":\"3\",\"t\":[\"a\"]}\n"
                                   "{\"id\":\"1\",\"t\":[]}\n",
                                   "t:multi", &notes, &err);
    if (e == NULL)
        fail_msg("%s", err.message);
    buffer_byte(&notes, '\0');
    assert_has(notes.bytes, "1 of 3 documents are not in gold: '3'\n");
    assert_has(notes.bytes, "duplicate id '1'");
    assert_has(notes.bytes, "1 documents say nothing about the field 't', which counts as no label "
                            "given: '2'\n");
    assert_near(fixture_figure(e, "t.micro.recall"), 0.5);
    sikap_evaluation_free(e);
    buffer_free(&notes);
}

static void refused(void **state)
{
    (void)state;
    static const char GOLD[] = "{\"id\":\"1\",\"text\":\"x\",\"t\":\"a\"}\n"
                               "{\"id\":\"2\",\"text\":\"x\",\"t\":\"b\"}\n"
                               "{\"id\":\"3\",\"text\":\"x\",\"t\":\"b\"}\n"
                               "{\"id\":\"4\",\"text\":\"x\",\"t\":\"b\"}\n"
                               "{\"id\":\"5\",\"text\":\"x\",\"t\":\"b\"}\n";
    static const struct {
        const char *given, *field, *message;
    } CASES[] = {
        {"{\"id\":\"1\",\"t\":\"a\"}\n", "t:single",
         "4 of 5 gold documents are missing: '2', '3', '4', …"},
        {"{\"id\":\"1\",\"t\":\"a\"}\n{\"id\":\"2\",\"t\":null}\n{\"id\":\"3\",\"t\":\"a\"}\n"
         "{\"id\":\"4\",\"t\":\"a\"}\n{\"id\":\"5\",\"t\":\"a\"}\n",
         "t:single", "document '2' has 0 predictions for the single field 't', expected 1"},
        {"{\"id\":\"1\",\"t\":\"a\"}\n{\"id\":\"2\",\"t\":[\"a\",\"b\"]}\n{\"id\":\"3\","
         "\"t\":\"a\"}\n{\"id\":\"4\",\"t\":\"a\"}\n{\"id\":\"5\",\"t\":\"a\"}\n",
         "t:single", "document '2' has 2 predictions for the single field 't', expected 1"},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct buffer notes = {0};
        sikap_error err;
        assert_null(evaluate(GOLD, CASES[c].given, CASES[c].field, &notes, &err));
        assert_int_equal(err.code, SIKAP_DATA);
        assert_string_equal(err.message, CASES[c].message);
        assert_string_equal(err.file, given_path);
        buffer_free(&notes);
    }
}

/* Many fields: each is looked up by its own name. */
static void many_fields(void **state)
{
    (void)state;
    enum { N = 70 };
    struct buffer gold = {0}, given = {0}, notes = {0};
    const char *paths[] = {gold_path};
    sikap_options *options;
    sikap_evaluation *e;
    sikap_error err = {0};
    assert_int_equal(sikap_options_new(&options, NULL), 0);
    sikap_options_set(options, "input", "jsonl", NULL);
    sikap_options_set(options, "bootstrap", "0", NULL);
    buffer_text(&gold, "{\"id\":\"1\",\"text\":\"x\"");
    buffer_text(&given, "{\"id\":\"1\"");
    for (int f = 0; f < N; f++) {
        char name[32];
        snprintf(name, sizeof name, "f%d:multi", f);
        sikap_options_set(options, "field", name, NULL);
        buffer_format(&gold, ",\"f%d\":[\"a\"]", f);
        buffer_format(&given, ",\"f%d\":[\"%s\"]", f, f % 2 == 0 ? "a" : "b");
    }
    buffer_text(&gold, "}\n");
    buffer_text(&given, "}\n");
    buffer_byte(&gold, '\0');
    buffer_byte(&given, '\0');
    write_file(gold_path, gold.bytes);
    write_file(given_path, given.bytes);
    if (sikap_evaluate_predictions(&e, given_path, paths, 1, options, NULL, &err) != 0)
        fail_msg("%s", err.message);
    assert_near(fixture_figure(e, "f68.micro.f1"), 1);
    assert_near(fixture_figure(e, "f69.micro.f1"), 0);
    sikap_evaluation_free(e);
    sikap_options_free(options);
    buffer_free(&gold);
    buffer_free(&given);
    buffer_free(&notes);
}

static void bad_options(void **state)
{
    (void)state;
    static const char *const CASES[][3] = {
        {"bootstrap", "-1", "--bootstrap: '-1' is not a whole number"},
        {"bootstap", "5", "unknown option '--bootstap'; did you mean '--bootstrap'?"},
        {"group", "outlet", "--group: no document has the key 'outlet'"},
    };
    const char *paths[] = {gold_path};
    write_file(gold_path, "{\"id\":\"1\",\"text\":\"x\",\"t\":[\"a\"]}\n");
    write_file(given_path, "{\"id\":\"1\",\"t\":[\"a\"]}\n");
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        sikap_options *options;
        sikap_evaluation *e;
        sikap_error err = {0};
        assert_int_equal(sikap_options_new(&options, NULL), 0);
        sikap_options_set(options, "input", "jsonl", NULL);
        sikap_options_set(options, CASES[c][0], CASES[c][1], NULL);
        if (c == 2)
            sikap_options_set(options, "field", "t", NULL);
        assert_int_equal(sikap_evaluate_predictions(&e, given_path, paths, 1, options, NULL, &err),
                         c == 2 ? SIKAP_DATA : SIKAP_USAGE);
        assert_has(err.message, CASES[c][2]);
        assert_null(e);
        sikap_options_free(options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined),      cmocka_unit_test(warned),      cmocka_unit_test(refused),
        cmocka_unit_test(many_fields), cmocka_unit_test(bad_options),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
