/* SPDX-License-Identifier: Apache-2.0 */
/* Text to a stream of n-gram identities. A word n-gram's hash is the chain of its tokens' hashes,
 * so each further n costs one multiplication; a character n-gram of up to 8 bytes is hashed from
 * one load. Nothing is allocated per token: the lists grow to the largest document and stay.
 *
 * A reference packs kind (2 bits), n - 1 (3 bits) and an index (27 bits): into the token stream,
 * the extra tokens, or the bytes of the character buffer. */
#include "text/ngram.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "text/stem.h"
#include "text/unicode.h"
#include "text/utf8.h"

enum { REF_STREAM = 0, REF_EXTRA = 1, REF_CHAR = NGRAM_REF_CHAR, REF_INDEX_SHIFT = 5 };
enum { MAX_INDEX = (1 << 27) - 1 };

struct ngram_extractor {
    struct ngram_options options;
    struct stemmer *stemmer;
    uint64_t *stop; /* open-addressing set of token hashes, 0: free */
    size_t stop_slots;
    struct buffer words; /* normalised text, and stems that are no part of it */
    struct buffer chars; /* normalised text with white space folded to one space */
    struct token_list tokens;
    uint64_t *token_hash; /* of the stream tokens of one add */
    size_t token_hash_capacity;
    uint64_t *hashes;
    ngram_ref *refs;
    size_t n, hash_capacity, ref_capacity;
    size_t n_longer; /* of them, of two words and more */
    int want_places;
    struct normal_map map;
    size_t last_begin, last_end, source_size; /* of the last add, in `words` and in its source */
};

static uint64_t apart_salt(unsigned apart)
{
    return apart == 0 ? 0
                      : hash_fold(UINT64_C(0xA0761D6478BD642F) * (apart + 1),
                                  UINT64_C(0xE7037ED1A0B428DB));
}

/* `bytes` must be readable for 8 bytes when n <= 8. */
static inline uint64_t char_hash(const char *bytes, size_t n, uint64_t seed)
{
    if (n > 8)
        return hash_bytes(bytes, n, seed ^ UINT64_C(0x8EBC6AF09C88C6E3));
    uint64_t key;
    memcpy(&key, bytes, 8);
    key &= n == 8 ? ~UINT64_C(0) : (UINT64_C(1) << (8 * n)) - 1;
    const uint64_t mixed = hash_fold(key ^ seed ^ UINT64_C(0x589965CC75374CC3),
                                     UINT64_C(0x1D8E4E27C47D124F) + (n << 1));
    return hash_fold(mixed ^ UINT64_C(0xEB44ACCAB455D165), UINT64_C(0x9E3779B97F4A7C15));
}

uint64_t ngram_term_hash(uint64_t seed, enum ngram_kind kind, unsigned apart, const char *text,
                         size_t n)
{
    if (kind == NGRAM_CHAR) {
        char padded[8] = {0};
        if (n <= 8)
            memcpy(padded, text, n);
        return char_hash(n <= 8 ? padded : text, n, seed) ^ apart_salt(apart);
    }
    uint64_t hash = 0;
    for (size_t begin = 0; begin <= n;) {
        const char *space = begin < n ? memchr(text + begin, ' ', n - begin) : NULL;
        const size_t end = space == NULL ? n : (size_t)(space - text);
        const uint64_t token = hash_bytes(text + begin, end - begin, seed);
        hash = begin == 0 ? token : hash_chain(hash, token);
        begin = end + 1;
    }
    return hash ^ apart_salt(apart);
}

static int is_stop(const struct ngram_extractor *e, uint64_t hash)
{
    if (e->stop_slots == 0)
        return 0;
    for (size_t slot = hash & (e->stop_slots - 1); e->stop[slot] != 0;
         slot = (slot + 1) & (e->stop_slots - 1))
        if (e->stop[slot] == hash)
            return 1;
    return 0;
}

static int load_stop_words(struct ngram_extractor *e, sikap_error *err)
{
    struct buffer folded = {0};
    struct token_list words = {0};
    const char *list = e->options.stop_words;
    normalize(e->options.normalization, list, strlen(list), &folded, NULL);
    const size_t end = folded.n;
    if (buffer_reserve(&folded, TOKENIZE_PADDING) == 0)
        tokenize(e->options.tokenizer, 1, folded.bytes, 0, end, &words);
    e->stop_slots = 16;
    while (e->stop_slots < 2 * (words.n_stream + 1))
        e->stop_slots *= 2;
    e->stop = memory_zero(e->stop_slots, sizeof *e->stop);
    const int failed = folded.failed || words.failed || e->stop == NULL;
    for (size_t i = 0; !failed && i < words.n_stream; i++) {
        const uint64_t hash =
            hash_bytes(folded.bytes + words.stream[i].begin, words.stream[i].n, e->options.seed);
        size_t slot = hash & (e->stop_slots - 1);
        while (e->stop[slot] != 0 && e->stop[slot] != hash)
            slot = (slot + 1) & (e->stop_slots - 1);
        e->stop[slot] = hash;
    }
    buffer_free(&folded);
    token_list_free(&words);
    return failed ? error_memory(err, "stop words") : 0;
}

