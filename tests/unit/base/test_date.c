/* SPDX-License-Identifier: Apache-2.0 */
/* Seconds against Python's datetime. */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    int64_t seconds;
} DATES[] = {
    {"1970", 0},
    {"1970-01-01T00:00:00Z", 0},
    {"1969-12-31 23:59:59", -1},
    {"2000-02-29T12:00", 951825600},
    {"1900-03", -2203891200},
    {"2021-05-31T10:00:00Z", 1622455200},
    {"2021-05-31T17:00:00+07:00", 1622455200},
    {"2021-05-31T17:00:00.123+0700", 1622455200},
    {"2021-05-31T05:00:00-05", 1622455200},
    {"9999-12-31", 253402214400},
    {"0001-01-01", -62135596800},
    {"2024-02-29", 1709164800},
};

static const char *const NOT_DATES[] = {
    "",           "21",          "2021-13",         "2021-00-01",        "2021-02-29",
    "1900-02-29", "2021-5-1",    "2021-05-32",      "2021-05-31T",       "2021-05-31T25:00",
    "20210531",   "2021-05-31x", "2021-05-31T10:0", "2021-05-31T10:00+", "-2021",
    "٢٠٢١",       " 2021",       "2021-",           "2021-05-31T10:00.", "31.05.2021",
};

static void dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof DATES / sizeof *DATES; i++) {
        int64_t seconds = 1;
        if (date_parse(&seconds, DATES[i].text, strlen(DATES[i].text)) != 0 ||
            seconds != DATES[i].seconds)
            fail_msg("%s: %lld", DATES[i].text, (long long)seconds);
    }
}

static void not_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof NOT_DATES / sizeof *NOT_DATES; i++) {
        int64_t seconds = 7;
        if (date_parse(&seconds, NOT_DATES[i], strlen(NOT_DATES[i])) == 0)
            fail_msg("'%s' is a date: %lld", NOT_DATES[i], (long long)seconds);
        assert_int_equal(seconds, 7);
    }
}

/* Every day is a day after the one before it. */
static void days_follow_one_another(void **state)
{
    (void)state;
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t expected = -62167219200; /* 0000-01-01 */
    for (int year = 0; year < 2420; year++)
        for (int month = 1; month <= 12; month++) {
            const int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            for (int day = 1; day <= DAYS[month - 1] + (month == 2 && is_leap); day++) {
                char text[16];
                int64_t seconds = 0;
                for (int k = 0, rest = year; k < 4; k++, rest /= 10)
                    text[3 - k] = (char)('0' + rest % 10);
                text[4] = text[7] = '-';
                text[5] = (char)('0' + month / 10);
                text[6] = (char)('0' + month % 10);
                text[8] = (char)('0' + day / 10);
                text[9] = (char)('0' + day % 10);
                assert_int_equal(date_parse(&seconds, text, 10), 0);
                assert_int_equal(seconds, expected);
                expected += 86400;
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),
        cmocka_unit_test(not_dates),
        cmocka_unit_test(days_follow_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
