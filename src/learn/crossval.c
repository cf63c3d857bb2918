/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-validation that repeats inside each fold every choice that training makes: document
 * frequencies, thresholds and calibration are learnt on the training part alone (thresholds by an
 * inner cross-validation), and each document is labelled once, by a model that has not seen it. */
#include "sikap_train.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "learn/out_of_fold.h"
#include "learn/training.h"
#include "model/evaluate.h"

struct crossval {
    struct training t;
    float *scores;         /* [n_rows][n_tasks] of the outer folds */
    float *inner;          /* of the inner folds, for one outer fold */
    double *probabilities; /* [n_rows][n_tasks] */
    unsigned char *chosen; /* [n_rows][n_tasks] */
    uint32_t *fold;        /* [n_rows] that a row was tested in */
    float *thresholds;     /* [n_folds][n_tasks] */
    size_t n_folds;
};

/* The part of a collection and its tasks that one outer fold learns from, as views with the tested
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
            m->c.fields[f].annotated[i] = c->fields[f].annotated[i] && folds_trains(folds, fold, i);
    }
    if (failed)
        return error_memory(err, "cross-validation");
    memcpy(m->tasks.targets, t->tasks->targets, cells);
    for (size_t i = 0; i < c->n_rows; i++)
        if (!folds_trains(folds, fold, i))
            memset(m->tasks.targets + i * t->tasks->n_tasks, 0, t->tasks->n_tasks);
    return 0;
}

/* Inner folds: the outer ones, without the one being tested. Every document that the outer fold
 * learns from is scored by a model that saw neither it nor the tested part. */
static int inner_folds(struct folds *inner, const struct folds *outer, size_t fold,
                       sikap_error *err)
{
    *inner = *outer;
    inner->forward = 0;
    inner->of = memory_alloc(outer->n_documents, sizeof *inner->of);
    if (inner->of == NULL)
        return error_memory(err, "folds");
    for (size_t i = 0; i < outer->n_documents; i++)
        inner->of[i] = outer->of[i] == fold  ? FOLDS_NEVER
                       : outer->of[i] > fold ? outer->of[i] - 1
                                             : outer->of[i];
    inner->n_folds--;
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
        status = inner_folds(&inner, outer, fold, err);
    if (status == 0 && inner.n_folds < 2)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--folds: learnt thresholds need at least 3 folds here");
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
                       size_t fold)
{
    const size_t n = v->t.tasks->n_tasks;
    memcpy(v->thresholds + fold * n, m->threshold, n * sizeof *v->thresholds);
    for (size_t i = 0; i < v->t.collection->n_rows; i++) {
        if (!folds_tests(folds, fold, i))
            continue;
        v->fold[i] = (uint32_t)fold;
        sikap_choose(m, v->scores + i * n, v->chosen + i * n);
        sikap_probabilities(m, v->scores + i * n, v->probabilities + i * n);
    }
}

static int write_row(struct buffer *out, const struct crossval *v, const sikap_model *m, size_t row)
{
    const struct collection *c = v->t.collection;
    const size_t n = v->t.tasks->n_tasks;
    const char *id = c->ids.items[row];
    buffer_text(out, "{\"id\":");
    json_write_string(out, id, strlen(id));
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        buffer_byte(out, ',');
        json_write_string(out, field->name, strlen(field->name));
        buffer_text(out, field->is_multi ? ":[" : ":");
        int any = 0;
        for (size_t l = field->first; l < field->first + field->n; l++) {
            if (!v->chosen[row * n + l])
                continue;
            buffer_text(out, any ? "," : "");
            json_write_string(out, m->labels[l], strlen(m->labels[l]));
            any = 1;
        }
        buffer_text(out, field->is_multi ? "]" : any ? "" : "null");
    }
    buffer_text(out, "}\n");
    return out->failed ? -1 : 0;
}

static int write_predictions(const struct crossval *v, const sikap_model *m, sikap_write *write,
                             void *context, sikap_error *err)
{
    struct buffer out = {0};
    int status = 0;
    for (size_t row = 0; row < v->t.collection->n_labelled && status == 0; row++) {
        buffer_clear(&out);
        if (write_row(&out, v, m, row) != 0)
            status = error_memory(err, "predictions");
        else if (write(context, out.bytes, out.n) != 0)
            status = error_errno(err, NULL, "write the predictions");
    }
    buffer_free(&out);
    return status;
}

