/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_ANALYSE_LANGUAGE_H
#define SIKAP_ANALYSE_LANGUAGE_H

#include <stddef.h>

#include "base/error.h"

/* Which language a text is in, as far as cleaning a corpus needs it: English, Indonesian, or
 * another. Malay passes for Indonesian; a language written much like English may pass for English
 * in a headline; names alone are not known. docs/labelling.md has how often it is right. */
enum language {
    LANGUAGE_UNKNOWN, /* fewer than LANGUAGE_LEAST letters, or as much the one as the other */
    LANGUAGE_ENGLISH,
    LANGUAGE_INDONESIAN,
    LANGUAGE_OTHER,
    LANGUAGES
};
enum { LANGUAGE_LEAST = 12 };

/* Read-only once made: workers may share it. */
struct language_detector;
int language_detector_new(struct language_detector **out, sikap_error *err);
void language_detector_free(struct language_detector *d);

/* What a text shows. All zero: nothing yet. */
struct language_evidence {
    size_t n_words, n_pairs, n_letters, n_foreign; /* foreign: letters beyond a to z */
    size_t cost[2];                                /* of the letter pairs, in sixteenths of bits */
    size_t n_function_words[2];
};
/* Adds valid UTF-8 text[0..n). */
void language_add(const struct language_detector *d, struct language_evidence *e, const char *text,
                  size_t n);
enum language language_decide(const struct language_evidence *e);

/* "en", "id", "other", "unknown". */
const char *language_name(enum language language);

#endif
