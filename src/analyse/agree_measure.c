/* SPDX-License-Identifier: Apache-2.0 */
/* Every figure but kappa is a function of sums over documents, so the bootstrap can resample them.
 * Columns of the tally, per label, only where somebody gave it: the coders who did, the
 * disagreement among them (see measure/agreement.c: with y of m coders, 2 y (m - y)/(m - 1)), pairs
 * in which both gave it, pairs in which one did. Then of the document: coders, pairs, pairs that
 * are alike in all labels, and agreement of the codes of a single field. */
#include "analyse/agree.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { GIVEN, DISAGREED, BOTH, ONE, PER_LABEL };
enum { CODERS, PAIRS, ALIKE, AGREED, PER_UNIT };
/* Figures of a field, then of each label. */
enum { FIELD_ALIKE, FIELD_F1, FIELD_ALPHA, FIELD_OBSERVED, N_FIELD };
enum { LABEL_ALPHA, LABEL_F1, LABEL_OBSERVED, N_LABEL };

struct shape {
    size_t n_labels;
    int is_multi;
};

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

/* 0 where there is no variation, since a resample's value must be finite; *varies tells. */
static double beyond_chance(double observed, double expected, int *varies)
{
    *varies = expected < 1;
    return *varies ? (observed - expected) / (1 - expected) : 0;
}

static double label_alpha(const double *label, double n, int *varies)
{
    const double yes = label[GIVEN], no = n - yes;
    const double chance = n > 1 ? (yes * (yes - 1) + no * (no - 1)) / (n * (n - 1)) : 1;
    return beyond_chance(1 - ratio(label[DISAGREED], n), chance, varies);
}

static double codes_alpha(const double *sums, const double *unit, size_t n_labels, int *varies)
{
    const double n = unit[CODERS];
    double chance = 0;
    for (size_t l = 0; l < n_labels; l++) {
        const double given = sums[PER_LABEL * l + GIVEN];
        chance += given * (given - 1);
    }
    return beyond_chance(ratio(unit[AGREED], n), n > 1 ? chance / (n * (n - 1)) : 1, varies);
}

static void figures(const void *context, const double *sums, double *values)
{
    const struct shape *s = context;
    const double *unit = sums + PER_LABEL * s->n_labels;
    double both = 0, one = 0, alpha = 0, n_varying = 0;
    int varies;
    for (size_t l = 0; l < s->n_labels; l++) {
        const double *label = sums + PER_LABEL * l;
        double *value = values + N_FIELD + N_LABEL * l;
        value[LABEL_ALPHA] = label_alpha(label, unit[CODERS], &varies);
        value[LABEL_F1] = ratio(2 * label[BOTH], 2 * label[BOTH] + label[ONE]);
        value[LABEL_OBSERVED] = ratio(unit[PAIRS] - label[ONE], unit[PAIRS]);
        alpha += value[LABEL_ALPHA];
        n_varying += varies;
        both += label[BOTH];
        one += label[ONE];
    }
    values[FIELD_ALIKE] = ratio(unit[ALIKE], unit[PAIRS]);
    values[FIELD_F1] = ratio(2 * both, 2 * both + one);
    values[FIELD_ALPHA] =
        s->is_multi ? ratio(alpha, n_varying) : codes_alpha(sums, unit, s->n_labels, &varies);
    values[FIELD_OBSERVED] = s->is_multi ? ratio(unit[PAIRS] * (double)s->n_labels - one,
                                                 unit[PAIRS] * (double)s->n_labels)
                                         : values[FIELD_ALIKE];
}

/* ---- counting ----------------------------------------------------------------------------------
 */

static void put(struct tally *t, size_t *e, size_t column, double value)
{
    if (value == 0)
        return;
    t->columns[*e] = (uint32_t)column;
    t->values[(*e)++] = value;
}

/* Pairs of coders who gave document i the same labels. */
static size_t count_alike(const sikap_agreement *a, const struct agree_field *f, size_t i)
{
    size_t n = 0;
    for (size_t c = 0; c < a->n_coders; c++)
        for (size_t d = c + 1; d < a->n_coders; d++)
            n += f->has[c * a->n_rows + i] && f->has[d * a->n_rows + i] &&
                 memcmp(agree_given(a, f, c, i), agree_given(a, f, d, i), f->n_labels) == 0;
    return n;
}

static size_t count_given(const sikap_agreement *a, const struct agree_field *f, size_t i, size_t l)
{
    size_t n = 0;
    for (size_t c = 0; c < a->n_coders; c++)
        n += agree_given(a, f, c, i)[l] != 0;
    return n;
}

