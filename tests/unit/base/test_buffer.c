/* SPDX-License-Identifier: Apache-2.0 */
/* Handing a buffer over: all of it or an error, and an empty buffer afterwards. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

struct sink {
    char bytes[16];
    size_t n_calls;
    int fails_with; /* errno; 0: it works */
};

static int take(void *context, const char *bytes, size_t n)
{
    struct sink *sink = context;
    sink->n_calls++;
    if (sink->fails_with != 0) {
        errno = sink->fails_with;
        return -1;
    }
    memcpy(sink->bytes, bytes, n);
    return 0;
}

static void test_hand_over(void **state)
{
    (void)state;
    struct buffer b = {0};
    struct sink sink = {0};
    buffer_text(&b, "abc");
    assert_int_equal(buffer_hand_over(&b, "table", take, &sink, NULL), 0);
    assert_string_equal(sink.bytes, "abc");
    assert_int_equal(b.n, 0);
    assert_int_equal(buffer_hand_over(&b, "table", take, &sink, NULL), 0);
    assert_int_equal(sink.n_calls, 1); /* nothing to write, nothing written */
    buffer_free(&b);
}

static void test_hand_over_fails(void **state)
{
    (void)state;
    struct buffer b = {0};
    struct sink sink = {.fails_with = ENOSPC};
    sikap_error err = {0};
    buffer_text(&b, "abc");
    assert_int_equal(buffer_hand_over(&b, "table", take, &sink, &err), SIKAP_SYSTEM);
    assert_string_equal(err.message, "cannot write the table: No space left on device");
    b.failed = 1; /* as an allocation that failed leaves it */
    assert_int_equal(buffer_hand_over(&b, "table", take, &sink, &err), SIKAP_SYSTEM);
    assert_int_equal(sink.n_calls, 1);
    assert_non_null(strstr(err.message, "memory"));
    buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hand_over),
        cmocka_unit_test(test_hand_over_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
