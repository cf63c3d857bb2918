/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_VOCABULARY_H
#define SIKAP_FEATURES_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "text/ngram.h"

/* The locked vocabulary: terms numbered by document frequency (descending), then kind, then bytes.
 * kind[t]: bit 0 is enum ngram_kind, the bits above it the number of the segment kept apart. */
struct vocabulary {
    size_t n_terms;
    uint64_t *hash;      /* [n_terms] */
    uint32_t *df;        /* [n_terms] */
    unsigned char *kind; /* [n_terms] */
    char *text;          /* all terms, one behind the other */
    size_t *text_start;  /* [n_terms + 1] */
    int has_chars;       /* both kinds may occur */
    struct vocabulary_slot {
        uint32_t tag, term; /* term UINT32_MAX: free */
    } * slots;
    size_t slot_mask;
};

#define VOCABULARY_ABSENT UINT32_MAX

/* Allocates the arrays for n_terms terms and text_bytes of text; the caller fills them and calls
 * vocabulary_index. */
int vocabulary_new(struct vocabulary **out, size_t n_terms, size_t text_bytes, sikap_error *err);
/* Builds the look-up table from hash[]. SIKAP_MODEL when two terms have the same hash or the hashes
 * crowd so that a look-up would probe too far: such a vocabulary was not made by us. */
int vocabulary_index(struct vocabulary *v, sikap_error *err);
void vocabulary_free(struct vocabulary *v);

/* terms[i] = number of the term with hashes[i], or VOCABULARY_ABSENT. */
void vocabulary_find(const struct vocabulary *v, const uint64_t *hashes, size_t n, uint32_t *terms);

#endif