int ngram_extractor_new(struct ngram_extractor **out, const struct ngram_options *options,
                        sikap_error *err)
{
    *out = NULL;
    if (options->word_max > NGRAM_LONGEST || options->char_max > NGRAM_LONGEST)
        return error_set(err, SIKAP_USAGE, NULL, 0, "n-grams longer than %d are not supported",
                         NGRAM_LONGEST);
    struct ngram_extractor *e = memory_zero(1, sizeof *e);
    if (e == NULL)
        return error_memory(err, "n-gram extractor");
    e->options = *options;
    int status = 0;
    if (options->stem != NULL)
        status = stemmer_new(&e->stemmer, options->stem, options->seed, err);
    if (status == 0 && options->stop_words != NULL)
        status = load_stop_words(e, err);
    e->options.stop_words = NULL; /* borrowed only for this call */
    if (status != 0) {
        ngram_extractor_free(e);
        return status;
    }
    *out = e;
    return 0;
}

void ngram_extractor_free(struct ngram_extractor *e)
{
    if (e == NULL)
        return;
    stemmer_free(e->stemmer);
    memory_free(e->stop);
    buffer_free(&e->words);
    buffer_free(&e->chars);
    token_list_free(&e->tokens);
    memory_free(e->token_hash);
    memory_free(e->hashes);
    memory_free(e->refs);
    memory_free(e->map.spans);
    memory_free(e);
}

void ngram_clear(struct ngram_extractor *e)
{
    buffer_clear(&e->words);
    buffer_clear(&e->chars);
    e->tokens.n_stream = e->tokens.n_extras = 0;
    e->tokens.failed = 0;
    e->n = e->n_longer = 0;
}

static int make_room(struct ngram_extractor *e, size_t more)
{
    return memory_grow(&e->hashes, &e->hash_capacity, e->n + more, sizeof *e->hashes) != 0 ||
                   memory_grow(&e->refs, &e->ref_capacity, e->n + more, sizeof *e->refs) != 0
               ? -1
               : 0;
}

static inline void emit(struct ngram_extractor *e, uint64_t hash, unsigned kind, size_t n,
                        size_t index)
{
    e->hashes[e->n] = hash;
    e->refs[e->n] = (ngram_ref)(kind | (n - 1) << 2 | index << REF_INDEX_SHIFT);
    e->n++;
}

/* Replaces the token by its stem: in place where the stem is a part of it (it mostly is), else
 * behind the normalised text. */
static uint64_t stem_token(struct ngram_extractor *e, struct token *token, uint64_t hash)
{
    const char *text, *word = e->words.bytes + token->begin;
    size_t n;
    const uint64_t stem_hash = stem(e->stemmer, word, token->n, hash, &text, &n);
    if (stem_hash == hash)
        return hash;
    for (size_t skip = 0; skip + n <= token->n; skip++)
        if (memcmp(word + skip, text, n) == 0) {
            token->begin += (uint32_t)skip;
            token->n = (uint32_t)n;
            return stem_hash;
        }
    token->begin = (uint32_t)e->words.n;
    token->n = (uint32_t)n;
    buffer_bytes(&e->words, text, n);
    return stem_hash;
}

/* Hashes the stream tokens from `first` on, leaves out stop words, stems the rest. */
static int hash_tokens(struct ngram_extractor *e, size_t first)
{
    struct token_list *tokens = &e->tokens;
    if (memory_grow(&e->token_hash, &e->token_hash_capacity, tokens->n_stream - first,
                    sizeof *e->token_hash) != 0)
        return -1;
    const uint64_t seed = e->options.seed;
    size_t kept = first;
    for (size_t i = first; i < tokens->n_stream; i++) {
        struct token token = tokens->stream[i];
        uint64_t hash = hash_bytes(e->words.bytes + token.begin, token.n, seed);
        if (e->stop_slots != 0 && is_stop(e, hash))
            continue;
        if (e->stemmer != NULL)
            hash = stem_token(e, &token, hash);
        tokens->stream[kept] = token;
        e->token_hash[kept - first] = hash;
        kept++;
    }
    tokens->n_stream = kept;
    return e->words.failed ? -1 : 0;
}

