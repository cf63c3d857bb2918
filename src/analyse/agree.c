/* SPDX-License-Identifier: Apache-2.0 */
/* Label files laid side by side, by id: rows are all documents that any of them has. */
#include "analyse/agree.h"

#include <string.h>

#include "base/memory.h"
#include "features/names.h"
#include "model/label_file.h"

struct reading {
    sikap_agreement *a;
    struct corpus_options corpus;
    struct evaluate_options options;
    struct pool *pool;
    const sikap_watch *watch;
    struct collection **coders; /* [n_coders] */
    struct names ids;
    uint32_t *row_of; /* [n_coders][n_rows] of the coder's file; NAMES_FULL: it has none */
};

static void field_free(struct agree_field *f)
{
    memory_free(f->name);
    memory_free_texts(f->labels, f->n_labels);
    memory_free(f->has);
    memory_free(f->given);
    memory_free(f->by_label);
    memory_free(f->pairs);
}

void sikap_agreement_free(sikap_agreement *a)
{
    if (a == NULL)
        return;
    for (size_t f = 0; f < a->n_fields; f++)
        field_free(&a->fields[f]);
    memory_free(a->fields);
    memory_free_texts(a->files, a->n_coders);
    memory_free_texts(a->ids, a->n_rows);
    memory_free(a->group);
    memory_free(a);
}

const sikap_option *sikap_agree_option(size_t i)
{
    return sikap_evaluate_option(i);
}

size_t agree_coders(const struct sikap_agreement *a, const struct agree_field *f, size_t i)
{
    size_t n = 0;
    for (size_t c = 0; c < a->n_coders; c++)
        n += f->has[c * a->n_rows + i] != 0;
    return n;
}

/* ---- rows --------------------------------------------------------------------------------------
 */

static int tell_missing(const struct reading *r)
{
    const sikap_agreement *a = r->a;
    for (size_t c = 0; c < a->n_coders; c++) {
        struct some_ids missing = {.n = 0};
        for (size_t i = 0; i < a->n_rows; i++)
            if (r->row_of[c * a->n_rows + i] == NAMES_FULL)
                some_ids_add(&missing, a->ids[i]);
        if (missing.n > 0)
            error_tell(r->watch, a->files[c], "%zu of %zu documents are missing: %s%s", missing.n,
                       a->n_rows, missing.text, missing.n > 3 ? ", …" : "");
    }
    return 0;
}

static int join_rows(struct reading *r, sikap_error *err)
{
    sikap_agreement *a = r->a;
    int failed = 0;
    for (size_t c = 0; c < a->n_coders; c++)
        for (size_t i = 0; i < r->coders[c]->n_rows; i++) {
            const char *id = r->coders[c]->ids.items[i];
            failed |= names_add(&r->ids, id, strlen(id), NULL) == NAMES_FULL;
        }
    const size_t n = r->ids.n;
    a->ids = memory_zero(n, sizeof *a->ids);
    r->row_of = memory_alloc(n, a->n_coders * sizeof *r->row_of);
    if (failed || a->ids == NULL || r->row_of == NULL)
        return error_memory(err, "agreement");
    a->n_rows = n;
    for (size_t i = 0; i < n; i++) {
        if ((a->ids[i] = memory_string(r->ids.items[i])) == NULL)
            return error_memory(err, "agreement");
        for (size_t c = 0; c < a->n_coders; c++)
            r->row_of[c * n + i] = names_find(&r->coders[c]->ids, a->ids[i], strlen(a->ids[i]));
    }
    return tell_missing(r);
}

/* Groups are the first file's; what only others have is a group of its own. */
static int join_groups(struct reading *r, sikap_error *err)
{
    sikap_agreement *a = r->a;
    if (r->options.group == NULL)
        return 0;
    const struct collection *first = r->coders[0];
    if (first->extras[0].names.n == 0)
        return error_set(err, SIKAP_DATA, a->files[0], 0, "--group: no document has the key '%s'",
                         r->options.group);
    uint32_t *of_first = NULL;
    size_t n_groups = collection_groups(&first->extras[0], first->n_rows, &of_first);
    a->group = memory_alloc(a->n_rows, sizeof *a->group);
    if (of_first == NULL || a->group == NULL) {
        memory_free(of_first);
        return error_memory(err, "agreement");
    }
    for (size_t i = 0; i < a->n_rows; i++)
        a->group[i] = r->row_of[i] == NAMES_FULL ? (uint32_t)n_groups++ : of_first[r->row_of[i]];
    memory_free(of_first);
    return 0;
}

/* ---- labels ------------------------------------------------------------------------------------
 */

static int join_labels(const struct reading *r, size_t f, struct names *labels)
{
    for (size_t c = 0; c < r->a->n_coders; c++) {
        const struct names *given = &r->coders[c]->fields[f].names;
        for (size_t l = 0; l < given->n; l++)
            if (names_add(labels, given->items[l], strlen(given->items[l]), NULL) == NAMES_FULL)
                return -1;
    }
    return 0;
}

static int field_alloc(const sikap_agreement *a, struct agree_field *out,
                       const struct collection_field *first, const struct names *labels)
{
    out->name = memory_string(first->name);
    out->is_multi = first->is_multi;
    out->labels = memory_zero(labels->n, sizeof *out->labels);
    out->by_label = memory_zero(labels->n, sizeof *out->by_label);
    out->has = memory_zero(a->n_rows, a->n_coders);
    if (out->name == NULL || out->labels == NULL || out->by_label == NULL || out->has == NULL)
        return -1;
    out->n_labels = labels->n;
    for (size_t l = 0; l < labels->n; l++)
        if ((out->labels[l] = memory_string(labels->items[l])) == NULL)
            return -1;
    const size_t n_cells = labels->n * a->n_coders;
    out->given = memory_zero(a->n_rows, n_cells);
    return out->given == NULL ? -1 : 0;
}