static void add_document(struct tally *t, size_t *e, const sikap_agreement *a,
                         const struct agree_field *f, size_t i)
{
    const double m = (double)agree_coders(a, f, i);
    double agreed = 0;
    for (size_t l = 0; l < f->n_labels; l++) {
        const double y = (double)count_given(a, f, i, l);
        put(t, e, PER_LABEL * l + GIVEN, y);
        put(t, e, PER_LABEL * l + DISAGREED, 2 * y * (m - y) / (m - 1));
        put(t, e, PER_LABEL * l + BOTH, y * (y - 1) / 2);
        put(t, e, PER_LABEL * l + ONE, y * (m - y));
        agreed += y * (y - 1) / (m - 1);
    }
    const size_t unit = PER_LABEL * f->n_labels;
    put(t, e, unit + CODERS, m);
    put(t, e, unit + PAIRS, m * (m - 1) / 2);
    put(t, e, unit + ALIKE, (double)count_alike(a, f, i));
    put(t, e, unit + AGREED, f->is_multi ? 0 : agreed);
}

/* Documents that two or more coders annotated; their groups into group[n_documents]. */
static int count_documents(struct tally **out, const sikap_agreement *a,
                           const struct agree_field *f, uint32_t *group, sikap_error *err)
{
    size_t n_given = 0;
    for (size_t i = 0; i < a->n_rows; i++)
        for (size_t l = 0; l < f->n_labels && agree_coders(a, f, i) > 1; l++)
            n_given += count_given(a, f, i, l) > 0;
    const int status = tally_new(out, f->n_documents, PER_LABEL * f->n_labels + PER_UNIT,
                                 PER_LABEL * n_given + PER_UNIT * f->n_documents, err);
    size_t e = 0, unit = 0;
    for (size_t i = 0; i < a->n_rows && status == 0; i++) {
        if (agree_coders(a, f, i) < 2)
            continue;
        add_document(*out, &e, a, f, i);
        group[unit] = a->group == NULL ? (uint32_t)i : a->group[i];
        (*out)->start[++unit] = e;
    }
    return status;
}

static int count_units(struct tally **out, const sikap_agreement *a, struct agree_field *f,
                       sikap_error *err)
{
    struct tally *documents = NULL;
    *out = NULL;
    uint32_t *group = memory_alloc(f->n_documents, sizeof *group);
    int status = group == NULL ? error_memory(err, "agreement")
                               : count_documents(&documents, a, f, group, err);
    if (status == 0 && a->group != NULL) {
        status = tally_by_any_group(out, documents, group, err);
        tally_free(documents);
    } else {
        *out = documents;
    }
    memory_free(group);
    if (status != 0)
        return status;
    f->n_units = (*out)->n_units;
    for (size_t u = 0; u < f->n_units; u++)
        for (size_t e = (*out)->start[u]; e < (*out)->start[u + 1]; e++)
            if ((*out)->columns[e] < PER_LABEL * f->n_labels &&
                (*out)->columns[e] % PER_LABEL == GIVEN)
                f->by_label[(*out)->columns[e] / PER_LABEL].n_units++;
    return 0;
}

/* ---- figures -----------------------------------------------------------------------------------
 */

static void take_sums(struct agree_field *f, const double *sums, const double *values)
{
    const double *unit = sums + PER_LABEL * f->n_labels;
    int varies = 1, any = 0;
    for (size_t l = 0; l < f->n_labels; l++) {
        const double *label = sums + PER_LABEL * l, *value = values + N_FIELD + N_LABEL * l;
        struct agree_label *out = &f->by_label[l];
        label_alpha(label, unit[CODERS], &varies);
        any |= varies;
        out->alpha.value = varies ? value[LABEL_ALPHA] : NAN;
        out->f1.value = value[LABEL_F1];
        out->observed = value[LABEL_OBSERVED];
        out->both = (uint64_t)llround(label[BOTH]);
        out->one = (uint64_t)llround(label[ONE]);
        out->neither = (uint64_t)llround(unit[PAIRS]) - out->both - out->one;
    }
    f->alike.value = values[FIELD_ALIKE];
    f->f1.value = values[FIELD_F1];
    f->alpha.value = any ? values[FIELD_ALPHA] : NAN;
    f->observed = values[FIELD_OBSERVED];
}

static void take_interval(struct agree_figure *figure, const struct bootstrap *b, size_t value,
                          enum interval_state state)
{
    figure->state = state;
    if (state != INTERVAL_GIVEN)
        return;
    figure->interval = b->intervals[value];
    if (isnan(figure->value) || !(figure->interval.low < figure->interval.high))
        figure->state = INTERVAL_NO_VARIATION;
}

