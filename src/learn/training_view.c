/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/training.h"

#include <string.h>

#include "base/memory.h"

/* A field's annotations are the view's own, all else is borrowed. */
static int mask_field(struct collection_field *field, const struct collection *c,
                      const struct folds *folds, size_t fold)
{
    const unsigned char *all = field->annotated;
    field->annotated = memory_zero(c->n_rows, 1);
    for (size_t i = 0; field->annotated != NULL && i < c->n_labelled; i++)
        field->annotated[i] = all[i] && folds_trains(folds, fold, i);
    return field->annotated == NULL ? -1 : 0;
}

int training_view(struct training *view, const struct training *whole, const struct folds *folds,
                  size_t fold, sikap_error *err)
{
    const struct collection *c = whole->collection;
    *view = *whole;
    view->tasks = NULL;
    view->collection = memory_alloc(1, sizeof *view->collection);
    if (view->collection == NULL)
        return error_memory(err, "cross-validation");
    *view->collection = *c;
    view->collection->n_fields = 0;
    view->collection->fields = memory_zero(c->n_fields, sizeof *c->fields);
    int failed = view->collection->fields == NULL;
    for (size_t f = 0; !failed && f < c->n_fields; f++) {
        view->collection->fields[f] = c->fields[f];
        failed = mask_field(&view->collection->fields[f], c, folds, fold) != 0;
        view->collection->n_fields = f + 1;
    }
    if (failed)
        return error_memory(err, "cross-validation");
    return tasks_new(&view->tasks, view->collection, &view->settings.train, err);
}

void training_view_free(struct training *view)
{
    tasks_free(view->tasks);
    for (size_t f = 0; view->collection != NULL && f < view->collection->n_fields; f++)
        memory_free(view->collection->fields[f].annotated);
    if (view->collection != NULL)
        memory_free(view->collection->fields);
    memory_free(view->collection);
    *view = (struct training){.collection = NULL};
}
