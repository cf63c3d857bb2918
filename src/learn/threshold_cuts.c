/* SPDX-License-Identifier: Apache-2.0 */
/* One sort of all (score, label, fold, gold) cells by falling score; every count and every sweep is
 * then a walk along it. A cell is 8 bytes:
 *
 *   63 ... 32 the score's bits, mapped so that unsigned order is falling score
 *          31 gold
 *   30 ...  4 label
 *    3 ...  0 fold, after joining to CUTS_FOLDS
 */
#include "learn/threshold_cuts.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { FOLD_BITS = 4, MOST_LABELS = 1 << 26, MOST_COUNTS = 1 << 20, FEWEST_CUTS = 64 };
enum { DIGIT_BITS = 11, N_DIGITS = 1 << DIGIT_BITS, KEY_SHIFT = 32 };

static uint32_t key_of(float score)
{
    const float plain = score + 0.0f; /* -0 is 0 */
    uint32_t bits;
    memcpy(&bits, &plain, sizeof bits);
    return (bits >> 31) != 0 ? bits : ~bits & UINT32_C(0x7FFFFFFF);
}

static uint32_t cell_key(uint64_t cell)
{
    return (uint32_t)(cell >> KEY_SHIFT);
}

static float cell_score(uint64_t cell)
{
    const uint32_t key = cell_key(cell);
    const uint32_t bits = (key >> 31) != 0 ? key : ~key & UINT32_C(0x7FFFFFFF);
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

static int cell_gold(uint64_t cell)
{
    return (int)(cell >> 31 & 1);
}

static size_t cell_label(uint64_t cell)
{
    return (size_t)(cell >> FOLD_BITS & (MOST_LABELS * 2 - 1));
}

static size_t cell_fold(uint64_t cell)
{
    return (size_t)(cell & ((1U << FOLD_BITS) - 1));
}

/* A threshold between two scores that lie next to each other. */
static float between(float above, float below)
{
    const float middle = (float)(((double)above + (double)below) / 2);
    return middle > below ? middle : above;
}

/* Where the threshold of a cut behind cell `last` stands. */
static float cut_behind(const struct cuts *cuts, size_t last)
{
    const float above = cell_score(cuts->cells[last]);
    return last + 1 < cuts->n_cells ? between(above, cell_score(cuts->cells[last + 1])) : above;
}

/* Is `i` the last cell of its score? */
static int ends_score(const struct cuts *cuts, size_t i)
{
    return i + 1 == cuts->n_cells || cell_key(cuts->cells[i]) != cell_key(cuts->cells[i + 1]);
}

/* Radix sort by score; equal scores keep their order. */
static void sort_cells(uint64_t *cells, uint64_t *spare, size_t n)
{
    uint64_t *from = cells, *to = spare;
    for (unsigned shift = KEY_SHIFT; shift < 64; shift += DIGIT_BITS) {
        size_t at[N_DIGITS] = {0};
        for (size_t i = 0; i < n; i++)
            at[from[i] >> shift & (N_DIGITS - 1)]++;
        size_t sum = 0;
        for (size_t d = 0; d < N_DIGITS; d++) {
            const size_t here = at[d];
            at[d] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[at[from[i] >> shift & (N_DIGITS - 1)]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != cells)
        memcpy(cells, from, n * sizeof *cells);
}

static int check(const struct threshold_input *in, sikap_error *err)
{
    if (in->n_labels == 0 || in->n_labels > MOST_LABELS)
        return error_set(err, SIKAP_USAGE, NULL, 0, "thresholds of %zu labels, expected 1 to %d",
                         in->n_labels, MOST_LABELS);
    if (in->n_folds < 2)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "thresholds need scores of at least 2 folds, not %zu", in->n_folds);
    if (in->n == 0)
        return error_set(err, SIKAP_DATA, NULL, 0, "no document to learn thresholds from");
    for (size_t i = 0; i < in->n; i++) {
        if (in->fold[i] >= in->n_folds)
            return error_set(err, SIKAP_DATA, NULL, 0, "document %zu is of fold %lu of %zu", i,
                             (unsigned long)in->fold[i], in->n_folds);
        for (size_t l = 0; l < in->n_labels; l++)
            if (!isfinite(in->scores[i * in->stride + l]))
                return error_set(err, SIKAP_DATA, NULL, 0,
                                 "the score of document %zu for label %zu is not a finite number",
                                 i, l);
    }
    return SIKAP_OK;
}

/* Support and best score by fold and label; the return value is the lowest positive score's key, 0
 * when nothing is positive. */
static uint32_t survey(struct cuts *cuts, const struct threshold_input *in)
{
    uint32_t lowest = 0;
    for (size_t i = 0; i < cuts->n_folds * cuts->n_labels; i++)
        cuts->highest[i] = -INFINITY;
    for (size_t i = 0; i < in->n; i++)
        for (size_t l = 0; l < in->n_labels; l++) {
            const float score = in->scores[i * in->stride + l];
            const size_t at = in->fold[i] % cuts->n_folds * cuts->n_labels + l;
            if (score > cuts->highest[at])
                cuts->highest[at] = score;
            if (in->gold[i * in->n_labels + l] == 0)
                continue;
            cuts->support[at]++;
            const uint32_t key = key_of(score);
            lowest = key > lowest ? key : lowest;
        }
    return lowest;
}

static int collect(struct cuts *cuts, const struct threshold_input *in, uint32_t lowest,
                   sikap_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++)
        for (size_t l = 0; l < in->n_labels; l++)
            n += key_of(in->scores[i * in->stride + l]) <= lowest;
    cuts->cells = memory_alloc(n, sizeof *cuts->cells);
    uint64_t *spare = memory_alloc(n, sizeof *spare);
    if (cuts->cells == NULL || spare == NULL) {
        memory_free(spare);
        return error_memory(err, "scores to learn thresholds from");
    }
    for (size_t i = 0; i < in->n; i++)
        for (size_t l = 0; l < in->n_labels; l++) {
            const uint32_t key = key_of(in->scores[i * in->stride + l]);
            if (key <= lowest)
                cuts->cells[cuts->n_cells++] =
                    (uint64_t)key << KEY_SHIFT |
                    (uint64_t)(in->gold[i * in->n_labels + l] != 0) << 31 |
                    (uint64_t)l << FOLD_BITS | in->fold[i] % cuts->n_folds;
        }
    sort_cells(cuts->cells, spare, n);
    memory_free(spare);
    return SIKAP_OK;
}

/* How many scores are somebody's positive one. */
static size_t count_places(const struct cuts *cuts)
{
    size_t n = 0;
    int is_place = 0;
    for (size_t i = 0; i < cuts->n_cells; i++) {
        is_place |= cell_gold(cuts->cells[i]);
        if (ends_score(cuts, i)) {
            n += (size_t)is_place;
            is_place = 0;
        }
    }
    return n;
}

/* Cut c lies behind place (c n_places) / (n_cuts - 1) - 1, so the last place always has one. A cell
 * is counted at the first cut below it, then counts are summed up from the top. */
static void count(struct cuts *cuts, size_t n_places)
{
    size_t c = 1, place = 0;
    int is_place = 0;
    cuts->cut[0] = INFINITY;
    for (size_t i = 0; i < cuts->n_cells && c < cuts->n_cuts; i++) {
        const uint64_t cell = cuts->cells[i];
        const size_t at = (cell_fold(cell) * cuts->n_labels + cell_label(cell)) * cuts->n_cuts + c;
        cuts->given[at]++;
        cuts->tp[at] += (uint32_t)cell_gold(cell);
        is_place |= cell_gold(cell);
        if (!ends_score(cuts, i))
            continue;
        if (is_place && ++place == c * n_places / (cuts->n_cuts - 1))
            cuts->cut[c++] = cut_behind(cuts, i);
        is_place = 0;
    }
    for (size_t row = 0; row < cuts->n_folds * cuts->n_labels; row++)
        for (size_t k = row * cuts->n_cuts + 1; k < (row + 1) * cuts->n_cuts; k++) {
            cuts->tp[k] += cuts->tp[k - 1];
            cuts->given[k] += cuts->given[k - 1];
        }
}

int cuts_new(struct cuts **out, const struct threshold_input *input, sikap_error *err)
{
    *out = NULL;
    int code = check(input, err);
    if (code != SIKAP_OK)
        return code;
    struct cuts *cuts = memory_zero(1, sizeof *cuts);
    if (cuts == NULL)
        return error_memory(err, "thresholds");
    cuts->n_labels = input->n_labels;
    cuts->n_folds = input->n_folds < CUTS_FOLDS ? input->n_folds : CUTS_FOLDS;
    const size_t n_rows = cuts->n_folds * cuts->n_labels;
    cuts->support = memory_zero(n_rows, sizeof *cuts->support);
    cuts->highest = memory_alloc(n_rows, sizeof *cuts->highest);
    if (cuts->support == NULL || cuts->highest == NULL) {
        code = error_memory(err, "thresholds");
        goto done;
    }
    code = collect(cuts, input, survey(cuts, input), err);
    if (code != SIKAP_OK)
        goto done;
    size_t most = MOST_COUNTS / cuts->n_labels;
    most = most > CUTS_MOST ? CUTS_MOST : most < FEWEST_CUTS ? FEWEST_CUTS : most;
    const size_t n_places = count_places(cuts);
    cuts->n_cuts = (n_places < most ? n_places : most) + 1;
    cuts->cut = memory_alloc(cuts->n_cuts, sizeof *cuts->cut);
    cuts->tp = memory_zero(n_rows, cuts->n_cuts * sizeof *cuts->tp);
    cuts->given = memory_zero(n_rows, cuts->n_cuts * sizeof *cuts->given);
    if (cuts->cut == NULL || cuts->tp == NULL || cuts->given == NULL) {
        code = error_memory(err, "counts of thresholds");
        goto done;
    }
    count(cuts, n_places);
    *out = cuts;
    cuts = NULL;
done:
    cuts_free(cuts);
    return code;
}

void cuts_free(struct cuts *cuts)
{
    if (cuts == NULL)
        return;
    memory_free(cuts->cut);
    memory_free(cuts->tp);
    memory_free(cuts->given);
    memory_free(cuts->support);
    memory_free(cuts->highest);
    memory_free(cuts->cells);
    memory_free(cuts);
}

/* What a label has above the sweep's line. */
struct swept {
    double tp, given, support, f1;
};

static double add_cell(struct swept *s, int gold)
{
    const double before = s->f1;
    s->given++;
    s->tp += gold;
    s->f1 = cuts_f1(s->tp, s->given, s->support);
    return s->f1 - before;
}

int cuts_best_global(float *threshold, const struct cuts *cuts, double micro_weight,
                     double macro_weight, sikap_error *err)
{
    struct swept *labels = memory_zero(cuts->n_labels, sizeof *labels);
    if (labels == NULL)
        return error_memory(err, "a threshold for all labels");
    struct swept all = {0};
    for (size_t k = 0; k < cuts->n_folds; k++)
        for (size_t l = 0; l < cuts->n_labels; l++) {
            labels[l].support += cuts->support[k * cuts->n_labels + l];
            all.support += cuts->support[k * cuts->n_labels + l];
        }
    double f1_sum = 0, best = 0;
    *threshold = INFINITY;
    for (size_t i = 0; i < cuts->n_cells; i++) {
        const int gold = cell_gold(cuts->cells[i]);
        f1_sum += add_cell(&labels[cell_label(cuts->cells[i])], gold);
        add_cell(&all, gold);
        if (!ends_score(cuts, i))
            continue;
        const double value = micro_weight * all.f1 + macro_weight * f1_sum / (double)cuts->n_labels;
        if (value > best) {
            best = value;
            *threshold = cut_behind(cuts, i);
        }
    }
    memory_free(labels);
    return SIKAP_OK;
}
