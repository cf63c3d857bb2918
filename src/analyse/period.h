/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_PERIOD_H
#define SIKAP_ANALYSE_PERIOD_H

#include <stddef.h>

/* Dates cut to periods whose names sort as time runs. */
enum period { PERIOD_YEAR, PERIOD_QUARTER, PERIOD_MONTH, PERIOD_WEEK, PERIOD_DAY, N_PERIODS };
enum { PERIOD_NAME_SIZE = 16 };

/* "year", "quarter" …; -1: none of them. */
int period_find(const char *name, size_t n);

/* The period of a date into name: "2021", "2021-Q1", "2021-01", "2021-W04" (ISO 8601: the week
 * belongs to the year of its Thursday), "2021-01-31". A date is YYYY, YYYY-MM, YYYY-MM-DD (or
 * with slashes) or YYYYMMDD, anything behind it that begins with no digit being its time of day.
 * -1: it is no date, or too coarse for the period. */
int period_name(char name[PERIOD_NAME_SIZE], const char *date, enum period period);

/* A number for the beginning of the period that period_name has named, in days since 1970, for the
 * axis of a chart; -1e9 where it is not such a name. */
double period_day(const char *name, enum period period);

#endif
