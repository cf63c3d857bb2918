/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule is judged on folds it was not fitted on. The best of several rules owes some of its
 * lead to chance, so an earlier rule of the table gives way only to a lead of more than two
 * standard errors, told by the jackknife over folds (Efron and Stein, The jackknife estimate of
 * variance, 1981). For the same reason the winner looks a little better than it is, and the
 * forecast repeats the whole choice without each fold in turn: folds within folds, cheap because
 * all of it happens on counts (threshold_cuts.h). */
#include "learn/threshold.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "learn/threshold_cuts.h"
#include "learn/threshold_rules.h"

/* What a rule must be better by, at least, and in standard errors of the difference. */
static const double CLEAR_LEAD = 0.001, CLEAR_ERRORS = 2;

/* Labels given in held-out folds. */
struct count {
    uint32_t tp, given;
};

struct learning {
    const struct cuts *cuts;
    struct fitting *fitting;
    double micro_weight, macro_weight;
    const struct threshold_rule *rules[N_THRESHOLD_RULES];
    size_t n_rules;
    uint32_t *chosen;       /* [n_labels] cuts */
    struct count *counts;   /* [n_rules][n_folds][n_labels] */
    struct count *sums;     /* [n_labels] of some folds */
    struct count *forecast; /* [n_labels] */
};

struct f1_pair {
    double micro, macro;
};

static struct f1_pair score(const struct learning *learning, const struct count *counts,
                            unsigned folds)
{
    const struct cuts *cuts = learning->cuts;
    double tp = 0, given = 0, support_sum = 0, f1 = 0;
    for (size_t l = 0; l < cuts->n_labels; l++) {
        double support = 0;
        for (size_t k = 0; k < cuts->n_folds; k++)
            support += (folds >> k & 1) != 0 ? cuts->support[k * cuts->n_labels + l] : 0;
        f1 += cuts_f1(counts[l].tp, counts[l].given, support);
        tp += counts[l].tp;
        given += counts[l].given;
        support_sum += support;
    }
    return (struct f1_pair){cuts_f1(tp, given, support_sum), f1 / (double)cuts->n_labels};
}

/* What the cuts chosen give in fold k. */
static void add_fold(const struct learning *learning, struct count *counts, size_t k)
{
    const struct cuts *cuts = learning->cuts;
    for (size_t l = 0; l < cuts->n_labels; l++) {
        const size_t at = (k * cuts->n_labels + l) * cuts->n_cuts + learning->chosen[l];
        counts[l].tp += cuts->tp[at];
        counts[l].given += cuts->given[at];
    }
}

/* The objective, of counts[n_folds][n_labels] over the folds of a set. *f1 may be NULL. */
static double value_of(const struct learning *learning, const struct count *counts, unsigned folds,
                       struct f1_pair *f1)
{
    const size_t n_labels = learning->cuts->n_labels;
    memset(learning->sums, 0, n_labels * sizeof *learning->sums);
    for (size_t k = 0; k < learning->cuts->n_folds; k++)
        for (size_t l = 0; (folds >> k & 1) != 0 && l < n_labels; l++) {
            learning->sums[l].tp += counts[k * n_labels + l].tp;
            learning->sums[l].given += counts[k * n_labels + l].given;
        }
    const struct f1_pair pair = score(learning, learning->sums, folds);
    if (f1 != NULL)
        *f1 = pair;
    return learning->micro_weight * pair.micro + learning->macro_weight * pair.macro;
}

/* Standard error of the lead of one rule over another. */
static double lead_error(const struct learning *learning, size_t leader, size_t other,
                         unsigned folds)
{
    const size_t size = learning->cuts->n_folds * learning->cuts->n_labels;
    double sum = 0, squares = 0, n = 0, leads[CUTS_FOLDS];
    for (size_t k = 0; k < learning->cuts->n_folds; k++) {
        if ((folds >> k & 1) == 0)
            continue;
        const unsigned rest = folds & ~(1U << k);
        leads[k] = value_of(learning, learning->counts + leader * size, rest, NULL) -
                   value_of(learning, learning->counts + other * size, rest, NULL);
        sum += leads[k];
        n++;
    }
    for (size_t k = 0; k < learning->cuts->n_folds; k++) {
        const double off = (folds >> k & 1) != 0 ? leads[k] - sum / n : 0;
        squares += off * off;
    }
    return sqrt(squares * (n - 1) / n);
}

