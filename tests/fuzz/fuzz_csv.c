/* SPDX-License-Identifier: Apache-2.0 */
/* CSV and TSV. */
#include "fuzz_corpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"csv", "tsv"};
    fuzz_formats(formats, sizeof formats / sizeof *formats, data, size);
    return 0;
}
