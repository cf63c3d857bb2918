/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a corpus into counts, block by block; while one is counted the next is read:
 *   A  parallel over documents: parse, normalise, tokenise, hash, count the distinct n-grams, find
 *      or add each in the worker's own table of terms, and put the row into its own row store;
 *   B  in document order: report problems, check ids, intern labels (cheap).
 * Nothing is shared in A, and a term is looked at while it is in cache. At the end
 * (collect_lock.c) the workers' tables become one vocabulary, and the rows one matrix. */
#include "features/collect_internal.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

enum { BLOCK_BYTES = 2 << 20 };

/* ---- step A ---- */

static int keep_text(struct collect_worker *w, struct text *to, struct text from)
{
    *to = from;
    if (from.bytes == NULL)
        return 0;
    to->bytes = arena_text(&w->arena, from.bytes, from.n);
    return to->bytes == NULL ? -1 : 0;
}

/* Copies what outlives the parser's document. */
static int keep_document(const struct collect *c, struct collect_worker *w,
                         const struct document *doc, struct collect_record *r)
{
    const size_t n_fields = c->out->n_fields, n_extras = c->out->n_extras;
    r->fields = arena_alloc(&w->arena, n_fields * sizeof *r->fields + 1);
    r->labels = arena_alloc(&w->arena, doc->n_labels * sizeof *r->labels + 1);
    r->extras = arena_alloc(&w->arena, n_extras * sizeof *r->extras + 1);
    if (r->fields == NULL || r->labels == NULL || r->extras == NULL ||
        keep_text(w, &r->id, doc->id) != 0)
        return -1;
    if (n_fields > 0)
        memcpy(r->fields, doc->fields, n_fields * sizeof *r->fields);
    uint64_t print = hash_bytes(doc->id.bytes, doc->id.n, 0);
    for (size_t i = 0; i < doc->n_labels; i++) {
        if (keep_text(w, &r->labels[i], doc->labels[i]) != 0)
            return -1;
        print = hash_chain(print, hash_bytes(doc->labels[i].bytes, doc->labels[i].n, 1));
    }
    for (size_t i = 0; i < n_extras; i++)
        if (keep_text(w, &r->extras[i], doc->extras[i]) != 0)
            return -1;
    for (size_t i = 0; i < c->plan.n; i++)
        if (doc->segments[i].bytes != NULL)
            print =
                hash_chain(print, hash_bytes(doc->segments[i].bytes, doc->segments[i].n, 2 + i));
    r->fingerprint = print;
    r->n_bytes = doc->n_bytes;
    r->n_repaired = doc->n_repaired;
    return 0;
}

static int keep_problem(struct collect_worker *w, struct collect_record *r,
                        const sikap_error *problem)
{
    r->problem = arena_alloc(&w->arena, sizeof *r->problem);
    if (r->problem == NULL)
        return -1;
    *r->problem = *problem;
    return 0;
}

/* In the order of the document; its text goes along when a term is frequent enough to be kept. */
static int store_terms(const struct collect *c, struct collect_worker *w, struct collect_record *r)
{
    const struct counter *counter = &w->counter;
    const struct counter_entry *entries = counter->entries;
    if (row_store_begin(&w->rows, counter->n) != 0)
        return -1;
    for (size_t i = 0; i < counter->n; i++) {
        if (i + COUNTER_EARLY < counter->n)
            term_prefetch(&w->table, entries[i + COUNTER_EARLY].hash);
        uint32_t df;
        const uint32_t number = term_count(&w->table, entries[i].hash, entries[i].kind, &df);
        if (number == TERM_FULL)
            return -1;
        if (df == c->text_from) {
            ngram_text(counter->ngrams, entries[i].ref, term_begin_text(&w->table));
            if (term_end_text(&w->table, number) != 0)
                return -1;
        }
        row_store_add(&w->rows, number, counter->counts[i]);
    }
    row_store_end(&w->rows, &r->terms);
    return 0;
}

