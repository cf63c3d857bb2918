/* SPDX-License-Identifier: Apache-2.0 */
/* Checks as JUnit XML, in the form that Jenkins, GitLab and GitHub's reporters agree on: one suite,
 * one test case per check, a failure element in those that failed. */
#include <string.h>

#include "analyse/checks.h"
#include "base/memory.h"
#include "text/utf8.h"

/* What XML 1.0 cannot hold even when escaped. */
static int is_forbidden(uint32_t code_point)
{
    return (code_point < 0x20 && code_point != '\t' && code_point != '\n') || code_point == 0x7F ||
           code_point == 0xFFFE || code_point == 0xFFFF;
}

static void put_escaped(struct buffer *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t code_point;
        const size_t length = utf8_decode(text + i, n - i, &code_point);
        switch (code_point) {
        case '&':
            buffer_text(out, "&amp;");
            break;
        case '<':
            buffer_text(out, "&lt;");
            break;
        case '>':
            buffer_text(out, "&gt;");
            break;
        case '"':
            buffer_text(out, "&quot;");
            break;
        default:
            if (is_forbidden(code_point))
                buffer_byte(out, '?');
            else
                buffer_bytes(out, text + i, length);
        }
        i += length;
    }
}

/* Text for an element or between double quotes. Gates come from the command line and need not be
 * UTF-8. */
static void put_xml(struct buffer *out, const char *text)
{
    struct buffer repaired = {0};
    utf8_repair(text, strlen(text), &repaired);
    put_escaped(out, repaired.n == 0 ? "" : repaired.bytes, repaired.n);
    out->failed |= repaired.failed;
    buffer_free(&repaired);
}

static void put_case(struct buffer *out, const char *suite, const sikap_check *check)
{
    buffer_text(out, "    <testcase classname=\"");
    put_xml(out, suite);
    buffer_byte(out, '.');
    put_xml(out, check->kind);
    buffer_text(out, "\" name=\"");
    put_xml(out, check->name);
    buffer_text(out, "\">\n      ");
    buffer_text(out, check->passed ? "<system-out>" : "<failure message=\"");
    put_xml(out, check->message);
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
    put_xml(&out, suite);
    buffer_format(&out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
                  checks->n, n_failed);
    for (size_t i = 0; i < checks->n; i++)
        put_case(&out, suite, &checks->items[i].shown);
    buffer_text(&out, "  </testsuite>\n</testsuites>\n");
    const int status = buffer_hand_over(&out, "report", write, context, err);
    buffer_free(&out);
    return status;
}
