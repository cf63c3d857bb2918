/* SPDX-License-Identifier: Apache-2.0 */
/* Scoring a document: n-grams to term numbers, counts of the distinct terms, counts to feature
 * values, then one weight row per distinct term added to the label sums. No matrix, no allocation
 * once the buffers have grown to the largest document. */
#include "model/score.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "text/utf8.h"

struct sikap_scorer {
    const sikap_model *model;
    struct ngram_extractor *ngrams;
    uint32_t *found; /* known terms of the document, as often as they are there */
    size_t n_found, found_capacity;
    uint32_t *terms; /* distinct, in order of first appearance */
    float *counts, *values;
    size_t n, terms_capacity, counts_capacity, values_capacity;
    uint32_t *slots; /* where a term stands in terms, + 1; 0: free */
    size_t slots_capacity;
    unsigned slot_shift; /* 32 - the number's bits that choose a slot */
    float *sums;         /* [stride] */
    score_rows_8 *rows_8;
    score_rows_32 *rows_32;
    struct text *segments; /* [plan.n] for the public entry */
    struct buffer repaired;
    size_t target;   /* of the document last scored */
    double n_ngrams; /* of that document, known or not */
    sikap_contribution *contributions;
    size_t contributions_capacity;
    sikap_occurrence *occurrences;
    size_t n_occurrences, occurrences_capacity;
};

int sikap_scorer_new(sikap_scorer **out, const sikap_model *m, sikap_error *err)
{
    *out = NULL;
    sikap_scorer *s = memory_zero(1, sizeof *s);
    if (s == NULL)
        return error_memory(err, "scorer");
    s->model = m;
    struct ngram_options options;
    feature_ngram_options(&m->features, m->stop_words, &options);
    const int status = ngram_extractor_new(&s->ngrams, &options, err);
    s->sums = memory_aligned(m->stride, sizeof *s->sums);
    s->segments = memory_zero(m->plan.n, sizeof *s->segments);
    s->rows_8 = score_kernel_8();
    s->rows_32 = score_kernel_32();
    if (status != 0 || s->sums == NULL || s->segments == NULL) {
        sikap_scorer_free(s);
        return status != 0 ? status : error_memory(err, "scorer");
    }
    *out = s;
    return 0;
}

void sikap_scorer_free(sikap_scorer *s)
{
    if (s == NULL)
        return;
    ngram_extractor_free(s->ngrams);
    memory_free(s->found);
    memory_free(s->terms);
    memory_free(s->counts);
    memory_free(s->values);
    memory_free(s->slots);
    memory_free(s->sums);
    memory_free(s->segments);
    buffer_free(&s->repaired);
    memory_free(s->contributions);
    memory_free(s->occurrences);
    memory_free(s);
}

const sikap_model *score_model(const sikap_scorer *s)
{
    return s->model;
}

/* Finds the known terms of one segment, behind those of the segments before. */
static int find_segment(sikap_scorer *s, const struct text *text, size_t segment, sikap_error *err)
{
    const struct segment_plan *plan = &s->model->plan;
    ngram_clear(s->ngrams);
    const int status = ngram_add(s->ngrams, text->bytes, text->n, plan->apart[segment], err);
    if (status != 0)
        return status;
    const uint64_t *hashes;
    const size_t n = ngram_list(s->ngrams, &hashes, NULL);
    if (n == 0)
        return 0;
    if (memory_grow(&s->found, &s->found_capacity, s->n_found + n, sizeof *s->found) != 0)
        return error_memory(err, "document");
    uint32_t *found = s->found + s->n_found;
    vocabulary_find(s->model->vocabulary, hashes, n, found);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t term = found[i];
        found[kept] = term;
        kept += term != VOCABULARY_ABSENT;
    }
    s->n_found += kept;
    s->n_ngrams += plan->weight[segment] * (double)n;
    return 0;
}

/* A table for the distinct terms of the document at hand, at most half full. It is small, so it
 * stays in the nearest cache, as an array over all terms would not. */
