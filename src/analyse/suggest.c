/* SPDX-License-Identifier: Apache-2.0 */
/* The pool is read once. Every worker keeps the most uncertain documents that it met, with their
 * texts and feature values, and those with the lowest hashes, as a sample of the pool; of all of
 * them together the first are the candidates and the sample, whichever worker met them. Memory is
 * bounded by the number wanted, not by the pool. */
#include "analyse/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "model/model_collect.h"
#include "model/passage.h"
#include "model/reference.h"
#include "model/score.h"

enum { CANDIDATES_EACH = 10, LEAST_CANDIDATES = 200, SAMPLED = 1500 };

static const char *const formats[] = {"jsonl", "csv", "ids", NULL};

#define AT(member) offsetof(struct suggest_options, member)
#define GROUP "Suggesting"

static const struct option_row rows[] = {
    {{"count", "N", "50", "how many documents", GROUP}, OPTION_COUNT, AT(count), 1, 1000000, NULL},
    {{"train", "CORPUS", NULL,
      "leave out documents that are in it, by id or by text; may be repeated", GROUP},
     OPTION_LIST,
     AT(labelled),
     0,
     0,
     NULL},
    {{"diversity", "X", "1",
      "how much counts what a document says of the rest of the pool that none already chosen says; "
      "0: nothing",
      GROUP},
     OPTION_REAL,
     AT(diversity),
     0,
     100,
     NULL},
    {{"format", "FORMAT", "jsonl", "jsonl, csv or ids", GROUP},
     OPTION_CHOICE,
     AT(format),
     0,
     0,
     formats},
    {{"threads", "N", "0", "worker threads; 0: one per core", GROUP},
     OPTION_COUNT,
     AT(threads),
     0,
     256,
     NULL},
};
const struct option_table suggest_option_table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_suggest_option(size_t i)
{
    return option_shown(&suggest_option_table, i);
}

double suggest_uncertainty(const sikap_model *m, const float *scores)
{
    double bits = 0;
    for (size_t f = 0; f < m->n_fields; f++)
        bits += reference_uncertainty(m, f, scores);
    return bits;
}

/* ---- reading ---- */

/* The documents of the highest ranks that were met. */
struct shelf {
    struct candidate **heap; /* the lowest rank on top */
    size_t n;
};
enum { UNSURE, SAMPLE, SHELVES };

struct keeper {
    sikap_scorer *scorer;
    struct shelf shelves[SHELVES];
    uint64_t *prints; /* of labelled texts */
    size_t n_prints, prints_capacity;
    size_t n_labelled;
};

struct suggest {
    const sikap_model *model;
    struct suggest_options options;
    struct corpus_options corpus;
    struct pool *pool;
    const sikap_watch *watch;
    struct keeper *keepers;
    size_t n_keepers, most[SHELVES]; /* documents on a shelf */
    struct collection *labelled, *read;
    uint64_t *prints; /* sorted, of labelled texts */
    size_t n_prints;
    const char *target_key;
};

/* A total order whatever the workers did: by rank, highest first, then by id. */
static int ranks_before(const struct candidate *a, double rank, const char *id, size_t n)
{
    if (a->rank != rank)
        return a->rank > rank;
    const size_t least = a->id_n < n ? a->id_n : n;
    const int order = memcmp(a->id, id, least);
    return order != 0 ? order < 0 : a->id_n < n;
}

static int goes_below(const struct candidate *a, const struct candidate *b)
{
    return ranks_before(b, a->rank, a->id, a->id_n);
}

static void sift_down(struct candidate **heap, size_t n, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t k = 2 * at + 1; k < n && k <= 2 * at + 2; k++)
            if (goes_below(heap[k], heap[least]))
                least = k;
        if (least == at)
            return;
        struct candidate *swap = heap[at];
        heap[at] = heap[least];
        heap[least] = swap;
        at = least;
    }
}

static void sift_up(struct candidate **heap, size_t at)
{
    while (at > 0 && goes_below(heap[at], heap[(at - 1) / 2])) {
        struct candidate *swap = heap[at];
        heap[at] = heap[(at - 1) / 2];
        heap[(at - 1) / 2] = swap;
        at = (at - 1) / 2;
    }
}

static uint64_t print_of(const struct document *doc)
{
    uint64_t print = 0;
    for (size_t i = 0; i < doc->n_segments; i++)
        if (doc->segments[i].bytes != NULL)
            print = hash_chain(print, hash_bytes(doc->segments[i].bytes, doc->segments[i].n, i));
    return print;
}

