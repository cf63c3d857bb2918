/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what model_write.c writes. Everything in the file is a claim: each length is checked
 * against the bytes that are there, and against a cap, before anything is allocated for it. */
#include "model/model_format.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libdeflate.h>

#include "base/memory.h"

/* A stretch of bytes being read; `bad` is sticky, reads past the end give 0. */
struct cursor {
    const unsigned char *at, *end;
    int bad;
};

struct reader {
    const char *path;
    const unsigned char *file;
    size_t size;
    struct cursor sections[N_SECTIONS];
    void *inflated[N_SECTIONS];
    enum model_encoding encoding[N_SECTIONS];
    sikap_error *err;
};

static int damaged(const struct reader *r, const char *what)
{
    return error_set(r->err, SIKAP_MODEL, r->path, 0, "not a model that can be used: %s", what);
}

static uint64_t get_le(struct cursor *c, size_t n)
{
    if ((size_t)(c->end - c->at) < n) {
        c->bad = 1;
        c->at = c->end;
        return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)c->at[i] << (8 * i);
    c->at += n;
    return v;
}

static float get_f32(struct cursor *c)
{
    const uint32_t bits = (uint32_t)get_le(c, 4);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static double get_f64(struct cursor *c)
{
    const uint64_t bits = get_le(c, 8);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static uint64_t get_varint(struct cursor *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        const uint64_t byte = get_le(c, 1);
        v |= (byte & 0x7F) << shift;
        if (byte < 0x80)
            return v;
    }
    c->bad = 1;
    return 0;
}

/* A text of at most MODEL_MAX_NAME bytes (a note may be longer) without NULs; NULL with c->bad set,
 * or with c->bad clear when memory is out. */
static char *get_text(struct cursor *c, size_t most)
{
    const size_t n = (size_t)get_le(c, 4);
    if (c->bad || n > most || n > (size_t)(c->end - c->at) || memchr(c->at, '\0', n) != NULL) {
        c->bad = 1;
        return NULL;
    }
    char *text = memory_text((const char *)c->at, n);
    c->at += n;
    return text;
}

static int text_error(const struct reader *r, const struct cursor *c, const char *what)
{
    return c->bad ? damaged(r, what) : error_memory(r->err, "model");
}

/* ---- header and sections ---- */

static int open_section(struct reader *r, int i, struct cursor *entry,
                        struct libdeflate_decompressor *inflater)
{
    static const char tags[][5] = MODEL_TAGS;
    char what[48] = "section ";
    memcpy(what + 8, tags[i], 4);
    const int tag_is_right = memcmp(entry->at, tags[i], 4) == 0;
    entry->at += 4;
    const uint64_t encoding = get_le(entry, 4), offset = get_le(entry, 8), n = get_le(entry, 8),
                   raw = get_le(entry, 8);
    const uint32_t crc = (uint32_t)get_le(entry, 4);
    get_le(entry, 4);
    if (!tag_is_right || encoding > MODEL_ZLIB || offset > r->size || n > r->size - offset ||
        offset % MODEL_ALIGNMENT != 0)
        return damaged(r, strcat(what, " lies outside the file"));
    const unsigned char *bytes = r->file + offset;
    if (libdeflate_crc32(0, bytes, (size_t)n) != crc)
        return damaged(r, strcat(what, " has a wrong checksum"));
    r->encoding[i] = (enum model_encoding)encoding;
    if (encoding == MODEL_STORED) {
        if (raw != n)
            return damaged(r, strcat(what, " has a wrong size"));
        r->sections[i] = (struct cursor){bytes, bytes + n, 0};
        return 0;
    }
    if (raw > MODEL_MAX_INFLATED || raw > n * MODEL_MAX_RATIO + MODEL_RATIO_SLACK)
        return damaged(r, strcat(what, " claims to inflate too far"));
    r->inflated[i] = memory_aligned((size_t)raw, 1);
    if (r->inflated[i] == NULL)
        return error_memory(r->err, "model");
    size_t got = 0;
    if (libdeflate_zlib_decompress(inflater, bytes, (size_t)n, r->inflated[i], (size_t)raw, &got) !=
            LIBDEFLATE_SUCCESS ||
        got != raw)
        return damaged(r, strcat(what, " does not inflate"));
    const unsigned char *from = r->inflated[i];
    r->sections[i] = (struct cursor){from, from + raw, 0};
    return 0;
}

static int open_sections(struct reader *r)
{
    enum { HEAD = MODEL_HEADER_SIZE + N_SECTIONS * MODEL_ENTRY_SIZE };
    if (r->size < MODEL_MAGIC_SIZE || memcmp(r->file, MODEL_MAGIC, MODEL_MAGIC_SIZE) != 0)
        return damaged(r, r->size >= 4 && memcmp(r->file, MODEL_MAGIC, 4) == 0
                              ? "damaged by a transfer in text mode"
                              : "it does not begin like one");
    struct cursor c = {r->file + MODEL_MAGIC_SIZE, r->file + r->size, 0};
    const uint64_t version = get_le(&c, 4), n_sections = get_le(&c, 4), size = get_le(&c, 8);
    const uint32_t crc = (uint32_t)get_le(&c, 4);
    get_le(&c, 4);
    if (c.bad || r->size < HEAD)
        return damaged(r, "it is cut short");
    if (version == 0 || version > MODEL_VERSION)
        return error_set(
            r->err, SIKAP_MODEL, r->path, 0,
            "model format %u is not known to sikap %s: a newer sikap wrote it, or it is "
            "damaged",
            (unsigned)version, SIKAP_VERSION);
    if (size != r->size)
        return damaged(r, size > r->size ? "it is cut short" : "it has bytes too many");
    unsigned char head[HEAD];
    memcpy(head, r->file, HEAD);
    memset(head + MODEL_CRC_AT, 0, 4);
    if (n_sections != N_SECTIONS || libdeflate_crc32(0, head, HEAD) != crc)
        return damaged(r, "its header has a wrong checksum");
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    if (inflater == NULL)
        return error_memory(r->err, "model");
    int status = 0;
    for (int i = 0; i < N_SECTIONS && status == 0; i++)
        status = open_section(r, i, &c, inflater);
    libdeflate_free_decompressor(inflater);
    return status;
}

/* ---- the sections' contents ---- */

static int read_options(struct reader *r, sikap_model *m)
{
    const struct cursor *c = &r->sections[SECTION_OPTIONS];
    sikap_error problem = {0};
    const int status = option_load(&feature_option_table, &m->features, (const char *)c->at,
                                   (size_t)(c->end - c->at), &problem);
    if (status == SIKAP_SYSTEM)
        return error_memory(r->err, "model");
    if (status != 0)
        return error_set(r->err, SIKAP_MODEL, r->path, 0, "not a model that can be used: %s",
                         problem.message);
    if ((m->features.ngrams[1] == 0 && m->features.chars[1] == 0))
        return damaged(r, "it has neither word nor character n-grams");
    const struct cursor *stop = &r->sections[SECTION_STOP];
    const size_t n = (size_t)(stop->end - stop->at);
    if (n == 0)
        return 0;
    if (memchr(stop->at, '\0', n) != NULL)
        return damaged(r, "its stop words hold a NUL");
    m->stop_words = memory_text((const char *)stop->at, n);
    return m->stop_words == NULL ? error_memory(r->err, "model") : 0;
}

static int read_notes(struct reader *r, sikap_model *m)
{
    struct cursor *c = &r->sections[SECTION_NOTES];
    const size_t n = (size_t)get_le(c, 4);
    for (size_t i = 0; i < n; i++) {
        char *name = get_text(c, MODEL_MAX_NAME);
        char *value = name == NULL ? NULL : get_text(c, 1 << 24);
        const int status = value == NULL ? text_error(r, c, "its notes are damaged")
                                         : model_add_note(m, name, value, r->err);
        memory_free(name);
        memory_free(value);
        if (status != 0)
            return status;
    }
    return c->bad || c->at != c->end ? damaged(r, "its notes are damaged") : 0;
}

static int read_targets(struct reader *r, sikap_model *m, struct cursor *c, size_t n_targets)
{
    char *key = get_text(c, MODEL_MAX_NAME);
    if (key == NULL || n_targets > MODEL_MAX_TARGETS) {
        memory_free(key);
        c->bad |= n_targets > MODEL_MAX_TARGETS;
        return text_error(r, c, "its targets are damaged");
    }
    if (key[0] == '\0') {
        memory_free(key);
        key = NULL;
    }
    m->target_key = key;
    m->targets = memory_zero(n_targets, sizeof *m->targets);
    if (m->targets == NULL)
        return error_memory(r->err, "model");
    for (; m->n_targets < n_targets; m->n_targets++) {
        m->targets[m->n_targets] = get_text(c, MODEL_MAX_NAME);
        if (m->targets[m->n_targets] == NULL)
            return text_error(r, c, "its targets are damaged");
    }
    return 0;
}

static int grow_labels(sikap_model *m, size_t n)
{
    char **labels = memory_resize(m->labels, n, sizeof *labels);
    if (labels != NULL)
        m->labels = labels;
    float *threshold = memory_resize(m->threshold, n, sizeof *threshold);
    if (threshold != NULL)
        m->threshold = threshold;
    double *a = memory_resize(m->platt_a, n, sizeof *a);
    if (a != NULL)
        m->platt_a = a;
    double *b = memory_resize(m->platt_b, n, sizeof *b);
    if (b != NULL)
        m->platt_b = b;
    return labels == NULL || threshold == NULL || a == NULL || b == NULL ? -1 : 0;
}

static int read_field(struct reader *r, sikap_model *m, struct cursor *c)
{
    struct model_field *field = &m->fields[m->n_fields];
    field->name = get_text(c, MODEL_MAX_NAME);
    if (field->name == NULL)
        return text_error(r, c, "its fields are damaged");
    m->n_fields++;
    field->is_multi = get_le(c, 1) != 0;
    field->calibrated = get_le(c, 1) != 0;
    field->first = m->n_labels;
    const size_t n = (size_t)get_le(c, 4);
    /* A label takes at least 24 bytes in the file: the claim is checked before it is believed. */
    if (c->bad || n > MODEL_MAX_LABELS - m->n_labels || n > (size_t)(c->end - c->at) / 24)
        return damaged(r, "its labels are damaged");
    if (grow_labels(m, m->n_labels + n) != 0)
        return error_memory(r->err, "model");
    for (; field->n < n; field->n++) {
        const size_t l = m->n_labels;
        m->labels[l] = get_text(c, MODEL_MAX_NAME);
        if (m->labels[l] == NULL)
            return text_error(r, c, "its labels are damaged");
        m->n_labels++;
        m->threshold[l] = get_f32(c);
        m->platt_a[l] = get_f64(c);
        m->platt_b[l] = get_f64(c);
        if (isnan(m->threshold[l]) || !isfinite(m->platt_a[l]) || !isfinite(m->platt_b[l]))
            return damaged(r, "a threshold is not a number");
    }
    return 0;
}

static int read_fields(struct reader *r, sikap_model *m)
{
    struct cursor *c = &r->sections[SECTION_FIELDS];
    const size_t n_fields = (size_t)get_le(c, 4), n_targets = (size_t)get_le(c, 4);
    if (n_fields > MODEL_MAX_FIELDS)
        return damaged(r, "it claims too many fields");
    int status = read_targets(r, m, c, n_targets);
    m->n_documents = get_f64(c);
    for (int k = 0; k < NGRAM_KINDS; k++)
        m->weighting.average_length[k] = get_f64(c);
    if (status == 0 &&
        !(m->n_documents >= 0 && isfinite(m->n_documents) &&
          isfinite(m->weighting.average_length[0]) && isfinite(m->weighting.average_length[1])))
        status = damaged(r, "its counts are damaged");
    m->fields = memory_zero(n_fields, sizeof *m->fields);
    if (status == 0 && m->fields == NULL)
        status = error_memory(r->err, "model");
    for (size_t f = 0; f < n_fields && status == 0; f++)
        status = read_field(r, m, c);
    if (status == 0 && (c->bad || c->at != c->end))
        status = damaged(r, "its fields are damaged");
    return status;
}

static int read_term_arrays(struct reader *r, sikap_model *m, struct cursor *c, size_t text_bytes)
{
    struct vocabulary *v = m->vocabulary;
    memcpy(v->kind, c->at, v->n_terms);
    c->at += v->n_terms;
    uint64_t before = UINT32_MAX;
    for (size_t t = 0; t < v->n_terms; t++) {
        const uint64_t fall = get_varint(c);
        if (fall > before)
            return damaged(r, "its document frequencies are damaged");
        before -= fall;
        v->df[t] = (uint32_t)before;
    }
    size_t at = 0;
    for (size_t t = 0; t < v->n_terms; t++) {
        const uint64_t n = get_varint(c);
        if (n > text_bytes - at)
            return damaged(r, "its terms are damaged");
        at += (size_t)n;
        v->text_start[t + 1] = at;
    }
    if (c->bad || at != text_bytes || (size_t)(c->end - c->at) != text_bytes)
        return damaged(r, "its terms are damaged");
    memcpy(v->text, c->at, text_bytes);
    for (size_t t = 0; t < v->n_terms; t++)
        v->hash[t] = ngram_term_hash(m->features.hash_seed, (enum ngram_kind)(v->kind[t] & 1),
                                     v->kind[t] >> 1, v->text + v->text_start[t],
                                     v->text_start[t + 1] - v->text_start[t]);
    sikap_error problem = {0};
    const int status = vocabulary_index(v, &problem);
    if (status == SIKAP_MODEL)
        return damaged(r, problem.message);
    return status != 0 ? error_memory(r->err, "model") : 0;
}

static int read_terms(struct reader *r, sikap_model *m)
{
    struct cursor *c = &r->sections[SECTION_TERMS];
    const uint64_t n_terms = get_le(c, 8), text_bytes = get_le(c, 8);
    const size_t left = (size_t)(c->end - c->at);
    /* Each term has a kind byte and at least a byte each of df and length. */
    if (c->bad || n_terms > left / 3 || n_terms >= UINT32_MAX || text_bytes > left)
        return damaged(r, "its vocabulary is damaged");
    const int status = vocabulary_new(&m->vocabulary, (size_t)n_terms, (size_t)text_bytes, r->err);
    return status != 0 ? status : read_term_arrays(r, m, c, (size_t)text_bytes);
}

static int read_floats(struct reader *r, int section, float **out, size_t n, const char *what)
{
    struct cursor *c = &r->sections[section];
    if ((size_t)(c->end - c->at) / 4 != n || (size_t)(c->end - c->at) % 4 != 0)
        return damaged(r, what);
    *out = memory_aligned(n, sizeof **out);
    if (*out == NULL)
        return error_memory(r->err, "model");
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = get_f32(c);
        if (!isfinite((*out)[i]))
            return damaged(r, "a weight is not a number");
    }
    return 0;
}

