/* SPDX-License-Identifier: Apache-2.0 */
/* Labelling a corpus. Each worker takes the next block of records under one lock, labels it on its
 * own, and puts the finished lines in line under another; who finds the next block in line ready
 * writes it. Reading, scoring and writing overlap, and memory is bounded by a block and a few
 * results per worker whatever the input's size. */
#include "sikap.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "model/predict_internal.h"

enum { BLOCK_BYTES = 1 << 18, RESULTS_PER_WORKER = 4 };
static const char *const formats[] = {"jsonl", "tsv", "text", NULL};

#define AT(member) offsetof(struct predict_options, member)
#define GROUP "Predicting"

static const struct option_row rows[] = {
    {{"format", "FORMAT", "jsonl", "jsonl, tsv or text", GROUP},
     OPTION_CHOICE,
     AT(format),
     0,
     0,
     formats},
    {{"top", "K", "0", "the K best labels of each field, whatever their threshold", GROUP},
     OPTION_COUNT,
     AT(top),
     0,
     1000000,
     NULL},
    {{"scores", NULL, NULL, "scores of all labels, not only of those given", GROUP},
     OPTION_SWITCH,
     AT(scores),
     0,
     0,
     NULL},
    {{"passages", NULL, NULL,
      "say which passage has carried each label: where it stands, in characters, and its text; "
      "for models trained with --passages",
      GROUP},
     OPTION_SWITCH,
     AT(passages),
     0,
     0,
     NULL},
    {{"min-prob", "P", "0", "give no label whose probability is below P", GROUP},
     OPTION_REAL,
     AT(min_prob),
     0,
     1,
     NULL},
    {{"coverage", "SHARE", "1",
      "label only as many documents as this share of texts like the training texts, the surest; "
      "0.9 leaves the least sure tenth to people",
      GROUP},
     OPTION_REAL,
     AT(coverage),
     0,
     1,
     NULL},
    {{"keep", "KEY,KEY", NULL,
      "hand these keys of the documents on, for 'aggregate --by' and the like: date,outlet", GROUP},
     OPTION_LIST,
     AT(keep),
     0,
     0,
     NULL},
    {{"threads", "N", "0", "worker threads; 0: one per core", GROUP},
     OPTION_COUNT,
     AT(threads),
     0,
     256,
     NULL},
};
static const struct option_table predict_option_table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_predict_option(size_t i)
{
    return option_shown(&predict_option_table, i);
}

/* ---- one document ---- */

static int keep_problem(struct predict_result *r, const sikap_error *problem)
{
    if (memory_grow(&r->problems, &r->problems_capacity, r->n_problems + 1, sizeof *r->problems) !=
        0)
        return -1;
    r->problems[r->n_problems++] = *problem;
    return 0;
}

static int label_record(const struct predict *p, struct predict_worker *w, size_t i,
                        sikap_error *err)
{
    const sikap_model *m = p->model;
    struct document doc;
    sikap_error problem = {0};
    w->result.counts.n_documents++;
    int status = corpus_parse(w->parser, w->block, i, &doc, &problem);
    if (status == 0)
        status = passage_score(w->scorer, m, doc.segments,
                               m->n_targets > 0 ? score_target(m, &doc.extras[0]) : 0, w->scores,
                               p->options.passages ? w->places : NULL, &problem);
    if (status == SIKAP_DATA && p->strict)
        return error_set(err, SIKAP_DATA, problem.file, problem.line, "%s", problem.message);
    if (status != 0 && status != SIKAP_DATA)
        return error_set(err, problem.code, problem.file, problem.line, "%s", problem.message);
    if (status == SIKAP_DATA) {
        w->result.counts.n_skipped++;
        predict_write_failure(p, w, &doc, &problem);
        return keep_problem(&w->result, &problem) != 0 ? error_memory(err, "predicting") : 0;
    }
    if (doc.n_repaired > 0) {
        w->result.counts.n_repaired++;
        if (p->strict)
            return error_set(err, SIKAP_DATA, doc.file, doc.line, "%zu broken UTF-8 sequences",
                             doc.n_repaired);
    }
    w->result.counts.n_bytes += doc.n_bytes;
    sikap_choose(m, w->scores, w->chosen);
    sikap_probabilities(m, w->scores, w->probabilities);
    predict_abstain(p, w);
    for (size_t f = 0; f < m->n_fields; f++) /* decision values where there is no calibration */
        for (size_t l = m->fields[f].first;
             !m->fields[f].calibrated && l < m->fields[f].first + m->fields[f].n; l++)
            w->probabilities[l] = (double)w->scores[l];
    if (p->options.format == FORMAT_JSONL)
        predict_write_jsonl(p, w, &doc);
    else
        predict_write_plain(p, w, &doc);
    return w->result.out.failed ? error_memory(err, "predicting") : 0;
}

