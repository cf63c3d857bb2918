/* SPDX-License-Identifier: Apache-2.0 */
/* A label file beside gold, joined by id. Both are read by `collect` under an empty vocabulary: of
 * a document only its labels matter. */
#include "sikap.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "model/evaluate_session.h"

/* `like`: the gold documents, whose fields are wanted; NULL: as the options say. */
static int collect_labels(struct session *s, struct collection **out, const char *const *paths,
                          size_t n_paths, const struct collection *like, sikap_error *err)
{
    const size_t n_fields = like == NULL ? 0 : like->n_fields;
    const char **names = memory_alloc(n_fields, sizeof *names);
    enum field_kind *kinds = memory_alloc(n_fields, sizeof *kinds);
    int status = names == NULL || kinds == NULL ? error_memory(err, "evaluation") : 0;
    for (size_t f = 0; status == 0 && f < n_fields; f++) {
        names[f] = like->fields[f].name;
        kinds[f] = FIELD_MULTI; /* what a single field lacks is told when it is counted */
    }
    const struct corpus_request wanted = {
        .wants_labels = 1, .fields = names, .kinds = kinds, .n_fields = n_fields};
    const char *group = s->options.group;
    const struct collect_request request = {.corpus = &s->corpus,
                                            .features = &s->features,
                                            .request = &wanted,
                                            .extras = &group,
                                            .n_extras = like == NULL && group != NULL,
                                            .vocabulary = s->empty};
    if (status == 0)
        status = collect(out, paths, n_paths, &request, s->pool, s->watch, err);
    memory_free(names);
    memory_free(kinds);
    return status;
}

/* Up to three of `n` ids, as in "'a', 'b', 'c', …". */
struct some_ids {
    char text[240];
    size_t n, length;
};

static void some_ids_add(struct some_ids *ids, const char *id)
{
    enum { SHOWN = 3, ID_MOST = 60 };
    if (ids->n++ >= SHOWN)
        return;
    const int n = snprintf(ids->text + ids->length, sizeof ids->text - ids->length, "%s'%.*s'",
                           ids->n > 1 ? ", " : "", ID_MOST, id);
    ids->length += n > 0 ? (size_t)n : 0;
}

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
        session_warn(s, file, "%zu of %zu documents are not in gold: %s%s", extra.n,
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
        session_warn(s, file,
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
    if (status == 0)
        status = vocabulary_new(&s.empty, 0, 0, err);
    if (status == 0)
        status = vocabulary_index(s.empty, err);
    if (status == 0)
        status = collect_labels(&s, &s.gold, gold, n_gold, NULL, err);
    if (status == 0)
        status = collect_labels(&s, &s.predicted, &predictions, 1, s.gold, err);
    if (status == 0)
        status = session_take_rows(&s, err);
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
