/* SPDX-License-Identifier: Apache-2.0 */
#include "features/collection.h"

#include <string.h>

#include "base/memory.h"

static void field_free(struct collection_field *f)
{
    memory_free(f->name);
    names_free(&f->names);
    memory_free(f->annotated);
    memory_free(f->start);
    memory_free(f->labels);
}

void collection_free(struct collection *c)
{
    if (c == NULL)
        return;
    matrix_free(&c->counts);
    vocabulary_free(c->vocabulary);
    names_free(&c->ids);
    for (size_t i = 0; i < c->n_fields; i++)
        field_free(&c->fields[i]);
    memory_free(c->fields);
    for (size_t i = 0; i < c->n_extras; i++) {
        names_free(&c->extras[i].names);
        memory_free(c->extras[i].value);
    }
    memory_free(c->extras);
    memory_free(c->totals);
    memory_free(c->visited);
    shingles_free(&c->shingles);
    names_free(&c->places.files);
    memory_free(c->places.file);
    memory_free(c->places.line);
    memory_free(c->places.record);
    memory_free(c);
}

int collect_no_terms(void *context, size_t worker, const struct document *doc, float *numbers,
                     sikap_error *err)
{
    (void)context;
    (void)worker;
    (void)doc;
    (void)numbers;
    (void)err;
    return 0;
}

/* The new vocabulary takes over the texts of the old one, those of dropped terms too. */
static int select_vocabulary(struct collection *c, const uint32_t *number, size_t n_kept,
                             sikap_error *err)
{
    struct vocabulary *old = c->vocabulary, *v;
    int status = vocabulary_new(&v, n_kept, err);
    if (status != 0)
        return status;
    for (size_t t = 0; t < old->n_terms; t++) {
        const uint32_t k = number[t];
        if (k == VOCABULARY_ABSENT)
            continue;
        v->hash[k] = old->hash[t];
        v->df[k] = old->df[t];
        v->kind[k] = old->kind[t];
        v->text[k] = old->text[t];
    }
    status = vocabulary_index(v, err);
    if (status != 0) {
        vocabulary_free(v);
        return status;
    }
    v->texts = old->texts;
    v->n_texts = old->n_texts;
    old->texts = NULL;
    old->n_texts = 0;
    vocabulary_free(old);
    c->vocabulary = v;
    return 0;
}

void collection_set_lengths(struct collection *c, const double sum[NGRAM_KINDS])
{
    for (int k = 0; k < NGRAM_KINDS; k++)
        c->average_length[k] = sum[k] > 0 ? sum[k] / (double)c->counts.n_rows : 1;
}

int collection_select(struct collection *c, const unsigned char *keep, sikap_error *err)
{
    const size_t n_terms = c->vocabulary->n_terms;
    uint32_t *number = memory_alloc(n_terms, sizeof *number);
    if (number == NULL)
        return error_memory(err, "term selection");
    size_t n_kept = 0;
    for (size_t t = 0; t < n_terms; t++)
        number[t] = keep[t] ? (uint32_t)n_kept++ : VOCABULARY_ABSENT;
    int status = 0;
    if (n_kept < n_terms)
        status = select_vocabulary(c, number, n_kept, err);
    if (status == 0 && n_kept < n_terms) {
        struct matrix *m = &c->counts;
        size_t to = 0, from = 0;
        double sum[NGRAM_KINDS] = {0};
        for (size_t i = 0; i < m->n_rows; i++) {
            const size_t end = m->start[i + 1];
            for (; from < end; from++) {
                const uint32_t t = number[m->columns[from]];
                if (t == VOCABULARY_ABSENT)
                    continue;
                m->columns[to] = t;
                sum[c->vocabulary->kind[t] & 1] += (double)m->values[from];
                m->values[to++] = m->values[from];
            }
            m->start[i + 1] = to;
        }
        m->n_columns = n_kept;
        collection_set_lengths(c, sum);
    }
    memory_free(number);
    return status;
}

void collection_df(const struct collection *c, const uint32_t *rows, size_t n_rows, uint32_t *df)
{
    memset(df, 0, c->counts.n_columns * sizeof *df);
    const size_t n = rows == NULL ? c->n_rows : n_rows;
    for (size_t k = 0; k < n; k++) {
        const size_t row = rows == NULL ? k : rows[k];
        for (size_t j = c->counts.start[row]; j < c->counts.start[row + 1]; j++)
            df[c->counts.columns[j]]++;
    }
}

size_t collection_groups(const struct collection_extra *extra, size_t n_rows, uint32_t **out)
{
    size_t n_groups = extra->names.n;
    uint32_t *group = memory_alloc(n_rows, sizeof *group);
    for (size_t i = 0; group != NULL && i < n_rows; i++)
        group[i] = extra->value[i] == NAMES_FULL ? (uint32_t)n_groups++ : extra->value[i];
    *out = group;
    return n_groups;
}
