/* SPDX-License-Identifier: Apache-2.0 */
/* Folds are checked by what they promise: every document once, even shares, groups whole, the past
 * before the future, the same folds for the same seed. */
#include "measure/folds.h"

#include <string.h>

#include "cases.h"

static void sizes(const struct folds *f, size_t *size)
{
    memset(size, 0, f->n_folds * sizeof *size);
    for (size_t i = 0; i < f->n_documents; i++) {
        assert_true(f->of[i] < f->n_folds);
        size[f->of[i]]++;
    }
}

static size_t spread(const size_t *count, size_t n)
{
    size_t low = count[0], high = count[0];
    for (size_t i = 1; i < n; i++) {
        low = count[i] < low ? count[i] : low;
        high = count[i] > high ? count[i] : high;
    }
    return high - low;
}

/* Most by which the folds differ in documents of the label. */
static size_t label_spread(const struct folds *f, const uint8_t *labels, size_t n_labels, size_t l)
{
    size_t count[16] = {0};
    for (size_t i = 0; i < f->n_documents; i++)
        count[f->of[i]] += labels[i * n_labels + l] != 0;
    return spread(count, f->n_folds);
}

static void plain_is_even_and_seeded(void **state)
{
    (void)state;
    struct folds_request request = {.n_documents = 103, .n_folds = 10, .seed = 1};
    struct folds *a, *b, *c, *d;
    size_t size[10];
    assert_int_equal(folds_plain(&a, &request, NULL), 0);
    sizes(a, size);
    assert_int_equal(spread(size, 10), 1);
    assert_int_equal(folds_plain(&b, &request, NULL), 0);
    assert_memory_equal(a->of, b->of, 103 * sizeof *a->of);
    request.repeat = 1;
    assert_int_equal(folds_plain(&c, &request, NULL), 0);
    assert_memory_not_equal(a->of, c->of, 103 * sizeof *a->of);
    request.repeat = 0;
    request.seed = 2;
    assert_int_equal(folds_plain(&d, &request, NULL), 0);
    assert_memory_not_equal(a->of, d->of, 103 * sizeof *a->of);
    size_t n_tests = 0, n_trains = 0;
    for (size_t i = 0; i < 103; i++) {
        assert_true(folds_tests(a, 3, i) != folds_trains(a, 3, i));
        n_tests += (size_t)folds_tests(a, 3, i);
        n_trains += (size_t)folds_trains(a, 3, i);
    }
    assert_int_equal(n_tests + n_trains, 103);
    folds_free(a);
    folds_free(b);
    folds_free(c);
    folds_free(d);
}

static void stratified_shares_are_even(void **state)
{
    (void)state;
    enum { N = 211, CLASSES = 5, K = 4 };
    uint32_t class_of[N], draws = 11;
    uint8_t cells[N * CLASSES] = {0};
    for (size_t i = 0; i < N; i++) {
        /* Class 4 has two documents, fewer than folds. */
        class_of[i] = i < 2 ? 4 : (uint32_t)(draw(&draws, 10) * draw(&draws, 10) / 25);
        cells[i * CLASSES + class_of[i]] = 1;
    }
    const struct folds_request request = {.n_documents = N, .n_folds = K, .seed = 3};
    struct folds *f;
    size_t size[K];
    assert_int_equal(folds_stratified(&f, class_of, CLASSES, &request, NULL), 0);
    sizes(f, size);
    assert_int_equal(spread(size, K), 1);
    for (size_t c = 0; c < CLASSES; c++)
        assert_true(label_spread(f, cells, CLASSES, c) <= 1);
    folds_free(f);
    sikap_error err;
    class_of[7] = 5;
    assert_int_equal(folds_stratified(&f, class_of, CLASSES, &request, &err), SIKAP_DATA);
    assert_null(f);
    assert_string_equal(err.message, "document 7: class 5 of 5");
}

enum { MULTI_DOCUMENTS = 1000, RARE_LABELS = 12, TEN = 10 };

/* Labels from half of the documents to one in a hundred, drawn together in part. */
static void rare_case(uint8_t *labels)
{
    uint32_t draws = 21;
    for (int i = 0; i < MULTI_DOCUMENTS; i++) {
        const int mood = draw(&draws, 100);
        for (int l = 0; l < RARE_LABELS; l++)
            labels[i * RARE_LABELS + l] =
                draw(&draws, 1000) < 500 / (l * l + 1) + (mood < 5 && l < 6 ? 300 : 0) + 5;
    }
}

static size_t count_label(const uint8_t *labels, size_t l)
{
    size_t n = 0;
    for (size_t i = 0; i < MULTI_DOCUMENTS; i++)
        n += labels[i * RARE_LABELS + l] != 0;
    return n;
}

