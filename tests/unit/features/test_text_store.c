/* SPDX-License-Identifier: Apache-2.0 */
/* Texts stay as they were put in, and where, whatever comes after them. */
#include "features/text_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N = 60000, LONG = 3 << 20 /* more than a chunk */ };

static size_t length_of(size_t i)
{
    return i % 1000 == 7 ? 70000 : i == 500 ? LONG : i % 23;
}

static void texts_stay(void **state)
{
    (void)state;
    struct text_store store = {0};
    const char **at = calloc(N, sizeof *at);
    char *bytes = malloc(LONG);
    assert_non_null(at);
    assert_non_null(bytes);
    for (size_t i = 0; i < N; i++) {
        memset(bytes, (int)(i % 251), length_of(i));
        at[i] = text_store_add(&store, bytes, length_of(i));
        assert_non_null(at[i]);
    }
    for (size_t i = 0; i < N; i++) {
        size_t n;
        const char *text = stored_text(at[i], &n);
        assert_int_equal(n, length_of(i));
        memset(bytes, (int)(i % 251), n);
        assert_memory_equal(text, bytes, n);
    }
    text_store_free(&store);
    assert_null(store.chunks);
    free(bytes);
    free(at);
}

static void nothing_may_be_stored(void **state)
{
    (void)state;
    struct text_store store = {0};
    size_t n = 1;
    stored_text(text_store_add(&store, NULL, 0), &n);
    assert_int_equal(n, 0);
    text_store_free(&store);
    text_store_free(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_stay),
        cmocka_unit_test(nothing_may_be_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
