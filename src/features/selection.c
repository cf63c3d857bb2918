/* SPDX-License-Identifier: Apache-2.0 */
#include "features/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct ranked {
    double merit;
    const char *text;
    size_t n;
    uint32_t term;
};

static int by_merit(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->merit != b->merit)
        return a->merit > b->merit ? -1 : 1;
    const int c = memcmp(a->text, b->text, a->n < b->n ? a->n : b->n);
    if (c != 0 || a->n != b->n)
        return c != 0 ? c : a->n < b->n ? -1 : 1;
    return a->term < b->term ? -1 : a->term > b->term;
}

int selection_top(unsigned char *keep, const double *merit, const struct vocabulary *v, size_t n,
                  sikap_error *err)
{
    struct ranked *ranked = memory_alloc(v->n_terms, sizeof *ranked);
    if (ranked == NULL)
        return error_memory(err, "term selection");
    for (size_t t = 0; t < v->n_terms; t++) {
        ranked[t] = (struct ranked){.merit = merit[t], .term = (uint32_t)t};
        ranked[t].text = vocabulary_text(v, t, &ranked[t].n);
    }
    qsort(ranked, v->n_terms, sizeof *ranked, by_merit);
    for (size_t i = 0; i < n && i < v->n_terms; i++)
        keep[ranked[i].term] = 1;
    memory_free(ranked);
    return 0;
}
