/* SPDX-License-Identifier: Apache-2.0 */
/* A model beside gold, in one reading: `collect` has every document scored while its text is at
 * hand, and keeps ids, labels and scores. */
#include "sikap.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/evaluate_session.h"
#include "model/model_collect.h"
#include "model/passage.h"

/* What the workers of one reading share. */
struct scoring {
    const sikap_model *model;
    sikap_scorer **scorers; /* [n_workers] */
    size_t n_workers;
    size_t target_at; /* of the target among the extras */
};

static void scoring_free(struct scoring *scoring)
{
    for (size_t w = 0; scoring->scorers != NULL && w < scoring->n_workers; w++)
        sikap_scorer_free(scoring->scorers[w]);
    memory_free(scoring->scorers);
}

static int scoring_init(struct scoring *scoring, const sikap_model *m, size_t n_workers,
                        sikap_error *err)
{
    *scoring = (struct scoring){.model = m, .n_workers = n_workers};
    scoring->scorers = memory_zero(n_workers, sizeof *scoring->scorers);
    int status = scoring->scorers == NULL ? error_memory(err, "evaluation") : 0;
    for (size_t w = 0; w < n_workers && status == 0; w++)
        status = sikap_scorer_new(&scoring->scorers[w], m, err);
    return status;
}

/* The same call as in predict.c, so both give a document the same bits. */
static int score_visit(void *context, size_t worker, const struct document *doc, float *scores,
                       sikap_error *err)
{
    const struct scoring *scoring = context;
    const sikap_model *m = scoring->model;
    const size_t target = m->n_targets > 0 ? score_target(m, &doc->extras[scoring->target_at]) : 0;
    return passage_score(scoring->scorers[worker], m, doc->segments, target, scores, NULL, err);
}

/* Copies the model's columns of one field and what it chooses. Labels that only gold has get the
 * lowest score and probability 0. */
static int fill_field(struct session *s, const sikap_model *m, size_t f, const float *scores,
                      struct evaluation_field *out, sikap_error *err)
{
    const struct model_field *field = &m->fields[f];
    const size_t n_rows = s->data.n_rows, n = out->n_labels;
    out->scores = memory_alloc(n_rows * n, sizeof *out->scores);
    if (field->calibrated)
        out->probabilities = memory_zero(n_rows * n, sizeof *out->probabilities);
    if (field->is_multi)
        out->thresholds = memory_alloc(n, sizeof *out->thresholds);
    unsigned char *chosen = memory_alloc(m->n_labels, 1);
    double *probabilities = memory_alloc(m->n_labels, sizeof *probabilities);
    const int failed = out->scores == NULL || (field->calibrated && out->probabilities == NULL) ||
                       (field->is_multi && out->thresholds == NULL) || chosen == NULL ||
                       probabilities == NULL;
    for (size_t l = 0; !failed && field->is_multi && l < n; l++)
        out->thresholds[l] = l < field->n ? m->threshold[field->first + l] : HUGE_VALF;
    for (size_t row = 0; !failed && row < n_rows; row++) {
        const float *from = scores + row * m->n_labels;
        sikap_choose(m, from, chosen);
        sikap_probabilities(m, from, probabilities);
        for (size_t l = 0; l < n; l++) {
            const int known = l < field->n;
            out->scores[row * n + l] = known ? from[field->first + l] : -HUGE_VALF;
            out->chosen[row * n + l] = known && chosen[field->first + l];
            if (out->probabilities != NULL && known)
                out->probabilities[row * n + l] = probabilities[field->first + l];
        }
    }
    memory_free(chosen);
    memory_free(probabilities);
    return failed ? error_memory(err, "evaluation") : 0;
}

/* The same decisions as predict's, under --coverage and --min-prob. */
static int keep_rows(const struct session *s, const sikap_model *m, size_t f, const float *scores,
                     struct evaluation_field *out, sikap_error *err)
{
    const struct model_field *field = &m->fields[f];
    const double min_prob = s->options.min_prob;
    const double least =
        s->options.coverage < 1 ? sikap_model_certainty(m, f, s->options.coverage) : -HUGE_VAL;
    const size_t n_rows = s->data.n_rows, n = out->n_labels;
    if (s->options.coverage >= 1 && s->options.min_prob <= 0)
        return 0;
    out->kept = memory_alloc(n_rows, 1);
    out->kept_chosen = memory_alloc(n_rows * n, 1);
    double *certainty = memory_alloc(m->n_fields, sizeof *certainty);
    int status = out->kept == NULL || out->kept_chosen == NULL || certainty == NULL
                     ? error_memory(err, "evaluation")
                     : 0;
    for (size_t row = 0; row < n_rows && status == 0; row++) {
        status = sikap_certainty(m, scores + row * m->n_labels, certainty, err);
        out->kept[row] = status == 0 && !(certainty[f] < least);
        for (size_t l = 0; l < n; l++) {
            const size_t at = row * n + l;
            const int given =
                out->chosen[at] && (min_prob <= 0 || out->probabilities[at] >= min_prob);
            out->kept[row] &= field->is_multi || given == out->chosen[at];
            out->kept_chosen[at] = (unsigned char)given;
        }
    }
    memory_free(certainty);
    return status;
}

