/* SPDX-License-Identifier: Apache-2.0 */
/* A trained model beside gold: the evaluation counts what sikap_score and sikap_choose give, each
 * document once, and tells what it could not use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "sikap_train.h"

static char corpus_path[] = "/tmp/sikap-test-XXXXXX";
static sikap_model *model;

static const char training[] =
    "{\"id\":\"1\",\"text\":\"sanksi sepihak harus dicabut\",\"topic\":[\"sanctions\"],"
    "\"tone\":\"against\"}\n"
    "{\"id\":\"2\",\"text\":\"perdamaian dan keamanan kawasan\",\"topic\":[\"security\"],"
    "\"tone\":\"for\"}\n"
    "{\"id\":\"3\",\"text\":\"sanksi diperketat demi keamanan\",\"topic\":[\"sanctions\","
    "\"security\"],\"tone\":\"for\"}\n"
    "{\"id\":\"4\",\"text\":\"pertandingan bola semalam\",\"topic\":[],\"tone\":\"for\"}\n"
    "{\"id\":\"5\",\"text\":\"sanksi ekonomi sepihak ditolak\",\"topic\":[\"sanctions\"],"
    "\"tone\":\"against\"}\n";

static void write_corpus(const char *text)
{
    FILE *f = fopen(corpus_path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static sikap_options *options_of(const char *const (*pairs)[2], size_t n)
{
    sikap_options *options;
    assert_int_equal(sikap_options_new(&options, NULL), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sikap_options_set(options, pairs[i][0], pairs[i][1], NULL), 0);
    return options;
}

static int train(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"input", "jsonl"},
                                           {"field", "topic:multi"},
                                           {"field", "tone:single"},
                                           {"ngrams", "1-1"},
                                           {"threshold", "0"}};
    const int file = mkstemp(corpus_path);
    if (file < 0)
        return -1;
    close(file);
    write_corpus(training);
    sikap_options *options = options_of(pairs, 5);
    const char *paths[] = {corpus_path};
    sikap_error err = {0};
    const int status = sikap_train(&model, paths, 1, options, NULL, NULL, &err);
    if (status != 0)
        fprintf(stderr, "%s\n", err.message);
    sikap_options_free(options);
    return status;
}

static int clean(void **state)
{
    (void)state;
    sikap_model_free(model);
    remove(corpus_path);
    return 0;
}

static void note_problem(void *context, const sikap_error *problem)
{
    buffer_format(context, "%zu: %s\n", problem->line, problem->message);
}

static sikap_evaluation *evaluate(const char *corpus, const char *name, const char *value,
                                  struct buffer *notes, sikap_error *err)
{
    const char *const pairs[][2] = {{"input", "jsonl"}, {"bootstrap", "0"}, {name, value}};
    const sikap_watch watch = {.context = notes, .problem = note_problem};
    const char *paths[] = {corpus_path};
    sikap_options *options = options_of(pairs, name == NULL ? 2 : 3);
    sikap_evaluation *e;
    memset(err, 0, sizeof *err);
    write_corpus(corpus);
    const int status = sikap_evaluate(&e, model, paths, 1, options, &watch, err);
    assert_int_equal(status, err->code);
    assert_true((status == 0) == (e != NULL));
    sikap_options_free(options);
    return e;
}

static double figure(const sikap_evaluation *e, const char *path)
{
    char gate[200];
    int passed;
    double value;
    sikap_error err = {0};
    snprintf(gate, sizeof gate, "%s>=0", path);
    if (sikap_evaluation_gate(e, gate, &passed, &value, &err) != 0)
        fail_msg("%s", err.message);
    return value;
}

static size_t label_number(const char *name)
{
    for (size_t l = 0; l < sikap_model_n_all_labels(model); l++)
        if (strcmp(sikap_model_label(model, l), name) == 0)
            return l;
    fail_msg("no label %s", name);
    return 0;
}

/* Is the label given to the text? */
static int given(const char *text, const char *label)
{
    float scores[8];
    unsigned char chosen[8];
    const sikap_segment segment = {"text", text, strlen(text)};
    sikap_scorer *scorer;
    assert_true(sikap_model_n_all_labels(model) <= 8);
    assert_int_equal(sikap_scorer_new(&scorer, model, NULL), 0);
    assert_int_equal(sikap_score(scorer, &segment, 1, scores, NULL), 0);
    sikap_choose(model, scores, chosen);
    sikap_scorer_free(scorer);
    return chosen[label_number(label)];
}

