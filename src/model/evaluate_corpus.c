/* SPDX-License-Identifier: Apache-2.0 */
/* Gold and predictions from corpora. Both kinds of file are read by `collect`: under the model's
 * locked vocabulary when a model labels the documents, under an empty one when a label file does.
 */
#include "sikap.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "features/collection.h"
#include "model/evaluate_internal.h"
#include "model/model.h"
#include "model/passage.h"

enum { PASSAGE_BLOCK = 1 << 20 };

struct session {
    struct corpus_options corpus;
    struct evaluate_options options;
    struct feature_options features; /* for label files */
    struct vocabulary *empty;
    struct pool *pool;
    const sikap_watch *watch;
    struct collection *gold, *predicted;
    struct evaluation_data data;
};

static int session_start(struct session *s, const sikap_options *options, const sikap_watch *watch,
                         sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table,
                                                        &evaluate_option_table, NULL};
    memset(s, 0, sizeof *s);
    s->watch = watch;
    int status = options_check(options, tables, err);
    if (status == 0)
        status = option_defaults(&corpus_option_table, &s->corpus, err);
    if (status == 0)
        status = option_defaults(&evaluate_option_table, &s->options, err);
    if (status == 0)
        status = option_defaults(&feature_option_table, &s->features, err);
    if (status == 0)
        status = options_apply(options, &corpus_option_table, &s->corpus, err);
    if (status == 0)
        status = options_apply(options, &evaluate_option_table, &s->options, err);
    if (status == 0)
        status = pool_new(&s->pool, s->options.threads, err);
    return status;
}

static void session_end(struct session *s)
{
    collection_free(s->gold);
    collection_free(s->predicted);
    vocabulary_free(s->empty);
    pool_free(s->pool);
    evaluation_data_free(&s->data);
    option_clear(&corpus_option_table, &s->corpus);
    option_clear(&evaluate_option_table, &s->options);
    option_clear(&feature_option_table, &s->features);
}

static char *copy_text(const char *text)
{
    return memory_text(text, strlen(text));
}

/* Ids and groups of the gold documents. */
static int take_rows(struct session *s, sikap_error *err)
{
    struct evaluation_data *d = &s->data;
    const struct collection *c = s->gold;
    d->ids = memory_zero(c->n_rows, sizeof *d->ids);
    d->n_rows = d->ids == NULL ? 0 : c->n_rows;
    d->read = c->read;
    if (d->ids == NULL)
        return error_memory(err, "evaluation");
    for (size_t i = 0; i < c->n_rows; i++)
        if ((d->ids[i] = copy_text(c->ids.items[i])) == NULL)
            return error_memory(err, "evaluation");
    if (s->options.group == NULL)
        return 0;
    const struct collection_extra *groups = &c->extras[0];
    if (groups->names.n == 0)
        return error_set(err, SIKAP_DATA, NULL, 0, "--group: no document has the key '%s'",
                         groups->name);
    d->group = memory_alloc(c->n_rows, sizeof *d->group);
    if (d->group == NULL)
        return error_memory(err, "evaluation");
    d->n_groups = groups->names.n;
    for (size_t i = 0; i < c->n_rows; i++)
        d->group[i] = groups->value[i] == NAMES_FULL ? (uint32_t)d->n_groups++ : groups->value[i];
    return 0;
}

static int set_gold(struct evaluation_field *f, const struct collection_field *from,
                    const struct names *labels, size_t n_rows, unsigned char *cells)
{
    memset(cells, 0, n_rows * f->n_labels);
    for (size_t row = 0; row < n_rows; row++)
        for (size_t k = from->start[row]; k < from->start[row + 1]; k++) {
            const char *name = from->names.items[from->labels[k]];
            const uint32_t l = names_find(labels, name, strlen(name));
            if (l != NAMES_FULL)
                cells[row * f->n_labels + l] = 1;
        }
    return 0;
}

