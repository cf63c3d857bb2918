/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TESTS_FUZZ_H
#define SIKAP_TESTS_FUZZ_H

/* What the fuzz targets share. A target is a function of bytes that must return 0 whatever they
 * are; what must hold is said with FUZZ_CHECK. */

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "corpus/corpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
/* libFuzzer's, or replay.c's. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

/* Ends the program with a message when `holds` is 0. */
#define FUZZ_CHECK(holds) fuzz_check(holds, #holds, __FILE__, __LINE__)
void fuzz_check(int holds, const char *what, const char *file, int line);

/* Bytes taken one by one from the front of an input; 0 when there are none left. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t n;
};
unsigned fuzz_byte(struct fuzz_bytes *bytes);

/* A file without a name that holds bytes[0..n): its path, which the next call for the same `slot`
 * (0 to 3) makes stale. */
const char *fuzz_file(int slot, const void *bytes, size_t n);

/* What became of a corpus: counts, and a hash of all that was read. */
struct fuzz_corpus {
    int status; /* of opening it, or what ended it */
    size_t n_records, n_bad, n_repaired;
    uint64_t hash;
};
/* Reads it with blocks of `target` bytes; checks what every document promises. */
struct fuzz_corpus fuzz_read(const char *path, const struct corpus_options *options,
                             const struct corpus_request *request, size_t target);

/* Appends what is written; for sikap_write. */
int fuzz_collect(void *buffer, const char *bytes, size_t n);
/* Every line is JSON of valid UTF-8; returns their number. */
size_t fuzz_json_lines(const struct buffer *lines);

#endif
