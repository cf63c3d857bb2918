/* SPDX-License-Identifier: Apache-2.0 */
/* The gold side of an evaluation: read once by `collect`, then laid out as rows of 0 and 1. */
#include "model/evaluate_session.h"
#include "model/evaluate_leaks.h"

#include <string.h>

#include "base/memory.h"

int session_start(struct session *s, const sikap_options *options, const sikap_watch *watch,
                  sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table,
                                                        &evaluate_option_table, NULL};
    memset(s, 0, sizeof *s);
    s->watch = watch;
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &corpus_option_table, &s->corpus, err);
    if (status == 0)
        status = options_read(options, &evaluate_option_table, &s->options, err);
    if (status == 0)
        status = pool_new(&s->pool, s->options.threads, err);
    return status;
}

void session_end(struct session *s)
{
    collection_free(s->gold);
    collection_free(s->predicted);
    pool_free(s->pool);
    evaluation_data_free(&s->data);
    option_clear(&corpus_option_table, &s->corpus);
    option_clear(&evaluate_option_table, &s->options);
}

/* Ids and groups of the gold documents. */
int session_take_rows(struct session *s, sikap_error *err)
{
    struct evaluation_data *d = &s->data;
    const struct collection *c = s->gold;
    d->ids = memory_zero(c->n_rows, sizeof *d->ids);
    d->n_rows = d->ids == NULL ? 0 : c->n_rows;
    d->read = c->read;
    if (d->ids == NULL)
        return error_memory(err, "evaluation");
    for (size_t i = 0; i < c->n_rows; i++)
        if ((d->ids[i] = memory_string(c->ids.items[i])) == NULL)
            return error_memory(err, "evaluation");
    if (s->options.group == NULL)
        return 0;
    const struct collection_extra *groups = &c->extras[0];
    if (groups->names.n == 0)
        return error_set(err, SIKAP_DATA, NULL, 0, "--group: no document has the key '%s'",
                         groups->name);
    d->n_groups = collection_groups(groups, c->n_rows, &d->group);
    return d->group == NULL ? error_memory(err, "evaluation") : 0;
}

int session_find_leaks(struct session *s, const struct feature_options *features, sikap_error *err)
{
    struct feature_options defaults = {0};
    if (s->options.train.n == 0)
        return 0;
    int status = option_defaults(&feature_option_table, &defaults, err);
    const struct leak_search search = {.tested = s->gold,
                                       .corpus = &s->corpus,
                                       .features = features == NULL ? &defaults : features,
                                       .train = &s->options.train,
                                       .similarity = s->options.similarity,
                                       .pool = s->pool,
                                       .watch = s->watch};
    if (status == 0)
        status = evaluation_find_leaks(&s->data, &search, err);
    option_clear(&feature_option_table, &defaults);
    return status;
}

static void set_gold(struct evaluation_field *f, const struct collection_field *from,
                     const struct names *labels, size_t n_rows, unsigned char *cells)
{
    memset(cells, 0, n_rows * f->n_labels);
    for (size_t row = 0; row < n_rows; row++)
        for (size_t k = from->start[row]; k < from->start[row + 1]; k++) {
            const char *name = from->names.items[from->labels[k]];
            const uint32_t l = names_find(labels, name, strlen(name));
            if (l != NAMES_FULL)
                cells[row * f->n_labels + l] = 1;
        }
}

/* An evaluation field over labels [0, labels->n), gold filled in. */
int session_add_field(struct session *s, const struct collection_field *gold,
                      const struct names *labels, int is_multi, struct evaluation_field **out,
                      sikap_error *err)
{
    struct evaluation_data *d = &s->data;
    struct evaluation_field *f = &d->fields[d->n_fields++];
    const size_t n_rows = d->n_rows;
    f->is_multi = is_multi;
    f->n_labels = labels->n;
    f->name = memory_string(gold->name);
    f->labels = memory_zero(labels->n, sizeof *f->labels);
    f->annotated = memory_alloc(n_rows, 1);
    f->gold = memory_alloc(n_rows * labels->n, 1);
    f->chosen = memory_zero(n_rows * labels->n, 1);
    if (f->name == NULL || f->labels == NULL || f->annotated == NULL || f->gold == NULL ||
        f->chosen == NULL)
        return error_memory(err, "evaluation");
    for (size_t l = 0; l < labels->n; l++)
        if ((f->labels[l] = memory_string(labels->items[l])) == NULL)
            return error_memory(err, "evaluation");
    memcpy(f->annotated, gold->annotated, n_rows);
    set_gold(f, gold, labels, n_rows, f->gold);
    *out = f;
    return 0;
}

/* The labels of both sides: those of the model (or the prediction) first. */
int session_join_names(struct names *to, const struct names *from)
{
    for (size_t l = 0; l < from->n; l++)
        if (names_add(to, from->items[l], strlen(from->items[l]), NULL) == NAMES_FULL)
            return -1;
    return 0;
}

int session_has_annotation(const struct collection *c, size_t f)
{
    for (size_t i = 0; i < c->n_rows; i++)
        if (c->fields[f].annotated[i])
            return 1;
    return 0;
}

int session_nothing_annotated(const struct session *s, const char *const *paths, size_t n_paths,
                              const char *wanted, sikap_error *err)
{
    const char *path = n_paths > 0 ? paths[0] : NULL;
    if (s->gold->n_rows == 0)
        return error_set(err, SIKAP_DATA, path, 0, "none of %llu documents could be used",
                         (unsigned long long)s->gold->read.n_documents);
    struct buffer keys = {0};
    int can_read_again = n_paths > 0;
    for (size_t i = 0; i < n_paths; i++)
        can_read_again &= strcmp(paths[i], "-") != 0;
    if (!can_read_again || corpus_field_keys(&keys, paths, n_paths, &s->corpus, NULL) != 0)
        buffer_clear(&keys);
    const int status = error_set(
        err, SIKAP_DATA, path, 0, "none of %zu documents is annotated for %.200s%s%.200s",
        s->gold->n_rows, wanted, keys.n > 0 ? "; keys seen: " : "", keys.n > 0 ? keys.bytes : "");
    buffer_free(&keys);
    return status;
}
