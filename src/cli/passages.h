/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_CLI_PASSAGES_H
#define SIKAP_CLI_PASSAGES_H

#include "base/buffer.h"
#include "sikap.h"

/* Which sentences of a text carried a label. */
struct passages {
    const char *text; /* borrowed */
    size_t n;
    struct sentence {
        size_t begin, end;
        double sum; /* of what the terms that begin in it gave */
    } * sentences;
    size_t n_sentences;
    float *weight;  /* [n] what fell on each byte */
    float heaviest; /* largest |weight| */
};

/* Cuts text[0..n) into sentences. */
int passages_new(struct passages *out, const char *text, size_t n, sikap_error *err);
void passages_free(struct passages *passages);

/* Weighs the sentences for one label: share[term] is what one occurrence of a term gave. Only the
 * occurrences in segment number `segment` count. */
void passages_weigh(struct passages *passages, size_t segment, const float *share,
                    const sikap_occurrence *occurrences, size_t n_occurrences);

/* Appends the sentences with the largest sums (at most `room`, only those above zero), best first,
 * one a line behind `indent`; with `colour`, words that carried the label are green, those against
 * it red. Each is printed once: it is marked as used. */
void passages_print(struct passages *passages, size_t room, const char *indent, int colour,
                    struct buffer *out);

#endif