/* ---- the pipeline ---- */

/* Everything that must happen in block order. Called with `writing` held. */
static void deliver(struct predict *p, struct predict_result *r)
{
    if (p->status != 0)
        return;
    for (size_t i = 0; i < r->n_problems; i++)
        if (p->watch != NULL && p->watch->problem != NULL)
            p->watch->problem(p->watch->context, &r->problems[i]);
    if (r->out.n > 0 && p->write(p->write_context, r->out.bytes, r->out.n) != 0) {
        p->status = error_errno(&p->error, NULL, "write the predictions");
        return;
    }
    p->counts.n_documents += r->counts.n_documents;
    p->counts.n_skipped += r->counts.n_skipped;
    p->counts.n_repaired += r->counts.n_repaired;
    p->counts.n_bytes += r->counts.n_bytes;
    if (p->watch != NULL && p->watch->progress != NULL)
        p->watch->progress(p->watch->context, "labelling", (size_t)p->counts.n_documents, 0);
    if (r->status != 0) {
        p->status = r->status;
        p->error = r->error;
    } else if (p->watch != NULL && p->watch->stopped != NULL &&
               p->watch->stopped(p->watch->context)) {
        p->status = error_set(&p->error, SIKAP_CANCELLED, NULL, 0, "stopped");
    }
}

/* The next block, when there is room for its result: its number, and how many records it has. */
static size_t take_block(struct predict *p, struct predict_worker *w, size_t *n_records)
{
    struct predict_result *r = &w->result;
    buffer_clear(&r->out);
    r->n_problems = 0;
    memset(&r->counts, 0, sizeof r->counts);
    *n_records = 0;
    pthread_mutex_lock(&p->reading);
    pthread_mutex_lock(&p->writing);
    while (p->n_read - p->n_written >= p->n_results)
        pthread_cond_wait(&p->turn, &p->writing);
    pthread_mutex_unlock(&p->writing);
    r->status = corpus_next(p->corpus, w->block, BLOCK_BYTES, n_records, &r->error);
    const size_t number = p->n_read++;
    pthread_mutex_unlock(&p->reading);
    return number;
}

/* Puts the worker's result in line and delivers all whose turn it is: nobody waits for a block that
 * takes longer. Non-zero: predicting is over. */
static int hand_in(struct predict *p, struct predict_worker *w, size_t number)
{
    pthread_mutex_lock(&p->writing);
    struct predict_result *place = &p->results[number % p->n_results];
    const struct predict_result free_one = *place;
    *place = w->result;
    w->result = free_one;
    place->is_ready = 1;
    for (;;) {
        struct predict_result *next = &p->results[p->n_written % p->n_results];
        if (!next->is_ready)
            break;
        deliver(p, next);
        next->is_ready = 0;
        p->n_written++;
    }
    const int is_over = p->status != 0;
    pthread_cond_broadcast(&p->turn);
    pthread_mutex_unlock(&p->writing);
    return is_over;
}

static int start_worker(struct predict *p, struct predict_worker *w, sikap_error *err)
{
    const size_t n = p->model->n_labels;
    w->scores = memory_alloc(n, sizeof *w->scores);
    w->probabilities = memory_alloc(n, sizeof *w->probabilities);
    w->chosen = memory_zero(n, 1);
    w->order = memory_alloc(n + 1, sizeof *w->order);
    w->places = memory_alloc(n, sizeof *w->places);
    w->abstained = memory_zero(p->model->n_fields, 1);
    if (w->scores == NULL || w->probabilities == NULL || w->chosen == NULL || w->order == NULL ||
        w->places == NULL || w->abstained == NULL)
        return error_memory(err, "predicting");
    int status = corpus_block_new(&w->block, err);
    if (status == 0)
        status = corpus_parser_new(&w->parser, p->corpus, err);
    return status != 0 ? status : sikap_scorer_new(&w->scorer, p->model, err);
}

