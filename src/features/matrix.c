/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a matrix; its layout is told in matrix.h. */
#include "features/matrix.h"

#include "base/memory.h"

void matrix_free(struct matrix *m)
{
    if (m == NULL)
        return;
    if (!m->borrowed) {
        memory_free(m->start);
        memory_free(m->columns);
    }
    memory_free(m->values);
    m->n_rows = 0;
    m->n_columns = 0;
    m->start = NULL;
    m->columns = NULL;
    m->values = NULL;
    m->borrowed = 0;
}
