/* SPDX-License-Identifier: Apache-2.0 */
/* What a label's best cut is, is hard to tell from a handful of positives: the F1 curve over the
 * cuts is then a few steps, and its top an accident. RULE_SHRUNK mixes a label's curves with those
 * of its neighbours, the labels whose support is within a factor of NEAR of its own (if those are
 * fewer than FEWEST, the NEAREST nearest and all that are as near), as if they were `strength`
 * positives of its own beside the m it has:
 *
 *   F(t) = (m F_l(t) + s mean F(t)) / (m + s)
 *
 * and likewise recall and the number given, per positive. Strength 0 is the plain SCut of Yang (A
 * study on thresholding strategies for text categorization, SIGIR 2001).
 *
 * Micro F1 = 2 sum tp / (sum given + sum support) is a ratio of sums over labels, so the best cuts
 * of all labels together are found label by label: with q the ratio's value, each label maximises
 * 2 tp - q given, and q is set to what comes out until it stays (Dinkelbach, On nonlinear
 * fractional programming, Management Science 1967). This reaches the optimum that the cyclic method
 * (Fan and Lin, A study on threshold selection for multi-label classification, 2007; Pillai, Fumera
 * and Roli, Pattern Recognition 2013) climbs to label by label. With macro F1 in the objective too,
 * the same steps climb, and we stop where they no longer do.
 *
 * RULE_FBR is Fan and Lin's: a fold in which a label's best F1 is below fbr votes for the label's
 * highest score there, as a threshold that is too high costs less than one that is too low; the
 * threshold is the mean of the votes; fbr is the label's best, each fold judged by the votes of the
 * others. */
#include "learn/threshold_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const double NEAR = 3;
enum { FEWEST = 3, NEAREST = 5, MOST_STEPS = 20, N_FBR = 8 };

const struct threshold_rule THRESHOLD_RULES[N_THRESHOLD_RULES] = {
    {"per label, shrunk by 256", RULE_SHRUNK, 256},
    {"global", RULE_GLOBAL, 0},
    {"per label, shrunk by 64", RULE_SHRUNK, 64},
    {"per label, shrunk by 16", RULE_SHRUNK, 16},
    {"per label, shrunk by 4", RULE_SHRUNK, 4},
    {"per label", RULE_SHRUNK, 0},
    {"per label, SCutFBR", RULE_FBR, 0},
};

struct ranked {
    double support;
    size_t label;
};

/* Tables are [n_labels][n_cuts]. */
struct fitting {
    const struct cuts *cuts;
    double micro_weight, macro_weight;
    unsigned folds;
    double support_sum;
    double *support; /* [n_labels] of the folds loaded, like all below */
    double *tp, *given, *f1;
    double *near_tp, *near_given, *near_f1; /* of the neighbours: per positive; mean */
    struct ranked *ranked;                  /* [n_labels] by rising support */
    double *sums;                           /* [3][n_cuts] tp, given, F1 of a window of ranked */
    double *values;                         /* [n_cuts] */
    uint32_t *tried;                        /* [n_labels] */
    uint32_t *fold_cut;                     /* [n_folds][n_labels] best cut in the fold alone */
    double *fold_f1;                        /* [n_folds][n_labels] what it reaches there */
};

