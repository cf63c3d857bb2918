/* SPDX-License-Identifier: Apache-2.0 */
/* Documents are paired by id, so it does not matter who skipped which record; labels by name, so it
 * does not matter that one side knows more of them. The tests are those of src/measure: intervals
 * by paired bootstrap, p-values by approximate randomisation (Noreen 1989; Yeh 2000), which is
 * exact however few the documents and rare the labels are; McNemar (1947) for accuracy; Holm
 * (1979). */
#include "analyse/comparison.h"

#include <string.h>

#include "base/memory.h"

/* The bootstrap keeps every replicate of every figure: 1 GiB of them at most. */
enum { MAX_REPLICATES = 1 << 27 };

const size_t compared_value[N_COMPARED] = {
    [COMPARED_MICRO] = METRICS_MICRO_F1,
    [COMPARED_MACRO] = METRICS_MACRO_F1,
    [COMPARED_ALL_RIGHT] = METRICS_SUBSET_ACCURACY,
};

static void field_free(struct comparison_field *f)
{
    memory_free(f->name);
    paired_rows_clear(&f->rows);
    memory_free(f->n_with);
    memory_free(f->differences);
    memory_free(f->states);
    memory_free(f->p_holm);
}

void sikap_comparison_free(sikap_comparison *c)
{
    if (c == NULL)
        return;
    for (size_t f = 0; f < c->n_fields; f++)
        field_free(&c->fields[f]);
    memory_free(c->fields);
    memory_free_texts(c->ids, c->n_rows);
    memory_free(c->names[0]);
    memory_free(c->names[1]);
    memory_free(c);
}

/* ---- pairing -----------------------------------------------------------------------------------
 */

static int keep_ids(sikap_comparison *c, const struct pairing *p, const sikap_watch *watch,
                    sikap_error *err)
{
    const struct evaluation_data *a = p->data[0], *b = p->data[1];
    c->ids = memory_zero(p->n, sizeof *c->ids);
    int failed = c->ids == NULL;
    for (size_t i = 0; i < p->n && !failed; i++) {
        c->ids[i] = memory_string(a->ids[p->row[0][i]]);
        c->n_rows = i + 1;
        failed = c->ids[i] == NULL;
    }
    if (failed)
        return error_memory(err, "comparison");
    if (p->n < a->n_rows || p->n < b->n_rows)
        error_tell(watch, NULL,
                   "%zu documents of gold could be read by one side only and are left out",
                   a->n_rows - p->n + b->n_rows - p->n);
    return 0;
}

static int pair_field(sikap_comparison *c, const struct pairing *p,
                      const struct evaluation_field *const sides[2], sikap_error *err)
{
    struct comparison_field *out = &c->fields[c->n_fields++];
    if (sides[0]->is_multi != sides[1]->is_multi)
        return error_set(err, SIKAP_DATA, NULL, 0,
                         "the field '%.100s' is %s on one side and %s on the other", sides[0]->name,
                         sides[0]->is_multi ? "multi" : "single",
                         sides[1]->is_multi ? "multi" : "single");
    out->name = memory_string(sides[0]->name);
    out->is_multi = sides[0]->is_multi;
    return out->name == NULL ? error_memory(err, "comparison")
                             : paired_rows_new(&out->rows, p, sides, err);
}

/* NAME, NAME:multi and NAME:single ask for the field NAME. */
static int is_wanted(const struct option_list *wanted, const char *name)
{
    const size_t n = strlen(name);
    int found = wanted == NULL || wanted->n == 0;
    for (size_t i = 0; wanted != NULL && i < wanted->n; i++)
        found |= strncmp(wanted->items[i], name, n) == 0 &&
                 (wanted->items[i][n] == '\0' || wanted->items[i][n] == ':');
    return found;
}

