/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the file that model_read.c reads: sections in the order of enum model_section. The same
 * model gives the same bytes. */
#include "model/model_format.h"

#include <string.h>

#include <libdeflate.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/output.h"
#include "model/reference.h"

/* A third of the time for a fifteenth more bytes, where these are few beside the weights. */
enum { USUAL_LEVEL = 1, COMPACT_LEVEL = 6, SMALLEST_COMPRESSED = 64 };

struct section {
    struct buffer raw; /* owned bytes */
    const void *bytes; /* what is stored */
    size_t n, raw_size;
    enum model_encoding encoding;
    void *compressed;
    uint64_t offset;
};

static void put_text(struct buffer *b, const char *text)
{
    const size_t n = strlen(text);
    buffer_u32(b, (uint32_t)n);
    buffer_bytes(b, text, n);
}

static void put_f64(struct buffer *b, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    buffer_u64(b, bits);
}

/* LEB128. */
static void put_varint(struct buffer *b, uint64_t v)
{
    while (v >= 0x80) {
        buffer_byte(b, (char)(v | 0x80));
        v >>= 7;
    }
    buffer_byte(b, (char)v);
}

static void put_notes(const sikap_model *m, struct buffer *b)
{
    buffer_u32(b, (uint32_t)m->n_notes);
    for (size_t i = 0; i < m->n_notes; i++) {
        put_text(b, m->notes[i].name);
        put_text(b, m->notes[i].value);
    }
}

static void put_fields(const sikap_model *m, struct buffer *b)
{
    buffer_u32(b, (uint32_t)m->n_fields);
    buffer_u32(b, (uint32_t)m->n_targets);
    put_text(b, m->target_key == NULL ? "" : m->target_key);
    for (size_t i = 0; i < m->n_targets; i++)
        put_text(b, m->targets[i]);
    put_f64(b, m->n_documents);
    for (int k = 0; k < NGRAM_KINDS; k++)
        put_f64(b, m->weighting.average_length[k]);
    for (size_t f = 0; f < m->n_fields; f++) {
        const struct model_field *field = &m->fields[f];
        put_text(b, field->name);
        buffer_byte(b, (char)(field->is_multi != 0));
        buffer_byte(b, (char)(field->calibrated != 0));
        buffer_u32(b, (uint32_t)field->n);
        for (size_t l = field->first; l < field->first + field->n; l++) {
            put_text(b, m->labels[l]);
            buffer_f32(b, m->threshold[l]);
            put_f64(b, m->platt_a[l]);
            put_f64(b, m->platt_b[l]);
        }
    }
}

/* Quantiles of each field's certainties, then each label's calibration curve. */
static void put_sure(const sikap_model *m, struct buffer *b)
{
    for (size_t f = 0; f < m->n_fields; f++) {
        const double *certainty = m->fields[f].certainty;
        buffer_u32(b, certainty == NULL ? 0 : CERTAINTY_POINTS);
        for (size_t k = 0; certainty != NULL && k < CERTAINTY_POINTS; k++)
            put_f64(b, certainty[k]);
    }
    for (size_t l = 0; l < m->n_labels; l++) {
        const struct curve *curve = m->curves == NULL ? NULL : &m->curves[l];
        buffer_u32(b, curve == NULL ? 0 : (uint32_t)curve->n);
        for (size_t i = 0; curve != NULL && i < curve->n; i++) {
            buffer_f32(b, curve->score[i]);
            put_f64(b, curve->probability[i]);
        }
    }
}

/* df falls, and in few steps: each step with the number of terms that stand on it. */
static void put_vocabulary(const struct vocabulary *v, struct buffer *b)
{
    struct buffer steps = {0};
    uint64_t n_steps = 0;
    uint32_t before = UINT32_MAX;
    for (size_t t = 0; t < v->n_terms; n_steps++) {
        size_t end = t + 1;
        while (end < v->n_terms && v->df[end] == v->df[t])
            end++;
        put_varint(&steps, before - v->df[t]);
        put_varint(&steps, end - t);
        before = v->df[t];
        t = end;
    }
    buffer_u64(b, v->n_terms);
    buffer_u64(b, n_steps);
    buffer_bytes(b, steps.bytes, steps.n);
    buffer_bytes(b, v->kind, v->n_terms);
    b->failed |= steps.failed;
    buffer_free(&steps);
}

