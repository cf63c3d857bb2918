/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_VOCABULARY_H
#define SIKAP_FEATURES_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "features/text_store.h"
#include "text/ngram.h"

enum { BUCKET_TERMS = 8 };

/* A cache line of the look-up table, filled from the front. */
struct vocabulary_bucket {
    uint32_t tag[BUCKET_TERMS];
    uint32_t number[BUCKET_TERMS]; /* term + 1; 0: free */
};

/* The locked vocabulary: terms numbered by document frequency (descending), then by their hashes'
 * low halves, then by the high ones: an order that hangs on neither threads nor documents' order.
 * kind[t]: bit 0 is enum ngram_kind, the bits above it the number of the segment kept apart.
 * A vocabulary that comes from a model file may have no hash[], and no text before it is asked for
 * (model.h). */
struct vocabulary {
    size_t n_terms;
    uint64_t *hash;           /* [n_terms] */
    uint32_t *df;             /* [n_terms] */
    unsigned char *kind;      /* [n_terms] */
    const char **text;        /* [n_terms] stored_text */
    struct text_store *texts; /* [n_texts] where they are */
    size_t n_texts;
    int has_chars;                           /* both kinds may occur */
    const struct vocabulary_bucket *buckets; /* [n_buckets], 64-byte aligned */
    size_t n_buckets;
    struct vocabulary_bucket *own_buckets; /* NULL: borrowed, until the vocabulary is freed */
};

#define VOCABULARY_ABSENT UINT32_MAX

/* Allocates the arrays [n_terms]; the caller fills them, gives it the texts (memory_free,
 * text_store_free) and calls vocabulary_index. */
int vocabulary_new(struct vocabulary **out, size_t n_terms, sikap_error *err);
/* The same without hash[] and text[]. */
int vocabulary_new_bare(struct vocabulary **out, size_t n_terms, sikap_error *err);
/* Gives a bare one its text[] and an empty store. */
int vocabulary_add_text(struct vocabulary *v, sikap_error *err);
/* Takes that back. */
void vocabulary_drop_text(struct vocabulary *v);

/* The bytes of a term, *n of them, not NUL-terminated. */
static inline const char *vocabulary_text(const struct vocabulary *v, size_t term, size_t *n)
{
    return stored_text(v->text[term], n);
}
/* Builds the look-up table from hash[]. SIKAP_MODEL when two terms have the same hash or the hashes
 * crowd so that a look-up would probe too far: such a vocabulary was not made by us. */
int vocabulary_index(struct vocabulary *v, sikap_error *err);
/* Takes a look-up table that was built before, whose bytes need not be trusted: whatever stands in
 * it, a look-up ends, and finds a number below n_terms or nothing. */
void vocabulary_borrow_index(struct vocabulary *v, const struct vocabulary_bucket *buckets,
                             size_t n_buckets);
void vocabulary_free(struct vocabulary *v);

/* terms[i] = number of the term with hashes[i], or VOCABULARY_ABSENT. */
void vocabulary_find(const struct vocabulary *v, const uint64_t *hashes, size_t n, uint32_t *terms);

#endif
