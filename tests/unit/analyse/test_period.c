/* SPDX-License-Identifier: Apache-2.0 */
/* Dates against Python's datetime (isocalendar, toordinal), and what is no date. */
#include "measure/cases.h"

#include <string.h>

#include "analyse/period.h"

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        const char *expected[N_PERIODS]; /* NULL: refused */
    } CASES[] = {
        {"2021-01-03", {"2021", "2021-Q1", "2021-01", "2020-W53", "2021-01-03"}}, /* a Sunday */
        {"2021-01-04", {"2021", "2021-Q1", "2021-01", "2021-W01", "2021-01-04"}},
        {"2018-12-31", {"2018", "2018-Q4", "2018-12", "2019-W01", "2018-12-31"}},
        {"2000-02-29", {"2000", "2000-Q1", "2000-02", "2000-W09", "2000-02-29"}},
        {"1946-06-30", {"1946", "1946-Q2", "1946-06", "1946-W26", "1946-06-30"}},
        {"2024-07-01T23:59:59Z", {"2024", "2024-Q3", "2024-07", "2024-W27", "2024-07-01"}},
        {"2024-07-01 08:00", {"2024", "2024-Q3", "2024-07", "2024-W27", "2024-07-01"}},
        {"2024/07/01", {"2024", "2024-Q3", "2024-07", "2024-W27", "2024-07-01"}},
        {"20240701", {"2024", "2024-Q3", "2024-07", "2024-W27", "2024-07-01"}},
        {"2024-07", {"2024", "2024-Q3", "2024-07", NULL, NULL}},
        {"2024", {"2024", NULL, NULL, NULL, NULL}},
        {"", {NULL}},
        {"202", {NULL}},
        {"2024-13-01", {NULL}},
        {"2023-02-29", {NULL}},
        {"1900-02-29", {NULL}},
        {"2024-04-31", {NULL}},
        {"2024-7-1", {NULL}},
        {"2024-07-011", {NULL}},
        {"202407", {NULL}}, /* or is it 20 24 07? */
        {"01.07.2024", {NULL}},
        {"1719792000", {NULL}},
        {"yesterday", {NULL}},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        for (int p = 0; p < N_PERIODS; p++) {
            char name[PERIOD_NAME_SIZE];
            const int status = period_name(name, CASES[i].date, (enum period)p);
            if (CASES[i].expected[p] == NULL) {
                if (status == 0)
                    fail_msg("'%s' became '%s'", CASES[i].date, name);
            } else {
                assert_int_equal(status, 0);
                assert_string_equal(name, CASES[i].expected[p]);
            }
        }
}

static void days(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum period period;
        double day; /* date(…).toordinal() - date(1970, 1, 1).toordinal() */
    } CASES[] = {
        {"1970", PERIOD_YEAR, 0},           {"2021", PERIOD_YEAR, 18628},
        {"2021-Q3", PERIOD_QUARTER, 18809}, {"2021-07", PERIOD_MONTH, 18809},
        {"2020-W53", PERIOD_WEEK, 18624},   {"2000-02-29", PERIOD_DAY, 11016},
        {"1946-06-30", PERIOD_DAY, -8586},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        assert_near(period_day(CASES[i].name, CASES[i].period), CASES[i].day);
}

static void found(void **state)
{
    (void)state;
    assert_int_equal(period_find("month", 5), PERIOD_MONTH);
    assert_int_equal(period_find("months", 6), -1);
    assert_int_equal(period_find("", 0), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(days),
        cmocka_unit_test(found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
