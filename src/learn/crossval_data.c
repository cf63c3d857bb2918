/* SPDX-License-Identifier: Apache-2.0 */
/* What came out of the folds: rows for an evaluation, and a label file. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "learn/crossval.h"
#include "model/evaluate.h"
#include "model/evaluate_leaks.h"

/* As predict --scores has them: probabilities, or decision values where there is no calibration. */
static void write_scores(struct buffer *out, const struct crossval *v, const sikap_model *m,
                         size_t row)
{
    const size_t n = v->t.tasks->n_tasks;
    buffer_text(out, ",\"scores\":{");
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        buffer_text(out, f > 0 ? "," : "");
        json_write_string(out, field->name, strlen(field->name));
        buffer_text(out, ":{");
        for (size_t l = field->first; l < field->first + field->n; l++) {
            buffer_text(out, l > field->first ? "," : "");
            json_write_string(out, m->labels[l], strlen(m->labels[l]));
            buffer_byte(out, ':');
            number_print_fixed(out,
                               field->calibrated ? v->probabilities[row * n + l]
                                                 : (double)v->scores[row * n + l],
                               4);
        }
        buffer_byte(out, '}');
    }
    buffer_byte(out, '}');
}

static void write_row(struct buffer *out, const struct crossval *v, const sikap_model *m,
                      size_t row)
{
    const struct collection *c = v->t.collection;
    const size_t n = v->t.tasks->n_tasks;
    const int is_tested = v->fold[row] != FOLDS_NEVER;
    const char *id = c->ids.items[row];
    buffer_text(out, "{\"id\":");
    json_write_string(out, id, strlen(id));
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        const int is_list = field->is_multi && is_tested;
        buffer_byte(out, ',');
        json_write_string(out, field->name, strlen(field->name));
        buffer_text(out, is_list ? ":[" : ":");
        int any = 0;
        for (size_t l = field->first; l < field->first + field->n; l++) {
            if (!v->chosen[row * n + l])
                continue;
            buffer_text(out, any ? "," : "");
            json_write_string(out, m->labels[l], strlen(m->labels[l]));
            any = 1;
        }
        buffer_text(out, is_list ? "]" : any ? "" : "null");
    }
    if (is_tested)
        write_scores(out, v, m, row);
    buffer_text(out, "}\n");
}

int crossval_write(const struct crossval *v, const sikap_model *m, sikap_write *write,
                   void *context, sikap_error *err)
{
    struct buffer out = {0};
    int status = 0;
    for (size_t row = 0; row < v->n_documents && status == 0; row++) {
        write_row(&out, v, m, row);
        status = buffer_hand_over(&out, "predictions", write, context, err);
    }
    buffer_free(&out);
    return status;
}

static int alloc_field(struct evaluation_field *out, const struct crossval *v,
                       const struct model_field *field, char *const *labels)
{
    const size_t n_rows = v->n_rows, n = field->n;
    out->is_multi = field->is_multi;
    out->n_labels = n;
    out->name = memory_string(field->name);
    out->labels = memory_zero(n, sizeof *out->labels);
    out->annotated = memory_alloc(n_rows, 1);
    out->gold = memory_alloc(n_rows * n, 1);
    out->chosen = memory_alloc(n_rows * n, 1);
    out->scores = memory_alloc(n_rows * n, sizeof *out->scores);
    int failed = out->name == NULL || out->labels == NULL || out->annotated == NULL ||
                 out->gold == NULL || out->chosen == NULL || out->scores == NULL;
    if (field->calibrated)
        failed |= (out->probabilities = memory_alloc(n_rows * n, sizeof(double))) == NULL;
    if (field->is_multi)
        failed |=
            (out->thresholds = memory_alloc(v->n_repeats * v->n_folds * n, sizeof(float))) == NULL;
    for (size_t l = 0; !failed && l < n; l++)
        failed = (out->labels[l] = memory_string(labels[field->first + l])) == NULL;
    return failed ? -1 : 0;
}

