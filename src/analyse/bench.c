/* SPDX-License-Identifier: Apache-2.0 */
/* How fast and how good: each stage runs from the files to its result, several times, and the
 * median counts; a first reading, not timed, has the files in memory for all of them alike. Quality
 * is cross-validated, or measured on texts set apart. */
#include "sikap_analyse.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "analyse/figures.h"
#include "base/memory.h"
#include "base/number.h"
#include "learn/training.h"
#include "measure/gate.h"
#include "measure/probability.h"
#include "model/evaluate_internal.h"
#include "sikap_train.h"

enum { MOST_RUNS = 1000 };

enum stage { STAGE_LOAD, STAGE_READ, STAGE_EXTRACT, STAGE_TRAIN, STAGE_PREDICT, N_STAGES };
static const char *const stage_names[] = {"load", "read", "extract", "train", "predict"};

struct sikap_bench {
    size_t n_threads, n_runs, n_terms, n_labels;
    sikap_counts read;
    double *seconds[N_STAGES]; /* [n_runs] ascending; NULL: not run */
    double peak_bytes;
    sikap_evaluation *evaluation; /* NULL: not wanted */
};

/* What the stages work with. */
struct run {
    sikap_bench *bench;
    const sikap_bench_settings *settings;
    const char *const *paths;
    size_t n_paths;
    const sikap_options *options;      /* as given: those of sikap_train */
    sikap_options *predict, *evaluate; /* what of them these operations know */
    struct corpus_options corpus;
    struct pool *pool;
    sikap_model *model;
    const sikap_watch *watch;
};

void sikap_bench_free(sikap_bench *b)
{
    if (b == NULL)
        return;
    for (size_t s = 0; s < N_STAGES; s++)
        memory_free(b->seconds[s]);
    sikap_evaluation_free(b->evaluation);
    memory_free(b);
}

/* ---- stages ---------------------------------------------------------------------------------- */

static int see_nothing(void *context, size_t worker, const struct document *doc, float *numbers,
                       sikap_error *err)
{
    (void)context;
    (void)worker;
    (void)doc;
    (void)err;
    numbers[0] = 0;
    return 0;
}

static int stage_load(struct run *r, sikap_error *err)
{
    sikap_model_free(r->model);
    return sikap_model_load(&r->model, r->settings->model, err);
}

/* Records parsed and their texts checked; no term is counted. */
static int stage_read(struct run *r, sikap_error *err)
{
    const struct corpus_request wanted = {.wants_text = 1};
    struct feature_options features = {0};
    struct vocabulary *none = NULL;
    struct collection *c = NULL;
    int status = option_defaults(&feature_option_table, &features, err);
    if (status == 0)
        status = vocabulary_new(&none, 0, err);
    if (status == 0)
        status = vocabulary_index(none, err);
    const struct collect_request request = {.corpus = &r->corpus,
                                            .features = &features,
                                            .request = &wanted,
                                            .vocabulary = none,
                                            .visit = see_nothing,
                                            .n_visited = 1};
    if (status == 0)
        status = collect(&c, r->paths, r->n_paths, &request, r->pool, r->watch, err);
    if (status == 0)
        r->bench->read = c->read;
    collection_free(c);
    vocabulary_free(none);
    option_clear(&feature_option_table, &features);
    return status;
}

static int stage_extract(struct run *r, sikap_error *err)
{
    struct training t;
    const struct training_request wants = {.purpose = TRAINING_MATRIX};
    const int status = training_start(&t, &wants, r->paths, r->n_paths, r->options, r->watch, err);
    training_end(&t);
    return status;
}

static int stage_train(struct run *r, sikap_error *err)
{
    sikap_model_free(r->model);
    return sikap_train(&r->model, r->paths, r->n_paths, r->options, r->watch, NULL, err);
}

