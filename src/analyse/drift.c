/* SPDX-License-Identifier: Apache-2.0 */
/* New texts are scored whole, as the training texts were out of fold, and held against what the
 * model keeps of those, or against other texts that go through the same measurement. Both sides are
 * counts in the same bins, cut at the first side's quantiles. */
#include "analyse/drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "features/collection.h"
#include "measure/significance.h"
#include "measure/two_sample.h"
#include "model/passage.h"
#include "model/score.h"

struct drift_options {
    struct option_list against;
    char *group; /* key; NULL: "group" where there is one */
    size_t threads;
};

static const struct option_row rows[] = {
    {{"against", "CORPUS", NULL,
      "hold the new texts against these, not against the training texts; may be repeated",
      "Comparing"},
     OPTION_LIST,
     offsetof(struct drift_options, against),
     0,
     0,
     NULL},
    {{"group", "KEY", NULL,
      "documents with the same value of KEY are not independent, and count for less (passages of "
      "one speech); default: group, where there is one",
      "Comparing"},
     OPTION_TEXT,
     offsetof(struct drift_options, group),
     0,
     0,
     NULL},
    {{"threads", "N", "0", "worker threads; 0: one per core", "Comparing"},
     OPTION_COUNT,
     offsetof(struct drift_options, threads),
     0,
     256,
     NULL},
};
static const struct option_table table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_drift_option(size_t i)
{
    return option_shown(&table, i);
}

struct measuring {
    const sikap_model *model;
    struct drift_options options;
    struct corpus_options corpus;
    struct pool *pool;
    const sikap_watch *watch;
    sikap_scorer **scorers; /* [n_workers] */
    size_t n_workers, n_numbers;
    const char *extras[2]; /* the target's key, where the model has one; that of groups */
    size_t n_extras;
    double *values;  /* [n_rows] of one figure of the new texts */
    uint32_t *group; /* [n_rows] of the new texts */
    size_t n_groups;
};

/* Of each document: the quantities in their order, then 1 or 0 for every label. */
static int measure_document(void *context, size_t worker, const struct document *doc,
                            float *numbers, sikap_error *err)
{
    const struct measuring *s = context;
    const sikap_model *m = s->model;
    const size_t target = m->target_key != NULL ? score_target(m, &doc->extras[0]) : 0;
    const size_t n_quantities = REFERENCE_UNCERTAINTY + m->n_fields;
    float *scores = memory_alloc(m->n_labels, sizeof *scores);
    unsigned char *chosen = memory_alloc(m->n_labels, 1);
    int status = scores == NULL || chosen == NULL ? error_memory(err, "scores") : 0;
    if (status == 0)
        status = score_document(s->scorers[worker], doc->segments, target, scores, err);
    if (status == 0) {
        size_t n_words = 0;
        for (size_t i = 0; i < doc->n_segments; i++)
            if (doc->segments[i].bytes != NULL)
                n_words += passage_words(doc->segments[i].bytes, doc->segments[i].n);
        numbers[REFERENCE_UNKNOWN] = (float)score_unknown_share(s->scorers[worker]);
        numbers[REFERENCE_WORDS] = (float)n_words;
        for (size_t f = 0; f < m->n_fields; f++)
            numbers[REFERENCE_UNCERTAINTY + f] = (float)reference_uncertainty(m, f, scores);
        sikap_choose(m, scores, chosen);
        for (size_t l = 0; l < m->n_labels; l++)
            numbers[n_quantities + l] = (float)chosen[l];
    }
    memory_free(scores);
    memory_free(chosen);
    return status;
}

static int read_texts(struct measuring *s, struct collection **out, const char *const *paths,
                      size_t n_paths, sikap_error *err)
{
    const struct corpus_request wanted = {.wants_text = 1};
    const struct collect_request request = {.corpus = &s->corpus,
                                            .features = &s->model->features,
                                            .request = &wanted,
                                            .extras = s->extras,
                                            .n_extras = s->n_extras,
                                            .vocabulary = s->model->vocabulary,
                                            .visit = measure_document,
                                            .visit_context = s,
                                            .n_visited = s->n_numbers};
    int status = collect(out, paths, n_paths, &request, s->pool, s->watch, err);
    if (status == 0 && (*out)->n_rows == 0)
        status = error_set(err, SIKAP_DATA, paths[0], 0, "no usable document");
    return status;
}

/* What a model would keep, had it been trained on these texts. */
static int reference_of(struct model_reference **out, const struct measuring *s,
                        const struct collection *c, sikap_error *err)
{
    const sikap_model *m = s->model;
    int status = reference_new(out, (uint32_t)c->n_rows, m->n_fields, m->n_labels, err);
    float *values = memory_alloc(c->n_rows, sizeof *values);
    if (status == 0 && values == NULL)
        status = error_memory(err, "reference");
    for (size_t q = 0; status == 0 && q < (*out)->n_quantities; q++) {
        for (size_t row = 0; row < c->n_rows; row++)
            values[row] = c->visited[row * s->n_numbers + q];
        reference_fit(&(*out)->quantities[q], values, c->n_rows);
    }
    for (size_t i = 0; status == 0 && i < c->n_rows * m->n_labels; i++)
        (*out)->given[i % m->n_labels] +=
            c->visited[i / m->n_labels * s->n_numbers + (*out)->n_quantities + i % m->n_labels] > 0;
    memory_free(values);
    return status;
}

