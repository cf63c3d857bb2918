/* SPDX-License-Identifier: Apache-2.0 */
/* Model files. Mutants that the checksums refuse at once would teach nothing: the mutator takes the
 * file apart, changes the inside of a section, and puts it together again with the right sizes and
 * checksums (models/FORMAT.md); one in eight is changed as it is. What must hold: a file is refused
 * as SIKAP_MODEL with a message, or everything that it can be asked for works, and what it says is
 * valid JSON. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "model/model_format.h"
#include "sikap.h"
#include "text/utf8.h"

enum { LARGEST_SECTION = 1 << 16 };

/* ---- taking apart and putting together ---- */

struct piece {
    uint32_t packed;
    uint8_t *bytes;
    size_t n;
};

static uint64_t get(const uint8_t *at, size_t n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | at[n];
    return v;
}

static void put(uint8_t *at, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

/* How many sections it says it has, when they can be taken apart; else 0. */
static size_t count_sections(const uint8_t *data, size_t size)
{
    const size_t n = size < MODEL_HEADER_SIZE ? 0 : (size_t)get(data + 12, 4);
    return n <= N_SECTIONS && size >= MODEL_HEADER_SIZE + n * MODEL_ENTRY_SIZE ? n : 0;
}

/* Room for LARGEST_SECTION in every piece, so that the mutator may grow it. */
static int take_apart(const uint8_t *data, size_t size, struct piece *pieces, size_t n_pieces)
{
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    int status = n_pieces > 0 ? 0 : -1;
    for (size_t i = 0; i < n_pieces; i++) {
        const uint8_t *entry = data + MODEL_HEADER_SIZE + i * MODEL_ENTRY_SIZE;
        const size_t offset = get(entry + 8, 8), n = get(entry + 16, 8);
        struct piece *p = &pieces[i];
        p->packed = (uint32_t)get(entry + 4, 4);
        p->bytes = malloc(LARGEST_SECTION);
        FUZZ_CHECK(p->bytes != NULL);
        if (offset > size || n > size - offset || n > LARGEST_SECTION)
            status = -1;
        else if (p->packed != MODEL_ZLIB)
            memcpy(p->bytes, data + offset, p->n = n);
        else if (libdeflate_zlib_decompress(inflater, data + offset, n, p->bytes, LARGEST_SECTION,
                                            &p->n) != LIBDEFLATE_SUCCESS)
            status = -1;
    }
    libdeflate_free_decompressor(inflater);
    return status;
}

static size_t put_section(uint8_t *data, size_t at, size_t room, const struct piece *p,
                          uint8_t *entry, struct libdeflate_compressor *deflater)
{
    at = (at + MODEL_ALIGNMENT - 1) / MODEL_ALIGNMENT * MODEL_ALIGNMENT;
    if (at > room || p->n + 64 > room - at)
        return 0;
    size_t n = p->n;
    if (p->packed == MODEL_ZLIB)
        n = libdeflate_zlib_compress(deflater, p->bytes, p->n, data + at, room - at);
    else if (n > 0)
        memcpy(data + at, p->bytes, n);
    if (p->packed == MODEL_ZLIB && n == 0)
        return 0;
    put(entry + 4, p->packed, 4);
    put(entry + 8, at, 8);
    put(entry + 16, n, 8);
    put(entry + 24, p->n, 8);
    put(entry + 32, libdeflate_crc32(0, data + at, n), 4);
    return at + n;
}

static void sign(uint8_t *data, size_t size)
{
    const size_t n = count_sections(data, size);
    put(data + 16, size, 8);
    put(data + MODEL_CRC_AT, 0, 4);
    put(data + MODEL_CRC_AT, libdeflate_crc32(0, data, MODEL_HEADER_SIZE + n * MODEL_ENTRY_SIZE),
        4);
}

static size_t put_together(uint8_t *data, size_t room, const struct piece *pieces, size_t n_pieces)
{
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(1);
    size_t at = MODEL_HEADER_SIZE + n_pieces * MODEL_ENTRY_SIZE;
    for (size_t i = 0; i < n_pieces && at > 0; i++) {
        const size_t before = at;
        at = put_section(data, at, room, &pieces[i],
                         data + MODEL_HEADER_SIZE + i * MODEL_ENTRY_SIZE, deflater);
        if (at > before) /* padding is zero, so that nothing old shows */
            memset(data + before, 0,
                   (before + MODEL_ALIGNMENT - 1) / MODEL_ALIGNMENT * MODEL_ALIGNMENT - before);
    }
    libdeflate_free_compressor(deflater);
    if (at > 0)
        sign(data, at);
    return at;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
    struct piece pieces[N_SECTIONS] = {{0}};
    const size_t n = count_sections(data, size);
    size_t mutated = 0;
    if (seed % 8 == 0 || take_apart(data, size, pieces, n) != 0) {
        mutated = LLVMFuzzerMutate(data, size, room);
        if (seed % 16 == 0 && mutated >= MODEL_HEADER_SIZE)
            sign(data, mutated);
    } else {
        struct piece *p = &pieces[seed / 8 % n];
        p->n = LLVMFuzzerMutate(p->bytes, p->n, LARGEST_SECTION);
        p->packed ^= seed / 128 % 16 == 0;
        mutated = put_together(data, room, pieces, n);
    }
    for (size_t i = 0; i < n; i++)
        free(pieces[i].bytes);
    return mutated > 0 ? mutated : size;
}

/* ---- using a model ---- */

static void check_text(const char *text)
{
    FUZZ_CHECK(text != NULL && utf8_valid(text, strlen(text)));
}

/* What inspect shows. */
static void inspect(const sikap_model *m)
{
    sikap_error err = {0};
    if (sikap_model_read_terms(m, &err) != 0) { /* they are read when they are asked for */
        FUZZ_CHECK(err.code == SIKAP_MODEL && err.message[0] != '\0');
        return;
    }
    const size_t n_terms = sikap_model_n_terms(m), n_labels = sikap_model_n_all_labels(m);
    size_t n = 0, last = 0;
    for (size_t f = 0; f < sikap_model_n_fields(m); f++) {
        check_text(sikap_model_field(m, f));
        FUZZ_CHECK(sikap_model_first_label(m, f) == last);
        last += sikap_model_n_labels(m, f);
    }
    FUZZ_CHECK(last == n_labels);
    for (size_t l = 0; l < n_labels; l++) {
        check_text(sikap_model_label(m, l));
        FUZZ_CHECK(sikap_model_threshold(m, l) == sikap_model_threshold(m, l));
        FUZZ_CHECK(sikap_model_bias(m, l) == sikap_model_bias(m, l));
    }
    for (size_t i = 0; sikap_model_note_name(m, i) != NULL; i++)
        check_text(sikap_model_note(m, sikap_model_note_name(m, i)));
    for (size_t t = 0; t < n_terms; t++) {
        const char *term = sikap_model_term(m, t, &n);
        FUZZ_CHECK(utf8_valid(term, n));
        (void)sikap_model_term_segment(m, t);
        for (size_t l = 0; l < n_labels; l += 7)
            FUZZ_CHECK(sikap_model_weight(m, t, l) - sikap_model_weight(m, t, l) == 0);
    }
}

static void explain(const sikap_model *m)
{
    static const char text[] = "Sanksi sepihak itu mengancam keamanan kawasan; anak-anak 123.";
    const sikap_segment segments[] = {{"title", "Sanksi", 6}, {"text", text, sizeof text - 1}};
    const size_t n_labels = sikap_model_n_all_labels(m);
    float *scores = malloc((n_labels + 1) * sizeof *scores);
    double *probabilities = malloc((n_labels + 1) * sizeof *probabilities);
    unsigned char *chosen = malloc(n_labels + 1);
    sikap_scorer *s;
    sikap_error err = {0};
    FUZZ_CHECK(scores != NULL && probabilities != NULL && chosen != NULL);
    if (sikap_scorer_new(&s, m, &err) == 0) {
        FUZZ_CHECK(sikap_score(s, segments, 2, scores, &err) == 0);
        sikap_choose(m, scores, chosen);
        sikap_probabilities(m, scores, probabilities);
        const sikap_contribution *parts;
        const sikap_occurrence *places;
        size_t n;
        for (size_t l = 0; l < n_labels; l++)
            FUZZ_CHECK(sikap_explain(s, l, &parts, &n, &err) == 0);
        FUZZ_CHECK(sikap_occurrences(s, segments, 2, &places, &n, &err) == 0);
        for (size_t i = 0; i < n; i++)
            FUZZ_CHECK(places[i].segment < 2 && places[i].begin <= places[i].end &&
                       places[i].end <= segments[places[i].segment].n);
    }
    sikap_scorer_free(s);
    free(scores);
    free(probabilities);
    free(chosen);
}

static void predict(const sikap_model *m)
{
    static const char corpus[] =
        "{\"id\":\"1\",\"title\":\"Sanksi\",\"text\":\"sanksi sepihak\",\"about\":\"a\"}\n{\n"
        "{\"id\":\"2\",\"text\":\"perdamaian dan keamanan kawasan\",\"about\":\"b\"}\n";
    const char *path = fuzz_file(1, corpus, sizeof corpus - 1);
    struct buffer out = {0};
    sikap_options *options;
    sikap_error err = {0};
    FUZZ_CHECK(sikap_options_new(&options, NULL) == 0);
    FUZZ_CHECK(sikap_options_set(options, "threads", "1", NULL) == 0);
    FUZZ_CHECK(sikap_options_set(options, "scores", NULL, NULL) == 0);
    if (sikap_predict(m, &path, 1, options, NULL, fuzz_collect, &out, NULL, &err) == 0)
        FUZZ_CHECK(fuzz_json_lines(&out) == 3);
    else
        FUZZ_CHECK(err.message[0] != '\0');
    sikap_options_free(options);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sikap_model *m;
    sikap_error err = {0};
    const int status = sikap_model_load(&m, fuzz_file(0, data, size), &err);
    if (status != 0) {
        if (status != SIKAP_MODEL)
            fprintf(stderr, "status %d: %s\n", status, err.message);
        FUZZ_CHECK(status == SIKAP_MODEL && m == NULL && err.message[0] != '\0');
        return 0;
    }
    inspect(m);
    explain(m);
    if (data[MODEL_CRC_AT] % 4 == 0) /* it is slow */
        predict(m);
    sikap_model_free(m);
    return 0;
}
