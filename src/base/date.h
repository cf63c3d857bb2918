/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_BASE_DATE_H
#define SIKAP_BASE_DATE_H

#include <stddef.h>
#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z of the whole of text[0..n), a date as in ISO 8601: YYYY,
 * YYYY-MM, YYYY-MM-DD, with a time behind 'T' or a blank (HH:MM, HH:MM:SS, a fraction is left out)
 * and 'Z' or a shift (+07:00, +0700) behind that; without one it is UTC. What is left out is the
 * first of its kind. 0, or -1: not such a date. */
int date_parse(int64_t *seconds, const char *text, size_t n);

#endif
