/* SPDX-License-Identifier: Apache-2.0 */
/* A few files for one test program, by number. */
#ifndef TEST_ANALYSE_FILES_FIXTURE_H
#define TEST_ANALYSE_FILES_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "model/evaluation_fixture.h"

enum { N_FILES = 4 };
static char paths[N_FILES][32];

static int make_files(void **state)
{
    (void)state;
    for (int i = 0; i < N_FILES; i++) {
        memcpy(paths[i], "/tmp/sikap-files-XXXXXX", sizeof "/tmp/sikap-files-XXXXXX");
        const int file = mkstemp(paths[i]);
        if (file < 0)
            return -1;
        close(file);
    }
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    for (int i = 0; i < N_FILES; i++)
        remove(paths[i]);
    return 0;
}

/* Frees the text. */
static void write_file(int i, struct buffer *text)
{
    FILE *f = fopen(paths[i], "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text->bytes, 1, text->n, f), text->n);
    assert_int_equal(fclose(f), 0);
    buffer_free(text);
}

#endif
