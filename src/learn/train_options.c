/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/train_options.h"

#include <math.h>
#include <string.h>

#include "base/number.h"

enum { LSA_WITH_UNLABELED = 200 };
enum { BLOCK_L2SVM = 8, BLOCK_L1SVM = 9, BLOCK_LR = 10 };

static const char *const solvers[] = {
    "lr=0",     "l2svm-dual=1", "l2svm=2", "l1svm-dual=3", "crammer-singer=4", "l1r-l2svm=5",
    "l1r-lr=6", "lr-dual=7",    "block",   "block-l1svm",  "block-lr",         NULL};
static const char *const objectives[] = {"both", "micro", "macro", NULL};
static const char *const near_duplicates[] = {"keep-together", "ignore", NULL};
static const char *const calibrations[] = {"no", "platt=yes", "isotonic", "auto", NULL};
static const char *const precisions[] = {"8", "32", NULL};

#define AT(member) offsetof(struct train_options, member)
#define GROUP "Learning"

static const struct option_row rows[] = {
    {{"solver", "NAME", "l2svm-dual",
      "l2svm-dual, l1svm-dual, lr … (LIBLINEAR's, by name or number) or block, block-l1svm, "
      "block-lr",
      GROUP},
     OPTION_CHOICE,
     AT(solver),
     0,
     0,
     solvers},
    {{"cost", "C", "0", "price of an error; 0: the solver's default (svm 1, lr 10)", GROUP},
     OPTION_REAL,
     AT(cost),
     0,
     1e9,
     NULL},
    {{"epsilon", "X", "0", "stopping tolerance; 0: the solver's default", GROUP},
     OPTION_REAL,
     AT(epsilon),
     0,
     1e3,
     NULL},
    {{"bias", "X", "1", "value of the bias feature; below 0: none", GROUP},
     OPTION_REAL,
     AT(bias),
     -1,
     1e6,
     NULL},
    {{"class-weight", "LABEL=W", NULL,
      "price of missing a label (repeatable); balanced: by its rarity", GROUP},
     OPTION_LIST,
     AT(class_weights),
     0,
     0,
     NULL},
    {{"threshold", "T", "auto",
      "of multi fields: auto, global, per-label (learnt by cross-validation) or a number", GROUP},
     OPTION_TEXT,
     AT(threshold),
     0,
     0,
     NULL},
    {{"objective", "WHAT", "both", "what thresholds are learnt for: both, micro or macro F1",
      GROUP},
     OPTION_CHOICE,
     AT(objective),
     0,
     0,
     objectives},
    {{"folds", "K", "5", "folds of the cross-validation", GROUP},
     OPTION_COUNT,
     AT(folds),
     2,
     1000,
     NULL},
    {{"group", "KEY", NULL, "key whose values stay in one fold; 'group' where the corpus has it",
      GROUP},
     OPTION_TEXT,
     AT(group),
     0,
     0,
     NULL},
    {{"near-duplicates", "RULE", "keep-together",
      "keep-together: texts that are nearly the same stay in one fold; or ignore", GROUP},
     OPTION_CHOICE,
     AT(near_duplicates),
     0,
     0,
     near_duplicates},
    {{"similarity", "X", "0.8", "texts are near-duplicates from this share of common word pairs on",
      GROUP},
     OPTION_REAL,
     AT(similarity),
     0.1,
     1,
     NULL},
    {{"target", "KEY", NULL,
      "learn a sub-model for each value of KEY (what a stance is about, a kind of text), backed by "
      "a "
      "shared one for values not seen",
      GROUP},
     OPTION_TEXT,
     AT(target),
     0,
     0,
     NULL},
    {{"passages", NULL, NULL,
      "the model reads long documents passage by passage: a label that one paragraph has is found",
      GROUP},
     OPTION_SWITCH,
     AT(passages),
     0,
     0,
     NULL},
    {{"select", "HOW:N", NULL,
      "learn from the N terms that tell most of a label: chi2:N or mi:N (mutual information)",
      GROUP},
     OPTION_TEXT,
     AT(select),
     0,
     0,
     NULL},
    {{"nb-svm", NULL, NULL,
      "multiply the features by each label's log-count ratios (NB-SVM of Wang and Manning)", GROUP},
     OPTION_SWITCH,
     AT(nb_svm),
     0,
     0,
     NULL},
    {{"nb-alpha", "X", "1", "of --nb-svm: added to the counts", GROUP},
     OPTION_REAL,
     AT(nb_alpha),
     1e-9,
     1e9,
     NULL},
    {{"nb-beta", "X", "1",
      "of --nb-svm: 1 keeps the weights as learnt, less draws them towards the ratios (the paper: "
      "0.25)",
      GROUP},
     OPTION_REAL,
     AT(nb_beta),
     0,
     1,
     NULL},
    {{"unlabeled", "CORPUS", NULL,
      "more texts, whose labels are not looked at, to learn from which words are used alike "
      "(repeatable)",
      GROUP},
     OPTION_LIST,
     AT(unlabeled),
     0,
     0,
     NULL},
    {{"lsa", "N", "0",
      "N latent features (LSA) beside the terms, folded into the terms' weights; 200 with "
      "--unlabeled",
      GROUP},
     OPTION_COUNT,
     AT(lsa),
     0,
     2000,
     NULL},
    {{"lsa-weight", "W", "0.5", "of the latent features beside the terms", GROUP},
     OPTION_REAL,
     AT(lsa_weight),
     1e-6,
     1e6,
     NULL},
    {{"prune", "N|auto", NULL,
      "keep the N terms that matter most to the weights, and learn again; auto: as few as cost at "
      "most 0.002 of F1 in cross-validation; 0: all. Default: auto with --compact, else 0",
      GROUP},
     OPTION_TEXT,
     AT(prune),
     0,
     0,
     NULL},
    {{"calibrate", "HOW", "platt",
      "learn probabilities from the cross-validation: platt, isotonic, auto (isotonic for labels "
      "with many documents where it is clearly better) or no",
      GROUP},
     OPTION_CHOICE,
     AT(calibrate),
     0,
     0,
     calibrations},
    {{"precision", "BITS", "8", "of the weights in the model: 8 or 32", GROUP},
     OPTION_CHOICE,
     AT(precision),
     0,
     0,
     precisions},
    {{"compact", NULL, NULL,
      "the smallest file: compressed, slower to load, and pruned where --prune does not say how "
      "far",
      GROUP},
     OPTION_SWITCH,
     AT(compact),
     0,
     0,
     NULL},
    {{"seed", "N", "1", "seed of solver and folds", GROUP},
     OPTION_COUNT,
     AT(seed),
     0,
     4294967295.0,
     NULL},
    {{"max-memory", "SIZE", "0",
      "train in about SIZE bytes (500M, 2G): the corpus is read twice and rare terms are passed "
      "over; --min-df is raised where that is not enough; 0: no limit",
      GROUP},
     OPTION_COUNT,
     AT(max_memory),
     0,
     1125899906842624.0,
     NULL},
    {{"threads", "N", "0", "worker threads; 0: one per core", GROUP},
     OPTION_COUNT,
     AT(threads),
     0,
     256,
     NULL},
};
const struct option_table train_option_table = {rows, sizeof rows / sizeof *rows};

