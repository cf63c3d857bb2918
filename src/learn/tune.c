/* SPDX-License-Identifier: Apache-2.0 */
/* The search itself: which values are compared, by what, and which are kept. */
#include "learn/tune.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "learn/out_of_fold.h"
#include "learn/threshold.h"
#include "measure/metrics.h"

enum { MAX_VALUES = 8, HALVING_FROM = 4, HALVING_FOLDS = 2 };

/* Options that are searched together: a value is a list of NAME=VALUE. The order is that of
 * importance, and of dependence: costs are compared over the terms that were found. */
static const struct dimension {
    int level;
    const char *values[MAX_VALUES];
} dimensions[] = {
    {1,
     {"ngrams=1-2 chars=3-6", "ngrams=1-2 chars=none", "ngrams=1 chars=none", "ngrams=1 chars=3-6",
      "ngrams=1-2 chars=2-5", "ngrams=none chars=3-6"}},
    {2, {"ngrams=1-3 chars=none", "ngrams=1-3 chars=3-6", "ngrams=1-2 chars=3-5"}},
    {1, {"cost=0.25", "cost=0.5", "cost=2", "cost=4"}},
    {1, {"class-weight=balanced"}},
    {1, {"idf=log", "idf=none"}},
    {2, {"min-df=1", "min-df=2", "min-df=3"}},
    {2, {"word-weight=0.5", "word-weight=2"}},
    {2, {"sublinear=no", "binary=yes"}},
    {2, {"nb-svm=yes"}},
    {2, {"solver=block-l1svm cost=0.5", "solver=block-lr cost=10"}},
    {2, {"cost=0.125", "cost=8"}},
};
enum { N_DIMENSIONS = sizeof dimensions / sizeof *dimensions };

struct search {
    sikap_options *found;
    struct training *t;
    const struct folds *folds;
    const struct tune_effort *effort;
    const struct timespec *since;
    struct tune_table *table;
    size_t n_given;      /* pairs of `found` that the user gave */
    double margin;       /* what a gain must exceed */
    double value;        /* of what stands, over all folds */
    float *scores;       /* [n_rows][n_tasks] */
    size_t done, n_plan; /* evaluations, for progress */
};

int tune_effort_parse(struct tune_effort *effort, const char *text, sikap_error *err)
{
    *effort = (struct tune_effort){2, 0};
    if (strcmp(text, "quick") == 0)
        effort->level = 1;
    else if (strcmp(text, "full") != 0 &&
             (number_parse(&effort->seconds, text, strlen(text)) != 0 ||
              !(effort->seconds > 0 && effort->seconds <= 1e9)))
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--tune: '%.100s' is not quick, full or a number of seconds", text);
    return 0;
}

void tune_table_free(struct tune_table *table)
{
    for (size_t i = 0; i < table->n; i++)
        memory_free(table->trials[i].options);
    memory_free(table->trials);
}

/* ---- options as text ---- */

/* Did the user say something about this option? Naming one kind of n-gram says that the other is
 * not wanted. */
static int is_settled(const sikap_options *options, size_t n_given, const char *name)
{
    const int is_range = strcmp(name, "ngrams") == 0 || strcmp(name, "chars") == 0;
    return options_have(options, n_given, name) ||
           (is_range &&
            (options_have(options, n_given, "ngrams") || options_have(options, n_given, "chars")));
}

/* Adds "NAME=VALUE NAME=VALUE"; of the options among the first n_given pairs, nothing. *n_added is
 * how many pairs came. */
static int add_value(sikap_options *to, size_t n_given, const char *value, size_t *n_added,
                     sikap_error *err)
{
    *n_added = 0;
    for (const char *at = value; *at != '\0';) {
        const size_t n = strcspn(at, " "), name_n = strcspn(at, "=");
        char name[32], text[32];
        if (name_n < sizeof name && n - name_n - 1 < sizeof text) {
            memcpy(name, at, name_n);
            name[name_n] = '\0';
            memcpy(text, at + name_n + 1, n - name_n - 1);
            text[n - name_n - 1] = '\0';
            if (!is_settled(to, n_given, name)) {
                const int status = sikap_options_set(to, name, text, err);
                if (status != 0)
                    return status;
                ++*n_added;
            }
        }
        at += n + (at[n] == ' ');
    }
    return 0;
}

void tune_drop_last(sikap_options *options, size_t n)
{
    for (; n > 0; n--) {
        struct option_pair *last = &options->pairs[--options->n];
        memory_free(last->name);
        memory_free(last->value);
    }
}

