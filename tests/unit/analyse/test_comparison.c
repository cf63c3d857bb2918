/* SPDX-License-Identifier: Apache-2.0 */
/* Two systems side by side: pairing by id and name, tests against exact enumeration and
 * scipy.stats.binomtest, and what is said in words. */
#include "model/evaluation_fixture.h"

#include "analyse/comparison.h"
#include "base/error.h"

/* A system's row: gold labels and given labels as letters, "ab" for a and b. */
struct row {
    const char *id, *gold, *given;
};

static void mark(unsigned char *cells, const char *letters)
{
    for (; *letters != '\0'; letters++)
        cells[*letters - 'a'] = 1;
}

static void make(struct evaluation_data *d, const char *name, int is_multi, size_t n_labels,
                 const struct row *rows, size_t n)
{
    struct evaluation_field *f = fixture_field(d, name, is_multi, n, n_labels);
    for (size_t i = 0; i < n; i++) {
        memory_free(d->ids[i]);
        d->ids[i] = fixture_text(rows[i].id);
        f->annotated[i] = rows[i].gold != NULL;
        if (rows[i].gold != NULL)
            mark(f->gold + i * n_labels, rows[i].gold);
        mark(f->chosen + i * n_labels, rows[i].given);
    }
}

static void note_problem(void *context, const sikap_error *problem)
{
    buffer_text(context, problem->message);
    buffer_byte(context, '\n');
}

static sikap_comparison *pair(struct evaluation_data *a, struct evaluation_data *b,
                              const char *wanted, struct buffer *notes, sikap_error *err)
{
    char *items[] = {(char *)(uintptr_t)wanted};
    const struct option_list list = {items, wanted != NULL};
    const sikap_watch watch = {.context = notes, .problem = note_problem};
    sikap_comparison *c = NULL;
    memset(err, 0, sizeof *err);
    const int status = comparison_new(&c, a, b, &list, &watch, err);
    assert_int_equal(status, err->code);
    assert_true((status == 0) == (c != NULL));
    return c;
}

static void test(sikap_comparison *c, size_t n_resamples, size_t threads)
{
    const struct evaluate_options options = {.bootstrap = n_resamples, .seed = 1};
    struct pool *pool;
    sikap_error err = {0};
    assert_int_equal(pool_new(&pool, threads, &err), 0);
    if (comparison_test(c, &options, pool, NULL, &err) != 0)
        fail_msg("%s", err.message);
    pool_free(pool);
}

typedef int writer(const sikap_comparison *c, sikap_write *write, void *context, sikap_error *err);

static char *written(writer *write, const sikap_comparison *c)
{
    struct buffer b = {0};
    assert_int_equal(write(c, fixture_append, &b, NULL), 0);
    buffer_byte(&b, '\0');
    return b.bytes;
}

static char *table(const sikap_comparison *c, size_t columns)
{
    struct buffer b = {0};
    assert_int_equal(sikap_comparison_text(c, columns, fixture_append, &b, NULL), 0);
    buffer_byte(&b, '\0');
    return b.bytes;
}

static void name_sides(sikap_comparison *c)
{
    c->names[0] = fixture_text("first");
    c->names[1] = fixture_text("second");
}

/* ---- pairing -----------------------------------------------------------------------------------
 */

