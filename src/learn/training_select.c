/* SPDX-License-Identifier: Apache-2.0 */
/* Three ways to keep fewer terms, each by a merit of its own: how often they occur, what they tell
 * of the labels, and what the weights make of them. */
#include "learn/training.h"

#include "base/memory.h"
#include "learn/out_of_fold.h"
#include "learn/prune.h"

/* The collection keeps the n terms of highest merit; of ties the first in the order of bytes. */
static int keep_best(struct training *t, const double *merit, size_t n, sikap_error *err)
{
    struct collection *c = t->collection;
    unsigned char *keep = memory_zero(c->vocabulary->n_terms, 1);
    int status = keep == NULL ? error_memory(err, "term selection") : 0;
    if (status == 0)
        status = selection_top(keep, merit, c->vocabulary, n, err);
    if (status == 0)
        status = collection_select(c, keep, err);
    memory_free(keep);
    return status;
}

/* Of what only unlabelled documents have, single words alone can get a weight, by way of latent
 * features. */
static int drop_unlabelled(struct training *t, sikap_error *err)
{
    struct collection *c = t->collection;
    const struct vocabulary *v = c->vocabulary;
    if (c->n_labelled == c->n_rows)
        return 0;
    unsigned char *keep = memory_zero(v->n_terms, 1);
    if (keep == NULL)
        return error_memory(err, "term selection");
    for (size_t j = 0; j < c->counts.start[c->n_labelled]; j++)
        keep[c->counts.columns[j]] = 1;
    for (size_t term = 0; term < v->n_terms; term++)
        keep[term] |= t->settings.train.lsa > 0 && design_is_word(v, term);
    const int status = collection_select(c, keep, err);
    memory_free(keep);
    return status;
}

/* The corpus was read before it was known how many documents it has. */
static int drop_out_of_range(struct training *t, sikap_error *err)
{
    struct collection *c = t->collection;
    const size_t longest = t->settings.features.ngrams[1];
    train_settings_fit(&t->settings, c->n_labelled);
    if (t->settings.features.ngrams[1] == longest)
        return 0;
    const struct vocabulary *v = c->vocabulary;
    unsigned char *keep = memory_alloc(v->n_terms, 1);
    if (keep == NULL)
        return error_memory(err, "term selection");
    for (size_t term = 0; term < v->n_terms; term++)
        keep[term] = (unsigned char)design_is_in_range(v, term, &t->settings.features);
    const int status = collection_select(c, keep, err);
    memory_free(keep);
    for (size_t row = 0; row < c->n_rows; row++)
        c->totals[row].all -= c->totals[row].longer;
    return status;
}

int training_select(struct training *t, sikap_error *err)
{
    int status = drop_out_of_range(t, err);
    if (status == 0)
        status = drop_unlabelled(t, err);
    if (status != 0)
        return status;
    const struct collection *c = t->collection;
    const size_t n_terms = c->vocabulary->n_terms, n = t->settings.features.max_features;
    if (n == 0 || n_terms <= n)
        return 0;
    double *total = memory_zero(n_terms, sizeof *total);
    if (total == NULL)
        return error_memory(err, "term selection");
    for (size_t j = 0; j < c->counts.start[c->n_rows]; j++)
        total[c->counts.columns[j]] += (double)c->counts.values[j];
    status = keep_best(t, total, n, err);
    memory_free(total);
    return status;
}

int training_select_best(struct training *t, sikap_error *err)
{
    const size_t n_terms = t->collection->vocabulary->n_terms, n = t->settings.n_best;
    if (t->settings.merit == MERIT_NONE || n_terms <= n)
        return 0;
    double *merit = memory_alloc(n_terms, sizeof *merit);
    if (merit == NULL)
        return error_memory(err, "term selection");
    int status = term_merit(merit, t->settings.merit, t->collection, t->tasks, NULL, 0, err);
    if (status == 0)
        status = keep_best(t, merit, n, err);
    memory_free(merit);
    return status;
}

/* The terms that move scores most on the training documents are kept. The model shrinks; what that
 * costs is in docs/RESULTS.md. */
int training_prune(struct training *t, sikap_error *err)
{
    struct collection *c = t->collection;
    const size_t n_terms = c->vocabulary->n_terms, n_tasks = t->tasks->n_tasks;
    const size_t n = t->settings.prune, n_columns = design_columns(c);
    if (n == 0 || n_terms <= n)
        return 0;
    struct design *d = NULL;
    const struct design_request all = design_request_of(&t->settings);
    int status = design_new(&d, c, &all, t->pool, err);
    float *weights = memory_aligned(n_columns * n_tasks, sizeof *weights);
    float *bias = memory_alloc(n_tasks, sizeof *bias);
    struct solution solution = {.weights = weights, .bias = bias};
    double *merit = memory_alloc(n_terms, sizeof *merit);
    if (status == 0 && (weights == NULL || bias == NULL || merit == NULL))
        status = error_memory(err, "pruning");
    if (status == 0)
        status = train_rows(d, t->tasks, NULL, 0, &t->settings.train, 1, t->pool, t->watch,
                            &solution, err);
    if (status == 0)
        status = prune_merit(merit, d, NULL, 0, weights, n_terms, n_tasks, err);
    if (status == 0)
        status = keep_best(t, merit, n, err);
    design_free(d);
    memory_free(weights);
    memory_free(bias);
    memory_free(merit);
    return status;
}