/* ---- changes ---- */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static float number_of(const struct measuring *s, const struct collection *c, size_t row, size_t k)
{
    return c->visited[row * s->n_numbers + k];
}

/* How many documents count as one in a figure: of figures of one kind (labels; the others) none has
 * less than their mean, since few groups leave the single ones to chance. */
static int design_effects(double *effects, const struct measuring *s,
                          const struct model_reference *before, const struct collection *after,
                          sikap_error *err)
{
    const size_t n = before->n_quantities + before->n_labels;
    double mean[2] = {0, 0};
    int status = 0;
    for (size_t k = 0; k < n && status == 0; k++) {
        const int is_label = k >= before->n_quantities;
        for (size_t row = 0; row < after->n_rows; row++)
            s->values[row] = is_label ? (double)(number_of(s, after, row, k) > 0)
                                      : (double)reference_bin(&before->quantities[k],
                                                              number_of(s, after, row, k));
        status = two_sample_design_effect(&effects[k], s->values, s->group, after->n_rows,
                                          s->n_groups, err);
        mean[is_label] += effects[k] / (double)(is_label ? before->n_labels : before->n_quantities);
    }
    for (size_t k = 0; k < n && status == 0; k++)
        effects[k] = fmax(effects[k], mean[k >= before->n_quantities]);
    return status;
}

static void compare_quantity(struct drift_change *change, const struct measuring *s,
                             const struct model_reference *before, const struct collection *after,
                             size_t q, double design_effect)
{
    const size_t n = after->n_rows;
    const struct reference_quantity *r = &before->quantities[q];
    uint32_t counts[REFERENCE_BINS] = {0};
    for (size_t row = 0; row < n; row++) {
        s->values[row] = (double)number_of(s, after, row, q);
        counts[reference_bin(r, number_of(s, after, row, q))]++;
    }
    qsort(s->values, n, sizeof *s->values, by_size);
    const struct two_sample t = two_sample_bins(r->counts, counts, REFERENCE_BINS, design_effect);
    *change = (struct drift_change){
        .kind = q < REFERENCE_UNCERTAINTY ? (enum drift_kind)q : DRIFT_UNCERTAINTY,
        .index = q < REFERENCE_UNCERTAINTY ? 0 : q - REFERENCE_UNCERTAINTY,
        .before = (double)r->edges[REFERENCE_EDGES / 2],
        .after = s->values[n / 2 - (n > 1)] /* the edge's place */,
        .effect = t.effect,
        .p = t.p};
}

static void compare_label(struct drift_change *change, const struct measuring *s,
                          const struct model_reference *before, const struct collection *after,
                          size_t l, double design_effect)
{
    uint64_t k[2] = {before->given[l], 0};
    const uint64_t n[2] = {before->n_documents, after->n_rows};
    for (size_t row = 0; row < after->n_rows; row++)
        k[1] += number_of(s, after, row, before->n_quantities + l) > 0;
    const struct two_sample t = two_sample_rates(k, n, design_effect);
    *change = (struct drift_change){.kind = DRIFT_LABEL,
                                    .index = l,
                                    .before = (double)k[0] / (double)n[0],
                                    .after = (double)k[1] / (double)n[1],
                                    .effect = t.effect,
                                    .p = t.p};
}

