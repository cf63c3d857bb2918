/* SPDX-License-Identifier: Apache-2.0 */
/* What a term is worth to its weights, by hand; and --prune auto from the outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "learn/prune.h"
#include "sikap_train.h"

static void test_merit(void **state)
{
    (void)state;
    /* Rows {(0: 1) (1: 2)}, {(1: 3)}, {(2: 1) (0: 2)}; two tasks. */
    size_t start[] = {0, 2, 3, 5};
    uint32_t columns[] = {0, 1, 1, 0, 2};
    float values[] = {1, 2, 3, 2, 1};
    const float weights[] = {1, -2, 0.5f, 0, 0, 0}; /* squares: 5, 0.25, 0 */
    struct design d;
    memset(&d, 0, sizeof d);
    d.x.start = start;
    d.x.columns = columns;
    d.x.values = values;
    d.x.n_rows = 3;
    d.x.n_columns = 3;
    double merit[3] = {-1, -1, -1};
    assert_int_equal(prune_merit(merit, &d, NULL, 0, weights, 3, 2, NULL), 0);
    assert_true(merit[0] == 5.0 * 5 && merit[1] == 0.25 * 13 && merit[2] == 0);
    const uint32_t rows[] = {0, 1}; /* a fold's: the third document is not looked at */
    assert_int_equal(prune_merit(merit, &d, rows, 2, weights, 3, 2, NULL), 0);
    assert_true(merit[0] == 5.0 * 1 && merit[1] == 0.25 * 13 && merit[2] == 0);
}

/* One term and its copy in the one domain, then the domain's own column: both copies count. */
static void test_merit_of_targets(void **state)
{
    (void)state;
    size_t start[] = {0, 3};
    uint32_t columns[] = {0, 1, 2};
    float values[] = {2, 2, 1};
    const float weights[] = {1, 3, 100};
    struct design d;
    memset(&d, 0, sizeof d);
    d.x.start = start;
    d.x.columns = columns;
    d.x.values = values;
    d.x.n_rows = 1;
    d.x.n_columns = 3;
    d.n_domains = 1;
    double merit[1];
    assert_int_equal(prune_merit(merit, &d, NULL, 0, weights, 1, 1, NULL), 0);
    assert_true(merit[0] == 4.0 * 1 + 4.0 * 9);
}

static char corpus_path[] = "/tmp/sikap-test-XXXXXX";

/* Forty documents, half with the label. One word tells it all; sixty more words a document, each in
 * no other, only make noise: all but a thousand and a few terms can go. */
static void write_corpus(void)
{
    const int fd = mkstemp(corpus_path);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    for (int i = 0; i < 40; i++) {
        fprintf(f, "{\"id\":\"%d\",\"topic\":[%s],\"text\":\"%s", i, i % 2 ? "\"yes\"" : "",
                i % 2 ? "sanksi sanksi sanksi" : "pertandingan pertandingan");
        for (int k = 0; k < 60; k++)
            fprintf(f, " noise%dx%d", i, k);
        fprintf(f, "\"}\n");
    }
    assert_int_equal(fclose(f), 0);
}

static size_t terms_left(const char *prune, const char *compact)
{
    sikap_options *o;
    sikap_model *m;
    sikap_error err = {0};
    assert_int_equal(sikap_options_new(&o, &err), 0);
    const char *const options[][2] = {{"field", "topic:multi"},
                                      {"ngrams", "1-1"},
                                      {"threshold", "0"},
                                      {"prune", prune},
                                      {"compact", compact}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i][1] != NULL)
            assert_int_equal(sikap_options_set(o, options[i][0], options[i][1], &err), 0);
    const char *corpus = corpus_path;
    if (sikap_train(&m, &corpus, 1, o, NULL, NULL, &err) != 0)
        fail_msg("%s", err.message);
    const size_t n = sikap_model_n_terms(m);
    sikap_model_free(m);
    sikap_options_free(o);
    return n;
}

static void test_auto(void **state)
{
    (void)state;
    write_corpus();
    assert_int_equal(terms_left(NULL, NULL), 2402);
    assert_int_equal(terms_left("0", "yes"), 2402);
    assert_int_equal(terms_left("7", NULL), 7);
    assert_int_equal(terms_left("auto", NULL), 1201); /* the next half is below a thousand */
    assert_int_equal(terms_left(NULL, "yes"), 1201);
    unlink(corpus_path);
}

static void test_bad_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "-1", "1.5", "half", "4294967295", "nan", "1e3x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sikap_options *o;
        sikap_model *m = NULL;
        sikap_error err = {0};
        assert_int_equal(sikap_options_new(&o, &err), 0);
        int status = sikap_options_set(o, "prune", bad[i], &err);
        const char *corpus = "no-such-file";
        if (status == 0)
            status = sikap_train(&m, &corpus, 1, o, NULL, NULL, &err);
        assert_int_equal(status, SIKAP_USAGE);
        assert_non_null(strstr(err.message, "prune"));
        sikap_options_free(o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merit), cmocka_unit_test(test_merit_of_targets),
        cmocka_unit_test(test_auto), cmocka_unit_test(test_bad_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
