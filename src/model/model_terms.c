/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabulary of a model file. Scoring needs the look-up table, which is used as it lies in the
 * file, and df; the text of the terms stays compressed until it is asked for, unless the file has
 * no table: then it is made from the text's hashes. */
#include "model/model_file.h"

#include <string.h>

#include "base/memory.h"
#include "text/utf8.h"

static int damaged(const struct model_file *f, const char *what, sikap_error *err)
{
    return model_file_damaged(f->path, what, err);
}

/* Lengths and texts of all terms: what is left at the cursor. *n_bytes: of the texts. */
static int read_text(const struct model_file *f, struct vocabulary *v, struct cursor *c,
                     size_t *n_bytes, sikap_error *err)
{
    /* Every length takes a byte at least. */
    const size_t most = (size_t)(c->end - c->at);
    if (v->n_terms > most)
        return damaged(f, "its terms are damaged", err);
    struct cursor lengths = *c;
    size_t sum = 0;
    for (size_t t = 0; t < v->n_terms; t++) {
        const uint64_t n = cursor_varint(c);
        if (n > most - sum)
            return damaged(f, "its terms are damaged", err);
        sum += (size_t)n;
    }
    if (c->bad || (size_t)(c->end - c->at) != sum)
        return damaged(f, "its terms are damaged", err);
    *n_bytes = sum;
    const int status = vocabulary_add_text(v, err);
    const char *text = (const char *)c->at;
    for (size_t t = 0; status == 0 && t < v->n_terms; t++) {
        const size_t n = (size_t)cursor_varint(&lengths);
        if (!utf8_valid(text, n))
            return damaged(f, "its terms are not UTF-8", err);
        v->text[t] = text_store_add(v->texts, text, n);
        if (v->text[t] == NULL)
            return error_memory(err, "model");
        text += n;
    }
    return status;
}

int sikap_model_read_terms(const sikap_model *m, sikap_error *err)
{
    struct model_file *f = m->file;
    if (f == NULL || atomic_load_explicit(&f->text_is_read, memory_order_acquire))
        return 0;
    pthread_mutex_lock(&f->lock);
    int status = 0;
    if (!atomic_load_explicit(&f->text_is_read, memory_order_relaxed)) {
        struct vocabulary *v = m->vocabulary;
        const unsigned char *bytes;
        void *owned;
        size_t n;
        status = model_file_section(f, SECTION_TEXTS, &bytes, &n, &owned, err);
        if (status == 0) {
            struct cursor c = {bytes, bytes + n, 0};
            status = read_text(f, v, &c, &n, err);
        }
        memory_free(owned);
        if (status == 0)
            atomic_store_explicit(&f->text_is_read, 1, memory_order_release);
        else
            vocabulary_drop_text(v);
    }
    pthread_mutex_unlock(&f->lock);
    return status;
}

/* The look-up table from the text's hashes. */
static int build_index(const sikap_model *m, const struct model_file *f, sikap_error *err)
{
    struct vocabulary *v = m->vocabulary;
    v->hash = memory_alloc(v->n_terms, sizeof *v->hash);
    if (v->hash == NULL)
        return error_memory(err, "model");
    for (size_t t = 0; t < v->n_terms; t++) {
        size_t n;
        const char *text = vocabulary_text(v, t, &n);
        v->hash[t] = ngram_term_hash(m->features.hash_seed, (enum ngram_kind)(v->kind[t] & 1),
                                     v->kind[t] >> 1, text, n);
    }
    sikap_error problem = {0};
    const int status = vocabulary_index(v, &problem);
    if (status == SIKAP_MODEL)
        return damaged(f, problem.message, err);
    return status != 0 ? error_memory(err, "model") : 0;
}