static int keep_print(void *context, size_t worker, const struct document *doc, float *numbers,
                      sikap_error *err)
{
    (void)numbers;
    struct keeper *k = &((struct suggest *)context)->keepers[worker];
    if (memory_grow(&k->prints, &k->prints_capacity, k->n_prints + 1, sizeof *k->prints) != 0)
        return error_memory(err, "labelled documents");
    k->prints[k->n_prints++] = print_of(doc);
    return 0;
}

static int by_print(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Annotated for all fields of the model, or among the labelled corpora. */
static int is_labelled(const struct suggest *s, const struct document *doc)
{
    size_t n = 0;
    for (size_t f = 0; f < s->model->n_fields; f++)
        n += doc->fields[f].annotated != 0;
    if (n == s->model->n_fields && n > 0)
        return 1;
    if (s->labelled == NULL)
        return 0;
    const uint64_t print = print_of(doc);
    return names_find(&s->labelled->ids, doc->id.bytes, doc->id.n) != NAMES_FULL ||
           bsearch(&print, s->prints, s->n_prints, sizeof print, by_print) != NULL;
}

/* A copy of what is needed of a document, the first n_segments of its texts included; its feature
 * values are those of the whole text. */
static struct candidate *candidate_new(const struct document *doc, size_t n_segments,
                                       const float *scores, size_t n_labels, const uint32_t *terms,
                                       const float *values, size_t n)
{
    struct candidate *c;
    size_t bytes = sizeof *c + n_segments * sizeof *c->segments + n_labels * sizeof *c->scores +
                   n * (sizeof *terms + sizeof *values) + doc->id.n + 1;
    for (size_t i = 0; i < n_segments; i++)
        bytes += doc->segments[i].n;
    c = memory_alloc(bytes, 1);
    if (c == NULL)
        return NULL;
    c->n = n;
    c->id_n = doc->id.n;
    c->segments = (struct text *)(c + 1);
    c->scores = (float *)(c->segments + n_segments);
    c->values = c->scores + n_labels;
    c->terms = (uint32_t *)(c->values + n);
    c->id = (char *)(c->terms + n);
    memcpy(c->scores, scores, n_labels * sizeof *scores);
    if (n > 0)
        memcpy(c->terms, terms, n * sizeof *terms);
    double square = 0;
    for (size_t j = 0; j < n; j++)
        square += (double)values[j] * (double)values[j];
    for (size_t j = 0; j < n; j++)
        c->values[j] = square > 0 ? (float)((double)values[j] / sqrt(square)) : 0;
    memcpy(c->id, doc->id.bytes, doc->id.n);
    c->id[doc->id.n] = '\0';
    char *at = c->id + doc->id.n + 1;
    for (size_t i = 0; i < n_segments; i++) {
        c->segments[i] = doc->segments[i];
        if (doc->segments[i].bytes == NULL)
            continue;
        memcpy(at, doc->segments[i].bytes, doc->segments[i].n);
        c->segments[i].bytes = at;
        at += doc->segments[i].n;
    }
    return c;
}

static void put_on(struct shelf *shelf, size_t most, struct candidate *c)
{
    if (shelf->n < most) {
        shelf->heap[shelf->n++] = c;
        sift_up(shelf->heap, shelf->n - 1);
        return;
    }
    memory_free(shelf->heap[0]);
    shelf->heap[0] = c;
    sift_down(shelf->heap, shelf->n, 0);
}

static int keep(struct suggest *s, struct keeper *k, const struct document *doc, size_t target,
                double uncertainty, const float *scores, sikap_error *err)
{
    const sikap_model *m = s->model;
    const double rank[SHELVES] = {
        uncertainty, (double)(hash_bytes(doc->id.bytes, doc->id.n, 1) >> 11) /* 53 bits: exact */};
    int is_wanted[SHELVES];
    for (int i = 0; i < SHELVES; i++)
        is_wanted[i] = k->shelves[i].n < s->most[i] ||
                       !ranks_before(k->shelves[i].heap[0], rank[i], doc->id.bytes, doc->id.n);
    if (!is_wanted[UNSURE] && !is_wanted[SAMPLE])
        return 0;
    float *own = memory_alloc(m->n_labels, sizeof *own);
    int status = own == NULL ? error_memory(err, "candidates") : 0;
    if (status == 0)
        status = score_document(k->scorer, doc->segments, target, own, err);
    memory_free(own);
    const uint32_t *terms;
    const float *values;
    const size_t n = status == 0 ? score_terms(k->scorer, &terms, &values) : 0;
    for (int i = 0; i < SHELVES && status == 0; i++) {
        if (!is_wanted[i])
            continue;
        struct candidate *c = candidate_new(doc, i == UNSURE ? doc->n_segments : 0, scores,
                                            m->n_labels, terms, values, n);
        if (c == NULL)
            return error_memory(err, "candidates");
        c->rank = rank[i];
        c->uncertainty = uncertainty;
        put_on(&k->shelves[i], s->most[i], c);
    }
    return status;
}

/* numbers: the uncertainty, then the label scores. */
static int look_at(void *context, size_t worker, const struct document *doc, float *numbers,
                   sikap_error *err)
{
    struct suggest *s = context;
    struct keeper *k = &s->keepers[worker];
    numbers[0] = -1;
    if (is_labelled(s, doc)) {
        k->n_labelled++;
        return 0;
    }
    const sikap_model *m = s->model;
    const size_t target = s->target_key != NULL ? score_target(m, &doc->extras[0]) : 0;
    float *scores = memory_alloc(m->n_labels, sizeof *scores);
    int status = scores == NULL ? error_memory(err, "candidates") : 0;
    if (status == 0)
        status = passage_score(k->scorer, m, doc->segments, target, scores, NULL, err);
    if (status == 0) {
        numbers[0] = (float)suggest_uncertainty(m, scores);
        status = keep(s, k, doc, target, (double)numbers[0], scores, err);
    }
    memory_free(scores);
    return status;
}

static int read_corpus(struct suggest *s, struct collection **out, const char *const *paths,
                       size_t n_paths, collect_visit *visit, sikap_error *err)
{
    const struct collect_request request = {.corpus = &s->corpus,
                                            .extras = &s->target_key,
                                            .n_extras = s->target_key != NULL,
                                            .visit = visit,
                                            .visit_context = s,
                                            .n_visited = 1};
    return model_collect(out, s->model, paths, n_paths, &request, s->pool, s->watch, err);
}

static int read_labelled(struct suggest *s, sikap_error *err)
{
    const struct option_list *list = &s->options.labelled;
    if (list->n == 0)
        return 0;
    int status =
        read_corpus(s, &s->labelled, (const char *const *)list->items, list->n, keep_print, err);
    for (size_t k = 0; k < s->n_keepers && status == 0; k++)
        s->n_prints += s->keepers[k].n_prints;
    s->prints = memory_alloc(s->n_prints, sizeof *s->prints);
    if (status == 0 && s->prints == NULL)
        status = error_memory(err, "labelled documents");
    size_t at = 0;
    for (size_t k = 0; k < s->n_keepers && status == 0; k++)
        for (size_t i = 0; i < s->keepers[k].n_prints; i++)
            s->prints[at++] = s->keepers[k].prints[i];
    if (at > 0)
        qsort(s->prints, at, sizeof *s->prints, by_print);
    return status;
}

/* ---- choosing ---- */

static int by_rank(const void *a, const void *b)
{
    const struct candidate *x = *(struct candidate *const *)a, *y = *(struct candidate *const *)b;
    return ranks_before(x, y->rank, y->id, y->id_n)   ? -1
           : ranks_before(y, x->rank, x->id, x->id_n) ? 1
                                                      : 0;
}

/* A shelf of all workers in order; a record that reading passed over, because its id had been met
 * before, is not on it. */
static size_t gather(const struct suggest *s, int shelf, struct candidate **all)
{
    size_t n = 0, kept = 0;
    for (size_t k = 0; k < s->n_keepers; k++)
        for (size_t i = 0; i < s->keepers[k].shelves[shelf].n; i++)
            all[n++] = s->keepers[k].shelves[shelf].heap[i];
    if (n > 0)
        qsort(all, n, sizeof *all, by_rank);
    for (size_t i = 0; i < n && kept < s->most[shelf]; i++) {
        const uint32_t row = names_find(&s->read->ids, all[i]->id, all[i]->id_n);
        const int is_twin = kept > 0 && by_rank(&all[kept - 1], &all[i]) == 0;
        if (row != NAMES_FULL && !is_twin && (double)s->read->visited[row] == all[i]->uncertainty)
            all[kept++] = all[i];
    }
    return kept;
}

static int write_chosen(const struct suggest *s, struct candidate *const *all, const size_t *chosen,
                        size_t n, sikap_write *write, void *context, sikap_error *err)
{
    const sikap_model *m = s->model;
    const enum suggest_format format = (enum suggest_format)s->options.format;
    const char *const *names = (const char *const *)m->plan.names;
    struct buffer out = {0};
    suggest_header(&out, m, format, names, m->plan.n);
    for (size_t i = 0; i < n; i++)
        suggest_document(&out, m, format, names, m->plan.n, all[chosen[i]]);
    const int status = buffer_hand_over(&out, "suggestions", write, context, err);
    buffer_free(&out);
    return status;
}

static int choose(struct suggest *s, sikap_write *write, void *context, sikap_suggested *counts,
                  sikap_error *err)
{
    struct candidate **all = memory_alloc(s->n_keepers * s->most[UNSURE], sizeof *all);
    struct candidate **sample = memory_alloc(s->n_keepers * s->most[SAMPLE], sizeof *sample);
    size_t *chosen = memory_alloc(s->options.count, sizeof *chosen), n = 0;
    int status =
        all == NULL || sample == NULL || chosen == NULL ? error_memory(err, "suggestions") : 0;
    if (status == 0)
        status = suggest_pick(chosen, &n, all, gather(s, UNSURE, all), sample,
                              gather(s, SAMPLE, sample), s->options.count, s->options.diversity,
                              s->model->vocabulary->n_terms, s->pool, err);
    if (status == 0)
        status = write_chosen(s, all, chosen, n, write, context, err);
    if (status == 0 && counts != NULL) {
        counts->read = s->read->read;
        counts->n_chosen = n;
        for (size_t k = 0; k < s->n_keepers; k++)
            counts->n_labelled += s->keepers[k].n_labelled;
    }
    memory_free(all);
    memory_free(sample);
    memory_free(chosen);
    return status;
}

static int start(struct suggest *s, const sikap_options *options, sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table, &suggest_option_table,
                                                        NULL};
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &corpus_option_table, &s->corpus, err);
    if (status == 0)
        status = options_read(options, &suggest_option_table, &s->options, err);
    if (status == 0)
        status = pool_new(&s->pool, s->options.threads, err);
    if (status != 0)
        return status;
    s->n_keepers = pool_n_threads(s->pool);
    const size_t each = CANDIDATES_EACH * s->options.count;
    s->most[UNSURE] = each < LEAST_CANDIDATES ? LEAST_CANDIDATES : each;
    s->most[SAMPLE] = SAMPLED;
    s->keepers = memory_zero(s->n_keepers, sizeof *s->keepers);
    if (s->keepers == NULL)
        return error_memory(err, "candidates");
    for (size_t k = 0; k < s->n_keepers && status == 0; k++) {
        for (int i = 0; i < SHELVES && status == 0; i++) {
            struct shelf *shelf = &s->keepers[k].shelves[i];
            shelf->heap = memory_alloc(s->most[i], sizeof *shelf->heap);
            status = shelf->heap == NULL ? error_memory(err, "candidates") : 0;
        }
        if (status == 0)
            status = sikap_scorer_new(&s->keepers[k].scorer, s->model, err);
    }
    return status;
}

