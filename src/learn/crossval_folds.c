/* SPDX-License-Identifier: Apache-2.0 */
/* Which fold tests a document: balanced folds that keep groups and near-duplicates whole, or, with
 * --time, the future behind the past. */
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/number.h"
#include "learn/crossval.h"
#include "learn/out_of_fold.h"

/* ---- time ---- */

/* Bits of a double in an order that is its own, as a whole number. */
static int64_t order_of(double v)
{
    int64_t bits;
    v += 0.0; /* -0 is 0 */
    memcpy(&bits, &v, sizeof bits);
    return bits >= 0 ? bits : INT64_MIN - bits;
}

static int parse_moment(int64_t *out, const char *text, int as_number)
{
    double v;
    if (!as_number)
        return date_parse(out, text, strlen(text));
    if (number_parse(&v, text, strlen(text)) != 0 || v != v)
        return -1;
    *out = order_of(v);
    return 0;
}

/* All values are dates, or all are numbers: time[row] of every document. */
static int parse_times(int64_t *time, const struct collection *c,
                       const struct collection_extra *key, sikap_error *err)
{
    size_t n_missing = 0, missing = 0;
    for (size_t row = c->n_labelled; row-- > 0;)
        if (key->value[row] == NAMES_FULL) {
            n_missing++;
            missing = row;
        }
    if (n_missing > 0)
        return error_set(err, SIKAP_DATA, NULL, 0,
                         "--time: %zu of %zu documents have no '%s', the first is '%.100s'",
                         n_missing, c->n_labelled, key->name, c->ids.items[missing]);
    size_t bad = 0;
    for (int as_number = 0; as_number < 2; as_number++) {
        size_t row = 0;
        while (row < c->n_labelled &&
               parse_moment(&time[row], key->names.items[key->value[row]], as_number) == 0)
            row++;
        if (row == c->n_labelled)
            return 0;
        bad = row > bad ? row : bad;
    }
    return error_set(err, SIKAP_DATA, NULL, 0,
                     "--time: '%.60s' of document '%.100s' is neither a date (2021-05-31, "
                     "2021-05-31T10:00:00Z, 2021) nor a number like the others",
                     key->names.items[key->value[bad]], c->ids.items[bad]);
}

static int forward_folds(struct folds **out, const struct crossval *v, sikap_error *err)
{
    const struct training *t = &v->t;
    const struct collection *c = t->collection;
    int64_t *time = memory_alloc(c->n_labelled, sizeof *time);
    if (time == NULL)
        return error_memory(err, "folds");
    const struct folds_request request = {.n_documents = c->n_labelled,
                                          .n_folds = t->settings.train.folds};
    int status = parse_times(time, c, &t->time, err);
    if (status == 0)
        status = folds_forward(out, time, &request, err);
    memory_free(time);
    return status;
}

int crossval_folds(struct folds **out, const struct crossval *v, size_t repeat, sikap_error *err)
{
    const struct training *t = &v->t;
    *out = NULL;
    return t->settings.crossval.time != NULL
               ? forward_folds(out, v, err)
               : out_of_fold_folds(out, t->tasks, &t->groups, t->settings.train.folds,
                                   t->settings.train.seed, repeat, err);
}

/* ---- inner folds ---- */

/* As training would cut what is older than the tested block. */
static int past_folds(struct folds *inner, const struct crossval *v, const struct folds *outer,
                      size_t fold, sikap_error *err)
{
    const struct training *t = &v->t;
    uint32_t *rows = memory_alloc(v->n_documents, sizeof *rows);
    if (rows == NULL)
        return error_memory(err, "folds");
    size_t n = 0;
    for (size_t i = 0; i < v->n_documents; i++) {
        inner->of[i] = FOLDS_NEVER;
        if (folds_trains(outer, fold, i))
            rows[n++] = (uint32_t)i;
    }
    struct folds *past = NULL;
    int status = out_of_fold_part(&past, t->tasks, &t->groups, rows, n, t->settings.train.folds,
                                  t->settings.train.seed, err);
    if (status == 0) {
        inner->n_folds = past->n_folds;
        for (size_t k = 0; k < n; k++)
            inner->of[rows[k]] = past->of[k];
    }
    folds_free(past);
    memory_free(rows);
    return status;
}

int crossval_inner_folds(struct folds *inner, const struct crossval *v, const struct folds *outer,
                         size_t fold, sikap_error *err)
{
    *inner = *outer;
    inner->forward = 0;
    inner->of = memory_alloc(outer->n_documents, sizeof *inner->of);
    if (inner->of == NULL)
        return error_memory(err, "folds");
    if (outer->forward)
        return past_folds(inner, v, outer, fold, err);
    for (size_t i = 0; i < outer->n_documents; i++)
        inner->of[i] = outer->of[i] == fold  ? FOLDS_NEVER
                       : outer->of[i] > fold ? outer->of[i] - 1
                                             : outer->of[i];
    inner->n_folds--;
    return inner->n_folds < 2 ? error_set(err, SIKAP_USAGE, NULL, 0,
                                          "--folds: what is learnt inside a fold needs at least 3")
                              : 0;
}

/* ---- near-duplicates across folds ---- */

static int is_learnt_for(const void *context, size_t row, size_t other)
{
    const struct folds *folds = context;
    const uint32_t fold = folds->of[row];
    return fold != FOLDS_NEVER && folds_trains(folds, fold, other);
}

void crossval_find_leaks(struct crossval *v, const struct folds *folds, size_t repeat)
{
    near_duplicates_nearest(v->nearest + repeat * v->n_documents, v->t.near,
                            &v->t.collection->shingles, is_learnt_for, folds, v->t.pool);
}
