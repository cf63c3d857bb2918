/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/learn_reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/passage.h"
#include "model/reference.h"

int learn_reference_visit(void *context, size_t worker, const struct document *doc, float *numbers,
                          sikap_error *err)
{
    (void)context;
    (void)worker;
    (void)err;
    size_t n = 0;
    for (size_t i = 0; i < doc->n_segments; i++)
        if (doc->segments[i].bytes != NULL)
            n += passage_words(doc->segments[i].bytes, doc->segments[i].n);
    numbers[0] = (float)n;
    return 0;
}

int learn_reference(const struct training *t, sikap_model *m, const float *scores, sikap_error *err)
{
    const size_t n_rows = t->collection->n_labelled, n_labels = m->n_labels;
    float *values = memory_alloc(n_rows, sizeof *values);
    unsigned char *chosen = memory_alloc(n_labels, 1);
    int status = values == NULL || chosen == NULL ? error_memory(err, "reference") : 0;
    if (status == 0)
        status = reference_new(&m->reference, (uint32_t)n_rows, m->n_fields, n_labels, err);
    for (size_t f = 0; f < m->n_fields && status == 0; f++) {
        for (size_t row = 0; row < n_rows; row++)
            values[row] = (float)reference_uncertainty(m, f, scores + row * n_labels);
        reference_fit(&m->reference->quantities[REFERENCE_UNCERTAINTY + f], values, n_rows);
    }
    for (size_t row = 0; row < n_rows && status == 0; row++) {
        sikap_choose(m, scores + row * n_labels, chosen);
        for (size_t l = 0; l < n_labels; l++)
            m->reference->given[l] += chosen[l];
    }
    if (status == 0) {
        memcpy(values, t->collection->visited, n_rows * sizeof *values);
        reference_fit(&m->reference->quantities[REFERENCE_WORDS], values, n_rows);
    }
    memory_free(values);
    memory_free(chosen);
    return status;
}

/* ---- unknown terms ---- */

struct grouped {
    uint32_t group, row;
};

static int by_group(const void *a, const void *b)
{
    const struct grouped *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The rows, groups side by side. */
static struct grouped *group_rows(const struct collection *c)
{
    struct grouped *rows = memory_alloc(c->n_labelled, sizeof *rows);
    uint32_t *group = NULL;
    const int has_groups = c->n_extras > 0 && c->extras[0].names.n > 0;
    if (has_groups)
        collection_groups(&c->extras[0], c->n_rows, &group);
    if (rows == NULL || (has_groups && group == NULL)) {
        memory_free(rows);
        memory_free(group);
        return NULL;
    }
    for (size_t i = 0; i < c->n_labelled; i++)
        rows[i] = (struct grouped){has_groups ? group[i] : (uint32_t)i, (uint32_t)i};
    qsort(rows, c->n_labelled, sizeof *rows, by_group);
    memory_free(group);
    return rows;
}

/* df of the group's own rows is added to own[], or taken back to 0. */
static void count_group(const struct matrix *m, const struct grouped *rows, size_t n, int adds,
                        uint32_t *own)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = m->start[rows[i].row]; j < m->start[rows[i].row + 1]; j++)
            own[m->columns[j]] = adds ? own[m->columns[j]] + 1 : 0;
}

int learn_reference_unknown(const struct training *t, sikap_model *m, sikap_error *err)
{
    if (m->reference == NULL)
        return 0;
    const struct collection *c = t->collection;
    const size_t n_terms = c->vocabulary->n_terms;
    const double min_df = t->settings.features.min_df;
    const double least = fmax(1, min_df < 1 ? min_df * (double)c->n_rows : min_df);
    struct grouped *rows = group_rows(c);
    uint32_t *own = memory_zero(n_terms, sizeof *own), *df = memory_alloc(n_terms, sizeof *df);
    float *values = memory_zero(c->n_labelled, sizeof *values);
    const int failed = rows == NULL || own == NULL || df == NULL || values == NULL;
    if (!failed)
        collection_df(c, NULL, 0, df);
    for (size_t i = 0, end; !failed && i < c->n_labelled; i = end) {
        for (end = i + 1; end < c->n_labelled && rows[end].group == rows[i].group;)
            end++;
        count_group(&c->counts, rows + i, end - i, 1, own);
        for (size_t k = i; k < end; k++) {
            const size_t row = rows[k].row;
            double known = 0;
            for (size_t j = c->counts.start[row]; j < c->counts.start[row + 1]; j++) {
                const uint32_t term = c->counts.columns[j];
                if ((double)(df[term] - own[term]) >= least)
                    known += (double)c->counts.values[j];
            }
            const double all = (double)c->totals[row].all;
            values[row] = all > 0 ? (float)(1 - known / all) : 0;
        }
        count_group(&c->counts, rows + i, end - i, 0, own);
    }
    if (!failed)
        reference_fit(&m->reference->quantities[REFERENCE_UNKNOWN], values, c->n_labelled);
    memory_free(rows);
    memory_free(own);
    memory_free(df);
    memory_free(values);
    return failed ? error_memory(err, "reference") : 0;
}
