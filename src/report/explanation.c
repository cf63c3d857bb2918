/* SPDX-License-Identifier: Apache-2.0 */
#include "report/explanation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "text/sentence.h"
#include "text/utf8.h"

void explanation_free(struct explanation *e)
{
    if (e == NULL)
        return;
    sikap_scorer_free(e->scorer);
    memory_free(e->scores);
    memory_free(e->probabilities);
    memory_free(e->chosen);
    memory_free(e->places);
    memory_free(e->share);
    memory_free(e->count);
    memory_free(e);
}

int explanation_new(struct explanation **out, const sikap_model *m, sikap_error *err)
{
    *out = NULL;
    struct explanation *e = memory_zero(1, sizeof *e);
    if (e == NULL)
        return error_memory(err, "explanation");
    e->model = m;
    e->scores = memory_zero(m->n_labels, sizeof *e->scores);
    e->probabilities = memory_zero(m->n_labels, sizeof *e->probabilities);
    e->chosen = memory_zero(m->n_labels, 1);
    e->places = memory_zero(m->n_labels, sizeof *e->places);
    e->share = memory_zero(m->vocabulary->n_terms, sizeof *e->share);
    e->count = memory_zero(m->vocabulary->n_terms, sizeof *e->count);
    int status = sikap_scorer_new(&e->scorer, m, err);
    if (status == 0 && (e->scores == NULL || e->probabilities == NULL || e->chosen == NULL ||
                        e->places == NULL || e->share == NULL || e->count == NULL))
        status = error_memory(err, "explanation");
    if (status != 0) {
        explanation_free(e);
        return status;
    }
    *out = e;
    return 0;
}

int explanation_score(struct explanation *e, const struct text *segments, size_t target,
                      sikap_error *err)
{
    e->segments = segments;
    e->target = target;
    const int status =
        passage_score(e->scorer, e->model, segments, target, e->scores, e->places, err);
    if (status != 0)
        return status;
    sikap_choose(e->model, e->scores, e->chosen);
    sikap_probabilities(e->model, e->scores, e->probabilities);
    return 0;
}

/* ---- one label ---- */

void label_explanation_free(struct label_explanation *x)
{
    if (x == NULL)
        return;
    for (size_t k = 0; x->weight != NULL && k < x->of->model->plan.n; k++)
        memory_free(x->weight[k]);
    memory_free(x->weight);
    memory_free(x->sorted);
    memory_free(x->sentences);
    memory_free(x);
}

static int add_sentence(struct label_explanation *x, size_t *capacity, struct sentence s)
{
    const char *text = x->of->segments[s.segment].bytes;
    while (s.begin < s.end && sentence_is_space(text[s.begin]))
        s.begin++;
    while (s.end > s.begin && sentence_is_space(text[s.end - 1]))
        s.end--;
    if (s.begin == s.end)
        return 0;
    if (memory_grow(&x->sentences, capacity, x->n_sentences + 1, sizeof *x->sentences) != 0)
        return -1;
    x->sentences[x->n_sentences++] = s;
    return 0;
}

static int cut_sentences(struct label_explanation *x, size_t *capacity, size_t segment,
                         size_t begin, size_t end)
{
    const char *text = x->of->segments[segment].bytes;
    int failed = 0;
    for (size_t at = begin; at < end && !failed; at++) {
        size_t next = sentence_end(text, end, at);
        if (next == 0)
            continue;
        failed = add_sentence(x, capacity, (struct sentence){segment, begin, next, 0}) != 0;
        begin = next;
        at = next - 1;
    }
    return failed || add_sentence(x, capacity, (struct sentence){segment, begin, end, 0}) != 0 ? -1
                                                                                               : 0;
}

static int by_contribution(const void *a, const void *b)
{
    const sikap_contribution *left = a, *right = b;
    if (left->contribution != right->contribution)
        return left->contribution > right->contribution ? -1 : 1;
    return left->term < right->term ? -1 : left->term > right->term;
}

static int take_contributions(struct label_explanation *x, sikap_error *err)
{
    const sikap_contribution *contributions;
    const int status = sikap_explain(x->of->scorer, x->label, &contributions, &x->n, err);
    if (status != 0)
        return status;
    x->sorted = memory_alloc(x->n, sizeof *x->sorted);
    if (x->sorted == NULL)
        return error_memory(err, "explanation");
    if (x->n > 0)
        memcpy(x->sorted, contributions, x->n * sizeof *x->sorted);
    qsort(x->sorted, x->n, sizeof *x->sorted, by_contribution);
    return 0;
}

