/* SPDX-License-Identifier: Apache-2.0 */
/* The sequential part of reading a corpus: which documents become rows, their labels, and the
 * renumbering at the end. */
#include "features/collect_internal.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "features/sort.h"

int collect_new_output(struct collect *c, sikap_error *err)
{
    struct collection *out = memory_zero(1, sizeof *out);
    c->out = out;
    if (out == NULL)
        return error_memory(err, "collection");
    const size_t n_fields = corpus_n_fields(c->corpus), n_extras = c->request->n_extras;
    out->fields = memory_zero(n_fields, sizeof *out->fields);
    out->extras = memory_zero(n_extras, sizeof *out->extras);
    if (out->fields == NULL || out->extras == NULL)
        return error_memory(err, "collection");
    for (size_t f = 0; f < n_fields; f++) {
        struct collection_field *field = &out->fields[f];
        const char *name = corpus_field(c->corpus, f);
        field->name = memory_string(name);
        field->is_multi = corpus_field_kind(c->corpus, f) == FIELD_MULTI;
        out->n_fields++;
        if (field->name == NULL ||
            memory_grow(&field->start, &field->start_capacity, 1, sizeof *field->start) != 0)
            return error_memory(err, "collection");
        field->start[0] = 0;
    }
    for (size_t x = 0; x < n_extras; x++)
        out->extras[x].name = c->request->extras[x];
    out->n_extras = n_extras;
    if (memory_grow(&out->counts.start, &c->start_capacity, 1, sizeof *out->counts.start) != 0)
        return error_memory(err, "collection");
    out->counts.start[0] = 0;
    return 0;
}

static void report(const struct collect *c, const sikap_error *problem)
{
    if (c->watch != NULL && c->watch->problem != NULL)
        c->watch->problem(c->watch->context, problem);
}

static int add_labels(struct collection_field *field, const struct collect_record *r, size_t f,
                      size_t row)
{
    const struct document_labels *given = &r->fields[f];
    if (memory_grow(&field->annotated, &field->annotated_capacity, row + 1, 1) != 0 ||
        memory_grow(&field->start, &field->start_capacity, row + 2, sizeof *field->start) != 0 ||
        memory_grow(&field->labels, &field->labels_capacity, field->n_labels + given->n,
                    sizeof *field->labels) != 0)
        return -1;
    field->annotated[row] = given->annotated != 0;
    for (size_t i = 0; i < given->n; i++) {
        const struct text *label = &r->labels[given->first + i];
        const uint32_t number = names_add(&field->names, label->bytes, label->n, NULL);
        if (number == NAMES_FULL)
            return -1;
        int seen = 0; /* a label given twice counts once */
        for (size_t k = field->start[row]; k < field->n_labels; k++)
            seen |= field->labels[k] == number;
        if (!seen)
            field->labels[field->n_labels++] = number;
    }
    field->start[row + 1] = field->n_labels;
    return 0;
}

static int add_extras(struct collection *out, const struct collect_record *r, size_t row)
{
    for (size_t x = 0; x < out->n_extras; x++) {
        struct collection_extra *extra = &out->extras[x];
        if (memory_grow(&extra->value, &extra->value_capacity, row + 1, sizeof *extra->value) != 0)
            return -1;
        extra->value[row] = NAMES_FULL;
        if (r->extras[x].bytes == NULL)
            continue;
        extra->value[row] = names_add(&extra->names, r->extras[x].bytes, r->extras[x].n, NULL);
        if (extra->value[row] == NAMES_FULL)
            return -1;
    }
    return 0;
}

static int add_visited(struct collect *c, const struct collect_record *r, size_t row)
{
    const size_t n = c->request->n_visited;
    if (n == 0)
        return 0;
    if (memory_grow(&c->out->visited, &c->rows_visited_capacity, (row + 1) * n,
                    sizeof *c->out->visited) != 0)
        return -1;
    const size_t record = (size_t)(r - c->records);
    memcpy(c->out->visited + row * n, c->visited + record * n, n * sizeof *c->visited);
    return 0;
}

static int add_place(struct collect *c, const struct collect_record *r, size_t row)
{
    struct collection_places *places = &c->out->places;
    if (!c->request->wants_places)
        return 0;
    if (memory_grow(&places->file, &places->capacity[0], row + 1, sizeof *places->file) != 0 ||
        memory_grow(&places->line, &places->capacity[1], row + 1, sizeof *places->line) != 0 ||
        memory_grow(&places->record, &places->capacity[2], row + 1, sizeof *places->record) != 0)
        return -1;
    places->file[row] = names_add(&places->files, r->file, strlen(r->file), NULL);
    places->line[row] = r->line;
    places->record[row] = (size_t)c->out->read.n_documents - 1;
    return places->file[row] == NAMES_FULL ? -1 : 0;
}

static int add_shingles(struct collect *c, const struct collect_record *r)
{
    const struct shingler *from = c->workers[r->worker].shingler;
    return from == NULL
               ? 0
               : shingles_append(&c->out->shingles, from->items + r->first_shingle, r->n_shingles);
}