/* Columns of one field out of the [n_rows][n_tasks] arrays. */
static int copy_field(struct evaluation_field *out, const struct crossval *v,
                      const struct model_field *field, size_t f, char *const *labels)
{
    const struct collection *c = v->t.collection;
    const size_t n_rows = c->n_rows, n = field->n, all = v->t.tasks->n_tasks;
    out->is_multi = field->is_multi;
    out->n_labels = n;
    out->name = memory_string(field->name);
    out->labels = memory_zero(n, sizeof *out->labels);
    out->annotated = memory_alloc(n_rows, 1);
    out->gold = memory_alloc(n_rows * n, 1);
    out->chosen = memory_alloc(n_rows * n, 1);
    out->scores = memory_alloc(n_rows * n, sizeof *out->scores);
    if (field->calibrated)
        out->probabilities = memory_alloc(n_rows * n, sizeof *out->probabilities);
    if (field->is_multi)
        out->thresholds = memory_alloc(v->n_folds * n, sizeof *out->thresholds);
    if (out->name == NULL || out->labels == NULL || out->annotated == NULL || out->gold == NULL ||
        out->chosen == NULL || out->scores == NULL ||
        (field->calibrated && out->probabilities == NULL) ||
        (field->is_multi && out->thresholds == NULL))
        return -1;
    for (size_t fold = 0; field->is_multi && fold < v->n_folds; fold++)
        memcpy(out->thresholds + fold * n, v->thresholds + fold * all + field->first,
               n * sizeof *out->thresholds);
    for (size_t l = 0; l < n; l++)
        if ((out->labels[l] = memory_string(labels[field->first + l])) == NULL)
            return -1;
    memcpy(out->annotated, c->fields[f].annotated, n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        const size_t from = i * all + field->first, to = i * n;
        memcpy(out->gold + to, v->t.tasks->gold + from, n);
        memcpy(out->chosen + to, v->chosen + from, n);
        memcpy(out->scores + to, v->scores + from, n * sizeof *out->scores);
        if (out->probabilities != NULL)
            memcpy(out->probabilities + to, v->probabilities + from,
                   n * sizeof *out->probabilities);
    }
    return 0;
}

static int evaluate(sikap_evaluation **out, const struct crossval *v, const sikap_model *m,
                    sikap_error *err)
{
    const struct collection *c = v->t.collection;
    const size_t n_rows = c->n_labelled; /* nobody judges the unlabelled ones */
    struct evaluation_data d = {.read = c->read};
    d.ids = memory_zero(n_rows, sizeof *d.ids);
    d.fields = memory_zero(m->n_fields, sizeof *d.fields);
    d.model = memory_alloc(n_rows, sizeof *d.model);
    int failed = d.ids == NULL || d.fields == NULL || d.model == NULL;
    d.n_rows = d.ids == NULL ? 0 : n_rows;
    if (!failed)
        memcpy(d.model, v->fold, n_rows * sizeof *d.model);
    for (size_t i = 0; !failed && i < n_rows; i++)
        failed = (d.ids[i] = memory_string(c->ids.items[i])) == NULL;
    for (size_t f = 0; !failed && f < m->n_fields; f++) {
        d.n_fields = f + 1;
        failed = copy_field(&d.fields[f], v, &m->fields[f], f, m->labels) != 0;
    }
    if (!failed && c->n_extras > 0 &&
        c->extras[0].names.n > 0) { /* resample what folds keep whole */
        d.n_groups = collection_groups(&c->extras[0], n_rows, &d.group);
        failed = d.group == NULL;
    }
    if (failed) {
        evaluation_data_free(&d);
        return error_memory(err, "evaluation");
    }
    const struct evaluate_options options = {.bootstrap = 2000, .seed = 1};
    return evaluation_new(out, &d, &options, v->t.pool, v->t.watch, err);
}

int sikap_crossval(sikap_evaluation **out, const char *const *paths, size_t n_paths,
                   const sikap_options *options, const sikap_watch *watch, sikap_write *predictions,
                   void *context, sikap_error *err)
{
    *out = NULL;
    struct crossval v = {0};
    sikap_model *m = NULL;
    struct folds *folds = NULL;
    int status = training_start(&v.t, paths, n_paths, options, watch, err);
    if (status == 0)
        status = model_new(&m, err);
    if (status == 0)
        status = training_copy_labels(&v.t, m, err);
    if (status == 0)
        status = out_of_fold_folds(&folds, v.t.collection, v.t.tasks, v.t.settings.train.folds,
                                   v.t.settings.train.seed, 0, err);
    const size_t cells = status == 0 ? v.t.collection->n_rows * v.t.tasks->n_tasks : 0;
    if (status == 0) {
        v.scores = memory_zero(cells, sizeof *v.scores);
        v.inner = memory_zero(cells, sizeof *v.inner);
        v.probabilities = memory_zero(cells, sizeof *v.probabilities);
        v.chosen = memory_zero(cells, 1);
        v.n_folds = folds->n_folds;
        v.fold = memory_zero(v.t.collection->n_rows, sizeof *v.fold);
        v.thresholds = memory_zero(v.n_folds * v.t.tasks->n_tasks, sizeof *v.thresholds);
        if (v.scores == NULL || v.inner == NULL || v.probabilities == NULL || v.chosen == NULL ||
            v.fold == NULL || v.thresholds == NULL)
            status = error_memory(err, "cross-validation");
    }
    if (status == 0)
        status = out_of_fold_scores(v.scores, v.t.collection, v.t.tasks, folds, &v.t.settings,
                                    v.t.pool, watch, err);
    const int learns = status == 0 && training_learns_decisions(&v.t, m);
    for (size_t fold = 0; status == 0 && fold < folds->n_folds; fold++) {
        status = learns ? decide_fold(&v, m, folds, fold, err)
                        : training_fit_decisions(&v.t, m, NULL, NULL, err);
        if (status == 0)
            label_fold(&v, m, folds, fold);
    }
    if (status == 0 && predictions != NULL)
        status = write_predictions(&v, m, predictions, context, err);
    if (status == 0)
        status = evaluate(out, &v, m, err);
    folds_free(folds);
    memory_free(v.scores);
    memory_free(v.inner);
    memory_free(v.probabilities);
    memory_free(v.chosen);
    memory_free(v.fold);
    memory_free(v.thresholds);
    sikap_model_free(m);
    training_end(&v.t);
    return status;
}
