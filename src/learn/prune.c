/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/prune.h"

#include "base/memory.h"
#include "learn/out_of_fold.h"

enum { LEAST_TERMS = 1000 };
#define MAY_LOSE 0.002

int prune_merit(double *merit, const struct design *d, const uint32_t *rows, size_t n_rows,
                const float *weights, size_t n_terms, size_t n_tasks, sikap_error *err)
{
    double *square = memory_zero(d->x.n_columns, sizeof *square);
    if (square == NULL)
        return error_memory(err, "pruning");
    for (size_t i = 0; i < (rows == NULL ? d->x.n_rows : n_rows); i++) {
        const size_t row = rows == NULL ? i : rows[i];
        for (size_t j = d->x.start[row]; j < d->x.start[row + 1]; j++)
            square[d->x.columns[j]] += (double)d->x.values[j] * (double)d->x.values[j];
    }
    for (size_t t = 0; t < n_terms; t++)
        merit[t] = 0;
    for (size_t k = 0; k < n_terms * (d->n_domains + 1); k++) {
        double sum = 0;
        for (size_t l = 0; l < n_tasks; l++)
            sum += (double)weights[k * n_tasks + l] * (double)weights[k * n_tasks + l];
        merit[k % n_terms] += sum * square[k];
    }
    memory_free(square);
    return 0;
}

/* ---- --prune auto ---- */

/* Of documents with exactly one label the best score is it: the share that is right. */
static double accuracy(const struct field_scores *s)
{
    size_t n_right = 0;
    for (size_t i = 0; i < s->n; i++) {
        const float *scores = s->scores + i * s->n_labels;
        size_t best = 0;
        for (size_t l = 1; l < s->n_labels; l++)
            best = scores[l] > scores[best] ? l : best;
        n_right += s->n_labels > 0 && s->gold[i * s->n_labels + best] != 0;
    }
    return s->n > 0 ? (double)n_right / (double)s->n : 0;
}

static double micro_f1(const struct field_scores *s, double threshold)
{
    size_t tp = 0, given = 0, n_gold = 0;
    for (size_t k = 0; k < s->n * s->n_labels; k++) {
        const int chosen = (double)s->scores[k] >= threshold;
        given += (size_t)chosen;
        n_gold += s->gold[k] != 0;
        tp += chosen && s->gold[k] != 0;
    }
    return given + n_gold > 0 ? 2 * (double)tp / (double)(given + n_gold) : 0;
}

/* What a field is worth out of fold; thresholds that are learnt are judged where they were not. */
static int field_worth(double *worth, const struct training *t, const struct folds *folds,
                       const float *scores, size_t f, sikap_error *err)
{
    const struct train_settings *settings = &t->settings;
    struct field_scores s;
    int status = field_scores_new(&s, t, folds, scores, f, err);
    if (status == 0 && t->collection->fields[f].is_multi && settings->learns_threshold) {
        const struct threshold_input input = {s.scores, s.n_labels, s.gold,        s.fold,
                                              s.n,      s.n_labels, folds->n_folds};
        struct threshold_result result = {0};
        float *thresholds = memory_alloc(s.n_labels, sizeof *thresholds);
        status = thresholds == NULL
                     ? error_memory(err, "thresholds")
                     : threshold_learn(thresholds, &input, settings->scheme,
                                       (enum threshold_objective)settings->train.objective, &result,
                                       err);
        *worth = result.micro_f1;
        memory_free(thresholds);
    } else if (status == 0) {
        *worth = t->collection->fields[f].is_multi ? micro_f1(&s, settings->fixed_threshold)
                                                   : accuracy(&s);
    }
    field_scores_free(&s);
    return status;
}

/* The worth of every field with `n` terms, 0 being all. */
static int judge(double *worth, struct training *t, const struct folds *folds, float *scores,
                 size_t n, sikap_error *err)
{
    t->settings.prune = n;
    int status = out_of_fold_scores(scores, t->collection, t->tasks, folds, &t->settings, t->pool,
                                    t->watch, err);
    for (size_t f = 0; f < t->tasks->n_fields && status == 0; f++)
        status = field_worth(&worth[f], t, folds, scores, f, err);
    return status;
}

int prune_choose(struct training *t, const struct folds *folds, sikap_error *err)
{
    if (!t->settings.prunes_auto)
        return 0;
    const size_t n_fields = t->tasks->n_fields;
    struct folds *own = NULL;
    float *scores = memory_zero(t->collection->n_rows * t->tasks->n_tasks, sizeof *scores);
    double *all = memory_zero(2 * n_fields, sizeof *all);
    int status = scores == NULL || all == NULL ? error_memory(err, "pruning") : 0;
    if (status == 0 && folds == NULL)
        status = out_of_fold_folds(&own, t->tasks, &t->groups, t->settings.train.folds,
                                   t->settings.train.seed, 0, err);
    folds = folds == NULL ? own : folds;
    if (status == 0)
        status = judge(all, t, folds, scores, 0, err);
    size_t best = 0;
    for (size_t n = t->collection->vocabulary->n_terms / 2; status == 0 && n >= LEAST_TERMS;
         n /= 2) {
        double *worth = all + n_fields;
        status = judge(worth, t, folds, scores, n, err);
        int loses = 0;
        for (size_t f = 0; f < n_fields; f++)
            loses |= worth[f] < all[f] - MAY_LOSE;
        if (loses)
            break;
        best = n;
    }
    t->settings.prune = best;
    folds_free(own);
    memory_free(scores);
    memory_free(all);
    return status;
}