static void put_texts(const struct vocabulary *v, struct buffer *b)
{
    enum { AHEAD = 16 };
    struct buffer texts = {0}; /* behind all lengths */
    for (size_t t = 0; t < v->n_terms; t++) {
        if (t + AHEAD < v->n_terms)
            __builtin_prefetch(v->text[t + AHEAD]);
        size_t n;
        const char *text = vocabulary_text(v, t, &n);
        put_varint(b, n);
        buffer_bytes(&texts, text, n);
    }
    buffer_bytes(b, texts.bytes, texts.n);
    b->failed |= texts.failed;
    buffer_free(&texts);
}

static void put_index(const struct vocabulary *v, struct buffer *b)
{
    for (size_t i = 0; i < v->n_buckets; i++) {
        for (size_t k = 0; k < BUCKET_TERMS; k++)
            buffer_u32(b, v->buckets[i].tag[k]);
        for (size_t k = 0; k < BUCKET_TERMS; k++)
            buffer_u32(b, v->buckets[i].number[k]);
    }
}

static void put_reference(const struct model_reference *r, struct buffer *b)
{
    buffer_u32(b, r->n_documents);
    buffer_u32(b, (uint32_t)r->n_quantities);
    buffer_u32(b, (uint32_t)r->n_labels);
    for (size_t q = 0; q < r->n_quantities; q++) {
        for (size_t k = 0; k < REFERENCE_EDGES; k++)
            buffer_f32(b, r->quantities[q].edges[k]);
        for (size_t k = 0; k < REFERENCE_BINS; k++)
            buffer_u32(b, r->quantities[q].counts[k]);
    }
    for (size_t l = 0; l < r->n_labels; l++)
        buffer_u32(b, r->given[l]);
}

static void put_floats(struct buffer *b, const float *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buffer_f32(b, values[i]);
}

static int compress(struct section *s, struct libdeflate_compressor *compressor)
{
    if (s->n < SMALLEST_COMPRESSED)
        return 0;
    const size_t room = libdeflate_zlib_compress_bound(compressor, s->n);
    s->compressed = memory_alloc(room, 1);
    if (s->compressed == NULL)
        return -1;
    const size_t n = libdeflate_zlib_compress(compressor, s->bytes, s->n, s->compressed, room);
    if (n > 0 && n < s->n) {
        s->bytes = s->compressed;
        s->n = n;
        s->encoding = MODEL_ZLIB;
    }
    return 0;
}

static int fill_sections(const sikap_model *m, const struct model_write_options *options,
                         struct section *s, sikap_error *err)
{
    option_save_all(&feature_option_table, &m->features, &s[SECTION_OPTIONS].raw);
    if (m->stop_words != NULL)
        buffer_text(&s[SECTION_STOP].raw, m->stop_words);
    put_notes(m, &s[SECTION_NOTES].raw);
    put_fields(m, &s[SECTION_FIELDS].raw);
    put_sure(m, &s[SECTION_SURE].raw);
    put_vocabulary(m->vocabulary, &s[SECTION_VOCABULARY].raw);
    put_texts(m->vocabulary, &s[SECTION_TEXTS].raw);
    if (m->reference != NULL)
        put_reference(m->reference, &s[SECTION_REFERENCE].raw);
    if (!options->compact)
        put_index(m->vocabulary, &s[SECTION_INDEX].raw);
    put_floats(&s[SECTION_BIAS].raw, m->bias, m->n_outputs);
    const size_t n_weights = m->vocabulary->n_terms * m->stride;
    if (m->rows != NULL) {
        put_floats(&s[SECTION_SCALE].raw, m->scale, m->vocabulary->n_terms);
        s[SECTION_ROWS].bytes = m->rows;
        s[SECTION_ROWS].n = n_weights;
    } else {
        put_floats(&s[SECTION_ROWS].raw, m->weights, n_weights);
    }
    struct libdeflate_compressor *compressor =
        libdeflate_alloc_compressor(options->compact ? COMPACT_LEVEL : USUAL_LEVEL);
    int failed = compressor == NULL;
    for (int i = 0; i < N_WRITTEN && !failed; i++) {
        failed = s[i].raw.failed;
        if (s[i].bytes == NULL) {
            s[i].bytes = s[i].raw.bytes;
            s[i].n = s[i].raw.n;
        }
        s[i].raw_size = s[i].n;
        /* Used as they lie in the file. */
        const int is_plain = !options->compact && (i == SECTION_ROWS || i == SECTION_INDEX);
        if (!failed && !is_plain)
            failed = compress(&s[i], compressor) != 0;
    }
    if (compressor != NULL)
        libdeflate_free_compressor(compressor);
    return failed ? error_memory(err, "writing the model") : 0;
}

