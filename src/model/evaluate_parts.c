/* SPDX-License-Identifier: Apache-2.0 */
/* The same figures of a part of the rows: without leaked documents, and of each repeat. */
#include "model/evaluate_internal.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

int evaluation_is_grouped(const struct evaluation_data *d)
{
    return d->group != NULL && d->n_groups < evaluation_n_documents(d);
}

struct repeat_spread evaluation_spread(const struct repeat_figures *repeats, size_t n,
                                       enum repeat_value which)
{
    struct repeat_spread s = {0, 0, repeats[0].values[which], repeats[0].values[which]};
    for (size_t r = 0; r < n; r++) {
        const double v = repeats[r].values[which];
        s.mean += v / (double)n;
        s.low = v < s.low ? v : s.low;
        s.high = v > s.high ? v : s.high;
    }
    for (size_t r = 0; r < n; r++) {
        const double off = repeats[r].values[which] - s.mean;
        s.sd += off * off;
    }
    s.sd = n > 1 ? sqrt(s.sd / (double)(n - 1)) : 0;
    return s;
}

/* *out is NULL where no row is left. */
static int part_metrics(struct metrics **out, size_t *n, const struct evaluation_data *d,
                        const struct evaluation_field *f, const unsigned char *mask,
                        sikap_error *err)
{
    struct slice s;
    *out = NULL;
    int status = slice_new(&s, d, f, mask, err);
    *n = s.n;
    if (status == 0 && s.n > 0)
        status = slice_metrics(out, &s, err);
    slice_free(&s);
    return status;
}

static int unleaked(struct field_figures *figures, const struct evaluation_data *d,
                    const struct evaluation_field *f, unsigned char *mask, sikap_error *err)
{
    for (size_t row = 0; row < d->n_rows; row++)
        mask[row] = !d->leaks.is_leaked[row];
    const int status = part_metrics(&figures->unleaked, &figures->n_unleaked, d, f, mask, err);
    figures->n_unleaked /= d->n_repeats > 1 ? d->n_repeats : 1;
    return status;
}

static int each_repeat(struct field_figures *figures, const struct evaluation_data *d,
                       const struct evaluation_field *f, unsigned char *mask, sikap_error *err)
{
    const size_t n_documents = evaluation_n_documents(d);
    figures->repeats = memory_zero(d->n_repeats, sizeof *figures->repeats);
    if (figures->repeats == NULL)
        return error_memory(err, "evaluation");
    int status = 0;
    for (size_t r = 0; r < d->n_repeats && status == 0; r++) {
        struct metrics *m;
        size_t n;
        memset(mask, 0, d->n_rows);
        memset(mask + r * n_documents, 1, n_documents);
        status = part_metrics(&m, &n, d, f, mask, err);
        if (status == 0 && m != NULL)
            figures->repeats[r] = (struct repeat_figures){{[REPEAT_MICRO] = m->micro.f1,
                                                           [REPEAT_MACRO] = m->macro.f1,
                                                           [REPEAT_WEIGHTED] = m->weighted.f1,
                                                           [REPEAT_ACCURACY] = m->subset_accuracy}};
        metrics_free(m);
    }
    return status;
}

int evaluation_parts(struct field_figures *figures, const struct evaluation_data *d,
                     const struct evaluation_field *f, sikap_error *err)
{
    unsigned char *mask = memory_alloc(d->n_rows, 1);
    int status = mask == NULL ? error_memory(err, "evaluation") : 0;
    if (status == 0 && d->leaks.n > 0)
        status = unleaked(figures, d, f, mask, err);
    if (status == 0 && d->n_repeats > 1)
        status = each_repeat(figures, d, f, mask, err);
    memory_free(mask);
    return status;
}