/* The first rule that none is clearly better than, each judged on every one of `folds` after being
 * fitted on the others of them. trials[n_rules] receives their F1, or is NULL. */
static size_t select_rule(struct learning *learning, unsigned folds, struct f1_pair *trials)
{
    const size_t n_labels = learning->cuts->n_labels;
    const size_t size = learning->cuts->n_folds * n_labels;
    memset(learning->counts, 0, learning->n_rules * size * sizeof *learning->counts);
    for (size_t k = 0; k < learning->cuts->n_folds; k++) {
        if ((folds >> k & 1) == 0)
            continue;
        fitting_load(learning->fitting, folds & ~(1U << k));
        for (size_t r = 0; r < learning->n_rules; r++) {
            fitting_fit(learning->fitting, learning->rules[r], learning->chosen);
            add_fold(learning, learning->counts + r * size + k * n_labels, k);
        }
    }
    double values[N_THRESHOLD_RULES];
    size_t best = 0;
    for (size_t r = 0; r < learning->n_rules; r++) {
        values[r] = value_of(learning, learning->counts + r * size, folds,
                             trials != NULL ? &trials[r] : NULL);
        if (values[r] > values[best])
            best = r;
    }
    for (size_t r = 0; r < best; r++) {
        const double lead = values[best] - values[r];
        if (lead <= CLEAR_LEAD || lead <= CLEAR_ERRORS * lead_error(learning, best, r, folds))
            return r;
    }
    return best;
}

/* F1 over all folds, rule chosen and fitted without the fold it labels. */
static struct f1_pair forecast(struct learning *learning, unsigned folds)
{
    for (size_t k = 0; k < learning->cuts->n_folds; k++) {
        const unsigned others = folds & ~(1U << k);
        const size_t rule = learning->n_rules > 1 ? select_rule(learning, others, NULL) : 0;
        fitting_load(learning->fitting, others);
        fitting_fit(learning->fitting, learning->rules[rule], learning->chosen);
        add_fold(learning, learning->forecast, k);
    }
    return score(learning, learning->forecast, folds);
}

static void choose_rules(struct learning *learning, enum threshold_scheme scheme)
{
    for (size_t r = 0; r < N_THRESHOLD_RULES; r++) {
        const int is_global = THRESHOLD_RULES[r].kind == RULE_GLOBAL;
        if (scheme == THRESHOLD_AUTO || is_global == (scheme == THRESHOLD_GLOBAL))
            learning->rules[learning->n_rules++] = &THRESHOLD_RULES[r];
    }
}

static int learning_open(struct learning *learning, const struct cuts *cuts,
                         enum threshold_objective objective, sikap_error *err)
{
    learning->cuts = cuts;
    learning->micro_weight = objective != OBJECTIVE_MACRO;
    learning->macro_weight = objective != OBJECTIVE_MICRO;
    learning->chosen = memory_alloc(cuts->n_labels, sizeof *learning->chosen);
    learning->counts =
        memory_alloc(learning->n_rules * cuts->n_folds, cuts->n_labels * sizeof *learning->counts);
    learning->sums = memory_alloc(cuts->n_labels, sizeof *learning->sums);
    learning->forecast = memory_zero(cuts->n_labels, sizeof *learning->forecast);
    if (learning->chosen == NULL || learning->counts == NULL || learning->sums == NULL ||
        learning->forecast == NULL)
        return error_memory(err, "thresholds");
    return fitting_new(&learning->fitting, cuts, learning->micro_weight, learning->macro_weight,
                       err);
}

