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

static int run_fold(struct crossval *v, sikap_model *m, const struct folds *folds, size_t fold,
                    size_t repeat, sikap_error *err)
{
    struct crossval_part part;
    float *scores = v->scores + repeat * v->n_documents * v->t.tasks->n_tasks;
    int status = crossval_part_open(&part, v, m, folds, fold, repeat, err);
    struct training *t = &part.view;
    const int learns = status == 0 && training_learns_decisions(t, m);
    if (status == 0)
        status = prune_choose(t, &part.inner, err);
    if (status == 0)
        status = out_of_fold_score_one(scores, t->collection, t->tasks, folds, fold, &t->settings,
                                       t->pool, NULL, err);
    if (status == 0 && learns)
        status = out_of_fold_scores(v->inner, t->collection, t->tasks, &part.inner, &t->settings,
                                    t->pool, t->watch, err);
    if (status == 0)
        status = training_fit_decisions(t, m, learns ? &part.inner : NULL, v->inner, err);
    if (status == 0)
        label_fold(v, m, folds, fold, repeat);
    crossval_part_close(&part);
    v->progress.done++;
    v->progress.furthest = 0;
    return status;
}

static int run_repeat(struct crossval *v, sikap_model *m, size_t repeat, sikap_error *err)
{
    struct folds *folds = NULL;
    int status = crossval_folds(&folds, v, repeat, err);
    for (size_t fold = 0; status == 0 && fold < folds->n_folds; fold++)
        status = run_fold(v, m, folds, fold, repeat, err);
    if (status == 0 && v->nearest != NULL)
        crossval_find_leaks(v, folds, repeat);
    folds_free(folds);
    return status;
}

/* Steps of a fold become parts of the whole; reading the corpus again is passed over. */
static void tell_progress(void *context, const char *stage, size_t done, size_t total)
{
    enum { STEPS = 100 };
    struct crossval_progress *p = context;
    const int counts = strcmp(stage, "tuning") == 0 || strcmp(stage, "cross-validating") == 0;
    const double share = counts && total > 0 ? (double)done / (double)total : 0;
    p->furthest = share > p->furthest && share < 1 ? share : p->furthest;
    p->watch->progress(p->watch->context, "cross-validating",
                       p->done * STEPS + (size_t)(p->furthest * STEPS), p->n * STEPS);
}

static int is_stopped(void *context)
{
    const struct crossval_progress *p = context;
    return p->watch->stopped(p->watch->context);
}

/* How it is to be done: folds, effort, who looks on. */
static int prepare(struct crossval *v, const char *const *paths, size_t n_paths,
                   const sikap_options *options, const sikap_watch *watch, sikap_error *err)
{
    static option_getter *const library[] = {sikap_corpus_option, sikap_train_option, NULL};
    const char *how = v->t.settings.crossval.tune;
    v->paths = paths;
    v->n_paths = n_paths;
    v->n_folds = v->t.settings.train.folds;
    v->n_repeats = v->t.settings.crossval.repeats;
    v->progress = (struct crossval_progress){watch, 0, v->n_repeats * v->n_folds, 0};
    v->inside.context = &v->progress;
    if (watch != NULL && watch->progress != NULL)
        v->inside.progress = tell_progress;
    if (watch != NULL && watch->stopped != NULL)
        v->inside.stopped = is_stopped;
    v->effort.level = 0;
    if (how == NULL)
        return 0;
    v->tuning.effort = memory_string(how);
    int status = v->tuning.effort == NULL ? error_memory(err, "cross-validation")
                                          : tune_effort_parse(&v->effort, how, err);
    return status != 0 ? status : options_among(&v->given, options, library, err);
}

static int crossval_alloc(struct crossval *v, sikap_error *err)
{
    const size_t n_tasks = v->t.tasks->n_tasks, n_folds = v->n_folds;
    v->n_documents = v->t.collection->n_labelled; /* nobody judges the unlabelled ones */
    v->n_rows = v->n_repeats * v->n_documents;
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

static void crossval_clear(struct crossval *v)
{
    memory_free(v->scores);
    memory_free(v->inner);
    memory_free(v->probabilities);
    memory_free(v->chosen);
    memory_free(v->fold);
    memory_free(v->thresholds);
    memory_free(v->nearest);
    evaluation_tuning_free(&v->tuning);
    sikap_options_free(v->given);
    training_end(&v->t);
}

/* Whether the corpus can be read as often as --tune needs: told before it is read at all. */
static int check_paths(const char *const *paths, size_t n_paths, const sikap_options *options,
                       sikap_error *err)
{
    return options_have(options, SIZE_MAX, "tune") ? tune_check_paths(paths, n_paths, err) : 0;
}

int sikap_crossval(sikap_evaluation **out, const char *const *paths, size_t n_paths,
                   const sikap_options *options, const sikap_watch *watch, sikap_write *predictions,
                   void *context, sikap_error *err)
{
    *out = NULL;
    struct crossval v = {.n_repeats = 0};
    sikap_model *m = NULL;
    int status = check_paths(paths, n_paths, options, err);
    if (status == 0)
        status = training_start(&v.t, &(struct training_request){.purpose = TRAINING_CROSSVAL},
                                paths, n_paths, options, watch, err);
    if (status == 0)
        status = prepare(&v, paths, n_paths, options, watch, err);
    if (status == 0)
        status = model_new(&m, err);
    if (status == 0)
        status = training_copy_labels(&v.t, m, err);
    if (status == 0)
        status = crossval_alloc(&v, err);
    for (size_t repeat = 0; status == 0 && repeat < v.n_repeats; repeat++)
        status = run_repeat(&v, m, repeat, err);
    if (status == 0 && v.effort.level > 0)
        status = crossval_judge_tuning(&v, m, err);
    if (status == 0 && predictions != NULL)
        status = crossval_write(&v, m, predictions, context, err);
    if (status == 0)
        status = crossval_evaluate(out, &v, m, err);
    sikap_model_free(m);
    crossval_clear(&v);
    return status;
}