/* An evaluation field over labels [0, labels->n), gold filled in. */
static int new_field(struct session *s, const struct collection_field *gold,
                     const struct names *labels, int is_multi, struct evaluation_field **out,
                     sikap_error *err)
{
    struct evaluation_data *d = &s->data;
    struct evaluation_field *f = &d->fields[d->n_fields++];
    const size_t n_rows = d->n_rows;
    f->is_multi = is_multi;
    f->n_labels = labels->n;
    f->name = copy_text(gold->name);
    f->labels = memory_zero(labels->n, sizeof *f->labels);
    f->annotated = memory_alloc(n_rows, 1);
    f->gold = memory_alloc(n_rows * labels->n, 1);
    f->chosen = memory_zero(n_rows * labels->n, 1);
    if (f->name == NULL || f->labels == NULL || f->annotated == NULL || f->gold == NULL ||
        f->chosen == NULL)
        return error_memory(err, "evaluation");
    for (size_t l = 0; l < labels->n; l++)
        if ((f->labels[l] = copy_text(labels->items[l])) == NULL)
            return error_memory(err, "evaluation");
    memcpy(f->annotated, gold->annotated, n_rows);
    set_gold(f, gold, labels, n_rows, f->gold);
    *out = f;
    return 0;
}

/* The labels of both sides: those of the model (or the prediction) first. */
static int add_names(struct names *to, const struct names *from)
{
    for (size_t l = 0; l < from->n; l++)
        if (names_add(to, from->items[l], strlen(from->items[l]), NULL) == NAMES_FULL)
            return -1;
    return 0;
}

static void warn_unknown(const struct session *s, const char *field, const char *label)
{
    sikap_error problem;
    if (s->watch == NULL || s->watch->problem == NULL)
        return;
    error_set(&problem, SIKAP_DATA, NULL, 0,
              "label '%.100s' of field '%.100s' is not known to the model: counted as missed",
              label, field);
    s->watch->problem(s->watch->context, &problem);
}

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
    int status = own == NULL ? error_memory(err, "evaluation") : 0;
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
            if (row == NAMES_FULL || row >= s->gold->n_rows)
                continue;
            status =
                passage_score(scorer, m, doc.segments,
                              m->n_targets > 0 ? score_target(m, &doc.extras[0]) : 0, own, err);
            if (status == 0)
                memcpy(scores + row * m->n_labels, own, m->n_labels * sizeof *own);
        }
    }
    memory_free(own);
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

