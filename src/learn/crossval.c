/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-validation that repeats inside each fold every choice that training makes: document
 * frequencies, thresholds and calibration are learnt on the training part alone (thresholds by an
 * inner cross-validation), and each document is labelled once in each repeat, by a model that has
 * seen neither it nor its group nor its near-duplicates. */
#include "learn/crossval.h"

#include <string.h>

#include "base/memory.h"
#include "learn/out_of_fold.h"
#include "learn/prune.h"
#include "sikap_train.h"

/* The part of a collection and its tasks that one outer fold learns from, as views with the other
 * rows not annotated: the inner folds then neither learn from them nor count them. */
struct masked {
    struct collection c;
    struct tasks tasks;
};

static void masked_free(struct masked *m)
{
    for (size_t f = 0; m->c.fields != NULL && f < m->c.n_fields; f++)
        memory_free(m->c.fields[f].annotated);
    memory_free(m->c.fields);
    memory_free(m->tasks.targets);
}

static int masked_new(struct masked *m, const struct training *t, const struct folds *folds,
                      size_t fold, sikap_error *err)
{
    const struct collection *c = t->collection;
    const size_t cells = c->n_rows * t->tasks->n_tasks;
    m->c = *c;
    m->tasks = *t->tasks;
    m->c.fields = memory_zero(c->n_fields, sizeof *m->c.fields);
    m->tasks.targets = memory_alloc(cells, 1);
    int failed = m->c.fields == NULL || m->tasks.targets == NULL;
    for (size_t f = 0; !failed && f < c->n_fields; f++) {
        m->c.fields[f] = c->fields[f];
        m->c.fields[f].annotated = memory_alloc(c->n_rows, 1);
        failed = m->c.fields[f].annotated == NULL;
        for (size_t i = 0; !failed && i < c->n_rows; i++)
            m->c.fields[f].annotated[i] =
                i < c->n_labelled && c->fields[f].annotated[i] && folds_trains(folds, fold, i);
    }
    if (failed)
        return error_memory(err, "cross-validation");
    memcpy(m->tasks.targets, t->tasks->targets, cells);
    for (size_t i = 0; i < c->n_labelled; i++)
        if (!folds_trains(folds, fold, i))
            memset(m->tasks.targets + i * t->tasks->n_tasks, 0, t->tasks->n_tasks);
    return 0;
}

/* Thresholds and calibration for the model that is tested on `fold`. */
static int decide_fold(struct crossval *v, sikap_model *m, const struct folds *outer, size_t fold,
                       sikap_error *err)
{
    struct masked masked = {0};
    struct folds inner = {0};
    int status = masked_new(&masked, &v->t, outer, fold, err);
    if (status == 0)
        status = crossval_inner_folds(&inner, v, outer, fold, err);
    if (status == 0)
        status = out_of_fold_scores(v->inner, &masked.c, &masked.tasks, &inner, &v->t.settings,
                                    v->t.pool, v->t.watch, err);
    if (status == 0) {
        struct training view = v->t;
        view.collection = &masked.c;
        view.tasks = &masked.tasks;
        status = training_fit_decisions(&view, m, &inner, v->inner, err);
    }
    memory_free(inner.of);
    masked_free(&masked);
    return status;
}

static void label_fold(struct crossval *v, const sikap_model *m, const struct folds *folds,
                       size_t fold, size_t repeat)
{
    const size_t n = v->t.tasks->n_tasks, model = repeat * v->n_folds + fold;
    memcpy(v->thresholds + model * n, m->threshold, n * sizeof *v->thresholds);
    for (size_t i = 0; i < v->n_documents; i++) {
        if (!folds_tests(folds, fold, i))
            continue;
        const size_t row = repeat * v->n_documents + i;
        v->fold[row] = (uint32_t)model;
        sikap_choose(m, v->scores + row * n, v->chosen + row * n);
        sikap_probabilities(m, v->scores + row * n, v->probabilities + row * n);
    }
}