static int read_weights(struct reader *r, sikap_model *m)
{
    int status = model_prepare(m, r->err);
    if (status == 0)
        status = read_floats(r, SECTION_BIAS, &m->bias, m->n_outputs, "its biases are damaged");
    if (status != 0)
        return status;
    const size_t n_terms = m->vocabulary->n_terms, n = n_terms * m->stride;
    const struct cursor *scale = &r->sections[SECTION_SCALE], *rows = &r->sections[SECTION_ROWS];
    if (scale->at == scale->end && n_terms > 0)
        return read_floats(r, SECTION_ROWS, &m->weights, n, "its weights are damaged");
    status = read_floats(r, SECTION_SCALE, &m->scale, n_terms, "its scales are damaged");
    if (status != 0)
        return status;
    if ((size_t)(rows->end - rows->at) != n)
        return damaged(r, "its weights are damaged");
    if (r->encoding[SECTION_ROWS] == MODEL_STORED) {
        m->mapping = (void *)(uintptr_t)r->file; /* the file stays mapped, read-only */
        m->mapping_size = r->size;
        m->rows = (int8_t *)(uintptr_t)rows->at;
    } else {
        m->rows = r->inflated[SECTION_ROWS];
        r->inflated[SECTION_ROWS] = NULL;
    }
    return 0;
}

