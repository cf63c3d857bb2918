/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/gate.h"

#include <locale.h>
#include <string.h>

#include "cases.h"

static void good_gates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *parts[4];
        enum gate_operator operator;
        double bound;
    } CASES[] = {
        {"topic.macro.f1>=0.70", {"topic", "macro", "f1"}, GATE_AT_LEAST, 0.7},
        {"stance.labels[\"sanctions-criticism\"].f1>=0.6",
         {"stance", "labels", "sanctions-criticism", "f1"},
         GATE_AT_LEAST,
         0.6},
        {" topic . micro\t. f1 <\t5e-1 ", {"topic", "micro", "f1"}, GATE_BELOW, 0.5},
        {"a>1", {"a"}, GATE_ABOVE, 1},
        {"a<=-2.50E+1", {"a"}, GATE_AT_MOST, -25},
        {"a==+3", {"a"}, GATE_EQUAL, 3},
        {"a!=0", {"a"}, GATE_NOT_EQUAL, 0},
        {"anti-west.f1>=0.5", {"anti-west", "f1"}, GATE_AT_LEAST, 0.5},
        /* A quoted label may hold anything: dots, brackets, operators, blanks, other quotes. */
        {"[\"a.b\"][ 'x]>=\"1' ].f1>0.1", {"a.b", "x]>=\"1", "f1"}, GATE_ABOVE, 0.1},
        {"t[\"a\\\"b\\\\c\"]>0", {"t", "a\"b\\c"}, GATE_ABOVE, 0},
        {"t[\"\"]>0", {"t", ""}, GATE_ABOVE, 0},
        {"tema[\"\xe5\xa4\x96\xe4\xba\xa4\"].f1>0",
         {"tema", "\xe5\xa4\x96\xe4\xba\xa4", "f1"},
         GATE_ABOVE,
         0},
        {"\xe5\xa4\x96.f1>0", {"\xe5\xa4\x96", "f1"}, GATE_ABOVE, 0},
        {"a>=0.1234567890123456789", {"a"}, GATE_AT_LEAST, 0.1234567890123456789},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct gate *gate;
        sikap_error err;
        if (gate_parse(&gate, CASES[c].text, strlen(CASES[c].text), &err) != 0)
            fail_msg("%s: %s", CASES[c].text, err.message);
        size_t n = 0;
        for (; n < 4 && CASES[c].parts[n] != NULL; n++) {
            assert_true(n < gate->n_parts);
            assert_string_equal(gate->parts[n], CASES[c].parts[n]);
        }
        assert_int_equal(gate->n_parts, n);
        assert_int_equal(gate->operator, CASES[c].operator);
        assert_true(gate->bound == CASES[c].bound);
        assert_string_equal(gate->text, CASES[c].text);
        gate_free(gate);
    }
}

static void bad_gates(void **state)
{
    (void)state;
#define ONE_OF "expected one of >= > <= < == !="
    static const struct {
        const char *text;
        const char *message;
    } CASES[] = {
        {"", "gate '', byte 1: expected a name"},
        {">=1", "gate '>=1', byte 1: expected a name"},
        {"topic.macro.f1=0.7", "gate 'topic.macro.f1=0.7', byte 15: " ONE_OF},
        {"topic.macro.f1", "gate 'topic.macro.f1', byte 15: " ONE_OF},
        {"topic macro>1", "gate 'topic macro>1', byte 7: " ONE_OF},
        {"topic..f1>1", "gate 'topic..f1>1', byte 7: expected a name"},
        {"topic.>1", "gate 'topic.>1', byte 7: expected a name"},
        {"t.\"x\">1", "gate 't.\"x\">1', byte 3: expected a name"},
        {"t[x]>1", "gate 't[x]>1', byte 3: expected a quoted name"},
        {"t[\"x>1", "gate 't[\"x>1', byte 7: the quote is not closed"},
        {"t[\"x\\", "gate 't[\"x\\', byte 6: the quote is not closed"},
        {"t[\"x\">1", "gate 't[\"x\">1', byte 6: expected ]"},
        {"t[", "gate 't[', byte 3: expected a quoted name"},
        {"a>=", "gate 'a>=', byte 4: expected a number"},
        {"a>=.5", "gate 'a>=.5', byte 4: expected a number"},
        {"a>=+-5", "gate 'a>=+-5', byte 5: expected a number"},
        {"a>=nan", "gate 'a>=nan', byte 4: expected a number"},
        {"a>=inf", "gate 'a>=inf', byte 4: expected a number"},
        {"a>=-inf", "gate 'a>=-inf', byte 5: expected a number"},
        {"a>=0x1", "gate 'a>=0x1', byte 5: expected nothing behind the number"},
        {"a>=0,7", "gate 'a>=0,7', byte 5: expected nothing behind the number"},
        {"a>=1 2", "gate 'a>=1 2', byte 6: expected nothing behind the number"},
        {"a>=70%", "gate 'a>=70%', byte 6: expected nothing behind the number"},
        {"a>=1.", "gate 'a>=1.', byte 6: expected digits behind the point"},
        {"a>=1e", "gate 'a>=1e', byte 6: expected the digits of an exponent"},
        {"a>=1e+x", "gate 'a>=1e+x', byte 7: expected the digits of an exponent"},
        {"a>=1e999", "gate 'a>=1e999', byte 4: the number is too large or too small"},
        {"a>==1", "gate 'a>==1', byte 4: expected a number"},
        {"a\n>=1", "gate 'a?>=1', byte 2: " ONE_OF},
        {"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b>1",
         "gate 'a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b>1', byte 34: the path has too many parts"},
    };
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct gate *gate = (void *)1;
        sikap_error err = {0};
        assert_int_equal(gate_parse(&gate, CASES[c].text, strlen(CASES[c].text), &err),
                         SIKAP_USAGE);
        assert_null(gate);
        assert_string_equal(err.message, CASES[c].message);
    }
    struct gate *gate;
    sikap_error err;
    assert_int_equal(gate_parse(&gate, "t[\"a\0b\"]>1", 11, &err), SIKAP_USAGE);
    assert_non_null(strstr(err.message, "byte 5: a NUL byte in a name"));
    assert_int_equal(gate_parse(&gate, "a\0>1", 4, &err), SIKAP_USAGE);
    char text[GATE_MAX_TEXT + 1];
    memset(text, 'a', sizeof text);
    assert_int_equal(gate_parse(&gate, text, sizeof text, &err), SIKAP_USAGE);
    assert_non_null(strstr(err.message, "...', byte 4097: the gate is too long"));
}

