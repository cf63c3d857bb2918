/* SPDX-License-Identifier: Apache-2.0 */
/* Gold beside prediction becomes figures, field by field: the annotated rows are laid side by side,
 * and every formula is in src/measure. evaluate_show.c names the figures, once for JSON and gates.
 */
#include "model/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/evaluate_internal.h"

#define AT(member) offsetof(struct evaluate_options, member)
#define GROUP "Evaluation"

static const struct option_row rows[] = {
    {{"bootstrap", "N", "2000", "resamples for the confidence intervals; 0: none", GROUP},
     OPTION_COUNT,
     AT(bootstrap),
     0,
     1000000,
     NULL},
    {{"bootstrap-seed", "N", "1", "seed of the resampling", GROUP},
     OPTION_COUNT,
     AT(seed),
     0,
     4294967295.0,
     NULL},
    {{"group", "KEY", NULL, "resample groups of documents with the same value of KEY", GROUP},
     OPTION_TEXT,
     AT(group),
     0,
     0,
     NULL},
    {{"train", "CORPUS", NULL,
      "what the model learnt from: tested texts that are (nearly) there are told, and the figures "
      "without them; may be repeated",
      GROUP},
     OPTION_LIST,
     AT(train),
     0,
     0,
     NULL},
    {{"similarity", "X", "0.8", "texts are near-duplicates from this share of common word pairs on",
      GROUP},
     OPTION_REAL,
     AT(similarity),
     0.1,
     1,
     NULL},
    {{"coverage", "SHARE", "1", "figures also as if the labels were given with this --coverage",
      GROUP},
     OPTION_REAL,
     AT(coverage),
     0,
     1,
     NULL},
    {{"min-prob", "P", "0", "figures also as if the labels were given with this --min-prob", GROUP},
     OPTION_REAL,
     AT(min_prob),
     0,
     1,
     NULL},
    {{"threads", "N", "0", "worker threads; 0: one per core", GROUP},
     OPTION_COUNT,
     AT(threads),
     0,
     256,
     NULL},
};
const struct option_table evaluate_option_table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_evaluate_option(size_t i)
{
    return option_shown(&evaluate_option_table, i);
}

const struct evaluation_field *evaluation_find_field(const struct evaluation_data *d,
                                                     const char *name)
{
    for (size_t f = 0; f < d->n_fields; f++)
        if (strcmp(d->fields[f].name, name) == 0)
            return &d->fields[f];
    return NULL;
}

void evaluation_data_free(struct evaluation_data *d)
{
    for (size_t i = 0; d->ids != NULL && i < d->n_rows; i++)
        memory_free(d->ids[i]);
    memory_free(d->ids);
    memory_free(d->group);
    memory_free(d->model);
    for (size_t f = 0; f < d->n_fields; f++) {
        struct evaluation_field *field = &d->fields[f];
        memory_free(field->name);
        for (size_t l = 0; field->labels != NULL && l < field->n_labels; l++)
            memory_free(field->labels[l]);
        memory_free(field->labels);
        memory_free(field->annotated);
        memory_free(field->gold);
        memory_free(field->chosen);
        memory_free(field->scores);
        memory_free(field->probabilities);
        memory_free(field->thresholds);
        memory_free(field->kept);
        memory_free(field->kept_chosen);
    }
    memory_free(d->fields);
    for (size_t i = 0; i < d->n_notes; i++) {
        memory_free(d->notes[i].name);
        memory_free(d->notes[i].value);
    }
    memory_free(d->notes);
    for (size_t i = 0; i < d->leaks.n; i++)
        memory_free(d->leaks.items[i].train_id);
    memory_free(d->leaks.items);
    memory_free(d->leaks.is_leaked);
    evaluation_tuning_free(&d->tuning);
    memset(d, 0, sizeof *d);
}

static void figures_free(struct field_figures *f)
{
    metrics_free(f->metrics);
    metrics_free(f->kept);
    memory_free(f->average_precision);
    memory_free(f->interval);
    metrics_free(f->unleaked);
    memory_free(f->repeats);
}