const sikap_option *sikap_train_option(size_t i)
{
    return i < feature_option_table.n
               ? option_shown(&feature_option_table, i)
               : option_shown(&train_option_table, i - feature_option_table.n);
}

static const struct option_row crossval_rows[] = {
    {{"repeats", "N", "1", "cut the folds anew N times, and tell how much the figures move",
      "Cross-validation"},
     OPTION_COUNT,
     offsetof(struct crossval_options, repeats),
     1,
     1000,
     NULL},
    {{"time", "KEY", NULL,
      "learn from the past, test on what comes next: KEY holds dates (2021-05-31, ISO 8601) or "
      "numbers",
      "Cross-validation"},
     OPTION_TEXT,
     offsetof(struct crossval_options, time),
     0,
     0,
     NULL},
    {{"tune", "EFFORT", NULL,
      "search the options that are not given anew in each fold, in what it learns from alone, as "
      "'train --tune' does: quick, full, or a number of seconds for each fold",
      "Cross-validation"},
     OPTION_TEXT,
     offsetof(struct crossval_options, tune),
     0,
     0,
     NULL},
};
const struct option_table crossval_option_table = {crossval_rows,
                                                   sizeof crossval_rows / sizeof *crossval_rows};

const sikap_option *sikap_crossval_option(size_t i)
{
    return option_shown(&crossval_option_table, i);
}

static int parse_threshold(struct train_settings *s, sikap_error *err)
{
    static const char *const names[] = {[THRESHOLD_AUTO] = "auto",
                                        [THRESHOLD_GLOBAL] = "global",
                                        [THRESHOLD_PER_LABEL] = "per-label"};
    const char *given = s->train.threshold;
    for (int i = 0; i < 3; i++)
        if (strcmp(given, names[i]) == 0) {
            s->learns_threshold = 1;
            s->scheme = (enum threshold_scheme)i;
            return 0;
        }
    if (number_parse(&s->fixed_threshold, given, strlen(given)) == 0 &&
        isfinite(s->fixed_threshold))
        return 0;
    return error_set(err, SIKAP_USAGE, NULL, 0,
                     "--threshold: '%s' is not auto, global, per-label or a number", given);
}

static int parse_select(struct train_settings *s, sikap_error *err)
{
    const char *given = s->train.select;
    if (given == NULL || strcmp(given, "none") == 0)
        return 0;
    const char *const colon = strchr(given, ':');
    const size_t n = colon == NULL ? 0 : (size_t)(colon - given);
    double best = 0;
    s->merit = n == 4 && memcmp(given, "chi2", 4) == 0 ? MERIT_CHI2
               : n == 2 && memcmp(given, "mi", 2) == 0 ? MERIT_MI
                                                       : MERIT_NONE;
    if (s->merit == MERIT_NONE || number_parse(&best, colon + 1, strlen(colon + 1)) != 0 ||
        !(best >= 1 && best <= 4294967294.0) || best != floor(best))
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--select: '%.100s' is not chi2:N or mi:N with a whole number N of terms",
                         given);
    s->n_best = (size_t)best;
    return 0;
}

