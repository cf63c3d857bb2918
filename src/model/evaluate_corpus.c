/* SPDX-License-Identifier: Apache-2.0 */
/* A model beside gold: the corpus is read by `collect` under the model's locked vocabulary, and its
 * rows are scored in parallel. */
#include "sikap.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/evaluate_session.h"
#include "model/model.h"
#include "model/passage.h"

enum { PASSAGE_BLOCK = 1 << 20 };

/* ---- a model labels ---- */

struct score_job {
    const sikap_model *model;
    struct collection *gold;
    float **sums;  /* [n_workers][stride] */
    float *scores; /* [n_rows][n_labels] */
    score_rows_8 *rows_8;
    score_rows_32 *rows_32;
};

static void score_row(void *context, size_t row, size_t worker)
{
    const struct score_job *job = context;
    const sikap_model *m = job->model;
    struct matrix *x = &job->gold->counts;
    const size_t begin = x->start[row], n = x->start[row + 1] - begin;
    float *sums = job->sums[worker];
    weighting_row(&m->weighting, x->columns + begin, x->values + begin, n);
    memset(sums, 0, m->stride * sizeof *sums);
    memcpy(sums, m->bias, m->n_outputs * sizeof *sums);
    if (m->rows != NULL)
        job->rows_8(m->rows, m->scale, m->stride, x->columns + begin, x->values + begin, n, sums);
    else
        job->rows_32(m->weights, m->stride, x->columns + begin, x->values + begin, n, sums);
    size_t target = 0;
    if (m->n_targets > 0) {
        const struct collection_extra *key = &job->gold->extras[job->gold->n_extras - 1];
        const uint32_t value = key->value[row];
        if (value != NAMES_FULL) {
            const char *name = key->names.items[value];
            const struct text text = {name, strlen(name)};
            target = score_target(m, &text);
        }
    }
    memcpy(job->scores + row * m->n_labels, sums + target * m->n_labels,
           m->n_labels * sizeof *sums);
}

static int score_all(struct session *s, const sikap_model *m, float **scores, sikap_error *err)
{
    const size_t n_workers = pool_n_threads(s->pool);
    struct score_job job = {.model = m, .gold = s->gold};
    job.sums = memory_zero(n_workers, sizeof *job.sums);
    job.scores = memory_alloc(s->gold->n_rows * m->n_labels, sizeof *job.scores);
    job.rows_8 = score_kernel_8();
    job.rows_32 = score_kernel_32();
    int failed = job.sums == NULL || job.scores == NULL;
    for (size_t w = 0; !failed && w < n_workers; w++)
        failed = (job.sums[w] = memory_aligned(m->stride, sizeof **job.sums)) == NULL;
    if (!failed)
        parallel_for(s->pool, s->gold->n_rows, score_row, &job);
    for (size_t w = 0; job.sums != NULL && w < n_workers; w++)
        memory_free(job.sums[w]);
    memory_free(job.sums);
    *scores = job.scores;
    return failed ? error_memory(err, "evaluation") : 0;
}