/* Columns of one field out of the [n_rows][n_tasks] arrays. */
static int copy_field(struct evaluation_field *out, const struct crossval *v,
                      const struct model_field *field, size_t f, char *const *labels)
{
    const size_t n = field->n, all = v->t.tasks->n_tasks;
    if (alloc_field(out, v, field, labels) != 0)
        return -1;
    for (size_t k = 0; field->is_multi && k < v->n_repeats * v->n_folds; k++)
        memcpy(out->thresholds + k * n, v->thresholds + k * all + field->first,
               n * sizeof *out->thresholds);
    for (size_t row = 0; row < v->n_rows; row++) {
        const size_t document = row % v->n_documents;
        const size_t from = row * all + field->first, to = row * n;
        out->annotated[row] =
            v->t.collection->fields[f].annotated[document] && v->fold[row] != FOLDS_NEVER;
        memcpy(out->gold + to, v->t.tasks->gold + document * all + field->first, n);
        memcpy(out->chosen + to, v->chosen + from, n);
        memcpy(out->scores + to, v->scores + from, n * sizeof *out->scores);
        if (out->probabilities != NULL)
            memcpy(out->probabilities + to, v->probabilities + from,
                   n * sizeof *out->probabilities);
    }
    return 0;
}

/* Resampled is what folds keep whole, with all its repeats: the labels that one document got in ten
 * repeats are not ten documents. */
static int copy_rows(struct evaluation_data *d, const struct crossval *v)
{
    const struct fold_groups *groups = &v->t.groups;
    d->ids = memory_zero(v->n_rows, sizeof *d->ids);
    d->model = memory_alloc(v->n_rows, sizeof *d->model);
    d->n_rows = d->ids == NULL ? 0 : v->n_rows;
    d->n_repeats = v->n_repeats;
    if (groups->group != NULL || v->n_repeats > 1) {
        d->group = memory_alloc(v->n_rows, sizeof *d->group);
        d->n_groups = groups->n;
        if (d->group == NULL)
            return -1;
    }
    if (d->ids == NULL || d->model == NULL)
        return -1;
    for (size_t row = 0; row < v->n_rows; row++) {
        const size_t document = row % v->n_documents;
        d->model[row] = v->fold[row] == FOLDS_NEVER ? 0 : v->fold[row];
        if (d->group != NULL)
            d->group[row] = groups->group == NULL ? (uint32_t)document : groups->group[document];
        if ((d->ids[row] = memory_string(v->t.collection->ids.items[document])) == NULL)
            return -1;
    }
    return 0;
}

static int copy_leaks(struct evaluation_data *d, const struct crossval *v)
{
    if (v->nearest == NULL)
        return 0;
    if (evaluation_start_leaks(d, v->t.near->similarity) != 0)
        return -1;
    for (size_t row = 0; row < v->n_rows; row++) {
        const struct near_duplicate *n = &v->nearest[row];
        if (n->row != UINT32_MAX &&
            evaluation_add_leak(d, row, v->t.collection->ids.items[n->row], n->similarity) != 0)
            return -1;
    }
    evaluation_warn_of_leaks(d, v->t.watch);
    return 0;
}

int crossval_evaluate(sikap_evaluation **out, struct crossval *v, const sikap_model *m,
                      sikap_error *err)
{
    struct evaluation_data d = {.read = v->t.collection->read, .tuning = v->tuning};
    v->tuning = (struct evaluation_tuning){.folds = NULL};
    d.fields = memory_zero(m->n_fields, sizeof *d.fields);
    int failed = d.fields == NULL || copy_rows(&d, v) != 0;
    for (size_t f = 0; !failed && f < m->n_fields; f++) {
        d.n_fields = f + 1;
        failed = copy_field(&d.fields[f], v, &m->fields[f], f, m->labels) != 0;
    }
    failed = failed || copy_leaks(&d, v) != 0;
    if (failed) {
        evaluation_data_free(&d);
        return error_memory(err, "evaluation");
    }
    const struct evaluate_options options = {.bootstrap = 2000, .seed = 1};
    return evaluation_new(out, &d, &options, v->t.pool, v->t.watch, err);
}