static void paired_by_id_and_name(void **state)
{
    (void)state;
    static const struct row A[] = {
        {"1", "a", "a"}, {"2", "ab", "a"}, {"3", NULL, "b"}, {"4", "", ""}, {"only-a", "a", "a"}};
    /* In another order, and its labels are called b, a, new. */
    static const struct row B[] = {
        {"4", "", "c"}, {"2", "ab", "ab"}, {"1", "b", "b"}, {"3", NULL, ""}};
    struct evaluation_data a, b;
    struct buffer notes = {0};
    sikap_error err;
    make(&a, "t", 1, 2, A, 5);
    make(&b, "t", 1, 3, B, 4);
    fixture_rename(&b.fields[0], 0, "b");
    fixture_rename(&b.fields[0], 1, "a");
    fixture_rename(&b.fields[0], 2, "new");
    sikap_comparison *c = pair(&a, &b, NULL, &notes, &err);
    if (c == NULL)
        fail_msg("%s", err.message);
    buffer_byte(&notes, '\0');
    assert_string_equal(notes.bytes,
                        "1 documents of gold could be read by one side only and are left out\n");
    assert_int_equal(c->n_rows, 4);
    const struct comparison_field *f = &c->fields[0];
    assert_int_equal(f->rows.n, 3); /* document 3 is not annotated */
    assert_int_equal(f->rows.labels.n, 3);
    assert_string_equal(f->rows.labels.items[2], "new");
    /* Rows 1, 2, 4; columns a, b, new. */
    static const unsigned char GOLD[] = {1, 0, 0, 1, 1, 0, 0, 0, 0};
    static const unsigned char SIDE_A[] = {1, 0, 0, 1, 0, 0, 0, 0, 0};
    static const unsigned char SIDE_B[] = {1, 0, 0, 1, 1, 0, 0, 0, 1};
    assert_memory_equal(f->rows.gold, GOLD, sizeof GOLD);
    assert_memory_equal(f->rows.side[0], SIDE_A, sizeof SIDE_A);
    assert_memory_equal(f->rows.side[1], SIDE_B, sizeof SIDE_B);
    test(c, 100, 1);
    assert_int_equal(f->n_nearer[0], 1); /* 4 */
    assert_int_equal(f->n_nearer[1], 1); /* 2 */
    assert_int_equal(f->n_even, 0);
    name_sides(c);
    char *lines = written(sikap_comparison_differences, c);
    assert_string_equal(
        lines,
        "{\"id\":\"2\",\"field\":\"t\",\"gold\":[\"a\",\"b\"],\"a\":[\"a\"],\"b\":[\"a\",\"b\"],"
        "\"nearer\":\"b\"}\n"
        "{\"id\":\"4\",\"field\":\"t\",\"gold\":[],\"a\":[],\"b\":[\"new\"],\"nearer\":\"a\"}\n");
    memory_free(lines);
    sikap_comparison_free(c);
    evaluation_data_free(&a);
    evaluation_data_free(&b);
    buffer_free(&notes);
}