int tune_reading_options(sikap_options **out, const sikap_options *given, int level,
                         sikap_error *err)
{
    size_t n_added;
    int status = sikap_options_new(out, err);
    for (size_t i = 0; status == 0 && i < given->n; i++)
        status = sikap_options_set(*out, given->pairs[i].name, given->pairs[i].value, err);
    if (status == 0)
        status =
            add_value(*out, given->n, level > 1 ? "ngrams=1-3 chars=2-6" : "ngrams=1-2 chars=2-6",
                      &n_added, err);
    if (status != 0) {
        sikap_options_free(*out);
        *out = NULL;
    }
    return status;
}

/* ---- the value of a setting ---- */

/* The annotated rows that the first n_folds test, side by side. */
struct field_rows {
    float *scores;
    uint8_t *gold;
    uint32_t *fold, *gold_label, *chosen_label;
    size_t n;
};

static void field_rows_free(struct field_rows *r)
{
    memory_free(r->scores);
    memory_free(r->gold);
    memory_free(r->fold);
    memory_free(r->gold_label);
    memory_free(r->chosen_label);
}

static int field_rows_new(struct field_rows *r, const struct search *s, size_t f, size_t n_folds)
{
    const struct tasks *tasks = s->t->tasks;
    const size_t first = tasks->first[f], n_labels = tasks->first[f + 1] - first;
    const size_t n_rows = s->t->collection->n_labelled;
    *r = (struct field_rows){.scores = memory_alloc(n_rows * n_labels, sizeof *r->scores),
                             .gold = memory_alloc(n_rows * n_labels, 1),
                             .fold = memory_alloc(n_rows, sizeof *r->fold),
                             .gold_label = memory_alloc(n_rows, sizeof *r->gold_label),
                             .chosen_label = memory_alloc(n_rows, sizeof *r->chosen_label)};
    if (r->scores == NULL || r->gold == NULL || r->fold == NULL || r->gold_label == NULL ||
        r->chosen_label == NULL)
        return -1;
    for (size_t row = 0; row < n_rows; row++) {
        if (!s->t->collection->fields[f].annotated[row] || s->folds->of[row] >= n_folds)
            continue;
        const float *scores = s->scores + row * tasks->n_tasks + first;
        const uint8_t *gold = tasks->gold + row * tasks->n_tasks + first;
        memcpy(r->scores + r->n * n_labels, scores, n_labels * sizeof *scores);
        memcpy(r->gold + r->n * n_labels, gold, n_labels);
        r->gold_label[r->n] = r->chosen_label[r->n] = 0;
        for (size_t l = 0; l < n_labels; l++) {
            if (gold[l])
                r->gold_label[r->n] = (uint32_t)l;
            if (scores[l] > scores[r->chosen_label[r->n]])
                r->chosen_label[r->n] = (uint32_t)l;
        }
        r->fold[r->n++] = s->folds->of[row];
    }
    return 0;
}

/* Micro and macro F1 of one field: with thresholds judged on folds they were not learnt on, or the
 * fixed one; of a single field, of the label with the highest score (micro F1 is accuracy). */
static int judge_field(double *micro, double *macro, const struct search *s,
                       const struct train_settings *settings, size_t f, size_t n_folds,
                       sikap_error *err)
{
    const struct tasks *tasks = s->t->tasks;
    const size_t n_labels = tasks->first[f + 1] - tasks->first[f];
    struct field_rows rows;
    struct metrics *metrics = NULL;
    int status = field_rows_new(&rows, s, f, n_folds) != 0 ? error_memory(err, "tuning") : 0;
    *micro = *macro = 0;
    if (status != 0 || rows.n == 0)
        goto done;
    if (s->t->collection->fields[f].is_multi && settings->learns_threshold) {
        struct threshold_result result;
        const struct threshold_input input = {rows.scores, n_labels, rows.gold, rows.fold,
                                              rows.n,      n_labels, n_folds};
        float *threshold = memory_alloc(n_labels, sizeof *threshold);
        status = threshold == NULL
                     ? error_memory(err, "tuning")
                     : threshold_learn(threshold, &input, settings->scheme,
                                       (enum threshold_objective)settings->train.objective, &result,
                                       err);
        memory_free(threshold);
        if (status == 0) {
            *micro = result.micro_f1;
            *macro = result.macro_f1;
        }
        goto done;
    }
    if (s->t->collection->fields[f].is_multi) {
        uint8_t *chosen = memory_alloc(rows.n * n_labels, 1);
        status = chosen == NULL ? error_memory(err, "tuning") : 0;
        for (size_t i = 0; status == 0 && i < rows.n * n_labels; i++)
            chosen[i] = (double)rows.scores[i] >= settings->fixed_threshold;
        if (status == 0)
            status = metrics_multi(&metrics, rows.gold, chosen, rows.n, n_labels, err);
        memory_free(chosen);
    } else {
        status =
            metrics_single(&metrics, rows.gold_label, rows.chosen_label, rows.n, n_labels, err);
    }
    if (status == 0) {
        *micro = metrics->micro.f1;
        *macro = metrics->macro.f1;
    }
done:
    metrics_free(metrics);
    field_rows_free(&rows);
    return status;
}