/* The last sentence that begins at or before a place; NULL: none. */
static struct sentence *sentence_of(struct label_explanation *x, size_t segment, size_t at)
{
    size_t low = 0, high = x->n_sentences;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct sentence *s = &x->sentences[middle];
        if (s->segment < segment || (s->segment == segment && s->begin <= at))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && x->sentences[low - 1].segment == segment ? &x->sentences[low - 1] : NULL;
}

/* Lets the occurrences in one segment, which begins at byte `offset` of the whole one, carry what
 * their terms gave. */
static void weigh(struct label_explanation *x, size_t segment, size_t offset,
                  const sikap_occurrence *occurrences, size_t n, size_t index)
{
    const float *share = x->of->share;
    const size_t end = x->of->segments[segment].n;
    for (size_t i = 0; i < n; i++) {
        const sikap_occurrence *o = &occurrences[i];
        if (o->segment != index || share[o->term] == 0 || o->begin >= o->end ||
            offset + o->end > end)
            continue;
        const float each = share[o->term] / (float)(o->end - o->begin);
        for (size_t at = o->begin; at < o->end; at++)
            x->weight[segment][offset + at] += each;
        struct sentence *s = sentence_of(x, segment, offset + o->begin);
        if (s != NULL)
            s->sum += (double)share[o->term];
    }
}

/* The segments that the label's score comes from, as the public calls take them: all that are
 * there, or the passage alone. `number` says which of the plan's they are. */
static size_t take_segments(const struct label_explanation *x, sikap_segment *out, size_t *number)
{
    const struct explanation *e = x->of;
    size_t n = 0;
    for (size_t k = 0; k < e->model->plan.n; k++) {
        if (e->segments[k].bytes == NULL || (x->place.end > 0 && x->place.segment != k))
            continue;
        number[n] = k;
        out[n] = (sikap_segment){e->model->plan.names[k], e->segments[k].bytes, e->segments[k].n};
        if (x->place.end > 0) {
            out[n].text += x->place.begin;
            out[n].n = x->place.end - x->place.begin;
        }
        n++;
    }
    return n;
}

static int score_alone(struct label_explanation *x, const sikap_segment *segments,
                       const size_t *number, size_t n, sikap_error *err)
{
    const sikap_model *m = x->of->model;
    struct text *texts = memory_zero(m->plan.n, sizeof *texts);
    float *scores = memory_alloc(m->n_labels, sizeof *scores);
    int status = texts == NULL || scores == NULL ? error_memory(err, "explanation") : 0;
    for (size_t i = 0; status == 0 && i < n; i++)
        texts[number[i]] = (struct text){segments[i].text, segments[i].n};
    if (status == 0)
        status = score_document(x->of->scorer, texts, x->of->target, scores, err);
    memory_free(texts);
    memory_free(scores);
    return status;
}

/* What one occurrence of each term gave, into share; with `clear` all zero again. */
static void set_shares(struct explanation *e, const struct label_explanation *x,
                       const sikap_occurrence *occurrences, size_t n, int clear)
{
    for (size_t i = 0; i < n; i++)
        e->count[occurrences[i].term] += clear ? 0 : 1;
    for (size_t i = 0; i < x->n; i++) {
        const uint32_t term = x->sorted[i].term;
        const int is_shown = !clear && e->count[term] > 0;
        e->share[term] = is_shown ? x->sorted[i].contribution / (float)e->count[term] : 0;
    }
    for (size_t i = 0; clear && i < n; i++)
        e->count[occurrences[i].term] = 0;
}

static void find_heaviest(struct label_explanation *x)
{
    for (size_t k = 0; k < x->of->model->plan.n; k++)
        for (size_t at = 0; x->weight[k] != NULL && at < x->of->segments[k].n;) {
            const struct stretch s = label_stretch(x, k, at, x->of->segments[k].n);
            x->heaviest = fmax(x->heaviest, fabs(s.sum));
            at = s.end;
        }
}

static int explain_label(struct label_explanation *x, struct explanation *e,
                         sikap_segment *segments, size_t *number, sikap_error *err)
{
    const sikap_occurrence *occurrences;
    size_t n_occurrences, capacity = 0;
    const size_t n = take_segments(x, segments, number);
    int status = score_alone(x, segments, number, n, err);
    if (status == 0)
        status = take_contributions(x, err);
    if (status == 0)
        status = sikap_occurrences(e->scorer, segments, n, &occurrences, &n_occurrences, err);
    for (size_t i = 0; status == 0 && i < n; i++) {
        const size_t k = number[i], begin = x->place.end > 0 ? x->place.begin : 0;
        x->weight[k] = memory_zero(e->segments[k].n, sizeof *x->weight[k]);
        if (x->weight[k] == NULL || cut_sentences(x, &capacity, k, begin, begin + segments[i].n))
            status = error_memory(err, "explanation");
    }
    if (status != 0)
        return status;
    set_shares(e, x, occurrences, n_occurrences, 0);
    for (size_t i = 0; i < n; i++)
        weigh(x, number[i], x->place.end > 0 ? x->place.begin : 0, occurrences, n_occurrences, i);
    set_shares(e, x, occurrences, n_occurrences, 1);
    find_heaviest(x);
    return 0;
}

