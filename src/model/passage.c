/* SPDX-License-Identifier: Apache-2.0 */
#include "model/passage.h"

#include "base/memory.h"

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int ends_sentence(const char *text, size_t i, size_t n)
{
    return (text[i] == '.' || text[i] == '!' || text[i] == '?') && i + 1 < n &&
           is_space(text[i + 1]);
}

static size_t count_words(const char *text, size_t n)
{
    size_t words = 0;
    for (size_t i = 0; i < n; i++)
        words += !is_space(text[i]) && (i == 0 || is_space(text[i - 1]));
    return words;
}

size_t passage_length(const char *text, size_t n)
{
    size_t words = 0;
    for (size_t i = 0; i < n; i++) {
        words += !is_space(text[i]) && (i == 0 || is_space(text[i - 1]));
        if (text[i] == '\n' && words >= PASSAGE_LEAST)
            return i + 1;
        if (words >= PASSAGE_MOST && ends_sentence(text, i, n))
            return i + 1;
        if (words > 2 * PASSAGE_MOST && is_space(text[i])) /* text without sentences */
            return i + 1;
    }
    return n;
}

int passage_model(const sikap_model *m)
{
    return sikap_model_note(m, "passages") != NULL;
}

int passage_score(sikap_scorer *s, const sikap_model *m, const struct text *segments, size_t target,
                  float *scores, sikap_error *err)
{
    int status = score_document(s, segments, target, scores, err);
    if (status != 0 || !passage_model(m))
        return status;
    size_t words = 0;
    for (size_t k = 0; k < m->plan.n; k++)
        words += segments[k].bytes == NULL ? 0 : count_words(segments[k].bytes, segments[k].n);
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
            for (size_t l = 0; status == 0 && l < m->n_labels; l++)
                scores[l] = own[l] > scores[l] ? own[l] : scores[l];
            at += n;
        }
        one[k] = (struct text){NULL, 0};
    }
    memory_free(one);
    memory_free(own);
    return status;
}
