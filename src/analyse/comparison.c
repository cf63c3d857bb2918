/* SPDX-License-Identifier: Apache-2.0 */
/* Documents are paired by id, so it does not matter who skipped which record; labels by name, so it
 * does not matter that one side knows more of them. The tests are those of src/measure: intervals
 * by paired bootstrap, p-values by approximate randomisation (Noreen 1989; Yeh 2000), which is
 * exact however few the documents and rare the labels are; McNemar (1947) for accuracy; Holm
 * (1979). */
#include "analyse/comparison.h"

#include <string.h>

#include "base/memory.h"
#include "features/names.h"

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
    memory_free_texts(f->labels, f->n_labels);
    memory_free(f->row);
    memory_free(f->gold);
    memory_free(f->side[0]);
    memory_free(f->side[1]);
    memory_free(f->group);
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

struct pairing {
    sikap_comparison *c;
    const struct evaluation_data *data[2];
    size_t *row[2]; /* [c->n_rows] of each side */
    const sikap_watch *watch;
};

/* Ids that both sides have, in a's order. */
static int pair_rows(struct pairing *p, sikap_error *err)
{
    const struct evaluation_data *a = p->data[0], *b = p->data[1];
    struct names ids = {0};
    int failed = 0;
    for (size_t i = 0; i < b->n_rows; i++)
        failed |= names_add(&ids, b->ids[i], strlen(b->ids[i]), NULL) == NAMES_FULL;
    p->row[0] = memory_alloc(a->n_rows, sizeof *p->row[0]);
    p->row[1] = memory_alloc(a->n_rows, sizeof *p->row[1]);
    p->c->ids = memory_zero(a->n_rows, sizeof *p->c->ids);
    failed |= p->row[0] == NULL || p->row[1] == NULL || p->c->ids == NULL;
    for (size_t i = 0; i < a->n_rows && !failed; i++) {
        const uint32_t at = names_find(&ids, a->ids[i], strlen(a->ids[i]));
        if (at == NAMES_FULL)
            continue;
        p->row[0][p->c->n_rows] = i;
        p->row[1][p->c->n_rows] = at;
        p->c->ids[p->c->n_rows] = memory_string(a->ids[i]);
        failed |= p->c->ids[p->c->n_rows++] == NULL;
    }
    names_free(&ids);
    if (failed)
        return error_memory(err, "comparison");
    const size_t n = p->c->n_rows;
    if (n < a->n_rows || n < b->n_rows)
        error_tell(p->watch, NULL,
                   "%zu documents of gold could be read by one side only and are left out",
                   a->n_rows - n + b->n_rows - n);
    return 0;
}

/* Where the labels of each side stand in the union of both. */
static int join_labels(struct comparison_field *out, const struct evaluation_field *const sides[2],
                       size_t *const at[2], sikap_error *err)
{
    struct names labels = {0};
    int failed = 0;
    for (int s = 0; s < 2; s++)
        for (size_t l = 0; l < sides[s]->n_labels; l++) {
            const char *name = sides[s]->labels[l];
            const uint32_t number = names_add(&labels, name, strlen(name), NULL);
            failed |= number == NAMES_FULL;
            at[s][l] = number;
        }
    out->labels = memory_zero(labels.n, sizeof *out->labels);
    failed |= out->labels == NULL;
    for (size_t l = 0; l < labels.n && !failed; l++) {
        out->labels[l] = memory_string(labels.items[l]);
        out->n_labels++;
        failed |= out->labels[l] == NULL;
    }
    names_free(&labels);
    return failed ? error_memory(err, "comparison") : 0;
}

static void fill_rows(struct comparison_field *out, const struct pairing *p,
                      const struct evaluation_field *const sides[2], size_t *const at[2])
{
    const size_t n_labels = out->n_labels;
    for (size_t i = 0; i < p->c->n_rows; i++) {
        const size_t row = p->row[0][i];
        if (!sides[0]->annotated[row])
            continue;
        out->row[out->n] = i;
        out->group[out->n] = p->data[0]->group == NULL ? (uint32_t)i : p->data[0]->group[row];
        for (int s = 0; s < 2; s++) {
            const size_t from = p->row[s][i] * sides[s]->n_labels;
            for (size_t l = 0; l < sides[s]->n_labels; l++)
                out->side[s][out->n * n_labels + at[s][l]] = sides[s]->chosen[from + l] != 0;
        }
        for (size_t l = 0; l < sides[0]->n_labels; l++)
            out->gold[out->n * n_labels + at[0][l]] = sides[0]->gold[row * sides[0]->n_labels + l];
        out->n++;
    }
}