/* An id that is met again gets a number behind a NUL, which readers do not see. */
static int repeat_id(struct names *ids, const struct text *id)
{
    struct buffer alias = {0};
    int is_new = 0;
    buffer_bytes(&alias, id->bytes, id->n);
    buffer_byte(&alias, '\0');
    buffer_u64(&alias, ids->n);
    if (!alias.failed && names_add(ids, alias.bytes, alias.n, &is_new) == NAMES_FULL)
        is_new = 0;
    buffer_free(&alias);
    return is_new ? 0 : -1;
}

static int add_row(struct collect *c, struct collect_record *r)
{
    struct collection *out = c->out;
    const size_t row = out->n_rows;
    for (size_t f = 0; f < out->n_fields; f++)
        if (add_labels(&out->fields[f], r, f, row) != 0)
            return -1;
    if (add_extras(out, r, row) != 0 || add_visited(c, r, row) != 0 || add_place(c, r, row) != 0 ||
        add_shingles(c, r) != 0 ||
        memory_grow(&out->counts.start, &c->start_capacity, row + 2, sizeof *out->counts.start) !=
            0)
        return -1;
    out->counts.start[row + 1] = out->counts.start[row] + r->n;
    r->row = row;
    out->n_rows++;
    out->n_labelled += !r->is_unlabelled;
    out->read.n_unlabelled += r->is_unlabelled != 0;
    out->read.n_bytes += r->n_bytes;
    out->fingerprint = hash_chain(out->fingerprint, r->fingerprint);
    return 0;
}

/* The verdict on one record: 0 with r->row set or not, or the fatal error. */
static int accept(struct collect *c, struct collect_record *r, sikap_error *err)
{
    struct collection *out = c->out;
    const int strict = c->request->corpus->strict;
    sikap_error problem;
    r->row = SIZE_MAX;
    out->read.n_documents++;
    if (r->problem != NULL) {
        if (r->problem->code != SIKAP_DATA || strict)
            return error_set(err, r->problem->code, r->problem->file, r->problem->line, "%s",
                             r->problem->message);
        report(c, r->problem);
        out->read.n_skipped++;
        return 0;
    }
    if (r->n_repaired > 0) {
        if (strict)
            return error_set(err, SIKAP_DATA, r->file, r->line, "%zu broken UTF-8 sequences",
                             r->n_repaired);
        out->read.n_repaired++;
    }
    int is_new;
    if (names_add(&out->ids, r->id.bytes, r->id.n, &is_new) == NAMES_FULL)
        return error_memory(err, "document ids");
    if (!is_new && c->request->ids_may_repeat) {
        if (repeat_id(&out->ids, &r->id) != 0)
            return error_memory(err, "document ids");
    } else if (!is_new) {
        error_set(&problem, SIKAP_DATA, r->file, r->line, "duplicate id '%.200s'", r->id.bytes);
        if (strict)
            return error_set(err, SIKAP_DATA, r->file, r->line, "%s", problem.message);
        report(c, &problem);
        out->read.n_skipped++;
        return 0;
    }
    return add_row(c, r) != 0 ? error_memory(err, "documents") : 0;
}

int collect_accept(struct collect *c, sikap_error *err)
{
    for (size_t i = 0; i < c->n_records; i++) {
        struct collect_record *r = &c->records[i];
        const int status = accept(c, r, err);
        if (status != 0)
            return status;
        if (r->row == SIZE_MAX && r->n > 0) {
            struct collect_worker *w = &c->workers[r->worker];
            memset(w->terms + r->first, 0xFF, r->n * sizeof *w->terms);
        }
    }
    struct matrix *m = &c->out->counts;
    m->n_rows = c->out->n_rows;
    const size_t n = m->start[m->n_rows];
    if (memory_grow(&m->columns, &c->nonzeros_capacity[0], n, sizeof *m->columns) != 0 ||
        memory_grow(&m->values, &c->nonzeros_capacity[1], n, sizeof *m->values) != 0 ||
        memory_grow(&c->out->totals, &c->totals_capacity, m->n_rows, sizeof *c->out->totals) != 0)
        return error_memory(err, "document-term matrix");
    return 0;
}

/* ---- locking ---- */

struct renumber {
    struct matrix *m;
    uint32_t **remap; /* NULL: numbers are final, VOCABULARY_ABSENT is to be dropped */
    size_t *kept;     /* [n_rows] */
    uint64_t **spare; /* [n_workers] for sorting */
    size_t *spare_capacity;
    int *failed; /* [n_workers] */
};

