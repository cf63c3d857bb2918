/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit and Markdown of checks whose names would like to be markup. */
#include "analyse/checks_fixture.h"

#include "analyse/checks.h"

static sikap_checks *hostile(const sikap_evaluation *e)
{
    sikap_checks *checks;
    struct buffer message = {0};
    buffer_text(&message, "a | b <i>&\x01\x1b[31m");
    assert_int_equal(sikap_checks_new(&checks, e, NULL), 0);
    assert_int_equal(checks_add(checks, "gate", "x\"<&>\xff]]>\xef\xbf\xbf", 0, &message, NULL), 0);
    assert_int_equal(checks_add(checks, "baseline", "*s*.f1", 1, &message, NULL), 0);
    buffer_free(&message);
    return checks;
}

static void junit(void **state)
{
    (void)state;
    sikap_evaluation *e = fixture_single(40, 30, 0);
    sikap_checks *checks = hostile(e);
    struct buffer out = {0};
    assert_int_equal(sikap_checks_junit(checks, "sikap eval", fixture_append, &out, NULL), 0);
    buffer_byte(&out, '\0');
    assert_has(out.bytes, "tests=\"2\" failures=\"1\"");
    /* A broken byte is U+FFFD; what XML cannot hold is too. */
    assert_has(out.bytes, "name=\"x&quot;&lt;&amp;&gt;\xef\xbf\xbd]]&gt;\xef\xbf\xbd\"");
    assert_has(out.bytes, "<failure message=\"a | b &lt;i&gt;&amp;\xef\xbf\xbd\xef\xbf\xbd[31m\"/>");
    assert_has(out.bytes, "classname=\"sikap eval.baseline\" name=\"*s*.f1\"");
    assert_has(out.bytes, "<system-out>a | b");
    assert_has_not(out.bytes, "<i>");
    buffer_free(&out);
    sikap_checks_free(checks);
    sikap_evaluation_free(e);
}

static void markdown(void **state)
{
    (void)state;
    struct evaluation_data d;
    struct evaluation_field *f = fixture_field(&d, "s|*x*", 1, 40, 7);
    /* Label l is right in l of the first documents and missed in the rest of 7; g is never gold. */
    for (size_t l = 0; l < 6; l++)
        for (size_t i = 0; i < 7; i++) {
            f->gold[7 * i + l] = 1;
            f->chosen[7 * i + l] = i < l;
        }
    fixture_rename(f, 0, "<script>`|\n");
    sikap_evaluation *e = fixture_evaluate(&d, 0, 1);
    sikap_checks *checks = hostile(e);
    struct buffer out = {0};
    assert_int_equal(sikap_checks_markdown(checks, fixture_append, &out, NULL), 0);
    buffer_byte(&out, '\0');
    assert_has(out.bytes, "**1 of 2 checks failed.**");
    assert_has(out.bytes, "| passed | baseline: \\*s\\*.f1 | a \\| b &lt;i&gt;&amp;");
    assert_has(out.bytes, "### s\\|\\*x\\*: multi, 40 documents, 7 labels");
    assert_has(out.bytes, "| &lt;script&gt;\\`\\|  | 0.000 | 0.000 | 0.000 |");
    /* The five lowest of six, lowest first: F1 = 2l/(l + 7). */
    const char *b = strstr(out.bytes, "| b | 1.000 | 0.143 | 0.250 |");
    const char *last = strstr(out.bytes, "| e | 1.000 | 0.571 | 0.727 |");
    assert_true(b != NULL && last != NULL && b < last);
    assert_has_not(out.bytes, "| f |");
    assert_has_not(out.bytes, "| g |");
    buffer_free(&out);
    sikap_checks_free(checks);
    sikap_evaluation_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(junit), cmocka_unit_test(markdown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
