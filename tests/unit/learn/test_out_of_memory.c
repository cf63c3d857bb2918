/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of everything that makes and uses a model fails once: training with each kind of
 * solver, saving, loading, predicting, evaluating, cross-validating. Each time the operation says
 * that memory is out, gives back all that it took, and leaves no file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"
#include "failing_memory.h"
#include "sikap_train.h"

static char folder[] = "/tmp/sikap-memory-XXXXXX";
static char corpus[64], saved[64], target[64], labels[64];

static const char documents[] =
    "{\"id\":\"1\",\"title\":\"Sanksi\",\"text\":\"sanksi sepihak harus "
    "dicabut\",\"topic\":[\"sanctions\"],\"mood\":\"angry\",\"about\":\"a\"}\n"
    "{\"id\":\"2\",\"text\":\"perdamaian dan keamanan "
    "kawasan\",\"topic\":[\"security\"],\"mood\":\"calm\",\"about\":\"b\"}\n"
    "{\"id\":\"3\",\"text\":\"sanksi diperketat demi "
    "keamanan\",\"topic\":[\"sanctions\",\"security\"],\"mood\":\"angry\",\"about\":\"b\"}\n"
    "{\"id\":\"4\",\"text\":\"pertandingan bola \xFF "
    "semalam\",\"topic\":[],\"mood\":\"calm\",\"about\":\"a\"}\n"
    "{oops\n"
    "{\"id\":\"5\",\"text\":\"sanksi baru dan keamanan\",\"topic\":[\"sanctions\"],\"mood\":"
    "\"angry\",\"about\":\"a\"}\n"
    "{\"id\":\"6\",\"text\":\"perdamaian itu milik "
    "semua\",\"topic\":[\"security\"],\"mood\":\"calm\",\"about\":\"b\"}\n";

static sikap_options *options; /* of the operation, made beforehand */
static sikap_model *model;

static uint64_t result; /* a hash of what the operation made */

static void add(const void *bytes, size_t n)
{
    result = hash_chain(result, hash_bytes(bytes, n, 1));
}

static int drop(void *context, const char *bytes, size_t n)
{
    (void)context;
    add(bytes, n);
    return 0;
}

static void add_model(const sikap_model *m)
{
    size_t n;
    for (size_t t = 0; t < sikap_model_n_terms(m); t++) {
        const char *text = sikap_model_term(m, t, &n);
        add(text, n);
        for (size_t l = 0; l < sikap_model_n_all_labels(m); l++) {
            const double weight = sikap_model_weight(m, t, l);
            add(&weight, sizeof weight);
        }
    }
    for (size_t i = 0; sikap_model_note_name(m, i) != NULL; i++) {
        const char *note = sikap_model_note(m, sikap_model_note_name(m, i));
        add(note, strlen(note));
    }
}

/* ---- the operations ---- */

static int train(sikap_error *err)
{
    const char *path = corpus;
    sikap_model *m;
    const int status = sikap_train(&m, &path, 1, options, NULL, NULL, err);
    assert_true((m != NULL) == (status == 0));
    if (status == 0)
        add_model(m);
    sikap_model_free(m);
    return status;
}

static int save(sikap_error *err)
{
    return sikap_model_save(model, target, err);
}

static int load(sikap_error *err)
{
    sikap_model *m;
    int status = sikap_model_load(&m, saved, err);
    assert_true((m != NULL) == (status == 0));
    if (status == 0)
        status = sikap_model_read_terms(m, err);
    if (status == 0)
        add_model(m);
    sikap_model_free(m);
    return status;
}

static int predict(sikap_error *err)
{
    const char *path = corpus;
    return sikap_predict(model, &path, 1, options, NULL, drop, NULL, NULL, err);
}

/* The results of evaluations are shown too. */
static int show(int status, sikap_evaluation *e, sikap_error *err)
{
    assert_true((e != NULL) == (status == 0));
    if (status == 0)
        status = sikap_evaluation_json(e, drop, NULL, err);
    if (status == 0)
        status = sikap_evaluation_text(e, 80, drop, NULL, err);
    int passed;
    double value;
    if (status == 0)
        status = sikap_evaluation_gate(e, "topic.micro.f1>=0", &passed, &value, err);
    sikap_evaluation_free(e);
    return status;
}

static int evaluate(sikap_error *err)
{
    const char *path = corpus;
    sikap_evaluation *e;
    const int status = sikap_evaluate(&e, model, &path, 1, options, NULL, err);
    return show(status, e, err);
}

static int evaluate_labels(sikap_error *err)
{
    const char *path = corpus;
    sikap_evaluation *e;
    const int status = sikap_evaluate_predictions(&e, labels, &path, 1, options, NULL, err);
    return show(status, e, err);
}

static int crossval(sikap_error *err)
{
    const char *path = corpus;
    sikap_evaluation *e;
    const int status = sikap_crossval(&e, &path, 1, options, NULL, drop, NULL, err);
    return show(status, e, err);
}

static int vectorize(sikap_error *err)
{
    const char *path = corpus;
    return sikap_vectorize(NULL, &path, 1, options, NULL, drop, NULL, err);
}

