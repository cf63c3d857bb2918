/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_REPORT_HTML_H
#define SIKAP_REPORT_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Pages that need nothing but themselves: one file, one stylesheet, no script, no network. They are
 * written as well-formed XML, so that any parser reads them. Errors are sticky in the buffer. */

/* Text for an element or a double-quoted attribute: what means something to a parser is escaped,
 * broken UTF-8 and what XML forbids (control characters, non-characters) is U+FFFD. */
void html_text(struct buffer *out, const char *text, size_t n);
void html_string(struct buffer *out, const char *text);
/* At most `most` code points of a name, the rest as an ellipsis. */
void html_short(struct buffer *out, const char *text, size_t most);
/* A name inside a line: shortened, white space folded by the browser, and isolated, so that one
 * written from right to left does not turn what stands around it. */
void html_name(struct buffer *out, const char *text);

/* A figure with `decimals` decimals, and behind it, for programs, all of it: <data value="…">. What
 * is not finite is a dash. */
void html_number(struct buffer *out, double v, int decimals);
void html_count(struct buffer *out, uint64_t n);

/* A whole page is: html_begin, content, html_end. `title` also is the heading. */
void html_begin(struct buffer *out, const char *title);
void html_end(struct buffer *out);

/* The rules of the page's stylesheet, in pieces up to a NULL. */
extern const char *const html_style[];

#endif