static int prepare_slots(sikap_scorer *s)
{
    size_t n_slots = 256;
    s->slot_shift = 24;
    for (; n_slots < 2 * s->n_found; n_slots *= 2)
        s->slot_shift--;
    if (memory_grow(&s->slots, &s->slots_capacity, n_slots, sizeof *s->slots) != 0)
        return -1;
    memset(s->slots, 0, n_slots * sizeof *s->slots);
    return 0;
}

/* What weighting and scoring will read of a term: it is on its way while others are counted. */
static void prefetch_term(const sikap_model *m, uint32_t term)
{
    __builtin_prefetch(&m->idf[term]);
    if (m->rows == NULL)
        return;
    __builtin_prefetch(&m->scale[term]);
    score_prefetch_row(m->rows + (size_t)term * m->stride, m->stride);
}

/* Counts found[begin..end), of one segment. */
static void count_found(sikap_scorer *s, size_t begin, size_t end, float weight)
{
    const sikap_model *m = s->model;
    const size_t mask = ((size_t)1 << (32 - s->slot_shift)) - 1;
    uint32_t *slots = s->slots;
    size_t n = s->n;
    for (size_t i = begin; i < end; i++) {
        const uint32_t term = s->found[i];
        size_t slot = (uint32_t)(term * UINT32_C(0x9E3779B1)) >> s->slot_shift;
        while (slots[slot] != 0 && s->terms[slots[slot] - 1] != term)
            slot = (slot + 1) & mask;
        if (slots[slot] != 0) {
            s->counts[slots[slot] - 1] += weight;
            continue;
        }
        prefetch_term(m, term);
        s->terms[n] = term;
        s->counts[n++] = weight;
        slots[slot] = (uint32_t)n;
    }
    s->n = n;
}

static int count_document(sikap_scorer *s, const struct text *segments, sikap_error *err)
{
    const struct segment_plan *plan = &s->model->plan;
    size_t ends[SEGMENTS_MOST];
    s->n = s->n_found = 0;
    s->n_ngrams = 0;
    for (size_t i = 0; i < plan->n; i++) {
        const int status = segments[i].bytes == NULL ? 0 : find_segment(s, &segments[i], i, err);
        if (status != 0)
            return status;
        ends[i] = s->n_found;
    }
    const size_t most = s->n_found;
    if (prepare_slots(s) != 0 ||
        memory_grow(&s->terms, &s->terms_capacity, most, sizeof *s->terms) != 0 ||
        memory_grow(&s->values, &s->values_capacity, most, sizeof *s->values) != 0 ||
        memory_grow(&s->counts, &s->counts_capacity, most, sizeof *s->counts) != 0)
        return error_memory(err, "document");
    for (size_t i = 0; i < plan->n; i++)
        count_found(s, i == 0 ? 0 : ends[i - 1], ends[i], (float)plan->weight[i]);
    return 0;
}

int score_document(sikap_scorer *s, const struct text *segments, size_t target, float *scores,
                   sikap_error *err)
{
    const sikap_model *m = s->model;
    s->target = target;
    const int status = count_document(s, segments, err);
    if (status != 0) {
        s->n = 0;
        return status;
    }
    if (s->n > 0)
        memcpy(s->values, s->counts, s->n * sizeof *s->values);
    weighting_row(&m->weighting, s->terms, s->values, s->n);
    memset(s->sums, 0, m->stride * sizeof *s->sums);
    memcpy(s->sums, m->bias, m->n_outputs * sizeof *s->sums);
    if (m->rows != NULL)
        s->rows_8(m->rows, m->scale, m->stride, s->terms, s->values, s->n, s->sums);
    else
        s->rows_32(m->weights, m->stride, s->terms, s->values, s->n, s->sums);
    memcpy(scores, s->sums + target * m->n_labels, m->n_labels * sizeof *scores);
    return 0;
}

double score_unknown_share(const sikap_scorer *s)
{
    double n_known = 0;
    for (size_t i = 0; i < s->n; i++)
        n_known += (double)s->counts[i];
    return s->n_ngrams > 0 ? 1 - n_known / s->n_ngrams : 0;
}