static void put_header(struct section *s, int n_sections, struct buffer *head)
{
    static const char tags[][5] = MODEL_TAGS;
    uint64_t offset = MODEL_HEADER_SIZE + (uint64_t)n_sections * MODEL_ENTRY_SIZE;
    for (int i = 0; i < n_sections; i++) {
        offset = (offset + MODEL_ALIGNMENT - 1) / MODEL_ALIGNMENT * MODEL_ALIGNMENT;
        s[i].offset = offset;
        offset += s[i].n;
    }
    buffer_bytes(head, MODEL_MAGIC, MODEL_MAGIC_SIZE);
    buffer_u32(head, MODEL_VERSION);
    buffer_u32(head, (uint32_t)n_sections);
    buffer_u64(head, offset);
    buffer_u64(head, 0); /* the CRC's place */
    for (int i = 0; i < n_sections; i++) {
        buffer_bytes(head, tags[i], 4);
        buffer_u32(head, (uint32_t)s[i].encoding);
        buffer_u64(head, s[i].offset);
        buffer_u64(head, s[i].n);
        buffer_u64(head, s[i].raw_size);
        buffer_u32(head, libdeflate_crc32(0, s[i].bytes, s[i].n));
        buffer_u32(head, 0);
    }
    if (head->failed)
        return;
    const uint32_t crc = libdeflate_crc32(0, head->bytes, head->n);
    for (int i = 0; i < 4; i++)
        head->bytes[MODEL_CRC_AT + i] = (char)(crc >> (8 * i));
}

static int write_sections(const struct section *s, int n_sections, const struct buffer *head,
                          struct output *out, sikap_error *err)
{
    static const char zeros[MODEL_ALIGNMENT];
    int status = output_write(out, head->bytes, head->n, err);
    uint64_t at = head->n;
    for (int i = 0; i < n_sections && status == 0; i++) {
        status = output_write(out, zeros, (size_t)(s[i].offset - at), err);
        if (status == 0)
            status = output_write(out, s[i].bytes, s[i].n, err);
        at = s[i].offset + s[i].n;
    }
    return status;
}

int model_write(const sikap_model *m, const struct model_write_options *options, const char *path,
                sikap_error *err)
{
    /* The look-up table is the last section, and of a compact file it is left out. */
    const int n_sections = options->compact ? SECTION_INDEX : N_WRITTEN;
    struct section sections[N_WRITTEN];
    memset(sections, 0, sizeof sections);
    struct buffer head = {0};
    struct output *out = NULL;
    int status = sikap_model_read_terms(m, err);
    if (status == 0)
        status = fill_sections(m, options, sections, err);
    if (status == 0) {
        put_header(sections, n_sections, &head);
        if (head.failed)
            status = error_memory(err, "writing the model");
    }
    if (status == 0)
        status = output_open(&out, path, err);
    if (status == 0)
        status = write_sections(sections, n_sections, &head, out, err);
    if (status == 0)
        status = output_commit(out, err);
    else
        output_abandon(out);
    buffer_free(&head);
    for (int i = 0; i < N_WRITTEN; i++) {
        buffer_free(&sections[i].raw);
        memory_free(sections[i].compressed);
    }
    return status;
}
