/* SPDX-License-Identifier: Apache-2.0 */
#include "features/feature_options.h"

#include <string.h>

#include "base/input.h"
#include "base/memory.h"
#include "text/stop_words.h"
#include "text/utf8.h"

static const char *const normalizations[] = {"nfkc-casefold", "lower", "none", NULL};
static const char *const tokenizers[] = {"words", "sklearn", NULL};
static const char *const weightings[] = {"tfidf", "bm25", NULL};
static const char *const idfs[] = {"smooth", "plain", "none", "log", NULL};
static const char *const norms[] = {"l2", "l1", "none", NULL};

#define AT(member) offsetof(struct feature_options, member)
#define GROUP "Features"

static const struct option_row rows[] = {
    {{"ngrams", "A-B", "1-2",
      "word n-grams of A to B tokens; 1 where fewer than 3000 documents are labelled; given "
      "without "
      "--chars: words only",
      GROUP},
     OPTION_RANGE,
     AT(ngrams),
     1,
     NGRAM_LONGEST,
     NULL},
    {{"chars", "A-B", "3-6",
      "character n-grams of A to B characters, inside words; given without --ngrams: characters "
      "only",
      GROUP},
     OPTION_RANGE,
     AT(chars),
     1,
     NGRAM_LONGEST,
     NULL},
    {{"char-across", NULL, NULL, "character n-grams may cross word borders", GROUP},
     OPTION_SWITCH,
     AT(char_across),
     0,
     0,
     NULL},
    {{"normalize", "FORM", "nfkc-casefold", "nfkc-casefold, lower or none", GROUP},
     OPTION_CHOICE,
     AT(normalization),
     0,
     0,
     normalizations},
    {{"tokenizer", "KIND", "words",
      "words (URLs, @names, #tags, compounds, scripts without spaces) or sklearn (\\w+)", GROUP},
     OPTION_CHOICE,
     AT(tokenizer),
     0,
     0,
     tokenizers},
    {{"min-token", "N", "1", "leave out words of fewer than N characters", GROUP},
     OPTION_COUNT,
     AT(min_token),
     1,
     100,
     NULL},
    {{"stem", "LANG", NULL, "Snowball stemming: indonesian, english, …", GROUP},
     OPTION_TEXT,
     AT(stem),
     0,
     0,
     NULL},
    {{"stop-words", "FILE|LANG", NULL, "leave out these words: id, en, or a file of words", GROUP},
     OPTION_TEXT,
     AT(stop_words),
     0,
     0,
     NULL},
    {{"min-df", "N", "1", "leave out terms in fewer than N documents (below 1: a share)", GROUP},
     OPTION_REAL,
     AT(min_df),
     0,
     4294967295.0,
     NULL},
    {{"max-df", "N", "1.0",
      "leave out terms in more than this share of documents (above 1: a number)", GROUP},
     OPTION_REAL,
     AT(max_df),
     0,
     4294967295.0,
     NULL},
    {{"max-features", "N", "0", "keep the N most frequent terms; 0: all", GROUP},
     OPTION_COUNT,
     AT(max_features),
     0,
     4294967294.0,
     NULL},
    {{"weighting", "KIND", "tfidf", "tfidf or bm25", GROUP},
     OPTION_CHOICE,
     AT(weighting),
     0,
     0,
     weightings},
    {{"sublinear", "YES|NO", "yes", "1 + ln(tf) for tf", GROUP},
     OPTION_SWITCH,
     AT(sublinear),
     0,
     0,
     NULL},
    {{"binary", NULL, NULL, "1 for tf", GROUP}, OPTION_SWITCH, AT(binary), 0, 0, NULL},
    {{"bm25-k1", "X", "1.2", "term saturation of bm25", GROUP},
     OPTION_REAL,
     AT(bm25_k1),
     0,
     100,
     NULL},
    {{"bm25-b", "X", "0.75", "length normalisation of bm25", GROUP},
     OPTION_REAL,
     AT(bm25_b),
     0,
     1,
     NULL},
    {{"idf", "KIND", "smooth", "smooth, plain, none, or log: ln(N/df)", GROUP},
     OPTION_CHOICE,
     AT(idf),
     0,
     0,
     idfs},
    {{"norm", "KIND", "l2", "l2, l1 or none, of words and of characters apart", GROUP},
     OPTION_CHOICE,
     AT(norm),
     0,
     0,
     norms},
    {{"word-weight", "X", "1", "weight of the word n-grams", GROUP},
     OPTION_REAL,
     AT(word_weight),
     0,
     1000,
     NULL},
    {{"char-weight", "X", "1", "weight of the character n-grams", GROUP},
     OPTION_REAL,
     AT(char_weight),
     0,
     1000,
     NULL},
    {{"segments", "LIST", NULL,
      "keys that hold text: title*2,text counts a title twice; title:apart gives it its own terms",
      GROUP},
     OPTION_TEXT,
     AT(segments),
     0,
     0,
     NULL},
    {{"hash-seed", "N", "5", "seed of the term hash", GROUP},
     OPTION_COUNT,
     AT(hash_seed),
     0,
     4294967295.0,
     NULL},
};
const struct option_table feature_option_table = {rows, sizeof rows / sizeof *rows};

