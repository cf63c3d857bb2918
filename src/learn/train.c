/* SPDX-License-Identifier: Apache-2.0 */
/* Training, and the one place that knows the order of its steps: read and count; fold, learn and
 * score out of fold; thresholds and calibration from those scores; learn on everything; round the
 * weights; write down where the model comes from. */
#include "sikap_train.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "learn/calibrate_field.h"
#include "learn/learn_reference.h"
#include "learn/out_of_fold.h"
#include "learn/prune.h"
#include "learn/threshold.h"
#include "learn/training.h"
#include "model/model_format.h"

/* ---- thresholds and calibration ---- */

void field_scores_free(struct field_scores *s)
{
    memory_free(s->scores);
    memory_free(s->gold);
    memory_free(s->fold);
}

int field_scores_new(struct field_scores *s, const struct training *t, const struct folds *folds,
                     const float *scores, size_t f, sikap_error *err)
{
    const struct tasks *tasks = t->tasks;
    const size_t first = tasks->first[f], n_labels = tasks->first[f + 1] - first;
    const size_t n_rows = t->collection->n_rows;
    memset(s, 0, sizeof *s);
    s->n_labels = n_labels;
    s->scores = memory_alloc(n_rows * n_labels, sizeof *s->scores);
    s->gold = memory_alloc(n_rows * n_labels, 1);
    s->fold = memory_alloc(n_rows, sizeof *s->fold);
    if (s->scores == NULL || s->gold == NULL || s->fold == NULL)
        return error_memory(err, "thresholds");
    for (size_t row = 0; row < n_rows; row++) {
        if (!t->collection->fields[f].annotated[row])
            continue;
        memcpy(s->scores + s->n * n_labels, scores + row * tasks->n_tasks + first,
               n_labels * sizeof *s->scores);
        memcpy(s->gold + s->n * n_labels, tasks->gold + row * tasks->n_tasks + first, n_labels);
        s->fold[s->n++] = folds->of[row];
    }
    return 0;
}

static int note_forecast(sikap_model *m, const char *field, const struct threshold_result *result,
                         sikap_error *err)
{
    struct buffer name = {0}, value = {0};
    buffer_text(&name, "thresholds ");
    buffer_text(&name, field);
    buffer_byte(&name, '\0');
    buffer_text(&value, result->rule);
    buffer_text(&value, "; out of fold micro F1 ");
    number_print_fixed(&value, result->micro_f1, 4);
    buffer_text(&value, ", macro F1 ");
    number_print_fixed(&value, result->macro_f1, 4);
    buffer_byte(&value, '\0');
    const int status = name.failed || value.failed
                           ? error_memory(err, "model")
                           : model_add_note(m, name.bytes, value.bytes, err);
    buffer_free(&name);
    buffer_free(&value);
    return status;
}

int training_fit_decisions(struct training *t, sikap_model *m, const struct folds *folds,
                           const float *scores, sikap_error *err)
{
    const struct train_options *o = &t->settings.train;
    const int learnt = t->settings.learns_threshold;
    int status = 0;
    for (size_t f = 0; f < m->n_fields && status == 0; f++) {
        struct model_field *field = &m->fields[f];
        for (size_t l = field->first; l < field->first + field->n; l++)
            m->threshold[l] = learnt ? 0 : (float)t->settings.fixed_threshold;
        if (folds == NULL)
            continue;
        struct field_scores s;
        status = field_scores_new(&s, t, folds, scores, f, err);
        const struct threshold_input input = {s.scores, s.n_labels, s.gold,        s.fold,
                                              s.n,      s.n_labels, folds->n_folds};
        struct threshold_result result;
        if (status == 0 && learnt && field->is_multi) {
            status = threshold_learn(m->threshold + field->first, &input, t->settings.scheme,
                                     (enum threshold_objective)o->objective, &result, err);
            if (status == 0)
                status = note_forecast(m, field->name, &result, err);
        }
        if (status == 0)
            status = calibrate_field(m, field, &input, (enum calibration)o->calibrate, err);
        if (status == 0)
            status = calibrate_certainty(m, field, &input, err);
        field_scores_free(&s);
    }
    return status;
}

int training_learns_decisions(const struct training *t, const sikap_model *m)
{
    int any_multi = 0;
    for (size_t f = 0; f < m->n_fields; f++)
        any_multi |= m->fields[f].is_multi;
    /* --threshold 0 is today's usual pipeline: no cross-validation at all. Without multi fields it
     * is only needed for probabilities. */
    return any_multi ? t->settings.learns_threshold : t->settings.train.calibrate;
}