static int add_words(struct ngram_extractor *e, size_t begin, size_t end, uint64_t salt)
{
    struct token_list *tokens = &e->tokens;
    const size_t first = tokens->n_stream, first_extra = tokens->n_extras;
    tokenize(e->options.tokenizer, e->options.min_token, e->words.bytes, begin, end, tokens);
    if (tokens->failed || hash_tokens(e, first) != 0)
        return -1;
    const size_t low = e->options.word_min, high = e->options.word_max;
    const size_t n_tokens = tokens->n_stream - first;
    if (make_room(e, n_tokens * (high - low + 1) + tokens->n_extras - first_extra) != 0)
        return -1;
    const size_t shortest = low > 2 ? low : 2;
    uint64_t ending[NGRAM_LONGEST + 1]; /* ending[n]: hash of the n-gram that ends at token i */
    for (size_t i = 0; i < n_tokens; i++) {
        const size_t longest = i + 1 < high ? i + 1 : high;
        for (size_t n = longest; n >= 2; n--)
            ending[n] = hash_chain(ending[n - 1], e->token_hash[i]);
        ending[1] = e->token_hash[i];
        for (size_t n = low; n <= longest; n++)
            emit(e, ending[n] ^ salt, REF_STREAM, n, first + i + 1 - n);
        e->n_longer += longest < shortest ? 0 : longest - shortest + 1;
    }
    if (low == 1)
        for (size_t i = first_extra; i < tokens->n_extras; i++) {
            const struct token *t = &tokens->extras[i];
            emit(e, hash_bytes(e->words.bytes + t->begin, t->n, e->options.seed) ^ salt, REF_EXTRA,
                 1, i);
        }
    return 0;
}

/* White-space code point at bytes[i]? Its length, or 0. */
static size_t space_at(const char *bytes, size_t i, size_t end)
{
    const unsigned char c = (unsigned char)bytes[i];
    if (c < 0x80)
        return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
    if (c != 0xC2 && c != 0xE1 && c != 0xE2 && c != 0xE3) /* lead bytes of all other white space */
        return 0;
    uint32_t code;
    const size_t m = utf8_decode(bytes + i, end - i, &code);
    return unicode_class(code) == UNICODE_SPACE ? m : 0;
}

/* Copies words[begin, end) into `chars`: for char_wb every white-space run becomes one space, with
 * one at both ends; for char only runs of two and more are folded, as scikit-learn does. */
static void fold_spaces(struct ngram_extractor *e, size_t begin, size_t end)
{
    const char *text = e->words.bytes;
    const int across = e->options.char_across;
    if (buffer_reserve(&e->chars, end - begin + 16) != 0)
        return;
    char *to = e->chars.bytes + e->chars.n;
    size_t n = 0;
    if (!across)
        to[n++] = ' ';
    for (size_t i = begin; i < end;) {
        const size_t space = space_at(text, i, end);
        if (space == 0) {
            to[n++] = text[i++];
            continue;
        }
        size_t run = 0, k = i;
        for (size_t m = space; m != 0; m = k < end ? space_at(text, k, end) : 0) {
            k += m;
            run++;
        }
        if (across && run == 1) {
            memcpy(to + n, text + i, k - i);
            n += k - i;
        } else if (across || to[n - 1] != ' ') {
            to[n++] = ' ';
        }
        i = k;
    }
    if (!across && to[n - 1] != ' ')
        to[n++] = ' ';
    memset(to + n, 0, 8); /* char_hash loads 8 bytes */
    e->chars.n += n;
}

static inline size_t char_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* All n-grams of chars[begin, end). With `whole` (char_wb) a word shorter than n characters counts
 * once, as itself, at its own length, and longer n are not tried. */
static int add_char_grams(struct ngram_extractor *e, size_t begin, size_t end, int whole,
                          uint64_t salt)
{
    const char *bytes = e->chars.bytes;
    const size_t low = e->options.char_min, high = e->options.char_max;
    if (make_room(e, (end - begin) * (high - low + 1) + 1) != 0)
        return -1;
    size_t n_chars = 0;
    for (size_t i = begin; i < end && n_chars < low; i += char_length((unsigned char)bytes[i]))
        n_chars++;
    if (n_chars < low) { /* shorter than the shortest n-gram */
        if (whole && end > begin)
            emit(e, char_hash(bytes + begin, end - begin, e->options.seed) ^ salt, REF_CHAR,
                 n_chars, begin);
        return 0;
    }
    for (size_t i = begin; i < end; i += char_length((unsigned char)bytes[i])) {
        size_t k = i;
        for (size_t n = 1; n <= high && k < end; n++) {
            k += char_length((unsigned char)bytes[k]);
            if (n >= low)
                emit(e, char_hash(bytes + i, k - i, e->options.seed) ^ salt, REF_CHAR, n, i);
        }
    }
    return 0;
}

