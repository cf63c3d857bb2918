/* SPDX-License-Identifier: Apache-2.0 */
/* An audit reads and learns as training does: what is doubtful about a label is what models of the
 * other documents make of it. Language and length are taken while a document's text is at hand. */
#include "analyse/audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "model/passage.h"

static int look_at(void *context, size_t worker, const struct document *doc, float *numbers,
                   sikap_error *err)
{
    (void)worker;
    (void)err;
    const struct language_detector *detector = context;
    struct language_evidence e = {0};
    size_t n_words = 0;
    for (size_t i = 0; i < doc->n_segments; i++) {
        const struct text *s = &doc->segments[i];
        if (s->bytes == NULL)
            continue;
        language_add(detector, &e, s->bytes, s->n);
        n_words += passage_words(s->bytes, s->n);
    }
    numbers[AUDIT_LANGUAGE] = (float)language_decide(&e);
    numbers[AUDIT_WORDS] = (float)n_words;
    return 0;
}

static int read_corpus(struct sikap_audit *a, const char *const *paths, size_t n_paths,
                       const sikap_options *options, const sikap_watch *watch, sikap_error *err)
{
    struct language_detector *detector;
    int status = language_detector_new(&detector, err);
    if (status != 0)
        return status;
    const struct training_request wants = {TRAINING_MODEL, look_at, detector, AUDIT_NUMBERS, 1};
    status = training_start(&a->t, &wants, paths, n_paths, options, watch, err);
    language_detector_free(detector);
    return status;
}

/* ---- doubts grouped by document ---- */

static int group_by_document(struct sikap_audit *a, sikap_error *err)
{
    const size_t n_rows = a->t.collection->n_rows;
    size_t *place = memory_alloc(n_rows, sizeof *place);
    struct label_doubt *grouped = memory_alloc(a->n_doubts, sizeof *grouped);
    a->documents = memory_alloc(n_rows, sizeof *a->documents);
    if (place == NULL || grouped == NULL || a->documents == NULL) {
        memory_free(place);
        memory_free(grouped);
        return error_memory(err, "label errors");
    }
    for (size_t row = 0; row < n_rows; row++)
        place[row] = SIZE_MAX;
    for (size_t i = 0; i < a->n_doubts; i++) { /* in order of each document's worst label */
        const uint32_t row = a->doubts[i].row;
        if (place[row] == SIZE_MAX) {
            place[row] = a->n_documents;
            a->documents[a->n_documents++] = (struct audit_document){.row = row};
        }
        a->documents[place[row]].n++;
    }
    size_t at = 0;
    for (size_t d = 0; d < a->n_documents; d++) {
        a->documents[d].first = at;
        at += a->documents[d].n;
        a->documents[d].n = 0;
    }
    for (size_t i = 0; i < a->n_doubts; i++) {
        struct audit_document *d = &a->documents[place[a->doubts[i].row]];
        grouped[d->first + d->n++] = a->doubts[i];
    }
    memory_free(place);
    memory_free(a->doubts);
    a->doubts = grouped;
    return 0;
}

static int judge_labels(struct sikap_audit *a, sikap_error *err)
{
    struct training *t = &a->t;
    const size_t cells = t->collection->n_rows * t->tasks->n_tasks;
    struct folds *folds;
    float *scores;
    int status = training_out_of_fold(&folds, &scores, t, err);
    a->probability = memory_zero(cells, sizeof *a->probability);
    if (status == 0 && a->probability == NULL)
        status = error_memory(err, "label errors");
    if (status == 0)
        status = label_doubt_probabilities(a->probability, t->collection, t->tasks, folds, scores,
                                           a->settings.text_only, t->pool, t->watch, err);
    if (status == 0)
        status = label_doubt_list(&a->doubts, &a->n_doubts, a->probability, t->collection, t->tasks,
                                  a->settings.rare, err);
    folds_free(folds);
    memory_free(scores);
    return status != 0 ? status : group_by_document(a, err);
}

int sikap_audit_run(sikap_audit **out, const char *const *paths, size_t n_paths,
                    const sikap_options *options, const sikap_audit_settings *settings,
                    const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    sikap_audit *a = memory_zero(1, sizeof *a);
    if (a == NULL)
        return error_memory(err, "audit");
    a->settings = *settings;
    int status = read_corpus(a, paths, n_paths, options, watch, err);
    if (status == 0)
        status = judge_labels(a, err);
    if (status == 0)
        status = audit_find(a, err);
    if (status != 0) {
        sikap_audit_free(a);
        a = NULL;
    }
    *out = a;
    return status;
}

void sikap_audit_free(sikap_audit *a)
{
    if (a == NULL)
        return;
    const size_t n_fields = a->t.collection == NULL ? 0 : a->t.collection->n_fields;
    for (size_t f = 0; f < n_fields; f++) {
        if (a->not_annotated != NULL)
            memory_free(a->not_annotated[f].rows);
        if (a->no_label != NULL)
            memory_free(a->no_label[f].rows);
    }
    memory_free(a->not_annotated);
    memory_free(a->no_label);
    memory_free(a->probability);
    memory_free(a->doubts);
    memory_free(a->documents);
    memory_free(a->support);
    memory_free(a->never.items);
    memory_free(a->always.items);
    memory_free(a->names.items);
    memory_free(a->empty.rows);
    memory_free(a->unknown.rows);
    memory_free(a->shortest.rows);
    memory_free(a->longest.rows);
    memory_free(a->stray.rows);
    near_duplicates_free(a->near);
    memory_free(a->clusters);
    training_end(&a->t);
    memory_free(a);
}