static int learn_decisions(struct training *t, sikap_model *m, sikap_error *err)
{
    if (!training_learns_decisions(t, m))
        return training_fit_decisions(t, m, NULL, NULL, err);
    struct folds *folds;
    float *scores;
    int status = training_out_of_fold(&folds, &scores, t, err);
    if (status == 0)
        status = training_fit_decisions(t, m, folds, scores, err);
    if (status == 0)
        status = learn_reference(t, m, scores, err);
    folds_free(folds);
    memory_free(scores);
    return status;
}

/* ---- the model ---- */

int training_copy_labels(const struct training *t, sikap_model *m, sikap_error *err)
{
    const struct tasks *tasks = t->tasks;
    const size_t n = tasks->n_tasks;
    m->fields = memory_zero(tasks->n_fields, sizeof *m->fields);
    m->labels = memory_zero(n, sizeof *m->labels);
    m->threshold = memory_zero(n, sizeof *m->threshold);
    m->platt_a = memory_zero(n, sizeof *m->platt_a);
    m->platt_b = memory_zero(n, sizeof *m->platt_b);
    m->curves = memory_zero(n, sizeof *m->curves);
    if (m->fields == NULL || m->labels == NULL || m->threshold == NULL || m->platt_a == NULL ||
        m->platt_b == NULL || m->curves == NULL)
        return error_memory(err, "model");
    for (size_t f = 0; f < tasks->n_fields; f++) {
        const struct collection_field *from = &t->collection->fields[f];
        m->fields[f] = (struct model_field){memory_string(from->name),
                                            from->is_multi,
                                            tasks->first[f],
                                            tasks->first[f + 1] - tasks->first[f],
                                            0,
                                            NULL};
        m->n_fields = f + 1;
        if (m->fields[f].name == NULL)
            return error_memory(err, "model");
    }
    for (size_t l = 0; l < n; l++) {
        m->labels[l] = memory_string(tasks->labels[l]);
        m->n_labels = l + 1;
        if (m->labels[l] == NULL)
            return error_memory(err, "model");
    }
    return 0;
}

/* Adds what `text` holds and empties it. */
static int add_note(sikap_model *m, const char *name, struct buffer *text, sikap_error *err)
{
    buffer_byte(text, '\0');
    const int status =
        text->failed ? error_memory(err, "model") : model_add_note(m, name, text->bytes, err);
    buffer_clear(text);
    return status;
}

/* Names without folders: the same model anywhere. */
static int note_files(sikap_model *m, const char *name, const char *const *paths, size_t n_paths,
                      sikap_error *err)
{
    struct buffer text = {0};
    for (size_t i = 0; i < n_paths; i++) {
        const char *slash = strrchr(paths[i], '/');
        buffer_text(&text, i > 0 ? " " : "");
        buffer_text(&text, slash == NULL ? paths[i] : slash + 1);
    }
    const int status = add_note(m, name, &text, err);
    buffer_free(&text);
    return status;
}

static int note_options(const struct training *t, sikap_model *m, struct buffer *text,
                        sikap_error *err)
{
    option_save(&feature_option_table, &t->settings.features, text);
    struct train_options told = t->settings.train;
    told.threads = 0; /* how many threads worked leaves no trace, nor a limit that was kept */
    told.max_memory = 0;
    told.unlabeled = (struct option_list){0};
    option_save(&train_option_table, &told, text);
    for (size_t i = 0; i < text->n; i++)
        if (text->bytes[i] == '\n')
            text->bytes[i] = ' ';
    return add_note(m, "options", text, err);
}

static int add_provenance(const struct training *t, sikap_model *m, const char *const *paths,
                          size_t n_paths, sikap_error *err)
{
    const struct collection *c = t->collection;
    const struct option_list *unlabeled = &t->settings.train.unlabeled;
    struct buffer text = {0};
    int status = model_add_note(m, "version", SIKAP_VERSION, err);
    if (status == 0)
        status = note_files(m, "corpus", paths, n_paths, err);
    if (status == 0 && unlabeled->n > 0)
        status =
            note_files(m, "unlabeled", (const char *const *)unlabeled->items, unlabeled->n, err);
    if (status == 0) {
        buffer_format(&text, "%016llx", (unsigned long long)c->fingerprint);
        status = add_note(m, "fingerprint", &text, err);
    }
    if (status == 0) {
        buffer_format(&text, "%zu read, %llu skipped, %llu with broken UTF-8", c->n_labelled,
                      (unsigned long long)c->read.n_skipped,
                      (unsigned long long)c->read.n_repaired);
        status = add_note(m, "documents", &text, err);
    }
    if (status == 0 && c->raised_df > 0) {
        buffer_format(&text, "%u, raised by --max-memory", (unsigned)c->raised_df);
        status = add_note(m, "min-df", &text, err);
    }
    if (status == 0)
        status = note_options(t, m, &text, err);
    buffer_free(&text);
    return status;
}

