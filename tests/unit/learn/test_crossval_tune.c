/* SPDX-License-Identifier: Apache-2.0 */
/* Nested cross-validation: what a fold is tested on has no say in what it chooses. Folds in time
 * order do not depend on labels, so the labels of the future can be changed while the past stays as
 * it is; and labels that mean nothing show what a search that has seen the answers would claim. */
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
#include "base/random.h"
#include "sikap_train.h"

enum { FOLDS = 3, BLOCK = 30, N_TEXTS = (FOLDS + 1) * BLOCK, N_WORDS = 40 };

static char corpus_path[] = "/tmp/sikap-test-XXXXXX";

static int take(void *context, const char *bytes, size_t n)
{
    buffer_bytes(context, bytes, n);
    return 0;
}

/* Two labels, as often; `tells`: the texts say which, and one is rarer. From text `changed` on a
 * label is the other one. */
static void write_corpus(uint64_t seed, int tells, size_t changed)
{
    struct random r;
    random_seed(&r, seed, 0);
    FILE *f = fopen(corpus_path, "wb");
    assert_non_null(f);
    for (size_t i = 0; i < N_TEXTS; i++) {
        const int label = tells ? random_below(&r, 3) == 0 : i % 2 == 0;
        fprintf(f, "{\"id\":\"%zu\",\"day\":%zu,\"text\":\"", i, i);
        for (size_t k = 0; k < 12; k++)
            fprintf(f, "w%u ", (unsigned)random_below(&r, N_WORDS));
        if (tells && random_below(&r, 3) > 0)
            fprintf(f, "sign%d", label);
        fprintf(f, "\",\"side\":\"%c\"}\n", "ab"[i < changed ? label : 1 - label]);
    }
    assert_int_equal(fclose(f), 0);
}

static sikap_evaluation *crossval(const char *const (*pairs)[2], struct buffer *labels)
{
    const char *const paths[] = {corpus_path};
    sikap_options *options;
    sikap_evaluation *e;
    sikap_error err = {0};
    assert_int_equal(sikap_options_new(&options, NULL), 0);
    for (; (*pairs)[0] != NULL; pairs++)
        assert_int_equal(sikap_options_set(options, (*pairs)[0], (*pairs)[1], NULL), 0);
    if (sikap_crossval(&e, paths, 1, options, NULL, take, labels, &err) != 0)
        fail_msg("%s", err.message);
    sikap_options_free(options);
    return e;
}

/* From one mark to the next one after it. */
static char *between(const char *text, const char *from, const char *to)
{
    const char *begin = strstr(text, from);
    assert_non_null(begin);
    const char *end = strstr(begin, to);
    assert_non_null(end);
    char *part = strndup(begin, (size_t)(end - begin));
    assert_non_null(part);
    return part;
}

static const char *const in_time[][2] = {
    {"input", "jsonl"}, {"field", "side:single"}, {"time", "day"}, {"folds", "3"}, {NULL, NULL}};

/* What the first fold chose, and the labels it gave, when all from text `changed` on is another. */
static void first_fold(char **chose, char **gave, const char *const (*more)[2], size_t changed)
{
    const char *pairs[8][2] = {{NULL}};
    size_t n = 0;
    for (size_t i = 0; in_time[i][0] != NULL; i++)
        memcpy(pairs[n++], in_time[i], sizeof *pairs);
    for (; (*more)[0] != NULL; more++)
        memcpy(pairs[n++], *more, sizeof *pairs);
    struct buffer labels = {0}, json = {0};
    write_corpus(3, 1, changed);
    sikap_evaluation *e = crossval((const char *const(*)[2])pairs, &labels);
    assert_int_equal(sikap_evaluation_json(e, take, &json, NULL), 0);
    buffer_byte(&labels, '\0');
    buffer_byte(&json, '\0');
    assert_false(labels.failed || json.failed);
    *gave = between(labels.bytes, "{\"id\":\"30\"", "{\"id\":\"60\"");
    *chose = strstr(json.bytes, "\"tuning\"") == NULL
                 ? strdup("")
                 : between(json.bytes, "\"fold\":1,", ",\"tested\"");
    sikap_evaluation_free(e);
    buffer_free(&labels);
    buffer_free(&json);
}

static void test_the_tested_labels_have_no_say(void **state)
{
    (void)state;
    static const char *const cases[][2][2] = {
        {{"tune", "quick"}, {NULL}},         {{"class-weight", "balanced"}, {NULL}},
        {{"prune", "auto"}, {NULL}},         {{"select", "chi2:20"}, {NULL}},
        {{"calibrate", "isotonic"}, {NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *chose, *gave, *chose_now, *gave_now;
        first_fold(&chose, &gave, cases[i], N_TEXTS);
        first_fold(&chose_now, &gave_now, cases[i], BLOCK); /* all that it did not learn from */
        assert_string_equal(chose, chose_now);
        assert_string_equal(gave, gave_now);
        free(gave_now);
        free(chose_now);
        first_fold(&chose_now, &gave_now, cases[i], BLOCK / 2); /* this it has learnt from */
        assert_string_not_equal(gave, gave_now);
        free(chose);
        free(gave);
        free(chose_now);
        free(gave_now);
    }
}

static double figure(const sikap_evaluation *e, const char *gate)
{
    int passed;
    double value;
    sikap_error err = {0};
    if (sikap_evaluation_gate(e, gate, &passed, &value, &err) != 0)
        fail_msg("%s", err.message);
    return value;
}

/* Over eight corpora of 120 texts the accuracy of guessing has a standard error of 0.016. */
static void test_labels_that_mean_nothing(void **state)
{
    (void)state;
    enum { CORPORA = 8 };
    static const char *const pairs[][2] = {{"input", "jsonl"},     {"field", "side:single"},
                                           {"folds", "4"},         {"tune", "quick"},
                                           {"objective", "micro"}, {NULL, NULL}};
    double found = 0, tested = 0;
    for (uint64_t seed = 1; seed <= CORPORA; seed++) {
        struct buffer labels = {0};
        write_corpus(seed, 0, N_TEXTS);
        sikap_evaluation *e = crossval(pairs, &labels);
        found += figure(e, "tuning.found>0") / CORPORA;
        tested += figure(e, "tuning.tested>0") / CORPORA;
        /* Pooled over the folds the value is the accuracy that is reported. */
        const double off = figure(e, "tuning.tested>0") - figure(e, "side.accuracy>0");
        assert_true(off < 1e-12 && off > -1e-12);
        sikap_evaluation_free(e);
        buffer_free(&labels);
    }
    print_message("chance: found %.3f, tested %.3f\n", found, tested);
    assert_true(found > 0.53);
    assert_true(tested < 0.53 && tested > 0.44);
}

static int setup(void **state)
{
    (void)state;
    const int file = mkstemp(corpus_path);
    return file < 0 ? -1 : close(file);
}

static int teardown(void **state)
{
    (void)state;
    return unlink(corpus_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_tested_labels_have_no_say),
        cmocka_unit_test(test_labels_that_mean_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