/* The label that is dealt first is dealt evenly, whatever the seed: that is why the rarest is. */
static void rarest_label_is_even(void **state)
{
    (void)state;
    static uint8_t labels[MULTI_DOCUMENTS * RARE_LABELS];
    rare_case(labels);
    size_t rarest = 0;
    for (size_t l = 1; l < RARE_LABELS; l++)
        rarest = count_label(labels, l) < count_label(labels, rarest) ? l : rarest;
    for (uint64_t seed = 0; seed < 20; seed++) {
        const struct folds_request request = {
            .n_documents = MULTI_DOCUMENTS, .n_folds = TEN, .seed = seed};
        struct folds *f;
        assert_int_equal(folds_iterative(&f, labels, RARE_LABELS, &request, NULL), 0);
        assert_true(label_spread(f, labels, RARE_LABELS, rarest) <= 1);
        folds_free(f);
    }
}

static void iterative_balances_every_label(void **state)
{
    (void)state;
    static uint8_t labels[MULTI_DOCUMENTS * RARE_LABELS];
    rare_case(labels);
    const struct folds_request request = {
        .n_documents = MULTI_DOCUMENTS, .n_folds = TEN, .seed = 5};
    struct folds *f, *again, *plain;
    size_t size[TEN];
    assert_int_equal(folds_iterative(&f, labels, RARE_LABELS, &request, NULL), 0);
    sizes(f, size);
    assert_true(spread(size, TEN) <= 2);
    assert_int_equal(folds_plain(&plain, &request, NULL), 0);
    size_t sum = 0, sum_plain = 0;
    for (size_t l = 0; l < RARE_LABELS; l++) {
        assert_true(label_spread(f, labels, RARE_LABELS, l) <= 3);
        sum += label_spread(f, labels, RARE_LABELS, l);
        sum_plain += label_spread(plain, labels, RARE_LABELS, l);
    }
    assert_true(sum * 3 < sum_plain); /* the test would notice if nothing were balanced */
    assert_int_equal(folds_iterative(&again, labels, RARE_LABELS, &request, NULL), 0);
    assert_memory_equal(f->of, again->of, MULTI_DOCUMENTS * sizeof *f->of);
    folds_free(f);
    folds_free(again);
    folds_free(plain);
}

/* One label per document: what Sechidis's method does must then be plain stratification; and a
 * document without labels goes where there is room. */
static void iterative_on_easy_labels(void **state)
{
    (void)state;
    enum { N = 90 };
    uint8_t labels[N * 3] = {0};
    for (size_t i = 0; i < N; i++)
        if (i % 10 != 0)
            labels[i * 3 + (i % 7 == 0 ? 2 : i % 2)] = 1;
    const struct folds_request request = {.n_documents = N, .n_folds = 5, .seed = 0};
    struct folds *f;
    size_t size[5];
    assert_int_equal(folds_iterative(&f, labels, 3, &request, NULL), 0);
    sizes(f, size);
    assert_int_equal(spread(size, 5), 0);
    for (size_t l = 0; l < 3; l++)
        assert_true(label_spread(f, labels, 3, l) <= 1);
    folds_free(f);
    assert_int_equal(folds_iterative(&f, labels, 0, &request, NULL), 0);
    sizes(f, size);
    assert_int_equal(spread(size, 5), 0);
    folds_free(f);
}

static void groups_stay_whole_and_balanced(void **state)
{
    (void)state;
    enum { GROUPS = 120, K = 5 };
    static uint8_t labels[MULTI_DOCUMENTS * RARE_LABELS];
    rare_case(labels);
    uint32_t group[MULTI_DOCUMENTS], draws = 8;
    for (size_t i = 0; i < MULTI_DOCUMENTS; i++)
        group[i] = i < GROUPS ? (uint32_t)i
                              : (uint32_t)(draw(&draws, GROUPS) * draw(&draws, GROUPS) / GROUPS);
    const struct folds_request request = {.n_documents = MULTI_DOCUMENTS, .n_folds = K, .seed = 4};
    struct folds *f;
    size_t size[K];
    assert_int_equal(folds_grouped(&f, labels, RARE_LABELS, group, GROUPS, &request, NULL), 0);
    sizes(f, size);
    assert_true(spread(size, K) <= 20);
    for (size_t i = 0; i < MULTI_DOCUMENTS; i++)
        for (size_t j = 0; j < i; j++)
            if (group[i] == group[j])
                assert_int_equal(f->of[i], f->of[j]);
    /* Balance is meant in shares: one document of a label's twenty counts as ten of its two
     * hundred. */
    double uneven = 0, uneven_blind = 0;
    for (size_t l = 0; l < RARE_LABELS; l++) {
        const double total = (double)count_label(labels, l);
        assert_true((double)label_spread(f, labels, RARE_LABELS, l) <= 2 + total / 20);
        uneven += (double)label_spread(f, labels, RARE_LABELS, l) / total;
    }
    folds_free(f);
    /* Sizes only: sizes come out better, labels much worse. */
    assert_int_equal(folds_grouped(&f, NULL, 0, group, GROUPS, &request, NULL), 0);
    sizes(f, size);
    assert_true(spread(size, K) <= 2);
    for (size_t l = 0; l < RARE_LABELS; l++)
        uneven_blind +=
            (double)label_spread(f, labels, RARE_LABELS, l) / (double)count_label(labels, l);
    assert_true(uneven_blind > 3 * uneven);
    folds_free(f);
}

