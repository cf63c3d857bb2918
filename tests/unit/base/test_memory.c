/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

enum { MB = 1 << 20 };

static void test_impossible_sizes(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{SIZE_MAX, 2}, {SIZE_MAX / 2, 3}, {SIZE_MAX / 4, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_null(memory_alloc(sizes[i][0], sizes[i][1]));
        assert_null(memory_zero(sizes[i][0], sizes[i][1]));
        assert_null(memory_aligned(sizes[i][0], sizes[i][1]));
        assert_null(memory_resize(NULL, sizes[i][0], sizes[i][1]));
    }
}

/* Small and large pieces come by different ways; both keep what they promise. */
static void test_pieces(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 100, MB - 1, MB, 2 * MB, 2 * MB + 1, 5 * MB};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t n = sizes[i];
        unsigned char *dirty = memory_alloc(n, 1);
        assert_non_null(dirty);
        memset(dirty, 0xA5, n);
        memory_free(dirty);
        unsigned char *zero = memory_zero(n, 1); /* perhaps the same piece */
        assert_non_null(zero);
        for (size_t k = 0; k < n; k++)
            if (zero[k] != 0)
                fail_msg("byte %zu of %zu is not zero", k, n);
        memory_free(zero);
        void *aligned = memory_aligned(n, 1);
        assert_non_null(aligned);
        assert_int_equal((uintptr_t)aligned % 64, 0);
        memory_free(aligned);
    }
}

/* What is forgotten is the front of a piece; the rest stays as it was. */
static void test_forgetting(void **state)
{
    (void)state;
    static const size_t forgotten[] = {0, 1, MB, 2 * MB, 3 * MB, 5 * MB};
    for (size_t i = 0; i < sizeof forgotten / sizeof *forgotten; i++) {
        unsigned char *piece = memory_alloc(5 * MB, 1);
        assert_non_null(piece);
        memset(piece, 0xA5, 5 * MB);
        memory_forget(piece, forgotten[i], 1);
        for (size_t k = forgotten[i]; k < 5 * MB; k++)
            if (piece[k] != 0xA5)
                fail_msg("byte %zu is lost after %zu", k, forgotten[i]);
        memory_give_back(piece, 5 * MB, 1);
    }
    memory_forget(NULL, 0, 1);
    memory_give_back(NULL, 0, 1);
}

static void test_growing(void **state)
{
    (void)state;
    uint32_t *array = NULL;
    size_t capacity = 0;
    for (uint32_t n = 0; n < 3 * MB; n++) {
        assert_int_equal(memory_grow(&array, &capacity, n + 1, sizeof *array), 0);
        array[n] = n * 2654435761U;
    }
    for (uint32_t n = 0; n < 3 * MB; n++)
        if (array[n] != n * 2654435761U)
            fail_msg("element %u is lost", n);
    memory_free(array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_impossible_sizes), cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_forgetting), cmocka_unit_test(test_growing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
