/* SPDX-License-Identifier: Apache-2.0 */
#include "base/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void lines_in_the_order_of_time(void **state)
{
    (void)state;
    static const struct {
        const char *stage;
        size_t done, total;
        double now;
        const char *expected; /* NULL: no line is due */
    } cases[] = {
        {"reading", 0, 0, 100.0, "reading  0  0:00"},
        {"reading", 10, 0, 100.05, NULL},
        {"reading", 5000, 0, 165.0, "reading  5000  1:05"},
        {"training", 0, 90, 165.01, "training  0/90  0 %"}, /* a new stage is due at once */
        {"training", 1, 90, 165.02, NULL},
        {"training", 30, 90, 165.5, "training  30/90  33 %"},
        {"training", 30, 90, 175.01, "training  30/90  33 %  0:20 left"}, /* 10 s for a third */
        {"training", 1, 90, 265.01, "training  1/90  1 %  2:28:20 left"}, /* 89 x 100 s */
        {"training", 90, 90, 265.02, "training  90/90  100 %"}, /* the end is due at once */
        {"training", 91, 90, 266, "training  90/90  100 %"},
        {"writing", 0, 18446744073709551615u, 267, "writing  0/18446744073709551615  0 %"},
    };
    struct progress p = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[100] = "";
        const int due = progress_line(&p, cases[i].stage, cases[i].done, cases[i].total,
                                      cases[i].now, line, sizeof line);
        assert_int_equal(due, cases[i].expected != NULL);
        assert_string_equal(line, due ? cases[i].expected : "");
    }
}

static void long_stage_and_short_line(void **state)
{
    (void)state;
    struct progress p = {0};
    char line[8];
    const char *stage = "a stage whose name is longer than there is room for";
    assert_int_equal(progress_line(&p, stage, 1, 2, 0, line, sizeof line), 1);
    assert_string_equal(line, "a stage");
    /* It is still the same stage, so the limit of ten lines a second holds. */
    assert_int_equal(progress_line(&p, stage, 1, 2, 0.01, line, sizeof line), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_in_the_order_of_time),
        cmocka_unit_test(long_stage_and_short_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
