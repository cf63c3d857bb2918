/* SPDX-License-Identifier: Apache-2.0 */
/* What a fold learns from, and with which options. With --tune they are searched in the fold's
 * training part alone, and the corpus is read as 'sikap train' would read it with what was found:
 * what is cross-validated is the whole procedure, search included (Varma and Simon, "Bias in error
 * estimation when using cross-validation for model selection", BMC Bioinformatics 7, 2006). */
#include "learn/crossval.h"

#include "base/memory.h"
#include "measure/metrics.h"
#include "sikap_train.h"

static int note_found(struct crossval *v, const sikap_options *options,
                      const struct tune_table *table, size_t fold, size_t repeat, sikap_error *err)
{
    struct buffer text = {0};
    tune_print_found(&text, options, v->given->n);
    buffer_byte(&text, '\0');
    const char *found = text.failed || text.n < 2 ? "" : text.bytes + 1;
    const int status = text.failed || evaluation_tuning_add(&v->tuning, repeat, fold, found) != 0
                           ? error_memory(err, "tuning")
                           : 0;
    buffer_free(&text);
    if (status != 0)
        return status;
    struct evaluation_tuned *tuned = &v->tuning.folds[v->tuning.n - 1];
    tuned->given = table->trials[0].value;
    tuned->found = tune_reached(table);
    return 0;
}

static int search(struct crossval_part *part, struct crossval *v, const struct folds *outer,
                  size_t fold, size_t repeat, sikap_error *err)
{
    static option_getter *const all[] = {sikap_corpus_option, sikap_train_option, NULL};
    const struct tune_part inside = {outer, fold, &part->inner};
    struct tune_table table = {.trials = NULL};
    sikap_options *options = NULL;
    int status = options_among(&options, v->given, all, err);
    if (status == 0)
        status =
            tune_run(&table, options, &v->effort, v->paths, v->n_paths, &inside, &v->inside, err);
    if (status == 0)
        status = note_found(v, options, &table, fold, repeat, err);
    const struct training_request wants = {.purpose = TRAINING_FOLD};
    if (status == 0 && options->n > v->given->n)
        status = training_start(&part->own, &wants, v->paths, v->n_paths, options, &v->inside, err);
    tune_table_free(&table);
    sikap_options_free(options);
    return status;
}

int crossval_part_open(struct crossval_part *part, struct crossval *v, const sikap_model *m,
                       const struct folds *outer, size_t fold, size_t repeat, sikap_error *err)
{
    *part = (struct crossval_part){.inner = {.of = NULL}};
    const int chooses =
        training_learns_decisions(&v->t, m) || v->t.settings.prunes_auto || v->effort.level > 0;
    int status = chooses ? crossval_inner_folds(&part->inner, v, outer, fold, err) : 0;
    if (status == 0 && v->effort.level > 0)
        status = search(part, v, outer, fold, repeat, err);
    const struct training *whole = part->own.collection != NULL ? &part->own : &v->t;
    if (status == 0 && whole->collection->n_labelled != v->n_documents)
        status = error_set(err, SIKAP_DATA, v->paths[0], 0,
                           "the corpus must not change while it is read");
    if (status == 0)
        status = training_view(&part->view, whole, outer, fold, err);
    part->view.watch = &v->inside;
    return status;
}

void crossval_part_close(struct crossval_part *part)
{
    memory_free(part->inner.of);
    training_view_free(&part->view);
    if (part->own.collection != NULL || part->own.pool != NULL)
        training_end(&part->own);
}

/* ---- what the labels are worth ---- */

/* The annotated documents of a field that the models from `first` to `end` - 1 labelled. */
static int field_metrics(struct metrics **out, const struct crossval *v,
                         const struct model_field *field, size_t f, size_t first, size_t end,
                         sikap_error *err)
{
    const size_t n = field->n, all = v->t.tasks->n_tasks;
    uint8_t *gold = memory_alloc(v->n_rows * n, 1), *chosen = memory_alloc(v->n_rows * n, 1);
    uint32_t *labels = memory_zero(2 * v->n_rows, sizeof *labels);
    int status = gold == NULL || chosen == NULL || labels == NULL ? error_memory(err, "tuning") : 0;
    size_t n_rows = 0;
    for (size_t row = 0; status == 0 && row < v->n_rows; row++) {
        const size_t document = row % v->n_documents;
        if (v->fold[row] < first || v->fold[row] >= end ||
            !v->t.collection->fields[f].annotated[document])
            continue;
        for (size_t l = 0; l < n; l++) {
            gold[n_rows * n + l] = v->t.tasks->gold[document * all + field->first + l];
            chosen[n_rows * n + l] = v->chosen[row * all + field->first + l];
            if (gold[n_rows * n + l])
                labels[n_rows] = (uint32_t)l;
            if (chosen[n_rows * n + l])
                labels[v->n_rows + n_rows] = (uint32_t)l;
        }
        n_rows++;
    }
    if (status == 0)
        status = field->is_multi ? metrics_multi(out, gold, chosen, n_rows, n, err)
                                 : metrics_single(out, labels, labels + v->n_rows, n_rows, n, err);
    memory_free(gold);
    memory_free(chosen);
    memory_free(labels);
    return status;
}

/* As the search judges; macro F1 over the labels that these documents have. */
static int worth(double *value, const struct crossval *v, const sikap_model *m, size_t first,
                 size_t end, sikap_error *err)
{
    int status = 0;
    *value = 0;
    for (size_t f = 0; f < m->n_fields && status == 0; f++) {
        struct metrics *metrics = NULL;
        status = field_metrics(&metrics, v, &m->fields[f], f, first, end, err);
        if (status != 0)
            break;
        *value += threshold_value(v->t.settings.train.objective, metrics->micro.f1,
                                  metrics->macro_supported.f1) /
                  (double)m->n_fields;
        metrics_free(metrics);
    }
    return status;
}

int crossval_judge_tuning(struct crossval *v, const sikap_model *m, sikap_error *err)
{
    int status = worth(&v->tuning.tested, v, m, 0, v->n_repeats * v->n_folds, err);
    for (size_t k = 0; k < v->tuning.n && status == 0; k++) {
        struct evaluation_tuned *tuned = &v->tuning.folds[k];
        const size_t model = tuned->repeat * v->n_folds + tuned->fold;
        status = worth(&tuned->tested, v, m, model, model + 1, err);
        v->tuning.given += tuned->given / (double)v->tuning.n;
        v->tuning.found += tuned->found / (double)v->tuning.n;
    }
    return status;
}