/* Predicting ends for all workers when one cannot start. */
static int start(struct predict *p, struct predict_worker *w)
{
    sikap_error problem = {0};
    const int status = start_worker(p, w, &problem);
    if (status == 0)
        return 0;
    pthread_mutex_lock(&p->writing);
    if (p->status == 0) {
        p->status = status;
        p->error = problem;
    }
    pthread_mutex_unlock(&p->writing);
    return status;
}

static void work(void *context, size_t index, size_t worker)
{
    struct predict *p = context;
    struct predict_worker *w = &p->workers[index];
    (void)worker;
    if (start(p, w) != 0)
        return;
    size_t n_records;
    do {
        const size_t number = take_block(p, w, &n_records);
        struct predict_result *r = &w->result;
        for (size_t i = 0; i < n_records && r->status == 0; i++)
            r->status = label_record(p, w, i, &r->error);
        if (hand_in(p, w, number))
            return;
    } while (n_records > 0);
}

static void free_result(struct predict_result *r)
{
    buffer_free(&r->out);
    memory_free(r->problems);
}

static void free_worker(struct predict_worker *w)
{
    corpus_block_free(w->block);
    corpus_parser_free(w->parser);
    sikap_scorer_free(w->scorer);
    memory_free(w->scores);
    memory_free(w->probabilities);
    memory_free(w->chosen);
    memory_free(w->order);
    memory_free(w->abstained);
    memory_free(w->places);
    free_result(&w->result);
}

static int run(struct predict *p, struct pool *pool, sikap_error *err)
{
    p->n_workers = pool_n_threads(pool);
    p->n_results = RESULTS_PER_WORKER * p->n_workers;
    p->workers = memory_aligned_zero(p->n_workers, sizeof *p->workers);
    p->results = memory_zero(p->n_results, sizeof *p->results);
    int status = p->workers == NULL || p->results == NULL ? error_memory(err, "predicting") : 0;
    if (status == 0) {
        pthread_mutex_init(&p->reading, NULL);
        pthread_mutex_init(&p->writing, NULL);
        pthread_cond_init(&p->turn, NULL);
        parallel_for(pool, p->n_workers, work, p);
        pthread_cond_destroy(&p->turn);
        pthread_mutex_destroy(&p->writing);
        pthread_mutex_destroy(&p->reading);
        status = p->status;
        if (status != 0 && err != NULL)
            *err = p->error;
    }
    for (size_t i = 0; p->workers != NULL && i < p->n_workers; i++)
        free_worker(&p->workers[i]);
    for (size_t i = 0; p->results != NULL && i < p->n_results; i++)
        free_result(&p->results[i]);
    memory_free(p->workers);
    memory_free(p->results);
    return status;
}

static int check_options(const struct predict *p, sikap_error *err)
{
    if (p->options.passages && !passage_model(p->model))
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--passages: this model reads documents as a whole; it was not trained "
                         "with --passages");
    if (p->options.passages && p->options.format != FORMAT_JSONL)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--passages goes with --format jsonl");
    return 0;
}

static int add_key(struct predict *p, const char *key, size_t n, sikap_error *err)
{
    char **grown = memory_resize(p->extras.items, p->extras.n + 1, sizeof *grown);
    if (grown == NULL)
        return error_memory(err, "predicting");
    p->extras.items = grown;
    p->extras.items[p->extras.n] = memory_text(key, n);
    return p->extras.items[p->extras.n++] == NULL ? error_memory(err, "predicting") : 0;
}

