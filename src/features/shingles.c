/* SPDX-License-Identifier: Apache-2.0 */
/* Word pairs suit texts of any length here: a headline of a dozen words is still similar to itself
 * with one word changed (longer shingles lose it), and a speech still shares few pairs with another
 * speech. */
#include "features/shingles.h"

#include <string.h>

#include "base/memory.h"
#include "corpus/corpus.h"
#include "features/sort.h"
#include "text/ngram.h"

void shingles_free(struct shingles *s)
{
    memory_free(s->start);
    memory_free(s->items);
    memset(s, 0, sizeof *s);
}

int shingles_append(struct shingles *s, const uint32_t *items, size_t n)
{
    const size_t used = s->n_rows == 0 ? 0 : s->start[s->n_rows];
    if (memory_grow(&s->start, &s->start_capacity, s->n_rows + 2, sizeof *s->start) != 0 ||
        memory_grow(&s->items, &s->items_capacity, used + n + 1, sizeof *s->items) != 0)
        return -1; /* room for one more: a row's items stand somewhere, were there none at all */
    if (n > 0)
        memcpy(s->items + used, items, n * sizeof *s->items);
    s->start[s->n_rows] = used;
    s->start[++s->n_rows] = used + n;
    return 0;
}

int shingles_append_all(struct shingles *s, const struct shingles *from)
{
    for (size_t row = 0; row < from->n_rows; row++)
        if (shingles_append(s, from->items + from->start[row], shingles_n(from, row)) != 0)
            return -1;
    return 0;
}

size_t shingles_n(const struct shingles *s, size_t row)
{
    return s->start[row + 1] - s->start[row];
}

/* Both sides move without a branch that could be guessed wrong; what is left is looked at once in a
 * while, to give up early. */
size_t shingles_overlap(const struct shingles *s, size_t a, size_t b, size_t wanted)
{
    enum { STRIDE = 64 };
    const size_t n_x = shingles_n(s, a), n_y = shingles_n(s, b);
    const uint32_t *x = s->items + s->start[a], *y = s->items + s->start[b];
    size_t i = 0, j = 0, shared = 0;
    while (i < n_x && j < n_y) {
        const size_t left = n_x - i < n_y - j ? n_x - i : n_y - j;
        if (shared + left < wanted)
            return shared;
        for (size_t step = 0; step < STRIDE && i < n_x && j < n_y; step++) {
            const uint32_t u = x[i], v = y[j];
            shared += u == v;
            i += u <= v;
            j += v <= u;
        }
    }
    return shared;
}

double shingles_similarity(const struct shingles *s, size_t a, size_t b)
{
    const size_t both = shingles_n(s, a) + shingles_n(s, b);
    const size_t shared = shingles_overlap(s, a, b, 0);
    return shared == 0 ? 0 : (double)shared / (double)(both - shared);
}

int shingler_new(struct shingler **out, sikap_error *err)
{
    *out = memory_zero(1, sizeof **out);
    if (*out == NULL)
        return error_memory(err, "near-duplicates");
    struct ngram_options options = {.normalization = NORMALIZE_NFKC_CASEFOLD,
                                    .tokenizer = TOKENIZE_WORDS,
                                    .min_token = 1,
                                    .word_min = 2,
                                    .word_max = 2,
                                    .seed = 0x5348494E474C4531};
    int status = ngram_extractor_new(&(*out)->pairs, &options, err);
    options.word_min = options.word_max = 1;
    if (status == 0)
        status = ngram_extractor_new(&(*out)->words, &options, err);
    if (status != 0) {
        shingler_free(*out);
        *out = NULL;
    }
    return status;
}

void shingler_free(struct shingler *s)
{
    if (s == NULL)
        return;
    ngram_extractor_free(s->pairs);
    ngram_extractor_free(s->words);
    memory_free(s->items);
    memory_free(s->keys);
    memory_free(s);
}

void shingler_clear(struct shingler *s)
{
    if (s != NULL)
        s->n = 0;
}

static int extract(struct ngram_extractor *e, const struct text *segments, size_t n_segments,
                   const uint64_t **hashes, size_t *n, sikap_error *err)
{
    int status = 0;
    ngram_clear(e);
    for (size_t i = 0; i < n_segments && status == 0; i++)
        if (segments[i].bytes != NULL)
            status = ngram_add(e, segments[i].bytes, segments[i].n, 0, err);
    *n = ngram_list(e, hashes, NULL);
    return status;
}

int shingler_add(struct shingler *s, const struct text *segments, size_t n_segments, size_t *first,
                 size_t *n, sikap_error *err)
{
    const uint64_t *hashes;
    size_t n_hashes;
    int status = extract(s->pairs, segments, n_segments, &hashes, &n_hashes, err);
    if (status == 0 && n_hashes == 0)
        status = extract(s->words, segments, n_segments, &hashes, &n_hashes, err);
    *first = s->n;
    *n = 0;
    if (status != 0 || n_hashes == 0)
        return status;
    if (memory_grow(&s->keys, &s->keys_capacity, 2 * n_hashes, sizeof *s->keys) != 0 ||
        memory_grow(&s->items, &s->capacity, s->n + n_hashes, sizeof *s->items) != 0)
        return error_memory(err, "near-duplicates");
    memcpy(s->keys, hashes, n_hashes * sizeof *s->keys);
    sort_by_high_half(s->keys, s->keys + n_hashes, n_hashes);
    for (size_t i = 0; i < n_hashes; i++) {
        const uint32_t item = (uint32_t)(s->keys[i] >> 32);
        if (s->n == *first || s->items[s->n - 1] != item)
            s->items[s->n++] = item;
    }
    *n = s->n - *first;
    return 0;
}
