/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_UNICODE_H
#define SIKAP_TEXT_UNICODE_H

#include <stdint.h>

/* What the tokeniser and the normaliser must know of a code point, in one byte. The tables are
 * generated at build time from utf8proc (src/text/generate/unicode.c). */
enum unicode_class {
    UNICODE_OTHER = 0,
    UNICODE_WORD = 1,     /* letters and numbers of scripts that put spaces between words */
    UNICODE_UNSPACED = 2, /* letters of scripts that do not: CJK, kana, Thai, Lao, Khmer, Myanmar */
    UNICODE_MARK = 3,     /* combining marks */
    UNICODE_SPACE = 4,
    UNICODE_EMOJI = 5,
    UNICODE_JOINER = 6, /* continues an emoji: zero-width joiner, variation selector, skin tone */
    UNICODE_CLASS = 7,  /* mask */
    UNICODE_STABLE = 8, /* NFKC-casefold leaves it alone in any surroundings */
    UNICODE_LOWER = 16, /* has no other lower case */
};

extern const unsigned char unicode_page_of[0x1100];
extern const unsigned char unicode_pages[][256];

static inline unsigned unicode_property(uint32_t code_point)
{
    return unicode_pages[unicode_page_of[code_point >> 8]][code_point & 0xFF];
}

static inline unsigned unicode_class(uint32_t code_point)
{
    return unicode_property(code_point) & UNICODE_CLASS;
}

#endif