static int add_chars(struct ngram_extractor *e, size_t begin, size_t end, uint64_t salt)
{
    const size_t first = e->chars.n;
    fold_spaces(e, begin, end);
    if (e->chars.failed)
        return -1;
    if (e->options.char_across)
        return add_char_grams(e, first, e->chars.n, 0, salt);
    for (size_t i = first; i + 1 < e->chars.n;) {
        const char *space = memchr(e->chars.bytes + i + 1, ' ', e->chars.n - i - 1);
        const size_t next = (size_t)(space - e->chars.bytes); /* the text ends in a space */
        if (add_char_grams(e, i, next + 1, 1, salt) != 0)
            return -1;
        i = next;
    }
    return 0;
}

int ngram_add(struct ngram_extractor *e, const char *text, size_t n, unsigned apart,
              sikap_error *err)
{
    const size_t begin = e->words.n;
    if (n > MAX_INDEX / 2 || begin > MAX_INDEX || e->chars.n > MAX_INDEX / 2)
        return error_set(err, SIKAP_DATA, NULL, 0, "a text of %zu bytes is too long", n);
    e->map.n = 0;
    normalize(e->options.normalization, text, n, &e->words, e->want_places ? &e->map : NULL);
    const size_t end = e->words.n;
    if (buffer_reserve(&e->words, TOKENIZE_PADDING) != 0)
        return error_memory(err, "text");
    memset(e->words.bytes + end, 0, TOKENIZE_PADDING);
    e->last_begin = begin;
    e->last_end = end;
    e->source_size = n;
    const uint64_t salt = apart_salt(apart);
    if (e->options.word_max > 0 && add_words(e, begin, end, salt) != 0)
        return error_memory(err, "tokens");
    if (e->options.char_max > 0 && add_chars(e, begin, end, salt) != 0)
        return error_memory(err, "character n-grams");
    return 0;
}

size_t ngram_list(const struct ngram_extractor *e, const uint64_t **hashes, const ngram_ref **refs)
{
    *hashes = e->hashes;
    if (refs != NULL)
        *refs = e->refs;
    return e->n;
}

size_t ngram_longer(const struct ngram_extractor *e)
{
    return e->n_longer;
}

/* In tokens, or characters. */
static size_t ref_length(ngram_ref ref)
{
    return (ref >> 2 & 7) + 1;
}

/* Do the tokens follow each other in the text with one space between them? Most do. */
static int stand_side_by_side(const char *text, const struct token *token, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const size_t end = (size_t)token[i - 1].begin + token[i - 1].n;
        if (token[i].begin != end + 1 || text[end] != ' ')
            return 0;
    }
    return 1;
}

void ngram_text(const struct ngram_extractor *e, ngram_ref ref, struct buffer *out)
{
    const size_t index = ref >> REF_INDEX_SHIFT, n = ref_length(ref);
    if ((ref & 3) == REF_CHAR) {
        size_t end = index;
        for (size_t i = 0; i < n && end < e->chars.n; i++)
            end += char_length((unsigned char)e->chars.bytes[end]);
        buffer_bytes(out, e->chars.bytes + index, end - index);
        return;
    }
    const struct token *token =
        ((ref & 3) == REF_EXTRA ? e->tokens.extras : e->tokens.stream) + index;
    const char *text = e->words.bytes;
    if (stand_side_by_side(text, token, n)) {
        buffer_bytes(out, text + token->begin, token[n - 1].begin + token[n - 1].n - token->begin);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buffer_byte(out, ' ');
        buffer_bytes(out, text + token[i].begin, token[i].n);
    }
}

void ngram_want_places(struct ngram_extractor *e, int wanted)
{
    e->want_places = wanted;
}

int ngram_place(const struct ngram_extractor *e, ngram_ref ref, size_t *begin, size_t *end)
{
    const size_t index = ref >> REF_INDEX_SHIFT;
    if ((ref & 3) == REF_CHAR || !e->want_places || e->map.failed || e->map.n == 0)
        return 0;
    const struct token *tokens = (ref & 3) == REF_EXTRA ? e->tokens.extras : e->tokens.stream;
    const struct token *first = &tokens[index], *last = &tokens[index + ref_length(ref) - 1];
    if (first->begin < e->last_begin || (size_t)last->begin + last->n > e->last_end)
        return 0; /* a stem that stands behind the text */
    normal_map_find(&e->map, first->begin, (size_t)last->begin + last->n, e->source_size, begin,
                    end);
    return 1;
}
