/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Fills labels and the tasks' columns of one field. */
static int add_field(struct tasks *t, const struct collection *c, size_t f, sikap_error *err)
{
    const struct collection_field *field = &c->fields[f];
    const size_t first = t->first[f], n = field->names.n;
    size_t *task_of = memory_alloc(n, sizeof *task_of);
    if (task_of == NULL)
        return error_memory(err, "labels");
    for (size_t l = 0; l < n; l++)
        t->labels[first + l] = field->names.items[l];
    qsort(t->labels + first, n, sizeof *t->labels, by_text);
    for (size_t l = 0; l < n; l++) {
        const char *name = field->names.items[l];
        const char **at = bsearch(&name, t->labels + first, n, sizeof *t->labels, by_text);
        task_of[l] = (size_t)(at - t->labels);
    }
    size_t n_annotated = 0;
    for (size_t row = 0; row < c->n_rows; row++) {
        if (!field->annotated[row])
            continue;
        n_annotated++;
        memset(t->targets + row * t->n_tasks + first, -1, n);
        for (size_t k = field->start[row]; k < field->start[row + 1]; k++) {
            t->targets[row * t->n_tasks + task_of[field->labels[k]]] = 1;
            t->gold[row * t->n_tasks + task_of[field->labels[k]]] = 1;
        }
    }
    memory_free(task_of);
    if (n_annotated == 0)
        return error_set(err, SIKAP_DATA, NULL, 0, "no document is annotated for the field '%s'",
                         field->name);
    return 0;
}

static void count_targets(const struct tasks *t, size_t task, double *n_positive, double *n_all)
{
    *n_positive = *n_all = 0;
    for (size_t row = 0; row < t->n_rows; row++) {
        const int8_t y = t->targets[row * t->n_tasks + task];
        *n_positive += y > 0;
        *n_all += y != 0;
    }
}

static int set_weights(struct tasks *t, const struct option_list *list, sikap_error *err)
{
    if (list->n == 0)
        return 0;
    t->positive_weight = memory_alloc(t->n_tasks, sizeof *t->positive_weight);
    if (t->positive_weight == NULL)
        return error_memory(err, "labels");
    for (size_t k = 0; k < t->n_tasks; k++)
        t->positive_weight[k] = 1;
    for (size_t i = 0; i < list->n; i++) {
        const char *item = list->items[i], *equals = strrchr(item, '=');
        if (strcmp(item, "balanced") == 0) {
            for (size_t k = 0; k < t->n_tasks; k++) {
                double positive, all;
                count_targets(t, k, &positive, &all);
                t->positive_weight[k] = positive > 0 ? (float)((all - positive) / positive) : 1;
                if (!(t->positive_weight[k] > 0))
                    t->positive_weight[k] = 1;
            }
            continue;
        }
        double weight = 0;
        if (equals == NULL || number_parse(&weight, equals + 1, strlen(equals + 1)) != 0 ||
            !(weight > 0 && weight < 1e9))
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "--class-weight: '%s' is neither 'balanced' nor LABEL=NUMBER", item);
        int found = 0;
        for (size_t k = 0; k < t->n_tasks; k++)
            if (strlen(t->labels[k]) == (size_t)(equals - item) &&
                memcmp(t->labels[k], item, (size_t)(equals - item)) == 0) {
                t->positive_weight[k] = (float)weight;
                found = 1;
            }
        if (!found)
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "--class-weight: no label '%.*s' in the corpus", (int)(equals - item),
                             item);
    }
    return 0;
}

/* Crammer-Singer asks which of all labels a document has: there can be one only. */
static int check_solver(const struct collection *c, const struct train_options *options,
                        sikap_error *err)
{
    if (options->solver != SOLVER_MCSVM_CS || (c->n_fields == 1 && !c->fields[0].is_multi))
        return 0;
    return error_set(err, SIKAP_USAGE, NULL, 0,
                     "--solver: crammer-singer learns which one label a document has: it takes one "
                     "field of kind single (--field NAME:single)");
}

int tasks_new(struct tasks **out, const struct collection *c, const struct train_options *options,
              sikap_error *err)
{
    *out = NULL;
    int status = check_solver(c, options, err);
    if (status != 0)
        return status;
    struct tasks *t = memory_zero(1, sizeof *t);
    if (t == NULL)
        return error_memory(err, "labels");
    t->n_rows = c->n_rows;
    t->n_labelled = c->n_labelled;
    t->n_fields = c->n_fields;
    t->first = memory_zero(c->n_fields + 1, sizeof *t->first);
    status = t->first == NULL ? error_memory(err, "labels") : 0;
    for (size_t f = 0; f < c->n_fields && status == 0; f++) {
        t->first[f + 1] = t->first[f] + c->fields[f].names.n;
        if (c->fields[f].names.n == 0)
            status = error_set(err, SIKAP_DATA, NULL, 0, "no label in the field '%s'",
                               c->fields[f].name);
    }
    if (status == 0) {
        t->n_tasks = t->first[c->n_fields];
        t->labels = memory_alloc(t->n_tasks, sizeof *t->labels);
        if (t->n_tasks < SIZE_MAX / (t->n_rows + 1)) {
            t->targets = memory_zero(t->n_rows * t->n_tasks, sizeof *t->targets);
            t->gold = memory_zero(t->n_rows * t->n_tasks, sizeof *t->gold);
        }
        if (t->labels == NULL || t->targets == NULL || t->gold == NULL)
            status = error_memory(err, "labels");
    }
    for (size_t f = 0; f < c->n_fields && status == 0; f++)
        status = add_field(t, c, f, err);
    if (status == 0)
        status = set_weights(t, &options->class_weights, err);
    if (status != 0) {
        tasks_free(t);
        return status;
    }
    *out = t;
    return 0;
}

void tasks_free(struct tasks *t)
{
    if (t == NULL)
        return;
    memory_free(t->first);
    memory_free(t->labels);
    memory_free(t->targets);
    memory_free(t->gold);
    memory_free(t->positive_weight);
    memory_free(t);
}
