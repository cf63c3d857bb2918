/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target without libFuzzer: over the files and folders named, and over N mutants of
 * each of them (-mutants=N), the same ones in every run. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"

#pragma weak LLVMFuzzerInitialize
#pragma weak LLVMFuzzerCustomMutator

enum { LONGEST = 1 << 20, STEPS = 4 };

static uint64_t random_state = 1;

static size_t draw(size_t below)
{
    random_state += UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(hash_fold(random_state, UINT64_C(0xD1342543DE82EF95)) % below);
}

/* Bytes that mean something to one reader or another. */
static const char *const pieces[] = {"\"",
                                     "\\",
                                     "\n",
                                     "\r\n",
                                     ",",
                                     "|",
                                     "{",
                                     "}",
                                     "[",
                                     "]",
                                     ":",
                                     "__label__",
                                     "\xEF\xBB\xBF",
                                     "\xFF",
                                     "\xED\xA0\x80",
                                     "0",
                                     "-1",
                                     "4294967296",
                                     "1e999",
                                     "\t",
                                     " ",
                                     "\\u0000",
                                     "\\ud800",
                                     "null",
                                     "\"id\":",
                                     "\"text\":",
                                     "--",
                                     "="};

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room)
{
    const size_t at = draw(size + 1);
    switch (draw(5)) {
    case 0: /* another byte */
        if (at < size)
            data[at] ^= (uint8_t)(1u << draw(8));
        return size;
    case 1: /* an extreme one */
        if (at < size)
            data[at] = (uint8_t) "\x00\xFF\x7F\x80"[draw(4)];
        return size;
    case 2: /* bytes less */
    {
        const size_t n = draw(size - at + 1);
        memmove(data + at, data + at + n, size - at - n);
        return size - n;
    }
    case 3: /* a piece more */
    {
        const char *piece = pieces[draw(sizeof pieces / sizeof *pieces)];
        const size_t n = strlen(piece);
        if (n > room - size)
            return size;
        memmove(data + at + n, data + at, size - at);
        memcpy(data + at, piece, n);
        return size + n;
    }
    default: /* a stretch twice */
    {
        const size_t n = draw(size - at + 1);
        if (n > room - size)
            return size;
        memmove(data + at + n, data + at, size - at);
        return size + n;
    }
    }
}

static size_t mutate(uint8_t *data, size_t size, size_t room)
{
    for (size_t n = 1 + draw(STEPS); n > 0; n--)
        size = LLVMFuzzerCustomMutator != NULL
                   ? LLVMFuzzerCustomMutator(data, size, room, (unsigned)draw(1u << 31))
                   : LLVMFuzzerMutate(data, size, room);
    return size;
}

/* The target gets memory of the exact size, so that a sanitizer sees what lies beyond. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    FUZZ_CHECK(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t replay_file(const char *path, size_t n_mutants)
{
    FILE *file = fopen(path, "rb");
    uint8_t *seed = malloc(LONGEST), *mutant = malloc(LONGEST);
    FUZZ_CHECK(file != NULL && seed != NULL && mutant != NULL);
    const size_t size = fread(seed, 1, LONGEST, file);
    fclose(file);
    run(seed, size);
    for (size_t i = 0; i < n_mutants; i++) {
        memcpy(mutant, seed, size);
        run(mutant, mutate(mutant, size, LONGEST));
    }
    free(seed);
    free(mutant);
    return 1 + n_mutants;
}

static size_t replay(const char *path, size_t n_mutants)
{
    struct stat info;
    FUZZ_CHECK(stat(path, &info) == 0);
    if (!S_ISDIR(info.st_mode))
        return replay_file(path, n_mutants);
    struct dirent **entries;
    const int n = scandir(path, &entries, NULL, alphasort);
    FUZZ_CHECK(n > 2);
    size_t n_runs = 0;
    for (int i = 0; i < n; i++) {
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            n_runs += replay_file(inside, n_mutants);
        free(entries[i]);
    }
    free(entries);
    return n_runs;
}

int main(int argc, char **argv)
{
    size_t n_mutants = 0, n_runs = 0;
    if (LLVMFuzzerInitialize != NULL)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "-mutants=", 9) == 0)
            n_mutants = (size_t)strtoull(argv[i] + 9, NULL, 10);
        else
            n_runs += replay(argv[i], n_mutants);
    printf("%zu inputs\n", n_runs);
    return n_runs > 0 ? 0 : 1;
}