static int pair_field(struct pairing *p, const struct evaluation_field *const sides[2],
                      sikap_error *err)
{
    struct comparison_field *out = &p->c->fields[p->c->n_fields++];
    const size_t n_rows = p->c->n_rows;
    if (sides[0]->is_multi != sides[1]->is_multi)
        return error_set(err, SIKAP_DATA, NULL, 0,
                         "the field '%.100s' is %s on one side and %s on the other", sides[0]->name,
                         sides[0]->is_multi ? "multi" : "single",
                         sides[1]->is_multi ? "multi" : "single");
    size_t *at[2] = {memory_alloc(sides[0]->n_labels, sizeof *at[0]),
                     memory_alloc(sides[1]->n_labels, sizeof *at[1])};
    int status = at[0] == NULL || at[1] == NULL ? error_memory(err, "comparison")
                                                : join_labels(out, sides, at, err);
    if (status == 0) {
        const size_t n_labels = out->n_labels > 0 ? out->n_labels : 1;
        out->name = memory_string(sides[0]->name);
        out->is_multi = sides[0]->is_multi;
        out->row = memory_alloc(n_rows, sizeof *out->row);
        out->group = memory_alloc(n_rows, sizeof *out->group);
        out->gold = memory_zero(n_rows, n_labels);
        out->side[0] = memory_zero(n_rows, n_labels);
        out->side[1] = memory_zero(n_rows, n_labels);
        if (out->name == NULL || out->row == NULL || out->group == NULL || out->gold == NULL ||
            out->side[0] == NULL || out->side[1] == NULL)
            status = error_memory(err, "comparison");
        else
            fill_rows(out, p, sides, at);
    }
    memory_free(at[0]);
    memory_free(at[1]);
    return status;
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

static int pair_fields(struct pairing *p, const struct option_list *wanted, sikap_error *err)
{
    const struct evaluation_data *a = p->data[0], *b = p->data[1];
    p->c->fields = memory_zero(a->n_fields, sizeof *p->c->fields);
    int status = p->c->fields == NULL ? error_memory(err, "comparison") : 0;
    for (size_t f = 0; f < a->n_fields && status == 0; f++) {
        const struct evaluation_field *sides[2] = {&a->fields[f],
                                                   evaluation_find_field(b, a->fields[f].name)};
        if (!is_wanted(wanted, sides[0]->name))
            continue;
        if (sides[1] != NULL)
            status = pair_field(p, sides, err);
        else
            error_tell(p->watch, NULL, "only A has the field '%.100s': not compared",
                       sides[0]->name);
    }
    for (size_t f = 0; f < b->n_fields && status == 0; f++)
        if (is_wanted(wanted, b->fields[f].name) &&
            evaluation_find_field(a, b->fields[f].name) == NULL)
            error_tell(p->watch, NULL, "only B has the field '%.100s': not compared",
                       b->fields[f].name);
    if (status == 0 && p->c->n_fields == 0)
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
    struct pairing p = {.c = c, .data = {a, b}, .watch = watch};
    c->has_groups = a->group != NULL;
    int status = pair_rows(&p, err);
    if (status == 0)
        status = pair_fields(&p, wanted, err);
    for (size_t f = 0; f < c->n_fields && status == 0; f++)
        if (c->fields[f].n == 0)
            status =
                error_set(err, SIKAP_DATA, NULL, 0,
                          "no document is annotated for the field '%.100s'", c->fields[f].name);
    memory_free(p.row[0]);
    memory_free(p.row[1]);
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
    for (size_t l = i * f->n_labels; l < (i + 1) * f->n_labels; l++)
        n_wrong += (f->gold[l] != 0) != (f->side[side][l] != 0);
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
    for (size_t i = 0; i < f->n; i++) {
        const size_t a = comparison_errors(f, 0, i), b = comparison_errors(f, 1, i);
        f->only[0] += a == 0 && b > 0;
        f->only[1] += b == 0 && a > 0;
        f->n_nearer[0] += a < b;
        f->n_nearer[1] += b < a;
        f->n_even += a == b && memcmp(f->side[0] + i * f->n_labels, f->side[1] + i * f->n_labels,
                                      f->n_labels) != 0;
    }
    if (!f->is_multi && !has_groups)
        f->mcnemar = significance_mcnemar(f->only[0], f->only[1]);
}

/* The same reasons as in an evaluation (metrics.h); differences have no use for P and R of labels.
 */
static void judge(struct comparison_field *f, size_t n_values)
{
    int has_rare = 0;
    for (size_t l = 0; l < f->n_labels; l++) {
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
    double *p = memory_alloc(f->n_labels, sizeof *p);
    if (p == NULL)
        return error_memory(err, "comparison");
    for (size_t l = 0; l < f->n_labels; l++)
        p[l] = f->differences[metrics_label_value(l, METRICS_F1)].p_randomisation;
    const int status = significance_holm(p, f->n_labels, err);
    for (size_t l = 0; l < f->n_labels && status == 0; l++)
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
    const size_t n_values = metrics_n_values(f->n_labels);
    const struct metrics_shape shape = {.n_labels = f->n_labels, .single = !f->is_multi};
    const struct bootstrap_settings settings = {.n_resamples = c->n_resamples,
                                                .level = EVALUATE_LEVEL,
                                                .method = BOOTSTRAP_BCA,
                                                .seed = c->seed};
    if (n_values > MAX_REPLICATES / c->n_resamples)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--bootstrap: %zu resamples of %zu labels take too much memory",
                         c->n_resamples, f->n_labels);
    struct tally *a = NULL, *b = NULL;
    const uint32_t *group = c->has_groups ? f->group : NULL;
    f->differences = memory_zero(n_values, sizeof *f->differences);
    f->states = memory_zero(n_values, sizeof *f->states); /* INTERVAL_GIVEN */
    f->p_holm = memory_zero(n_values, sizeof *f->p_holm);
    f->n_with = memory_alloc(f->n_labels, sizeof *f->n_with);
    int status =
        f->differences == NULL || f->states == NULL || f->p_holm == NULL || f->n_with == NULL
            ? error_memory(err, "comparison")
            : tally_multi_by(&a, f->gold, f->side[0], f->n, f->n_labels, group, err);
    if (status == 0)
        status = tally_multi_by(&b, f->gold, f->side[1], f->n, f->n_labels, group, err);
    if (status == 0)
        status = significance_compare(f->differences, a, b, metrics_values, &shape, n_values,
                                      &settings, pool, err);
    if (status == 0) {
        f->n_units = a->n_units;
        tally_units_with(a, f->n_labels, f->n_with);
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