static int pair_fields(sikap_comparison *c, const struct pairing *p,
                       const struct option_list *wanted, const sikap_watch *watch, sikap_error *err)
{
    const struct evaluation_data *a = p->data[0], *b = p->data[1];
    c->fields = memory_zero(a->n_fields, sizeof *c->fields);
    int status = c->fields == NULL ? error_memory(err, "comparison") : 0;
    for (size_t f = 0; f < a->n_fields && status == 0; f++) {
        const struct evaluation_field *sides[2] = {&a->fields[f],
                                                   evaluation_find_field(b, a->fields[f].name)};
        if (!is_wanted(wanted, sides[0]->name))
            continue;
        if (sides[1] != NULL)
            status = pair_field(c, p, sides, err);
        else
            error_tell(watch, NULL, "only A has the field '%.100s': not compared", sides[0]->name);
    }
    for (size_t f = 0; f < b->n_fields && status == 0; f++)
        if (is_wanted(wanted, b->fields[f].name) &&
            evaluation_find_field(a, b->fields[f].name) == NULL)
            error_tell(watch, NULL, "only B has the field '%.100s': not compared",
                       b->fields[f].name);
    if (status == 0 && c->n_fields == 0)
        status = error_set(err, SIKAP_DATA, NULL, 0,
                           wanted != NULL && wanted->n > 0
                               ? "no field that --field names is on both sides"
                               : "no field is on both sides");
    return status;
}

int comparison_new(sikap_comparison **out, const struct evaluation_data *a,
                   const struct evaluation_data *b, const struct option_list *wanted,
                   const sikap_watch *watch, sikap_error *err)
{
    *out = NULL;
    sikap_comparison *c = memory_zero(1, sizeof *c);
    if (c == NULL)
        return error_memory(err, "comparison");
    struct pairing p;
    c->has_groups = a->group != NULL;
    int status = pairing_new(&p, a, b, err);
    if (status == 0)
        status = keep_ids(c, &p, watch, err);
    if (status == 0)
        status = pair_fields(c, &p, wanted, watch, err);
    for (size_t f = 0; f < c->n_fields && status == 0; f++)
        if (c->fields[f].rows.n == 0)
            status =
                error_set(err, SIKAP_DATA, NULL, 0,
                          "no document is annotated for the field '%.100s'", c->fields[f].name);
    pairing_clear(&p);
    if (status == 0)
        *out = c;
    else
        sikap_comparison_free(c);
    return status;
}

/* ---- testing -----------------------------------------------------------------------------------
 */

size_t comparison_errors(const struct comparison_field *f, int side, size_t i)
{
    size_t n_wrong = 0;
    for (size_t l = i * f->rows.labels.n; l < (i + 1) * f->rows.labels.n; l++)
        n_wrong += (f->rows.gold[l] != 0) != (f->rows.side[side][l] != 0);
    return n_wrong;
}

int comparison_better(const struct comparison_field *f, size_t value)
{
    if (!(f->p_holm[value] <= COMPARISON_LEVEL))
        return -1;
    return f->differences[value].difference > 0 ? 1 : f->differences[value].difference < 0 ? 0 : -1;
}

static void count_documents(struct comparison_field *f, int has_groups)
{
    for (size_t i = 0; i < f->rows.n; i++) {
        const size_t a = comparison_errors(f, 0, i), b = comparison_errors(f, 1, i);
        f->only[0] += a == 0 && b > 0;
        f->only[1] += b == 0 && a > 0;
        f->n_nearer[0] += a < b;
        f->n_nearer[1] += b < a;
        f->n_even +=
            a == b && memcmp(f->rows.side[0] + i * f->rows.labels.n,
                             f->rows.side[1] + i * f->rows.labels.n, f->rows.labels.n) != 0;
    }
    if (!f->is_multi && !has_groups)
        f->mcnemar = significance_mcnemar(f->only[0], f->only[1]);
}

/* The same reasons as in an evaluation (metrics.h); differences have no use for P and R of labels.
 */
static void judge(struct comparison_field *f, size_t n_values)
{
    int has_rare = 0;
    for (size_t l = 0; l < f->rows.labels.n; l++) {
        const int is_rare = f->n_with[l] < EVALUATE_MIN_UNITS;
        has_rare |= is_rare;
        if (is_rare)
            f->states[metrics_label_value(l, METRICS_F1)] = INTERVAL_RARE_LABEL;
    }
    if (has_rare)
        f->states[METRICS_MACRO_F1] = INTERVAL_RARE_LABELS;
    for (size_t v = 0; v < n_values; v++) {
        if (f->n_units < EVALUATE_MIN_UNITS)
            f->states[v] = INTERVAL_FEW_UNITS;
        else if (f->states[v] == INTERVAL_GIVEN &&
                 !(f->differences[v].interval.low < f->differences[v].interval.high))
            f->states[v] = INTERVAL_NO_VARIATION;
    }
}

