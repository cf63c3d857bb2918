/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_FEATURES_FEATURE_OPTIONS_H
#define SIKAP_FEATURES_FEATURE_OPTIONS_H

#include <stddef.h>

#include "base/option.h"
#include "text/ngram.h"

enum idf_kind { IDF_SMOOTH, IDF_PLAIN, IDF_NONE, IDF_LOG };
enum norm_kind { NORM_L2, NORM_L1, NORM_NONE };
enum weighting_kind { WEIGHTING_TFIDF, WEIGHTING_BM25 };

/* How documents become vectors. The whole struct goes into the model file (by its table). */
struct feature_options {
    size_t ngrams[2], chars[2]; /* inclusive; 0-0: none */
    int char_across;
    int normalization; /* enum normalization */
    int tokenizer;     /* enum tokenizer */
    size_t min_token;
    char *stem;
    char *stop_words;      /* as typed: a language code or a file */
    double min_df, max_df; /* below 1 (max_df: up to 1) a share of the documents, else a number */
    size_t max_features;   /* 0: all */
    int weighting, sublinear, binary;
    double bm25_k1, bm25_b;
    int idf, norm; /* enum idf_kind, enum norm_kind */
    double word_weight, char_weight;
    char *segments; /* "title*2,text": parsed by segment_plan_parse */
    size_t hash_seed;
};
extern const struct option_table feature_option_table;

enum { SEGMENTS_MOST = 60 };

/* What --segments says of each segment. All zero is an empty plan. */
struct segment_plan {
    char **names;
    unsigned *weight; /* times a term counts, 1 to 100 */
    unsigned *apart;  /* 0: shared terms; else the number of an identity of its own */
    size_t n;
};
/* "NAME[*N][:apart],…"; NULL gives title and text. SIKAP_USAGE for anything else. */
int segment_plan_parse(struct segment_plan *plan, const char *spec, sikap_error *err);
void segment_plan_free(struct segment_plan *plan);

/* The n-gram part of the options; pointers are borrowed from *options and `stop_words` (the words
 * themselves, NULL: none). */
void feature_ngram_options(const struct feature_options *options, const char *stop_words,
                           struct ngram_options *out);
/* Reads the words that options->stop_words names: *words is the caller's (memory_free), NULL when
 * the option is not set. */
int feature_stop_words(const struct feature_options *options, char **words, sikap_error *err);

#endif