size_t score_terms(const sikap_scorer *s, const uint32_t **terms, const float **values)
{
    *terms = s->terms;
    *values = s->values;
    return s->n;
}

size_t score_target(const sikap_model *m, const struct text *target)
{
    for (size_t k = 0; target->bytes != NULL && k < m->n_targets; k++)
        if (strlen(m->targets[k]) == target->n &&
            memcmp(m->targets[k], target->bytes, target->n) == 0)
            return k + 1;
    return 0;
}

/* The plan's segments from the caller's, by name, with broken UTF-8 repaired. */
static int arrange(sikap_scorer *s, const sikap_segment *segments, size_t n_segments,
                   sikap_error *err)
{
    const struct segment_plan *plan = &s->model->plan;
    size_t bytes = 0;
    for (size_t i = 0; i < n_segments; i++)
        bytes += segments[i].n;
    buffer_clear(&s->repaired);
    /* U+FFFD has three bytes, so repairing triples a text at most; room now keeps pointers valid.
     */
    if (bytes > SIZE_MAX / 8 || buffer_reserve(&s->repaired, 3 * bytes) != 0)
        return error_memory(err, "document");
    for (size_t p = 0; p < plan->n; p++) {
        s->segments[p] = (struct text){NULL, 0};
        for (size_t i = 0; i < n_segments; i++) {
            const char *name = segments[i].name == NULL ? "text" : segments[i].name;
            if (strcmp(name, plan->names[p]) != 0)
                continue;
            const size_t from = s->repaired.n;
            if (utf8_valid(segments[i].text, segments[i].n)) {
                s->segments[p] = (struct text){segments[i].text, segments[i].n};
            } else {
                utf8_repair(segments[i].text, segments[i].n, &s->repaired);
                s->segments[p] = (struct text){s->repaired.bytes + from, s->repaired.n - from};
            }
            break;
        }
    }
    return s->repaired.failed ? error_memory(err, "document") : 0;
}

int sikap_score(sikap_scorer *s, const sikap_segment *segments, size_t n_segments, float *scores,
                sikap_error *err)
{
    const int status = arrange(s, segments, n_segments, err);
    return status != 0 ? status : score_document(s, s->segments, 0, scores, err);
}

void sikap_choose(const sikap_model *m, const float *scores, unsigned char *chosen)
{
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        size_t best = field->first;
        for (size_t l = field->first; l < field->first + field->n; l++) {
            chosen[l] = field->is_multi && scores[l] >= m->threshold[l];
            if (scores[l] > scores[best])
                best = l;
        }
        if (!field->is_multi && field->n > 0)
            chosen[best] = 1;
    }
}

void sikap_probabilities(const sikap_model *m, const float *scores, double *probabilities)
{
    for (size_t k = 0; k < m->n_fields; k++) {
        const struct model_field *field = &m->fields[k];
        double sum = 0;
        for (size_t l = field->first; l < field->first + field->n; l++) {
            const double f = (double)scores[l], z = m->platt_a[l] * f + m->platt_b[l];
            const int has_curve = m->curves != NULL && m->curves[l].n > 0;
            probabilities[l] = !field->calibrated ? NAN
                               : has_curve        ? curve_at(&m->curves[l], f)
                                                  : 1 / (1 + exp(z));
            sum += probabilities[l];
        }
        /* Exactly one label holds in a single field: its probabilities are made to add up to 1. */
        for (size_t l = field->first; !field->is_multi && sum > 0 && l < field->first + field->n;
             l++)
            probabilities[l] /= sum;
    }
}

