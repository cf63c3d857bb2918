/* SPDX-License-Identifier: Apache-2.0 */
/* Two evaluations of the same documents, joined by id, over the labels that either knows. A field's
 * test gives all its figures at once, so it runs when the first of them is asked for. */
#include <math.h>
#include <string.h>

#include "analyse/baseline.h"
#include "analyse/pairing.h"
#include "base/memory.h"
#include "measure/metrics.h"

enum { DRAWS = 2000 };

struct paired_field {
    struct paired_rows rows;        /* now, before */
    struct difference *differences; /* [metrics_n_values]; NULL: not yet tested */
    size_t n_units;
};

struct paired {
    const struct evaluation_data *before, *now;
    size_t n_draws, seed;
    struct pairing pairing; /* of now and before */
    struct pool *pool;
    struct paired_field *fields; /* [now->n_fields] */
};

int paired_new(struct paired **out, const sikap_evaluation *before, const sikap_evaluation *now,
               size_t n_threads, sikap_error *err)
{
    *out = NULL;
    struct paired *p = memory_zero(1, sizeof *p);
    if (p == NULL)
        return error_memory(err, "baseline");
    p->before = evaluation_data_of(before);
    p->now = evaluation_data_of(now);
    p->n_draws = now->n_resamples == 0 ? DRAWS : now->n_resamples;
    p->seed = now->seed;
    p->fields = memory_zero(p->now->n_fields, sizeof *p->fields);
    int status = p->fields == NULL ? error_memory(err, "baseline")
                                   : pairing_new(&p->pairing, p->now, p->before, err);
    if (status == 0)
        status = pool_new(&p->pool, n_threads, err);
    if (status != 0) {
        paired_free(p);
        return status;
    }
    *out = p;
    return 0;
}

void paired_free(struct paired *p)
{
    if (p == NULL)
        return;
    for (size_t f = 0; p->fields != NULL && f < p->now->n_fields; f++) {
        paired_rows_clear(&p->fields[f].rows);
        memory_free(p->fields[f].differences);
    }
    memory_free(p->fields);
    pairing_clear(&p->pairing);
    pool_free(p->pool);
    memory_free(p);
}

/* ---- which number of metrics_values a path is ------------------------------------------------ */

static size_t rate_of(const char *name)
{
    static const char *const rates[] = {"precision", "recall", "f1"};
    for (size_t r = 0; r < METRICS_PER_LABEL; r++)
        if (strcmp(rates[r], name) == 0)
            return r;
    return SIZE_MAX;
}

/* `parts` behind the field's name. SIZE_MAX: no figure of metrics_values. */
static size_t value_of(const struct names *labels, const char *const *parts, size_t n_parts)
{
    static const struct {
        const char *name;
        size_t value;
    } averages[] = {{"micro", METRICS_MICRO_PRECISION},
                    {"macro", METRICS_MACRO_PRECISION},
                    {"weighted", METRICS_WEIGHTED_PRECISION},
                    {"macro_supported", METRICS_SUPPORTED_PRECISION}},
      wholes[] = {{"subset_accuracy", METRICS_SUBSET_ACCURACY},
                  {"accuracy", METRICS_SUBSET_ACCURACY},
                  {"hamming_loss", METRICS_HAMMING_LOSS}};
    for (size_t i = 0; n_parts == 1 && i < sizeof wholes / sizeof *wholes; i++)
        if (strcmp(wholes[i].name, parts[0]) == 0)
            return wholes[i].value;
    const size_t rate = n_parts < 2 ? SIZE_MAX : rate_of(parts[n_parts - 1]);
    if (rate == SIZE_MAX)
        return SIZE_MAX;
    for (size_t i = 0; n_parts == 2 && i < sizeof averages / sizeof *averages; i++)
        if (strcmp(averages[i].name, parts[0]) == 0)
            return averages[i].value + rate;
    if (n_parts != 3 || strcmp(parts[0], "labels") != 0)
        return SIZE_MAX;
    const uint32_t label = names_find(labels, parts[1], strlen(parts[1]));
    return label == NAMES_FULL ? SIZE_MAX : metrics_label_value(label, rate);
}

/* ---- one field --------------------------------------------------------------------------------
 */

/* Every document that is annotated now must be in the baseline. */
static int check_labelled(const struct paired *p, const struct evaluation_field *before,
                          const struct evaluation_field *now, sikap_error *err)
{
    size_t k = 0;
    for (size_t i = 0; i < p->now->n_rows; i++) {
        const int is_paired = k < p->pairing.n && p->pairing.row[0][k] == i;
        if (now->annotated[i] && (!is_paired || !before->annotated[p->pairing.row[1][k]]))
            return error_set(err, SIKAP_DATA, NULL, 0,
                             "the baseline does not label the document '%.100s'", p->now->ids[i]);
        k += (size_t)is_paired;
    }
    return 0;
}

static int test_field(struct paired *p, struct paired_field *out,
                      const struct evaluation_field *before, const struct evaluation_field *now,
                      sikap_error *err)
{
    const struct evaluation_field *const sides[2] = {now, before};
    struct paired_rows *rows = &out->rows;
    struct tally *a = NULL, *b = NULL;
    int status = check_labelled(p, before, now, err);
    if (status == 0)
        status = paired_rows_new(rows, &p->pairing, sides, err);
    const size_t n_labels = rows->labels.n;
    const uint32_t *group = p->now->group == NULL ? NULL : rows->group;
    if (status == 0)
        status = tally_multi_by(&a, rows->gold, rows->side[1], rows->n, n_labels, group, err);
    if (status == 0)
        status = tally_multi_by(&b, rows->gold, rows->side[0], rows->n, n_labels, group, err);
    const size_t n_values = metrics_n_values(n_labels);
    const struct metrics_shape shape = {n_labels, !now->is_multi};
    const struct bootstrap_settings settings = {.n_resamples = p->n_draws, .seed = p->seed};
    if (status == 0) {
        out->n_units = a->n_units;
        out->differences = memory_alloc(n_values, sizeof *out->differences);
        status = out->differences == NULL
                     ? error_memory(err, "baseline")
                     : significance_compare(out->differences, a, b, metrics_values, &shape,
                                            n_values, &settings, p->pool, err);
    }
    tally_free(a);
    tally_free(b);
    return status;
}

int paired_p(struct paired *paired, const char *const *parts, size_t n_parts, double *p,
             size_t *n_units, sikap_error *err)
{
    *p = NAN;
    *n_units = 0;
    if (n_parts > 1 && strcmp(parts[0], "fields") == 0) {
        parts++;
        n_parts--;
    }
    const struct evaluation_field *now = evaluation_find_field(paired->now, parts[0]);
    const struct evaluation_field *before = evaluation_find_field(paired->before, parts[0]);
    if (now == NULL || before == NULL || now->is_multi != before->is_multi)
        return 0;
    struct paired_field *field = &paired->fields[now - paired->now->fields];
    if (field->differences == NULL) {
        const int status = test_field(paired, field, before, now, err);
        if (status != 0)
            return status;
    }
    const size_t value = value_of(&field->rows.labels, parts + 1, n_parts - 1);
    if (value != SIZE_MAX)
        *p = field->differences[value].p_randomisation;
    *n_units = field->n_units;
    return 0;
}
