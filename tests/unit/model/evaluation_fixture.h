/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluations made in memory, and how these tests look into them: figures by gate paths, JSON and
 * table as text. */
#ifndef TEST_MODEL_EVALUATION_FIXTURE_H
#define TEST_MODEL_EVALUATION_FIXTURE_H

#include <string.h>

#include "measure/cases.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "model/evaluate.h"

static inline char *fixture_text(const char *text)
{
    return memory_text(text, strlen(text));
}

/* One field over n rows, all annotated, gold and chosen all 0. Labels are named a, b, c … */
static inline struct evaluation_field *fixture_field(struct evaluation_data *d, const char *name,
                                                     int is_multi, size_t n_rows, size_t n_labels)
{
    memset(d, 0, sizeof *d);
    d->n_rows = n_rows;
    d->ids = memory_alloc(n_rows, sizeof *d->ids);
    for (size_t i = 0; i < n_rows; i++) {
        char id[32];
        snprintf(id, sizeof id, "d%zu", i);
        d->ids[i] = fixture_text(id);
    }
    d->fields = memory_zero(1, sizeof *d->fields);
    d->n_fields = 1;
    struct evaluation_field *f = &d->fields[0];
    f->name = fixture_text(name);
    f->is_multi = is_multi;
    f->n_labels = n_labels;
    f->labels = memory_alloc(n_labels, sizeof *f->labels);
    for (size_t l = 0; l < n_labels; l++) {
        const char label[2] = {(char)('a' + l), '\0'};
        f->labels[l] = fixture_text(label);
    }
    f->annotated = memory_alloc(n_rows, 1);
    memset(f->annotated, 1, n_rows);
    f->gold = memory_zero(n_rows * n_labels, 1);
    f->chosen = memory_zero(n_rows * n_labels, 1);
    return f;
}

static inline void fixture_rename(struct evaluation_field *f, size_t label, const char *name)
{
    memory_free(f->labels[label]);
    f->labels[label] = fixture_text(name);
}

static inline sikap_evaluation *fixture_evaluate(struct evaluation_data *d, size_t bootstrap,
                                                 size_t threads)
{
    const struct evaluate_options options = {.bootstrap = bootstrap, .seed = 1};
    struct pool *pool;
    sikap_evaluation *e;
    sikap_error err = {0};
    assert_int_equal(pool_new(&pool, threads, &err), 0);
    if (evaluation_new(&e, d, &options, pool, NULL, &err) != 0)
        fail_msg("%s", err.message);
    pool_free(pool);
    return e;
}

static inline int fixture_append(void *context, const char *bytes, size_t n)
{
    struct buffer *b = context;
    buffer_bytes(b, bytes, n);
    return b->failed ? -1 : 0;
}

/* The caller frees with memory_free. */
static inline char *fixture_json(const sikap_evaluation *e)
{
    struct buffer b = {0};
    assert_int_equal(sikap_evaluation_json(e, fixture_append, &b, NULL), 0);
    buffer_byte(&b, '\0');
    return b.bytes;
}

static inline char *fixture_table(const sikap_evaluation *e, size_t columns)
{
    struct buffer b = {0};
    assert_int_equal(sikap_evaluation_text(e, columns, fixture_append, &b, NULL), 0);
    buffer_byte(&b, '\0');
    return b.bytes;
}

/* The figure at a path. */
static inline double fixture_figure(const sikap_evaluation *e, const char *path)
{
    char gate[256];
    int passed;
    double value;
    sikap_error err = {0};
    snprintf(gate, sizeof gate, "%s>=0", path);
    if (sikap_evaluation_gate(e, gate, &passed, &value, &err) != 0)
        fail_msg("%s", err.message);
    return value;
}

#define assert_has(text, part)                                                                     \
    do {                                                                                           \
        const char *const has_text = (text), *const has_part = (part);                             \
        if (strstr(has_text, has_part) == NULL)                                                    \
            fail_msg("'%s' is not in:\n%s", has_part, has_text);                                   \
    } while (0)
#define assert_has_not(text, part)                                                                 \
    do {                                                                                           \
        const char *const has_text = (text), *const has_part = (part);                             \
        if (strstr(has_text, has_part) != NULL)                                                    \
            fail_msg("'%s' is in:\n%s", has_part, has_text);                                       \
    } while (0)

#endif
