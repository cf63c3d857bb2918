/* SPDX-License-Identifier: Apache-2.0 */
#include "base/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct noun {
    int strict;
    size_t min_df;
    size_t threads;
    double cost;
    double share;
    int solver;
    size_t ngrams[2];
    char *segments;
    char *id;
    struct option_list fields;
};

static const char *const solvers[] = {"l2r-lr=0", "l2svm-dual=1=liblinear", "block", NULL};

static const struct option_row rows[] = {
    {.shown = {"strict", NULL, NULL, "", ""},
     .kind = OPTION_SWITCH,
     .offset = offsetof(struct noun, strict)},
    {.shown = {"min-df", "N", "2", "", ""},
     .kind = OPTION_COUNT,
     .offset = offsetof(struct noun, min_df),
     .min = 1,
     .max = 4294967295.0},
    {.shown = {"threads", "N", NULL, "", ""},
     .kind = OPTION_COUNT,
     .offset = offsetof(struct noun, threads)},
    {.shown = {"cost", "C", "1", "", ""},
     .kind = OPTION_REAL,
     .offset = offsetof(struct noun, cost),
     .min = 1e-10,
     .max = 1e10},
    {.shown = {"share", "X", NULL, "", ""},
     .kind = OPTION_REAL,
     .offset = offsetof(struct noun, share)},
    {.shown = {"solver", "NAME", "l2svm-dual", "", ""},
     .kind = OPTION_CHOICE,
     .offset = offsetof(struct noun, solver),
     .choices = solvers},
    {.shown = {"ngrams", "A-B", "1", "", ""},
     .kind = OPTION_RANGE,
     .offset = offsetof(struct noun, ngrams),
     .min = 1,
     .max = 8},
    {.shown = {"segments", "NAMES", "title,text", "", ""},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct noun, segments)},
    {.shown = {"id", "KEY", NULL, "", ""},
     .kind = OPTION_TEXT,
     .offset = offsetof(struct noun, id)},
    {.shown = {"field", "NAME", NULL, "", ""},
     .kind = OPTION_LIST,
     .offset = offsetof(struct noun, fields)},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

static void start(struct noun *noun)
{
    /* option_defaults must not need zeroed memory. */
    memset(noun, 0xA5, sizeof *noun);
    sikap_error err;
    assert_int_equal(option_defaults(&table, noun, &err), 0);
}

static void defaults(void **state)
{
    (void)state;
    struct noun noun;
    start(&noun);
    assert_int_equal(noun.strict, 0);
    assert_int_equal(noun.min_df, 2);
    assert_int_equal(noun.threads, 0);
    assert_true(noun.cost == 1.0);
    assert_true(noun.share == 0.0);
    assert_int_equal(noun.solver, 1);
    assert_int_equal(noun.ngrams[0], 1);
    assert_int_equal(noun.ngrams[1], 1);
    assert_string_equal(noun.segments, "title,text");
    assert_null(noun.id);
    assert_int_equal(noun.fields.n, 0);
    option_clear(&table, &noun);
    assert_null(noun.segments);
}

static void counts(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        size_t expected;
    } cases[] = {{"1", 1},     {"0007", 7},     {"4294967295", 4294967295},
                 {"2K", 2048}, {"3M", 3145728}, {"1G", 1073741824}};
    struct noun noun;
    start(&noun);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(option_set(&table, &noun, "min-df", cases[i].value, NULL), 0);
        assert_int_equal(noun.min_df, cases[i].expected);
    }
    assert_int_equal(option_set(&table, &noun, "threads", "18446744073709551615", NULL), 0);
    assert_true(noun.threads == SIZE_MAX);
    assert_int_equal(option_set(&table, &noun, "threads", "0", NULL), 0);
    option_clear(&table, &noun);
}

static void reals(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        double expected;
    } cases[] = {{"0.1", 0.1}, {"1e-3", 0.001}, {".5", 0.5}, {"5.", 5}, {"1e10", 1e10}};
    struct noun noun;
    start(&noun);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(option_set(&table, &noun, "cost", cases[i].value, NULL), 0);
        assert_true(noun.cost == cases[i].expected);
    }
    assert_int_equal(option_set(&table, &noun, "share", "-1e300", NULL), 0);
    assert_true(noun.share == -1e300);
    option_clear(&table, &noun);
}

