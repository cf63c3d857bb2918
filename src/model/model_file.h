/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_MODEL_MODEL_FILE_H
#define SIKAP_MODEL_MODEL_FILE_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/model_format.h"

/* A model file as it is read: its bytes, and its sections found and checked. Nothing is known of
 * what is in them. */
struct model_file {
    char *path;
    unsigned char *bytes; /* 64-byte aligned */
    size_t size;
    unsigned version;
    struct stored_section {
        const unsigned char *bytes; /* in the file; NULL: it has no such section */
        size_t n, raw_size;
        enum model_encoding encoding;
    } sections[N_SECTIONS];
    pthread_mutex_t lock; /* of what is read when it is first asked for: the terms' text */
    atomic_int text_is_read;
};

/* Reads and checks a whole file. SIKAP_MODEL for one that is not a model or is damaged. */
int model_file_read(struct model_file **out, const char *path, sikap_error *err);
void model_file_free(struct model_file *f);

/* The section's bytes, inflated where they are compressed: *owned is then the memory they are in,
 * the caller's to free, else NULL and the bytes are the file's. */
int model_file_section(const struct model_file *f, enum model_section section,
                       const unsigned char **bytes, size_t *n, void **owned, sikap_error *err);

/* "not a model that can be used: WHAT". */
int model_file_damaged(const char *path, const char *what, sikap_error *err);

/* model_terms.c: the vocabulary, from files of both formats. */
int model_terms_read(sikap_model *m, struct model_file *f, sikap_error *err);

/* A stretch of bytes being read; `bad` is sticky, reads past the end give 0. Little-endian. */
struct cursor {
    const unsigned char *at, *end;
    int bad;
};
uint64_t cursor_le(struct cursor *c, size_t n_bytes);
uint64_t cursor_varint(struct cursor *c); /* LEB128 */
float cursor_f32(struct cursor *c);
double cursor_f64(struct cursor *c);

#endif