static void learning_close(struct learning *learning)
{
    fitting_free(learning->fitting);
    memory_free(learning->chosen);
    memory_free(learning->counts);
    memory_free(learning->sums);
    memory_free(learning->forecast);
}

/* Cuts become numbers. A label that has no positive is kept away from a whole unit, as what rounds
 * its constant decision value must not give it to everybody; one that has some but is better never
 * given, is still given to what scores higher than all it has seen. */
static void set_thresholds(float *threshold, const struct learning *learning)
{
    const struct cuts *cuts = learning->cuts;
    for (size_t l = 0; l < cuts->n_labels; l++) {
        uint32_t support = 0;
        float highest = -INFINITY;
        for (size_t k = 0; k < cuts->n_folds; k++) {
            support += cuts->support[k * cuts->n_labels + l];
            highest = fmaxf(highest, cuts->highest[k * cuts->n_labels + l]);
        }
        const float above = nextafterf(highest, INFINITY);
        if (support == 0)
            threshold[l] = fmaxf(highest + 1, above);
        else
            threshold[l] = learning->chosen[l] == 0 ? above : cuts->cut[learning->chosen[l]];
    }
}

/* With one threshold for all, all places count, not only the cuts kept. */
static int refine_global(float *threshold, const struct learning *learning, sikap_error *err)
{
    const struct cuts *cuts = learning->cuts;
    float best;
    const int code =
        cuts_best_global(&best, cuts, learning->micro_weight, learning->macro_weight, err);
    if (code != SIKAP_OK || isinf(best))
        return code;
    for (size_t l = 0; l < cuts->n_labels; l++) {
        uint32_t support = 0;
        for (size_t k = 0; k < cuts->n_folds; k++)
            support += cuts->support[k * cuts->n_labels + l];
        if (support > 0)
            threshold[l] = best;
    }
    return SIKAP_OK;
}

static void report(struct threshold_result *result, const struct learning *learning, size_t winner,
                   const struct f1_pair *trials, struct f1_pair expected)
{
    if (result == NULL)
        return;
    const struct threshold_rule *rule = learning->rules[winner];
    result->chosen = rule->kind == RULE_GLOBAL ? THRESHOLD_GLOBAL : THRESHOLD_PER_LABEL;
    result->rule = rule->name;
    result->micro_f1 = expected.micro;
    result->macro_f1 = expected.macro;
    result->n_trials = learning->n_rules;
    for (size_t r = 0; r < learning->n_rules; r++)
        result->trials[r] =
            (struct threshold_trial){learning->rules[r]->name, trials[r].micro, trials[r].macro};
}

int threshold_learn(float *threshold, const struct threshold_input *input,
                    enum threshold_scheme scheme, enum threshold_objective objective,
                    struct threshold_result *result, sikap_error *err)
{
    struct learning learning = {0};
    struct cuts *cuts;
    int code = cuts_new(&cuts, input, err);
    if (code != SIKAP_OK)
        return code;
    choose_rules(&learning, scheme);
    code = learning_open(&learning, cuts, objective, err);
    if (code != SIKAP_OK)
        goto done;
    const unsigned all = (1U << cuts->n_folds) - 1;
    struct f1_pair trials[N_THRESHOLD_RULES];
    const size_t winner = select_rule(&learning, all, trials);
    struct f1_pair expected = trials[winner];
    if (result != NULL && cuts->n_folds > 2)
        expected = forecast(&learning, all);
    fitting_load(learning.fitting, all);
    fitting_fit(learning.fitting, learning.rules[winner], learning.chosen);
    set_thresholds(threshold, &learning);
    if (learning.rules[winner]->kind == RULE_GLOBAL)
        code = refine_global(threshold, &learning, err);
    if (code == SIKAP_OK)
        report(result, &learning, winner, trials, expected);
done:
    learning_close(&learning);
    cuts_free(cuts);
    return code;
}