/* The mean over fields of what --objective says: micro F1, macro F1, or the mean of both; over the
 * first n_folds folds. */
static int evaluate(double *value, struct search *s, int n_folds, sikap_error *err)
{
    struct train_settings settings;
    int status = train_settings_parse(&settings, s->found, 0, err);
    if (status != 0)
        return status;
    settings.narrows = 1;
    train_settings_fit(&settings, s->t->collection->n_labelled);
    const sikap_watch *watch = s->t->watch;
    if (watch != NULL && watch->progress != NULL)
        watch->progress(watch->context, "tuning", s->done, s->n_plan);
    s->done += (size_t)n_folds;
    /* The folds' own progress would count from 0 again and again. */
    const sikap_watch quiet = {.context = watch == NULL ? NULL : watch->context,
                               .stopped = watch == NULL ? NULL : watch->stopped};
    struct folds part = *s->folds;
    part.n_folds = (size_t)n_folds;
    struct tasks *tasks; /* class weights are in the tasks */
    status = tasks_new(&tasks, s->t->collection, &settings.train, err);
    if (status == 0)
        status = out_of_fold_scores(s->scores, s->t->collection, tasks, &part, &settings,
                                    s->t->pool, &quiet, err);
    tasks_free(tasks);
    const size_t n_fields = s->t->tasks->n_fields;
    *value = 0;
    for (size_t f = 0; status == 0 && f < n_fields; f++) {
        double micro, macro;
        status = judge_field(&micro, &macro, s, &settings, f, (size_t)n_folds, err);
        *value += threshold_value(settings.train.objective, micro, macro) / (double)n_fields;
    }
    train_settings_clear(&settings);
    return status;
}

/* ---- the table ---- */

static int note_trial(struct search *s, size_t n_added, double value, int n_folds, int is_adopted,
                      sikap_error *err)
{
    struct buffer text = {0};
    for (size_t i = s->found->n - n_added; i < s->found->n; i++) {
        buffer_format(&text, "%s%s=", text.n > 0 ? " " : "", s->found->pairs[i].name);
        buffer_text(&text, s->found->pairs[i].value);
    }
    if (n_added == 0)
        buffer_text(&text, "as given");
    buffer_byte(&text, '\0');
    struct tune_table *table = s->table;
    char *options = text.failed ? NULL : memory_string(text.bytes);
    buffer_free(&text);
    if (options == NULL ||
        memory_grow(&table->trials, &table->capacity, table->n + 1, sizeof *table->trials) != 0) {
        memory_free(options);
        return error_memory(err, "tuning");
    }
    table->trials[table->n++] = (struct tune_trial){options, value, n_folds, is_adopted};
    return 0;
}

int tune_is_over(const struct tune_effort *effort, const struct timespec *since)
{
    struct timespec now;
    if (effort->seconds <= 0 || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    const double passed =
        (double)(now.tv_sec - since->tv_sec) + (double)(now.tv_nsec - since->tv_nsec) * 1e-9;
    return passed > effort->seconds;
}

static int is_over(const struct search *s)
{
    return tune_is_over(s->effort, s->since);
}

/* ---- the search ---- */

/* Tries one value; the options are as before afterwards. */
static int try_value(double *value, struct search *s, const char *text, int n_folds,
                     sikap_error *err)
{
    size_t n_added;
    int status = add_value(s->found, s->n_given, text, &n_added, err);
    if (status == 0)
        status = evaluate(value, s, n_folds, err);
    if (status == 0)
        status = note_trial(s, n_added, *value, n_folds, 0, err);
    tune_drop_last(s->found, n_added);
    return status;
}

/* Whether a value sets nothing that is free, or says what stands already. */
static int is_pointless(const struct search *s, const char *text, int *pointless, sikap_error *err)
{
    struct train_settings before, after;
    size_t n_added;
    *pointless = 1;
    int status = train_settings_parse(&before, s->found, 0, err);
    if (status != 0)
        return status;
    train_settings_fit(&before, s->t->collection->n_labelled);
    status = add_value(s->found, s->n_given, text, &n_added, err);
    if (status == 0 && n_added > 0) {
        struct buffer a = {0}, b = {0};
        /* What does not go together with what the user gave is not tried. */
        if (train_settings_parse(&after, s->found, 0, NULL) == 0) {
            train_settings_fit(&after, s->t->collection->n_labelled);
            option_save_all(&feature_option_table, &before.features, &a);
            option_save_all(&train_option_table, &before.train, &a);
            option_save_all(&feature_option_table, &after.features, &b);
            option_save_all(&train_option_table, &after.train, &b);
            *pointless = a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0;
            if (a.failed || b.failed)
                status = error_memory(err, "tuning");
            train_settings_clear(&after);
        }
        buffer_free(&a);
        buffer_free(&b);
    }
    tune_drop_last(s->found, n_added);
    train_settings_clear(&before);
    return status;
}

/* The better half after a few folds, in the order they were in. */
static size_t halve(const char **values, const double *seen, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t better = 0;
        for (size_t k = 0; k < n; k++)
            better += seen[k] > seen[i] || (k < i && seen[k] >= seen[i]);
        if (better < (n + 1) / 2)
            values[kept++] = values[i];
    }
    return kept;
}

