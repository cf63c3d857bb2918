/* SPDX-License-Identifier: Apache-2.0 */
#include "model/passage.h"

#include <string.h>

#include "base/memory.h"
#include "text/sentence.h"
#include "text/utf8.h"

/* Whether a word begins at text[i]. */
static int begins_word(const char *text, size_t i)
{
    return !sentence_is_space(text[i]) && (i == 0 || sentence_is_space(text[i - 1]));
}

size_t passage_words(const char *text, size_t n)
{
    enum { BLOCK = 128 }; /* has at most 64 beginnings: a byte counts them, many at a time */
    size_t words = n > 0 && !sentence_is_space(text[0]), i = 1;
    for (; i + BLOCK <= n; i += BLOCK) {
        unsigned char space[BLOCK + 1], here = 0;
        for (size_t k = 0; k <= BLOCK; k++)
            space[k] = (unsigned char)sentence_is_space(text[i - 1 + k]);
        for (size_t k = 0; k < BLOCK; k++)
            here = (unsigned char)(here + (space[k] & (space[k + 1] ^ 1)));
        words += here;
    }
    for (; i < n; i++)
        words += (size_t)begins_word(text, i);
    return words;
}

size_t passage_length(const char *text, size_t n)
{
    size_t words = 0;
    for (size_t i = 0; i < n; i++) {
        words += (size_t)begins_word(text, i);
        if (text[i] == '\n' && words >= PASSAGE_LEAST)
            return i + 1;
        const size_t end = words >= PASSAGE_MOST ? sentence_end(text, n, i) : 0;
        if (end > 0)
            return end;
        if (words > 2 * PASSAGE_MOST && sentence_is_space(text[i])) /* text without sentences */
            return i + 1;
    }
    return n;
}

int passage_model(const sikap_model *m)
{
    return sikap_model_note(m, "passages") != NULL;
}

int sikap_model_has_passages(const sikap_model *m)
{
    return passage_model(m);
}

/* Raises the scores to those of one passage, and says so in places. */
static void raise(float *scores, struct passage_place *places, const float *own, size_t n_labels,
                  struct passage_place here)
{
    for (size_t l = 0; l < n_labels; l++) {
        if (own[l] <= scores[l])
            continue;
        scores[l] = own[l];
        if (places != NULL)
            places[l] = here;
    }
}

int passage_score(sikap_scorer *s, const sikap_model *m, const struct text *segments, size_t target,
                  float *scores, struct passage_place *places, sikap_error *err)
{
    int status = score_document(s, segments, target, scores, err);
    if (places != NULL)
        memset(places, 0, m->n_labels * sizeof *places);
    if (status != 0 || !passage_model(m))
        return status;
    size_t words = 0;
    for (size_t k = 0; k < m->plan.n; k++)
        words += segments[k].bytes == NULL ? 0 : passage_words(segments[k].bytes, segments[k].n);
    if (words <= PASSAGE_MOST)
        return 0;
    struct text *one = memory_zero(m->plan.n, sizeof *one);
    float *own = memory_alloc(m->n_labels, sizeof *own);
    if (one == NULL || own == NULL)
        status = error_memory(err, "passages");
    for (size_t k = 0; k < m->plan.n && status == 0; k++) {
        for (size_t at = 0; at < segments[k].n && status == 0;) {
            const size_t n = passage_length(segments[k].bytes + at, segments[k].n - at);
            one[k] = (struct text){segments[k].bytes + at, n};
            status = score_document(s, one, target, own, err);
            if (status == 0)
                raise(scores, places, own, m->n_labels, (struct passage_place){k, at, at + n});
            at += n;
        }
        one[k] = (struct text){NULL, 0};
    }
    memory_free(one);
    memory_free(own);
    return status;
}

/* The first of the caller's segments that is called `name`, or n_segments. */
static size_t find_segment(const sikap_segment *segments, size_t n_segments, const char *name)
{
    for (size_t i = 0; i < n_segments; i++)
        if (strcmp(segments[i].name == NULL ? "text" : segments[i].name, name) == 0)
            return i;
    return n_segments;
}

int sikap_score_passages(sikap_scorer *s, const sikap_segment *segments, size_t n_segments,
                         float *scores, sikap_passage *passages, sikap_error *err)
{
    const sikap_model *m = score_model(s);
    const size_t n_plan = m->plan.n;
    struct text *texts = memory_zero(n_plan, sizeof *texts);
    size_t *from = memory_zero(n_plan, sizeof *from);
    struct passage_place *places = memory_zero(m->n_labels, sizeof *places);
    int status = 0;
    if (texts == NULL || from == NULL || places == NULL)
        status = error_memory(err, "passages");
    for (size_t k = 0; status == 0 && k < n_plan; k++) {
        from[k] = find_segment(segments, n_segments, m->plan.names[k]);
        if (from[k] == n_segments)
            continue;
        const sikap_segment *segment = &segments[from[k]];
        if (!utf8_valid(segment->text, segment->n))
            status = error_set(err, SIKAP_DATA, NULL, 0, "segment '%.100s' is not valid UTF-8",
                               m->plan.names[k]);
        texts[k] = (struct text){segment->text, segment->n};
    }
    if (status == 0)
        status = passage_score(s, m, texts, 0, scores, places, err);
    for (size_t l = 0; status == 0 && passages != NULL && l < m->n_labels; l++)
        passages[l] = places[l].end == 0 ? (sikap_passage){0, 0, 0}
                                         : (sikap_passage){(uint32_t)from[places[l].segment],
                                                           places[l].begin, places[l].end};
    memory_free(texts);
    memory_free(from);
    memory_free(places);
    return status;
}