static int look_up(const struct vocabulary *v, struct collect_worker *w, struct collect_record *r)
{
    const struct counter *counter = &w->counter;
    const size_t n = counter->n;
    if (row_store_begin(&w->rows, n) != 0 ||
        memory_grow(&w->found, &w->found_capacity, n, sizeof *w->found) != 0 ||
        memory_grow(&w->hashes, &w->hashes_capacity, n, sizeof *w->hashes) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        w->hashes[i] = counter->entries[i].hash;
    if (n > 0)
        vocabulary_find(v, w->hashes, n, w->found);
    for (size_t i = 0; i < n; i++)
        if (w->found[i] != VOCABULARY_ABSENT)
            row_store_add(&w->rows, w->found[i], counter->counts[i]);
    row_store_end(&w->rows, &r->terms);
    return 0;
}

static int count_terms(struct collect *c, struct collect_worker *w, const struct document *doc,
                       struct collect_record *r, sikap_error *err)
{
    const int status = counter_count(&w->counter, &c->plan, doc->segments, err);
    if (status != 0)
        return status;
    r->total = (struct collection_total){(float)w->counter.total, (float)w->counter.longer};
    if (collect_is_first_reading(c)) { /* rows take no room yet */
        w->n_nonzeros += w->counter.n;
        collect_sketch_count(c->sketch, &w->counter);
        return 0;
    }
    if (c->sketch != NULL)
        collect_sketch_filter(c->sketch, &w->counter);
    const struct vocabulary *v = c->request->vocabulary;
    return (v != NULL ? look_up(v, w, r) : store_terms(c, w, r)) != 0
               ? error_memory(err, "documents")
               : 0;
}

static void read_record(struct collect *c, struct collect_worker *w, uint32_t worker, size_t i)
{
    struct collect_record *r = &c->records[i];
    memset(r, 0, sizeof *r);
    r->worker = worker;
    struct document doc;
    sikap_error problem = {0};
    int status = corpus_parse(w->parser, c->block, i, &doc, &problem);
    if (status == SIKAP_DATA) {
        w->failed |= keep_problem(w, r, &problem) != 0;
        return;
    }
    if (status == 0 && keep_document(c, w, &doc, r) != 0)
        status = error_memory(&problem, "documents");
    if (status == 0) {
        r->file = doc.file;
        r->line = doc.line;
        r->is_unlabelled = doc.is_unlabelled;
        const struct collect_request *q = c->request;
        if (q->visit != NULL)
            status = q->visit(q->visit_context, worker, &doc,
                              q->n_visited > 0 ? c->visited + i * q->n_visited : NULL, &problem);
        if (status == 0 && (q->visit == NULL || q->counts_too))
            status = count_terms(c, w, &doc, r, &problem);
    }
    if (status == 0 && w->shingler != NULL && !doc.is_unlabelled)
        status = shingler_add(w->shingler, doc.segments, c->plan.n, &r->first_shingle,
                              &r->n_shingles, &problem);
    if (status != 0) {
        if (problem.file[0] == '\0' && r->file != NULL)
            error_set(&problem, problem.code, r->file, r->line, "%s", problem.message);
        w->failed |= keep_problem(w, r, &problem) != 0;
    }
}

static void read_next(struct collect *c)
{
    c->n_next = 0;
    c->next_status = corpus_next(c->corpus, c->next, BLOCK_BYTES, &c->n_next, &c->next_problem);
}

/* The first task reads the next block, while other threads count this one. */
static void read_chunk(void *context, size_t index, size_t worker)
{
    struct collect *c = context;
    if (index == 0) {
        read_next(c);
        return;
    }
    const size_t begin = (index - 1) * c->chunk;
    const size_t end = begin + c->chunk < c->n_records ? begin + c->chunk : c->n_records;
    for (size_t i = begin; i < end; i++)
        read_record(c, &c->workers[worker], (uint32_t)worker, i);
}

static void clear_workers(struct collect *c)
{
    for (size_t w = 0; w < c->n_workers; w++) {
        shingler_clear(c->workers[w].shingler);
        arena_reset(&c->workers[w].arena);
    }
}

static int read_block(struct collect *c, sikap_error *err)
{
    if (memory_grow(&c->records, &c->records_capacity, c->n_records, sizeof *c->records) != 0 ||
        memory_grow(&c->visited, &c->visited_capacity, c->n_records * c->request->n_visited,
                    sizeof *c->visited) != 0)
        return error_memory(err, "documents");
    const size_t per_worker = c->n_records / (c->n_workers * 16);
    c->chunk = per_worker < 1 ? 1 : per_worker;
    parallel_for(c->pool, 1 + (c->n_records + c->chunk - 1) / c->chunk, read_chunk, c);
    for (size_t w = 0; w < c->n_workers; w++)
        if (c->workers[w].failed)
            return error_memory(err, "documents");
    const int status = collect_accept(c, err);
    clear_workers(c);
    return status;
}

static int read_all(struct collect *c, sikap_error *err)
{
    const sikap_watch *watch = c->watch;
    for (read_next(c);;) {
        if (watch != NULL && watch->stopped != NULL && watch->stopped(watch->context))
            return error_set(err, SIKAP_CANCELLED, NULL, 0, "stopped");
        if (c->next_status != 0 && err != NULL)
            *err = c->next_problem;
        if (c->next_status != 0)
            return c->next_status;
        if (c->n_next == 0)
            return 0;
        struct corpus_block *counted = c->block;
        c->block = c->next;
        c->next = counted;
        c->n_records = c->n_next;
        const int status = read_block(c, err);
        if (status != 0)
            return status;
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->context, "reading", c->out->n_rows, 0);
    }
}

/* A term with min_df documents has its share of them, or more, in one of the tables. */
static uint32_t first_text(const struct collect *c)
{
    const double least = c->request->features->min_df;
    return least <= 1 ? 1 : (uint32_t)ceil(fmin(least, 4e9) / (double)c->n_workers);
}

