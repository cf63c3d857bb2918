/* SPDX-License-Identifier: Apache-2.0 */
/* From label tables to the tallies of measure/quantify.h, one field at a time. Decisions are dense
 * rows over the union of all labels; a label that a side does not know is not given there, with
 * probability 0. */
#include "analyse/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/evaluate_internal.h"
#include "model/label_file.h"

void aggregate_field_free(struct aggregate_field *f)
{
    memory_free(f->name);
    memory_free_texts(f->labels, f->n_labels);
    memory_free(f->n_with);
    memory_free(f->n);
    memory_free(f->share);
}

/* ---- decisions ---------------------------------------------------------------------------------
 */

/* Some rows of a table's field, over the union of labels. */
struct decisions {
    size_t n, n_labels;
    uint8_t *given;        /* [n][n_labels] */
    uint32_t *code;        /* [n] of a single field */
    double *probabilities; /* [n][n_labels], or NULL */
};

static void decisions_free(struct decisions *d)
{
    memory_free(d->given);
    memory_free(d->code);
    memory_free(d->probabilities);
}

/* at[label of `from`]: its number in `labels`. */
static uint32_t *places(const struct names *labels, const struct label_field *from)
{
    uint32_t *at = memory_alloc(from->labels.n, sizeof *at);
    for (size_t l = 0; at != NULL && l < from->labels.n; l++)
        at[l] = names_find(labels, from->labels.items[l], strlen(from->labels.items[l]));
    return at;
}

static int decisions_fill(struct decisions *d, const struct label_field *from, const size_t *rows,
                          size_t n, const struct names *labels, int with_probabilities,
                          sikap_error *err)
{
    *d = (struct decisions){.n = n, .n_labels = labels->n};
    const size_t per_row = labels->n > 0 ? labels->n : 1;
    d->given = memory_zero(n, per_row);
    d->code = memory_alloc(n, sizeof *d->code);
    if (with_probabilities)
        d->probabilities = memory_zero(n, per_row * sizeof *d->probabilities);
    uint32_t *at = places(labels, from);
    if (d->given == NULL || d->code == NULL || at == NULL ||
        (with_probabilities && d->probabilities == NULL)) {
        memory_free(at);
        return error_memory(err, "aggregation");
    }
    for (size_t i = 0; i < n; i++) {
        const size_t row = rows[i];
        d->code[i] = 0;
        for (size_t k = from->start[row]; k < from->start[row + 1]; k++) {
            d->code[i] = at[from->given[k]];
            d->given[i * labels->n + d->code[i]] = 1;
        }
        for (size_t k = from->score_start[row];
             with_probabilities && k < from->score_start[row + 1]; k++)
            d->probabilities[i * labels->n + at[from->scores[k].label]] = from->scores[k].value;
    }
    memory_free(at);
    return 0;
}

/* Does every usable row have a number in [0, 1] for the same labels? Only then are the scores the
 * probabilities of all labels, and not those of the labels given. */
static int has_probabilities(const struct label_field *f, const size_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const size_t begin = f->score_start[rows[i]], end = f->score_start[rows[i] + 1];
        const size_t first = f->score_start[rows[0]];
        if (end == begin || end - begin != f->score_start[rows[0] + 1] - first)
            return 0;
        for (size_t k = begin; k < end; k++)
            if (!(f->scores[k].value >= 0 && f->scores[k].value <= 1) ||
                f->scores[k].label != f->scores[first + k - begin].label)
                return 0;
    }
    return n > 0;
}

/* A row that says something: for a single field, exactly one label. */
static int is_usable(const struct label_field *f, size_t row, int is_multi)
{
    return f->annotated[row] && (is_multi || f->start[row + 1] - f->start[row] == 1);
}

/* ---- known documents ---------------------------------------------------------------------------
 */

struct known {
    size_t *predicted, *gold; /* [n] rows of calibration and gold with the same ids */
    size_t n;
};