static int by_effect(const void *a, const void *b)
{
    const struct drift_change *x = a, *y = b;
    if (fabs(x->effect) != fabs(y->effect))
        return fabs(x->effect) > fabs(y->effect) ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* A model that is surer of new texts is no cause for alarm, and a little surer it always is: it has
 * learnt from more texts than those that made its reference. */
static int matters(const struct drift_change *c)
{
    return c->kind == DRIFT_UNCERTAINTY ? c->effect >= DRIFT_LEAST_EFFECT
                                        : fabs(c->effect) >= DRIFT_LEAST_EFFECT;
}

static int correct(struct sikap_drift *d, sikap_error *err)
{
    double *p = memory_alloc(d->n_changes, sizeof *p);
    if (p == NULL)
        return error_memory(err, "drift");
    for (size_t i = 0; i < d->n_changes; i++)
        p[i] = d->changes[i].p;
    const int status = significance_holm(p, d->n_changes, err);
    for (size_t i = 0; i < d->n_changes && status == 0; i++) {
        d->changes[i].p = p[i];
        d->changes[i].is_notable = p[i] < DRIFT_LEVEL && matters(&d->changes[i]);
    }
    memory_free(p);
    return status;
}

/* Which of the new texts belong together. */
static int find_groups(struct measuring *s, const struct collection *after, sikap_error *err)
{
    s->values = memory_alloc(after->n_rows, sizeof *s->values);
    s->n_groups = collection_groups(&after->extras[s->n_extras - 1], after->n_rows, &s->group);
    if (s->values == NULL || s->group == NULL)
        return error_memory(err, "drift");
    if (s->options.group != NULL && after->extras[s->n_extras - 1].names.n == 0)
        return error_set(err, SIKAP_DATA, NULL, 0, "--group: no document has the key '%.100s'",
                         s->options.group);
    return 0;
}

static int compare_all(struct sikap_drift *d, struct measuring *s,
                       const struct model_reference *before, const struct collection *after,
                       sikap_error *err)
{
    int status = find_groups(s, after, err);
    d->n_before = before->n_documents;
    d->n_after = after->n_rows;
    d->n_groups = s->n_groups;
    d->read = after->read;
    d->n_quantities = before->n_quantities;
    d->n_changes = before->n_quantities + before->n_labels;
    d->changes = memory_zero(d->n_changes, sizeof *d->changes);
    double *effects = memory_alloc(d->n_changes, sizeof *effects);
    if (status == 0 && (d->changes == NULL || effects == NULL))
        status = error_memory(err, "drift");
    if (status == 0)
        status = design_effects(effects, s, before, after, err);
    for (size_t q = 0; q < d->n_quantities && status == 0; q++)
        compare_quantity(&d->changes[q], s, before, after, q, effects[q]);
    for (size_t l = 0; l < before->n_labels && status == 0; l++)
        compare_label(&d->changes[d->n_quantities + l], s, before, after, l,
                      effects[d->n_quantities + l]);
    memory_free(effects);
    if (status == 0)
        status = correct(d, err);
    if (status == 0 && before->n_labels > 0)
        qsort(d->changes + d->n_quantities, before->n_labels, sizeof *d->changes, by_effect);
    return status;
}

static int start(struct measuring *s, const sikap_options *options, sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table, &table, NULL};
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &corpus_option_table, &s->corpus, err);
    if (status == 0)
        status = options_read(options, &table, &s->options, err);
    if (status == 0 && s->options.against.n == 0 && s->model->reference == NULL)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "the model keeps nothing of its training texts to compare with (an "
                           "older model, or one without cross-validation): name texts with "
                           "--against, or train it again");
    if (status == 0)
        status = pool_new(&s->pool, s->options.threads, err);
    if (status != 0)
        return status;
    if (s->model->target_key != NULL)
        s->extras[s->n_extras++] = s->model->target_key;
    s->extras[s->n_extras++] = s->options.group == NULL ? "group" : s->options.group;
    s->n_workers = pool_n_threads(s->pool);
    s->scorers = memory_zero(s->n_workers, sizeof *s->scorers);
    if (s->scorers == NULL)
        return error_memory(err, "drift");
    for (size_t w = 0; w < s->n_workers && status == 0; w++)
        status = sikap_scorer_new(&s->scorers[w], s->model, err);
    return status;
}

static void end(struct measuring *s)
{
    for (size_t w = 0; s->scorers != NULL && w < s->n_workers; w++)
        sikap_scorer_free(s->scorers[w]);
    memory_free(s->scorers);
    memory_free(s->values);
    memory_free(s->group);
    pool_free(s->pool);
    option_clear(&corpus_option_table, &s->corpus);
    option_clear(&table, &s->options);
}

int sikap_drift_measure(sikap_drift **out, const sikap_model *model, const char *const *paths,
                        size_t n_paths, const sikap_options *options, const sikap_watch *watch,
                        sikap_error *err)
{
    *out = NULL;
    struct measuring s = {.model = model,
                          .watch = watch,
                          .n_numbers = REFERENCE_UNCERTAINTY + model->n_fields + model->n_labels};
    struct collection *old = NULL, *new = NULL;
    struct model_reference *own = NULL;
    sikap_drift *d = memory_zero(1, sizeof *d);
    int status = d == NULL ? error_memory(err, "drift") : start(&s, options, err);
    const struct option_list *against = &s.options.against;
    if (status == 0 && against->n > 0) {
        status = read_texts(&s, &old, (const char *const *)against->items, against->n, err);
        if (status == 0)
            status = reference_of(&own, &s, old, err);
    }
    if (status == 0)
        status = read_texts(&s, &new, paths, n_paths, err);
    if (status == 0) {
        d->model = model;
        d->against_texts = own != NULL;
        status = compare_all(d, &s, own != NULL ? own : model->reference, new, err);
    }
    reference_free(own);
    collection_free(old);
    collection_free(new);
    end(&s);
    if (status != 0) {
        sikap_drift_free(d);
        d = NULL;
    }
    *out = d;
    return status;
}

void sikap_drift_free(sikap_drift *d)
{
    if (d == NULL)
        return;
    memory_free(d->changes);
    memory_free(d);
}

double sikap_drift_p(const sikap_drift *d)
{
    double least = 1;
    for (size_t i = 0; i < d->n_changes; i++)
        if (matters(&d->changes[i]) && d->changes[i].p < least)
            least = d->changes[i].p;
    return least;
}
