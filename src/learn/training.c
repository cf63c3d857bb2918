/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning that training, cross-validation and the matrix have in common: options, the corpus
 * read once, tasks, and what must stay together when folds are cut. */
#include "learn/training.h"

#include <string.h>

#include "base/memory.h"
#include "learn/out_of_fold.h"

/* What belongs together in folds. A model that learns no thresholds and no probabilities is spared
 * the search. */
static int find_groups(struct training *t, sikap_error *err)
{
    struct collection *c = t->collection;
    const struct train_options *o = &t->settings.train;
    const struct collection_extra *key = c->extras[0].names.n > 0 ? &c->extras[0] : NULL;
    int status = 0;
    struct shingles labelled = c->shingles; /* a view: unlabelled texts are in no fold */
    labelled.n_rows = c->n_labelled;
    if (c->shingles.n_rows > 0)
        status = near_duplicates_new(&t->near, &labelled, o->similarity, t->pool, t->watch, err);
    return status != 0
               ? status
               : fold_groups_new(&t->groups, c->n_labelled, key,
                                 o->near_duplicates == NEAR_DUPLICATES_TOGETHER ? t->near : NULL,
                                 err);
}

static int wants_near_duplicates(const struct train_settings *s, enum training_purpose purpose)
{
    const int has_folds = s->learns_threshold || s->train.calibrate;
    return purpose == TRAINING_CROSSVAL || (purpose == TRAINING_MODEL && has_folds &&
                                            s->train.near_duplicates == NEAR_DUPLICATES_TOGETHER);
}

/* What training takes when the corpus is read, in bytes: the vocabulary; the weights of all labels
 * (rounded, and as learnt: whole or in the solver's units, in folds both); the matrix with its
 * values, and LIBLINEAR's copy; targets, dual variables, scores out of fold. */
static void set_limit(struct collect_limit *limit, const struct train_settings *s)
{
    struct solver_settings settings;
    const struct train_options *o = &s->train;
    const int has_folds = s->learns_threshold || o->calibrate;
    const int is_block = train_solver(o, 0, &settings) == block_train;
    *limit = (struct collect_limit){.max_memory = o->max_memory,
                                    .per_term = 60,
                                    .per_term_label = has_folds ? 10 : 6,
                                    .per_nonzero = is_block ? 16 : 32,
                                    .per_row = 200,
                                    .per_row_label = 16};
}

static void tell_raised_df(const struct training *t)
{
    if (t->collection->raised_df == 0 || t->watch == NULL || t->watch->problem == NULL)
        return;
    sikap_error note;
    error_set(&note, SIKAP_SYSTEM, NULL, 0,
              "--max-memory: terms in fewer than %u documents are left out",
              (unsigned)t->collection->raised_df);
    t->watch->problem(t->watch->context, &note);
}

/* The corpus, and behind it the unlabelled texts. */
static int collect_all(struct training *t, const char *const *paths, size_t n_paths,
                       struct collect_request *request, sikap_error *err)
{
    static const char *const standard_input[] = {"-"};
    const struct option_list *more = &t->settings.train.unlabeled;
    if (n_paths == 0 && more->n > 0) {
        paths = standard_input;
        n_paths = 1;
    }
    const char **all = memory_alloc(n_paths + more->n, sizeof *all);
    if (all == NULL)
        return error_memory(err, "corpus");
    for (size_t i = 0; i < n_paths + more->n; i++)
        all[i] = i < n_paths ? paths[i] : more->items[i - n_paths];
    request->n_unlabelled = more->n;
    const int status =
        collect(&t->collection, all, n_paths + more->n, request, t->pool, t->watch, err);
    memory_free(all);
    if (status == 0)
        tell_raised_df(t);
    return status;
}

static int read_corpus(struct training *t, const struct training_request *wants,
                       const char *const *paths, size_t n_paths, sikap_error *err)
{
    const struct train_settings *s = &t->settings;
    const char *extras[3] = {s->train.group == NULL ? "group" : s->train.group};
    size_t n_extras = 1;
    if (s->train.target != NULL)
        extras[n_extras++] = s->train.target;
    if (s->crossval.time != NULL)
        extras[n_extras++] = s->crossval.time;
    struct collect_limit limit;
    set_limit(&limit, s);
    struct collect_request request = {.limit = limit.max_memory > 0 ? &limit : NULL,
                                      .corpus = &s->corpus,
                                      .features = &s->features,
                                      .stop_words = t->stop_words,
                                      .extras = extras,
                                      .n_extras = n_extras,
                                      .visit = wants->visit,
                                      .visit_context = wants->context,
                                      .n_visited = wants->n_numbers,
                                      .counts_too = 1,
                                      .wants_shingles = wants->wants_shingles ||
                                                        wants_near_duplicates(s, wants->purpose)};
    const int status = collect_all(t, paths, n_paths, &request, err);
    if (status != 0)
        return status;
    struct collection *c = t->collection;
    /* The other extras mean something to those who learn: the time is none of their business. */
    if (s->crossval.time != NULL)
        t->time = c->extras[--c->n_extras];
    const char *file = n_paths > 0 ? paths[0] : NULL;
    if (c->n_labelled == 0)
        return error_set(err, SIKAP_DATA, file, 0, "no usable document");
    if (c->vocabulary->n_terms == 0)
        return error_set(err, SIKAP_DATA, file, 0,
                         "no term is left: lower --min-df or raise --max-df");
    if (s->train.target != NULL && c->extras[1].names.n == 0)
        return error_set(err, SIKAP_DATA, file, 0, "--target: no document has the key '%s'",
                         s->train.target);
    return 0;
}

int training_start(struct training *t, const struct training_request *wants,
                   const char *const *paths, size_t n_paths, const sikap_options *options,
                   const sikap_watch *watch, sikap_error *err)
{
    memset(t, 0, sizeof *t);
    t->watch = watch;
    int status =
        train_settings_parse(&t->settings, options, wants->purpose == TRAINING_CROSSVAL, err);
    if (status == 0)
        status = pool_new(&t->pool, t->settings.train.threads, err);
    if (status == 0)
        status = feature_stop_words(&t->settings.features, &t->stop_words, err);
    if (status == 0)
        status = read_corpus(t, wants, paths, n_paths, err);
    if (status == 0)
        status = training_select(t, err);
    if (status == 0)
        status = tasks_new(&t->tasks, t->collection, &t->settings.train, err);
    return status != 0 ? status : find_groups(t, err);
}

int training_out_of_fold(struct folds **folds, float **scores, struct training *t, sikap_error *err)
{
    const struct train_options *o = &t->settings.train;
    *folds = NULL;
    *scores = memory_zero(t->collection->n_rows * t->tasks->n_tasks, sizeof **scores);
    int status = *scores == NULL ? error_memory(err, "cross-validation") : 0;
    if (status == 0)
        status = out_of_fold_folds(folds, t->tasks, &t->groups, o->folds, o->seed, 0, err);
    if (status == 0)
        status = out_of_fold_scores(*scores, t->collection, t->tasks, *folds, &t->settings, t->pool,
                                    t->watch, err);
    if (status != 0) {
        folds_free(*folds);
        memory_free(*scores);
        *folds = NULL;
        *scores = NULL;
    }
    return status;
}

void training_end(struct training *t)
{
    names_free(&t->time.names);
    memory_free(t->time.value);
    near_duplicates_free(t->near);
    fold_groups_free(&t->groups);
    tasks_free(t->tasks);
    collection_free(t->collection);
    pool_free(t->pool);
    memory_free(t->stop_words);
    train_settings_clear(&t->settings);
}
