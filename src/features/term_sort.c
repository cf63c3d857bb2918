/* SPDX-License-Identifier: Apache-2.0 */
#include "features/term_sort.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 24, DEEPEST = 64 };

/* Eight bytes, zeros for those from n on; n is 1 or more. */
static uint64_t big_endian(const unsigned char *p, size_t n)
{
    const uint64_t v = (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 |
                       (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
                       (uint64_t)p[6] << 8 | p[7];
    return n >= 8 ? v : v & ~(UINT64_MAX >> (8 * n));
}

struct term_record term_record(const struct term_candidate *candidate)
{
    const unsigned char *text = (const unsigned char *)candidate->text;
    const size_t n = candidate->n;
    return (struct term_record){{big_endian(text, n), n > 8 ? big_endian(text + 8, n - 8) : 0},
                                candidate};
}

static int compare_texts(const struct term_candidate *a, const struct term_candidate *b)
{
    const int c = memcmp(a->text, b->text, a->n < b->n ? a->n : b->n);
    return c != 0 ? c : a->n < b->n ? -1 : a->n > b->n;
}

/* Only heaps of frequent terms hold more than one df. */
static inline int before(const struct term_record *a, const struct term_record *b, int by_df)
{
    if (by_df && a->candidate->df != b->candidate->df)
        return a->candidate->df > b->candidate->df;
    if (a->prefix[0] != b->prefix[0])
        return a->prefix[0] < b->prefix[0];
    if (a->prefix[1] != b->prefix[1])
        return a->prefix[1] < b->prefix[1];
    return compare_texts(a->candidate, b->candidate) < 0;
}

static int by_order(const void *left, const void *right)
{
    return before(left, right, 1) ? -1 : before(right, left, 1);
}

static inline void swap(struct term_record *a, struct term_record *b)
{
    const struct term_record t = *a;
    *a = *b;
    *b = t;
}

/* Puts the middle one of the first, the middle and the last record first. */
static void choose_pivot(struct term_record *r, size_t n, int by_df)
{
    struct term_record *low = &r[n / 2], *high = &r[n - 1];
    if (before(high, low, by_df)) {
        low = &r[n - 1];
        high = &r[n / 2];
    }
    if (before(&r[0], low, by_df))
        swap(&r[0], low);
    else if (before(high, &r[0], by_df))
        swap(&r[0], high);
}

/* Quicksort; where a hostile order makes it slow, the C library's sort goes on. */
static void sort_records(struct term_record *r, size_t n, unsigned depth, int by_df)
{
    while (n > FEW) {
        if (depth-- == 0) {
            qsort(r, n, sizeof *r, by_order);
            return;
        }
        choose_pivot(r, n, by_df);
        const struct term_record pivot = r[0];
        size_t i = 0, j = n - 1;
        for (;; i++, j--) {
            while (before(&r[i], &pivot, by_df))
                i++;
            while (before(&pivot, &r[j], by_df))
                j--;
            if (i >= j)
                break;
            swap(&r[i], &r[j]);
        }
        sort_records(r, j + 1, depth, by_df);
        r += j + 1;
        n -= j + 1;
    }
    for (size_t i = 1; i < n; i++) {
        const struct term_record one = r[i];
        size_t k = i;
        for (; k > 0 && before(&one, &r[k - 1], by_df); k--)
            r[k] = r[k - 1];
        r[k] = one;
    }
}

void term_sort(struct term_record *records, size_t n, int by_df)
{
    sort_records(records, n, DEEPEST, by_df);
}