static void what_does_not_fit(void **state)
{
    (void)state;
    static const struct row ROWS[] = {{"1", "a", "a"}};
    static const struct row BLANK[] = {{"1", NULL, "a"}};
    static const struct row OTHER[] = {{"2", "a", "a"}};
    static const struct {
        const char *name_b;
        int multi_b;
        const struct row *rows;
        const char *wanted;
        const char *message;
    } CASES[] = {
        {"t", 0, ROWS, NULL, "the field 't' is multi on one side and single on the other"},
        {"u", 1, ROWS, NULL, "no field is on both sides"},
        {"t", 1, ROWS, "u:multi", "no field that --field names is on both sides"},
        {"t", 1, OTHER, NULL, "no document is annotated for the field 't'"},
        {"t", 1, BLANK, NULL, NULL}, /* a's gold decides */
        {"t", 1, ROWS, "t:multi", NULL},
        {"t", 1, ROWS, "t", NULL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct evaluation_data a, b;
        struct buffer notes = {0};
        sikap_error err;
        make(&a, "t", 1, 1, ROWS, 1);
        make(&b, CASES[i].name_b, CASES[i].multi_b, 1, CASES[i].rows, 1);
        sikap_comparison *c = pair(&a, &b, CASES[i].wanted, &notes, &err);
        if (CASES[i].message == NULL) {
            assert_non_null(c);
        } else {
            assert_null(c);
            assert_int_equal(err.code, SIKAP_DATA);
            assert_string_equal(err.message, CASES[i].message);
        }
        sikap_comparison_free(c);
        evaluation_data_free(&a);
        evaluation_data_free(&b);
        buffer_free(&notes);
    }
}

/* ---- tests -------------------------------------------------------------------------------------
 */

enum { N = 40 };

/* Single field, labels a and b, gold half and half. B is wrong on `wrong_b` documents of the
 * second half, A on `wrong_a` of the first. */
static sikap_comparison *accuracies(size_t wrong_a, size_t wrong_b, const uint32_t *group)
{
    struct evaluation_data d[2];
    struct buffer notes = {0};
    sikap_error err;
    for (int s = 0; s < 2; s++) {
        struct evaluation_field *f = fixture_field(&d[s], "t", 0, N, 2);
        for (size_t i = 0; i < N; i++) {
            const size_t gold = i % 2;
            const int wrong = s == 0 ? i < wrong_a : i >= N - wrong_b;
            f->gold[2 * i + gold] = 1;
            f->chosen[2 * i + (wrong ? 1 - gold : gold)] = 1;
        }
        if (group != NULL) {
            d[s].group = memory_alloc(N, sizeof *group);
            memcpy(d[s].group, group, N * sizeof *group);
        }
    }
    sikap_comparison *c = pair(&d[0], &d[1], NULL, &notes, &err);
    if (c == NULL)
        fail_msg("%s", err.message);
    name_sides(c);
    evaluation_data_free(&d[0]);
    evaluation_data_free(&d[1]);
    buffer_free(&notes);
    return c;
}

static void exact_p_values(void **state)
{
    (void)state;
    /* Sign flips of n wins of one side give |difference| >= observed as McNemar's binomial does:
     * scipy.stats.binomtest(wrong_b, wrong_a + wrong_b).pvalue. */
    static const struct {
        size_t wrong_a, wrong_b;
        double p;
        int better; /* at 5 % */
    } CASES[] = {
        {6, 0, 0.03125, 1},   {0, 6, 0.03125, 0},    {5, 0, 0.0625, -1},
        {8, 1, 0.0390625, 1}, {7, 2, 0.1796875, -1}, {4, 4, 1, -1},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        sikap_comparison *c = accuracies(CASES[i].wrong_a, CASES[i].wrong_b, NULL);
        test(c, 20000, 2);
        const struct comparison_field *f = &c->fields[0];
        const struct difference *d = &f->differences[METRICS_SUBSET_ACCURACY];
        assert_near(d->difference, ((double)CASES[i].wrong_a - (double)CASES[i].wrong_b) / N);
        /* Four standard errors of 20,000 draws. */
        assert_within(d->p_randomisation, CASES[i].p, 0.012);
        assert_near(f->mcnemar.exact, CASES[i].p);
        assert_near(f->p_holm[METRICS_SUBSET_ACCURACY], d->p_randomisation); /* one field */
        assert_int_equal(comparison_better(f, METRICS_SUBSET_ACCURACY), CASES[i].better);
        assert_int_equal(f->only[1], CASES[i].wrong_a);
        assert_int_equal(f->only[0], CASES[i].wrong_b);
        sikap_comparison_free(c);
    }
}

static void groups_are_swapped_whole(void **state)
{
    (void)state;
    /* A's eight errors stand in two of twenty groups: two sign flips, p = 1/2, not 2/2^8. */
    uint32_t group[N];
    for (uint32_t i = 0; i < N; i++)
        group[i] = i < 8 ? i / 4 : i < 16 ? 2 : 3 + (i - 16) % 17;
    sikap_comparison *c = accuracies(8, 0, group);
    test(c, 20000, 1);
    const struct comparison_field *f = &c->fields[0];
    assert_int_equal(f->n_units, 20);
    assert_within(f->differences[METRICS_SUBSET_ACCURACY].p_randomisation, 0.5, 0.015);
    assert_int_equal(comparison_better(f, METRICS_SUBSET_ACCURACY), -1);
    char *json = written(sikap_comparison_json, c), *text = table(c, 80);
    assert_has(json, "\"unit\":\"group\"");
    assert_has_not(json, "mcnemar");
    assert_has(text, "40 documents in 20 groups");
    assert_has_not(text, "McNemar");
    memory_free(json);
    memory_free(text);
    sikap_comparison_free(c);
}

static void few_units_have_no_interval(void **state)
{
    (void)state;
    uint32_t group[N];
    for (uint32_t i = 0; i < N; i++)
        group[i] = i % 19;
    sikap_comparison *c = accuracies(6, 0, group);
    test(c, 500, 1);
    assert_int_equal(c->fields[0].states[METRICS_SUBSET_ACCURACY], INTERVAL_FEW_UNITS);
    char *json = written(sikap_comparison_json, c), *text = table(c, 80);
    assert_has(json, "\"interval\":{\"none\":\"few-units\"}");
    assert_has(text, "(few units)");
    memory_free(json);
    memory_free(text);
    sikap_comparison_free(c);
}

static void same_system(void **state)
{
    (void)state;
    sikap_comparison *c = accuracies(0, 0, NULL);
    test(c, 200, 1);
    const struct comparison_field *f = &c->fields[0];
    assert_near(f->differences[METRICS_MICRO_F1].p_randomisation, 1);
    assert_near(f->p_holm[metrics_label_value(1, METRICS_F1)], 1);
    assert_int_equal(f->states[METRICS_MICRO_F1], INTERVAL_NO_VARIATION);
    char *text = table(c, 80), *lines = written(sikap_comparison_differences, c);
    assert_string_equal(
        text,
        "A: first\nB: second\n\nt: single, 40 documents\nA and B label every document alike.\n");
    assert_string_equal(lines, "");
    memory_free(text);
    memory_free(lines);
    sikap_comparison_free(c);
}

/* Three labels of which only the first differs: its p is multiplied by three. */
static void holm_over_labels(void **state)
{
    (void)state;
    struct evaluation_data d[2];
    struct buffer notes = {0};
    sikap_error err;
    for (int s = 0; s < 2; s++) {
        struct evaluation_field *f = fixture_field(&d[s], "t", 1, N, 3);
        for (size_t i = 0; i < N; i++)
            for (size_t l = 0; l < 3; l++) {
                f->gold[3 * i + l] = 1;
                f->chosen[3 * i + l] = !(s == 0 && l == 0 && i < 8);
            }
    }
    sikap_comparison *c = pair(&d[0], &d[1], NULL, &notes, &err);
    assert_non_null(c);
    name_sides(c);
    test(c, 20000, 1);
    const struct comparison_field *f = &c->fields[0];
    const size_t first = metrics_label_value(0, METRICS_F1);
    assert_within(f->differences[first].p_randomisation, 2 / 256.0, 0.003);
    assert_near(f->p_holm[first], 3 * f->differences[first].p_randomisation);
    assert_near(f->p_holm[metrics_label_value(1, METRICS_F1)], 1);
    assert_int_equal(comparison_better(f, first), 1);
    /* F1 of label a: 32 of 40 found, then all. */
    assert_near(f->differences[first].a, 64.0 / 72);
    assert_near(f->differences[first].b, 1);
    char *text = table(c, 80);
    assert_has(text, "In micro F1 B is better by 0.034 (95 % interval ");
    assert_has(text, "B is better on 1 of 3 labels:\n  a\nA is better on 0 of 3 labels\n");
    assert_has(text,
               "They differ on 8 documents: A is nearer to gold on 0, B on 8, neither on 0.\n");
    memory_free(text);
    sikap_comparison_free(c);
    evaluation_data_free(&d[0]);
    evaluation_data_free(&d[1]);
    buffer_free(&notes);
}

static void hostile_names_fit_the_page(void **state)
{
    (void)state;
    sikap_comparison *c = accuracies(8, 0, NULL);
    test(c, 100, 1);
    memory_free(c->ids[0]);
    c->ids[0] = fixture_text("\x1b[31m\xff\n\xe2\x80\xae id");
    static char name[] =
        "a label with a name so long that it cannot stand in a table of 80 columns";
    c->fields[0].rows.labels.items[0] = name;
    for (size_t columns = 40; columns <= 120; columns += 40) {
        char *text = table(c, columns);
        assert_has_not(text, "\x1b");
        assert_has_not(text, "\xe2\x80\xae");
        memory_free(text);
    }
    char *text = table(c, 80);
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        assert_true(end - line <= 90); /* bytes: an ellipsis has three */
        line = end + 1;
    }
    memory_free(text);
    sikap_comparison_free(c);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    char *one = NULL;
    for (size_t threads = 1; threads <= 3; threads++) {
        sikap_comparison *c = accuracies(9, 3, NULL);
        test(c, 300, threads);
        char *json = written(sikap_comparison_json, c);
        if (one == NULL)
            one = json;
        assert_string_equal(json, one);
        if (json != one)
            memory_free(json);
        sikap_comparison_free(c);
    }
    memory_free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paired_by_id_and_name),
        cmocka_unit_test(what_does_not_fit),
        cmocka_unit_test(exact_p_values),
        cmocka_unit_test(groups_are_swapped_whole),
        cmocka_unit_test(few_units_have_no_interval),
        cmocka_unit_test(same_system),
        cmocka_unit_test(holm_over_labels),
        cmocka_unit_test(hostile_names_fit_the_page),
        cmocka_unit_test(any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
