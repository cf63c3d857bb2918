/* SPDX-License-Identifier: Apache-2.0 */
#include "text/stem.h"

#include <string.h>

#include <libstemmer.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"

enum { MEMO_SLOTS = 1 << 12, MEMO_TEXT = 40, LONGEST_WORD = 256 };

struct memo {
    uint64_t key; /* hash of the word; 0: empty */
    uint64_t stem_hash;
    uint32_t n;
    char text[MEMO_TEXT];
};

struct stemmer {
    struct sb_stemmer *snowball;
    uint64_t seed;
    struct memo *memo; /* direct-mapped */
};

static const char *language_of_code(const char *language)
{
    static const char *const codes[][2] = {
        {"id", "indonesian"}, {"in", "indonesian"}, {"ms", "indonesian"}, {"malay", "indonesian"}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(language, codes[i][0]) == 0)
            return codes[i][1];
    return language;
}

int stemmer_new(struct stemmer **out, const char *language, uint64_t seed, sikap_error *err)
{
    *out = NULL;
    struct stemmer *s = memory_zero(1, sizeof *s);
    if (s == NULL)
        return error_memory(err, "stemmer");
    s->seed = seed;
    s->memo = memory_zero(MEMO_SLOTS, sizeof *s->memo);
    if (s->memo == NULL) {
        stemmer_free(s);
        return error_memory(err, "stemmer");
    }
    s->snowball = sb_stemmer_new(language_of_code(language), NULL);
    if (s->snowball == NULL) {
        stemmer_free(s);
        struct buffer names = {0};
        for (const char **name = sb_stemmer_list(); *name != NULL; name++) {
            buffer_byte(&names, ' ');
            buffer_text(&names, *name);
        }
        buffer_byte(&names, '\0');
        error_set(err, SIKAP_USAGE, NULL, 0, "--stem: no stemmer for '%s'; known:%s", language,
                  names.failed ? "" : names.bytes);
        buffer_free(&names);
        return SIKAP_USAGE;
    }
    *out = s;
    return 0;
}

void stemmer_free(struct stemmer *s)
{
    if (s == NULL)
        return;
    if (s->snowball != NULL)
        sb_stemmer_delete(s->snowball);
    memory_free(s->memo);
    memory_free(s);
}

uint64_t stem(struct stemmer *s, const char *word, size_t n, uint64_t hash, const char **stem_text,
              size_t *stem_n)
{
    struct memo *memo = &s->memo[hash >> 52];
    if (memo->key == hash && hash != 0) {
        *stem_text = memo->text;
        *stem_n = memo->n;
        return memo->stem_hash;
    }
    *stem_text = word;
    *stem_n = n;
    if (n > LONGEST_WORD) /* no word of a language; Snowball's time is quadratic in places */
        return hash;
    const sb_symbol *stemmed = sb_stemmer_stem(s->snowball, (const sb_symbol *)word, (int)n);
    if (stemmed == NULL) /* out of memory inside Snowball: the word itself is a fair stem */
        return hash;
    const size_t m = (size_t)sb_stemmer_length(s->snowball);
    if (m == 0)
        return hash;
    *stem_text = (const char *)stemmed;
    *stem_n = m;
    const uint64_t stem_hash = hash_bytes(stemmed, m, s->seed);
    if (m <= MEMO_TEXT) {
        memo->key = hash;
        memo->stem_hash = stem_hash;
        memo->n = (uint32_t)m;
        memcpy(memo->text, stemmed, m);
    }
    return stem_hash;
}
