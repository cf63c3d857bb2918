/* SPDX-License-Identifier: Apache-2.0 */
/* Checks as JUnit XML, in the form that Jenkins, GitLab and GitHub's reporters agree on: one suite,
 * one test case per check, a failure element in those that failed. Text is escaped as in pages,
 * which are XML too; gates come from the command line and need not be UTF-8. */
#include "analyse/checks.h"
#include "report/html.h"

static void put_case(struct buffer *out, const char *suite, const sikap_check *check)
{
    buffer_text(out, "    <testcase classname=\"");
    html_string(out, suite);
    buffer_byte(out, '.');
    html_string(out, check->kind);
    buffer_text(out, "\" name=\"");
    html_string(out, check->name);
    buffer_text(out, "\">\n      ");
    buffer_text(out, check->passed ? "<system-out>" : "<failure message=\"");
    html_string(out, check->message);
    buffer_text(out, check->passed ? "</system-out>\n" : "\"/>\n");
    buffer_text(out, "    </testcase>\n");
}

int sikap_checks_junit(const sikap_checks *checks, const char *suite, sikap_write *write,
                       void *context, sikap_error *err)
{
    struct buffer out = {0};
    const size_t n_failed = sikap_checks_n_failed(checks);
    buffer_text(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                      "  <testsuite name=\"");
    html_string(&out, suite);
    buffer_format(&out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
                  checks->n, n_failed);
    for (size_t i = 0; i < checks->n; i++)
        put_case(&out, suite, &checks->items[i].shown);
    buffer_text(&out, "  </testsuite>\n</testsuites>\n");
    const int status = buffer_hand_over(&out, "report", write, context, err);
    buffer_free(&out);
    return status;
}
