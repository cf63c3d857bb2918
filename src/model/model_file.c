/* SPDX-License-Identifier: Apache-2.0 */
/* The container: header, section table, checksums. The file is read, not mapped: into pages of 2 MB
 * (base/memory.c) that takes less time than the page faults of a mapping do, rows are then found
 * with fewer misses of the translation buffer, and a file that someone truncates or changes behind
 * our back cannot hurt. */
#include "model/model_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libdeflate.h>

#include "base/memory.h"

enum { LARGEST_HEAD = MODEL_HEADER_SIZE + MODEL_MAX_SECTIONS * MODEL_ENTRY_SIZE };

uint64_t cursor_le(struct cursor *c, size_t n_bytes)
{
    if ((size_t)(c->end - c->at) < n_bytes) {
        c->bad = 1;
        c->at = c->end;
        return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < n_bytes; i++)
        v |= (uint64_t)c->at[i] << (8 * i);
    c->at += n_bytes;
    return v;
}

uint64_t cursor_varint(struct cursor *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        const uint64_t byte = cursor_le(c, 1);
        v |= (byte & 0x7F) << shift;
        if (byte < 0x80)
            return v;
    }
    c->bad = 1;
    return 0;
}

float cursor_f32(struct cursor *c)
{
    const uint32_t bits = (uint32_t)cursor_le(c, 4);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

double cursor_f64(struct cursor *c)
{
    const uint64_t bits = cursor_le(c, 8);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

int model_file_damaged(const char *path, const char *what, sikap_error *err)
{
    return error_set(err, SIKAP_MODEL, path, 0, "not a model that can be used: %s", what);
}

static int damaged(const struct model_file *f, const char *what, sikap_error *err)
{
    return model_file_damaged(f->path, what, err);
}

/* ---- sections ---- */

static int find_tag(const unsigned char *tag)
{
    static const char tags[][5] = MODEL_TAGS;
    for (int i = 0; i < N_SECTIONS; i++)
        if (memcmp(tag, tags[i], 4) == 0)
            return i;
    return -1;
}

/* One entry of the section table. A tag that is not known may be passed over when it begins with a
 * small letter, as in PNG; any other is part of what the model means. */
static int open_section(struct model_file *f, struct cursor *entry, sikap_error *err)
{
    char what[48] = "section ";
    for (int i = 0; i < 4; i++)
        what[8 + i] = entry->at[i] > ' ' && entry->at[i] < 0x7F ? (char)entry->at[i] : '?';
    const int section = find_tag(entry->at);
    const int optional = entry->at[0] >= 'a' && entry->at[0] <= 'z';
    entry->at += 4;
    const uint64_t encoding = cursor_le(entry, 4), offset = cursor_le(entry, 8),
                   n = cursor_le(entry, 8), raw = cursor_le(entry, 8);
    const uint32_t crc = (uint32_t)cursor_le(entry, 4);
    cursor_le(entry, 4);
    if (section < 0 && !optional)
        return damaged(f, strcat(what, " is not known"), err);
    if (encoding > MODEL_ZLIB || offset > f->size || n > f->size - offset ||
        offset % MODEL_ALIGNMENT != 0)
        return damaged(f, strcat(what, " lies outside the file"), err);
    const unsigned char *bytes = f->bytes + offset;
    if (libdeflate_crc32(0, bytes, (size_t)n) != crc)
        return damaged(f, strcat(what, " has a wrong checksum"), err);
    if (encoding == MODEL_STORED
            ? raw != n
            : raw > MODEL_MAX_INFLATED || raw > n * MODEL_MAX_RATIO + MODEL_RATIO_SLACK)
        return damaged(f, strcat(what, " claims a wrong size"), err);
    if (section < 0)
        return 0;
    struct stored_section *s = &f->sections[section];
    if (s->bytes != NULL)
        return damaged(f, strcat(what, " is there twice"), err);
    *s = (struct stored_section){bytes, (size_t)n, (size_t)raw, (enum model_encoding)encoding};
    return 0;
}

static int has_all(const struct model_file *f)
{
    for (int i = 0; i < N_SECTIONS; i++) {
        const int is_old = i == SECTION_TERMS;
        const int is_new = i == SECTION_VOCABULARY || i == SECTION_TEXTS;
        const int is_needed = f->version == 1 ? !is_new : !is_old;
        const int is_optional = i == SECTION_INDEX || i == SECTION_REFERENCE || i == SECTION_SURE;
        if (!is_optional && is_needed && f->sections[i].bytes == NULL)
            return 0;
    }
    return 1;
}

int model_file_section(const struct model_file *f, enum model_section section,
                       const unsigned char **bytes, size_t *n, void **owned, sikap_error *err)
{
    const struct stored_section *s = &f->sections[section];
    *bytes = s->bytes;
    *n = s->raw_size;
    *owned = NULL;
    if (s->encoding == MODEL_STORED)
        return 0;
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    void *raw = memory_aligned(s->raw_size, 1);
    size_t got = 0;
    int status = 0;
    if (inflater == NULL || raw == NULL)
        status = error_memory(err, "model");
    else if (libdeflate_zlib_decompress(inflater, s->bytes, s->n, raw, s->raw_size, &got) !=
                 LIBDEFLATE_SUCCESS ||
             got != s->raw_size)
        status = damaged(f, "a section does not inflate", err);
    if (inflater != NULL)
        libdeflate_free_decompressor(inflater);
    if (status != 0) {
        memory_free(raw);
        return status;
    }
    *bytes = *owned = raw;
    return 0;
}

/* ---- the file ---- */

/* Everything up to the section table; `size` is the file's, n of it are in head[]. */
static int check_head(struct model_file *f, const unsigned char *head, size_t n, size_t *n_sections,
                      sikap_error *err)
{
    if (n < MODEL_MAGIC_SIZE || memcmp(head, MODEL_MAGIC, MODEL_MAGIC_SIZE) != 0)
        return damaged(f,
                       n >= 4 && memcmp(head, MODEL_MAGIC, 4) == 0
                           ? "damaged by a transfer in text mode"
                           : "it does not begin like one",
                       err);
    struct cursor c = {head + MODEL_MAGIC_SIZE, head + n, 0};
    const uint64_t version = cursor_le(&c, 4);
    *n_sections = (size_t)cursor_le(&c, 4);
    const uint64_t size = cursor_le(&c, 8);
    const uint32_t crc = (uint32_t)cursor_le(&c, 4);
    if (c.bad)
        return damaged(f, "it is cut short", err);
    if (version == 0 || version > MODEL_VERSION)
        return error_set(
            err, SIKAP_MODEL, f->path, 0,
            "model format %u is not known to sikap %s: a newer sikap wrote it, or it is "
            "damaged",
            (unsigned)version, SIKAP_VERSION);
    if (size != f->size)
        return damaged(f, size > f->size ? "it is cut short" : "it has bytes too many", err);
    const size_t head_size = MODEL_HEADER_SIZE + *n_sections * MODEL_ENTRY_SIZE;
    if (*n_sections > MODEL_MAX_SECTIONS || head_size > n)
        return damaged(f, "its header is damaged", err);
    unsigned char copy[LARGEST_HEAD];
    memcpy(copy, head, head_size);
    memset(copy + MODEL_CRC_AT, 0, 4);
    if (libdeflate_crc32(0, copy, head_size) != crc)
        return damaged(f, "its header has a wrong checksum", err);
    f->version = (unsigned)version;
    return 0;
}

/* Reads n bytes from `at` on; fewer only when the file ends there. */
static int read_all(int fd, unsigned char *to, size_t n, size_t at, size_t *got)
{
    for (*got = 0; *got < n;) {
        const ssize_t k = pread(fd, to + *got, n - *got, (off_t)(at + *got));
        if (k < 0 && errno != EINTR)
            return -1;
        if (k == 0)
            return 0;
        *got += k > 0 ? (size_t)k : 0;
    }
    return 0;
}

/* The head is looked at before there is memory for the rest. */
static int read_bytes(struct model_file *f, int fd, size_t *n_sections, sikap_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return error_errno(err, f->path, "read the model");
    if (!S_ISREG(info.st_mode))
        return damaged(f, "it is not a regular file", err);
    if (info.st_size == 0)
        return damaged(f, "it is empty", err);
    f->size = (size_t)info.st_size;
    unsigned char head[LARGEST_HEAD];
    size_t n;
    if (read_all(fd, head, sizeof head < f->size ? sizeof head : f->size, 0, &n) != 0)
        return error_errno(err, f->path, "read the model");
    const int status = check_head(f, head, n, n_sections, err);
    if (status != 0)
        return status;
    f->bytes = memory_aligned(f->size, 1);
    if (f->bytes == NULL)
        return error_memory(err, "model");
    memcpy(f->bytes, head, n); /* what was checked is what is used */
    size_t rest;
    if (read_all(fd, f->bytes + n, f->size - n, n, &rest) != 0)
        return error_errno(err, f->path, "read the model");
    return rest < f->size - n ? damaged(f, "it is cut short", err) : 0;
}

int model_file_read(struct model_file **out, const char *path, sikap_error *err)
{
    *out = NULL;
    struct model_file *f = memory_zero(1, sizeof *f);
    if (f == NULL)
        return error_memory(err, "model");
    pthread_mutex_init(&f->lock, NULL);
    f->path = memory_string(path);
    if (f->path == NULL) {
        model_file_free(f);
        return error_memory(err, "model");
    }
    size_t n_sections = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    int status =
        fd < 0 ? error_errno(err, path, "open the model") : read_bytes(f, fd, &n_sections, err);
    if (fd >= 0)
        close(fd);
    struct cursor table = {NULL, NULL, 0};
    if (status == 0)
        table = (struct cursor){f->bytes + MODEL_HEADER_SIZE, f->bytes + f->size, 0};
    for (size_t i = 0; i < n_sections && status == 0; i++)
        status = open_section(f, &table, err);
    if (status == 0 && !has_all(f))
        status = damaged(f, "a section is missing", err);
    if (status != 0) {
        model_file_free(f);
        return status;
    }
    *out = f;
    return 0;
}

void model_file_free(struct model_file *f)
{
    if (f == NULL)
        return;
    pthread_mutex_destroy(&f->lock);
    memory_free(f->path);
    memory_free(f->bytes);
    memory_free(f);
}
