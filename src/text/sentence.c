/* SPDX-License-Identifier: Apache-2.0 */
/* One look at a few bytes, no list of abbreviations: "Mr. Putin" is cut, "e.g. this" is not. What
 * depends on it (which passage, which sentence is shown) bears a cut too many. */
#include "text/sentence.h"

#include <string.h>

/* An empty line begins behind the line end at text[at]. */
static size_t empty_line(const char *text, size_t n, size_t at)
{
    size_t next = at + 1;
    while (next < n && (text[next] == '\r' || text[next] == ' ' || text[next] == '\t'))
        next++;
    return next < n && text[next] == '\n' ? next : 0;
}

size_t sentence_end(const char *text, size_t n, size_t at)
{
    static const char ideographic[] = "\xE3\x80\x82", right_quote[] = "\xE2\x80\x9D";
    if (n - at >= 3 && memcmp(text + at, ideographic, 3) == 0)
        return at + 3;
    if (text[at] == '\n')
        return empty_line(text, n, at);
    if (text[at] != '.' && text[at] != '!' && text[at] != '?')
        return 0;
    size_t next = at + 1;
    while (next < n && (text[next] == '"' || text[next] == '\'' || text[next] == ')'))
        next++;
    if (next + 3 <= n && memcmp(text + next, right_quote, 3) == 0)
        next += 3;
    if (next == n)
        return n;
    if (!sentence_is_space(text[next]))
        return 0;
    size_t word = next;
    while (word < n && sentence_is_space(text[word]))
        word++;
    return word < n && text[word] >= 'a' && text[word] <= 'z' ? 0 : next;
}
