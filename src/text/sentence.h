/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_SENTENCE_H
#define SIKAP_TEXT_SENTENCE_H

#include <stddef.h>

/* Does a sentence of text[0..n) end at text[at]? Where the next may begin (at + 1 or behind), or 0.
 * Sentences end at a full stop, question or exclamation mark that is followed by white space and no
 * small letter, quotes and brackets in between going with them; at the ideographic full stop; at an
 * empty line; and with the text. */
size_t sentence_end(const char *text, size_t n, size_t at);

/* The white space that sentences, words and passages are parted by. */
static inline int sentence_is_space(char c)
{
    return (c == ' ') | (c == '\n') | (c == '\t') | (c == '\r');
}

#endif
