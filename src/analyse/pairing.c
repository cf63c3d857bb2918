/* SPDX-License-Identifier: Apache-2.0 */
#include "analyse/pairing.h"

#include <string.h>

#include "base/memory.h"

int pairing_new(struct pairing *out, const struct evaluation_data *first,
                const struct evaluation_data *second, sikap_error *err)
{
    struct names ids = {0};
    int failed = 0;
    *out = (struct pairing){.data = {first, second}};
    for (size_t i = 0; i < second->n_rows && !failed; i++)
        failed = names_add(&ids, second->ids[i], strlen(second->ids[i]), NULL) == NAMES_FULL;
    for (int s = 0; s < 2; s++) {
        out->row[s] = memory_alloc(first->n_rows, sizeof *out->row[s]);
        failed |= out->row[s] == NULL;
    }
    for (size_t i = 0; i < first->n_rows && !failed; i++) {
        const uint32_t at = names_find(&ids, first->ids[i], strlen(first->ids[i]));
        if (at == NAMES_FULL)
            continue;
        out->row[0][out->n] = i;
        out->row[1][out->n++] = at;
    }
    names_free(&ids);
    return failed ? error_memory(err, "pairing documents") : 0;
}

void pairing_clear(struct pairing *pairing)
{
    memory_free(pairing->row[0]);
    memory_free(pairing->row[1]);
}

static int join_labels(struct names *to, const struct evaluation_field *from)
{
    for (size_t l = 0; l < from->n_labels; l++)
        if (names_add(to, from->labels[l], strlen(from->labels[l]), NULL) == NAMES_FULL)
            return -1;
    return 0;
}

/* Cells of a row, in the joint numbering of the labels. */
static void spread_row(uint8_t *to, const struct names *labels, const struct evaluation_field *from,
                       const unsigned char *cells)
{
    for (size_t l = 0; l < from->n_labels; l++)
        if (cells[l])
            to[names_find(labels, from->labels[l], strlen(from->labels[l]))] = 1;
}

int paired_rows_new(struct paired_rows *out, const struct pairing *pairing,
                    const struct evaluation_field *const sides[2], sikap_error *err)
{
    *out = (struct paired_rows){.n = 0};
    int failed =
        join_labels(&out->labels, sides[0]) != 0 || join_labels(&out->labels, sides[1]) != 0;
    const size_t n = out->labels.n, room = n > 0 ? n : 1;
    out->pair = memory_alloc(pairing->n, sizeof *out->pair);
    out->group = memory_alloc(pairing->n, sizeof *out->group);
    out->gold = memory_zero(pairing->n, room);
    out->side[0] = memory_zero(pairing->n, room);
    out->side[1] = memory_zero(pairing->n, room);
    failed |= out->pair == NULL || out->group == NULL || out->gold == NULL ||
              out->side[0] == NULL || out->side[1] == NULL;
    if (failed)
        return error_memory(err, "pairing documents");
    for (size_t i = 0; i < pairing->n; i++) {
        const size_t row = pairing->row[0][i], at = out->n * n;
        if (!sides[0]->annotated[row])
            continue;
        const uint32_t *group = pairing->data[0]->group;
        spread_row(out->gold + at, &out->labels, sides[0],
                   sides[0]->gold + row * sides[0]->n_labels);
        for (int s = 0; s < 2; s++)
            spread_row(out->side[s] + at, &out->labels, sides[s],
                       sides[s]->chosen + pairing->row[s][i] * sides[s]->n_labels);
        out->group[out->n] = group == NULL ? (uint32_t)i : group[row];
        out->pair[out->n++] = i;
    }
    return 0;
}

void paired_rows_clear(struct paired_rows *rows)
{
    names_free(&rows->labels);
    memory_free(rows->pair);
    memory_free(rows->gold);
    memory_free(rows->side[0]);
    memory_free(rows->side[1]);
    memory_free(rows->group);
}