void sikap_evaluation_free(sikap_evaluation *e)
{
    if (e == NULL)
        return;
    for (size_t f = 0; e->figures != NULL && f < e->data.n_fields; f++)
        figures_free(&e->figures[f]);
    memory_free(e->figures);
    evaluation_data_free(&e->data);
    memory_free(e);
}

const struct evaluation_data *evaluation_data_of(const sikap_evaluation *e)
{
    return &e->data;
}

void slice_free(struct slice *s)
{
    memory_free(s->gold);
    memory_free(s->chosen);
    memory_free(s->scores);
    memory_free(s->probabilities);
    memory_free(s->gold_label);
    memory_free(s->chosen_label);
    memory_free(s->group);
}

static int slice_alloc(struct slice *s, const struct evaluation_data *d,
                       const struct evaluation_field *f)
{
    const size_t cells = d->n_rows * f->n_labels;
    s->gold = memory_alloc(cells, 1);
    s->chosen = memory_alloc(cells, 1);
    s->scores = f->scores == NULL ? NULL : memory_alloc(cells, sizeof *s->scores);
    s->probabilities =
        f->probabilities == NULL ? NULL : memory_alloc(cells, sizeof *s->probabilities);
    s->gold_label = memory_zero(d->n_rows, sizeof *s->gold_label);
    s->chosen_label = memory_zero(d->n_rows, sizeof *s->chosen_label);
    s->group = memory_zero(d->n_rows, sizeof *s->group);
    return s->gold == NULL || s->chosen == NULL || (f->scores != NULL && s->scores == NULL) ||
                   (f->probabilities != NULL && s->probabilities == NULL) ||
                   s->gold_label == NULL || s->chosen_label == NULL || s->group == NULL
               ? -1
               : 0;
}

/* The one label of a row of a single field, or n where there is not exactly one. */
static uint32_t only_set(const uint8_t *row, size_t n)
{
    size_t found = n;
    for (size_t l = 0; l < n; l++)
        if (row[l]) {
            if (found < n)
                return (uint32_t)n;
            found = l;
        }
    return (uint32_t)found;
}

int slice_new(struct slice *s, const struct evaluation_data *d, const struct evaluation_field *f,
              const unsigned char *mask, sikap_error *err)
{
    memset(s, 0, sizeof *s);
    s->n_labels = f->n_labels;
    s->is_multi = f->is_multi;
    if (slice_alloc(s, d, f) != 0)
        return error_memory(err, "evaluation");
    const size_t n = f->n_labels;
    for (size_t row = 0; row < d->n_rows; row++) {
        if (!f->annotated[row] || (mask != NULL && !mask[row]))
            continue;
        memcpy(s->gold + s->n * n, f->gold + row * n, n);
        memcpy(s->chosen + s->n * n, f->chosen + row * n, n);
        if (s->scores != NULL)
            memcpy(s->scores + s->n * n, f->scores + row * n, n * sizeof *s->scores);
        if (s->probabilities != NULL)
            memcpy(s->probabilities + s->n * n, f->probabilities + row * n,
                   n * sizeof *s->probabilities);
        if (!f->is_multi) {
            s->gold_label[s->n] = only_set(f->gold + row * n, n);
            s->chosen_label[s->n] = only_set(f->chosen + row * n, n);
            if (s->gold_label[s->n] >= n || s->chosen_label[s->n] >= n)
                return error_set(err, SIKAP_DATA, NULL, 0,
                                 "document '%.100s' has not exactly one %s label in the single "
                                 "field '%.100s'",
                                 d->ids[row], s->gold_label[s->n] >= n ? "gold" : "predicted",
                                 f->name);
        }
        s->group[s->n] = d->group == NULL ? (uint32_t)s->n : d->group[row];
        s->n++;
    }
    return 0;
}