int label_explanation_new(struct label_explanation **out, struct explanation *e, size_t label,
                          sikap_error *err)
{
    *out = NULL;
    const size_t n_plan = e->model->plan.n;
    struct label_explanation *x = memory_zero(1, sizeof *x);
    if (x == NULL)
        return error_memory(err, "explanation");
    *x = (struct label_explanation){.of = e, .label = label, .place = e->places[label]};
    x->weight = memory_zero(n_plan, sizeof *x->weight);
    sikap_segment *segments = memory_zero(n_plan, sizeof *segments);
    size_t *number = memory_zero(n_plan, sizeof *number);
    const int status = x->weight == NULL || segments == NULL || number == NULL
                           ? error_memory(err, "explanation")
                           : explain_label(x, e, segments, number, err);
    memory_free(segments);
    memory_free(number);
    if (status != 0) {
        label_explanation_free(x);
        return status;
    }
    *out = x;
    return 0;
}

/* ---- what is shown ---- */

/* Part of a word: letters, digits, what joins them, and everything past ASCII that is no space. */
static int is_word(const char *text, size_t n, size_t at)
{
    const unsigned char c = (unsigned char)text[at];
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
        return 1;
    if (c == '-' || c == '\'' || c == '@' || c == '#' || c == '_')
        return 1;
    if (c < 0x80)
        return 0;
    /* General punctuation (dashes, quotes) and that of East Asia stand between words. */
    return !(n - at >= 3 && ((c == 0xE2 && (unsigned char)text[at + 1] == 0x80) ||
                             (c == 0xE3 && (unsigned char)text[at + 1] == 0x80)));
}

/* Scripts whose words are not parted by spaces: kana, ideographs, Thai to Khmer. */
static int stands_alone(uint32_t c)
{
    return (c >= 0x0E00 && c < 0x1000) || (c >= 0x1780 && c < 0x1800) ||
           (c >= 0x2E80 && c < 0xA000) || (c >= 0x20000 && c < 0x40000);
}

struct stretch label_stretch(const struct label_explanation *x, size_t segment, size_t at,
                             size_t end)
{
    static const double LITTLE = 0.15, MUCH = 0.45; /* of the heaviest word */
    const struct text *text = &x->of->segments[segment];
    const int in_word = is_word(text->bytes, text->n, at);
    struct stretch s = {.end = at};
    for (int is_alone = 0; s.end < end && !is_alone;) {
        uint32_t code_point;
        const size_t length = utf8_decode(text->bytes + s.end, text->n - s.end, &code_point);
        is_alone = stands_alone(code_point);
        if (s.end > at && (is_word(text->bytes, text->n, s.end) != in_word || is_alone))
            break;
        for (size_t i = 0; i < length && x->weight[segment] != NULL; i++)
            s.sum += (double)x->weight[segment][s.end + i];
        s.end += length;
    }
    const double share = x->heaviest > 0 ? fabs(s.sum) / x->heaviest : 0;
    s.level = !in_word || share < LITTLE ? 0 : share < MUCH ? 1 : 2;
    s.level = s.sum < 0 ? -s.level : s.level;
    return s;
}

size_t label_side(const struct label_explanation *x, int is_for, size_t most)
{
    size_t n = 0;
    for (; n < x->n && n < most; n++) {
        const float c = x->sorted[is_for ? n : x->n - 1 - n].contribution;
        if (is_for ? c <= 0 : c >= 0)
            break;
    }
    return n;
}

double label_rest(const struct label_explanation *x, size_t n_for, size_t n_against)
{
    double rest = 0;
    for (size_t i = n_for; i + n_against < x->n; i++)
        rest += (double)x->sorted[i].contribution;
    return rest;
}

size_t label_best_sentences(const struct label_explanation *x, size_t *best, size_t most)
{
    size_t n = 0;
    for (size_t s = 0; s < x->n_sentences && most > 0; s++) {
        const double sum = x->sentences[s].sum;
        if (sum <= 0 || (n == most && x->sentences[best[most - 1]].sum >= sum))
            continue;
        size_t at = n < most ? n++ : most - 1;
        for (; at > 0 && x->sentences[best[at - 1]].sum < sum; at--)
            best[at] = best[at - 1];
        best[at] = s;
    }
    return n;
}