static int has_annotation(const struct collection *c, size_t f)
{
    for (size_t i = 0; i < c->n_rows; i++)
        if (c->fields[f].annotated[i])
            return 1;
    return 0;
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
            warn_unknown(s, field->name, gold->names.items[l]);
    failed |= add_names(&labels, &gold->names) != 0;
    struct evaluation_field *out;
    int status = failed ? error_memory(err, "evaluation")
                        : new_field(s, gold, &labels, field->is_multi, &out, err);
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
        status = take_rows(&s, err);
    if (status == 0)
        status = score_all(&s, m, &scores, err);
    if (status == 0 && passage_model(m))
        status = score_passages(&s, m, paths, n_paths, scores, err);
    s.data.fields = memory_zero(m->n_fields, sizeof *s.data.fields);
    if (status == 0 && s.data.fields == NULL)
        status = error_memory(err, "evaluation");
    for (size_t f = 0; f < m->n_fields && status == 0; f++)
        if (has_annotation(s.gold, f))
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

/* ---- a label file labels ---- */

static int collect_labels(struct session *s, struct collection **out, const char *const *paths,
                          size_t n_paths, const struct collection *like, sikap_error *err)
{
    const char *names[64];
    enum field_kind kinds[64];
    struct corpus_request wanted = {.wants_labels = 1};
    for (size_t f = 0; like != NULL && f < like->n_fields && f < 64; f++) {
        names[f] = like->fields[f].name;
        kinds[f] = FIELD_MULTI; /* a single field may be held back: null or none */
        wanted.n_fields = f + 1;
    }
    wanted.fields = names;
    wanted.kinds = kinds;
    const char *group = s->options.group;
    const struct collect_request request = {.corpus = &s->corpus,
                                            .features = &s->features,
                                            .request = &wanted,
                                            .extras = &group,
                                            .n_extras = like == NULL && group != NULL,
                                            .vocabulary = s->empty};
    return collect(out, paths, n_paths, &request, s->pool, s->watch, err);
}

/* row_of[i]: the prediction's row of gold row i. */
static int join(const struct session *s, uint32_t *row_of, const char *file, sikap_error *err)
{
    size_t n_missing = 0;
    const char *first = NULL;
    for (size_t i = 0; i < s->gold->n_rows; i++) {
        const char *id = s->gold->ids.items[i];
        row_of[i] = names_find(&s->predicted->ids, id, strlen(id));
        if (row_of[i] == NAMES_FULL && n_missing++ == 0)
            first = id;
    }
    if (n_missing > 0)
        return error_set(err, SIKAP_DATA, file, 0,
                         "%zu of %zu gold documents are missing, the first is '%.200s'", n_missing,
                         s->gold->n_rows, first);
    return 0;
}

static int predicted_field(struct session *s, size_t f, const uint32_t *row_of, sikap_error *err)
{
    const struct collection_field *gold = &s->gold->fields[f], *given = &s->predicted->fields[f];
    struct names labels = {0};
    struct evaluation_field *out = NULL;
    int status = add_names(&labels, &gold->names) != 0 || add_names(&labels, &given->names) != 0
                     ? error_memory(err, "evaluation")
                     : new_field(s, gold, &labels, gold->is_multi, &out, err);
    for (size_t i = 0; status == 0 && i < s->data.n_rows; i++) {
        const size_t row = row_of[i];
        for (size_t k = given->start[row]; k < given->start[row + 1]; k++) {
            const char *name = given->names.items[given->labels[k]];
            out->chosen[i * out->n_labels + names_find(&labels, name, strlen(name))] = 1;
        }
        if (!gold->is_multi && given->start[row + 1] - given->start[row] != 1 && gold->annotated[i])
            status = error_set(err, SIKAP_DATA, NULL, 0,
                               "document '%.200s' has no prediction for the single field '%s'",
                               s->data.ids[i], gold->name);
    }
    names_free(&labels);
    return status;
}

int sikap_evaluate_predictions(sikap_evaluation **out, const char *predictions,
                               const char *const *gold, size_t n_gold, const sikap_options *options,
                               const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    struct session s;
    uint32_t *row_of = NULL;
    int status = session_start(&s, options, watch, err);
    if (status == 0)
        status = vocabulary_new(&s.empty, 0, 0, err);
    if (status == 0)
        status = vocabulary_index(s.empty, err);
    if (status == 0)
        status = collect_labels(&s, &s.gold, gold, n_gold, NULL, err);
    if (status == 0)
        status = collect_labels(&s, &s.predicted, &predictions, 1, s.gold, err);
    if (status == 0)
        status = take_rows(&s, err);
    if (status == 0) {
        row_of = memory_alloc(s.gold->n_rows, sizeof *row_of);
        s.data.fields = memory_zero(s.gold->n_fields, sizeof *s.data.fields);
        status = row_of == NULL || s.data.fields == NULL ? error_memory(err, "evaluation")
                                                         : join(&s, row_of, predictions, err);
    }
    for (size_t f = 0; status == 0 && f < s.gold->n_fields; f++)
        if (has_annotation(s.gold, f))
            status = predicted_field(&s, f, row_of, err);
    if (status == 0 && s.data.n_fields == 0)
        status =
            error_set(err, SIKAP_DATA, n_gold > 0 ? gold[0] : NULL, 0, "no document is annotated");
    if (status == 0)
        status = evaluation_new(out, &s.data, &s.options, s.pool, watch, err);
    memory_free(row_of);
    session_end(&s);
    return status;
}
