/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIKAP_TESTS_FUZZ_CORPUS_H
#define SIKAP_TESTS_FUZZ_CORPUS_H

/* Any bytes as a corpus of one format. The first byte chooses the options, of which `formats` are
 * the values of --input. What must hold: what is read does not depend on the size of the blocks,
 * nor does anything that is said of it. */

#include <string.h>

#include "fuzz.h"

static void fuzz_option(struct corpus_options *o, const char *name, const char *value)
{
    FUZZ_CHECK(option_set(&corpus_option_table, o, name, value, NULL) == 0);
}

static void fuzz_formats(const char *const *formats, unsigned n_formats, const uint8_t *data,
                         size_t size)
{
    static const char *const encodings[] = {"UTF-16", "LATIN1", "UTF-7", "SHIFT_JIS"};
    static const char *const segments[] = {"title", "text"};
    static const char *const extras[] = {"group"};
    struct fuzz_bytes in = {data, size};
    struct corpus_options o = {0};
    const unsigned choice = fuzz_byte(&in), more = fuzz_byte(&in);
    FUZZ_CHECK(option_defaults(&corpus_option_table, &o, NULL) == 0);
    fuzz_option(&o, "input", formats[choice % n_formats]);
    fuzz_option(&o, "max-line", more & 1 ? "1024" : "64M");
    if (more & 2)
        fuzz_option(&o, "separator", ";");
    if (more & 4)
        fuzz_option(&o, "encoding", encodings[more >> 6]);
    if (more & 8)
        fuzz_option(&o, "field", more & 16 ? "label:single" : "label:multi");
    if (more & 32)
        fuzz_option(&o, "id", "title");
    const struct corpus_request request = {.wants_labels = choice & 128 ? 0 : 1,
                                           .wants_text = choice & 64 ? 0 : 1,
                                           .segments = segments,
                                           .n_segments = choice & 32 ? 0 : 2,
                                           .extras = extras,
                                           .n_extras = 1};
    const char *path = fuzz_file(0, in.at, in.n);
    const struct fuzz_corpus one = fuzz_read(path, &o, &request, 1);
    const struct fuzz_corpus all = fuzz_read(path, &o, &request, 1 << 18);
    FUZZ_CHECK(one.status == all.status);
    FUZZ_CHECK(one.status != 0 || memcmp(&one, &all, sizeof one) == 0);
    option_clear(&corpus_option_table, &o);
}

#endif
