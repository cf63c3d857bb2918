/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar is the proleptic Gregorian one; days are counted as in H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms" (2013). Years are four digits. */
#include "analyse/period.h"

#include <stdio.h>
#include <string.h>

struct date {
    int year, month, day; /* month and day 0: not known */
};

static const char *const NAMES[N_PERIODS] = {"year", "quarter", "month", "week", "day"};

int period_find(const char *name, size_t n)
{
    for (int p = 0; p < N_PERIODS; p++)
        if (strlen(NAMES[p]) == n && memcmp(NAMES[p], name, n) == 0)
            return p;
    return -1;
}

/* Exactly n digits; -1: not so. */
static int digits(const char *text, int n)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        v = 10 * v + (text[i] - '0');
    }
    return v;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_mark(const char *at)
{
    return (*at == '-' || *at == '/') && is_digit(at[1]);
}

static int days_in_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && is_leap);
}

/* "-MM-DD", "/MM/DD" or "MMDD", the first two in part or whole; what stands behind must not be a
 * digit. */
static int parse_rest(struct date *d, const char *at)
{
    const int is_plain = is_digit(*at);
    if (is_mark(at))
        at++;
    else if (!is_plain)
        return 0;
    if ((d->month = digits(at, 2)) < 0)
        return -1;
    at += 2;
    if (!is_plain && is_mark(at))
        at++;
    else if (!is_plain)
        return is_digit(*at) ? -1 : 0;
    if ((d->day = digits(at, 2)) < 0)
        return -1;
    return is_digit(at[2]) ? -1 : 0;
}

static int parse(struct date *d, const char *text)
{
    *d = (struct date){.year = digits(text, 4)};
    if (d->year < 1 || parse_rest(d, text + 4) != 0)
        return -1;
    const int has_month = d->month != 0;
    if (has_month && (d->month < 1 || d->month > 12))
        return -1;
    return d->day != 0 && (!has_month || d->day > days_in_month(d->year, d->month)) ? -1 : 0;
}

/* Days since 1970-01-01. */
static int day_number(int year, int month, int day)
{
    const int y = year - (month <= 2);
    const int era = y / 400, of_era = y % 400;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* 0: Monday. */
static int weekday(int day)
{
    return ((day + 3) % 7 + 7) % 7;
}

/* The day on which a year's first ISO week begins: the Monday of the week of January 4. */
static int first_week(int year)
{
    const int fourth = day_number(year, 1, 4);
    return fourth - weekday(fourth);
}

static void week_of(const struct date *d, int *year, int *week)
{
    const int day = day_number(d->year, d->month, d->day);
    *year = d->year;
    if (day < first_week(d->year))
        (*year)--;
    else if (day >= first_week(d->year + 1))
        (*year)++;
    *week = (day - first_week(*year)) / 7 + 1;
}

int period_name(char name[PERIOD_NAME_SIZE], const char *date, enum period period)
{
    struct date d;
    name[0] = '\0';
    if (parse(&d, date) != 0 || (period != PERIOD_YEAR && d.month == 0) ||
        ((period == PERIOD_WEEK || period == PERIOD_DAY) && d.day == 0))
        return -1;
    int year = d.year, week = 0, n = -1;
    switch (period) {
    case PERIOD_YEAR:
        n = snprintf(name, PERIOD_NAME_SIZE, "%04d", year);
        break;
    case PERIOD_QUARTER:
        n = snprintf(name, PERIOD_NAME_SIZE, "%04d-Q%d", year, (d.month + 2) / 3);
        break;
    case PERIOD_MONTH:
        n = snprintf(name, PERIOD_NAME_SIZE, "%04d-%02d", year, d.month);
        break;
    case PERIOD_WEEK:
        week_of(&d, &year, &week);
        n = snprintf(name, PERIOD_NAME_SIZE, "%04d-W%02d", year, week);
        break;
    case PERIOD_DAY:
        n = snprintf(name, PERIOD_NAME_SIZE, "%04d-%02d-%02d", year, d.month, d.day);
        break;
    case N_PERIODS:
        break;
    }
    return n > 0 && n < PERIOD_NAME_SIZE ? 0 : -1;
}

double period_day(const char *name, enum period period)
{
    const int year = digits(name, 4);
    if (year < 0)
        return -1e9;
    switch (period) {
    case PERIOD_QUARTER:
        return day_number(year, 3 * (digits(name + 6, 1) - 1) + 1, 1);
    case PERIOD_WEEK:
        return first_week(year) + 7 * (digits(name + 6, 2) - 1);
    case PERIOD_MONTH:
        return day_number(year, digits(name + 5, 2), 1);
    case PERIOD_DAY:
        return day_number(year, digits(name + 5, 2), digits(name + 8, 2));
    case PERIOD_YEAR:
    case N_PERIODS:
        break;
    }
    return day_number(year, 1, 1);
}