static int known_find(struct known *k, size_t f, const struct aggregate_input *in, int is_multi,
                      sikap_error *err)
{
    const struct label_field *predicted = &in->calibration->fields[f], *gold = &in->gold->fields[f];
    k->predicted = memory_alloc(in->gold->n_rows, sizeof *k->predicted);
    k->gold = memory_alloc(in->gold->n_rows, sizeof *k->gold);
    if (k->predicted == NULL || k->gold == NULL)
        return error_memory(err, "aggregation");
    struct some_ids missing = {.n = 0};
    for (size_t i = 0; i < in->gold->n_rows; i++) {
        if (!is_usable(gold, i, is_multi))
            continue;
        const char *id = in->gold->ids.items[i];
        const size_t row = label_table_row(in->calibration, id);
        if (row == SIZE_MAX || !is_usable(predicted, row, is_multi)) {
            some_ids_add(&missing, id);
            continue;
        }
        k->predicted[k->n] = row;
        k->gold[k->n++] = i;
    }
    if (missing.n > 0)
        error_tell(in->watch, NULL,
                   "%zu of %zu gold documents have no prediction of '%.60s' and are not used: %s%s",
                   missing.n, missing.n + k->n, gold->name, missing.text,
                   missing.n > 3 ? ", …" : "");
    if (k->n == 0)
        return error_set(err, SIKAP_DATA, NULL, 0,
                         "no gold document has a prediction of the field '%.100s': --calibration "
                         "names the file that has them",
                         gold->name);
    return 0;
}

static int known_tally(struct tally **out, struct aggregate_field *f, const struct known *k,
                       size_t field, const struct aggregate_input *in, const struct names *labels,
                       sikap_error *err)
{
    struct decisions gold, predicted = {0};
    *out = NULL;
    int status = decisions_fill(&gold, &in->gold->fields[field], k->gold, k->n, labels, 0, err);
    if (status == 0)
        status = decisions_fill(&predicted, &in->calibration->fields[field], k->predicted, k->n,
                                labels, f->has_probabilities, err);
    if (status == 0) {
        f->n_known = k->n;
        for (size_t i = 0; i < k->n; i++)
            for (size_t l = 0; l < labels->n; l++)
                f->n_with[l] += gold.given[i * labels->n + l];
        status = f->is_multi ? quantify_known_multi(out, gold.given, predicted.given,
                                                    predicted.probabilities, k->n, labels->n, err)
                             : quantify_known_single(out, gold.code, predicted.code,
                                                     predicted.probabilities, k->n, labels->n, err);
    }
    decisions_free(&gold);
    decisions_free(&predicted);
    return status;
}

/* ---- cells -------------------------------------------------------------------------------------
 */

/* Usable rows by cell: those of cell c are rows[first[c] .. first[c + 1]). */
struct cell_rows {
    size_t *rows, *first, n;
};

static int cell_rows_new(struct cell_rows *out, const sikap_aggregation *a,
                         const struct label_field *from, const struct aggregate_input *in,
                         int is_multi, sikap_error *err)
{
    const size_t n_rows = in->counted->n_rows;
    struct some_ids silent = {.n = 0};
    out->rows = memory_alloc(n_rows, sizeof *out->rows);
    out->first = memory_zero(a->n_cells + 2, sizeof *out->first);
    if (out->rows == NULL || out->first == NULL)
        return error_memory(err, "aggregation");
    for (size_t i = 0; i < n_rows; i++) {
        if (is_usable(from, i, is_multi))
            out->first[in->cell_of[i] + 2]++;
        else
            some_ids_add(&silent, in->counted->ids.items[i]);
    }
    for (size_t c = 0; c < a->n_cells; c++)
        out->first[c + 2] += out->first[c + 1];
    for (size_t i = 0; i < n_rows; i++)
        if (is_usable(from, i, is_multi))
            out->rows[out->first[in->cell_of[i] + 1]++] = i;
    out->n = out->first[a->n_cells];
    if (silent.n > 0)
        error_tell(in->watch, NULL,
                   "%zu of %zu documents say nothing about '%.60s': not counted: %s%s", silent.n,
                   n_rows, from->name, silent.text, silent.n > 3 ? ", …" : "");
    if (out->n == 0)
        return error_set(err, SIKAP_DATA, NULL, 0, "no document is labelled for the field '%.100s'",
                         from->name);
    return 0;
}

