/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals: near scipy's, the same for any number of threads, and withheld where they would lie.
 */
#include "evaluation_fixture.h"

static sikap_evaluation *multi(size_t threads)
{
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 1, MULTI_N, MULTI_LABELS);
    f->scores = memory_alloc(MULTI_N * MULTI_LABELS, sizeof *f->scores);
    multi_case(f->gold, f->chosen, f->scores);
    return fixture_evaluate(&d, 2000, threads);
}

/* scipy.stats.bootstrap, 40,000 resamples, of the micro F1: the ends move by 0.01 with the seed. */
static void near_scipy(void **state)
{
    (void)state;
    sikap_evaluation *e = multi(1);
    assert_within(fixture_figure(e, "t.micro.interval.low"), 0.5362318840579711, 0.015);
    assert_within(fixture_figure(e, "t.micro.interval.high"), 0.717948717948718, 0.015);
    assert_within(fixture_figure(e, "t.micro.interval.percentile.low"), 0.5379310344827586, 0.015);
    assert_within(fixture_figure(e, "t.micro.interval.percentile.high"), 0.7194244604316546, 0.015);
    sikap_evaluation_free(e);
}

static void same_for_any_threads(void **state)
{
    (void)state;
    sikap_evaluation *one = multi(1), *three = multi(3);
    char *a = fixture_json(one), *b = fixture_json(three);
    assert_string_equal(a, b);
    memory_free(a);
    memory_free(b);
    sikap_evaluation_free(one);
    sikap_evaluation_free(three);
}

/* n documents; label a is in the first `with` of them and found in all but `missed`. Documents are
 * in n_groups groups by turns (0: no groups). */
static char *evaluate(size_t n, size_t with, size_t missed, size_t n_groups)
{
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 1, n, 1);
    for (size_t i = 0; i < with; i++) {
        f->gold[i] = 1;
        f->chosen[i] = i >= missed;
    }
    if (n_groups > 0) {
        d.group = memory_alloc(n, sizeof *d.group);
        d.n_groups = n_groups;
        for (size_t i = 0; i < n; i++)
            d.group[i] = (uint32_t)(i % n_groups);
    }
    sikap_evaluation *e = fixture_evaluate(&d, 200, 1);
    char *json = fixture_json(e);
    sikap_evaluation_free(e);
    return json;
}

static void withheld(void **state)
{
    (void)state;
#define NONE(why) "\"interval\":{\"none\":\"" why "\"}"
#define GIVEN "\"interval\":{\"low\":"
    static const struct {
        const char *name;
        size_t n, with, missed, n_groups;
        const char *micro, *macro, *label;
    } CASES[] = {
        {"enough of all", 60, 30, 10, 0, GIVEN, GIVEN, GIVEN},
        {"19 documents", 19, 19, 5, 0, NONE("few-units"), NONE("few-units"), NONE("few-units")},
        {"20 documents", 20, 20, 5, 0, GIVEN, GIVEN, GIVEN},
        {"label in 19", 60, 19, 5, 0, GIVEN, NONE("rare-labels"), NONE("rare-label")},
        {"all right", 60, 30, 0, 0, NONE("no-variation"), NONE("no-variation"),
         NONE("no-variation")},
        {"all wrong", 60, 30, 30, 0, NONE("no-variation"), NONE("no-variation"),
         NONE("no-variation")},
        {"19 groups", 60, 40, 10, 19, NONE("few-units"), NONE("few-units"), NONE("few-units")},
        {"30 groups", 60, 40, 10, 30, GIVEN, GIVEN, GIVEN},
        /* 25 documents have the label, but all of them are in few groups: 0 to 18. */
        {"label in 19 groups", 120, 19, 5, 60, GIVEN, NONE("rare-labels"), NONE("rare-label")},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        char *json = evaluate(CASES[c].n, CASES[c].with, CASES[c].missed, CASES[c].n_groups);
        const struct {
            const char *from, *part;
        } FIGURES[] = {{"\"micro\"", CASES[c].micro},
                       {"\"macro\"", CASES[c].macro},
                       {"\"labels\"", CASES[c].label}};
        for (size_t k = 0; k < 3; k++) {
            const char *at = strstr(json, FIGURES[k].from);
            at = at == NULL ? NULL : strstr(at, "\"interval\"");
            if (at == NULL || strncmp(at, FIGURES[k].part, strlen(FIGURES[k].part)) != 0)
                fail_msg("%s: %s: expected %s in %s", CASES[c].name, FIGURES[k].from,
                         FIGURES[k].part, json);
        }
        memory_free(json);
    }
}

/* A label in many documents but few groups has no interval; groups of documents that are not
 * annotated do not count either. */
static void few_groups_of_a_label(void **state)
{
    (void)state;
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "t", 1, 90, 2);
    d.group = memory_alloc(90, sizeof *d.group);
    d.n_groups = 31;
    for (size_t i = 0; i < 90; i++) {
        d.group[i] = (uint32_t)(i % 30) + 1; /* group 0: only what is not annotated */
        f->gold[2 * i] = f->chosen[2 * i] = i % 30 < 10;
        f->chosen[2 * i] ^= i % 7 == 0;
        f->gold[2 * i + 1] = 1;
        f->chosen[2 * i + 1] = i % 5 != 0;
    }
    d.group[89] = 0;
    f->annotated[89] = 0;
    sikap_evaluation *e = fixture_evaluate(&d, 200, 1);
    char *json = fixture_json(e);
    const char *a = strstr(json, "\"a\":{"), *b = strstr(json, "\"b\":{");
    assert_non_null(a);
    assert_non_null(b);
    assert_has(a, "\"support\":30,");
    assert_int_equal(strncmp(strstr(a, "\"interval\""), NONE("rare-label"), 30), 0);
    assert_int_equal(strncmp(strstr(b, "\"interval\""), GIVEN, strlen(GIVEN)), 0);
    char *table = fixture_table(e, 80);
    assert_has(table, "89 documents in 30 groups, 2 labels");
    memory_free(table);
    memory_free(json);
    sikap_evaluation_free(e);
}

/* Documents of a group are drawn together: copies of each other say no more than one of them. */
static void groups_widen(void **state)
{
    (void)state;
    double width[2];
    for (int grouped = 0; grouped < 2; grouped++) {
        struct evaluation_data d;
        struct evaluation_field *f = fixture_field(&d, "t", 1, 400, 1);
        d.group = grouped ? memory_alloc(400, sizeof *d.group) : NULL;
        d.n_groups = 40;
        for (size_t i = 0; i < 400; i++) {
            f->gold[i] = 1;
            f->chosen[i] = i / 10 % 4 != 0;
            if (grouped)
                d.group[i] = (uint32_t)(i / 10);
        }
        sikap_evaluation *e = fixture_evaluate(&d, 2000, 2);
        width[grouped] = fixture_figure(e, "t.micro.recall_interval.high") -
                         fixture_figure(e, "t.micro.recall_interval.low");
        sikap_evaluation_free(e);
    }
    /* √10 times: a recall of 0.75 over 400 documents and over 40. */
    assert_within(width[0], 2 * 1.96 * 0.4330127 / 20, 0.01);
    assert_within(width[1], 2 * 1.96 * 0.4330127 / 6.3245553, 0.03);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_scipy),   cmocka_unit_test(same_for_any_threads),
        cmocka_unit_test(withheld),     cmocka_unit_test(few_groups_of_a_label),
        cmocka_unit_test(groups_widen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
