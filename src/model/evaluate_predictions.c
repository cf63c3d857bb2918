/* SPDX-License-Identifier: Apache-2.0 */
/* A label file beside gold, joined by id. */
#include "sikap.h"

#include <string.h>

#include "base/memory.h"
#include "model/evaluate_session.h"
#include "model/label_file.h"

/* row_of[i]: the prediction's row of gold row i. */
static int join(const struct session *s, uint32_t *row_of, const char *file, sikap_error *err)
{
    const struct names *gold = &s->gold->ids, *predicted = &s->predicted->ids;
    struct some_ids missing = {.n = 0}, extra = {.n = 0};
    for (size_t i = 0; i < s->gold->n_rows; i++) {
        row_of[i] = names_find(predicted, gold->items[i], strlen(gold->items[i]));
        if (row_of[i] == NAMES_FULL)
            some_ids_add(&missing, gold->items[i]);
    }
    if (missing.n > 0)
        return error_set(err, SIKAP_DATA, file, 0, "%zu of %zu gold documents are missing: %s%s",
                         missing.n, s->gold->n_rows, missing.text, missing.n > 3 ? ", …" : "");
    for (size_t i = 0; i < s->predicted->n_rows; i++)
        if (names_find(gold, predicted->items[i], strlen(predicted->items[i])) == NAMES_FULL)
            some_ids_add(&extra, predicted->items[i]);
    if (extra.n > 0)
        error_tell(s->watch, file, "%zu of %zu documents are not in gold: %s%s", extra.n,
                   s->predicted->n_rows, extra.text, extra.n > 3 ? ", …" : "");
    return 0;
}

/* What was given to the gold documents; a document without an annotation was given nothing. */
static int choose_given(struct session *s, const struct collection_field *given,
                        const struct names *labels, const uint32_t *row_of, const char *file,
                        struct evaluation_field *out, sikap_error *err)
{
    struct some_ids empty = {.n = 0};
    for (size_t i = 0; i < s->data.n_rows; i++) {
        const size_t row = row_of[i], n = given->start[row + 1] - given->start[row];
        for (size_t k = given->start[row]; k < given->start[row + 1]; k++) {
            const char *name = given->names.items[given->labels[k]];
            out->chosen[i * out->n_labels + names_find(labels, name, strlen(name))] = 1;
        }
        if (!out->annotated[i])
            continue;
        if (!out->is_multi && n != 1)
            return error_set(err, SIKAP_DATA, file, 0,
                             "document '%.100s' has %zu predictions for the single field '%.100s', "
                             "expected 1",
                             s->data.ids[i], n, out->name);
        if (!given->annotated[row])
            some_ids_add(&empty, s->data.ids[i]);
    }
    if (empty.n > 0)
        error_tell(s->watch, file,
                   "%zu documents say nothing about the field '%.100s', which counts as no label "
                   "given: %s%s",
                   empty.n, out->name, empty.text, empty.n > 3 ? ", …" : "");
    return 0;
}

static int predicted_field(struct session *s, size_t f, const uint32_t *row_of, const char *file,
                           sikap_error *err)
{
    const struct collection_field *gold = &s->gold->fields[f], *given = &s->predicted->fields[f];
    struct names labels = {0};
    struct evaluation_field *out = NULL;
    int status = session_join_names(&labels, &gold->names) != 0 ||
                         session_join_names(&labels, &given->names) != 0
                     ? error_memory(err, "evaluation")
                     : session_add_field(s, gold, &labels, gold->is_multi, &out, err);
    if (status == 0)
        status = choose_given(s, given, &labels, row_of, file, out, err);
    names_free(&labels);
    return status;
}

int sikap_evaluate_predictions(sikap_evaluation **out, const char *predictions,
                               const char *const *gold, size_t n_gold, const sikap_options *options,
                               const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    struct session s;
    uint32_t *row_of = NULL;
    int status = session_start(&s, options, watch, err);
    if (status == 0 && (s.options.coverage < 1 || s.options.min_prob > 0))
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--coverage and --min-prob need a model: a label file has given its "
                           "labels");
    const char *group = s.options.group;
    if (status == 0)
        status = label_file_read(&s.gold, gold, n_gold, &s.corpus, NULL, &group, group != NULL,
                                 s.options.train.n > 0, s.pool, watch, err);
    if (status == 0)
        status = label_file_read(&s.predicted, &predictions, 1, &s.corpus, s.gold, NULL, 0, 0,
                                 s.pool, watch, err);
    if (status == 0)
        status = session_take_rows(&s, err);
    if (status == 0)
        status = session_find_leaks(&s, NULL, err);
    if (status == 0) {
        row_of = memory_alloc(s.gold->n_rows, sizeof *row_of);
        s.data.fields = memory_zero(s.gold->n_fields, sizeof *s.data.fields);
        status = row_of == NULL || s.data.fields == NULL ? error_memory(err, "evaluation")
                                                         : join(&s, row_of, predictions, err);
    }
    for (size_t f = 0; status == 0 && f < s.gold->n_fields; f++)
        if (session_has_annotation(s.gold, f))
            status = predicted_field(&s, f, row_of, predictions, err);
    if (status == 0 && s.data.n_fields == 0)
        status = session_nothing_annotated(&s, gold, n_gold, "a field that was asked for", err);
    if (status == 0)
        status = evaluation_new(out, &s.data, &s.options, s.pool, watch, err);
    memory_free(row_of);
    session_end(&s);
    return status;
}
