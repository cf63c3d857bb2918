/* SPDX-License-Identifier: Apache-2.0 */
/* What the labels are worth when the documents of which the model is least sure are left to people,
 * or labels that are not likely enough are held back: the same figures over what is then given. */
#include "model/evaluate_internal.h"

#include <string.h>

#include "base/memory.h"

struct kept {
    size_t n;
    uint8_t *gold, *chosen;              /* [n][n_labels] */
    uint32_t *gold_label, *chosen_label; /* [n], single fields: where the 1 stands */
};

static uint32_t first_set(const uint8_t *row, size_t n)
{
    const uint8_t *at = memchr(row, 1, n);
    return at == NULL ? (uint32_t)n : (uint32_t)(at - row);
}

static int gather(struct kept *k, const struct evaluation_data *d, const struct evaluation_field *f)
{
    const size_t n = f->n_labels;
    memset(k, 0, sizeof *k);
    k->gold = memory_alloc(d->n_rows * n, 1);
    k->chosen = memory_alloc(d->n_rows * n, 1);
    k->gold_label = memory_alloc(d->n_rows, sizeof *k->gold_label);
    k->chosen_label = memory_alloc(d->n_rows, sizeof *k->chosen_label);
    if (k->gold == NULL || k->chosen == NULL || k->gold_label == NULL || k->chosen_label == NULL)
        return -1;
    for (size_t row = 0; row < d->n_rows; row++) {
        if (!f->annotated[row] || !f->kept[row])
            continue;
        memcpy(k->gold + k->n * n, f->gold + row * n, n);
        memcpy(k->chosen + k->n * n, f->kept_chosen + row * n, n);
        k->gold_label[k->n] = first_set(f->gold + row * n, n);
        k->chosen_label[k->n] = first_set(f->kept_chosen + row * n, n);
        k->n++;
    }
    return 0;
}

int evaluation_keep(struct field_figures *figures, const struct evaluation_data *d,
                    const struct evaluation_field *f, sikap_error *err)
{
    struct kept k;
    int status = gather(&k, d, f) != 0 ? error_memory(err, "evaluation") : 0;
    figures->n_kept = k.n;
    if (status == 0 && k.n > 0)
        status = f->is_multi
                     ? metrics_multi(&figures->kept, k.gold, k.chosen, k.n, f->n_labels, err)
                     : metrics_single(&figures->kept, k.gold_label, k.chosen_label, k.n,
                                      f->n_labels, err);
    memory_free(k.gold);
    memory_free(k.chosen);
    memory_free(k.gold_label);
    memory_free(k.chosen_label);
    return status;
}