/* Every beginning of a long gate: parsed or refused, and never read past its end (the copy is of
 * exactly that size, for the sanitizer to see). */
static void every_beginning(void **state)
{
    (void)state;
    static const char TEXT[] = "stance . labels[ \"a\\\"b\" ]['c'].f1 >= -12.50e+1 ";
    for (size_t n = 0; n < sizeof TEXT; n++) {
        char *copy = test_malloc(n + (n == 0));
        memcpy(copy, TEXT, n);
        struct gate *gate;
        const int status = gate_parse(&gate, copy, n, NULL);
        assert_true(status == 0 || status == SIKAP_USAGE);
        assert_true((status == 0) == (gate != NULL));
        gate_free(gate);
        test_free(copy);
    }
}

struct figures {
    double value;
    size_t n_parts;
};

static int find(void *context, const char *const *parts, size_t n_parts, double *value)
{
    struct figures *f = context;
    f->n_parts = n_parts;
    if (strcmp(parts[0], "a") != 0)
        return 0;
    *value = f->value;
    return 1;
}

static void checking(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
        int passed;
    } CASES[] = {{"a>=0.7", 0.7, 1},    {"a>=0.7", 0.69999999999999996, 1},
                 {"a>=0.7", 0.6999, 0}, {"a>0.7", 0.7, 0},
                 {"a>0.7", 0.71, 1},    {"a<=0.7", 0.7, 1},
                 {"a<=0.7", 0.71, 0},   {"a<0.7", 0.7, 0},
                 {"a<0.7", 0.6, 1},     {"a==0.5", 0.5, 1},
                 {"a==0.5", 0.6, 0},    {"a!=0.5", 0.5, 0},
                 {"a!=0.5", 0.6, 1},    {"a!=0.5", NAN, 0},
                 {"a<0.5", NAN, 0},     {"a>-1", INFINITY, 1}};
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
        struct figures figures = {.value = CASES[c].value};
        struct gate *gate;
        int passed = -1;
        double value;
        assert_int_equal(gate_parse(&gate, CASES[c].text, strlen(CASES[c].text), NULL), 0);
        assert_int_equal(gate_check(&passed, &value, gate, find, &figures, NULL), 0);
        if (passed != CASES[c].passed)
            fail_msg("%s with %g: %d", CASES[c].text, CASES[c].value, passed);
        assert_near(value, CASES[c].value);
        gate_free(gate);
    }
    struct figures figures = {0};
    struct gate *gate;
    sikap_error err;
    int passed = -1;
    double value;
    assert_int_equal(gate_parse(&gate, "b.c>=0", 6, NULL), 0);
    assert_int_equal(gate_check(&passed, &value, gate, find, &figures, &err), SIKAP_USAGE);
    assert_int_equal(passed, 0);
    assert_int_equal(figures.n_parts, 2);
    assert_string_equal(err.message, "gate 'b.c>=0': there is no such figure");
    gate_free(gate);
}

int main(void)
{
    /* Where such a locale is installed, the comma must change nothing. */
    setlocale(LC_ALL, "de_DE.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_gates),
        cmocka_unit_test(bad_gates),
        cmocka_unit_test(every_beginning),
        cmocka_unit_test(checking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