static void forward_keeps_equal_times_together(void **state)
{
    (void)state;
    static const struct {
        int64_t time[10];
        size_t n_folds;
        uint32_t of[10];
    } CASES[] = {
        /* Even cuts: 10 documents, 5 blocks of 2. */
        {{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, 4, {3, 3, 2, 2, 1, 1, 0, 0, FOLDS_NEVER, FOLDS_NEVER}},
        /* Seven of one time: the others make the other blocks. */
        {{5, 5, 5, 5, 5, 5, 5, 1, INT64_MAX, INT64_MIN},
         3,
         {1, 1, 1, 1, 1, 1, 1, 0, 2, FOLDS_NEVER}},
        /* The even cut at 3 falls into a long run: it goes before it, the nearer end. */
        {{1, 1, 2, 2, 2, 2, 2, 3, 4, 5}, 2, {FOLDS_NEVER, FOLDS_NEVER, 0, 0, 0, 0, 0, 1, 1, 1}},
        /* And here behind it. */
        {{1, 1, 1, 1, 2, 2, 2, 3, 3, 3},
         2,
         {FOLDS_NEVER, FOLDS_NEVER, FOLDS_NEVER, FOLDS_NEVER, 0, 0, 0, 1, 1, 1}},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        const struct folds_request request = {.n_documents = 10, .n_folds = CASES[c].n_folds};
        struct folds *f;
        assert_int_equal(folds_forward(&f, CASES[c].time, &request, NULL), 0);
        for (size_t i = 0; i < 10; i++)
            assert_true(f->of[i] == CASES[c].of[i]);
        for (size_t fold = 0; fold < f->n_folds; fold++)
            for (size_t i = 0; i < 10; i++)
                for (size_t j = 0; j < 10; j++)
                    if (folds_trains(f, fold, i) && folds_tests(f, fold, j))
                        assert_true(CASES[c].time[i] < CASES[c].time[j]);
        folds_free(f);
    }
    const struct folds_request request = {.n_documents = 10, .n_folds = 3};
    struct folds *f;
    sikap_error err;
    assert_int_equal(folds_forward(&f, CASES[3].time, &request, &err), SIKAP_DATA);
    assert_string_equal(err.message, "3 different times, 3 folds in time order need 4");
}

static void impossible_requests(void **state)
{
    (void)state;
    struct folds *f;
    sikap_error err;
    const struct folds_request one = {.n_documents = 10, .n_folds = 1};
    assert_int_equal(folds_plain(&f, &one, &err), SIKAP_USAGE);
    assert_string_equal(err.message, "1 folds, at least 2 are needed");
    const struct folds_request few = {.n_documents = 3, .n_folds = 4};
    assert_int_equal(folds_plain(&f, &few, &err), SIKAP_DATA);
    assert_null(f);
    assert_string_equal(err.message, "3 documents cannot be cut into 4 folds");
    const uint32_t group[] = {0, 1, 1, 0, 1, 0};
    const struct folds_request groups = {.n_documents = 6, .n_folds = 3};
    assert_int_equal(folds_grouped(&f, NULL, 0, group, 2, &groups, &err), SIKAP_DATA);
    assert_string_equal(err.message, "2 groups cannot be cut into 3 folds");
    const struct folds_request wrong = {.n_documents = 6, .n_folds = 2};
    const uint32_t bad[] = {0, 1, 2, 0, 1, 0};
    assert_int_equal(folds_grouped(&f, NULL, 0, bad, 2, &wrong, &err), SIKAP_DATA);
    assert_string_equal(err.message, "document 2: group 2 of 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_is_even_and_seeded),
        cmocka_unit_test(stratified_shares_are_even),
        cmocka_unit_test(rarest_label_is_even),
        cmocka_unit_test(iterative_balances_every_label),
        cmocka_unit_test(iterative_on_easy_labels),
        cmocka_unit_test(groups_stay_whole_and_balanced),
        cmocka_unit_test(forward_keeps_equal_times_together),
        cmocka_unit_test(impossible_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