static int run_repeat(struct crossval *v, sikap_model *m, size_t repeat, sikap_error *err)
{
    struct folds *folds = NULL;
    int status = crossval_folds(&folds, v, repeat, err);
    if (status != 0)
        return status;
    float *scores = v->scores + repeat * v->n_documents * v->t.tasks->n_tasks;
    status = out_of_fold_scores(scores, v->t.collection, v->t.tasks, folds, &v->t.settings,
                                v->t.pool, v->t.watch, err);
    const int learns = training_learns_decisions(&v->t, m);
    for (size_t fold = 0; status == 0 && fold < folds->n_folds; fold++) {
        status = learns ? decide_fold(v, m, folds, fold, err)
                        : training_fit_decisions(&v->t, m, NULL, NULL, err);
        if (status == 0)
            label_fold(v, m, folds, fold, repeat);
    }
    if (status == 0 && v->nearest != NULL)
        crossval_find_leaks(v, folds, repeat);
    folds_free(folds);
    return status;
}

static int crossval_alloc(struct crossval *v, sikap_error *err)
{
    const size_t n_tasks = v->t.tasks->n_tasks, n_folds = v->t.settings.train.folds;
    v->n_repeats = v->t.settings.crossval.repeats;
    v->n_documents = v->t.collection->n_labelled; /* nobody judges the unlabelled ones */
    v->n_rows = v->n_repeats * v->n_documents;
    v->n_folds = n_folds;
    if (v->n_repeats * n_folds > UINT32_MAX / 2 || v->n_rows > SIZE_MAX / 16 / n_tasks)
        return error_memory(err, "cross-validation");
    v->scores = memory_zero(v->n_rows * n_tasks, sizeof *v->scores);
    v->probabilities = memory_zero(v->n_rows * n_tasks, sizeof *v->probabilities);
    v->chosen = memory_zero(v->n_rows * n_tasks, 1);
    v->fold = memory_alloc(v->n_rows, sizeof *v->fold);
    v->thresholds = memory_zero(v->n_repeats * n_folds * n_tasks, sizeof *v->thresholds);
    v->inner = memory_zero(v->n_documents * n_tasks, sizeof *v->inner);
    if (v->t.near != NULL)
        v->nearest = memory_zero(v->n_rows, sizeof *v->nearest);
    if (v->scores == NULL || v->probabilities == NULL || v->chosen == NULL || v->fold == NULL ||
        v->thresholds == NULL || v->inner == NULL || (v->t.near != NULL && v->nearest == NULL))
        return error_memory(err, "cross-validation");
    for (size_t row = 0; row < v->n_rows; row++)
        v->fold[row] = FOLDS_NEVER;
    return 0;
}

int sikap_crossval(sikap_evaluation **out, const char *const *paths, size_t n_paths,
                   const sikap_options *options, const sikap_watch *watch, sikap_write *predictions,
                   void *context, sikap_error *err)
{
    *out = NULL;
    struct crossval v = {.n_repeats = 0};
    sikap_model *m = NULL;
    int status = training_start(&v.t, &(struct training_request){.purpose = TRAINING_CROSSVAL},
                                paths, n_paths, options, watch, err);
    if (status == 0)
        status = model_new(&m, err);
    if (status == 0)
        status = training_copy_labels(&v.t, m, err);
    if (status == 0)
        status = prune_choose(&v.t, err);
    if (status == 0)
        status = crossval_alloc(&v, err);
    for (size_t repeat = 0; status == 0 && repeat < v.n_repeats; repeat++)
        status = run_repeat(&v, m, repeat, err);
    if (status == 0 && predictions != NULL)
        status = crossval_write(&v, m, predictions, context, err);
    if (status == 0)
        status = crossval_evaluate(out, &v, m, err);
    memory_free(v.scores);
    memory_free(v.inner);
    memory_free(v.probabilities);
    memory_free(v.chosen);
    memory_free(v.fold);
    memory_free(v.thresholds);
    memory_free(v.nearest);
    sikap_model_free(m);
    training_end(&v.t);
    return status;
}