/* The same reasons as in an evaluation. b NULL: too few units, or none wanted. */
static void take_intervals(struct agree_field *f, const struct bootstrap *b,
                           enum interval_state state)
{
    int has_rare = 0;
    for (size_t l = 0; l < f->n_labels; l++) {
        struct agree_label *label = &f->by_label[l];
        const int is_rare = b != NULL && label->n_units < EVALUATE_MIN_UNITS;
        const enum interval_state own = is_rare ? INTERVAL_RARE_LABEL : state;
        has_rare |= is_rare;
        take_interval(&label->alpha, b, N_FIELD + N_LABEL * l + LABEL_ALPHA, own);
        take_interval(&label->f1, b, N_FIELD + N_LABEL * l + LABEL_F1, own);
    }
    take_interval(&f->alike, b, FIELD_ALIKE, state);
    take_interval(&f->f1, b, FIELD_F1, state);
    take_interval(&f->alpha, b, FIELD_ALPHA,
                  f->is_multi && has_rare ? INTERVAL_RARE_LABELS : state);
}

static int resample(struct agree_field *f, const sikap_agreement *a, const struct tally *units,
                    const struct shape *shape, struct pool *pool, sikap_error *err)
{
    enum { MAX_REPLICATES = 1 << 27 };
    const size_t n_values = N_FIELD + N_LABEL * f->n_labels;
    enum interval_state state = INTERVAL_GIVEN;
    if (a->n_resamples == 0)
        state = INTERVAL_OFF;
    else if (units->n_units < EVALUATE_MIN_UNITS)
        state = INTERVAL_FEW_UNITS;
    else if (n_values > MAX_REPLICATES / a->n_resamples)
        state = INTERVAL_TOO_LARGE;
    const struct tally *const tallies[] = {units};
    const struct bootstrap_sample sample = {.tallies = tallies,
                                            .n_tallies = 1,
                                            .statistic = figures,
                                            .context = shape,
                                            .n_values = n_values};
    const struct bootstrap_settings settings = {.n_resamples = a->n_resamples,
                                                .level = EVALUATE_LEVEL,
                                                .method = BOOTSTRAP_BCA,
                                                .seed = a->seed};
    struct bootstrap *b = NULL;
    const int status =
        state == INTERVAL_GIVEN ? bootstrap_run(&b, &sample, &settings, pool, err) : 0;
    if (status == 0)
        take_intervals(f, b, state);
    bootstrap_free(b);
    return status;
}

/* ---- pairs of coders ---------------------------------------------------------------------------
 */

/* The code of every document, of a single field. */
static void codes_of(const sikap_agreement *a, const struct agree_field *f, size_t c, uint32_t *out)
{
    for (size_t i = 0; i < a->n_rows; i++) {
        out[i] = AGREEMENT_MISSING;
        for (size_t l = 0; l < f->n_labels && f->has[c * a->n_rows + i]; l++)
            if (agree_given(a, f, c, i)[l])
                out[i] = (uint32_t)l;
    }
}

static void mean_add(double *sum, size_t *n, double v)
{
    if (isnan(v))
        return;
    *sum += v;
    (*n)++;
}

/* One pair's figures; kappas of the labels are added to kappa[n_labels], counted in n_kappa. */
static int measure_pair(const sikap_agreement *a, struct agree_field *f, struct agree_pair *pair,
                        double *kappa, size_t *n_kappa, sikap_error *err)
{
    const size_t c = pair->coders[0], d = pair->coders[1], n = a->n_rows;
    const uint8_t *has_c = f->has + c * n, *has_d = f->has + d * n;
    struct label_agreement *labels = memory_alloc(f->n_labels, sizeof *labels);
    uint32_t *codes = memory_alloc(n, 2 * sizeof *codes);
    int status = labels == NULL || codes == NULL ? error_memory(err, "agreement") : 0;
    if (status != 0)
        goto done;
    agreement_labels(labels, agree_given(a, f, c, 0), agree_given(a, f, d, 0), has_c, has_d, n,
                     f->n_labels);
    double both = 0, one = 0, sum = 0;
    size_t n_alike = 0, n_sum = 0;
    for (size_t l = 0; l < f->n_labels; l++) {
        mean_add(&kappa[l], &n_kappa[l], labels[l].kappa);
        mean_add(&sum, &n_sum, labels[l].kappa);
        both += (double)labels[l].both;
        one += (double)(labels[l].only_a + labels[l].only_b);
        f->by_label[l].only[0] += labels[l].only_a;
        f->by_label[l].only[1] += labels[l].only_b;
    }
    for (size_t i = 0; i < n; i++) {
        if (!has_c[i] || !has_d[i])
            continue;
        pair->n_documents++;
        n_alike += memcmp(agree_given(a, f, c, i), agree_given(a, f, d, i), f->n_labels) == 0;
    }
    pair->alike = pair->n_documents > 0 ? (double)n_alike / (double)pair->n_documents : NAN;
    pair->f1 = ratio(2 * both, 2 * both + one);
    pair->kappa = n_sum > 0 ? sum / (double)n_sum : NAN;
    if (!f->is_multi) {
        codes_of(a, f, c, codes);
        codes_of(a, f, d, codes + n);
        status = agreement_kappa(&pair->kappa, codes, codes + n, n, f->n_labels, err);
    }
done:
    memory_free(labels);
    memory_free(codes);
    return status;
}

