/* SPDX-License-Identifier: Apache-2.0 */
#include "base/date.h"

struct scan {
    const char *at, *end;
    int failed;
};

static int is_next(const struct scan *s, char c)
{
    return !s->failed && s->at < s->end && *s->at == c;
}

static int skip(struct scan *s, char c)
{
    const int is_there = is_next(s, c);
    s->at += is_there;
    return is_there;
}

/* Exactly n digits whose number is within [low, high]. */
static int digits(struct scan *s, int n, int low, int high)
{
    int value = 0;
    for (int i = 0; i < n; i++, s->at++) {
        if (s->failed || s->at == s->end || *s->at < '0' || *s->at > '9') {
            s->failed = 1;
            return low;
        }
        value = 10 * value + (*s->at - '0');
    }
    s->failed |= value < low || value > high;
    return value;
}

static int is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return DAYS[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01, in the calendar of today; year 0 to 9999. */
static int64_t days_since(int year, int month, int day)
{
    const int y = year - 1;
    int64_t days = (int64_t)year * 365 + (year > 0 ? y / 4 - y / 100 + y / 400 + 1 : 0) - 719528;
    for (int m = 1; m < month; m++)
        days += days_of(year, m);
    return days + day - 1;
}

static int64_t scan_shift(struct scan *s)
{
    if (skip(s, 'Z') || s->at == s->end)
        return 0;
    const int is_plus = skip(s, '+');
    if (!is_plus && !skip(s, '-')) {
        s->failed = 1;
        return 0;
    }
    const int hours = digits(s, 2, 0, 23);
    skip(s, ':');
    const int minutes = s->at < s->end ? digits(s, 2, 0, 59) : 0;
    return (is_plus ? 1 : -1) * (int64_t)(3600 * hours + 60 * minutes);
}

static int64_t scan_time(struct scan *s)
{
    const int hours = digits(s, 2, 0, 24);
    s->failed |= !skip(s, ':');
    const int minutes = digits(s, 2, 0, 59);
    const int seconds = skip(s, ':') ? digits(s, 2, 0, 60) : 0;
    if (skip(s, '.')) {
        digits(s, 1, 0, 9);
        while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
            s->at++;
    }
    return (int64_t)(3600 * hours + 60 * minutes + seconds) - scan_shift(s);
}

int date_parse(int64_t *seconds, const char *text, size_t n)
{
    struct scan s = {.at = text, .end = text + n};
    int month = 1, day = 1;
    int64_t time = 0;
    const int year = digits(&s, 4, 0, 9999);
    if (skip(&s, '-')) {
        month = digits(&s, 2, 1, 12);
        if (skip(&s, '-')) {
            day = digits(&s, 2, 1, 31);
            s.failed |= !s.failed && day > days_of(year, month);
            if (skip(&s, 'T') || skip(&s, ' '))
                time = scan_time(&s);
        }
    }
    if (s.failed || s.at != s.end)
        return -1;
    *seconds = 86400 * days_since(year, month, day) + time;
    return 0;
}