int sikap_certainty(const sikap_model *m, const float *scores, double *certainty, sikap_error *err)
{
    unsigned char *chosen = memory_alloc(m->n_labels, 1);
    double *probabilities = memory_alloc(m->n_labels, sizeof *probabilities);
    const int failed = chosen == NULL || probabilities == NULL;
    if (!failed) {
        sikap_choose(m, scores, chosen);
        sikap_probabilities(m, scores, probabilities);
        for (size_t f = 0; f < m->n_fields; f++)
            certainty[f] = model_certainty(&m->fields[f], scores, probabilities, chosen);
    }
    memory_free(chosen);
    memory_free(probabilities);
    return failed ? error_memory(err, "document") : 0;
}

double sikap_model_certainty(const sikap_model *m, size_t field, double coverage)
{
    const double *quantiles = m->fields[field].certainty;
    return quantiles == NULL || !(coverage >= 0 && coverage <= 1)
               ? NAN
               : certainty_quantile(quantiles, coverage);
}

/* ---- explaining ---- */

int sikap_explain(sikap_scorer *s, size_t label, const sikap_contribution **out, size_t *n,
                  sikap_error *err)
{
    *out = NULL;
    *n = 0;
    const sikap_model *m = s->model;
    if (label >= m->n_labels)
        return error_set(err, SIKAP_USAGE, NULL, 0, "label %zu of %zu", label, m->n_labels);
    if (memory_grow(&s->contributions, &s->contributions_capacity, s->n,
                    sizeof *s->contributions) != 0)
        return error_memory(err, "explanation");
    const size_t output = s->target * m->n_labels + label;
    for (size_t i = 0; i < s->n; i++) {
        const size_t term = s->terms[i], at = term * m->stride + output;
        /* The same two roundings as in the kernels, so that the sum comes out the same. */
        const float contribution = m->rows != NULL
                                       ? (s->values[i] * m->scale[term]) * (float)m->rows[at]
                                       : s->values[i] * m->weights[at];
        s->contributions[i] =
            (sikap_contribution){s->terms[i], (uint32_t)s->counts[i], contribution};
    }
    *out = s->contributions;
    *n = s->n;
    return 0;
}

static int add_occurrences(sikap_scorer *s, size_t caller_segment)
{
    const uint64_t *hashes;
    const ngram_ref *refs;
    const size_t n = ngram_list(s->ngrams, &hashes, &refs);
    if (memory_grow(&s->found, &s->found_capacity, n, sizeof *s->found) != 0 ||
        memory_grow(&s->occurrences, &s->occurrences_capacity, s->n_occurrences + n,
                    sizeof *s->occurrences) != 0)
        return -1;
    vocabulary_find(s->model->vocabulary, hashes, n, s->found);
    for (size_t i = 0; i < n; i++) {
        size_t begin, end;
        if (s->found[i] != VOCABULARY_ABSENT && ngram_place(s->ngrams, refs[i], &begin, &end))
            s->occurrences[s->n_occurrences++] =
                (sikap_occurrence){s->found[i], (uint32_t)caller_segment, begin, end};
    }
    return 0;
}

int sikap_occurrences(sikap_scorer *s, const sikap_segment *segments, size_t n_segments,
                      const sikap_occurrence **out, size_t *n, sikap_error *err)
{
    *out = NULL;
    *n = 0;
    s->n_occurrences = 0;
    int status = arrange(s, segments, n_segments, err);
    ngram_want_places(s->ngrams, 1);
    for (size_t i = 0; i < n_segments && status == 0; i++) {
        const char *name = segments[i].name == NULL ? "text" : segments[i].name;
        for (size_t p = 0; p < s->model->plan.n && status == 0; p++) {
            /* A repaired text has other offsets than the caller's: nothing to show there. */
            if (strcmp(name, s->model->plan.names[p]) != 0 ||
                s->segments[p].bytes != segments[i].text)
                continue;
            ngram_clear(s->ngrams);
            status =
                ngram_add(s->ngrams, segments[i].text, segments[i].n, s->model->plan.apart[p], err);
            if (status == 0 && add_occurrences(s, i) != 0)
                status = error_memory(err, "explanation");
        }
    }
    ngram_want_places(s->ngrams, 0);
    if (status != 0)
        return status;
    *out = s->occurrences;
    *n = s->n_occurrences;
    return 0;
}