static int explain(sikap_error *err)
{
    static const sikap_segment article = {"text", "sanksi itu mengancam keamanan \xFF kawasan", 39};
    const sikap_contribution *parts;
    const sikap_occurrence *places;
    size_t n;
    float scores[8];
    sikap_scorer *s;
    int status = sikap_scorer_new(&s, model, err);
    if (status == 0)
        status = sikap_score(s, &article, 1, scores, err);
    if (status == 0)
        status = sikap_explain(s, 0, &parts, &n, err);
    if (status == 0)
        status = sikap_occurrences(s, &article, 1, &places, &n, err);
    sikap_scorer_free(s);
    return status;
}

#define LEARN "field=topic:multi field=mood:single threads=1 folds=2 "
static const struct {
    const char *name;
    int (*run)(sikap_error *err);
    const char *options;
} operations[] = {
    {"train l2svm-dual", train, LEARN "ngrams=1"},
    {"train lr, chars", train, LEARN "solver=lr chars=2-3 min-df=2 prune=5 precision=32"},
    {"train block, targets", train, LEARN "solver=block-lr ngrams=1 target=about passages"},
    {"train, stems and stop words", train,
     LEARN "ngrams=1-2 stem=indonesian stop-words=id segments=title*2:apart,text threshold=0 "
           "calibrate=no weighting=bm25 class-weight=balanced"},
    {"save", save, ""},
    {"load", load, ""},
    {"explain", explain, ""},
    {"predict", predict, "threads=1 scores"},
    {"predict two", predict, "threads=2 format=tsv"},
    {"eval", evaluate, "bootstrap=20 threads=1"},
    {"eval labels", evaluate_labels, "field=topic:multi bootstrap=20"},
    {"crossval", crossval, LEARN "ngrams=1 folds=3"},
    {"vectorize", vectorize, "field=topic:multi threads=1 ngrams=1"},
};

/* ---- the frame ---- */

static void set_options(const char *text)
{
    assert_int_equal(sikap_options_new(&options, NULL), 0);
    while (*text != '\0') {
        char pair[128];
        const size_t n = strcspn(text, " ");
        assert_true(n < sizeof pair);
        memcpy(pair, text, n);
        pair[n] = '\0';
        char *value = strchr(pair, '=');
        if (value != NULL)
            *value++ = '\0';
        assert_int_equal(sikap_options_set(options, pair, value, NULL), 0);
        text += n + (text[n] == ' ');
    }
}

static size_t count_files(void)
{
    DIR *dir = opendir(folder);
    size_t n = 0;
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

static void fail_each(const char *name, int (*run)(sikap_error *err))
{
    sikap_error err = {0};
    result = 0;
    if (run(&err) != 0)
        fail_msg("%s: %s", name, err.message);
    const uint64_t expected = result;
    unlink(target);
    const long held = atomic_load(&n_held);
    const size_t n_files = count_files();
    long n = 0;
    for (;; n++) {
        memset(&err, 0, sizeof err);
        result = 0;
        atomic_store(&left, n);
        const int status = run(&err);
        const int all_done = atomic_exchange(&left, -1) >= 0;
        if (atomic_load(&n_held) != held)
            fail_msg("%s: allocation %ld fails: %ld pieces are left", name, n,
                     atomic_load(&n_held) - held);
        /* What can be done without is no failure, as long as nothing is missing. */
        if (status == 0 && result != expected)
            fail_msg("%s: allocation %ld fails: the result is another one", name, n);
        if (all_done) {
            assert_int_equal(status, 0);
            break;
        }
        if (status == 0)
            continue;
        if (status != SIKAP_SYSTEM || strstr(err.message, "memory") == NULL)
            fail_msg("%s: allocation %ld fails: status %d, '%s'", name, n, status, err.message);
        assert_int_equal(err.code, status);
        assert_int_equal(count_files(), n_files);
    }
    unlink(target);
    print_message("%s: %ld allocations\n", name, n);
    assert_true(n > 3);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void every_allocation(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(corpus, sizeof corpus, "%s/corpus.jsonl", folder);
    snprintf(saved, sizeof saved, "%s/saved.sikap", folder);
    snprintf(target, sizeof target, "%s/target.sikap", folder);
    snprintf(labels, sizeof labels, "%s/labels.jsonl", folder);
    write_text(corpus, documents);
    write_text(labels, "{\"id\":\"1\",\"topic\":[\"security\"]}\n{\"id\":\"2\",\"topic\":[]}\n"
                       "{\"id\":\"3\",\"topic\":[]}\n{\"id\":\"4\",\"topic\":[]}\n"
                       "{\"id\":\"5\",\"topic\":[]}\n{\"id\":\"6\",\"topic\":[]}\n");
    const char *path = corpus;
    set_options(LEARN "chars=2-3");
    assert_int_equal(sikap_train(&model, &path, 1, options, NULL, NULL, NULL), 0);
    assert_int_equal(sikap_model_save(model, saved, NULL), 0);
    sikap_options_free(options);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        set_options(operations[i].options);
        fail_each(operations[i].name, operations[i].run);
        sikap_options_free(options);
    }
    sikap_model_free(model);
    unlink(corpus);
    unlink(saved);
    unlink(labels);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
