/* SPDX-License-Identifier: Apache-2.0 */
#include "model/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int reference_new(struct model_reference **out, uint32_t n_documents, size_t n_fields,
                  size_t n_labels, sikap_error *err)
{
    *out = NULL;
    struct model_reference *r = memory_zero(1, sizeof *r);
    if (r == NULL)
        return error_memory(err, "reference");
    r->n_documents = n_documents;
    r->n_quantities = REFERENCE_UNCERTAINTY + n_fields;
    r->n_labels = n_labels;
    r->quantities = memory_zero(r->n_quantities, sizeof *r->quantities);
    r->given = memory_zero(n_labels, sizeof *r->given);
    if (r->quantities == NULL || r->given == NULL) {
        reference_free(r);
        return error_memory(err, "reference");
    }
    *out = r;
    return 0;
}

void reference_free(struct model_reference *r)
{
    if (r == NULL)
        return;
    memory_free(r->quantities);
    memory_free(r->given);
    memory_free(r);
}

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

void reference_fit(struct reference_quantity *q, float *values, size_t n)
{
    memset(q, 0, sizeof *q);
    if (n == 0)
        return;
    qsort(values, n, sizeof *values, by_value);
    for (size_t k = 0; k < REFERENCE_EDGES; k++)
        q->edges[k] = values[(k + 1) * n / REFERENCE_BINS - ((k + 1) * n >= REFERENCE_BINS)];
    for (size_t i = 0; i < n; i++)
        q->counts[reference_bin(q, values[i])]++;
}

size_t reference_bin(const struct reference_quantity *q, float value)
{
    size_t k = 0;
    while (k < REFERENCE_EDGES && value > q->edges[k])
        k++;
    return k;
}

static double entropy_term(double p)
{
    return p > 0 ? -p * log2(p) : 0;
}

double reference_uncertainty(const sikap_model *m, size_t field, const float *scores)
{
    static const double PLAIN_SLOPE = 2; /* of a model without probabilities */
    const struct model_field *f = &m->fields[field];
    double bits = 0, sum = 0;
    for (size_t l = f->first; l < f->first + f->n; l++) {
        const double score = (double)scores[l];
        const double z = f->calibrated ? m->platt_a[l] * score + m->platt_b[l]
                                       : PLAIN_SLOPE * ((double)m->threshold[l] - score);
        const double p = 1 / (1 + exp(z));
        sum += p;
        /* Σ -(p/s) log2(p/s) = (Σ -p log2 p) / s + log2 s for a single field. */
        bits += entropy_term(p) + (f->is_multi ? entropy_term(1 - p) : 0);
    }
    return f->is_multi ? bits : sum > 0 ? bits / sum + log2(sum) : 0;
}