static int resample(struct field_figures *out, const struct slice *s,
                    const struct evaluation_data *d, const struct evaluation_field *f,
                    const struct evaluate_options *options, struct pool *pool, sikap_error *err)
{
    struct tally *tally = NULL;
    int status = f->is_multi
                     ? tally_multi(&tally, s->gold, s->chosen, s->n, f->n_labels, err)
                     : tally_single(&tally, s->gold_label, s->chosen_label, s->n, f->n_labels, err);
    if (status == 0 && d->group != NULL) {
        struct tally *grouped = NULL;
        status = tally_by_any_group(&grouped, tally, s->group, err);
        tally_free(tally);
        tally = grouped;
    }
    if (status == 0)
        status = evaluation_bootstrap(out, tally, !f->is_multi, options, pool, err);
    tally_free(tally);
    return status;
}

int slice_metrics(struct metrics **out, const struct slice *s, sikap_error *err)
{
    return s->is_multi
               ? metrics_multi(out, s->gold, s->chosen, s->n, s->n_labels, err)
               : metrics_single(out, s->gold_label, s->chosen_label, s->n, s->n_labels, err);
}

/* Counts over n repeats become counts of documents: the mean of the repeats, rounded. */
static void count_once(struct metrics *m, size_t n)
{
    m->n_documents /= n;
    for (size_t l = 0; l < m->n_labels; l++) {
        struct label_metrics *label = &m->labels[l];
        uint64_t *const counts[] = {&label->tp, &label->fp, &label->fn, &label->predicted};
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
            *counts[i] = (*counts[i] + n / 2) / n;
        label->support /= n;
    }
    for (size_t i = 0; m->confusion != NULL && i < m->n_labels * m->n_labels; i++)
        m->confusion[i] = (m->confusion[i] + n / 2) / n;
}

static int field_figures_new(struct field_figures *out, const struct evaluation_data *d,
                             const struct evaluation_field *f,
                             const struct evaluate_options *options, struct pool *pool,
                             sikap_error *err)
{
    struct slice s;
    int status = slice_new(&s, d, f, NULL, err);
    const size_t n_repeats = d->n_repeats > 1 ? d->n_repeats : 1;
    out->n_documents = s.n / n_repeats;
    out->n_units = out->n_documents;
    out->mean_average_precision = out->micro_average_precision = NAN;
    if (status == 0 && s.n == 0)
        status = error_set(err, SIKAP_DATA, NULL, 0, "no document is annotated for the field '%s'",
                           f->name);
    if (status == 0)
        status = slice_metrics(&out->metrics, &s, err);
    if (status == 0 && n_repeats > 1)
        count_once(out->metrics, n_repeats);
    if (status == 0 && s.scores != NULL)
        status = evaluation_rank(out, &s, pool, err);
    if (status == 0)
        status = evaluation_confidence(out, &s, err);
    if (status == 0 && f->kept != NULL)
        status = evaluation_keep(out, d, f, err);
    if (status == 0 && options->bootstrap > 0)
        status = resample(out, &s, d, f, options, pool, err);
    slice_free(&s);
    return status != 0 ? status : evaluation_parts(out, d, f, err);
}

int evaluation_new(sikap_evaluation **out, struct evaluation_data *data,
                   const struct evaluate_options *options, struct pool *pool,
                   const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    sikap_evaluation *e = memory_zero(1, sizeof *e);
    if (e == NULL) {
        evaluation_data_free(data);
        return error_memory(err, "evaluation");
    }
    e->data = *data;
    memset(data, 0, sizeof *data);
    e->n_resamples = options->bootstrap;
    e->seed = options->seed;
    e->figures = memory_zero(e->data.n_fields, sizeof *e->figures);
    int status = e->figures == NULL ? error_memory(err, "evaluation") : 0;
    for (size_t f = 0; f < e->data.n_fields && status == 0; f++) {
        if (watch != NULL && watch->stopped != NULL && watch->stopped(watch->context)) {
            status = error_set(err, SIKAP_CANCELLED, NULL, 0, "stopped");
            break;
        }
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->context, "evaluating", f, e->data.n_fields);
        status =
            field_figures_new(&e->figures[f], &e->data, &e->data.fields[f], options, pool, err);
    }
    if (status != 0) {
        sikap_evaluation_free(e);
        return status;
    }
    *out = e;
    return 0;
}