static void switches_choices_ranges(void **state)
{
    (void)state;
    struct noun noun;
    start(&noun);
    static const char *const on[] = {NULL, "", "yes", "true", "1"};
    static const char *const off[] = {"no", "false", "0"};
    for (size_t i = 0; i < 5; i++) {
        noun.strict = 0;
        assert_int_equal(option_set(&table, &noun, "strict", on[i], NULL), 0);
        assert_int_equal(noun.strict, 1);
    }
    for (size_t i = 0; i < 3; i++) {
        noun.strict = 1;
        assert_int_equal(option_set(&table, &noun, "strict", off[i], NULL), 0);
        assert_int_equal(noun.strict, 0);
    }
    static const struct {
        const char *value;
        int expected;
    } choices[] = {{"l2r-lr", 0}, {"0", 0}, {"1", 1}, {"liblinear", 1}, {"block", 2}};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        assert_int_equal(option_set(&table, &noun, "solver", choices[i].value, NULL), 0);
        assert_int_equal(noun.solver, choices[i].expected);
    }
    static const struct {
        const char *value;
        size_t first, last;
    } ranges[] = {{"1-2", 1, 2}, {"3", 3, 3}, {"none", 0, 0}, {"8-8", 8, 8}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        assert_int_equal(option_set(&table, &noun, "ngrams", ranges[i].value, NULL), 0);
        assert_int_equal(noun.ngrams[0], ranges[i].first);
        assert_int_equal(noun.ngrams[1], ranges[i].last);
    }
    option_clear(&table, &noun);
}

static void texts_replace_and_lists_grow(void **state)
{
    (void)state;
    struct noun noun;
    start(&noun);
    assert_int_equal(option_set(&table, &noun, "segments", "body", NULL), 0);
    assert_int_equal(option_set(&table, &noun, "segments", "", NULL), 0);
    assert_string_equal(noun.segments, "");
    assert_int_equal(option_set(&table, &noun, "field", "topic:multi", NULL), 0);
    assert_int_equal(option_set(&table, &noun, "field", "stance", NULL), 0);
    assert_int_equal(noun.fields.n, 2);
    assert_string_equal(noun.fields.items[0], "topic:multi");
    assert_string_equal(noun.fields.items[1], "stance");
    option_clear(&table, &noun);
}