static int drop_line(void *context, const char *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

static int stage_predict(struct run *r, sikap_error *err)
{
    return sikap_predict(r->model, r->paths, r->n_paths, r->predict, r->watch, drop_line, NULL,
                         NULL, err);
}

static double now(void)
{
    struct timespec t;
    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? (double)t.tv_sec + 1e-9 * (double)t.tv_nsec
                                                   : 0;
}

static int time_stage(struct run *r, enum stage stage, sikap_error *err)
{
    static int (*const stages[])(struct run *, sikap_error *) = {
        stage_load, stage_read, stage_extract, stage_train, stage_predict};
    sikap_bench *b = r->bench;
    double *seconds = b->seconds[stage] = memory_alloc(b->n_runs, sizeof *seconds);
    if (seconds == NULL)
        return error_memory(err, "bench");
    for (size_t i = 0; i < b->n_runs; i++) {
        if (r->watch != NULL && r->watch->progress != NULL)
            r->watch->progress(r->watch->context, stage_names[stage], i, b->n_runs);
        const double begun = now();
        const int status = stages[stage](r, err);
        if (status != 0)
            return status;
        seconds[i] = now() - begun;
    }
    probability_sort(seconds, b->n_runs);
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int judge(struct run *r, sikap_error *err)
{
    const sikap_bench_settings *s = r->settings;
    if (s->throughput_only)
        return 0;
    if (s->n_test > 0)
        return sikap_evaluate(&r->bench->evaluation, r->model, s->test, s->n_test, r->evaluate,
                              r->watch, err);
    if (s->model != NULL)
        return sikap_evaluate(&r->bench->evaluation, r->model, r->paths, r->n_paths, r->evaluate,
                              r->watch, err);
    return sikap_crossval(&r->bench->evaluation, r->paths, r->n_paths, r->options, r->watch, NULL,
                          NULL, err);
}

static int run_stages(struct run *r, sikap_error *err)
{
    static const enum stage trained[] = {STAGE_READ, STAGE_EXTRACT, STAGE_TRAIN, STAGE_PREDICT};
    static const enum stage loaded[] = {STAGE_LOAD, STAGE_READ, STAGE_PREDICT};
    const int has_model = r->settings->model != NULL;
    const enum stage *stages = has_model ? loaded : trained;
    const size_t n = has_model ? sizeof loaded / sizeof *loaded : sizeof trained / sizeof *trained;
    int status = stage_read(r, err);
    for (size_t i = 0; i < n && status == 0; i++)
        status = time_stage(r, stages[i], err);
    return status;
}

/* SIKAP_USAGE for what only training would know, where the model is trained already. */
static int check_given(const sikap_options *options, sikap_error *err)
{
    for (size_t i = 0; options != NULL && i < options->n; i++) {
        const char *name = options->pairs[i].name;
        if (option_find(&corpus_option_table, name) == NULL &&
            option_find(&evaluate_option_table, name) == NULL)
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "--%.100s: not with a given model, which is trained already", name);
    }
    return 0;
}

/* Options are checked before anything is timed. */
static int prepare(struct run *r, sikap_error *err)
{
    static option_getter *const evaluating[] = {sikap_corpus_option, sikap_evaluate_option, NULL};
    static option_getter *const predicting[] = {sikap_corpus_option, sikap_predict_option, NULL};
    struct evaluate_options evaluate = {0};
    int status = 0;
    if (r->settings->model != NULL) {
        status = check_given(r->options, err);
    } else {
        struct train_settings train = {0};
        status = train_settings_parse(&train, r->options, 0, err);
        train_settings_clear(&train);
    }
    if (status == 0)
        status = options_read(r->options, &corpus_option_table, &r->corpus, err);
    if (status == 0)
        status = options_among(&r->evaluate, r->options, evaluating, err);
    if (status == 0)
        status = options_among(&r->predict, r->options, predicting, err);
    if (status == 0)
        status = options_read(r->options, &evaluate_option_table, &evaluate, err);
    if (status == 0)
        status = pool_new(&r->pool, evaluate.threads, err);
    option_clear(&evaluate_option_table, &evaluate);
    return status;
}

int sikap_bench_new(sikap_bench **out, const char *const *paths, size_t n_paths,
                    const sikap_bench_settings *settings, const sikap_options *options,
                    const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    struct run r = {.settings = settings,
                    .paths = paths,
                    .n_paths = n_paths,
                    .options = options,
                    .watch = watch};
    struct rusage usage;
    for (size_t i = 0; i < n_paths; i++)
        if (strcmp(paths[i], "-") == 0)
            return error_set(err, SIKAP_USAGE, NULL, 0,
                             "bench reads its corpus several times: expected files, not '-'");
    if (settings->n_runs < 1 || settings->n_runs > MOST_RUNS)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--runs: expected 1 to %d", MOST_RUNS);
    r.bench = memory_zero(1, sizeof *r.bench);
    int status = r.bench == NULL ? error_memory(err, "bench") : prepare(&r, err);
    if (status == 0) {
        r.bench->n_runs = settings->n_runs;
        r.bench->n_threads = pool_n_threads(r.pool);
        status = run_stages(&r, err);
    }
    if (status == 0) {
        r.bench->n_terms = sikap_model_n_terms(r.model);
        r.bench->n_labels = sikap_model_n_all_labels(r.model);
        status = judge(&r, err);
    }
    if (status == 0 && getrusage(RUSAGE_SELF, &usage) == 0)
        r.bench->peak_bytes = 1024.0 * (double)usage.ru_maxrss;
    sikap_model_free(r.model);
    pool_free(r.pool);
    sikap_options_free(r.predict);
    sikap_options_free(r.evaluate);
    option_clear(&corpus_option_table, &r.corpus);
    if (status != 0)
        sikap_bench_free(r.bench);
    else
        *out = r.bench;
    return status;
}

/* ---- what came out --------------------------------------------------------------------------- */

static double median(const sikap_bench *b, size_t stage)
{
    return probability_quantile(b->seconds[stage], b->n_runs, 0.5);
}

static double per_second(double amount, double seconds)
{
    return seconds > 0 ? amount / seconds : NAN;
}

static void put_member(struct buffer *out, const char *name, double v)
{
    if (out->n > 0 && out->bytes[out->n - 1] != '{')
        buffer_byte(out, ',');
    buffer_format(out, "\"%s\":", name);
    if (isfinite(v))
        number_print(out, v);
    else
        buffer_text(out, "null");
}

static void put_stage(struct buffer *out, const sikap_bench *b, size_t stage)
{
    const double seconds = median(b, stage);
    buffer_format(out, ",\"%s\":{", stage_names[stage]);
    put_member(out, "seconds", seconds);
    put_member(out, "fastest", b->seconds[stage][0]);
    put_member(out, "slowest", b->seconds[stage][b->n_runs - 1]);
    if (stage != STAGE_LOAD) {
        put_member(out, "mb_per_second", per_second((double)b->read.n_bytes / 1e6, seconds));
        put_member(out, "documents_per_second", per_second((double)b->read.n_documents, seconds));
    }
    buffer_byte(out, '}');
}

static void put_throughput(struct buffer *out, const sikap_bench *b)
{
    buffer_text(out, "\"throughput\":{");
    put_member(out, "threads", (double)b->n_threads);
    put_member(out, "runs", (double)b->n_runs);
    put_member(out, "n_documents", (double)b->read.n_documents);
    put_member(out, "n_bytes", (double)b->read.n_bytes);
    put_member(out, "n_terms", (double)b->n_terms);
    put_member(out, "n_labels", (double)b->n_labels);
    put_member(out, "peak_mb", b->peak_bytes / 1e6);
    for (size_t s = 0; s < N_STAGES; s++)
        if (b->seconds[s] != NULL)
            put_stage(out, b, s);
    buffer_byte(out, '}');
}

static int append(void *context, const char *bytes, size_t n)
{
    buffer_bytes(context, bytes, n);
    return 0;
}

/* The evaluation's object, with one member more. */
static int put_json(struct buffer *out, const sikap_bench *b, sikap_error *err)
{
    int status = 0;
    if (b->evaluation != NULL)
        status = sikap_evaluation_json(b->evaluation, append, out, err);
    if (status != 0)
        return status;
    while (out->n > 0 && out->bytes[out->n - 1] != '}')
        out->n--;
    if (out->n > 0)
        out->bytes[out->n - 1] = ',';
    else
        buffer_byte(out, '{');
    put_throughput(out, b);
    buffer_text(out, ",\"version\":\"");
    buffer_text(out, sikap_version());
    buffer_text(out, "\"}\n");
    return out->failed ? error_memory(err, "bench") : 0;
}

int sikap_bench_json(const sikap_bench *bench, sikap_write *write, void *context, sikap_error *err)
{
    struct buffer out = {0};
    int status = put_json(&out, bench, err);
    if (status == 0)
        status = buffer_hand_over(&out, "bench", write, context, err);
    buffer_free(&out);
    return status;
}

int sikap_bench_gate(const sikap_bench *bench, const char *expression, int *passed, double *value,
                     sikap_error *err)
{
    struct buffer json = {0};
    struct figures *figures = NULL;
    struct gate *gate = NULL;
    *passed = 0;
    *value = NAN;
    int status = gate_parse(&gate, expression, strlen(expression), err);
    if (status == 0)
        status = put_json(&json, bench, err);
    if (status == 0)
        status = figures_parse(&figures, json.bytes, json.n, NULL, err);
    if (status == 0)
        status = gate_check(passed, value, gate, figures_resolve, figures, err);
    figures_free(figures);
    gate_free(gate);
    buffer_free(&json);
    return status;
}

static void put_right(struct buffer *out, double v, int decimals, size_t width)
{
    struct buffer text = {0};
    if (isnan(v))
        buffer_byte(&text, '-');
    else
        number_print_fixed(&text, v, decimals);
    for (size_t i = text.n; i < width; i++)
        buffer_byte(out, ' ');
    buffer_bytes(out, text.n == 0 ? "" : text.bytes, text.n);
    out->failed |= text.failed;
    buffer_free(&text);
}

int sikap_bench_text(const sikap_bench *b, size_t columns, sikap_write *write, void *context,
                     sikap_error *err)
{
    struct buffer out = {0};
    buffer_format(&out, "%zu thread%s, %llu documents, ", b->n_threads,
                  b->n_threads == 1 ? "" : "s", (unsigned long long)b->read.n_documents);
    number_print_fixed(&out, (double)b->read.n_bytes / 1e6, 2);
    buffer_format(&out, " MB of text, median of %zu run%s\n", b->n_runs, b->n_runs == 1 ? "" : "s");
    buffer_text(&out, "               seconds      MB/s  documents/s\n");
    for (size_t s = 0; s < N_STAGES; s++) {
        if (b->seconds[s] == NULL)
            continue;
        const double seconds = median(b, s);
        buffer_format(&out, "%-12s", stage_names[s]);
        put_right(&out, seconds, 4, 10);
        put_right(&out, s == STAGE_LOAD ? NAN : per_second((double)b->read.n_bytes / 1e6, seconds),
                  2, 10);
        put_right(&out, s == STAGE_LOAD ? NAN : per_second((double)b->read.n_documents, seconds), 0,
                  13);
        buffer_byte(&out, '\n');
    }
    buffer_format(&out, "model: %zu terms, %zu labels; peak memory ", b->n_terms, b->n_labels);
    number_print_fixed(&out, b->peak_bytes / 1e6, 0);
    buffer_text(&out, b->evaluation == NULL ? " MB\n" : " MB\n\n");
    const int status = buffer_hand_over(&out, "bench", write, context, err);
    buffer_free(&out);
    return status != 0 || b->evaluation == NULL
               ? status
               : sikap_evaluation_text(b->evaluation, columns, write, context, err);
}
