/* SPDX-License-Identifier: Apache-2.0 */
/* Which errors are shown, and their texts. An evaluation keeps no texts, so the corpora are read a
 * second time, and what is kept is bounded by the number of errors. What cannot be read twice (a
 * pipe) has no texts. */
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "corpus/corpus.h"
#include "model/score.h"
#include "report/evaluation_errors.h"

enum { BLOCK_BYTES = 1 << 18, TEXT_MOST = 1 << 20 };

void error_texts_free(struct error_texts *t)
{
    if (t == NULL)
        return;
    explanation_free(t->explanation);
    memory_free(t->rows);
    memory_free(t->segments);
    memory_free(t->targets);
    memory_free(t->found);
    arena_free(&t->arena);
    memory_free(t);
}

/* How sure the model was of what it did with a label; NaN: not known. A label that the model does
 * not know at all was not decided on. */
static double confidence_of(const struct evaluation_field *f, size_t row, size_t label, int given)
{
    const size_t at = row * f->n_labels + label;
    if (f->scores == NULL || !isfinite(f->scores[at]))
        return NAN;
    if (f->probabilities != NULL)
        return given ? f->probabilities[at] : 1 - f->probabilities[at];
    return given ? (double)f->scores[at] : -(double)f->scores[at];
}

size_t errors_choose(struct error_case *cases, size_t most, const struct evaluation_field *f,
                     size_t n_rows, int given)
{
    size_t n = 0;
    for (size_t i = 0; i < n_rows * f->n_labels; i++) {
        const size_t row = i / f->n_labels, label = i % f->n_labels;
        if (!f->annotated[row] || f->chosen[i] == f->gold[i] || f->chosen[i] != given)
            continue;
        const double confidence = confidence_of(f, row, label, given);
        if (isnan(confidence) || (n == most && cases[n - 1].confidence >= confidence))
            continue;
        size_t at = n < most ? n++ : most - 1;
        for (; at > 0 && cases[at - 1].confidence < confidence; at--)
            cases[at] = cases[at - 1];
        cases[at] = (struct error_case){row, label, confidence};
    }
    return n;
}

/* ---- which documents ---- */

static void want_row(struct error_texts *t, size_t row)
{
    size_t at = 0;
    while (at < t->n && t->rows[at] < row)
        at++;
    if (at < t->n && t->rows[at] == row)
        return;
    memmove(t->rows + at + 1, t->rows + at, (t->n - at) * sizeof *t->rows);
    t->rows[at] = row;
    t->n++;
}

static void want_rows(struct error_texts *t, const sikap_evaluation *e)
{
    struct error_case cases[ERRORS_SHOWN];
    for (size_t f = 0; f < e->data.n_fields; f++)
        for (int given = 0; given < 2; given++) {
            const size_t n =
                errors_choose(cases, ERRORS_SHOWN, &e->data.fields[f], e->data.n_rows, given);
            for (size_t i = 0; i < n; i++)
                want_row(t, cases[i].row);
        }
}

/* ---- their texts ---- */

static int can_read_again(const sikap_report_source *source)
{
    for (size_t i = 0; i < source->n_corpus; i++) {
        struct stat status;
        if (strcmp(source->corpus[i], "-") == 0 || stat(source->corpus[i], &status) != 0 ||
            !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)))
            return 0;
    }
    return source->n_corpus > 0 && source->options != NULL;
}

static int keep_text(struct error_texts *t, const struct document *doc, size_t at,
                     const sikap_model *m)
{
    t->found[at] = 1;
    t->targets[at] = m != NULL && m->n_targets > 0 ? score_target(m, &doc->extras[0]) : 0;
    for (size_t k = 0; k < t->n_segments; k++) {
        const struct text *from = &doc->segments[k];
        if (from->bytes == NULL || from->n > TEXT_MOST)
            continue;
        const char *copy = arena_text(&t->arena, from->bytes, from->n);
        if (copy == NULL)
            return -1;
        t->segments[at * t->n_segments + k] = (struct text){copy, from->n};
    }
    return 0;
}

static int keep_document(struct error_texts *t, const sikap_evaluation *e,
                         const struct document *doc, const sikap_model *m, sikap_error *err)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *id = e->data.ids[t->rows[i]];
        if (!t->found[i] && strlen(id) == doc->id.n && memcmp(id, doc->id.bytes, doc->id.n) == 0)
            return keep_text(t, doc, i, m) != 0 ? error_memory(err, "report") : 0;
    }
    return 0;
}

static int read_corpus(struct error_texts *t, struct corpus *corpus, const sikap_evaluation *e,
                       const sikap_model *m, sikap_error *err)
{
    struct corpus_block *block = NULL;
    struct corpus_parser *parser = NULL;
    size_t n_records = 0;
    t->n_segments = corpus_n_segments(corpus);
    t->segments = memory_zero(t->n * t->n_segments, sizeof *t->segments);
    int status = t->segments == NULL ? error_memory(err, "report") : 0;
    if (status == 0)
        status = corpus_block_new(&block, err);
    if (status == 0)
        status = corpus_parser_new(&parser, corpus, err);
    while (status == 0) {
        status = corpus_next(corpus, block, BLOCK_BYTES, &n_records, err);
        if (n_records == 0)
            break;
        for (size_t i = 0; i < n_records && status == 0; i++) {
            struct document doc;
            status = corpus_parse(parser, block, i, &doc, err);
            if (status == 0)
                status = keep_document(t, e, &doc, m, err);
            status = status == SIKAP_DATA ? 0 : status; /* the evaluation has reported it */
        }
    }
    corpus_parser_free(parser);
    corpus_block_free(block);
    return status;
}

static int read_texts(struct error_texts *t, const sikap_evaluation *e,
                      const sikap_report_source *source, sikap_error *err)
{
    const sikap_model *m = source->model;
    struct corpus_options options;
    struct corpus *corpus = NULL;
    memset(&options, 0, sizeof options);
    struct corpus_request request = {.wants_text = 1};
    if (m != NULL)
        request = (struct corpus_request){.wants_text = 1,
                                          .segments = (const char *const *)m->plan.names,
                                          .n_segments = m->plan.n,
                                          .extras = (const char *const *)&m->target_key,
                                          .n_extras = m->n_targets > 0};
    int status = options_read(source->options, &corpus_option_table, &options, err);
    if (status == 0)
        status = corpus_open(&corpus, source->corpus, source->n_corpus, &options, &request, err);
    if (status == 0)
        status = read_corpus(t, corpus, e, m, err);
    if (status == 0 && m != NULL)
        status = explanation_new(&t->explanation, m, err);
    corpus_free(corpus);
    option_clear(&corpus_option_table, &options);
    return status;
}

int error_texts_new(struct error_texts **out, const sikap_evaluation *e,
                    const sikap_report_source *source, sikap_error *err)
{
    *out = NULL;
    struct error_texts *t = memory_zero(1, sizeof *t);
    if (t == NULL)
        return error_memory(err, "report");
    const size_t most = 2 * ERRORS_SHOWN * e->data.n_fields;
    t->rows = memory_alloc(most, sizeof *t->rows);
    t->targets = memory_zero(most, sizeof *t->targets);
    t->found = memory_zero(most, 1);
    int status =
        t->rows == NULL || t->targets == NULL || t->found == NULL ? error_memory(err, "report") : 0;
    if (status == 0)
        want_rows(t, e);
    if (status == 0 && t->n > 0 && can_read_again(source))
        status = read_texts(t, e, source, err);
    if (status != 0) {
        error_texts_free(t);
        return status;
    }
    *out = t;
    return 0;
}
