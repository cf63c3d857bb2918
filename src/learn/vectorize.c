/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix as text, for LIBLINEAR's own tools: multi-label svmlight, columns ascend from 1. */
#include "sikap_train.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "features/sort.h"
#include "learn/design.h"
#include "learn/training.h"

enum { FLUSH_BYTES = 1 << 18 };

/* What is written and sorted of one row. */
struct vector_text {
    struct buffer out;
    uint64_t *keys; /* column << 32 | place in the row; as many again for sorting */
    size_t capacity;
};

static int sort_columns(struct vector_text *text, const uint32_t *columns, size_t n)
{
    if (n == 0)
        return 0;
    if (memory_grow(&text->keys, &text->capacity, 2 * n, sizeof *text->keys) != 0)
        return -1;
    for (size_t j = 0; j < n; j++)
        text->keys[j] = (uint64_t)columns[j] << 32 | j;
    sort_by_high_half(text->keys, text->keys + n, n);
    return 0;
}

static void write_row(struct vector_text *text, const struct matrix *x, const struct tasks *tasks,
                      size_t row)
{
    struct buffer *out = &text->out;
    int any = 0;
    for (size_t l = tasks->first[0]; l < tasks->first[1]; l++)
        if (tasks->gold[row * tasks->n_tasks + l]) {
            buffer_format(out, any ? ",%zu" : "%zu", l);
            any = 1;
        }
    const size_t begin = x->start[row], n = x->start[row + 1] - begin;
    if (sort_columns(text, x->columns + begin, n) != 0) {
        out->failed = 1;
        return;
    }
    for (size_t k = 0; k < n; k++) {
        const float value = x->values[begin + (uint32_t)text->keys[k]];
        if (value == 0)
            continue;
        buffer_format(out, " %zu:", (size_t)(text->keys[k] >> 32) + 1);
        number_print_float(out, value);
    }
    buffer_byte(out, '\n');
}

static int write_matrix(const struct training *t, const struct matrix *x, sikap_write *write,
                        void *context, sikap_error *err)
{
    struct vector_text text = {0};
    struct buffer *out = &text.out;
    int status = 0;
    for (size_t row = 0; row < t->collection->n_rows && status == 0; row++) {
        if (t->collection->fields[0].annotated[row])
            write_row(&text, x, t->tasks, row);
        const int last = row + 1 == t->collection->n_rows;
        if (out->failed)
            status = error_memory(err, "vectors");
        else if ((last || out->n > FLUSH_BYTES) && write(context, out->bytes, out->n) != 0)
            status = error_errno(err, NULL, "write the matrix");
        if (last || out->n > FLUSH_BYTES)
            buffer_clear(out);
    }
    buffer_free(out);
    memory_free(text.keys);
    return status;
}

/* Held-out documents under the model's vocabulary and idf; labels numbered as in the model. */
static int use_model(struct training *t, const sikap_model *model, const char *const *paths,
                     size_t n_paths, const sikap_options *options, sikap_error *err)
{
    memset(t, 0, sizeof *t);
    int status = train_settings_parse(&t->settings, options, 0, err);
    if (status == 0)
        status = pool_new(&t->pool, t->settings.train.threads, err);
    if (status != 0)
        return status;
    const enum field_kind kind = model->fields[0].is_multi ? FIELD_MULTI : FIELD_SINGLE;
    const char *name = model->fields[0].name;
    const struct corpus_request wanted = {
        .wants_labels = 1, .wants_text = 1, .fields = &name, .kinds = &kind, .n_fields = 1};
    const struct collect_request request = {.corpus = &t->settings.corpus,
                                            .features = &model->features,
                                            .stop_words = model->stop_words,
                                            .request = &wanted,
                                            .vocabulary = model->vocabulary};
    status = collect(&t->collection, paths, n_paths, &request, t->pool, t->watch, err);
    if (status != 0)
        return status;
    t->tasks = memory_zero(1, sizeof *t->tasks);
    if (t->tasks == NULL)
        return error_memory(err, "vectors");
    struct tasks *tasks = t->tasks;
    tasks->n_tasks = model->fields[0].n;
    tasks->first = memory_zero(2, sizeof *tasks->first);
    tasks->gold = memory_zero(t->collection->n_rows * tasks->n_tasks, 1);
    if (tasks->first == NULL || tasks->gold == NULL)
        return error_memory(err, "vectors");
    tasks->first[1] = tasks->n_tasks;
    const struct collection_field *f = &t->collection->fields[0];
    for (size_t row = 0; row < t->collection->n_rows; row++)
        for (size_t k = f->start[row]; k < f->start[row + 1]; k++)
            for (size_t l = 0; l < tasks->n_tasks; l++)
                if (strcmp(model->labels[l], f->names.items[f->labels[k]]) == 0)
                    tasks->gold[row * tasks->n_tasks + l] = 1;
    for (size_t row = 0; row < t->collection->n_rows; row++) {
        const struct matrix *x = &t->collection->counts;
        weighting_row(&model->weighting, x->columns + x->start[row], x->values + x->start[row],
                      x->start[row + 1] - x->start[row]);
    }
    return 0;
}

int sikap_vectorize(const sikap_model *model, const char *const *paths, size_t n_paths,
                    const sikap_options *options, const sikap_watch *watch, sikap_write *write,
                    void *context, sikap_error *err)
{
    struct training t;
    struct design *d = NULL;
    int status;
    if (model != NULL) {
        status = use_model(&t, model, paths, n_paths, options, err);
    } else {
        status = training_start(&t, &(struct training_request){.purpose = TRAINING_MATRIX}, paths,
                                n_paths, options, watch, err);
        if (status == 0)
            status = training_select_best(&t, err);
        const struct design_request all = {.options = &t.settings.features, .in_place = 1};
        if (status == 0)
            status = design_new(&d, t.collection, &all, t.pool, err);
    }
    if (status == 0)
        status = write_matrix(&t, &t.collection->counts, write, context, err);
    design_free(d);
    training_end(&t);
    return status;
}
