/* SPDX-License-Identifier: Apache-2.0 */
/* Lines, fastText's format, plain text, and what is told by its first bytes. */
#include "fuzz_corpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"lines", "fasttext", "text", "auto"};
    fuzz_formats(formats, sizeof formats / sizeof *formats, data, size);
    return 0;
}