static void bad_values(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *message;
    } cases[] = {
        {"min-df", "x", "--min-df: 'x' is not a whole number from 1 to 4294967295"},
        {"min-df", "", "--min-df: '' is not a whole number from 1 to 4294967295"},
        {"min-df", "0", "--min-df: '0' is not a whole number from 1 to 4294967295"},
        {"min-df", "4294967296",
         "--min-df: '4294967296' is not a whole number from 1 to 4294967295"},
        {"min-df", "-1", "--min-df: '-1' is not a whole number from 1 to 4294967295"},
        {"min-df", " 1", "--min-df: ' 1' is not a whole number from 1 to 4294967295"},
        {"min-df", "1.5", "--min-df: '1.5' is not a whole number from 1 to 4294967295"},
        {"min-df", "1KB", "--min-df: '1KB' is not a whole number from 1 to 4294967295"},
        {"threads", "18446744073709551616",
         "--threads: '18446744073709551616' is not a whole number"},
        {"threads", "99999999999999999G", "--threads: '99999999999999999G' is not a whole number"},
        {"cost", "0", "--cost: '0' is not a number from 1e-10 to 10000000000"},
        {"cost", "1,5", "--cost: '1,5' is not a number from 1e-10 to 10000000000"},
        {"cost", "nan", "--cost: 'nan' is not a number from 1e-10 to 10000000000"},
        {"share", "inf", "--share: 'inf' is not a number"},
        {"share", "1e999", "--share: '1e999' is not a number"},
        {"share", "0x1p3", "--share: '0x1p3' is not a number"},
        {"solver", "svm", "--solver: 'svm' is not one of l2r-lr, l2svm-dual, block"},
        {"solver", "", "--solver: '' is not one of l2r-lr, l2svm-dual, block"},
        {"solver", "l2r-lr=0", "--solver: 'l2r-lr=0' is not one of l2r-lr, l2svm-dual, block"},
        {"ngrams", "0", "--ngrams: '0' is not a range A-B from 1 to 8"},
        {"ngrams", "2-1", "--ngrams: '2-1' is not a range A-B from 1 to 8"},
        {"ngrams", "1-9", "--ngrams: '1-9' is not a range A-B from 1 to 8"},
        {"ngrams", "1-", "--ngrams: '1-' is not a range A-B from 1 to 8"},
        {"ngrams", "1-2-3", "--ngrams: '1-2-3' is not a range A-B from 1 to 8"},
        {"strict", "maybe", "--strict: 'maybe' is not yes or no"},
        {"min-df", NULL, "--min-df needs a value (N)"},
        {"field", NULL, "--field needs a value (NAME)"},
        {"mindf", "1", "unknown option '--mindf'"},
    };
    struct noun noun, untouched;
    start(&noun);
    start(&untouched);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sikap_error err;
        assert_int_equal(option_set(&table, &noun, cases[i].name, cases[i].value, &err),
                         SIKAP_USAGE);
        assert_int_equal(err.code, SIKAP_USAGE);
        assert_string_equal(err.message, cases[i].message);
    }
    for (size_t i = 0; i < table.n; i++)
        assert_true(option_equal(&rows[i], &noun, &untouched));
    option_clear(&table, &noun);
    option_clear(&table, &untouched);
}

static void bad_default_is_reported_and_cleared(void **state)
{
    (void)state;
    const struct option_row broken_rows[] = {
        {.shown = {"id", "KEY", "kept?", "", ""},
         .kind = OPTION_TEXT,
         .offset = offsetof(struct noun, id)},
        {.shown = {"min-df", "N", "0", "", ""},
         .kind = OPTION_COUNT,
         .offset = offsetof(struct noun, min_df),
         .min = 1,
         .max = 2},
    };
    const struct option_table broken = {broken_rows, 2};
    struct noun noun;
    memset(&noun, 0xA5, sizeof noun);
    assert_int_equal(option_defaults(&broken, &noun, NULL), SIKAP_USAGE);
    assert_null(noun.id);
}

static void save_and_load(void **state)
{
    (void)state;
    struct noun noun, copy;
    start(&noun);
    struct buffer saved = {0};
    option_save(&table, &noun, &saved);
    assert_int_equal(saved.n, 0); /* all defaults */

    option_set(&table, &noun, "strict", NULL, NULL);
    option_set(&table, &noun, "min-df", "1K", NULL);
    option_set(&table, &noun, "cost", "0.1", NULL);
    option_set(&table, &noun, "solver", "0", NULL);
    option_set(&table, &noun, "ngrams", "1-3", NULL);
    option_set(&table, &noun, "segments", "a\\b\nc=d", NULL);
    option_set(&table, &noun, "id", "", NULL);
    option_set(&table, &noun, "field", "topic", NULL);
    option_set(&table, &noun, "field", "n\\n", NULL);
    option_save(&table, &noun, &saved);
    static const char expected[] = "strict=yes\nmin-df=1024\ncost=0.1\nsolver=l2r-lr\nngrams=1-3\n"
                                   "segments=a\\\\b\\nc=d\nid=\nfield=topic\nfield=n\\\\n\n";
    assert_int_equal(saved.n, sizeof expected - 1);
    assert_memory_equal(saved.bytes, expected, saved.n);

    start(&copy);
    sikap_error err;
    assert_int_equal(option_load(&table, &copy, saved.bytes, saved.n, &err), 0);
    for (size_t i = 0; i < table.n; i++)
        assert_true(option_equal(&rows[i], &noun, &copy));
    assert_string_equal(copy.segments, "a\\b\nc=d");
    option_set(&table, &copy, "field", "more", NULL);
    assert_false(option_equal(option_find(&table, "field"), &noun, &copy));
    option_clear(&table, &noun);
    option_clear(&table, &copy);
    buffer_free(&saved);
}