static int fill_coder(const struct reading *r, size_t c, size_t f, const struct names *labels,
                      struct agree_field *out, sikap_error *err)
{
    const sikap_agreement *a = r->a;
    const struct collection_field *from = &r->coders[c]->fields[f];
    for (size_t i = 0; i < a->n_rows; i++) {
        const uint32_t row = r->row_of[c * a->n_rows + i];
        if (row == NAMES_FULL || !from->annotated[row])
            continue;
        const size_t n = from->start[row + 1] - from->start[row];
        if (!out->is_multi && n != 1)
            return error_set(err, SIKAP_DATA, a->files[c], 0,
                             "document '%.100s' has %zu labels in the single field '%.100s', "
                             "expected 1 (or --field %.60s:multi)",
                             a->ids[i], n, out->name, out->name);
        out->has[c * a->n_rows + i] = 1;
        uint8_t *given = out->given + (c * a->n_rows + i) * out->n_labels;
        for (size_t k = from->start[row]; k < from->start[row + 1]; k++) {
            const char *name = from->names.items[from->labels[k]];
            given[names_find(labels, name, strlen(name))] = 1;
        }
    }
    return 0;
}

static int take_field(struct reading *r, size_t f, sikap_error *err)
{
    sikap_agreement *a = r->a;
    struct agree_field *out = &a->fields[a->n_fields++];
    struct names labels = {0};
    int status = join_labels(r, f, &labels) != 0 ||
                         field_alloc(a, out, &r->coders[0]->fields[f], &labels) != 0
                     ? error_memory(err, "agreement")
                     : 0;
    for (size_t c = 0; c < a->n_coders && status == 0; c++)
        status = fill_coder(r, c, f, &labels, out, err);
    names_free(&labels);
    for (size_t i = 0; i < a->n_rows && status == 0; i++)
        out->n_documents += agree_coders(a, out, i) > 1;
    if (status != 0 || out->n_documents > 0)
        return status;
    return error_set(err, SIKAP_DATA, NULL, 0,
                     "no document has the field '%.100s' in two of the files (do the ids agree? "
                     "they begin with '%.60s' and '%.60s')",
                     out->name, r->coders[0]->n_rows > 0 ? r->coders[0]->ids.items[0] : "",
                     r->coders[1]->n_rows > 0 ? r->coders[1]->ids.items[0] : "");
}

/* ---- all ---------------------------------------------------------------------------------------
 */

static int start(struct reading *r, const char *const *files, size_t n_files,
                 const sikap_options *options, sikap_error *err)
{
    static const struct option_table *const tables[] = {&corpus_option_table,
                                                        &evaluate_option_table, NULL};
    sikap_agreement *a = r->a;
    if (n_files < 2)
        return error_set(err, SIKAP_USAGE, NULL, 0, "agreement needs two label files or more");
    int status = options_check(options, tables, err);
    if (status == 0)
        status = options_read(options, &corpus_option_table, &r->corpus, err);
    if (status == 0)
        status = options_read(options, &evaluate_option_table, &r->options, err);
    if (status == 0)
        status = pool_new(&r->pool, r->options.threads, err);
    a->n_resamples = r->options.bootstrap;
    a->seed = r->options.seed;
    a->files = memory_zero(n_files, sizeof *a->files);
    r->coders = memory_zero(n_files, sizeof *r->coders);
    if (status == 0 && (a->files == NULL || r->coders == NULL))
        status = error_memory(err, "agreement");
    for (size_t c = 0; c < n_files && status == 0; c++) {
        a->n_coders++;
        if ((a->files[c] = memory_string(files[c])) == NULL)
            status = error_memory(err, "agreement");
    }
    return status;
}

static void finish(struct reading *r)
{
    for (size_t c = 0; r->coders != NULL && c < r->a->n_coders; c++)
        collection_free(r->coders[c]);
    memory_free(r->coders);
    memory_free(r->row_of);
    names_free(&r->ids);
    pool_free(r->pool);
    option_clear(&corpus_option_table, &r->corpus);
    option_clear(&evaluate_option_table, &r->options);
}

int sikap_agree(sikap_agreement **out, const char *const *files, size_t n_files,
                const sikap_options *options, const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    struct reading r = {.a = memory_zero(1, sizeof *r.a), .watch = watch};
    sikap_agreement *a = r.a;
    if (a == NULL)
        return error_memory(err, "agreement");
    int status = start(&r, files, n_files, options, err);
    const char *group = r.options.group;
    for (size_t c = 0; c < n_files && status == 0; c++)
        status = label_file_read(&r.coders[c], &files[c], 1, &r.corpus, c == 0 ? NULL : r.coders[0],
                                 &group, c == 0 && group != NULL, 0, r.pool, watch, err);
    if (status == 0)
        status = join_rows(&r, err);
    if (status == 0)
        status = join_groups(&r, err);
    if (status == 0) {
        a->fields = memory_zero(r.coders[0]->n_fields, sizeof *a->fields);
        if (a->fields == NULL)
            status = error_memory(err, "agreement");
    }
    for (size_t f = 0; status == 0 && f < r.coders[0]->n_fields; f++)
        status = take_field(&r, f, err);
    for (size_t f = 0; status == 0 && f < a->n_fields; f++)
        status = agree_measure(a, &a->fields[f], r.pool, err);
    finish(&r);
    if (status == 0)
        *out = a;
    else
        sikap_agreement_free(a);
    return status;
}