static int start_workers(struct collect *c, sikap_error *err)
{
    c->n_workers = pool_n_threads(c->pool);
    c->text_from = first_text(c);
    c->workers = memory_aligned_zero(c->n_workers, sizeof *c->workers);
    if (c->workers == NULL)
        return error_memory(err, "workers");
    struct ngram_options ngrams;
    feature_ngram_options(c->request->features, c->request->stop_words, &ngrams);
    for (size_t w = 0; w < c->n_workers; w++) {
        int status = counter_init(&c->workers[w].counter, &ngrams, err);
        if (status == 0)
            status = corpus_parser_new(&c->workers[w].parser, c->corpus, err);
        if (c->request->vocabulary == NULL)
            c->workers[w].counter.table = &c->workers[w].table;
        if (status == 0 && c->request->wants_shingles)
            status = shingler_new(&c->workers[w].shingler, err);
        if (status != 0)
            return status;
    }
    const int status = corpus_block_new(&c->block, err);
    return status != 0 ? status : corpus_block_new(&c->next, err);
}

static int open_corpus(struct collect *c, const char *const *paths, size_t n_paths,
                       sikap_error *err)
{
    struct corpus_request request = {.wants_labels = 1, .wants_text = 1};
    if (c->request->request != NULL)
        request = *c->request->request;
    request.extras = c->request->extras;
    request.n_extras = c->request->n_extras;
    request.n_unlabelled = c->request->n_unlabelled;
    request.segments = (const char *const *)c->plan.names;
    request.n_segments = c->plan.n;
    const int status = corpus_open(&c->corpus, paths, n_paths, c->request->corpus, &request, err);
    return status != 0 ? status : collect_new_output(c, err);
}

static void collect_free(struct collect *c)
{
    for (size_t w = 0; c->workers != NULL && w < c->n_workers; w++) {
        struct collect_worker *worker = &c->workers[w];
        corpus_parser_free(worker->parser);
        counter_free(&worker->counter);
        shingler_free(worker->shingler);
        arena_free(&worker->arena);
        term_table_free(&worker->table);
        row_store_free(&worker->rows);
        memory_free(worker->rejected);
        memory_free(worker->hashes);
        memory_free(worker->found);
    }
    memory_free(c->workers);
    memory_free(c->stored);
    memory_free(c->row_worker);
    memory_free(c->records);
    memory_free(c->visited);
    corpus_block_free(c->block);
    corpus_block_free(c->next);
    corpus_free(c->corpus);
    segment_plan_free(&c->plan);
}

static int read_corpus(struct collect *c, const char *const *paths, size_t n_paths,
                       sikap_error *err)
{
    int status = segment_plan_parse(&c->plan, c->request->features->segments, err);
    if (status == 0)
        status = open_corpus(c, paths, n_paths, err);
    if (status == 0)
        status = start_workers(c, err);
    return status == 0 ? read_all(c, err) : status;
}

/* The first of two readings. What is wrong with the corpus is left to the second to tell. */
static int count_first(struct collect_sketch **out, const char *const *paths, size_t n_paths,
                       const struct collect_request *request, struct pool *pool,
                       const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    size_t at;
    const char *once = corpus_read_once(paths, n_paths, &at);
    if (once != NULL)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--max-memory reads the corpus twice: give files, not %s", once);
    sikap_watch quiet = {0};
    if (watch != NULL)
        quiet = *watch;
    quiet.problem = NULL;
    struct collect_request bare = *request;
    bare.wants_shingles = bare.wants_places = 0;
    struct collect c = {.request = &bare, .pool = pool, .watch = &quiet};
    int status = collect_sketch_new(&c.sketch, request->limit, err);
    if (status == 0)
        status = read_corpus(&c, paths, n_paths, err);
    for (size_t w = 0; status == 0 && w < c.n_workers; w++)
        c.sketch->n_nonzeros += c.workers[w].n_nonzeros;
    if (status == 0)
        status = collect_sketch_choose(c.sketch, request->limit, c.out, collect_least_df(&c), err);
    if (status != 0) {
        collect_sketch_free(c.sketch);
        c.sketch = NULL;
    }
    collection_free(c.out);
    collect_free(&c);
    *out = c.sketch;
    return status;
}

int collect(struct collection **out, const char *const *paths, size_t n_paths,
            const struct collect_request *request, struct pool *pool, const sikap_watch *watch,
            sikap_error *err)
{
    *out = NULL;
    struct collect c = {.request = request, .pool = pool, .watch = watch};
    int status = 0;
    if (request->limit != NULL)
        status = count_first(&c.sketch, paths, n_paths, request, pool, watch, err);
    if (status == 0)
        status = read_corpus(&c, paths, n_paths, err);
    if (status == 0)
        status = collect_lock(&c, err);
    if (status == 0)
        corpus_tell_repaired(watch, c.out->read.n_repaired);
    if (status != 0) {
        collection_free(c.out);
        c.out = NULL;
    }
    collect_sketch_free(c.sketch);
    collect_free(&c);
    *out = c.out;
    return status;
}