static int cell_tally(struct tally **out, const struct aggregate_field *f,
                      const struct label_field *from, const size_t *rows, size_t n,
                      const struct names *labels, sikap_error *err)
{
    struct decisions d;
    *out = NULL;
    int status = decisions_fill(&d, from, rows, n, labels, f->has_probabilities, err);
    if (status == 0)
        status = f->is_multi
                     ? quantify_cell_multi(out, d.given, d.probabilities, n, labels->n, err)
                     : quantify_cell_single(out, d.code, d.probabilities, n, labels->n, err);
    decisions_free(&d);
    return status;
}

/* Only what was counted. */
static void count_cells(struct aggregate_field *f, const sikap_aggregation *a,
                        const struct label_field *from, const struct cell_rows *cells,
                        const uint32_t *at)
{
    for (size_t c = 0; c < a->n_cells; c++) {
        struct quantified *share = f->share + c * f->n_labels;
        for (size_t i = cells->first[c]; i < cells->first[c + 1]; i++)
            for (size_t k = from->start[cells->rows[i]]; k < from->start[cells->rows[i] + 1]; k++)
                share[at[from->given[k]]].counted.share += 1;
        for (size_t l = 0; l < f->n_labels && f->n[c] > 0; l++)
            share[l].counted.share /= (double)f->n[c];
    }
}

/* quantify_run wants cells with documents only: full[i] is the cell of the i-th of them. */
static int correct_cells(struct aggregate_field *f, const sikap_aggregation *a,
                         const struct label_field *from, const struct cell_rows *cells,
                         const struct tally *known, const struct names *labels, struct pool *pool,
                         sikap_error *err)
{
    const struct bootstrap_settings settings = {.n_resamples = a->n_resamples,
                                                .level = EVALUATE_LEVEL,
                                                .method = BOOTSTRAP_PERCENTILE,
                                                .seed = a->seed};
    struct tally **tallies = memory_zero(a->n_cells, sizeof *tallies);
    size_t *full = memory_alloc(a->n_cells, sizeof *full), n_full = 0;
    struct quantified *shares = memory_zero(a->n_cells * f->n_labels, sizeof *shares);
    int status =
        tallies == NULL || full == NULL || shares == NULL ? error_memory(err, "aggregation") : 0;
    for (size_t c = 0; c < a->n_cells && status == 0; c++) {
        if (f->n[c] == 0)
            continue;
        status = cell_tally(&tallies[n_full], f, from, cells->rows + cells->first[c], f->n[c],
                            labels, err);
        full[n_full++] = c;
    }
    if (status == 0)
        status = quantify_run(shares, known, (const struct tally *const *)tallies, n_full,
                              f->n_labels, !f->is_multi, &settings, pool, err);
    for (size_t i = 0; i < n_full && status == 0; i++)
        memcpy(f->share + full[i] * f->n_labels, shares + i * f->n_labels,
               f->n_labels * sizeof *shares);
    for (size_t c = 0; tallies != NULL && c < a->n_cells; c++)
        tally_free(tallies[c]);
    memory_free(tallies);
    memory_free(full);
    memory_free(shares);
    return status;
}

/* ---- a field -----------------------------------------------------------------------------------
 */

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int gather(struct names *labels, const struct label_table *t, size_t f)
{
    for (size_t l = 0; t != NULL && l < t->fields[f].labels.n; l++) {
        const char *name = t->fields[f].labels.items[l];
        if (names_add(labels, name, strlen(name), NULL) == NAMES_FULL)
            return -1;
    }
    return 0;
}

/* The labels of all tables in the order of their names. */
static int join_labels(struct names *labels, const struct aggregate_input *in, size_t f)
{
    struct names all = {0};
    int failed = gather(&all, in->gold, f) != 0 || gather(&all, in->calibration, f) != 0 ||
                 gather(&all, in->counted, f) != 0;
    const char **order = memory_alloc(all.n, sizeof *order);
    failed |= order == NULL;
    for (size_t l = 0; l < all.n && !failed; l++)
        order[l] = all.items[l];
    if (!failed && all.n > 0)
        qsort(order, all.n, sizeof *order, by_name);
    for (size_t l = 0; l < all.n && !failed; l++)
        failed = names_add(labels, order[l], strlen(order[l]), NULL) == NAMES_FULL;
    memory_free(order);
    names_free(&all);
    return failed ? -1 : 0;
}