static void renumber_row(void *context, size_t row, size_t worker)
{
    struct renumber *job = context;
    struct matrix *m = job->m;
    const size_t begin = m->start[row], n = m->start[row + 1] - begin;
    if (memory_grow(&job->spare[worker], &job->spare_capacity[worker], 2 * n,
                    sizeof **job->spare)) {
        job->failed[worker] = 1;
        return;
    }
    uint64_t *keys = job->spare[worker];
    size_t kept = 0;
    for (size_t i = begin; i < begin + n; i++) {
        uint32_t term = m->columns[i];
        if (job->remap != NULL)
            term =
                job->remap[term >> TERM_LOCAL_BITS][term & ((UINT32_C(1) << TERM_LOCAL_BITS) - 1)];
        if (term == VOCABULARY_ABSENT)
            continue;
        uint32_t bits;
        memcpy(&bits, &m->values[i], sizeof bits);
        keys[kept++] = (uint64_t)term << 32 | bits;
    }
    if (kept > 0)
        sort_by_high_half(keys, keys + n, kept);
    for (size_t i = 0; i < kept; i++) {
        const uint32_t bits = (uint32_t)keys[i];
        m->columns[begin + i] = (uint32_t)(keys[i] >> 32);
        memcpy(&m->values[begin + i], &bits, sizeof bits);
    }
    job->kept[row] = kept;
}

static void close_gaps(struct matrix *m, const size_t *kept)
{
    size_t to = 0;
    for (size_t row = 0; row < m->n_rows; row++) {
        const size_t from = m->start[row];
        m->start[row] = to;
        if (kept[row] == 0)
            continue;
        memmove(m->columns + to, m->columns + from, kept[row] * sizeof *m->columns);
        memmove(m->values + to, m->values + from, kept[row] * sizeof *m->values);
        to += kept[row];
    }
    m->start[m->n_rows] = to;
    /* Give back what the dropped terms held; shrinking cannot fail in a way that matters. */
    void *columns = memory_resize(m->columns, to, sizeof *m->columns);
    void *values = memory_resize(m->values, to, sizeof *m->values);
    if (columns != NULL)
        m->columns = columns;
    if (values != NULL)
        m->values = values;
}

static int renumber_rows(struct collect *c, uint32_t **remap, sikap_error *err)
{
    struct matrix *m = &c->out->counts;
    struct renumber job = {.m = m, .remap = remap};
    const size_t n_workers = c->n_workers;
    job.kept = memory_zero(m->n_rows, sizeof *job.kept);
    job.spare = memory_zero(n_workers, sizeof *job.spare);
    job.spare_capacity = memory_zero(n_workers, sizeof *job.spare_capacity);
    job.failed = memory_zero(n_workers, sizeof *job.failed);
    int status = 0;
    if (job.kept == NULL || job.spare == NULL || job.spare_capacity == NULL || job.failed == NULL) {
        status = error_memory(err, "document-term matrix");
    } else {
        parallel_for(c->pool, m->n_rows, renumber_row, &job);
        for (size_t w = 0; w < n_workers; w++)
            if (job.failed[w])
                status = error_memory(err, "document-term matrix");
        if (status == 0)
            close_gaps(m, job.kept);
    }
    for (size_t w = 0; job.spare != NULL && w < n_workers; w++)
        memory_free(job.spare[w]);
    memory_free(job.spare);
    memory_free(job.spare_capacity);
    memory_free(job.kept);
    memory_free(job.failed);
    return status;
}

/* scikit-learn's rule: a share is multiplied by n and compared without rounding. */
static uint32_t least_df(double min_df, size_t n_rows)
{
    const double least = min_df < 1 ? ceil(min_df * (double)n_rows) : ceil(min_df);
    return least < 1 ? 1 : least > 4294967295.0 ? UINT32_MAX : (uint32_t)least;
}

static uint32_t most_df(double max_df, size_t n_rows)
{
    const double most = max_df <= 1 ? floor(max_df * (double)n_rows) : floor(max_df);
    return most > 4294967295.0 ? UINT32_MAX : (uint32_t)most;
}

uint32_t collect_least_df(const struct collect *c)
{
    return least_df(c->request->features->min_df, c->out->n_rows);
}

int collect_lock(struct collect *c, sikap_error *err)
{
    struct collection *out = c->out;
    const struct feature_options *features = c->request->features;
    if (c->request->vocabulary != NULL) {
        out->counts.n_columns = c->request->vocabulary->n_terms;
        return renumber_rows(c, NULL, err);
    }
    uint32_t *remap[TERM_PARTITIONS];
    const uint32_t wanted = collect_least_df(c);
    if (c->sketch != NULL && c->sketch->least > wanted)
        out->raised_df = c->sketch->least;
    int status = term_table_lock(c->table, out->raised_df > 0 ? out->raised_df : wanted,
                                 most_df(features->max_df, out->n_rows), c->pool, &out->vocabulary,
                                 remap, err);
    if (status != 0)
        return status;
    out->counts.n_columns = out->vocabulary->n_terms;
    status = renumber_rows(c, remap, err);
    for (size_t p = 0; p < TERM_PARTITIONS; p++)
        memory_free(remap[p]);
    if (status == 0) /* else the columns are still provisional numbers */
        collection_measure_lengths(out);
    return status;
}