/* `trial`: where its value stands in the table. */
static int adopt(struct search *s, const char *text, size_t trial, sikap_error *err)
{
    size_t n_added;
    s->value = s->table->trials[trial].value;
    s->table->trials[trial].is_adopted = 1;
    return add_value(s->found, s->n_given, text, &n_added, err);
}

static int search_dimension(struct search *s, const struct dimension *dimension, sikap_error *err)
{
    const char *values[MAX_VALUES];
    double seen[MAX_VALUES];
    size_t n = 0;
    for (size_t i = 0; i < MAX_VALUES && dimension->values[i] != NULL; i++) {
        int pointless;
        const int status = is_pointless(s, dimension->values[i], &pointless, err);
        if (status != 0)
            return status;
        if (!pointless)
            values[n++] = dimension->values[i];
    }
    const int all = (int)s->folds->n_folds;
    int status = 0;
    if (n >= HALVING_FROM && all > HALVING_FOLDS) {
        for (size_t i = 0; i < n && status == 0 && !is_over(s); i++)
            status = try_value(&seen[i], s, values[i], HALVING_FOLDS, err);
        if (status != 0 || is_over(s))
            return status;
        n = halve(values, seen, n);
    }
    size_t best = n, trial = 0;
    double best_value = s->value + s->margin;
    for (size_t i = 0; i < n && status == 0 && !is_over(s); i++) {
        status = try_value(&seen[i], s, values[i], all, err);
        if (status == 0 && seen[i] > best_value) {
            best = i;
            best_value = seen[i];
            trial = s->table->n - 1;
        }
    }
    return status == 0 && best < n ? adopt(s, values[best], trial, err) : status;
}

static size_t plan(const struct tune_effort *effort, size_t n_folds)
{
    size_t n = n_folds;
    for (size_t d = 0; d < N_DIMENSIONS; d++)
        for (size_t i = 0; dimensions[d].level <= effort->level && i < MAX_VALUES; i++)
            n += dimensions[d].values[i] == NULL ? 0 : n_folds;
    return n;
}

int tune_search(sikap_options *found, struct training *t, const struct folds *folds,
                const struct tune_effort *effort, const struct timespec *since,
                struct tune_table *table, sikap_error *err)
{
    struct search s = {.found = found,
                       .t = t,
                       .folds = folds,
                       .effort = effort,
                       .since = since,
                       .table = table,
                       .n_given = found->n,
                       .n_plan = plan(effort, folds->n_folds)};
    size_t n_documents = 0;
    for (size_t i = 0; i < t->collection->n_labelled; i++)
        n_documents += folds->of[i] < folds->n_folds;
    s.margin = 0.2 / sqrt((double)(n_documents > 0 ? n_documents : 1));
    table->margin = s.margin;
    s.scores = memory_zero(t->collection->n_rows * t->tasks->n_tasks, sizeof *s.scores);
    int status = s.scores == NULL ? error_memory(err, "tuning") : 0;
    if (status == 0)
        status = evaluate(&s.value, &s, (int)folds->n_folds, err);
    if (status == 0)
        status = note_trial(&s, 0, s.value, (int)folds->n_folds, 1, err);
    for (size_t d = 0; status == 0 && d < N_DIMENSIONS && !is_over(&s); d++)
        if (dimensions[d].level <= effort->level)
            status = search_dimension(&s, &dimensions[d], err);
    memory_free(s.scores);
    return status;
}