static int field_start(struct aggregate_field *out, const sikap_aggregation *a,
                       const struct label_field *from, int is_multi, const struct names *labels)
{
    out->name = memory_string(from->name);
    out->is_multi = is_multi;
    out->labels = memory_zero(labels->n, sizeof *out->labels);
    out->n_with = memory_zero(labels->n, sizeof *out->n_with);
    out->n = memory_zero(a->n_cells, sizeof *out->n);
    const size_t per_cell = labels->n > 0 ? labels->n : 1;
    out->share = memory_zero(a->n_cells, per_cell * sizeof *out->share);
    if (out->name == NULL || out->labels == NULL || out->n_with == NULL || out->n == NULL ||
        out->share == NULL)
        return -1;
    out->n_labels = labels->n;
    for (size_t l = 0; l < labels->n; l++)
        if ((out->labels[l] = memory_string(labels->items[l])) == NULL)
            return -1;
    return 0;
}

static int correct(const sikap_aggregation *a, struct aggregate_field *out, size_t f,
                   const struct aggregate_input *in, const struct cell_rows *cells,
                   const struct names *labels, sikap_error *err)
{
    const struct label_field *from = &in->counted->fields[f];
    struct known known = {0};
    struct tally *tally = NULL;
    int status = known_find(&known, f, in, out->is_multi, err);
    if (status == 0) {
        out->has_probabilities =
            has_probabilities(from, cells->rows, cells->n) &&
            has_probabilities(&in->calibration->fields[f], known.predicted, known.n);
        if (a->method == AGGREGATE_PROBABILITY && !out->has_probabilities)
            status = error_set(err, SIKAP_DATA, NULL, 0,
                               "--method probability: the field '%.60s' has not the probabilities "
                               "of all labels for every document (predict with --scores)",
                               out->name);
    }
    if (status == 0)
        status = known_tally(&tally, out, &known, f, in, labels, err);
    if (status == 0)
        status = correct_cells(out, a, from, cells, tally, labels, in->pool, err);
    out->is_corrected = status == 0;
    tally_free(tally);
    memory_free(known.predicted);
    memory_free(known.gold);
    return status;
}

int aggregate_measure(const sikap_aggregation *a, struct aggregate_field *out, size_t f,
                      const struct aggregate_input *in, sikap_error *err)
{
    const struct label_field *from = &in->counted->fields[f];
    const int is_multi = in->gold != NULL ? in->gold->fields[f].is_multi : from->is_multi;
    struct names labels = {0};
    struct cell_rows cells = {0};
    uint32_t *at = NULL;
    int status = join_labels(&labels, in, f) != 0 ||
                         field_start(out, a, from, is_multi, &labels) != 0 ||
                         (at = places(&labels, from)) == NULL
                     ? error_memory(err, "aggregation")
                     : cell_rows_new(&cells, a, from, in, is_multi, err);
    for (size_t c = 0; c < a->n_cells && status == 0; c++)
        out->n[c] = cells.first[c + 1] - cells.first[c];
    if (status == 0 && in->gold != NULL)
        status = correct(a, out, f, in, &cells, &labels, err);
    else if (status == 0)
        count_cells(out, a, from, &cells, at);
    memory_free(at);
    memory_free(cells.rows);
    memory_free(cells.first);
    names_free(&labels);
    return status;
}

const struct quantity *aggregate_adjusted(const struct sikap_aggregation *a,
                                          const struct aggregate_field *f, size_t cell,
                                          size_t label)
{
    const struct quantified *share = &f->share[cell * f->n_labels + label];
    return a->method == AGGREGATE_PROBABILITY ? &share->adjusted_probability : &share->adjusted;
}

int aggregate_has_interval(const struct aggregate_field *f, size_t cell, size_t label)
{
    return f->is_corrected && f->n[cell] >= EVALUATE_MIN_UNITS &&
           f->n_with[label] >= EVALUATE_MIN_UNITS &&
           f->n_known - f->n_with[label] >= EVALUATE_MIN_UNITS;
}