static void end(struct suggest *s)
{
    for (size_t k = 0; s->keepers != NULL && k < s->n_keepers; k++) {
        for (int shelf = 0; shelf < SHELVES; shelf++) {
            for (size_t i = 0; i < s->keepers[k].shelves[shelf].n; i++)
                memory_free(s->keepers[k].shelves[shelf].heap[i]);
            memory_free(s->keepers[k].shelves[shelf].heap);
        }
        memory_free(s->keepers[k].prints);
        sikap_scorer_free(s->keepers[k].scorer);
    }
    memory_free(s->keepers);
    memory_free(s->prints);
    collection_free(s->labelled);
    collection_free(s->read);
    pool_free(s->pool);
    option_clear(&corpus_option_table, &s->corpus);
    option_clear(&suggest_option_table, &s->options);
}

int sikap_suggest(const sikap_model *model, const char *const *paths, size_t n_paths,
                  const sikap_options *options, const sikap_watch *watch, sikap_write *write,
                  void *context, sikap_suggested *counts, sikap_error *err)
{
    struct suggest s = {.model = model, .watch = watch, .target_key = model->target_key};
    if (counts != NULL)
        *counts = (sikap_suggested){0};
    int status = start(&s, options, err);
    if (status == 0)
        status = read_labelled(&s, err);
    if (status == 0)
        status = read_corpus(&s, &s.read, paths, n_paths, look_at, err);
    if (status == 0)
        status = choose(&s, write, context, counts, err);
    end(&s);
    return status;
}