/* With --passages the words of a document are not enough: its texts are read once more. */
static int score_passages(struct session *s, const sikap_model *m, const char *const *paths,
                          size_t n_paths, float *scores, sikap_error *err)
{
    const struct corpus_request request = {.wants_text = 1,
                                           .segments = (const char *const *)m->plan.names,
                                           .n_segments = m->plan.n,
                                           .extras = (const char *const *)&m->target_key,
                                           .n_extras = m->n_targets > 0};
    struct corpus *corpus = NULL;
    struct corpus_block *block = NULL;
    struct corpus_parser *parser = NULL;
    sikap_scorer *scorer = NULL;
    float *own = memory_alloc(m->n_labels, sizeof *own);
    unsigned char *is_scored =
        memory_zero(s->gold->n_rows, 1); /* of an id the first record counts */
    int status = own == NULL || is_scored == NULL ? error_memory(err, "evaluation") : 0;
    for (size_t i = 0; i < n_paths && status == 0; i++)
        if (strcmp(paths[i], "-") == 0)
            status =
                error_set(err, SIKAP_USAGE, NULL, 0,
                          "a model with passages reads its corpus twice: name a file, not '-'");
    if (status == 0)
        status = corpus_open(&corpus, paths, n_paths, &s->corpus, &request, err);
    if (status == 0)
        status = corpus_block_new(&block, err);
    if (status == 0)
        status = corpus_parser_new(&parser, corpus, err);
    if (status == 0)
        status = sikap_scorer_new(&scorer, m, err);
    size_t n = 1;
    while (status == 0 && n > 0) {
        status = corpus_next(corpus, block, PASSAGE_BLOCK, &n, err);
        for (size_t i = 0; i < n && status == 0; i++) {
            struct document doc;
            if (corpus_parse(parser, block, i, &doc, NULL) != 0)
                continue; /* reported when it was read the first time */
            const uint32_t row = names_find(&s->gold->ids, doc.id.bytes, doc.id.n);
            if (row == NAMES_FULL || row >= s->gold->n_rows || is_scored[row])
                continue;
            is_scored[row] = 1;
            status =
                passage_score(scorer, m, doc.segments,
                              m->n_targets > 0 ? score_target(m, &doc.extras[0]) : 0, own, err);
            if (status == 0)
                memcpy(scores + row * m->n_labels, own, m->n_labels * sizeof *own);
        }
    }
    memory_free(own);
    memory_free(is_scored);
    sikap_scorer_free(scorer);
    corpus_parser_free(parser);
    corpus_block_free(block);
    corpus_free(corpus);
    return status;
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
    unsigned char *chosen = memory_alloc(m->n_labels, 1);
    double *probabilities = memory_alloc(m->n_labels, sizeof *probabilities);
    const int failed = out->scores == NULL || (field->calibrated && out->probabilities == NULL) ||
                       chosen == NULL || probabilities == NULL;
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
            session_warn(s, NULL,
                         "label '%.100s' of field '%.100s' is not known to the model: counted as "
                         "missed",
                         gold->names.items[l], field->name);
    failed |= session_join_names(&labels, &gold->names) != 0;
    struct evaluation_field *out;
    int status = failed ? error_memory(err, "evaluation")
                        : session_add_field(s, gold, &labels, field->is_multi, &out, err);
    if (status == 0)
        status = fill_field(s, m, f, scores, out, err);
    names_free(&labels);
    return status;
}

static int collect_gold(struct session *s, const sikap_model *m, const char *const *paths,
                        size_t n_paths, sikap_error *err)
{
    const char **names = memory_alloc(m->n_fields, sizeof *names);
    enum field_kind *kinds = memory_alloc(m->n_fields, sizeof *kinds);
    int status = names == NULL || kinds == NULL ? error_memory(err, "evaluation") : 0;
    for (size_t f = 0; status == 0 && f < m->n_fields; f++) {
        names[f] = m->fields[f].name;
        kinds[f] = m->fields[f].is_multi ? FIELD_MULTI : FIELD_SINGLE;
    }
    const struct corpus_request wanted = {.wants_labels = 1,
                                          .wants_text = 1,
                                          .fields = names,
                                          .kinds = kinds,
                                          .n_fields = m->n_fields};
    const char *extras[2];
    size_t n_extras = 0;
    if (s->options.group != NULL)
        extras[n_extras++] = s->options.group;
    if (m->n_targets > 0)
        extras[n_extras++] = m->target_key;
    const struct collect_request request = {.corpus = &s->corpus,
                                            .features = &m->features,
                                            .stop_words = m->stop_words,
                                            .request = &wanted,
                                            .extras = extras,
                                            .n_extras = n_extras,
                                            .vocabulary = m->vocabulary};
    if (status == 0)
        status = collect(&s->gold, paths, n_paths, &request, s->pool, s->watch, err);
    memory_free(names);
    memory_free(kinds);
    return status;
}

int sikap_evaluate(sikap_evaluation **out, const sikap_model *m, const char *const *paths,
                   size_t n_paths, const sikap_options *options, const sikap_watch *watch,
                   sikap_error *err)
{
    *out = NULL;
    struct session s;
    float *scores = NULL;
    int status = session_start(&s, options, watch, err);
    if (status == 0)
        status = collect_gold(&s, m, paths, n_paths, err);
    if (status == 0)
        status = session_take_rows(&s, err);
    if (status == 0)
        status = score_all(&s, m, &scores, err);
    if (status == 0 && passage_model(m))
        status = score_passages(&s, m, paths, n_paths, scores, err);
    s.data.fields = memory_zero(m->n_fields, sizeof *s.data.fields);
    if (status == 0 && s.data.fields == NULL)
        status = error_memory(err, "evaluation");
    for (size_t f = 0; f < m->n_fields && status == 0; f++)
        if (session_has_annotation(s.gold, f))
            status = model_field(&s, m, f, scores, err);
    if (status == 0 && s.data.n_fields == 0)
        status = error_set(err, SIKAP_DATA, n_paths > 0 ? paths[0] : NULL, 0,
                           "no document is annotated for a field of the model ('%s'%s)",
                           m->n_fields > 0 ? m->fields[0].name : "", m->n_fields > 1 ? ", …" : "");
    if (status == 0)
        status = evaluation_new(out, &s.data, &s.options, s.pool, watch, err);
    memory_free(scores);
    session_end(&s);
    return status;
}
