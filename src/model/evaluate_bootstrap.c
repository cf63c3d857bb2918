/* SPDX-License-Identifier: Apache-2.0 */
#include "model/evaluate_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Groups of the annotated documents, numbered anew without gaps. */
int evaluation_group(struct tally **out, const struct tally *tally, const uint32_t *group, size_t n,
                     sikap_error *err)
{
    *out = NULL;
    uint32_t *sorted = memory_alloc(2 * n, sizeof *sorted);
    if (sorted == NULL)
        return error_memory(err, "evaluation");
    uint32_t *number = sorted + n;
    memcpy(sorted, group, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_number);
    size_t n_groups = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || sorted[i] != sorted[n_groups - 1])
            sorted[n_groups++] = sorted[i];
    for (size_t i = 0; i < n; i++) {
        const uint32_t *at = bsearch(&group[i], sorted, n_groups, sizeof *sorted, by_number);
        number[i] = (uint32_t)(at - sorted);
    }
    const int status = tally_by_group(out, tally, number, n_groups, err);
    memory_free(sorted);
    return status;
}

int evaluation_bootstrap(struct interval *out, const struct tally *tally, size_t n_labels,
                         int single, const struct evaluate_options *options, struct pool *pool,
                         sikap_error *err)
{
    const struct metrics_shape shape = {n_labels, single};
    const struct tally *const tallies[] = {tally};
    const struct bootstrap_sample sample = {.tallies = tallies,
                                            .n_tallies = 1,
                                            .statistic = metrics_values,
                                            .context = &shape,
                                            .n_values = metrics_n_values(n_labels)};
    const struct bootstrap_settings settings = {
        .n_resamples = options->bootstrap, .method = BOOTSTRAP_BCA, .seed = options->seed};
    struct bootstrap *b;
    const int status = bootstrap_run(&b, &sample, &settings, pool, err);
    if (status != 0)
        return status;
    memcpy(out, b->intervals, sample.n_values * sizeof *out);
    bootstrap_free(b);
    return 0;
}
