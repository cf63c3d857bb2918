/* SPDX-License-Identifier: Apache-2.0 */
/* A model file that is cut anywhere, or has any one byte changed, either predicts what it did or is
 * refused as SIKAP_MODEL; and what a score is made of adds up to it. */
#include "model_fixture.h"

#include "base/output.h"

static char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *bytes = malloc(1 << 20);
    *n = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

static void write_file(const char *bytes, size_t n)
{
    FILE *f = fopen(other_path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* 1: refused; 0: loaded, with the scores expected. */
static int refused(const float expected[2])
{
    sikap_model *m;
    sikap_error err = {0};
    const int status = sikap_model_load(&m, other_path, &err);
    if (status != 0) {
        assert_int_equal(status, SIKAP_MODEL);
        assert_null(m);
        assert_true(err.message[0] != '\0');
        return 1;
    }
    float scores[2];
    score(m, scores);
    assert_memory_equal(scores, expected, sizeof scores);
    sikap_model_free(m);
    return 0;
}

static void test_every_cut(void **state)
{
    (void)state;
    size_t n;
    char *bytes = read_file(model_path, &n);
    const float none[2] = {0, 0};
    for (size_t cut = 0; cut < n; cut++) {
        write_file(bytes, cut);
        assert_int_equal(refused(none), 1);
    }
    free(bytes);
}

static void test_every_byte(void **state)
{
    (void)state;
    size_t n, n_refused = 0;
    char *bytes = read_file(model_path, &n);
    sikap_model *m;
    float expected[2];
    sikap_error err;
    assert_int_equal(sikap_model_load(&m, model_path, &err), 0);
    score(m, expected);
    sikap_model_free(m);
    for (size_t i = 0; i < n; i++)
        for (unsigned flip = 1; flip < 256; flip *= 16) {
            bytes[i] = (char)(bytes[i] ^ (char)flip);
            write_file(bytes, n);
            n_refused += (size_t)refused(expected);
            bytes[i] = (char)(bytes[i] ^ (char)flip);
        }
    assert_true(n_refused > n); /* only padding may change unseen */
    free(bytes);
}

static void test_threads_leave_no_trace(void **state)
{
    (void)state;
    size_t n, m;
    train("2", other_path);
    char *one = read_file(model_path, &n), *two = read_file(other_path, &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    free(one);
    free(two);
}

static void test_contributions_add_up(void **state)
{
    (void)state;
    sikap_model *m;
    sikap_scorer *s;
    sikap_error err;
    float scores[2];
    assert_int_equal(sikap_model_load(&m, model_path, &err), 0);
    assert_int_equal(sikap_scorer_new(&s, m, &err), 0);
    assert_int_equal(sikap_score(s, &article, 1, scores, &err), 0);
    for (size_t label = 0; label < 2; label++) {
        const sikap_contribution *parts;
        size_t n;
        assert_int_equal(sikap_explain(s, label, &parts, &n, &err), 0);
        assert_int_equal(n, 4); /* sanksi, keamanan, kawasan, keamanan kawasan */
        float sum = (float)sikap_model_bias(m, label);
        for (size_t i = 0; i < n; i++)
            sum += parts[i].contribution;
        assert_memory_equal(&sum, &scores[label], sizeof sum);
    }
    assert_int_equal(sikap_explain(s, 2, &(const sikap_contribution *){NULL}, &(size_t){0}, &err),
                     SIKAP_USAGE);
    sikap_scorer_free(s);
    sikap_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut), cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_threads_leave_no_trace), cmocka_unit_test(test_contributions_add_up)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