static size_t best_of(const double *values, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

/* The middle of the stretch of best values: as far from both neighbours as can be. */
static uint32_t middle_of_best(const double *values, size_t n)
{
    const size_t first = best_of(values, n);
    size_t last = first;
    while (last + 1 < n && values[last + 1] >= values[first])
        last++;
    return (uint32_t)(first == 0 ? 0 : first + (last - first) / 2);
}

static void survey_folds(struct fitting *f)
{
    const struct cuts *cuts = f->cuts;
    for (size_t row = 0; row < cuts->n_folds * cuts->n_labels; row++) {
        for (size_t c = 0; c < cuts->n_cuts; c++) {
            const size_t at = row * cuts->n_cuts + c;
            f->values[c] = cuts_f1(cuts->tp[at], cuts->given[at], cuts->support[row]);
        }
        f->fold_cut[row] = middle_of_best(f->values, cuts->n_cuts);
        f->fold_f1[row] = f->values[f->fold_cut[row]];
    }
}

int fitting_new(struct fitting **out, const struct cuts *cuts, double micro_weight,
                double macro_weight, sikap_error *err)
{
    *out = NULL;
    struct fitting *f = memory_zero(1, sizeof *f);
    if (f == NULL)
        return error_memory(err, "thresholds");
    f->cuts = cuts;
    f->micro_weight = micro_weight;
    f->macro_weight = macro_weight;
    double **const tables[] = {&f->tp, &f->given, &f->f1, &f->near_tp, &f->near_given, &f->near_f1};
    int is_short = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        *tables[i] = memory_alloc(cuts->n_labels, cuts->n_cuts * sizeof(double));
        is_short |= *tables[i] == NULL;
    }
    const size_t n_rows = cuts->n_folds * cuts->n_labels;
    f->support = memory_alloc(cuts->n_labels, sizeof *f->support);
    f->ranked = memory_alloc(cuts->n_labels, sizeof *f->ranked);
    f->tried = memory_alloc(cuts->n_labels, sizeof *f->tried);
    f->sums = memory_alloc(cuts->n_cuts, 3 * sizeof *f->sums);
    f->values = memory_alloc(cuts->n_cuts, sizeof *f->values);
    f->fold_cut = memory_alloc(n_rows, sizeof *f->fold_cut);
    f->fold_f1 = memory_alloc(n_rows, sizeof *f->fold_f1);
    if (is_short || f->support == NULL || f->ranked == NULL || f->tried == NULL ||
        f->sums == NULL || f->values == NULL || f->fold_cut == NULL || f->fold_f1 == NULL) {
        fitting_free(f);
        return error_memory(err, "thresholds");
    }
    survey_folds(f);
    *out = f;
    return SIKAP_OK;
}

void fitting_free(struct fitting *f)
{
    if (f == NULL)
        return;
    memory_free(f->support);
    memory_free(f->tp);
    memory_free(f->given);
    memory_free(f->f1);
    memory_free(f->near_tp);
    memory_free(f->near_given);
    memory_free(f->near_f1);
    memory_free(f->ranked);
    memory_free(f->sums);
    memory_free(f->values);
    memory_free(f->tried);
    memory_free(f->fold_cut);
    memory_free(f->fold_f1);
    memory_free(f);
}

static int by_support(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->support != y->support)
        return x->support < y->support ? -1 : 1;
    return x->label < y->label ? -1 : x->label > y->label;
}

/* A stretch [begin, end) of ranked. */
struct window {
    size_t begin, end;
};