static int measure_pairs(const sikap_agreement *a, struct agree_field *f, sikap_error *err)
{
    double *kappa = memory_zero(f->n_labels, sizeof *kappa), sum = 0;
    size_t *n_kappa = memory_zero(f->n_labels, sizeof *n_kappa), n_sum = 0;
    f->pairs = memory_zero(a->n_coders * (a->n_coders - 1) / 2, sizeof *f->pairs);
    int status =
        kappa == NULL || n_kappa == NULL || f->pairs == NULL ? error_memory(err, "agreement") : 0;
    for (size_t c = 0; c < a->n_coders && status == 0; c++)
        for (size_t d = c + 1; d < a->n_coders && status == 0; d++) {
            struct agree_pair *pair = &f->pairs[f->n_pairs++];
            pair->coders[0] = c;
            pair->coders[1] = d;
            status = measure_pair(a, f, pair, kappa, n_kappa, err);
            mean_add(&sum, &n_sum, pair->kappa);
        }
    f->kappa = n_sum > 0 ? sum / (double)n_sum : NAN;
    for (size_t l = 0; l < f->n_labels && status == 0; l++)
        f->by_label[l].kappa = n_kappa[l] > 0 ? kappa[l] / (double)n_kappa[l] : NAN;
    memory_free(kappa);
    memory_free(n_kappa);
    return status;
}

/* ---- confusions --------------------------------------------------------------------------------
 */

/* Labels that only one of a pair gave, each against each; of more than two coders, either way. */
static void confuse(const sikap_agreement *a, const struct agree_field *f, const uint8_t *first,
                    const uint8_t *second, uint64_t *matrix)
{
    for (size_t l = 0; l < f->n_labels; l++)
        for (size_t k = 0; k < f->n_labels && first[l] && !second[l]; k++) {
            if (!second[k] || first[k])
                continue;
            const int is_turned = a->n_coders > 2 && k < l;
            matrix[is_turned ? k * f->n_labels + l : l * f->n_labels + k]++;
        }
}

static void keep_most(struct agree_field *f, struct agree_confusion one)
{
    size_t at = f->n_confused < AGREE_CONFUSIONS ? f->n_confused++ : AGREE_CONFUSIONS - 1;
    if (at == AGREE_CONFUSIONS - 1 && f->confused[at].n >= one.n)
        return;
    for (; at > 0 && f->confused[at - 1].n < one.n; at--)
        f->confused[at] = f->confused[at - 1];
    f->confused[at] = one;
}

static int find_confused(const sikap_agreement *a, struct agree_field *f, sikap_error *err)
{
    enum { MOST_LABELS = 4096 };
    const size_t n = f->n_labels;
    if (n > MOST_LABELS)
        return 0;
    uint64_t *matrix = memory_zero(n * n, sizeof *matrix);
    if (matrix == NULL)
        return error_memory(err, "agreement");
    for (size_t p = 0; p < f->n_pairs; p++) {
        const size_t c = f->pairs[p].coders[0], d = f->pairs[p].coders[1];
        for (size_t i = 0; i < a->n_rows; i++)
            if (f->has[c * a->n_rows + i] && f->has[d * a->n_rows + i])
                confuse(a, f, agree_given(a, f, c, i), agree_given(a, f, d, i), matrix);
    }
    for (size_t l = 0; l < n; l++)
        for (size_t k = 0; k < n; k++)
            if (matrix[l * n + k] > 0)
                keep_most(f, (struct agree_confusion){{l, k}, matrix[l * n + k]});
    memory_free(matrix);
    return 0;
}

int agree_measure(const struct sikap_agreement *a, struct agree_field *f, struct pool *pool,
                  sikap_error *err)
{
    const struct shape shape = {.n_labels = f->n_labels, .is_multi = f->is_multi};
    struct tally *units = NULL;
    double *sums = memory_alloc(PER_LABEL * f->n_labels + PER_UNIT, sizeof *sums);
    double *values = memory_alloc(N_FIELD + N_LABEL * f->n_labels, sizeof *values);
    int status = sums == NULL || values == NULL ? error_memory(err, "agreement")
                                                : count_units(&units, a, f, err);
    if (status == 0) {
        tally_sums(units, sums);
        figures(&shape, sums, values);
        take_sums(f, sums, values);
        status = resample(f, a, units, &shape, pool, err);
    }
    if (status == 0)
        status = measure_pairs(a, f, err);
    if (status == 0)
        status = find_confused(a, f, err);
    tally_free(units);
    memory_free(sums);
    memory_free(values);
    return status;
}