static void load_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
    } cases[] = {{"min-df", 6},           {"=1\n", 3},         {"\n", 1},
                 {"min-df=0\n", 9},       {"unknown=1\n", 10}, {"min-df=1\0\n", 10},
                 {"id=a\0b\ncost=1", 13}, {"min-df\0=1\n", 10}};
    struct noun noun;
    start(&noun);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sikap_error err;
        assert_int_equal(option_load(&table, &noun, cases[i].text, cases[i].n, &err), SIKAP_USAGE);
        assert_true(err.message[0] != '\0');
    }
    /* A last line without its newline, and a lone backslash at the end, are taken as they are. */
    assert_int_equal(option_load(&table, &noun, "id=x\\", 5, NULL), 0);
    assert_string_equal(noun.id, "x\\");
    option_clear(&table, &noun);
}

static void public_options(void **state)
{
    (void)state;
    sikap_options *options;
    sikap_error err;
    assert_int_equal(sikap_options_new(&options, &err), 0);
    char volatile_value[] = "3";
    assert_int_equal(sikap_options_set(options, "min-df", volatile_value, &err), 0);
    volatile_value[0] = '9';
    assert_int_equal(sikap_options_set(options, "elsewhere", "1", &err), 0);
    assert_int_equal(sikap_options_set(options, "field", "a", &err), 0);
    assert_int_equal(sikap_options_set(options, "strict", NULL, &err), 0);
    assert_int_equal(sikap_options_set(options, "cost", "2", &err), 0);
    assert_int_equal(sikap_options_set(options, "cost", "4", &err), 0);
    assert_int_equal(sikap_options_set(options, "field", "b", &err), 0);
    assert_int_equal(sikap_options_set(options, "", "b", &err), SIKAP_USAGE);

    struct noun noun;
    start(&noun);
    assert_int_equal(options_apply(options, &table, &noun, &err), 0);
    assert_int_equal(noun.min_df, 3);
    assert_int_equal(noun.strict, 1);
    assert_true(noun.cost == 4);
    assert_int_equal(noun.fields.n, 2);

    const struct option_table *tables[] = {&table, NULL};
    assert_int_equal(options_check(options, tables, &err), SIKAP_USAGE);
    assert_string_equal(err.message, "unknown option '--elsewhere'");
    assert_int_equal(options_apply(NULL, &table, &noun, &err), 0);
    assert_int_equal(options_check(NULL, tables, &err), 0);
    option_clear(&table, &noun);
    sikap_options_free(options);
    sikap_options_free(NULL);

    assert_int_equal(sikap_options_new(&options, &err), 0);
    assert_int_equal(sikap_options_set(options, "mindf", "x", &err), 0);
    assert_int_equal(options_check(options, tables, &err), SIKAP_USAGE);
    assert_string_equal(err.message, "unknown option '--mindf'; did you mean '--min-df'?");
    sikap_options_free(options);
}

static void suggestions(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *candidate;
        size_t expected;
    } cases[] = {{"mindf", "min-df", 1},
                 {"thread", "threads", 1},
                 {"max-feat", "max-features", 1},
                 {"segmnets", "segments", 1},
                 {"cots", "cost", 1},
                 {"x", "cost", 0},
                 {"strict", "segments", 0},
                 {"", "id", 0},
                 {"colour", "color", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(option_suggests(cases[i].typed, cases[i].candidate), cases[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(counts),
        cmocka_unit_test(reals),
        cmocka_unit_test(switches_choices_ranges),
        cmocka_unit_test(texts_replace_and_lists_grow),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(bad_default_is_reported_and_cleared),
        cmocka_unit_test(save_and_load),
        cmocka_unit_test(load_refuses),
        cmocka_unit_test(public_options),
        cmocka_unit_test(suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