/* A kept key must not be taken for what a prediction says itself. */
static int check_key(const struct predict *p, const char *key, size_t n, sikap_error *err)
{
    static const char *const own[] = {"id", "scores", "abstained", "passages", "error"};
    int is_own = 0;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        is_own |= strlen(own[i]) == n && memcmp(own[i], key, n) == 0;
    for (size_t f = 0; f < p->model->n_fields; f++)
        is_own |=
            strlen(p->model->fields[f].name) == n && memcmp(p->model->fields[f].name, key, n) == 0;
    for (size_t k = p->first_kept; k < p->extras.n && !is_own; k++)
        if (strlen(p->extras.items[k]) == n && memcmp(p->extras.items[k], key, n) == 0)
            return error_set(err, SIKAP_USAGE, NULL, 0, "--keep: '%.100s' is named twice",
                             p->extras.items[k]);
    if (n == 0)
        return error_set(err, SIKAP_USAGE, NULL, 0, "--keep: expected keys such as date,outlet");
    return is_own ? error_set(err, SIKAP_USAGE, NULL, 0,
                              "--keep: a prediction has a '%.*s' of its own",
                              n < 100 ? (int)n : 100, key)
                  : 0;
}

static int set_keys(struct predict *p, sikap_error *err)
{
    int status = 0;
    if (p->model->n_targets > 0)
        status = add_key(p, p->model->target_key, strlen(p->model->target_key), err);
    p->first_kept = p->extras.n;
    for (size_t i = 0; i < p->options.keep.n && status == 0; i++)
        for (const char *at = p->options.keep.items[i]; at != NULL && status == 0;) {
            const size_t n = strcspn(at, ",");
            status = check_key(p, at, n, err);
            if (status == 0)
                status = add_key(p, at, n, err);
            at = at[n] == ',' ? at + n + 1 : NULL;
        }
    if (status == 0 && p->options.keep.n > 0 && p->options.format == FORMAT_TEXT)
        status = error_set(err, SIKAP_USAGE, NULL, 0, "--keep goes with --format jsonl or tsv");
    return status;
}

/* --coverage: what each field asks for. */
static int set_coverage(struct predict *p, sikap_error *err)
{
    if (p->options.coverage >= 1)
        return 0;
    p->least = memory_alloc(p->model->n_fields, sizeof *p->least);
    if (p->least == NULL)
        return error_memory(err, "predicting");
    for (size_t f = 0; f < p->model->n_fields; f++)
        p->least[f] = sikap_model_certainty(p->model, f, p->options.coverage);
    return 0;
}

int sikap_predict(const sikap_model *model, const char *const *paths, size_t n_paths,
                  const sikap_options *options, const sikap_watch *watch, sikap_write *write,
                  void *context, sikap_counts *counts, sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table, &predict_option_table,
                                                        NULL};
    struct predict p = {.model = model, .watch = watch, .write = write, .write_context = context};
    struct corpus_options corpus;
    memset(&corpus, 0, sizeof corpus);
    struct pool *pool = NULL;
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &corpus_option_table, &corpus, err);
    if (status == 0)
        status = options_read(options, &predict_option_table, &p.options, err);
    if (status == 0)
        status = check_options(&p, err);
    if (status == 0)
        status = model_check_doubt(model, p.options.coverage, p.options.min_prob, err);
    if (status == 0)
        status = set_coverage(&p, err);
    if (status == 0)
        status = set_keys(&p, err);
    const struct corpus_request request = {.wants_text = 1,
                                           .segments = (const char *const *)model->plan.names,
                                           .n_segments = model->plan.n,
                                           .extras = (const char *const *)p.extras.items,
                                           .n_extras = p.extras.n};
    p.strict = corpus.strict;
    if (status == 0)
        status = corpus_open(&p.corpus, paths, n_paths, &corpus, &request, err);
    if (status == 0)
        status = pool_new(&pool, p.options.threads, err);
    if (status == 0)
        status = run(&p, pool, err);
    corpus_tell_repaired(watch, p.counts.n_repaired);
    if (counts != NULL)
        *counts = p.counts;
    pool_free(pool);
    memory_free(p.least);
    memory_free_texts(p.extras.items, p.extras.n);
    corpus_free(p.corpus);
    option_clear(&corpus_option_table, &corpus);
    option_clear(&predict_option_table, &p.options);
    return status;
}
