/* SPDX-License-Identifier: Apache-2.0 */
/* Two kinds of evidence. Letter pairs: what the text costs in bits under the pairs of English and
 * of Indonesian; the language that explains it more cheaply wins, and a text that both find dear is
 * in another. Function words: each is worth some bits, and a text of a dozen words with none of
 * either language is in another. Both work on headlines, where neither does alone. */
#include "analyse/language.h"

#include <stdint.h>
#include <string.h>

#include "analyse/language_table.h"
#include "base/memory.h"
#include "features/names.h"
#include "text/stop_words.h"

/* In sixteenths of bits: what a function word is worth, by how much a language must win, and what a
 * letter pair may cost on average. The last was set so that 1 % of short English and Indonesian
 * headlines lie above. */
enum { WORD_WORTH = 64, LEAST_LEAD = 32, DEAREST_PAIR = 72, DEAR_PAIR = 57, FOREIGN_SHARE = 4 };
enum { ENOUGH_WORDS = 12, FUNCTION_SHARE = 8, LONGEST_WORD = 16 };

struct language_detector {
    struct names words[2]; /* English, Indonesian */
};

int language_detector_new(struct language_detector **out, sikap_error *err)
{
    static const char *const languages[] = {"en", "id"};
    *out = NULL;
    struct language_detector *d = memory_zero(1, sizeof *d);
    int failed = d == NULL;
    for (int k = 0; k < 2 && !failed; k++)
        for (const char *at = stop_words(languages[k]); *at != '\0' && !failed;) {
            const size_t n = strcspn(at, " ");
            failed = names_add(&d->words[k], at, n, NULL) == NAMES_FULL;
            at += n + (at[n] == ' ');
        }
    if (failed) {
        language_detector_free(d);
        return error_memory(err, "languages");
    }
    *out = d;
    return 0;
}

void language_detector_free(struct language_detector *d)
{
    if (d == NULL)
        return;
    names_free(&d->words[0]);
    names_free(&d->words[1]);
    memory_free(d);
}

static void add_word(const struct language_detector *d, struct language_evidence *e,
                     const char *word, size_t n)
{
    size_t before = 0;
    for (size_t i = 0; i <= n; i++) {
        const size_t letter = i < n ? (size_t)(word[i] - 'a' + 1) : 0;
        e->cost[0] += english_cost[before][letter];
        e->cost[1] += indonesian_cost[before][letter];
        before = letter;
    }
    e->n_pairs += n + 1;
    e->n_words++;
    for (int k = 0; k < 2; k++)
        e->n_function_words[k] += names_find(&d->words[k], word, n) != NAMES_FULL;
}

void language_add(const struct language_detector *d, struct language_evidence *e, const char *text,
                  size_t n)
{
    char word[LONGEST_WORD];
    size_t length = 0;
    int is_foreign = 0; /* the word at hand has letters beyond a to z */
    for (size_t i = 0; i <= n; i++) {
        const unsigned char byte = i < n ? (unsigned char)text[i] : ' ';
        const char lower = (char)(byte | 0x20);
        if (byte >= 0x80) {
            is_foreign = 1;
            e->n_foreign += byte >= 0xC3 && byte != 0xE2; /* lead bytes; E2: mostly punctuation */
        } else if (lower >= 'a' && lower <= 'z') {
            e->n_letters++;
            if (length < LONGEST_WORD)
                word[length] = lower;
            length++;
        } else {
            if (length > 0 && length <= LONGEST_WORD && !is_foreign)
                add_word(d, e, word, length);
            length = 0;
            is_foreign = 0;
        }
    }
}

enum language language_decide(const struct language_evidence *e)
{
    if (e->n_letters + e->n_foreign < LANGUAGE_LEAST)
        return LANGUAGE_UNKNOWN;
    if (e->n_foreign > (e->n_letters + e->n_foreign) / FOREIGN_SHARE || e->n_pairs == 0)
        return LANGUAGE_OTHER;
    const size_t *const hits = e->n_function_words;
    const size_t cheapest = e->cost[0] < e->cost[1] ? e->cost[0] : e->cost[1];
    const size_t n_hits = hits[0] + hits[1];
    const int few_hits = e->n_words >= ENOUGH_WORDS && n_hits * FUNCTION_SHARE < e->n_words;
    if ((few_hits && (n_hits == 0 || cheapest > DEAR_PAIR * e->n_pairs)) ||
        cheapest > DEAREST_PAIR * e->n_pairs + WORD_WORTH * n_hits)
        return LANGUAGE_OTHER;
    const size_t english = e->cost[1] + WORD_WORTH * hits[0];
    const size_t indonesian = e->cost[0] + WORD_WORTH * hits[1];
    if (english >= indonesian + LEAST_LEAD)
        return LANGUAGE_ENGLISH;
    return indonesian >= english + LEAST_LEAD ? LANGUAGE_INDONESIAN : LANGUAGE_UNKNOWN;
}

const char *language_name(enum language language)
{
    static const char *const names[LANGUAGES] = {"unknown", "en", "id", "other"};
    return names[language];
}