/* The vocabulary is still the collection's, until nothing can fail. */
static int prepare_weighting(sikap_model *m, const struct collection *c, sikap_error *err)
{
    m->vocabulary = c->vocabulary;
    const int status = model_prepare(m, err);
    m->vocabulary = NULL;
    return status;
}

/* Hands the options over to the model, and weighs terms with them. */
static int prepare_model(struct training *t, sikap_model *m, sikap_error *err)
{
    struct buffer saved = {0};
    option_save_all(&feature_option_table, &t->settings.features, &saved);
    int status = saved.failed
                     ? error_memory(err, "model")
                     : option_load(&feature_option_table, &m->features, saved.bytes, saved.n, err);
    buffer_free(&saved);
    if (status != 0)
        return status;
    m->stop_words = t->stop_words;
    t->stop_words = NULL;
    m->n_documents = (double)t->collection->n_rows;
    memcpy(m->weighting.average_length, t->collection->average_length,
           sizeof m->weighting.average_length);
    return prepare_weighting(m, t->collection, err);
}

/* Shared and own weights of every target added up: [n_terms][n_outputs], output target * n_tasks +
 * label, target 0 the shared one. NULL: out of memory. */
static float *fold_targets(const struct design *d, const float *weights, float **bias,
                           size_t n_terms, size_t n_tasks)
{
    const size_t n_outputs = n_tasks * (d->n_domains + 1);
    float *folded = memory_aligned(n_terms * n_outputs, sizeof *folded);
    float *biases = memory_alloc(n_outputs, sizeof *biases);
    if (folded == NULL || biases == NULL) {
        memory_free(folded);
        memory_free(biases);
        return NULL;
    }
    for (size_t k = 0; k <= d->n_domains; k++)
        for (size_t l = 0; l < n_tasks; l++) {
            const size_t own = n_terms * (d->n_domains + 1) + k - 1;
            biases[k * n_tasks + l] = (*bias)[l] + (k > 0 ? weights[own * n_tasks + l] : 0);
            for (size_t term = 0; term < n_terms; term++)
                folded[term * n_outputs + k * n_tasks + l] =
                    weights[term * n_tasks + l] +
                    (k > 0 ? weights[(k * n_terms + term) * n_tasks + l] : 0);
        }
    memory_free(*bias);
    *bias = biases;
    return folded;
}

static int copy_targets(const struct training *t, sikap_model *m, sikap_error *err)
{
    if (t->collection->n_extras < 2)
        return 0;
    const struct names *names = &t->collection->extras[1].names;
    m->target_key = memory_string(t->settings.train.target);
    m->targets = memory_zero(names->n, sizeof *m->targets);
    if (m->target_key == NULL || m->targets == NULL)
        return error_memory(err, "model");
    for (; m->n_targets < names->n; m->n_targets++) {
        const char *name = names->items[m->n_targets];
        m->targets[m->n_targets] = memory_string(name);
        if (m->targets[m->n_targets] == NULL)
            return error_memory(err, "model");
    }
    return 0;
}

static void take_row(void *context, size_t column, const float *row)
{
    model_set_row(context, column, row);
}

struct rows_job {
    sikap_model *m;
    const float *weights;
    size_t n_terms;
};

enum { TERMS_PER_TASK = 4096 };

static void set_rows(void *context, size_t index, size_t worker)
{
    (void)worker;
    const struct rows_job *job = context;
    const size_t first = index * TERMS_PER_TASK;
    for (size_t t = first; t < job->n_terms && t < first + TERMS_PER_TASK; t++)
        model_set_row(job->m, t, job->weights + t * job->m->n_outputs);
}