static int model_field(struct session *s, const sikap_model *m, size_t f, const float *scores,
                       sikap_error *err)
{
    const struct model_field *field = &m->fields[f];
    const struct collection_field *gold = &s->gold->fields[f];
    struct names labels = {0};
    int failed = 0;
    for (size_t l = 0; l < field->n; l++) {
        const char *name = m->labels[field->first + l];
        failed |= names_add(&labels, name, strlen(name), NULL) == NAMES_FULL;
    }
    for (size_t l = 0; l < gold->names.n; l++)
        if (names_find(&labels, gold->names.items[l], strlen(gold->names.items[l])) == NAMES_FULL)
            error_tell(s->watch, NULL,
                       "label '%.100s' of field '%.100s' is not known to the model: counted as "
                       "missed",
                       gold->names.items[l], field->name);
    failed |= session_join_names(&labels, &gold->names) != 0;
    struct evaluation_field *out;
    int status = failed ? error_memory(err, "evaluation")
                        : session_add_field(s, gold, &labels, field->is_multi, &out, err);
    if (status == 0)
        status = fill_field(s, m, f, scores, out, err);
    if (status == 0)
        status = keep_rows(s, m, f, scores, out, err);
    names_free(&labels);
    return status;
}

/* Reads the corpus into s->gold, scores in its `visited`. */
static int read_gold(struct session *s, const sikap_model *m, const char *const *paths,
                     size_t n_paths, sikap_error *err)
{
    struct scoring scoring;
    int status = scoring_init(&scoring, m, pool_n_threads(s->pool), err);
    const char *extras[2];
    size_t n_extras = 0;
    if (s->options.group != NULL)
        extras[n_extras++] = s->options.group;
    scoring.target_at = n_extras;
    if (m->n_targets > 0)
        extras[n_extras++] = m->target_key;
    const struct collect_request request = {.corpus = &s->corpus,
                                            .extras = extras,
                                            .n_extras = n_extras,
                                            .visit = score_visit,
                                            .visit_context = &scoring,
                                            .n_visited = m->n_labels,
                                            .wants_shingles = s->options.train.n > 0};
    if (status == 0)
        status = model_collect(&s->gold, m, paths, n_paths, &request, s->pool, s->watch, err);
    scoring_free(&scoring);
    return status;
}

/* Why nothing can be evaluated. */
static int nothing_annotated(const struct session *s, const sikap_model *m,
                             const char *const *paths, size_t n_paths, sikap_error *err)
{
    struct buffer wanted = {0};
    buffer_text(&wanted, "a field of the model: ");
    for (size_t f = 0; f < m->n_fields; f++)
        buffer_format(&wanted, "%s'%.60s'", f > 0 ? ", " : "", m->fields[f].name);
    buffer_byte(&wanted, '\0');
    const int status = session_nothing_annotated(
        s, paths, n_paths, wanted.failed ? "a field of the model" : wanted.bytes, err);
    buffer_free(&wanted);
    return status;
}

int sikap_evaluate(sikap_evaluation **out, const sikap_model *m, const char *const *paths,
                   size_t n_paths, const sikap_options *options, const sikap_watch *watch,
                   sikap_error *err)
{
    *out = NULL;
    struct session s;
    int status = session_start(&s, options, watch, err);
    if (status == 0)
        status = model_check_doubt(m, s.options.coverage, s.options.min_prob, err);
    if (status == 0)
        status = read_gold(&s, m, paths, n_paths, err);
    if (status == 0)
        status = session_take_rows(&s, err);
    if (status == 0)
        status = session_find_leaks(&s, &m->features, err);
    s.data.fields = memory_zero(m->n_fields, sizeof *s.data.fields);
    if (status == 0 && s.data.fields == NULL)
        status = error_memory(err, "evaluation");
    for (size_t f = 0; f < m->n_fields && status == 0; f++)
        if (session_has_annotation(s.gold, f))
            status = model_field(&s, m, f, s.gold->visited, err);
    if (status == 0 && s.data.n_fields == 0)
        status = nothing_annotated(&s, m, paths, n_paths, err);
    if (status == 0)
        status = evaluation_new(out, &s.data, &s.options, s.pool, watch, err);
    session_end(&s);
    return status;
}