/* The first rank from `first` on whose support is at least that. */
static size_t rank_of(const struct fitting *f, size_t first, double support)
{
    size_t low = first, high = f->cuts->n_labels;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (f->ranked[middle].support >= support)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The neighbours of the label at `rank`, none of them without support (those are below `first`). */
static struct window neighbours(const struct fitting *f, size_t rank, size_t first)
{
    const size_t n = f->cuts->n_labels;
    const double own = f->ranked[rank].support;
    /* Supports are whole numbers: at least high + 1/2 is above high. */
    const double low = own / NEAR, high = (own > 1 ? own : 1) * NEAR;
    struct window w = {rank_of(f, first, low), rank_of(f, first, high + 0.5)};
    if (w.end - w.begin >= FEWEST)
        return w;
    double farthest = 0;
    for (;;) {
        const double above = w.end < n ? (f->ranked[w.end].support + 1) / (own + 1) : INFINITY;
        const double below =
            w.begin > first ? (own + 1) / (f->ranked[w.begin - 1].support + 1) : INFINITY;
        const double nearer = fmin(above, below);
        if (isinf(nearer) || (w.end - w.begin >= NEAREST && nearer > farthest))
            break;
        farthest = fmax(farthest, nearer);
        if (below <= above)
            w.begin--;
        else
            w.end++;
    }
    return w;
}

/* Adds the label's curves to the window's sums, or takes them out; what its support adds. */
static double add_label(struct fitting *f, size_t rank, double sign)
{
    const size_t n = f->cuts->n_cuts;
    const size_t at = f->ranked[rank].label * n;
    for (size_t c = 0; c < n; c++) {
        f->sums[c] += sign * f->tp[at + c];
        f->sums[n + c] += sign * f->given[at + c];
        f->sums[2 * n + c] += sign * f->f1[at + c];
    }
    return sign * f->ranked[rank].support;
}

/* near_*: windows move up with support, so sums are carried from one label to the next. */
static void mix_neighbours(struct fitting *f)
{
    const size_t n = f->cuts->n_cuts, n_labels = f->cuts->n_labels;
    size_t first = 0;
    while (first < n_labels && f->ranked[first].support == 0)
        first++;
    struct window now = {first, first};
    double support = 0; /* of the window, whole numbers like all its sums but that of F1 */
    memset(f->sums, 0, 3 * n * sizeof *f->sums);
    for (size_t rank = 0; rank < n_labels; rank++) {
        const struct window next = neighbours(f, rank, first);
        while (now.end < next.end)
            support += add_label(f, now.end++, 1);
        while (now.begin > next.begin)
            support += add_label(f, --now.begin, 1);
        while (now.end > next.end)
            support += add_label(f, --now.end, -1);
        while (now.begin < next.begin)
            support += add_label(f, now.begin++, -1);
        const double per_positive = support > 0 ? 1 / support : 0;
        const double per_label = support > 0 ? 1 / (double)(now.end - now.begin) : 0;
        const size_t at = f->ranked[rank].label * n;
        for (size_t c = 0; c < n; c++) {
            f->near_tp[at + c] = f->sums[c] * per_positive;
            f->near_given[at + c] = f->sums[n + c] * per_positive;
            f->near_f1[at + c] = f->sums[2 * n + c] * per_label;
        }
    }
}

void fitting_load(struct fitting *f, unsigned folds)
{
    const struct cuts *cuts = f->cuts;
    const size_t n = cuts->n_cuts;
    f->folds = folds;
    f->support_sum = 0;
    memset(f->tp, 0, cuts->n_labels * n * sizeof *f->tp);
    memset(f->given, 0, cuts->n_labels * n * sizeof *f->given);
    for (size_t l = 0; l < cuts->n_labels; l++) {
        f->support[l] = 0;
        for (size_t k = 0; k < cuts->n_folds; k++) {
            if ((folds >> k & 1) == 0)
                continue;
            const size_t row = k * cuts->n_labels + l;
            f->support[l] += cuts->support[row];
            for (size_t c = 0; c < n; c++) {
                f->tp[l * n + c] += cuts->tp[row * n + c];
                f->given[l * n + c] += cuts->given[row * n + c];
            }
        }
        for (size_t c = 0; c < n; c++)
            f->f1[l * n + c] = cuts_f1(f->tp[l * n + c], f->given[l * n + c], f->support[l]);
        f->support_sum += f->support[l];
        f->ranked[l] = (struct ranked){f->support[l], l};
    }
    qsort(f->ranked, cuts->n_labels, sizeof *f->ranked, by_support);
    mix_neighbours(f);
}

static void fit_global(struct fitting *f, uint32_t *chosen)
{
    const size_t n = f->cuts->n_cuts, n_labels = f->cuts->n_labels;
    memset(f->sums, 0, 3 * n * sizeof *f->sums);
    for (size_t rank = 0; rank < n_labels; rank++)
        add_label(f, rank, 1);
    for (size_t c = 0; c < n; c++)
        f->values[c] = f->micro_weight * cuts_f1(f->sums[c], f->sums[n + c], f->support_sum) +
                       f->macro_weight * f->sums[2 * n + c] / (double)n_labels;
    const uint32_t best = (uint32_t)best_of(f->values, n);
    for (size_t l = 0; l < n_labels; l++)
        chosen[l] = best;
}

/* How much own and neighbours' curves count for one label: sums of tp and given are of the label's
 * own size (1 where it has no positive), F1 is a mean. */
struct shares {
    double own_size, near_size, own_f1, near_f1;
};

static struct shares share(double support, double strength)
{
    const double all = support + strength;
    const double size = (support > 1 ? support : 1) / (all > 1 ? all : 1);
    return (struct shares){
        .own_size = size,
        .near_size = size * strength,
        .own_f1 = all > 0 ? support / all : 0,
        .near_f1 = all > 0 ? strength / all : 0,
    };
}

/* Cuts in f->tried that are each best when one more true positive is worth twice micro_gain and one
 * more given label costs ratio times micro_gain. */
static void climb(struct fitting *f, double strength, double ratio, double micro_gain)
{
    const size_t n = f->cuts->n_cuts;
    const double macro_gain = f->macro_weight / (double)f->cuts->n_labels;
    for (size_t l = 0; l < f->cuts->n_labels; l++) {
        const struct shares s = share(f->support[l], strength);
        const double tp = 2 * micro_gain * s.own_size, given = ratio * micro_gain * s.own_size;
        const double near_tp = 2 * micro_gain * s.near_size;
        const double near_given = ratio * micro_gain * s.near_size;
        const double f1 = macro_gain * s.own_f1, near_f1 = macro_gain * s.near_f1;
        for (size_t c = 0, at = l * n; c < n; c++, at++)
            f->values[c] = tp * f->tp[at] - given * f->given[at] + near_tp * f->near_tp[at] -
                           near_given * f->near_given[at] + f1 * f->f1[at] +
                           near_f1 * f->near_f1[at];
        f->tried[l] = middle_of_best(f->values, n);
    }
}

static void fit_shrunk(struct fitting *f, double strength, uint32_t *chosen)
{
    const size_t n = f->cuts->n_cuts, n_labels = f->cuts->n_labels;
    double best = -1, ratio = 0.5, below = f->support_sum > 0 ? f->support_sum : 1;
    for (int step = 0; step < MOST_STEPS; step++) {
        climb(f, strength, ratio, f->micro_weight / below);
        double tp = 0, given = 0, f1 = 0;
        for (size_t l = 0; l < n_labels; l++) {
            const struct shares s = share(f->support[l], strength);
            const size_t at = l * n + f->tried[l];
            tp += s.own_size * f->tp[at] + s.near_size * f->near_tp[at];
            given += s.own_size * f->given[at] + s.near_size * f->near_given[at];
            f1 += s.own_f1 * f->f1[at] + s.near_f1 * f->near_f1[at];
        }
        const double value = f->micro_weight * cuts_f1(tp, given, f->support_sum) +
                             f->macro_weight * f1 / (double)n_labels;
        if (value <= best + 1e-12)
            break;
        best = value;
        memcpy(chosen, f->tried, n_labels * sizeof *chosen);
        if (f->micro_weight <= 0)
            break;
        ratio = cuts_f1(tp, given, f->support_sum);
        below = given + f->support_sum > 0 ? given + f->support_sum : 1;
    }
}

/* A threshold as a cut: the lowest that is not below it, which gives no label more. */
static uint32_t cut_at_least(const struct cuts *cuts, double threshold)
{
    size_t low = 0, high = cuts->n_cuts; /* cut[low] >= threshold > cut[high] */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if ((double)cuts->cut[middle] >= threshold)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* Mean vote of the folds loaded, fold `without` excepted, for a label. */
static uint32_t vote(const struct fitting *f, size_t label, double fbr, size_t without)
{
    const struct cuts *cuts = f->cuts;
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < cuts->n_folds; k++) {
        const size_t row = k * cuts->n_labels + label;
        if ((f->folds >> k & 1) == 0 || k == without || isinf(cuts->highest[row]))
            continue;
        /* Where no cut is of use, F1 is 0, and below any fbr. */
        sum += f->fold_f1[row] < fbr ? cuts->highest[row] : cuts->cut[f->fold_cut[row]];
        n++;
    }
    return n > 0 ? cut_at_least(cuts, sum / (double)n) : 0;
}

static void fit_fbr(struct fitting *f, uint32_t *chosen)
{
    const struct cuts *cuts = f->cuts;
    const size_t nobody = cuts->n_folds;
    for (size_t l = 0; l < cuts->n_labels; l++) {
        double best = -1;
        for (int i = 1; i <= N_FBR; i++) {
            const double fbr = 0.1 * i;
            double tp = 0, given = 0;
            for (size_t k = 0; k < cuts->n_folds; k++) {
                if ((f->folds >> k & 1) == 0)
                    continue;
                const size_t at = (k * cuts->n_labels + l) * cuts->n_cuts + vote(f, l, fbr, k);
                tp += cuts->tp[at];
                given += cuts->given[at];
            }
            const double f1 = cuts_f1(tp, given, f->support[l]);
            if (f1 <= best)
                continue;
            best = f1;
            chosen[l] = vote(f, l, fbr, nobody);
        }
    }
}

void fitting_fit(struct fitting *f, const struct threshold_rule *rule, uint32_t *chosen)
{
    if (rule->kind == RULE_GLOBAL)
        fit_global(f, chosen);
    else if (rule->kind == RULE_SHRUNK)
        fit_shrunk(f, rule->strength, chosen);
    else
        fit_fbr(f, chosen);
}