static void counts_what_is_given(void **state)
{
    (void)state;
    static const char *const texts[] = {"sanksi sepihak", "keamanan kawasan", "bola"};
    static const char corpus[] =
        "{\"id\":\"a\",\"text\":\"sanksi sepihak\",\"topic\":[\"sanctions\"]}\n"
        "{\"id\":\"b\",\"text\":\"keamanan kawasan\",\"topic\":[\"sanctions\"],\"tone\":\"for\"}\n"
        "{\"id\":\"c\",\"text\":\"bola\",\"topic\":[],\"tone\":\"for\"}\n";
    static const char *const threads[] = {"1", "3"};
    for (size_t t = 0; t < 2; t++) {
        struct buffer notes = {0};
        sikap_error err;
        sikap_evaluation *e = evaluate(corpus, "threads", threads[t], &notes, &err);
        if (e == NULL)
            fail_msg("%s", err.message);
        int sanctions = 0, security = 0;
        for (size_t i = 0; i < 3; i++) {
            sanctions += given(texts[i], "sanctions");
            security += given(texts[i], "security");
        }
        /* The first is what the model was made for: this test is not about nothing. */
        assert_true(given(texts[0], "sanctions"));
        assert_true(figure(e, "topic.labels.sanctions.predicted") == sanctions);
        assert_true(figure(e, "topic.labels.security.predicted") == security);
        assert_true(figure(e, "topic.labels.sanctions.support") == 2);
        assert_true(figure(e, "topic.n_documents") == 3);
        assert_true(figure(e, "tone.n_documents") == 2);
        assert_true(figure(e, "tone.accuracy") ==
                    (given(texts[1], "for") + given(texts[2], "for")) / 2.0);
        assert_int_equal(notes.n, 0);
        sikap_evaluation_free(e);
        buffer_free(&notes);
    }
}

/* A label that the model cannot give is missed, and said so once. */
static void unknown_label(void **state)
{
    (void)state;
    struct buffer notes = {0};
    sikap_error err;
    sikap_evaluation *e =
        evaluate("{\"id\":\"a\",\"text\":\"sanksi\",\"topic\":[\"sport\"]}\n"
                 "{\"id\":\"b\",\"text\":\"bola\",\"topic\":[\"sport\",\"security\"]}\n",
                 NULL, NULL, &notes, &err);
    if (e == NULL)
        fail_msg("%s", err.message);
    buffer_byte(&notes, '\0');
    assert_string_equal(notes.bytes, "0: label 'sport' of field 'topic' is not known to the model: "
                                     "counted as missed\n");
    assert_true(figure(e, "topic.labels.sport.support") == 2);
    assert_true(figure(e, "topic.labels.sport.predicted") == 0);
    assert_true(figure(e, "topic.labels.sport.recall") == 0);
    assert_true(figure(e, "topic.subset_accuracy") == 0);
    sikap_evaluation_free(e);
    buffer_free(&notes);
}

#define MESSY                                                                                      \
    "{\"id\":\"a\",\"text\":\"sanksi\",\"topic\":[\"sanctions\"]}\n"                               \
    "{\"id\":\"b\",\"text\"\n"                                                                     \
    "{\"id\":\"a\",\"text\":\"bola\",\"topic\":[]}\n"                                              \
    "{\"id\":\"c\",\"topic\":[]}\n"

static void skipped(void **state)
{
    (void)state;
    struct buffer notes = {0};
    sikap_error err;
    sikap_evaluation *e = evaluate(MESSY, NULL, NULL, &notes, &err);
    if (e == NULL)
        fail_msg("%s", err.message);
    buffer_byte(&notes, '\0');
    assert_non_null(strstr(notes.bytes, "2: "));
    assert_non_null(strstr(notes.bytes, "3: duplicate id 'a'\n"));
    assert_non_null(strstr(notes.bytes, "4: no text"));
    assert_true(figure(e, "n_documents") == 1);
    assert_true(figure(e, "topic.labels.sanctions.support") == 1); /* of 'a' the first counts */
    sikap_evaluation_free(e);
    buffer_free(&notes);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *corpus, *option, *value, *message;
        sikap_status code;
        size_t line;
    } CASES[] = {
        {MESSY, "strict", NULL, "", SIKAP_DATA, 2},
        {"{\"id\":\"a\",\"text\":\"x\",\"other\":[]}\n", NULL, NULL,
         "none of 1 documents is annotated for a field of the model: 'topic', 'tone'", SIKAP_DATA,
         0},
        {"{\"id\":\"a\",\"topic\":[]}\n", NULL, NULL, "none of 1 documents could be used",
         SIKAP_DATA, 0},
        {"{\"id\":\"a\",\"text\":\"x\",\"topic\":[]}\n", "group", "outlet",
         "--group: no document has the key 'outlet'", SIKAP_DATA, 0},
        {"{\"id\":\"a\",\"text\":\"x\",\"topic\":[]}\n", "threads", "x",
         "--threads: 'x' is not a whole number", SIKAP_USAGE, 0},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct buffer notes = {0};
        sikap_error err;
        assert_null(evaluate(CASES[c].corpus, CASES[c].option, CASES[c].value, &notes, &err));
        assert_int_equal(err.code, CASES[c].code);
        assert_int_equal(err.line, CASES[c].line);
        if (strstr(err.message, CASES[c].message) == NULL)
            fail_msg("expected '%s', got '%s'", CASES[c].message, err.message);
        buffer_free(&notes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_what_is_given),
        cmocka_unit_test(unknown_label),
        cmocka_unit_test(skipped),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, train, clean);
}
