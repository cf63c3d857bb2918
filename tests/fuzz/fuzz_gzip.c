/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes behind the two that say gzip. What must hold: reading ends, with bytes or with an error
 * that names the file, and gives the same whatever is asked for at a time. */
#include "fuzz.h"

#include <string.h>

#include "base/hash.h"
#include "base/input.h"

enum { MOST = 1 << 24 }; /* of a bomb nobody waits for the end */

static int read_through(const char *path, size_t step, struct buffer *out)
{
    struct input *input;
    sikap_error err = {0};
    int status = input_open(&input, path, &err);
    for (size_t got = 1; status == 0 && got > 0 && out->n < MOST;) {
        FUZZ_CHECK(buffer_reserve(out, step) == 0);
        status = input_read(input, out->bytes + out->n, step, &got, &err);
        FUZZ_CHECK(got <= step);
        out->n += got;
    }
    FUZZ_CHECK(status == 0 || (err.message[0] != '\0' && err.file[0] != '\0'));
    input_free(input);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer bytes = {0}, one = {0}, two = {0};
    buffer_bytes(&bytes, "\x1F\x8B", 2);
    buffer_bytes(&bytes, data, size);
    const char *path = fuzz_file(0, bytes.bytes, bytes.n);
    const int status = read_through(path, 4093, &one);
    FUZZ_CHECK(read_through(path, 1 << 18, &two) == status);
    const size_t n = one.n < two.n ? one.n : two.n;
    FUZZ_CHECK(one.n == two.n || n >= MOST);
    FUZZ_CHECK(n == 0 || memcmp(one.bytes, two.bytes, n) == 0);
    buffer_free(&bytes);
    buffer_free(&one);
    buffer_free(&two);
    return 0;
}
