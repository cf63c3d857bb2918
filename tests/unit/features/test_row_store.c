/* SPDX-License-Identifier: Apache-2.0 */
/* Rows come back as they were put in, wherever chunks begin. */
#include "features/row_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

/* The count that term t of row r has: mostly 1, some more, some a fraction. */
static float count_of(size_t r, size_t t)
{
    return t % 5 == r % 5 ? (float)(t % 7) + 0.5F : 1;
}

static void put(struct row_store *s, struct stored_row *row, size_t r, size_t n)
{
    assert_int_equal(row_store_begin(s, n), 0);
    for (size_t t = 0; t < n; t++)
        row_store_add(s, (uint32_t)(r * 31 + t), count_of(r, t));
    row_store_end(s, row);
    assert_int_equal(stored_row_n(row), n);
}

/* Terms may come back in another order, but each with its count. */
static void check(const struct stored_row *row, size_t r, size_t n)
{
    unsigned char *seen = memory_zero(n, 1);
    assert_non_null(seen);
    for (size_t i = 0; i < n; i++) {
        const size_t t = row->cells[i] - r * 31;
        assert_true(t < n && !seen[t]);
        seen[t] = 1;
        assert_true(stored_row_count(row, i) == count_of(r, t));
    }
    memory_free(seen);
}

static void rows_come_back(void **state)
{
    (void)state;
    /* No term; one; rows that fill chunks; one that is longer than a chunk; small ones again. */
    static const size_t sizes[] = {0, 1, 400000, 3, 400000, 0, 2000000, 7, 400000, 400000, 12};
    enum { N = sizeof sizes / sizeof *sizes };
    struct row_store s = {0};
    struct stored_row rows[N];
    for (size_t r = 0; r < N; r++)
        put(&s, &rows[r], r, sizes[r]);
    for (size_t r = 0; r < N; r++)
        check(&rows[r], r, sizes[r]);
    for (size_t r = 1; r < N; r++)
        assert_true(rows[r].chunk >= rows[r - 1].chunk);
    assert_true(rows[N - 1].chunk >= 2);
    row_store_free(&s);
}

static void later_rows_stay_when_chunks_are_given_back(void **state)
{
    (void)state;
    enum { N = 12, SIZE = 300000 };
    struct row_store s = {0};
    struct stored_row rows[N];
    for (size_t r = 0; r < N; r++)
        put(&s, &rows[r], r, SIZE);
    for (size_t r = 0; r < N; r++) {
        row_store_free_before(&s, rows[r].chunk);
        for (size_t k = r; k < N; k++)
            check(&rows[k], k, SIZE);
    }
    row_store_free(&s);
    row_store_free(&s); /* an empty one is fine */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back),
        cmocka_unit_test(later_rows_stay_when_chunks_are_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
