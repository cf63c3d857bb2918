/* SPDX-License-Identifier: Apache-2.0 */
/* The table: it fits, nothing in a name reaches the terminal as a command, and the confusions of
 * many classes are told in words. */
#include "evaluation_fixture.h"

/* Columns of a line of these tests: every code point is one, those from U+4E00 on are two. */
static size_t columns_of(const char *line, size_t n)
{
    size_t columns = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned char byte = (unsigned char)line[i];
        columns += (byte & 0xC0) != 0x80;
        columns += byte >= 0xE4 && byte <= 0xE9;
    }
    return columns;
}

#define CJK "\xe5\xae\x89\xe5\x85\xa8\xe4\xba\x8b\xe5\x8a\xa1"

static void fits(void **state)
{
    (void)state;
    static const char *const NAMES[] = {
        "security",
        "a label whose name is much longer than any table of this world could ever hold in a row",
        CJK CJK CJK CJK CJK,
        "",
        "kerja sama\xc3\xa9 selatan-selatan",
    };
    static const size_t COLUMNS[] = {0, 40, 57, 72, 80, 120, 300};
    for (int is_multi = 0; is_multi < 2; is_multi++) {
        struct evaluation_data d;
        struct evaluation_field *f = fixture_field(&d, "t", is_multi, 100, 5);
        f->scores = memory_zero(500, sizeof *f->scores);
        for (size_t l = 0; l < 5; l++)
            fixture_rename(f, l, NAMES[l]);
        for (size_t i = 0; i < 100; i++) {
            f->gold[5 * i + i % 5] = 1;
            f->chosen[5 * i + (i % 3 == 0 ? i / 3 % 5 : i % 5)] = 1;
        }
        sikap_evaluation *e = fixture_evaluate(&d, 200, 1);
        for (size_t c = 0; c < sizeof COLUMNS / sizeof *COLUMNS; c++) {
            const size_t most = COLUMNS[c] < 40 ? 40 : COLUMNS[c];
            char *table = fixture_table(e, COLUMNS[c]);
            for (const char *line = table; *line != '\0';) {
                const size_t n = strcspn(line, "\n");
                if (columns_of(line, n) > most)
                    fail_msg("more than %zu columns: %.*s", most, (int)n, line);
                line += n + 1;
            }
            if (COLUMNS[c] < 300)
                assert_has(table, "\xe2\x80\xa6"); /* a name was cut */
            memory_free(table);
        }
        sikap_evaluation_free(e);
    }
}

/* Columns of figures stand below each other whatever the names. */
static void lines_up(void **state)
{
    (void)state;
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 1, 4, 3);
    fixture_rename(f, 0, "\xe5\xae\x89\xe5\x85\xa8");
    fixture_rename(f, 1, "caf\xc3\xa9");
    f->gold[0] = f->chosen[0] = f->gold[4] = f->chosen[4] = 1;
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    char *table = fixture_table(e, 80);
    assert_has(table, "\nlabel                         P      R     F1  support\n");
    assert_has(table,
               "\n\xe5\xae\x89\xe5\x85\xa8                      1.000  1.000  1.000        1\n");
    assert_has(table, "\ncaf\xc3\xa9                      1.000  1.000  1.000        1\n");
    memory_free(table);
    sikap_evaluation_free(e);
}

static void hostile_names(void **state)
{
    (void)state;
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "f\x1b[31m", 0, 2, 2);
    fixture_rename(f, 0, "a\x1b]0;title\x07\r\nb\x7f");
    fixture_rename(f, 1,
                   "c\xe2\x80\xae"
                   "d\xc2\x9b\xff"); /* right-to-left override, C1, broken */
    f->gold[0] = f->chosen[1] = f->gold[2] = f->chosen[2] = 1;
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    char *table = fixture_table(e, 80), *json = fixture_json(e);
    assert_has(table, "f?[31m: single");
    assert_has(table, "a?]0;title???b?");
    assert_has(table, "c?d?\xef\xbf\xbd");
    for (const char *at = table; *at != '\0'; at++)
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
    assert_has(json, "\"a\\u001b]0;title\\u0007\\r\\nb");
    for (const char *at = json; *at != '\0'; at++)
        assert_true((unsigned char)*at >= ' ' || (*at == '\n' && at[1] == '\0'));
    memory_free(table);
    memory_free(json);
    sikap_evaluation_free(e);
}

/* Three classes make a matrix; twelve are too wide, and the most frequent confusions are listed. */
static void confusions(void **state)
{
    (void)state;
    static const struct {
        size_t gold, chosen, times;
    } GIVEN[] = {{0, 0, 5}, {1, 2, 3}, {2, 1, 1}, {0, 2, 4}};
    for (size_t n_labels = 3; n_labels <= 12; n_labels += 9) {
        struct evaluation_data d;
        struct evaluation_field *f = fixture_field(&d, "t", 0, 13, n_labels);
        for (size_t k = 0, row = 0; k < 4; k++)
            for (size_t i = 0; i < GIVEN[k].times; i++, row++) {
                f->gold[row * n_labels + GIVEN[k].gold] = 1;
                f->chosen[row * n_labels + GIVEN[k].chosen] = 1;
            }
        sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
        char *table = fixture_table(e, 80);
        if (n_labels == 3) {
            assert_has(table, "                      a        b        c\n"
                              "a                     5        0        4\n"
                              "b                     0        0        3\n"
                              "c                     0        1        0\n");
        } else {
            const char *at = strstr(table, "most frequent confusions\n");
            assert_non_null(at);
            const char *first = strstr(at, "        4  a"), *second = strstr(at, "        3  b"),
                       *third = strstr(at, "        1  c");
            assert_true(first != NULL && second > first && third > second);
            assert_has_not(at, "        5  a");
        }
        memory_free(table);
        sikap_evaluation_free(e);
    }
}

static void reasons(void **state)
{
    (void)state;
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 1, 60, 2);
    for (size_t i = 0; i < 60; i++) {
        f->gold[2 * i] = 1;
        f->chosen[2 * i] = i % 3 != 0;
        f->gold[2 * i + 1] = f->chosen[2 * i + 1] = i < 5;
    }
    sikap_evaluation *e = fixture_evaluate(&d, 200, 1);
    char *table = fixture_table(e, 80);
    assert_has(table, "0.900   (rare labels)\n"); /* (0.8 + 1) / 2 */
    assert_has(table, "1.000        5   (rare)\n");
    memory_free(table);
    sikap_evaluation_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits),       cmocka_unit_test(lines_up), cmocka_unit_test(hostile_names),
        cmocka_unit_test(confusions), cmocka_unit_test(reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