static int parse_prune(struct train_settings *s, sikap_error *err)
{
    const char *given = s->train.prune;
    if (given == NULL || strcmp(given, "auto") == 0) {
        s->prunes_auto = given != NULL || s->train.compact;
        return 0;
    }
    double n;
    if (number_parse(&n, given, strlen(given)) != 0 || !(n >= 0 && n < UINT32_MAX && n == floor(n)))
        return error_set(err, SIKAP_USAGE, NULL, 0, "--prune: '%s' is not auto or a number", given);
    s->prune = (size_t)n;
    return 0;
}

int train_settings_parse(struct train_settings *s, const sikap_options *options, int for_crossval,
                         sikap_error *err)
{
    const struct option_table *const tables[] = {
        &corpus_option_table, &feature_option_table, &train_option_table,
        for_crossval ? &crossval_option_table : NULL, NULL};
    void *nouns[] = {&s->corpus, &s->features, &s->train, &s->crossval};
    memset(s, 0, sizeof *s);
    int status = options_check(options, tables, err);
    for (int i = 0; tables[i] != NULL && status == 0; i++)
        status = options_read(options, tables[i], nouns[i], err);
    if (status == 0 && s->crossval.time != NULL && s->crossval.repeats > 1)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--repeats: folds in time order are the same every time");
    if (status == 0 && s->crossval.time != NULL && s->train.unlabeled.n > 0)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--time and --unlabeled do not go together: nobody knows which of those "
                           "texts are older than what is tested");
    if (status == 0)
        status = parse_threshold(s, err);
    if (status == 0)
        status = parse_prune(s, err);
    if (status == 0)
        status = parse_select(s, err);
    if (status == 0 && s->train.nb_svm && s->train.solver == SOLVER_MCSVM_CS)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--nb-svm: crammer-singer learns all labels at once, which cannot each "
                           "have ratios of their own: take another --solver");
    if (status == 0 && s->train.unlabeled.n > 0 && !options_have(options, SIZE_MAX, "lsa"))
        s->train.lsa = LSA_WITH_UNLABELED;
    if (status == 0 && s->train.nb_svm && s->train.lsa > 0)
        status = error_set(err, SIKAP_USAGE, NULL, 0,
                           "--nb-svm and --lsa do not go together: a latent feature is in every "
                           "document and has no ratio");
    /* Who names one kind of n-gram means that kind. */
    const int words = options_have(options, SIZE_MAX, "ngrams"),
              chars = options_have(options, SIZE_MAX, "chars");
    if (words && !chars)
        s->features.chars[0] = s->features.chars[1] = 0;
    if (chars && !words)
        s->features.ngrams[0] = s->features.ngrams[1] = 0;
    s->size_decides = !words && !chars;
    if (status == 0 && s->features.ngrams[1] == 0 && s->features.chars[1] == 0)
        status =
            error_set(err, SIKAP_USAGE, NULL, 0, "--ngrams none and --chars none leave no terms");
    if (status != 0)
        train_settings_clear(s);
    return status;
}

void train_settings_fit(struct train_settings *s, size_t n_documents)
{
    if (s->size_decides && n_documents < FEW_DOCUMENTS)
        s->features.ngrams[1] = 1;
}

void train_settings_clear(struct train_settings *s)
{
    option_clear(&corpus_option_table, &s->corpus);
    option_clear(&feature_option_table, &s->features);
    option_clear(&train_option_table, &s->train);
    option_clear(&crossval_option_table, &s->crossval);
}

solver_train *train_solver(const struct train_options *o, int for_folds,
                           struct solver_settings *settings)
{
    static const enum solver_kind block_kinds[] = {SOLVER_L2R_L2LOSS_SVC_DUAL,
                                                   SOLVER_L2R_L1LOSS_SVC_DUAL, SOLVER_L2R_LR};
    int is_block = o->solver >= BLOCK_L2SVM;
    enum solver_kind kind =
        is_block ? block_kinds[o->solver - BLOCK_L2SVM] : (enum solver_kind)o->solver;
    if (for_folds && kind != SOLVER_MCSVM_CS && kind != SOLVER_L1R_L2LOSS_SVC &&
        kind != SOLVER_L1R_LR)
        is_block = 1;
    const int is_lr = kind == SOLVER_L2R_LR || kind == SOLVER_L2R_LR_DUAL || kind == SOLVER_L1R_LR;
    *settings = (struct solver_settings){
        .kind = kind,
        .cost = o->cost > 0 ? o->cost
                : is_lr     ? 10
                            : 1,
        /* The block solver's epsilon is a relative gap, LIBLINEAR's is not: not to be mixed. */
        .epsilon = for_folds && o->solver < BLOCK_L2SVM ? 0 : o->epsilon,
        .bias = o->bias,
        .seed = o->seed,
    };
    return is_block ? block_train : liblinear_train;
}