static int map_file(struct reader *r)
{
    const int fd = open(r->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(r->err, r->path, "open the model");
    struct stat info;
    int status = 0;
    if (fstat(fd, &info) != 0)
        status = error_errno(r->err, r->path, "read the model");
    else if (!S_ISREG(info.st_mode))
        status = damaged(r, "it is not a regular file");
    else if (info.st_size == 0)
        status = damaged(r, "it is empty");
    if (status == 0) {
        r->size = (size_t)info.st_size;
        void *at = mmap(NULL, r->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at == MAP_FAILED)
            status = error_errno(r->err, r->path, "map the model");
        else
            r->file = at;
    }
    close(fd);
    return status;
}

int sikap_model_load(sikap_model **out, const char *path, sikap_error *err)
{
    static int (*const steps[])(struct reader *, sikap_model *) = {
        read_options, read_notes, read_fields, read_terms, read_weights};
    *out = NULL;
    struct reader r = {.path = path, .err = err};
    sikap_model *m = NULL;
    int status = map_file(&r);
    if (status == 0)
        status = open_sections(&r);
    if (status == 0)
        status = model_new(&m, err);
    for (size_t i = 0; i < sizeof steps / sizeof *steps && status == 0; i++)
        status = steps[i](&r, m);
    if (r.file != NULL && (m == NULL || m->mapping == NULL))
        munmap((void *)(uintptr_t)r.file, r.size);
    for (int i = 0; i < N_SECTIONS; i++)
        memory_free(r.inflated[i]);
    if (status != 0) {
        sikap_model_free(m);
        m = NULL;
    }
    *out = m;
    return status;
}