/* Labels: corrected over the field. */
static int correct_labels(struct comparison_field *f, sikap_error *err)
{
    double *p = memory_alloc(f->rows.labels.n, sizeof *p);
    if (p == NULL)
        return error_memory(err, "comparison");
    for (size_t l = 0; l < f->rows.labels.n; l++)
        p[l] = f->differences[metrics_label_value(l, METRICS_F1)].p_randomisation;
    const int status = significance_holm(p, f->rows.labels.n, err);
    for (size_t l = 0; l < f->rows.labels.n && status == 0; l++)
        f->p_holm[metrics_label_value(l, METRICS_F1)] = p[l];
    memory_free(p);
    return status;
}

/* The field's own figures: corrected over the fields, each figure by itself. */
static int correct_fields(sikap_comparison *c, sikap_error *err)
{
    double *p = memory_alloc(c->n_fields, sizeof *p);
    int status = p == NULL ? error_memory(err, "comparison") : 0;
    for (size_t k = 0; k < N_COMPARED && status == 0; k++) {
        for (size_t f = 0; f < c->n_fields; f++)
            p[f] = c->fields[f].differences[compared_value[k]].p_randomisation;
        status = significance_holm(p, c->n_fields, err);
        for (size_t f = 0; f < c->n_fields; f++)
            c->fields[f].p_holm[compared_value[k]] = p[f];
    }
    memory_free(p);
    return status;
}

static int test_field(struct comparison_field *f, const sikap_comparison *c, struct pool *pool,
                      sikap_error *err)
{
    const size_t n_values = metrics_n_values(f->rows.labels.n);
    const struct metrics_shape shape = {.n_labels = f->rows.labels.n, .single = !f->is_multi};
    const struct bootstrap_settings settings = {.n_resamples = c->n_resamples,
                                                .level = EVALUATE_LEVEL,
                                                .method = BOOTSTRAP_BCA,
                                                .seed = c->seed};
    if (n_values > MAX_REPLICATES / c->n_resamples)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--bootstrap: %zu resamples of %zu labels take too much memory",
                         c->n_resamples, f->rows.labels.n);
    struct tally *a = NULL, *b = NULL;
    const uint32_t *group = c->has_groups ? f->rows.group : NULL;
    f->differences = memory_zero(n_values, sizeof *f->differences);
    f->states = memory_zero(n_values, sizeof *f->states); /* INTERVAL_GIVEN */
    f->p_holm = memory_zero(n_values, sizeof *f->p_holm);
    f->n_with = memory_alloc(f->rows.labels.n, sizeof *f->n_with);
    int status =
        f->differences == NULL || f->states == NULL || f->p_holm == NULL || f->n_with == NULL
            ? error_memory(err, "comparison")
            : tally_multi_by(&a, f->rows.gold, f->rows.side[0], f->rows.n, f->rows.labels.n, group,
                             err);
    if (status == 0)
        status = tally_multi_by(&b, f->rows.gold, f->rows.side[1], f->rows.n, f->rows.labels.n,
                                group, err);
    if (status == 0)
        status = significance_compare(f->differences, a, b, metrics_values, &shape, n_values,
                                      &settings, pool, err);
    if (status == 0) {
        f->n_units = a->n_units;
        tally_units_with(a, f->rows.labels.n, f->n_with);
        judge(f, n_values);
        count_documents(f, c->has_groups);
        status = correct_labels(f, err);
    }
    tally_free(a);
    tally_free(b);
    return status;
}

int comparison_test(sikap_comparison *c, const struct evaluate_options *options, struct pool *pool,
                    const sikap_watch *watch, sikap_error *err)
{
    int status = 0;
    c->n_resamples = options->bootstrap;
    c->seed = options->seed;
    for (size_t f = 0; f < c->n_fields && status == 0; f++) {
        if (watch != NULL && watch->stopped != NULL && watch->stopped(watch->context))
            return error_set(err, SIKAP_CANCELLED, NULL, 0, "stopped");
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->context, "comparing", f, c->n_fields);
        status = test_field(&c->fields[f], c, pool, err);
    }
    return status != 0 ? status : correct_fields(c, err);
}
