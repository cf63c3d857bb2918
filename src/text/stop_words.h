/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TEXT_STOP_WORDS_H
#define SIKAP_TEXT_STOP_WORDS_H

/* Function words of a language ("id", "indonesian", "en", "english"), separated by spaces; NULL for
 * a language without a list. */
const char *stop_words(const char *language);

#endif
