/* SPDX-License-Identifier: Apache-2.0 */
/* The workers' tables of terms, joined and locked, against counting in plain arrays. */
#include "features/term_lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"

enum { N_WORDS = 5000, N_WORKERS = 3, N_DOCUMENTS = 400, LONGEST = 400 };

/* Word w: its text, some long, some of other letters, and its hash: most spread, those of every
 * 32nd word crowd at the end of the table, so that they go on at its front; word 0 has 0. */
struct word {
    char text[LONGEST + 1];
    size_t n;
    uint64_t hash;
    unsigned char kind;
};

static struct word *words;

static int make_words(void **state)
{
    (void)state;
    words = memory_zero(N_WORDS, sizeof *words);
    if (words == NULL)
        return -1;
    for (size_t w = 0; w < N_WORDS; w++) {
        struct word *word = &words[w];
        word->n = (size_t)snprintf(word->text, sizeof word->text, "w%zu", w * 7919 % N_WORDS);
        const size_t wanted = w % 50 == 3 ? 253 + w % 5 : w % 50 == 4 ? LONGEST : word->n;
        while (word->n < wanted)
            word->text[word->n++] = 'x';
        if (w % 7 == 5)
            word->text[1] = (char)(w % 256);
        word->hash = w * UINT64_C(0x9E3779B97F4A7C15);
        if (w % 32 == 7)
            word->hash |= UINT64_C(0xFFF0) << 16;
        word->kind = (unsigned char)(w % 3 == 0);
    }
    return 0;
}

static int free_words(void **state)
{
    (void)state;
    memory_free(words);
    return 0;
}

/* Counts one random document, into the table and (unless it is to be taken back) into df. */
static void count_document(struct term_table *table, struct random *random, uint32_t text_from,
                           uint32_t *df, uint32_t *number, uint32_t *rejected, size_t *n_rejected)
{
    unsigned char in[N_WORDS] = {0};
    for (size_t i = 0; i < 60; i++) { /* low numbers are frequent */
        const size_t w = random_below(random, 1 + random_below(random, N_WORDS));
        if (in[w])
            continue;
        in[w] = 1;
        uint32_t now;
        number[w] = term_count(table, words[w].hash, words[w].kind, &now);
        assert_int_not_equal(number[w], TERM_FULL);
        if (now == text_from) {
            buffer_bytes(term_begin_text(table), words[w].text, words[w].n);
            assert_int_equal(term_end_text(table, number[w]), 0);
        }
        if (rejected != NULL)
            rejected[(*n_rejected)++] = number[w];
        else
            df[w]++;
    }
}

static size_t find_word(const struct vocabulary *v, size_t term)
{
    for (size_t w = 0; w < N_WORDS; w++)
        if (v->hash[term] == (words[w].hash == 0 ? 1 : words[w].hash))
            return w;
    fail_msg("term %zu is no word", term);
    return 0;
}

/* Descending df, then the low half of the hash, then the high one. */
static int stands_before(const struct vocabulary *v, size_t a, size_t b)
{
    const uint32_t low[2] = {(uint32_t)v->hash[a], (uint32_t)v->hash[b]};
    if (v->df[a] != v->df[b])
        return v->df[a] > v->df[b];
    return low[0] != low[1] ? low[0] < low[1] : v->hash[a] < v->hash[b];
}

static void check_vocabulary(const struct vocabulary *v, const uint32_t *df, uint32_t min_df,
                             uint32_t max_df)
{
    size_t wanted = 0;
    for (size_t w = 0; w < N_WORDS; w++)
        wanted += df[w] > 0 && df[w] >= min_df && df[w] <= max_df;
    assert_int_equal(v->n_terms, wanted);
    for (size_t t = 0; t < v->n_terms; t++) {
        const struct word *word = &words[find_word(v, t)];
        assert_int_equal(v->df[t], df[word - words]);
        assert_int_equal(v->kind[t], word->kind);
        size_t n;
        const char *text = vocabulary_text(v, t, &n);
        assert_int_equal(n, word->n);
        assert_memory_equal(text, word->text, n);
        if (t > 0)
            assert_true(stands_before(v, t - 1, t));
    }
}

static void counts_as_plain_arrays_do(size_t n_workers, uint32_t min_df, uint32_t max_df)
{
    static struct term_table tables[N_WORKERS];
    static uint32_t df[N_WORDS], number[N_WORKERS][N_WORDS];
    static uint32_t rejected[N_WORKERS][N_DOCUMENTS * 60];
    size_t n_rejected[N_WORKERS] = {0};
    memset(df, 0, sizeof df);
    memset(number, 0xFF, sizeof number);
    struct random random;
    random_seed(&random, 7, min_df);
    const uint32_t text_from = (uint32_t)((min_df + n_workers - 1) / n_workers);
    for (size_t d = 0; d < N_DOCUMENTS; d++) {
        const size_t k = random_below(&random, (uint32_t)n_workers);
        const int is_rejected = d % 10 == 9;
        count_document(&tables[k], &random, text_from, df, number[k],
                       is_rejected ? rejected[k] : NULL, &n_rejected[k]);
    }
    for (size_t k = 0; k < n_workers; k++)
        assert_int_equal(term_table_uncount(&tables[k], rejected[k], n_rejected[k]), 0);
    struct term_table *all[N_WORKERS];
    uint32_t *remap[N_WORKERS];
    for (size_t k = 0; k < n_workers; k++)
        all[k] = &tables[k];
    struct pool *pool;
    assert_int_equal(pool_new(&pool, 2, NULL), 0);
    struct vocabulary *v;
    int keeps_all;
    assert_int_equal(term_lock(&v, remap, all, n_workers, min_df, max_df, &keeps_all, pool, NULL),
                     0);
    check_vocabulary(v, df, min_df, max_df);
    int n_dropped = 0;
    for (size_t k = 0; k < n_workers; k++) {
        for (size_t w = 0; w < N_WORDS; w++) {
            if (number[k][w] == UINT32_MAX)
                continue;
            const uint32_t at = remap[k][number[k][w]];
            const int is_kept = df[w] > 0 && df[w] >= min_df && df[w] <= max_df;
            assert_int_equal(at != VOCABULARY_ABSENT, is_kept);
            n_dropped += !is_kept;
            if (is_kept)
                assert_int_equal(find_word(v, at), w);
        }
        memory_free(remap[k]);
    }
    assert_int_equal(keeps_all, n_dropped == 0);
    vocabulary_free(v);
    pool_free(pool);
}

static void all_terms(void **state)
{
    (void)state;
    counts_as_plain_arrays_do(N_WORKERS, 1, UINT32_MAX);
    counts_as_plain_arrays_do(1, 1, UINT32_MAX);
}

static void rare_and_frequent_terms_are_dropped(void **state)
{
    (void)state;
    for (size_t n_workers = 1; n_workers <= N_WORKERS; n_workers++) {
        counts_as_plain_arrays_do(n_workers, 2, 40);
        counts_as_plain_arrays_do(n_workers, 5, UINT32_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_terms),
        cmocka_unit_test(rare_and_frequent_terms_are_dropped),
    };
    return cmocka_run_group_tests(tests, make_words, free_words);
}
