/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Lines, and what is told by its first bytes. */
#include "fuzz_corpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"jsonl", "auto"};
    fuzz_formats(formats, sizeof formats / sizeof *formats, data, size);
    return 0;
}
