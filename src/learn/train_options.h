/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_LEARN_TRAIN_OPTIONS_H
#define SIKAP_LEARN_TRAIN_OPTIONS_H

#include "base/option.h"
#include "corpus/corpus.h"
#include "features/feature_options.h"
#include "learn/solver.h"
#include "learn/term_merit.h"
#include "learn/threshold.h"

/* How a model is learnt: the options of sikap_train beside those of the corpus and the features. */
struct train_options {
    int solver; /* index into the choices: 0-7 LIBLINEAR's numbers, then block solvers */
    double cost, epsilon, bias; /* cost, epsilon 0: the solver's default */
    struct option_list class_weights;
    size_t seed, threads;
    size_t max_memory; /* bytes; 0: no limit */
    char *threshold;   /* auto, global, per-label, or a number */
    int objective;     /* enum threshold_objective */
    size_t folds;
    char *group; /* key whose values are never parted by folds; NULL: "group" where there is one */
    int near_duplicates; /* enum near_duplicates_rule */
    double similarity;   /* from which on texts are near-duplicates */
    char *target; /* key of what a stance is about: a sub-model per value beside a shared one */
    int passages; /* long documents are read passage by passage by the model */
    char *select; /* chi2:N or mi:N; NULL: all terms */
    int nb_svm;   /* features times log-count ratios, label by label */
    double nb_alpha, nb_beta;
    struct option_list unlabeled; /* files of text without labels, for latent features */
    size_t lsa;                   /* latent features; 0: none */
    double lsa_weight;
    char *prune;   /* auto or a number; NULL: auto with compact, else 0 */
    int calibrate; /* enum calibration */
    int precision; /* 0: 8-bit, 1: float32 */
    int compact;
};
extern const struct option_table train_option_table;
enum near_duplicates_rule { NEAR_DUPLICATES_TOGETHER, NEAR_DUPLICATES_IGNORED };

/* What cross-validation is told beside what training is. */
struct crossval_options {
    size_t repeats;
    char *time; /* key; NULL: folds do not mind the time */
    char *
        tune; /* an effort (tune.h): the options are searched anew in each fold; NULL: they stand */
};
extern const struct option_table crossval_option_table;

/* All that training is told. */
struct train_settings {
    struct corpus_options corpus;
    struct feature_options features;
    struct train_options train;
    struct crossval_options crossval;
    /* What --threshold says: a scheme to learn by, or a number. */
    int learns_threshold;
    enum threshold_scheme scheme;
    double fixed_threshold;
    /* What --prune says: this many terms are kept, those that matter most to the weights; 0: all.
     * With prunes_auto prune_choose fills it in. */
    size_t prune;
    int prunes_auto;
    /* What --select says. */
    enum merit_kind merit;
    size_t n_best;
    /* Nothing was said of n-grams: train_settings_fit says which. */
    int size_decides;
    /* The collection was counted with wider --ngrams and --chars than these features want. */
    int narrows;
};
/* Defaults, then `options`: SIKAP_USAGE for a name or value that is wrong. */
int train_settings_parse(struct train_settings *s, const sikap_options *options, int for_crossval,
                         sikap_error *err);
/* The defaults that hang on the number of labelled documents: of fewer than FEW_DOCUMENTS, pairs of
 * words are left out. Nearly every pair then stands in one document, and takes weight from the
 * words that others share (docs/RESULTS.md has the figures). */
enum { FEW_DOCUMENTS = 3000 };
void train_settings_fit(struct train_settings *s, size_t n_documents);
void train_settings_clear(struct train_settings *s);

/* The solver function and its settings; `for_folds` picks the block solver for every kind whose
 * optimum it shares, because cross-validation needs many solutions of the same problem. */
solver_train *train_solver(const struct train_options *o, int for_folds,
                           struct solver_settings *settings);

#endif