/* Learns the weights whole, and then rounds them. */
static int learn_whole(const struct training *t, const struct design *d, sikap_model *m,
                       float **bias, sikap_error *err)
{
    const size_t n_terms = t->collection->vocabulary->n_terms, n_tasks = t->tasks->n_tasks;
    float *weights = memory_aligned(design_columns(t->collection) * n_tasks, sizeof *weights);
    struct solution solution = {.weights = weights, .bias = *bias};
    int status = weights == NULL ? error_memory(err, "training")
                                 : train_rows(d, t->tasks, NULL, 0, &t->settings.train, 0, t->pool,
                                              t->watch, &solution, err);
    if (status == 0 && d->n_domains > 0) {
        float *folded = fold_targets(d, weights, bias, n_terms, n_tasks);
        memory_free(weights);
        weights = folded;
        if (weights == NULL)
            status = error_memory(err, "training");
    }
    if (status == 0) {
        struct rows_job job = {m, weights, n_terms};
        parallel_for(t->pool, (n_terms + TERMS_PER_TASK - 1) / TERMS_PER_TASK, set_rows, &job);
    }
    memory_free(weights);
    return status;
}

/* Learns on everything, into a model that is ready but for weights and vocabulary. */
static int learn_on_all(const struct training *t, sikap_model *m, sikap_error *err)
{
    struct design *d = NULL;
    struct design_request all = design_request_of(&t->settings);
    all.in_place = 1;
    int status = design_new(&d, t->collection, &all, t->pool, err);
    float *bias = memory_alloc(t->tasks->n_tasks, sizeof *bias);
    if (status == 0 && bias == NULL)
        status = error_memory(err, "training");
    if (status == 0 && t->watch != NULL && t->watch->progress != NULL)
        t->watch->progress(t->watch->context, "training", 0, 0);
    if (status == 0 && train_hands_over(d, &t->settings.train)) {
        struct solution solution = {.bias = bias, .take = take_row, .take_context = m};
        status = train_rows(d, t->tasks, NULL, 0, &t->settings.train, 0, t->pool, t->watch,
                            &solution, err);
    } else if (status == 0) {
        status = learn_whole(t, d, m, &bias, err);
    }
    if (status == 0)
        memcpy(m->bias, bias, m->n_outputs * sizeof *m->bias);
    design_free(d);
    memory_free(bias);
    return status;
}

static int learn_weights(struct training *t, sikap_model *m, sikap_error *err)
{
    struct collection *c = t->collection;
    int status = training_select_best(t, err);
    if (status == 0)
        status = training_prune(t, err);
    if (status == 0)
        status = learn_reference_unknown(t, m, err);
    if (status == 0)
        status = copy_targets(t, m, err);
    if (status != 0)
        return status;
    memcpy(m->weighting.average_length, c->average_length, sizeof c->average_length);
    status = prepare_weighting(m, c, err);
    if (status == 0)
        status = model_new_weights(m, c->vocabulary->n_terms,
                                   t->settings.train.precision == 0 ? 8 : 32, err);
    if (status == 0)
        status = learn_on_all(t, m, err);
    if (status == 0) {
        m->vocabulary = c->vocabulary;
        c->vocabulary = NULL;
    }
    return status;
}

int sikap_train(sikap_model **out, const char *const *paths, size_t n_paths,
                const sikap_options *options, const sikap_watch *watch, sikap_counts *counts,
                sikap_error *err)
{
    *out = NULL;
    struct training t;
    sikap_model *m = NULL;
    const struct training_request wants = {
        .purpose = TRAINING_MODEL, .visit = learn_reference_visit, .n_numbers = 1};
    int status = training_start(&t, &wants, paths, n_paths, options, watch, err);
    if (status == 0)
        status = model_new(&m, err);
    if (status == 0)
        status = training_copy_labels(&t, m, err);
    if (status == 0)
        status = prepare_model(&t, m, err);
    if (status == 0)
        status = prune_choose(&t, NULL, err);
    if (status == 0)
        status = learn_decisions(&t, m, err);
    if (status == 0)
        status = learn_weights(&t, m, err);
    if (status == 0)
        status = add_provenance(&t, m, paths, n_paths, err);
    if (status == 0 && t.settings.train.passages)
        status = model_add_note(m, "passages", "yes", err);
    if (status == 0 && t.settings.train.compact)
        status = model_add_note(m, "compact", "yes", err);
    if (counts != NULL && t.collection != NULL)
        *counts = t.collection->read;
    training_end(&t);
    if (status != 0) {
        sikap_model_free(m);
        m = NULL;
    }
    *out = m;
    return status;
}

int sikap_model_save(const sikap_model *model, const char *path, sikap_error *err)
{
    const struct model_write_options options = {sikap_model_note(model, "compact") != NULL};
    return model_write(model, &options, path, err);
}