static int segment_add(struct segment_plan *plan, const char *item, size_t n, const char *spec,
                       sikap_error *err)
{
    size_t name = 0;
    while (name < n && item[name] != '*' && item[name] != ':')
        name++;
    unsigned weight = 1, apart = 0;
    size_t i = name;
    if (i < n && item[i] == '*') {
        weight = 0;
        for (i++; i < n && item[i] >= '0' && item[i] <= '9' && weight <= 100; i++)
            weight = weight * 10 + (unsigned)(item[i] - '0');
    }
    if (n - i == 6 && memcmp(item + i, ":apart", 6) == 0) {
        apart = (unsigned)plan->n + 1;
        i = n;
    }
    if (name == 0 || i != n || weight < 1 || weight > 100 || plan->n == SEGMENTS_MOST)
        return error_set(err, SIKAP_USAGE, NULL, 0,
                         "--segments: '%s' is not NAME[*1-100][:apart],…", spec);
    plan->names[plan->n] = memory_text(item, name);
    if (plan->names[plan->n] == NULL)
        return error_memory(err, "segments");
    plan->weight[plan->n] = weight;
    plan->apart[plan->n] = apart;
    plan->n++;
    return 0;
}

int segment_plan_parse(struct segment_plan *plan, const char *spec, sikap_error *err)
{
    memset(plan, 0, sizeof *plan);
    if (spec == NULL)
        spec = "title,text";
    size_t most = 1;
    for (const char *c = spec; *c != '\0'; c++)
        most += *c == ',';
    plan->names = memory_zero(most, sizeof *plan->names);
    plan->weight = memory_zero(most, sizeof *plan->weight);
    plan->apart = memory_zero(most, sizeof *plan->apart);
    int status = 0;
    if (plan->names == NULL || plan->weight == NULL || plan->apart == NULL)
        status = error_memory(err, "segments");
    for (const char *item = spec; status == 0;) {
        const size_t n = strcspn(item, ",");
        status = segment_add(plan, item, n, spec, err);
        if (item[n] == '\0')
            break;
        item += n + 1;
    }
    if (status != 0)
        segment_plan_free(plan);
    return status;
}

void segment_plan_free(struct segment_plan *plan)
{
    for (size_t i = 0; i < plan->n; i++)
        memory_free(plan->names[i]);
    memory_free(plan->names);
    memory_free(plan->weight);
    memory_free(plan->apart);
    memset(plan, 0, sizeof *plan);
}

void feature_ngram_options(const struct feature_options *options, const char *stop_words,
                           struct ngram_options *out)
{
    *out = (struct ngram_options){
        .normalization = (enum normalization)options->normalization,
        .tokenizer = (enum tokenizer)options->tokenizer,
        .min_token = options->min_token,
        .word_min = options->ngrams[0],
        .word_max = options->ngrams[1],
        .char_min = options->chars[0],
        .char_max = options->chars[1],
        .char_across = options->char_across,
        .stem = options->stem,
        .stop_words = stop_words,
        .seed = options->hash_seed,
    };
}

int feature_stop_words(const struct feature_options *options, char **words, sikap_error *err)
{
    *words = NULL;
    if (options->stop_words == NULL || strcmp(options->stop_words, "none") == 0)
        return 0;
    const char *list = stop_words(options->stop_words);
    if (list != NULL) {
        *words = memory_string(list);
        return *words == NULL ? error_memory(err, "stop words") : 0;
    }
    enum { LARGEST = 1 << 20 };
    struct input *in = NULL;
    int status = input_open(&in, options->stop_words, err);
    if (status != 0)
        return status;
    char *text = memory_alloc(LARGEST + 1, 1);
    size_t n = 0, got = 1;
    if (text == NULL)
        status = error_memory(err, "stop words");
    while (status == 0 && got > 0 && n < LARGEST) {
        status = input_read(in, text + n, LARGEST - n, &got, err);
        n += got;
    }
    if (status == 0 && (n == LARGEST || memchr(text, '\0', n) != NULL || !utf8_valid(text, n)))
        status = error_set(err, SIKAP_USAGE, options->stop_words, 0,
                           "no list of stop words: more than a megabyte, or not UTF-8");
    input_free(in);
    if (status == 0) {
        text[n] = '\0';
        *words = text;
    } else {
        memory_free(text);
    }
    return status;
}