static int is_little_endian(void)
{
    const uint32_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static int read_index(sikap_model *m, const struct model_file *f, sikap_error *err)
{
    const struct stored_section *s = &f->sections[SECTION_INDEX];
    const size_t n_buckets = s->n / sizeof(struct vocabulary_bucket);
    if (s->bytes == NULL || s->encoding != MODEL_STORED || !is_little_endian()) {
        const int status = sikap_model_read_terms(m, err);
        return status != 0 ? status : build_index(m, f, err);
    }
    if (s->n % sizeof(struct vocabulary_bucket) != 0 || n_buckets == 0 || n_buckets > UINT32_MAX)
        return damaged(f, "its look-up table is damaged", err);
    const void *table = s->bytes;
    vocabulary_borrow_index(m->vocabulary, table, n_buckets);
    return 0;
}

/* Steps of df, then kinds. */
static int read_arrays(sikap_model *m, const struct model_file *f, struct cursor *c,
                       sikap_error *err)
{
    const uint64_t n_terms = cursor_le(c, 8), n_steps = cursor_le(c, 8);
    if (c->bad || n_terms > (size_t)(c->end - c->at) || n_terms >= INT32_MAX)
        return damaged(f, "its vocabulary is damaged", err);
    const int status = vocabulary_new_bare(&m->vocabulary, (size_t)n_terms, err);
    if (status != 0)
        return status;
    struct vocabulary *v = m->vocabulary;
    uint64_t df = UINT32_MAX;
    size_t t = 0;
    for (uint64_t i = 0; i < n_steps && !c->bad; i++) {
        const uint64_t fall = cursor_varint(c), n = cursor_varint(c);
        if (fall > df || n > v->n_terms - t)
            return damaged(f, "its document frequencies are damaged", err);
        df -= fall;
        for (const size_t end = t + (size_t)n; t < end; t++)
            v->df[t] = (uint32_t)df;
    }
    if (c->bad || t != v->n_terms || (size_t)(c->end - c->at) != v->n_terms)
        return damaged(f, "its vocabulary is damaged", err);
    memcpy(v->kind, c->at, v->n_terms);
    return 0;
}

/* Format 1 had everything in one section. */
static int read_arrays_1(sikap_model *m, struct model_file *f, struct cursor *c, sikap_error *err)
{
    const uint64_t n_terms = cursor_le(c, 8), text_bytes = cursor_le(c, 8);
    const size_t left = (size_t)(c->end - c->at);
    /* Each term has a kind byte and at least a byte each of df and length. */
    if (c->bad || n_terms > left / 3 || n_terms >= INT32_MAX || text_bytes > left)
        return damaged(f, "its vocabulary is damaged", err);
    int status = vocabulary_new_bare(&m->vocabulary, (size_t)n_terms, err);
    if (status != 0)
        return status;
    struct vocabulary *v = m->vocabulary;
    memcpy(v->kind, c->at, v->n_terms);
    c->at += v->n_terms;
    uint64_t df = UINT32_MAX;
    for (size_t t = 0; t < v->n_terms; t++) {
        const uint64_t fall = cursor_varint(c);
        if (fall > df)
            return damaged(f, "its document frequencies are damaged", err);
        df -= fall;
        v->df[t] = (uint32_t)df;
    }
    size_t n_bytes;
    status = read_text(f, v, c, &n_bytes, err);
    if (status == 0 && n_bytes != text_bytes)
        status = damaged(f, "its terms are damaged", err);
    if (status == 0)
        atomic_store(&f->text_is_read, 1);
    return status;
}

int model_terms_read(sikap_model *m, struct model_file *f, sikap_error *err)
{
    const unsigned char *bytes;
    void *owned;
    size_t n;
    int status = model_file_section(f, f->version == 1 ? SECTION_TERMS : SECTION_VOCABULARY, &bytes,
                                    &n, &owned, err);
    if (status != 0)
        return status;
    struct cursor c = {bytes, bytes + n, 0};
    status = f->version == 1 ? read_arrays_1(m, f, &c, err) : read_arrays(m, f, &c, err);
    memory_free(owned);
    return status != 0 ? status : read_index(m, f, err);
}
